// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users

import (
	"maps"
	"slices"
	"strings"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Role is a role of the workspace. Administrators see its name; names may be equal, and
// a user may have a role that no longer exists.
type Role struct {
	ID          string     `json:"_id"`
	Name        string     `json:"name"`
	Description table.Text `json:"description"`
	// Scope is Users for a role of the workspace, Subscriptions for one within rooms.
	Scope string `json:"scope"`
	// Protected is a role that Rocket.Chat installs. Like Mandatory2FA, it may be missing,
	// which the server takes for false.
	Protected    bool `json:"protected"`
	Mandatory2FA bool `json:"mandatory2fa"`
}

// RoleRow is a role with the IDs of the permissions that it holds, in ascending order;
// nil if they were not requested.
type RoleRow struct {
	*Role
	Permissions []string
}

// RoleFields returns the fields of a role, in documented order, as a slice of the
// caller's own.
func RoleFields() []table.Field[RoleRow] {
	return []table.Field[RoleRow]{
		{
			Path: "id", Text: func(r *RoleRow) *string { return &r.ID },
			Description: "ID of the role, as in `roles` of a user. The ID of a default role is its name, such as `admin`.",
		},
		{
			Path: "name", Text: func(r *RoleRow) *string { return &r.Name },
			Description: "Name of the role. Names need not be unique.",
		},
		{
			Path: "description", Text: func(r *RoleRow) *string { return r.Description.Pointer() },
			Description: "Description of the role; null for a role without one.",
		},
		{
			Path: "scope", Text: func(r *RoleRow) *string { return &r.Scope },
			Description: "`Users` for a role of the workspace, `Subscriptions` for a role that users have in single rooms.",
		},
		{
			Path: "protected", Bool: func(r *RoleRow) *bool { return &r.Protected },
			Description: "True for a role that cannot be deleted, because Rocket.Chat installed it.",
		},
		{
			Path: "mandatory_2fa", Bool: func(r *RoleRow) *bool { return &r.Mandatory2FA },
			Description: "True if users who have the role must set up a second factor.",
		},
		{
			Path: "permissions", Texts: func(r *RoleRow) []string { return r.Permissions },
			Description: "IDs of the permissions that the role holds, in ascending order; null unless the argument `permissions` is true.",
		},
	}
}

// RoleRows are roles in ascending order of their IDs, with their permissions if held, the
// IDs of roles by permission, is not nil.
func RoleRows(roles []*Role, held map[string][]string) []*RoleRow {
	byRole := map[string][]string{}
	for _, permission := range slices.Sorted(maps.Keys(held)) {
		for _, role := range held[permission] {
			byRole[role] = append(byRole[role], permission)
		}
	}
	rows := make([]*RoleRow, 0, len(roles))
	for _, role := range roles {
		row := &RoleRow{Role: role}
		if held != nil {
			row.Permissions = slices.Compact(append([]string{}, byRole[role.ID]...))
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b *RoleRow) int { return strings.Compare(a.ID, b.ID) })
	return rows
}
