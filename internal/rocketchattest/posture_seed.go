// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"maps"
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

// Permission is a permission as permissions.listAll lists one.
type Permission struct {
	ID string `json:"_id"`
	// Roles are the IDs of the roles that hold it; some may be gone.
	Roles []string `json:"roles"`
	// Level, SettingID and Group are those of a permission to change one setting.
	Level     string `json:"level,omitempty"`
	SettingID string `json:"settingId,omitempty"`
	Group     string `json:"group,omitempty"`
	UpdatedAt string `json:"_updatedAt"`
}

// updatedAt is when every permission was last changed.
const updatedAt = "2024-01-15T10:00:00.000Z"

// DefaultSettings are some of the settings that a release installs, public, private
// and hidden, with the values of secrets in clear, as a workspace has them.
func DefaultSettings(release Release) []Setting {
	var settings []Setting
	for _, seed := range read[struct {
		Setting

		Public bool `json:"public"`
		Hidden bool `json:"hidden"`
		// Only is the one release that has the setting, and Absent one that lacks it.
		Only   Release `json:"only"`
		Absent Release `json:"absent"`
	}]("settings.json") {
		if seed.Absent != release && (seed.Only == "" || seed.Only == release) {
			seed.Setting.Public, seed.Setting.Hidden = seed.Public, seed.Hidden
			settings = append(settings, seed.Setting)
		}
	}
	return settings
}

// DefaultPermissions are some of the permissions that Rocket.Chat installs, those that
// the routes ask for and powerful ones among them, held by the roles that it gives them
// to (S) and by those of [DefaultRoles].
func DefaultPermissions() []Permission { return read[Permission]("permissions.json") }

// settings are those of the workspace, in ascending order of their IDs.
func (o *Options) settings() []Setting {
	settings := slices.Clone(o.Settings)
	own := o.ownSettings()
	for i, s := range settings {
		if value, ok := own[s.ID]; ok {
			settings[i].Value = value
		}
	}
	for id, value := range o.SettingValues {
		at := slices.IndexFunc(settings, func(s Setting) bool { return s.ID == id })
		if _, ok := own[id]; ok || at < 0 {
			panic(fmt.Sprintf("rocketchattest: %s has an option of its own, or is no setting of the workspace", id))
		}
		settings[at].Value = value
	}
	slices.SortFunc(settings, func(a, b Setting) int { return strings.Compare(a.ID, b.ID) })
	return settings
}

// HasOption reports whether a setting is one by which the workspace works, so that an option
// other than SettingValues sets it.
func (o Options) HasOption(id string) bool {
	whole := o.withDefaults()
	_, ok := whole.ownSettings()[id]
	return ok
}

// ownSettings are the values of the settings by which the workspace works, each of an
// option.
func (o *Options) ownSettings() map[string]any {
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
func (o *Options) permissions() []Permission {
	permissions := slices.Clone(o.Permissions)
	for _, id := range slices.Sorted(maps.Keys(o.PermissionRoles)) {
		at := slices.IndexFunc(permissions, func(p Permission) bool { return p.ID == id })
		if at < 0 {
			panic(fmt.Sprintf("rocketchattest: the workspace has no permission %s", id))
		}
		permissions[at].Roles = o.PermissionRoles[id]
	}
	for i, p := range permissions {
		if p.Roles == nil {
			permissions[i].Roles = []string{}
		}
		if p.UpdatedAt == "" {
			permissions[i].UpdatedAt = updatedAt
		}
	}
	return permissions
}

// roles are those of the workspace.
func (o *Options) roles() []Role {
	roles := slices.Clone(o.Roles)
	for _, id := range o.Mandatory2FA {
		at := slices.IndexFunc(roles, func(r Role) bool { return r.ID == id })
		if at < 0 {
			panic(fmt.Sprintf("rocketchattest: the workspace has no role %s", id))
		}
	}
	for i := range roles {
		if o.Mandatory2FA != nil {
			roles[i].Mandatory2FA = slices.Contains(o.Mandatory2FA, roles[i].ID)
		}
	}
	return roles
}
