// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import "slices"

// AccountFilter selects accounts. Missing roles or a missing type do not match, and nil
// selects all.
type AccountFilter struct {
	// Roles are IDs; an account must have any of them. Types are types; an account must
	// be of any of them.
	Roles, Types []string
	Active       *bool
}

// Keeps reports whether the filter selects an account; nil is an unknown account.
func (f AccountFilter) Keeps(account *Account) bool {
	switch {
	case account == nil:
		return !f.asks()
	case f.Roles != nil && !slices.ContainsFunc(account.Roles, func(id string) bool { return slices.Contains(f.Roles, id) }):
		return false
	case f.Types != nil && (!account.Type.Present || !slices.Contains(f.Types, account.Type.Value)):
		return false
	default:
		return f.Active == nil || account.Active == *f.Active
	}
}

func (f AccountFilter) asks() bool { return f.Roles != nil || f.Types != nil || f.Active != nil }
