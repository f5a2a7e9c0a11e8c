// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Order is one key to sort by.
type Order struct {
	// Key is one of [SortKeys]; another key leaves all rows equal.
	Key string
	// Descending puts the greatest first, and missing values last.
	Descending bool
}

// Comparison returns an order for [slices.SortFunc]: by the orders in turn, then by
// every field in the order of the table, so that only rows equal in all of them compare
// equal. Text is compared by Unicode code point; a missing value is lower than all
// others.
func Comparison[T any](fields []Field[T], orders ...Order) func(a, b *T) int {
	comparisons := make([]func(a, b *T) int, 0, len(orders)+len(fields))
	for _, order := range orders {
		for _, field := range ByKey(fields, order.Key) {
			compare := field.compare
			if order.Descending {
				compare = func(a, b *T) int { return field.compare(b, a) }
			}
			comparisons = append(comparisons, compare)
		}
	}
	for _, field := range fields {
		comparisons = append(comparisons, field.compare)
	}
	return func(a, b *T) int {
		for _, compare := range comparisons {
			if c := compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

// compare orders missing values below all others.
func (f *Field[T]) compare(a, b *T) int {
	switch {
	case f.Text != nil:
		return comparePointers(f.Text(a), f.Text(b), strings.Compare)
	case f.Time != nil:
		return comparePointers(f.Time(a), f.Time(b), time.Time.Compare)
	case f.Bool != nil:
		return comparePointers(f.Bool(a), f.Bool(b), compareBools)
	case f.Texts != nil:
		return slices.Compare(f.Texts(a), f.Texts(b))
	default:
		return compareBools(f.Object(a), f.Object(b))
	}
}

// compareBools has false first, as its name is before that of true.
func compareBools(a, b bool) int {
	return strings.Compare(strconv.FormatBool(a), strconv.FormatBool(b))
}

func comparePointers[V any](a, b *V, compare func(a, b V) int) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	default:
		return compare(*a, *b)
	}
}
