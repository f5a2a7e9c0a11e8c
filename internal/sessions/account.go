// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import "slices"

// AccountFilter keeps accounts by what they are. What is missing matches nothing,
// and nil asks nothing.
type AccountFilter struct {
	// Roles are ids, any of which an account has to have; Types any of which it has
	// to be of.
	Roles, Types []string
	Active       *bool
}

// Keeps tells whether an account is one that was asked for. It takes nil for an
// account of which nothing is known.
func (f AccountFilter) Keeps(account *Account) bool {
	switch {
	case account == nil:
		return !f.asks()
	case f.Roles != nil && !slices.ContainsFunc(account.Roles, func(id string) bool { return slices.Contains(f.Roles, id) }):
		return false
	case f.Types != nil && (!account.Type.Present || !slices.Contains(f.Types, account.Type.Value)):
		return false
	default:
		return f.Active == nil || account.Active.Present && account.Active.Value == *f.Active
	}
}

func (f AccountFilter) asks() bool { return f.Roles != nil || f.Types != nil || f.Active != nil }
