// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"cmp"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
)

// Options describe a workspace. The zero value is one of release 8.6.1 with
// the nine documented sessions, [DefaultAccounts] and every setting as
// Rocket.Chat installs it.
type Options struct {
	// Release is one of [Releases], [Release861] unless set.
	Release Release
	// Clock is [clock.System] unless set.
	Clock clock.Clock
	// ClockSkew is how far the server's clock is ahead of Clock.
	ClockSkew time.Duration

	// Synthetic asks for that many rows of [SyntheticSessions], the newest of
	// them logged in as the workspace starts, instead of the documented nine.
	Synthetic int
	// SharedConnections has every 37th synthetic row be that of another login token
	// of the connection before it: both rows have one session id (S).
	SharedConnections bool
	// MissingIDs passes the synthetic rows through [MissingIDs].
	MissingIDs bool
	// Sessions are the rows, when not nil; they go before Synthetic.
	Sessions []Session
	// Reconnections have clients connect again by themselves.
	Reconnections Reconnections
	// Accounts may call the API; nil is [DefaultAccounts].
	Accounts []Account

	// Users are the users of the workspace, when not nil: these and no others.
	// Otherwise they are the users of the rows and of Accounts, and with Synthetic
	// those of [SyntheticUsers]; users of sessions that log in later join them.
	Users []DirectoryUser
	// SyntheticUsers asks for that many synthetic users who have no session, beside
	// those of the synthetic rows.
	SyntheticUsers int
	// Roles are those of the workspace; nil is [DefaultRoles].
	Roles []Role
	// Mandatory2FA are the ids of the roles for which a second factor is mandatory, when
	// not nil, whatever Roles say.
	Mandatory2FA []string
	// Permissions are those of the workspace; nil is [DefaultPermissions].
	Permissions []Permission
	// PermissionRoles are the ids of the roles that hold a permission, by its ID, instead
	// of those in Permissions.
	PermissionRoles map[string][]string
	// Settings are those that the workspace shows; nil is [DefaultSettings]. Those by
	// which the workspace works have the values of the options below.
	Settings []Setting
	// SettingValues are values of other settings, by ID, instead of those in Settings.
	SettingValues map[string]any
	// ViewOutsideRoomForUsers is the setting
	// API_Apply_permission_view-outside-room_on_users-list switched on.
	ViewOutsideRoomForUsers bool

	// NoLicense is a workspace without the module device-management.
	NoLicense bool
	RateLimit RateLimit

	// UpperCount is API_Upper_Count_Limit, 100 unless set; DefaultCount is
	// API_Default_Count, 50 unless set; DisallowInfiniteCount is
	// API_Allow_Infinite_Count switched off.
	UpperCount            int
	DefaultCount          int
	DisallowInfiniteCount bool

	// RememberFor is how long a token is remembered after a second factor, and
	// a user after registration: nil is 1800 s, zero never.
	RememberFor         *time.Duration
	TwoFactorOff        bool
	PasswordFallbackOff bool

	// SwapTies has rows of equal login time come in another order at every
	// request, as MongoDB may send them. Seed decides which.
	SwapTies bool
	// Seed drives everything that looks random: synthetic rows, reconnections,
	// e-mail codes and swapping ties.
	Seed uint64

	// OnMail is called with every e-mail that the workspace sends. It must not call the workspace.
	OnMail func(Mail)
}

// RateLimit is the limiter of the REST API. Zero fields are 10 calls in 60 s.
type RateLimit struct {
	Off    bool
	Calls  int
	Window time.Duration
}

// Reconnections are how often a client, drawn at random, connects again: its row
// ends, and one with another id and the present login time is above all others.
type Reconnections struct {
	// PerPage is how many before each page of sessions that the workspace serves.
	PerPage float64
	// PerSecond is how many in a second of the server's clock, at most 1000.
	PerSecond float64
}

// withDefaults replaces what is not set by what Rocket.Chat installs.
func (o Options) withDefaults() Options {
	o.Release = cmp.Or(o.Release, Release861)
	o.RateLimit.Calls = cmp.Or(o.RateLimit.Calls, 10)
	o.RateLimit.Window = cmp.Or(o.RateLimit.Window, time.Minute)
	o.UpperCount = cmp.Or(o.UpperCount, 100)
	o.DefaultCount = cmp.Or(o.DefaultCount, 50)
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.RememberFor == nil {
		o.RememberFor = new(1800 * time.Second)
	}
	if o.Accounts == nil {
		o.Accounts = DefaultAccounts()
	}
	if o.Roles == nil {
		o.Roles = DefaultRoles()
	}
	if o.Permissions == nil {
		o.Permissions = DefaultPermissions()
	}
	if o.Settings == nil {
		o.Settings = DefaultSettings(o.Release)
	}
	return o
}

// rows are the sessions that the options ask for.
func (o Options) rows(newest time.Time) []Session {
	switch {
	case o.Sessions != nil:
		return o.Sessions
	case o.Synthetic == 0:
		return DocumentedSessions()
	}
	rows := SyntheticSessions(o.Synthetic, o.Seed, newest)
	if o.SharedConnections {
		rows = sharedConnections(rows)
	}
	if o.MissingIDs {
		rows = MissingIDs(rows)
	}
	return rows
}
