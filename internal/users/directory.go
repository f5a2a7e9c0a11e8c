// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Directory is who is in a workspace, and the roles that it has.
type Directory struct {
	Users []*User
	Roles []*Role
}

var (
	// ErrNoRole is that no role has this id or name, and no user holds one of this id.
	ErrNoRole = errors.New("no such role")
	// ErrRoomRole is that the role is one of rooms, which the list of users does not show.
	ErrRoomRole = errors.New("a role of rooms")
)

// scopeRooms is the scope of roles that people have in a room, such as owner.
const scopeRooms = "Subscriptions"

// RoleIDs returns the ids of the roles that a name stands for: an id of a role,
// names of roles, of which several may be equal, or the id of a role that is gone
// and that some user still holds. Both are case-sensitive; names are compared in
// Unicode normal form C.
func (d *Directory) RoleIDs(name string) ([]string, error) {
	held := slices.ContainsFunc(d.Users, func(u *User) bool { return slices.Contains(u.Roles, name) })
	var ids []string
	if held {
		ids = append(ids, name)
	}
	rooms := false
	for _, role := range d.Roles {
		switch {
		case role.ID != name && norm.NFC.String(role.Name) != norm.NFC.String(name), slices.Contains(ids, role.ID):
		case role.Scope == scopeRooms:
			rooms = true
		default:
			ids = append(ids, role.ID)
		}
	}
	switch {
	case len(ids) > 0:
		return ids, nil
	case rooms:
		return nil, ErrRoomRole
	default:
		return nil, ErrNoRole
	}
}

// RoleNames returns the names of the roles that a user may hold, and where it
// differs their ids, in ascending order, each once.
func (d *Directory) RoleNames() []string {
	var names []string
	for _, role := range d.Roles {
		if role.Scope != scopeRooms {
			names = append(names, role.ID, role.Name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}
