// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"cmp"
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
	comparisons := make([]func(a, b *Session) int, 0, len(orders)+1)
	for _, order := range orders {
		comparisons = append(comparisons, order.comparison())
	}
	comparisons = append(comparisons, compareRest)
	return func(a, b *Session) int {
		for _, compare := range comparisons {
			if c := compare(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

// Compare is the [Comparison] of the [DefaultOrder].
func Compare(a, b *Session) int {
	if c := compareLogins(b, a); c != 0 {
		return c
	}
	return compareRest(a, b)
}

func (o Order) comparison() func(a, b *Session) int {
	compare := compareLogins
	if o.Key != LoginAt {
		text := accessor(Field(o.Key))
		compare = func(a, b *Session) int { return compareTexts(text(a), text(b)) }
	}
	if !o.Descending {
		return compare
	}
	return func(a, b *Session) int { return compare(b, a) }
}

// compareRest breaks ties. It looks past the session id only for the sessions
// that have none, which releases before 6.6 list.
func compareRest(a, b *Session) int {
	if c := compareTexts(a.SessionID, b.SessionID); c != 0 {
		return c
	}
	if c := compareTexts(a.ID, b.ID); c != 0 {
		return c
	}
	return cmp.Or(
		compareTexts(a.UserID, b.UserID),
		comparePointers(a.User, b.User, compareUsers),
		comparePointers(a.Device, b.Device, compareDevices),
		compareTexts(a.Host, b.Host),
		compareTexts(a.IP, b.IP),
		compareLogins(a, b),
		comparePointers(a.Current, b.Current, compareBools),
	)
}

func compareUsers(a, b *User) int {
	return cmp.Or(
		compareTexts(a.Username.Pointer(), b.Username.Pointer()),
		compareTexts(a.Name.Pointer(), b.Name.Pointer()),
		compareTexts(a.AvatarETag.Pointer(), b.AvatarETag.Pointer()),
	)
}

func compareDevices(a, b *Device) int {
	return cmp.Or(
		compareTexts(a.Type.Pointer(), b.Type.Pointer()),
		compareTexts(a.Name.Pointer(), b.Name.Pointer()),
		compareTexts(a.Version.Pointer(), b.Version.Pointer()),
		compareTexts(a.LongVersion.Pointer(), b.LongVersion.Pointer()),
		comparePointers(a.OS.Pointer(), b.OS.Pointer(), compareOSs),
	)
}

func compareOSs(a, b *OS) int {
	return cmp.Or(compareTexts(a.Name.Pointer(), b.Name.Pointer()), compareTexts(a.Version.Pointer(), b.Version.Pointer()))
}

func compareBools(a, b *bool) int {
	switch {
	case *a == *b:
		return 0
	case *b:
		return -1
	default:
		return 1
	}
}

func compareLogins(a, b *Session) int {
	return comparePointers(a.LoginAt, b.LoginAt, func(a, b *time.Time) int { return a.Compare(*b) })
}

func compareTexts(a, b *string) int {
	return comparePointers(a, b, func(a, b *string) int { return strings.Compare(*a, *b) })
}

// comparePointers puts nil below everything and leaves the rest to compare.
func comparePointers[T any](a, b *T, compare func(a, b *T) int) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	default:
		return compare(a, b)
	}
}
