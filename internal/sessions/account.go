// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import "slices"

// accountOf finds the owner of a session. A deleted user has none, so that
// missing is false; it is true where the row names its user and the accounts lack
// that one.
func accountOf(s *Session, accounts map[string]*Account) (account *Account, missing bool) {
	if s.User == nil {
		return nil, false
	}
	if s.UserID != nil {
		account = accounts[*s.UserID]
	}
	return account, account == nil
}

// WithAccounts returns copies of the sessions that have the accounts of their
// owners, by the ids of the users, and those whose owner the accounts lack though
// the row names one.
func WithAccounts(all []*Session, accounts map[string]*Account) (joined, unknown []*Session) {
	copies := make([]Session, len(all))
	joined = make([]*Session, len(all))
	for i, s := range all {
		account, missing := accountOf(s, accounts)
		if missing {
			unknown = append(unknown, s)
		}
		copies[i] = *s
		copies[i].Account = account
		joined[i] = &copies[i]
	}
	return joined, unknown
}

// asksAccounts tells whether the query needs the accounts of users.
func (q *Query) asksAccounts() bool {
	return q.UserRoles != nil || q.UserTypes != nil || q.UserActive != nil
}

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
		return f.Roles == nil && f.Types == nil && f.Active == nil
	case f.Roles != nil && !slices.ContainsFunc(account.Roles, func(id string) bool { return slices.Contains(f.Roles, id) }):
		return false
	case f.Types != nil && (!account.Type.Present || !slices.Contains(f.Types, account.Type.Value)):
		return false
	default:
		return f.Active == nil || account.Active.Present && account.Active.Value == *f.Active
	}
}
