// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
)

// The permissions that the routes of users ask for.
const (
	PermissionViewRoom        = "view-d-room"
	PermissionViewFullInfo    = "view-full-other-user-info"
	PermissionViewOutsideRoom = "view-outside-room"
)

// listUsers answers users.list.
func (w *Workspace) listUsers(x *exchange) *answer {
	return w.cutUsers(x, view{details: x.user.can(PermissionViewFullInfo)}, false)
}

// listUsersByStatus answers users.listByStatus, as far as it is asked without
// narrowing: everybody gets to see the details.
func (w *Workspace) listUsersByStatus(x *exchange) *answer {
	return w.cutUsers(x, view{byStatus: true, details: true}, w.behaviour.listByStatusIsWhole)
}

// cutUsers cuts a page from the users in the order that is asked for, by username
// unless one is. count=0 is everybody, whatever the upper limit.
func (w *Workspace) cutUsers(x *exchange, v view, whole bool) *answer {
	if w.options.ViewOutsideRoomForUsers && !x.user.can(PermissionViewOutsideRoom) {
		return plainError(http.StatusForbidden, w.behaviour.forbidden)
	}
	p := w.pagination(x.params)
	keys, refused := w.parseSort(x.params)
	if refused != nil {
		return refused
	}
	if p.count < 0 {
		return negativeLimit(p.count)
	}
	if keys == nil {
		keys = []sortKey{{"username", 1}}
	}
	members := w.store.users.order(keys)
	if !whole {
		members = slices.DeleteFunc(slices.Clone(members), func(m *member) bool {
			return m.nameless(x.user.can(PermissionViewFullInfo))
		})
	}
	members = w.swapMembers(x, members, keys)
	total := int64(len(members))
	from := min(max(p.offset, 0), total)
	to := total
	if p.count > 0 {
		to = min(from+p.count, total)
	}
	b := appendList([]byte(`{"users":`), members[from:to], func(b []byte, m *member) []byte {
		return m.appendJSON(b, v)
	})
	b = strconv.AppendInt(append(b, ",\"count\":"...), to-from, 10)
	b = strconv.AppendInt(append(b, ",\"offset\":"...), p.offset, 10)
	b = strconv.AppendInt(append(b, ",\"total\":"...), total, 10)
	return &answer{status: http.StatusOK, contentType: typeJSON, body: append(b, ",\"success\":true}"...)}
}

// nameless tells whether the query of the list passes over a user: with neither
// username nor name, nor, for who sees the details, an e-mail address.
func (u *DirectoryUser) nameless(details bool) bool {
	has := func(v Optional[string]) bool { return v.State != Absent && v != Some("") }
	return !has(u.Username) && !has(u.Name) && (!details || u.Emails.State == Absent)
}

// swapMembers shuffles users who tie, where the workspace does that.
func (w *Workspace) swapMembers(x *exchange, members []*member, keys []sortKey) []*member {
	swap := w.swap(x)
	if swap == nil {
		return members
	}
	return shuffleTies(slices.Clone(members), swap, func(a, b *member) bool { return compareMembers(a, b, keys) == 0 })
}

// shuffleTies shuffles neighbours that tie, in place.
func shuffleTies[T any](list []T, swap *rand.Rand, tied func(a, b T) bool) []T {
	for begin := 0; begin < len(list); {
		end := begin + 1
		for end < len(list) && tied(list[begin], list[end]) {
			end++
		}
		tie := list[begin:end]
		swap.Shuffle(len(tie), func(i, j int) { tie[i], tie[j] = tie[j], tie[i] })
		begin = end
	}
	return list
}

// listRoles answers roles.list, which has no pages.
func (w *Workspace) listRoles(*exchange) *answer {
	return jsonAnswer(http.StatusOK, struct {
		Roles   []Role `json:"roles"`
		Success bool   `json:"success"`
	}{w.options.Roles, true})
}

// CreateUser adds a user, or replaces the one of that id. Sessions of that id
// are the user's from then on.
func (w *Workspace) CreateUser(u DirectoryUser) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.putUser(&u)
}

// RenameUser gives a user another username and name, in their sessions too;
// false when there is no such user.
func (w *Workspace) RenameUser(id, username, name string) bool {
	return w.changeUser(id, func(u *DirectoryUser) { u.Username, u.Name = Some(username), Some(name) })
}

// SetUserActive activates or deactivates a user, whose sessions stay listed;
// false when there is no such user.
func (w *Workspace) SetUserActive(id string, active bool) bool {
	return w.changeUser(id, func(u *DirectoryUser) { u.Active = Some(active) })
}

// SetUserRoles gives a user the roles of those ids instead of what they had;
// false when there is no such user.
func (w *Workspace) SetUserRoles(id string, roles ...string) bool {
	if roles == nil {
		roles = []string{}
	}
	return w.changeUser(id, func(u *DirectoryUser) { u.Roles = Some(slices.Clone(roles)) })
}

// DeleteUser deletes a user, who can no longer log in. Their sessions stay
// listed, without a user. False when there is no such user.
func (w *Workspace) DeleteUser(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.store.users.remove(id) {
		return false
	}
	delete(w.accounts, id)
	w.store.editSessions(id, func(s *Session) { s.User = None[User]() })
	return true
}

// Directory are the users, in ascending order of their ids.
func (w *Workspace) Directory() []DirectoryUser {
	w.mu.Lock()
	defer w.mu.Unlock()
	members := w.store.users.order([]sortKey{{"_id", 1}})
	users := make([]DirectoryUser, len(members))
	for i, m := range members {
		users[i] = m.DirectoryUser
	}
	return users
}

func (w *Workspace) changeUser(id string, change func(*DirectoryUser)) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, ok := w.store.users.byID[id]
	if !ok {
		return false
	}
	u := m.DirectoryUser
	change(&u)
	w.putUser(&u)
	return true
}

// putUser puts a user into the directory and into their sessions, of which the
// server looks up the user as it lists them.
func (w *Workspace) putUser(u *DirectoryUser) {
	w.store.users.put(u)
	w.store.editSessions(u.ID, func(s *Session) {
		user := s.User.Value
		user.Username, user.Name, user.AvatarETag = u.Username, u.Name, u.AvatarETag
		s.User = Some(user)
	})
}
