// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users

import (
	"cmp"
	"slices"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Row is a user with the names of the roles.
type Row struct {
	*User
	// RoleNames are the names of the roles, in the same order; nil if roles are missing.
	RoleNames []string
}

// Field is a field of the user object.
type Field = table.Field[Row]

// Keys of a user's fields that other arguments ask for as well.
const (
	KeyRole        = "role"
	KeyLastLogin   = "last_login_at"
	defaultSortKey = "username"
)

// Fields returns the fields of a user, in documented order, as a slice of the
// caller's own.
func Fields() []Field {
	return []Field{
		{
			Path: "id", Text: func(r *Row) *string { return &r.ID },
			Description: "ID of the user, as in `user_id` of a session.",
		},
		{
			Path: "username", Key: "username", Text: func(r *Row) *string { return r.Username.Pointer() },
			Description: "Username, without the `@`; null for a user without one.",
		},
		{
			Path: "name", Key: "name", Text: func(r *Row) *string { return r.Name.Pointer() },
			Description: "Display name; null for a user without one.",
		},
		{
			Path: "type", Key: "type", Text: func(r *Row) *string { return r.Type.Pointer() },
			Description: "`user`, `bot` or `app`; other types for users who are not members of the workspace.",
		},
		{
			Path: "active", Bool: func(r *Row) *bool { return &r.Active },
			Description: "False for a deactivated user, and for one for whom the workspace does not report it.",
		},
		{
			Path: "roles", Key: KeyRole, Texts: func(r *Row) []string { return r.Roles },
			Description: "IDs of the user's roles. The ID of a default role is its name, such as `admin`. An ID can outlive its role.",
		},
		{
			Path: "role_names", Key: KeyRole, Texts: func(r *Row) []string { return r.RoleNames },
			Description: "Names of the same roles, in the same order; the ID if the role no longer exists. Names need not be unique.",
		},
		{
			Path: "last_login_at", Key: KeyLastLogin, Time: func(r *Row) *time.Time { return r.LastLogin },
			Description: "When the user last logged in, in RFC 3339 format, UTC, with milliseconds; null for a user who has never logged in.",
		},
	}
}

// Rows are the users of a directory with the names of their roles.
func (d *Directory) Rows() []*Row {
	names := make(map[string]string, len(d.Roles))
	for _, role := range d.Roles {
		names[role.ID] = role.Name
	}
	rows := make([]Row, len(d.Users))
	pointers := make([]*Row, len(d.Users))
	for i, user := range d.Users {
		rows[i].User = user
		pointers[i] = &rows[i]
		if user.Roles == nil {
			continue
		}
		rows[i].RoleNames = make([]string, 0, len(user.Roles))
		for _, id := range user.Roles {
			rows[i].RoleNames = append(rows[i].RoleNames, cmp.Or(names[id], id))
		}
	}
	return pointers
}

// Query selects and sorts users. Its zero value selects all users, sorted by username.
type Query struct {
	// Match selects a user if every given field matches, by [table.MatchKeys]; Exclude
	// omits a user if any does.
	Match, Exclude map[string]*table.Pattern
	AccountFilter
	// InactiveSince selects the users who last logged in before it, or never. Nil selects
	// all.
	InactiveSince *time.Time
	// Sort is the order of the result; empty means by username.
	Sort []table.Order
	// Limit is how many users to return; nil returns all.
	Limit *int
}

// Result is the result of a [Query].
type Result struct {
	// Users is never nil.
	Users []*Row
	// Matched counts the users who passed, before Limit.
	Matched int
}

// Apply returns the result of the query. It neither changes all nor depends on its order.
func (q *Query) Apply(all []*Row) Result {
	selected := table.Select(all, q.tests())
	orders := q.Sort
	if len(orders) == 0 {
		orders = []table.Order{{Key: defaultSortKey}}
	}
	slices.SortFunc(selected, table.Comparison(Fields(), orders...))
	return Result{Users: table.Cut(selected, 0, q.Limit), Matched: len(selected)}
}

// tests is the conjunction of all conditions, cheapest first.
func (q *Query) tests() []func(*Row) bool {
	tests := []func(*Row) bool{func(r *Row) bool { return q.Selects(&r.Account) }}
	if q.InactiveSince != nil {
		tests = append(tests, func(r *Row) bool { return r.LastLogin == nil || r.LastLogin.Before(*q.InactiveSince) })
	}
	return append(tests, table.Tests(Fields(), q.Match, q.Exclude)...)
}
