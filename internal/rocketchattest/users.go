// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"net/http"
	"slices"
)

// listUsers responds to users.list, which shows the details to some.
func (w *Workspace) listUsers(x *exchange) *response {
	details := w.can(x.user, PermissionViewFullInfo)
	return w.cutUsers(x, false, func(m *member) []byte { return encodeJSON(m.listed(false, details)) })
}

// listUsersByStatus responds to users.listByStatus, as far as it is asked without
// narrowing: everybody gets to see the details.
func (w *Workspace) listUsersByStatus(x *exchange) *response {
	return w.cutUsers(x, w.behavior.listByStatusIsWhole, func(m *member) []byte { return m.json })
}

// cutUsers cuts a page from the users in the order that is asked for, by username
// unless one is. count=0 is everybody, whatever the upper limit.
func (w *Workspace) cutUsers(x *exchange, whole bool, encode func(*member) []byte) *response {
	if w.options.ViewOutsideRoomForUsers && !w.can(x.user, PermissionViewOutsideRoom) {
		return plainError(http.StatusForbidden, w.behavior.forbidden)
	}
	members := w.store.users.sorted(x.params.Get("sort") == sortByID)
	if !whole {
		members = slices.DeleteFunc(members, func(m *member) bool {
			return m.nameless(w.can(x.user, PermissionViewFullInfo))
		})
	}
	offset, from, to, refused := w.cut(x, len(members))
	if refused != nil {
		return refused
	}
	var rows [][]byte
	for _, m := range members[from:to] {
		rows = append(rows, encode(m))
	}
	return listResponse("users", rows, len(members), offset, len(rows))
}

// sortByID is the one sort of users and settings that is simulated.
const sortByID = `{"_id":1}`

// cut places the page that is asked for in a list of n rows; count=0 is all of them,
// whatever the upper limit.
func (w *Workspace) cut(x *exchange, n int) (offset, from, to int, refused *response) {
	offset, count := w.pagination(x.params)
	switch sort := x.params.Get("sort"); {
	case x.params.Has("sort") && sort != sortByID:
		return 0, 0, 0, invalidSort(sort)
	case count < 0:
		return 0, 0, 0, negativeLimit(count)
	case count == 0:
		count = n
	}
	from, to = bounds(n, offset, count)
	return offset, from, to, nil
}

// nameless reports whether the query of the list passes over a user: with neither
// username nor name, nor, for who sees the details, an e-mail address.
func (u *DirectoryUser) nameless(details bool) bool {
	has := func(v Optional[string]) bool { return v.State != Absent && v != Some("") }
	return !has(u.Username) && !has(u.Name) && (!details || u.Emails.State == Absent)
}

// listRoles responds to roles.list, which has no pages.
func (w *Workspace) listRoles(*exchange) *response {
	return jsonResponse(http.StatusOK, struct {
		Roles   []Role `json:"roles"`
		Success bool   `json:"success"`
	}{w.roles, true})
}

// CreateUser adds a user, or replaces the one of that id. Sessions of that id
// are the user's from then on, and have the user's names: the server looks up the
// user as it lists them.
func (w *Workspace) CreateUser(u DirectoryUser) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store.users.put(u)
	w.store.editSessions(u.ID, func(s *Session) {
		user := s.User.Value
		user.Username, user.Name, user.AvatarETag = u.Username, u.Name, u.AvatarETag
		s.User = Some(user)
	})
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
