// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users

import (
	"slices"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Account is what the workspace says about a user to whom sessions belong. Roles and Type
// may be missing.
type Account struct {
	// Roles are IDs of roles; nil is missing.
	Roles []string `json:"roles"`
	// Type is user, bot or app; other types, such as unknown, are for non-members.
	Type table.Text `json:"type"`
	// Active is false for a deactivated account, and if it is missing: the server's own
	// check of a login takes it so.
	Active bool `json:"active"`
}

// AccountFilter selects accounts. Missing roles or a missing type do not match, and nil
// selects all.
type AccountFilter struct {
	// Roles are IDs; an account must have any of them. Types are types; an account must
	// be of any of them.
	Roles, Types []string
	// PermittedRoles are the IDs of the roles that hold permissions; an account must have
	// any of these, too.
	PermittedRoles []string
	Active         *bool
}

// Selects reports whether the filter selects an account; nil is an unknown account.
func (f AccountFilter) Selects(account *Account) bool {
	switch {
	case account == nil:
		return !f.IsSet()
	case f.Roles != nil && !account.hasAny(f.Roles), f.PermittedRoles != nil && !account.hasAny(f.PermittedRoles):
		return false
	case f.Types != nil && (!account.Type.Present || !slices.Contains(f.Types, account.Type.Value)):
		return false
	default:
		return f.Active == nil || account.Active == *f.Active
	}
}

func (a *Account) hasAny(roles []string) bool {
	return slices.ContainsFunc(a.Roles, func(id string) bool { return slices.Contains(roles, id) })
}

// IsSet reports whether the filter can omit an account.
func (f AccountFilter) IsSet() bool {
	return f.Roles != nil || f.Types != nil || f.PermittedRoles != nil || f.Active != nil
}
