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

// passes tells whether an account is one that the query asks for. What is missing
// matches nothing.
func (q *Query) passes(account *Account) bool {
	switch {
	case account == nil:
		return false
	case q.UserRoles != nil && !slices.ContainsFunc(account.Roles, func(id string) bool { return slices.Contains(q.UserRoles, id) }):
		return false
	case q.UserTypes != nil && (!account.Type.Present || !slices.Contains(q.UserTypes, account.Type.Value)):
		return false
	default:
		return q.UserActive == nil || account.Active.Present && account.Active.Value == *q.UserActive
	}
}
