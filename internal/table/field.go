// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package table describes the fields of a row of any type in one place. What users see
// of a row, the keys by which it is matched and sorted, and its order are derived from
// the description. It also has the values that rows are compared with, whatever they
// describe: expressions, versions and ages. It is pure.
package table

import (
	"slices"
	"time"
)

// Field is a field of a row. Exactly one of its functions is set, which determines the
// kind of its value.
type Field[T any] struct {
	// Path is the field's path in the object of a row: device.os.name.
	Path string
	// Key is its name in match, exclude and sort; empty for a field that they do not
	// have. Fields with the same key are matched together.
	Key         string
	Description string
	// From is where the value comes from, in the words of the table, which makes its views
	// by it; see [From].
	From string

	// Text returns a text, nil if the row lacks it.
	Text func(*T) *string
	// Time returns a time, nil if the row lacks it.
	Time func(*T) *time.Time
	// Bool returns a bool, nil if the row lacks it.
	Bool func(*T) *bool
	// Texts returns a list of texts, nil if the row lacks it. The field matches if any
	// of them does, and does not sort.
	Texts func(*T) []string
	// Object reports whether the row has the object. Its fields are those whose path
	// begins with its own.
	Object func(*T) bool
}

// From returns the fields whose value comes from one of the sources.
func From[T any](fields []Field[T], sources ...string) []Field[T] {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field[T]) bool { return !slices.Contains(sources, f.From) })
}

// Matchable returns the fields that expressions match: the texts that have a key.
func Matchable[T any](fields []Field[T]) []Field[T] {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field[T]) bool { return f.Key == "" || f.Text == nil && f.Texts == nil })
}

// MatchKeys returns the keys of match and exclude, in documented order.
func MatchKeys[T any](fields []Field[T]) []string { return keys(Matchable(fields)) }

// SortKeys returns what [Order.Key] may be, in documented order.
func SortKeys[T any](fields []Field[T]) []string {
	return keys(slices.DeleteFunc(slices.Clone(fields), func(f Field[T]) bool { return f.Texts != nil }))
}

func keys[T any](fields []Field[T]) []string {
	var keys []string
	for _, field := range fields {
		if field.Key != "" && !slices.Contains(keys, field.Key) {
			keys = append(keys, field.Key)
		}
	}
	return keys
}

// ByKey finds the fields of a key; they are resolved once a query, not once a row.
func ByKey[T any](fields []Field[T], key string) []Field[T] {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field[T]) bool { return f.Key != key || key == "" })
}
