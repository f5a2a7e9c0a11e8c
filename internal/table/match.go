// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import "slices"

// Matcher returns a test of whether any of the fields, which are [Matchable],
// matches. It does not take nil for the pattern.
func Matcher[T any](pattern *Pattern, fields ...Field[T]) func(*T) bool {
	if pattern.MatchesEverything() {
		return func(*T) bool { return true }
	}
	return func(row *T) bool {
		for i := range fields {
			if fields[i].Texts != nil {
				if slices.ContainsFunc(fields[i].Texts(row), pattern.Match) {
					return true
				}
			} else if text := fields[i].Text(row); text != nil && pattern.Match(*text) {
				return true
			}
		}
		return false
	}
}

// Tests returns the tests that a row must pass: every field in match must match, and
// none in exclude may. Both are by the keys of [MatchKeys].
func Tests[T any](fields []Field[T], match, exclude map[string]*Pattern) []func(*T) bool {
	var tests []func(*T) bool
	for _, key := range MatchKeys(fields) {
		named := ByKey(fields, key)
		if pattern, ok := match[key]; ok {
			tests = append(tests, Matcher(pattern, named...))
		}
		if pattern, ok := exclude[key]; ok {
			matches := Matcher(pattern, named...)
			tests = append(tests, func(row *T) bool { return !matches(row) })
		}
	}
	return tests
}

// Select returns the rows that pass all tests, never nil.
func Select[T any](all []*T, tests []func(*T) bool) []*T {
	selected := make([]*T, 0, len(all))
rows:
	for _, row := range all {
		for _, test := range tests {
			if !test(row) {
				continue rows
			}
		}
		selected = append(selected, row)
	}
	return selected
}

// Cut returns the part of a sorted list from an offset on, with at most limit rows; nil
// is no limit.
func Cut[T any](sorted []*T, offset int, limit *int) []*T {
	from := min(max(offset, 0), len(sorted))
	to := len(sorted)
	if limit != nil {
		to = from + min(max(*limit, 0), to-from)
	}
	return sorted[from:to:to]
}
