// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Directory contains the users and the roles of a workspace.
type Directory struct {
	Users []*User
	Roles []*Role
	// Permissions are the IDs of the roles that hold a permission, by its ID.
	Permissions map[string][]string
}

var (
	// ErrNoRole says that no role has this ID or name, and no user has one with this ID.
	ErrNoRole = errors.New("no such role")
	// ErrRoomRole says that the role is one within rooms, which the list of users does not show.
	ErrRoomRole = errors.New("a role of rooms")
)

// scopeRooms is the scope of roles within a room, such as owner.
const scopeRooms = "Subscriptions"

// RoleIDs returns the IDs of the roles with an ID or name. Several roles may have the
// same name, and a user may have the ID of a role that no longer exists. Both are
// case-sensitive; names are compared in Unicode normal form C.
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

// RoleNames returns the names of the roles that a user can have, and their IDs if they
// differ, in ascending order, each once.
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

// PermittedRoles returns the IDs of the roles by which users hold a permission, and those
// of roles within rooms, which the list of users does not show; false if the workspace has
// no such permission. A role that no longer exists still gives the permission to users
// who have it.
func (d *Directory) PermittedRoles(permission string) (roles, rooms []string, ok bool) {
	held, ok := d.Permissions[permission]
	inRooms := func(id string) bool {
		return slices.ContainsFunc(d.Roles, func(r *Role) bool { return r.ID == id && r.Scope == scopeRooms })
	}
	rooms = slices.DeleteFunc(slices.Clone(held), func(id string) bool { return !inRooms(id) })
	return held, rooms, ok
}
