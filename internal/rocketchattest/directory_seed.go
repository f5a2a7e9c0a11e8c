// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
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
	RoleApp           = "app"
	RoleOwner         = "owner"
	RoleDeviceViewer  = "cW4kPz9TnXb2LrMqD"
	RoleDeviceAuditor = "eK3yNv7HrPd5ZtSgA"
	// RoleNamesake is a custom role with the name of another.
	RoleNamesake = "zJ5xTa6WpLc4HvYkE"
	// RoleGone is an id that users still have of a role that was deleted.
	RoleGone = "qA9bXw2MhTk6JcVnL"
)

// DefaultRoles are the roles that Rocket.Chat installs and some custom ones.
func DefaultRoles() []Role { return read[Role]("roles.json") }

// directory are the users that the options ask for, at the time now.
func (o Options) directory(rows []Session, now time.Time) []DirectoryUser {
	if o.Users != nil {
		return o.Users
	}
	var users []DirectoryUser
	places := map[string]int{}
	add := func(u DirectoryUser) {
		if _, known := places[u.ID]; !known {
			places[u.ID] = len(users)
			users = append(users, u)
		}
	}
	for _, a := range o.Accounts {
		add(a.directoryUser())
	}
	for _, u := range o.syntheticUsers(now) {
		add(u)
	}
	newest := map[string]time.Time{}
	for _, row := range rows {
		id, at := row.UserID.Value, row.LoginAt.Value
		if at.After(newest[id]) {
			newest[id] = at
		}
		if user, ok := row.User.Get(); ok && id != "" {
			add(user.directoryUser(id))
		}
	}
	for id, at := range newest {
		if place, ok := places[id]; ok {
			users[place].LastLogin = Some(at)
		}
	}
	return users
}

// syntheticUsers are those of [SyntheticUsers] that the options ask for.
func (o Options) syntheticUsers(now time.Time) []DirectoryUser {
	seen, unseen := 0, o.SyntheticUsers
	if o.Sessions == nil && o.Synthetic > 0 {
		seen = syntheticOwners(o.Synthetic)
		if unseen == 0 {
			unseen = max(userPeriod, seen/10)
		}
	}
	return SyntheticUsers(seen, unseen, now)
}

// directoryUser is an account as the lists show it.
func (a *Account) directoryUser() DirectoryUser {
	u := User{Username: Some(a.Username), Name: Some(a.Name)}
	if a.NoUsername {
		u.Username = None[string]()
	}
	listed := u.directoryUser(a.UserID)
	listed.Roles, listed.Emails = Some(a.Roles), None[[]Email]()
	if a.Roles == nil {
		listed.Roles.Value = []string{}
	}
	if a.Email != "" {
		listed.Emails = Some([]Email{{Address: a.Email, Verified: true}})
	}
	return listed
}

// directoryUser is the user of a session as the lists show them: one like most.
func (u *User) directoryUser(id string) DirectoryUser {
	return DirectoryUser{
		ID: id, Username: u.Username, Name: u.Name, AvatarETag: u.AvatarETag, Nickname: u.Nickname,
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
	common := userShapes()
	shapes := slices.Concat(common, unseenUserShapes())
	var users []DirectoryUser
	for n := range seen + unseen {
		row, ok := syntheticUser(n).Get()
		if !ok {
			continue
		}
		u := row.directoryUser(syntheticUserID(n))
		u.LastLogin = Some(newest.Add(-time.Duration(n%300) * 24 * time.Hour))
		if shape := n % userPeriod; shape < len(common) || n >= seen && shape < len(shapes) {
			shapes[shape](&u, n)
		}
		users = append(users, u)
	}
	return users
}

// userPeriod is after how many users the shapes come again; no divisor of it
// divides the period of their names.
const userPeriod = 47

// userShape makes the n-th user an odd one.
type userShape func(u *DirectoryUser, n int)

// userShapes are the odd shapes of users, beside those of their names.
func userShapes() []userShape {
	roles := func(ids ...string) userShape {
		return func(u *DirectoryUser, _ int) { u.Roles = Some(ids) }
	}
	kind := func(kind Optional[string], role string) userShape {
		return func(u *DirectoryUser, _ int) { u.Type, u.Roles = kind, Some([]string{role}) }
	}
	emails := func(emails Optional[[]Email]) userShape {
		return func(u *DirectoryUser, _ int) { u.Emails = emails }
	}
	return []userShape{
		roles(RoleUser, RoleAdmin),
		kind(Some("bot"), RoleBot),
		func(u *DirectoryUser, _ int) { u.Active = Some(false) },
		kind(Some("app"), RoleApp),
		kind(Some("unknown"), RoleUser),
		kind(None[string](), RoleUser),
		roles(RoleUser, RoleBot),
		func(u *DirectoryUser, _ int) { u.Active = None[bool]() },
		func(u *DirectoryUser, _ int) { u.Active, u.Roles = Some(false), Some([]string{RoleUser, RoleAdmin}) },
		func(u *DirectoryUser, _ int) { u.Roles = None[[]string]() },
		roles([]string{}...),
		roles(RoleUser, RoleUser),
		roles(RoleUser, RoleDeviceViewer, RoleDeviceAuditor),
		roles(RoleUser, RoleGone),
		roles(RoleUser, RoleNamesake),
		roles(RoleUser, RoleOwner),
		roles(RoleGuest),
		roles(RoleAdmin),
		emails(None[[]Email]()),
		emails(Some([]Email{})),
		emails(Some([]Email{{"one@example.invalid", true}, {"Two@Example.invalid", false}})),
		func(u *DirectoryUser, _ int) { u.Status = Some("busy") },
	}
}

// unseenUserShapes are those of users without sessions alone.
func unseenUserShapes() []userShape {
	return []userShape{
		func(u *DirectoryUser, _ int) { u.LastLogin = None[time.Time]() },
		func(u *DirectoryUser, _ int) { u.LastLogin = NullOf[time.Time]() },
		func(u *DirectoryUser, _ int) { // waits for approval
			u.Active, u.Reason, u.LastLogin = Some(false), Some("I work in accounts"), None[time.Time]()
		},
		func(u *DirectoryUser, n int) { // federated
			u.ID = "@fed" + strconv.Itoa(n) + ":remote.example.invalid"
			u.Username, u.Federated = Some(u.ID), Some(true)
			u.Roles = Some([]string{RoleUser, "federated-external"})
		},
		func(u *DirectoryUser, n int) { u.Username, u.Name = None[string](), Some("Nameless "+strconv.Itoa(n)) },
		func(u *DirectoryUser, _ int) { u.Username, u.Name = None[string](), None[string]() },
		func(u *DirectoryUser, _ int) {
			u.Username, u.Name, u.Emails = None[string](), None[string](), None[[]Email]()
		},
	}
}
