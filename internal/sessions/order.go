// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"slices"
	"strings"
	"time"
)

// Order is one key to sort by.
type Order struct {
	// Key is one of [SortKeys]; another key leaves all sessions equal.
	Key string
	// Descending puts the greatest first, and what is missing last.
	Descending bool
}

// DefaultOrder returns the order that holds where none is asked for, newest
// login first.
func DefaultOrder() []Order {
	return []Order{{Key: LoginAt, Descending: true}}
}

// Sort sorts in place by [Comparison].
func Sort(all []*Session, orders []Order) {
	slices.SortFunc(all, Comparison(orders))
}

// Comparison returns a total order for [slices.SortFunc]: by the orders in
// turn (none means [DefaultOrder]), then by session id ascending, then by
// every other field, so that only sessions equal in all of them compare
// equal. Text compares by Unicode code point; what is missing is lower than
// everything, and a missing login time is the oldest.
func Comparison(orders []Order) func(a, b *Session) int {
	if len(orders) == 0 {
		orders = DefaultOrder()
	}
	comparisons := make([]func(a, b *Session) int, 0, len(orders)+2)
	for _, order := range orders {
		comparisons = append(comparisons, order.comparison())
	}
	comparisons = append(comparisons, Order{Key: "session_id"}.comparison(), compareFields(table()))
	return func(a, b *Session) int {
		for _, compare := range comparisons {
			if c := compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

func (o Order) comparison() func(a, b *Session) int {
	field, known := fieldOf(o.Key)
	switch {
	case !known:
		return func(*Session, *Session) int { return 0 }
	case o.Descending:
		return func(a, b *Session) int { return field.compare(b, a) }
	default:
		return field.compare
	}
}

// compareFields looks past the session id only for the sessions that have none,
// which releases before 6.6 list.
func compareFields(fields []Field) func(a, b *Session) int {
	return func(a, b *Session) int {
		for i := range fields {
			if c := fields[i].compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

// compare puts what is missing below everything.
func (f *Field) compare(a, b *Session) int {
	switch {
	case f.Text != nil:
		return comparePointers(f.Text(a), f.Text(b), strings.Compare)
	case f.Time != nil:
		return comparePointers(f.Time(a), f.Time(b), time.Time.Compare)
	case f.Bool != nil:
		return comparePointers(f.Bool(a), f.Bool(b), compareBools)
	default:
		return compareBools(f.Object(a), f.Object(b))
	}
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

func comparePointers[T any](a, b *T, compare func(a, b T) int) int {
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
