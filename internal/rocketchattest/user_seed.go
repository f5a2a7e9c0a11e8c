// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// The ids of the synthetic roles. Rocket.Chat gives a role that it installs its
// name for an id, and a custom one a generated id.
const (
	RoleUser          = "user"
	RoleAdmin         = "admin"
	RoleGuest         = "guest"
	RoleBot           = "bot"
	RoleDeviceViewer  = "cW4kPz9TnXb2LrMqD"
	RoleDeviceAuditor = "eK3yNv7HrPd5ZtSgA"
	// RoleGone is an id that users still have of a role that was deleted.
	RoleGone = "qA9bXw2MhTk6JcVnL"
)

// DefaultRoles are the roles that Rocket.Chat installs and some custom ones.
func DefaultRoles() []Role { return slices.Clone(installedRoles()) }

// newDirectory has the users that the options ask for, at the time now.
func newDirectory(o Options, rows []Session, now time.Time) directory {
	d := directory{byID: map[string]*member{}, learns: o.Users == nil}
	if !d.learns {
		for _, u := range o.Users {
			d.put(u)
		}
		return d
	}
	lastLogin := map[string]time.Time{}
	for _, row := range rows {
		if id, at := row.UserID.Value, row.LoginAt.Value; at.After(lastLogin[id]) {
			lastLogin[id] = at
		}
	}
	add := func(u DirectoryUser) {
		if at, ok := lastLogin[u.ID]; ok {
			u.LastLogin = Some(at)
		}
		if d.byID[u.ID] == nil {
			d.put(u)
		}
	}
	for _, a := range o.Accounts {
		add(a.directoryUser())
	}
	seen, unseen := 0, o.SyntheticUsers
	if o.Sessions == nil && o.Synthetic > 0 {
		seen = syntheticOwners(o.Synthetic)
		if unseen == 0 {
			unseen = max(userPeriod, seen/10)
		}
	}
	for _, u := range SyntheticUsers(seen, unseen, now) {
		add(u)
	}
	for _, row := range rows {
		if user, ok := row.User.Get(); ok && row.UserID.Value != "" {
			add(user.directoryUser(row.UserID.Value))
		}
	}
	return d
}

// directoryUser is an account as the lists show it.
func (a *Account) directoryUser() DirectoryUser {
	u := User{Username: Some(a.Username), Name: Some(a.Name)}
	if a.NoUsername {
		u.Username = None[string]()
	}
	listed := u.directoryUser(a.UserID)
	listed.Roles = Some(append([]string{}, a.Roles...))
	listed.Emails = None[[]Email]()
	if a.Email != "" {
		listed.Emails = Some([]Email{{Address: a.Email, Verified: true}})
	}
	return listed
}

// directoryUser is the user of a session as the lists show them: one like most.
func (u *User) directoryUser(id string) DirectoryUser {
	return DirectoryUser{
		ID: id, Username: u.Username, Name: u.Name, AvatarETag: u.AvatarETag,
		Type: Some("user"), Active: Some(!u.Inactive), Status: Some("offline"),
		Roles:  Some([]string{RoleUser}),
		Emails: Some([]Email{{Address: id + "@example.invalid", Verified: true}}),
	}
}

// SyntheticUsers are the users of synthetic sessions: so many who may have
// sessions, less the deleted, and so many more without. A few hundred have every
// shape that a workspace lists. Those with sessions get their last login from
// them; newest is when the others could last have logged in.
func SyntheticUsers(seen, unseen int, newest time.Time) []DirectoryUser {
	newest = newest.UTC().Truncate(time.Millisecond)
	parts := syntheticParts()
	shapes := slices.Concat(parts.Users, parts.Sessionless)
	var users []DirectoryUser
	for n := range seen + unseen {
		owner, ok := parts.owner(n).Get()
		if !ok {
			continue
		}
		u := owner.directoryUser(syntheticUserID(n))
		u.LastLogin = Some(newest.Add(-time.Duration(n%300) * 24 * time.Hour))
		if shape := n % userPeriod; shape < len(parts.Users) || n >= seen && shape < len(shapes) {
			u = u.shaped(shapes[shape], n)
		}
		users = append(users, u)
	}
	return users
}

// userPeriod is after how many users the shapes come again; no divisor of it
// divides the period of their names.
const userPeriod = 47

// shaped is the n-th user with the fields of a shape, of which "absent" stands for none.
func (u DirectoryUser) shaped(shape json.RawMessage, n int) DirectoryUser {
	fields := decode[map[string]json.RawMessage](encodeJSON(u))
	shape = bytes.ReplaceAll(shape, []byte("{n}"), []byte(strconv.Itoa(n)))
	maps.Copy(fields, decode[map[string]json.RawMessage](shape))
	maps.DeleteFunc(fields, func(_ string, value json.RawMessage) bool { return string(value) == `"absent"` })
	return decode[DirectoryUser](encodeJSON(fields))
}
