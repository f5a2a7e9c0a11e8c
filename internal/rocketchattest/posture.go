// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Setting is a setting as settings.public and settings list one.
type Setting struct {
	ID         string `json:"_id"`
	Value      any    `json:"value"`
	Enterprise bool   `json:"enterprise"`
	// InvalidValue and Modules are those of a premium setting: its value without the
	// license, and the modules of which it needs one (S).
	InvalidValue any      `json:"invalidValue,omitempty"`
	Modules      []string `json:"modules,omitempty"`

	// Public settings are shown to everybody, and hidden ones to nobody.
	Public bool `json:"-"`
	Hidden bool `json:"-"`
}

// installedSetting is one that some releases install.
type installedSetting struct {
	Setting

	Public bool `json:"public"`
	Hidden bool `json:"hidden"`
	// Only is the one release that has the setting, and Absent one that lacks it.
	Only   Release `json:"only"`
	Absent Release `json:"absent"`
}

// Permission is a permission as permissions.listAll lists one.
type Permission struct {
	ID string `json:"_id"`
	// Roles are the IDs of the roles that hold it; some may be gone.
	Roles []string `json:"roles"`
	// Level, SettingID and Group are those of a permission to change one setting.
	Level     string `json:"level,omitempty"`
	SettingID string `json:"settingId,omitempty"`
	Group     string `json:"group,omitempty"`
	UpdatedAt string `json:"_updatedAt,omitempty"`
}

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
	return cut(w, x, "settings", settings, func(s Setting) []byte { return encodeJSON(s) })
}

// showSetting responds to settings/:_id. Nothing distinguishes an unknown setting from a hidden one.
func (w *Workspace) showSetting(x *exchange) *response {
	id := path.Base(x.request.URL.Path)
	at := slices.IndexFunc(w.settings, func(s Setting) bool { return s.ID == id && !s.Hidden })
	if at < 0 {
		return jsonResponse(http.StatusBadRequest, fields{"success": false})
	}
	return jsonResponse(http.StatusOK, fields{"_id": id, "value": w.settings[at].Value, "success": true})
}

// listPermissions responds to permissions.listAll, which has no pages.
func (w *Workspace) listPermissions(*exchange) *response {
	return jsonResponse(http.StatusOK, fields{"update": w.permissions, "remove": []Permission{}, "success": true})
}

// showOwn responds to me.
func (w *Workspace) showOwn(x *exchange) *response {
	u, services := w.ownUser(x.user), fields{}
	me := fields{
		"_id": u.ID, "_updatedAt": "2024-01-15T12:00:00.000Z", "services": services, "isOAuthUser": false, "success": true,
		"settings": fields{"profile": fields{}, "preferences": fields{"enableAutoAway": true, "idleTimeLimit": 300}},
	}
	for name, field := range map[string]interface{ IsZero() bool }{
		"username": u.Username, "name": u.Name, "emails": u.Emails, "status": u.Status, "roles": u.Roles, "active": u.Active,
	} {
		if !field.IsZero() {
			me[name] = field
		}
	}
	if len(u.Emails.Value) > 0 {
		me["email"] = u.Emails.Value[0].Address
	}
	if x.user.TOTPSecret != "" {
		services["totp"] = fields{"enabled": true}
	}
	if x.user.Password != "" {
		services["password"] = fields{"exists": true}
	}
	return jsonResponse(http.StatusOK, me)
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

// DefaultSettings are some of the settings that a release installs, public, private
// and hidden, with the values of secrets in clear, as a workspace has them.
func DefaultSettings(release Release) []Setting {
	var settings []Setting
	for _, installed := range installedSettings() {
		if installed.Absent != release && (installed.Only == "" || installed.Only == release) {
			setting := installed.Setting
			setting.Public, setting.Hidden = installed.Public, installed.Hidden
			settings = append(settings, setting)
		}
	}
	return settings
}

// DefaultPermissions are some of the permissions that Rocket.Chat installs, those that
// the routes ask for and powerful ones among them, held by the roles that it gives them
// to (S) and by those of [DefaultRoles].
func DefaultPermissions() []Permission { return slices.Clone(installedPermissions()) }

// settings are those of the workspace, in ascending order of their IDs.
func (o Options) settings() []Setting {
	settings := slices.SortedFunc(slices.Values(o.Settings), func(a, b Setting) int { return strings.Compare(a.ID, b.ID) })
	own := o.ownSettings()
	for i, s := range settings {
		if value, ok := own[s.ID]; ok {
			settings[i].Value = value
		}
	}
	for id, value := range o.SettingValues {
		if _, ok := own[id]; ok {
			panic(fmt.Sprintf("rocketchattest: %s has an option of its own", id))
		}
		find(settings, func(s Setting) bool { return s.ID == id }, id).Value = value
	}
	return settings
}

// find finds what has an ID, and panics if there is nothing: a misspelled ID must not pass.
func find[T any](list []T, has func(T) bool, id string) *T {
	at := slices.IndexFunc(list, has)
	if at < 0 {
		panic("rocketchattest: the workspace has no " + id)
	}
	return &list[at]
}

// HasOption reports whether a setting is one by which the workspace works, so that an option
// other than SettingValues sets it.
func (o Options) HasOption(id string) bool {
	_, ok := o.withDefaults().ownSettings()[id]
	return ok
}

// ownSettings are the values of the settings by which the workspace works, each of an
// option.
func (o Options) ownSettings() map[string]any {
	return map[string]any{
		"API_Allow_Infinite_Count":                                   !o.DisallowInfiniteCount,
		"API_Apply_permission_view-outside-room_on_users-list":       o.ViewOutsideRoomForUsers,
		"API_Default_Count":                                          o.DefaultCount,
		"API_Enable_Rate_Limiter":                                    !o.RateLimit.Off,
		"API_Enable_Rate_Limiter_Limit_Calls_Default":                o.RateLimit.Calls,
		"API_Enable_Rate_Limiter_Limit_Time_Default":                 o.RateLimit.Window.Milliseconds(),
		"API_Upper_Count_Limit":                                      o.UpperCount,
		"Accounts_TwoFactorAuthentication_Enabled":                   !o.TwoFactorOff,
		"Accounts_TwoFactorAuthentication_Enforce_Password_Fallback": !o.PasswordFallbackOff,
		"Accounts_TwoFactorAuthentication_RememberFor":               int(*o.RememberFor / time.Second),
	}
}

// permissions are those of the workspace.
func (o Options) permissions() []Permission {
	permissions := slices.Clone(o.Permissions)
	for id, roles := range o.PermissionRoles {
		find(permissions, func(p Permission) bool { return p.ID == id }, id).Roles = append([]string{}, roles...)
	}
	return permissions
}

// roles are those of the workspace.
func (o Options) roles() []Role {
	roles := slices.Clone(o.Roles)
	if o.Mandatory2FA == nil {
		return roles
	}
	for i := range roles {
		roles[i].Mandatory2FA = false
	}
	for _, id := range o.Mandatory2FA {
		find(roles, func(r Role) bool { return r.ID == id }, id).Mandatory2FA = true
	}
	return roles
}
