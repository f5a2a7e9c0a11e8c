// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"slices"
	"strings"
	"time"
)

// maxFilterUsers is how many users the server's filter looks up by name.
const maxFilterUsers = 5

// DirectoryUser is a user as users.list and users.listByStatus list one, with
// absent and null fields distinguished. Its JSON is the server's.
type DirectoryUser struct {
	ID       string           `json:"_id"`
	Username Optional[string] `json:"username,omitzero"`
	// Name is absent, null or empty for a user without one.
	Name Optional[string] `json:"name,omitzero"`
	// Type is user, bot, app, unknown, or one that an app has made up.
	Type   Optional[string] `json:"type,omitzero"`
	Active Optional[bool]   `json:"active,omitzero"`
	// Roles are ids of roles, of which some may be gone.
	Roles  Optional[[]string] `json:"roles,omitzero"`
	Emails Optional[[]Email]  `json:"emails,omitzero"`
	// Status is the presence: online, away, busy or offline.
	Status     Optional[string]    `json:"status,omitzero"`
	LastLogin  Optional[time.Time] `json:"lastLogin,omitzero"`
	AvatarETag Optional[string]    `json:"avatarETag,omitzero"`
	Federated  Optional[bool]      `json:"federated,omitzero"`
	// Reason is what the user wrote as they asked for the account.
	Reason Optional[string] `json:"reason,omitzero"`

	// FreeSwitchExtension is a telephone number.
	FreeSwitchExtension Optional[string] `json:"freeSwitchExtension,omitzero"`

	// NameInsensitive is the name in lower case, which users.list adds.
	NameInsensitive Optional[string] `json:"nameInsensitive,omitzero"`

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

// member is a user of the directory, encoded as users.listByStatus shows them.
type member struct {
	DirectoryUser
	json []byte
}

// directory holds the users of the workspace.
type directory struct {
	// members are in the order they came.
	members []*member
	byID    map[string]*member
	// learns has the directory take in the users of sessions.
	learns bool
}

func newDirectory(users []DirectoryUser, learns bool) directory {
	d := directory{byID: make(map[string]*member, len(users)), learns: learns}
	for _, u := range users {
		d.put(u)
	}
	return d
}

// put adds a user, or replaces the one of that id, who keeps the place.
func (d *directory) put(u DirectoryUser) {
	m, ok := d.byID[u.ID]
	if !ok {
		m = &member{}
		d.byID[u.ID] = m
		d.members = append(d.members, m)
	}
	*m = member{u, encodeJSON(u.listed(true, true))}
}

// learn takes in the user of a session, where the directory follows the sessions.
func (d *directory) learn(userID string, u User) {
	if d.learns && userID != "" && d.byID[userID] == nil {
		d.put(u.directoryUser(userID))
	}
}

// find returns the ids of the first five active users and bots with a username
// whose username, name or nickname contains the folded text.
func (d *directory) find(folded string) map[string]bool {
	found := map[string]bool{}
	matches := func(name string) bool { return strings.Contains(fold(name), folded) }
	for _, m := range d.members {
		names := []string{m.Username.Value, m.Name.Value, m.Nickname}
		eligible := m.Active == Some(true) && (m.Type == Some("user") || m.Type == Some("bot")) && m.Username.State == Present
		if eligible && len(found) < maxFilterUsers && slices.ContainsFunc(names, matches) {
			found[m.ID] = true
		}
	}
	return found
}

// sorted are the users by id, or else by username. Ties go as the users came,
// which the server does not promise.
func (d *directory) sorted(byID bool) []*member {
	return slices.SortedStableFunc(slices.Values(d.members), func(a, b *member) int {
		if byID {
			return strings.Compare(a.ID, b.ID)
		}
		return strings.Compare(a.Username.Value, b.Username.Value)
	})
}

// listed is the user as users.listByStatus shows one, and users.list does, with
// details to some.
func (u DirectoryUser) listed(byStatus, details bool) DirectoryUser {
	if byStatus {
		u.NameInsensitive = None[string]()
	} else {
		u.NameInsensitive = Some(strings.ToLower(u.Name.Value))
		u.Federated, u.Reason, u.FreeSwitchExtension = None[bool](), None[string](), None[string]()
	}
	if !details {
		u.Emails, u.Roles, u.LastLogin = None[[]Email](), None[[]string](), None[time.Time]()
	}
	return u
}
