// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"slices"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Order is one key to sort by, one of [table.SortKeys] of the fields.
type Order = table.Order

// DefaultOrder returns the default order, newest login first.
func DefaultOrder() []Order {
	return []Order{{Key: LoginAt, Descending: true}}
}

// Sort sorts in place by [Comparison].
func Sort(all []*Session, orders []Order) {
	slices.SortFunc(all, Comparison(orders))
}

// Comparison returns a total order for [slices.SortFunc]: by the orders in turn (none
// means [DefaultOrder]), then by session ID ascending, then by every other field, which
// is only needed for sessions without an ID, before release 6.6. A missing login time
// is the oldest.
func Comparison(orders []Order) func(a, b *Session) int {
	if len(orders) == 0 {
		orders = DefaultOrder()
	}
	return table.Comparison(everyField(), append(slices.Clone(orders), Order{Key: "session_id"})...)
}
