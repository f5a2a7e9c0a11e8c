// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package table describes the fields of a row, whatever it is a row of, in one
// place: from the description come what users see of a row, by which keys it is
// matched and sorted, and its order. It is pure.
package table

import (
	"slices"
	"time"
)

// Field is a field of a row. Exactly one of its functions is set; it says what
// kind of value the field holds.
type Field[T any] struct {
	// Path is where the field stands in the object of a row: device.os.name.
	Path string
	// Key is its name in match, exclude and sort; empty for a field that these
	// do not know. Fields of one key are matched together.
	Key         string
	Description string

	// Text returns a text, nil where the row lacks it.
	Text func(*T) *string
	// Time returns a time, nil where the row lacks it.
	Time func(*T) *time.Time
	// Bool returns a truth value, nil where the row lacks it.
	Bool func(*T) *bool
	// Texts returns a list of texts, nil where the row lacks it. It matches where
	// any of them does, and does not sort.
	Texts func(*T) []string
	// Object tells whether the row has an object. Its fields are those whose path
	// begins with its own.
	Object func(*T) bool
}

// Matchable returns those of the fields that expressions look at: the texts that
// have a key.
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
