// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

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

// put adds a user, or replaces the one of that id, who keeps the place.
func (d *directory) put(u DirectoryUser) {
	m, ok := d.byID[u.ID]
	if !ok {
		m = &member{}
		d.byID[u.ID] = m
		d.members = append(d.members, m)
	}
	u.NameInsensitive = None[string]()
	*m = member{u, encodeJSON(u)}
}

// learn takes in the user of a session, where the directory follows the sessions.
func (d *directory) learn(userID string, u User) {
	if d.learns && userID != "" && d.byID[userID] == nil {
		d.put(u.directoryUser(userID))
	}
}

// maxFilterUsers is how many users the server's filter looks up by name.
const maxFilterUsers = 5

// find returns the ids of the first five active users and bots with a username
// whose username or name contains the folded text.
func (d *directory) find(folded string) map[string]bool {
	found := map[string]bool{}
	for _, m := range d.members {
		eligible := m.Active == Some(true) && (m.Type == Some("user") || m.Type == Some("bot")) && m.Username.State == Present
		matches := strings.Contains(fold(m.Username.Value), folded) || strings.Contains(fold(m.Name.Value), folded)
		if eligible && matches && len(found) < maxFilterUsers {
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

// listUsers responds to users.list, which shows the details to some.
func (w *Workspace) listUsers(x *exchange) *response {
	details := w.can(x.user, PermissionViewFullInfo)
	return w.cutUsers(x, false, func(m *member) []byte {
		u := m.DirectoryUser
		u.NameInsensitive = Some(strings.ToLower(u.Name.Value))
		u.Federated, u.Reason, u.FreeSwitchExtension = None[bool](), None[string](), None[string]()
		if !details {
			u.Emails, u.Roles, u.LastLogin = None[[]Email](), None[[]string](), None[time.Time]()
		}
		return encodeJSON(u)
	})
}

// listUsersByStatus responds to users.listByStatus, as far as it is asked without
// narrowing: everybody gets to see the details.
func (w *Workspace) listUsersByStatus(x *exchange) *response {
	return w.cutUsers(x, w.behavior.listByStatusIsWhole, func(m *member) []byte { return m.json })
}

// cutUsers cuts a page from the users in the order that is asked for, by username
// unless one is.
func (w *Workspace) cutUsers(x *exchange, whole bool, encode func(*member) []byte) *response {
	if w.options.ViewOutsideRoomForUsers && !w.can(x.user, PermissionViewOutsideRoom) {
		return plainError(http.StatusForbidden, w.behavior.forbidden)
	}
	members := w.store.users.sorted(x.params.Get("sort") == sortByID)
	if !whole {
		details := w.can(x.user, PermissionViewFullInfo)
		members = slices.DeleteFunc(members, func(m *member) bool { return m.nameless(details) })
	}
	return cut(w, x, "users", members, encode)
}

// sortByID is the one sort of users and settings that is simulated.
const sortByID = `{"_id":1}`

// cut responds with the page that is asked for of a list of users or settings; count=0 is all
// of it, whatever the upper limit.
func cut[T any](w *Workspace, x *exchange, name string, list []T, encode func(T) []byte) *response {
	offset, count := w.pagination(x.params)
	switch sort := x.params.Get("sort"); {
	case x.params.Has("sort") && sort != sortByID:
		return invalidSort(sort)
	case count < 0:
		return negativeLimit(count)
	case count == 0:
		count = len(list)
	}
	from, to := bounds(len(list), offset, count)
	return listResponse(name, list[from:to], encode, len(list), offset, to-from)
}

// nameless reports whether the query of the list passes over a user: with neither
// username nor name, nor, for who sees the details, an e-mail address.
func (u *DirectoryUser) nameless(details bool) bool {
	has := func(v Optional[string]) bool { return v.State != Absent && v != Some("") }
	return !has(u.Username) && !has(u.Name) && (!details || u.Emails.State == Absent)
}

// listRoles responds to roles.list, which has no pages.
func (w *Workspace) listRoles(*exchange) *response {
	return jsonResponse(http.StatusOK, fields{"roles": w.roles, "success": true})
}

// CreateUser adds a user, or replaces the one of that id. Sessions keep the names that they have.
func (w *Workspace) CreateUser(u DirectoryUser) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store.users.put(u)
}

// Directory are the users, in ascending order of their ids.
func (w *Workspace) Directory() []DirectoryUser {
	w.mu.Lock()
	defer w.mu.Unlock()
	var users []DirectoryUser
	for _, m := range w.store.users.sorted(true) {
		users = append(users, m.DirectoryUser)
	}
	return users
}
