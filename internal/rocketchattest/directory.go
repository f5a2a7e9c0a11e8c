// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// DirectoryUser is a user as users.list and users.listByStatus list one, with
// absent and null fields told apart. Its JSON is the server's.
type DirectoryUser struct {
	ID       string           `json:"_id"`
	Username Optional[string] `json:"username"`
	// Name is absent, null or empty for a user without one.
	Name Optional[string] `json:"name"`
	// Type is user, bot, app, unknown, or one that an app has made up.
	Type   Optional[string] `json:"type"`
	Active Optional[bool]   `json:"active"`
	// Roles are ids of roles, of which some may be gone.
	Roles  Optional[[]string] `json:"roles"`
	Emails Optional[[]Email]  `json:"emails"`
	// Status is the presence: online, away, busy or offline.
	Status     Optional[string]    `json:"status"`
	LastLogin  Optional[time.Time] `json:"lastLogin"`
	AvatarETag Optional[string]    `json:"avatarETag"`
	Federated  Optional[bool]      `json:"federated"`
	// Reason is what the user wrote as they asked for the account.
	Reason Optional[string] `json:"reason"`

	// FreeSwitchExtension is a telephone number.
	FreeSwitchExtension Optional[string] `json:"freeSwitchExtension"`

	// Nickname is never sent; the filter of sessions uses it.
	Nickname string `json:"-"`
}

// Email is an address of a [DirectoryUser].
type Email struct {
	Address  string `json:"address"`
	Verified bool   `json:"verified"`
}

// Role is a role as roles.list lists one.
type Role struct {
	ID   string `json:"_id"`
	Name string `json:"name"`
	// Scope is Users, or Subscriptions for a role that holds in one room.
	Scope        string `json:"scope"`
	Description  string `json:"description"`
	Protected    bool   `json:"protected"`
	Mandatory2FA bool   `json:"mandatory2fa"`
}

// member is a user of the directory.
type member struct {
	DirectoryUser
	// names are folded: username, name and nickname.
	names [3]string
}

func newMember(u *DirectoryUser) *member {
	return &member{*u, [3]string{fold(u.Username.Value), fold(u.Name.Value), fold(u.Nickname)}}
}

// directory holds the users of the workspace.
type directory struct {
	// members are in the order they came.
	members []*member
	byID    map[string]*member
	// learns has the directory take in the users of sessions.
	learns bool
	// ordered is the last result of order, nil after a change.
	ordered struct {
		keys    []sortKey
		members []*member
	}
}

func newDirectory(users []DirectoryUser, learns bool) directory {
	d := directory{byID: make(map[string]*member, len(users)), learns: learns}
	for i := range users {
		d.put(&users[i])
	}
	return d
}

// put adds a user, or replaces the one of that id, who keeps the place.
func (d *directory) put(u *DirectoryUser) {
	m := newMember(u)
	if old, ok := d.byID[u.ID]; ok {
		d.members[slices.Index(d.members, old)] = m
	} else {
		d.members = append(d.members, m)
	}
	d.byID[u.ID] = m
	d.ordered.members = nil
}

func (d *directory) remove(id string) bool {
	m, ok := d.byID[id]
	if !ok {
		return false
	}
	at := slices.Index(d.members, m)
	d.members = slices.Delete(d.members, at, at+1)
	delete(d.byID, id)
	d.ordered.members = nil
	return true
}

// learn takes in the user of a session, where the directory follows the sessions.
func (d *directory) learn(userID string, u User) {
	if userID == "" || !d.learns || d.byID[userID] != nil {
		return
	}
	known := u.directoryUser(userID)
	d.put(&known)
}

// find returns the ids of the first five active users whose username, name or
// nickname contains the folded text.
func (d *directory) find(folded string) map[string]bool {
	found := map[string]bool{}
	for _, m := range d.members {
		if m.Active != Some(true) {
			continue
		}
		for _, name := range m.names {
			if strings.Contains(name, folded) {
				found[m.ID] = true
				break
			}
		}
		if len(found) == maxFilterUsers {
			break
		}
	}
	return found
}

// order returns all users in an order. Ties go as the users came, which the
// server does not promise, see [Options.SwapTies].
func (d *directory) order(keys []sortKey) []*member {
	if d.ordered.members != nil && slices.Equal(d.ordered.keys, keys) {
		return d.ordered.members
	}
	members := slices.Clone(d.members)
	slices.SortStableFunc(members, func(a, b *member) int { return compareMembers(a, b, keys) })
	d.ordered.keys, d.ordered.members = keys, members
	return members
}

// compareMembers puts a missing or null field before any text, which goes by
// code point.
func compareMembers(a, b *member, keys []sortKey) int {
	for _, key := range keys {
		x, y := a.sortField(key.field), b.sortField(key.field)
		if order := cmp.Or(cmp.Compare(rank(x), rank(y)), strings.Compare(x.Value, y.Value)); order != 0 {
			return order * key.sign
		}
	}
	return 0
}

// sortField is a field as text that sorts like it; a field that is not known
// here is missing in all users.
func (m *member) sortField(name string) Optional[string] {
	switch name {
	case "_id":
		return Some(m.ID)
	case "username":
		return m.Username
	case "name":
		return m.Name
	case "type":
		return m.Type
	case "status":
		return m.Status
	case "lastLogin":
		if at, ok := m.LastLogin.Get(); ok {
			return Some(at.UTC().Format(timeLayout))
		}
	}
	return None[string]()
}

// view is what a caller gets to see of users.
type view struct {
	// byStatus is the view of users.listByStatus, which has details for everybody.
	byStatus bool
	// details are e-mail addresses, roles and the last login.
	details bool
}

func (u *DirectoryUser) appendJSON(b []byte, v view) []byte {
	o := object{b: append(b, '{')}
	o.text("_id", Some(u.ID))
	o.text("username", u.Username)
	o.text("name", u.Name)
	o.text("type", u.Type)
	o.bool("active", u.Active)
	o.text("status", u.Status)
	o.text("avatarETag", u.AvatarETag)
	if v.details {
		if o.name("emails", u.Emails.State) {
			o.b = appendList(o.b, u.Emails.Value, func(b []byte, e Email) []byte {
				email := object{b: append(b, '{')}
				email.text("address", Some(e.Address))
				email.bool("verified", Some(e.Verified))
				return append(email.b, '}')
			})
		}
		if o.name("roles", u.Roles.State) {
			o.b = appendList(o.b, u.Roles.Value, appendString)
		}
		o.time("lastLogin", u.LastLogin)
	}
	if v.byStatus {
		o.bool("federated", u.Federated)
		o.text("reason", u.Reason)
		o.text("freeSwitchExtension", u.FreeSwitchExtension)
	} else {
		o.text("nameInsensitive", Some(strings.ToLower(u.Name.Value)))
	}
	return append(o.b, '}')
}
