// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"net/http"
	"slices"
	"strings"
)

// listPublicSettings responds to settings.public.
func (w *Workspace) listPublicSettings(x *exchange) *response {
	ids := strings.Split(x.params.Get("_id"), ",")
	for i, id := range ids {
		ids[i] = strings.TrimSpace(id)
	}
	narrowed := w.behavior.selectsSettings && x.params.Get("_id") != ""
	return w.cutSettings(x, func(s Setting) bool { return s.Public && (!narrowed || slices.Contains(ids, s.ID)) })
}

// listSettings responds to settings: the public ones, and to some the private ones, with the
// values of secrets.
func (w *Workspace) listSettings(x *exchange) *response {
	all := w.can(x.user, PermissionViewSettings)
	return w.cutSettings(x, func(s Setting) bool { return s.Public || all })
}

// cutSettings cuts a page from the settings that are shown, in ascending order of their IDs.
func (w *Workspace) cutSettings(x *exchange, shown func(Setting) bool) *response {
	settings := slices.DeleteFunc(slices.Clone(w.settings), func(s Setting) bool { return s.Hidden || !shown(s) })
	offset, from, to, refused := w.cut(x, len(settings))
	if refused != nil {
		return refused
	}
	var rows [][]byte
	for _, s := range settings[from:to] {
		rows = append(rows, encodeJSON(s))
	}
	return listResponse("settings", rows, len(settings), offset, len(rows))
}

// showSetting responds to settings/:_id. Nothing distinguishes an unknown setting from a hidden one.
func (w *Workspace) showSetting(id string) *response {
	at := slices.IndexFunc(w.settings, func(s Setting) bool { return s.ID == id && !s.Hidden })
	if at < 0 {
		return jsonResponse(http.StatusBadRequest, struct {
			Success bool `json:"success"`
		}{})
	}
	return jsonResponse(http.StatusOK, struct {
		ID      string `json:"_id"`
		Value   any    `json:"value"`
		Success bool   `json:"success"`
	}{id, w.settings[at].Value, true})
}

// listPermissions responds to permissions.listAll, which has no pages.
func (w *Workspace) listPermissions(*exchange) *response {
	return jsonResponse(http.StatusOK, struct {
		Update  []Permission `json:"update"`
		Remove  []Permission `json:"remove"`
		Success bool         `json:"success"`
	}{w.permissions, []Permission{}, true})
}

// showOwn responds to me.
func (w *Workspace) showOwn(x *exchange) *response {
	u := w.ownUser(x.user)
	me := ownAccount{
		ID: u.ID, Username: u.Username, Name: u.Name, Emails: u.Emails, Status: u.Status, Roles: u.Roles, Active: u.Active,
		UpdatedAt: "2024-01-15T12:00:00.000Z", Settings: map[string]any{
			"profile": map[string]any{}, "preferences": map[string]any{"enableAutoAway": true, "idleTimeLimit": 300},
		}, Success: true,
	}
	if len(u.Emails.Value) > 0 {
		me.Email = u.Emails.Value[0].Address
	}
	if x.user.TOTPSecret != "" {
		me.Services.TOTP = map[string]bool{"enabled": true}
	}
	if x.user.Password != "" {
		me.Services.Password = map[string]bool{"exists": true}
	}
	return jsonResponse(http.StatusOK, me)
}

// ownAccount is the caller, as me shows it.
type ownAccount struct {
	ID        string             `json:"_id"`
	Username  Optional[string]   `json:"username,omitzero"`
	Name      Optional[string]   `json:"name,omitzero"`
	Emails    Optional[[]Email]  `json:"emails,omitzero"`
	Email     string             `json:"email,omitempty"`
	Status    Optional[string]   `json:"status,omitzero"`
	Settings  map[string]any     `json:"settings"`
	Roles     Optional[[]string] `json:"roles,omitzero"`
	Active    Optional[bool]     `json:"active,omitzero"`
	UpdatedAt string             `json:"_updatedAt"`
	Services  struct {
		TOTP     map[string]bool `json:"totp,omitempty"`
		Password map[string]bool `json:"password,omitempty"`
	} `json:"services"`
	OAuth   bool `json:"isOAuthUser"`
	Success bool `json:"success"`
}

// ownUser is the user of an account, whom [Options.Users] may leave out, or show with
// other roles than those of the account.
func (w *Workspace) ownUser(u *user) DirectoryUser {
	m, ok := w.store.users.byID[u.UserID]
	if !ok {
		return u.directoryUser()
	}
	own := m.DirectoryUser
	if w.options.Users != nil && u.Roles != nil {
		own.Roles = Some(u.Roles)
	}
	return own
}

// can reports whether an account holds a permission: one that is given to itself, or else
// one of its roles. Nobody is nil.
func (w *Workspace) can(u *user, permission string) bool {
	switch {
	case u == nil:
		return false
	case u.Permissions != nil:
		return slices.Contains(u.Permissions, permission)
	}
	roles := w.ownUser(u).Roles.Value
	return slices.ContainsFunc(w.permissions, func(p Permission) bool {
		return p.ID == permission && slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(roles, role) })
	})
}
