// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table_test

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

func TestVersion_below(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		reported, bound string
		want            bool
	}{
		{"9", "113.0.5672.63", true},
		{"113", "113.0.5672.63", true},
		{"113.0.5672.63", "113.0.5672.63", false},
		{"113.0.5672.64", "113.0.5672.63", false},
		{"113.0.0", "113", false},
		{"113", "113.0.0", false},
		{"112.99", "113", true},
		{"10.15.7", "10.15.8", true},
		{"10.15.7", "10.9", false},
		{"10", "11", true},
		{"v12", "11", false},
		{"8.0.0-beta.1", "8.0.0", true},
		{"XP", "1", true},
		{"", "0.0.1", true},
		{"113.0.0 ", "113", true},
		{"99999999999999999999", "1", true},
	} {
		bound, err := table.ParseVersion(tc.bound)
		if err != nil {
			t.Fatalf("ParseVersion(%q): %v", tc.bound, err)
		}
		if got := bound.Below(&tc.reported); got != tc.want {
			t.Errorf("%q below %q = %t, want %t", tc.reported, tc.bound, got, tc.want)
		}
	}
	bound, err := table.ParseVersion("0.1")
	if err != nil || !bound.Below(nil) {
		t.Errorf("a missing version is not below 0.1 (%v)", err)
	}
	for _, text := range []string{
		"", " ", "XP", "1..2", "latest", "113.x", ">= 113", "113.0 (64-bit)", "0", "0.0", "00",
		"v113", "15O", "1e3", "113-", "113-beta", "113+1", "113.", ".113", "113\n", " 113", "١١٣", "99999999999999999999",
	} {
		if _, err := table.ParseVersion(text); err == nil {
			t.Errorf("ParseVersion(%q) gave no error", text)
		}
	}
}

// The documentation shows how versions compare, and each cell of it is true.
func TestVersion_documentedTable(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- versions: begin -->", "<!-- versions: end -->"
	for _, page := range []string{"data-sources/workspace", "data-sources/current_user", "ephemeral-resources/workspace"} {
		text, err := os.ReadFile("../../templates/" + page + "_sessions.md.tmpl")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), begin)
		rows, _, found := strings.Cut(rest, end)
		lines := strings.Split(strings.TrimSpace(rows), "\n")
		if !found || len(lines) < 10 {
			t.Fatalf("%s has a table of %d lines, want at least 10", page, len(lines))
		}
		cells := func(line string) []string {
			var texts []string
			for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
				texts = append(texts, strings.Trim(cell, " `"))
			}
			return texts
		}
		head := cells(lines[0])
		for _, line := range lines[2:] {
			row := cells(line)
			reported := &row[0]
			switch *reported {
			case "missing":
				reported = nil
			case "empty":
				reported = new("")
			}
			for i, cell := range row[1:] {
				bound := mustParseVersion(t, strings.TrimPrefix(head[i+1], "below `"))
				want := map[bool]string{true: "yes", false: "no"}[bound.Below(reported)]
				if cell != want {
					t.Errorf("%s: %s %s is %q, want %q", page, row[0], head[i+1], cell, want)
				}
			}
		}
	}
}

// FuzzVersionBelow holds plain versions against numbers compared one by one.
func FuzzVersionBelow(f *testing.F) {
	for _, pair := range [][2]string{
		{"9", "113.0.5672.63"},
		{"10.15.7", "10.15"},
		{"XP", "1"},
		{"1.0-rc1", "1.0"},
		{"1.2.3+build", "1.2.3"},
	} {
		f.Add(pair[0], pair[1])
	}
	plain := regexp.MustCompile(`^\d{1,9}(\.\d{1,9}){0,6}$`)
	f.Fuzz(func(t *testing.T, reported, bound string) {
		parsed, err := table.ParseVersion(bound)
		if plain.MatchString(bound) != (err == nil) && plain.MatchString(bound) {
			t.Fatalf("ParseVersion(%q): %v", bound, err)
		}
		if err != nil {
			return
		}
		got := parsed.Below(&reported)
		if !plain.MatchString(reported) || !plain.MatchString(bound) {
			return
		}
		if want := slices.Compare(numbersOf(reported), numbersOf(bound)) < 0; got != want {
			t.Fatalf("%q below %q = %t, want %t", reported, bound, got, want)
		}
	})
}

// numbersOf are the numbers of a version without zeros at the end.
func numbersOf(version string) []int {
	var numbers []int
	for text := range strings.SplitSeq(version, ".") {
		number, _ := strconv.Atoi(text)
		numbers = append(numbers, number)
	}
	for len(numbers) > 0 && numbers[len(numbers)-1] == 0 {
		numbers = numbers[:len(numbers)-1]
	}
	return numbers
}

func mustParseVersion(t testing.TB, text string) *table.Version {
	t.Helper()
	version, err := table.ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return version
}
