// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package sessions selects and sorts sessions: by regular expressions, networks, times
// and more, in a slice. It is pure; it knows neither the network nor Terraform.
package sessions

import "time"

// Session is one row of GET /api/v1/sessions/list.all, as the server sends it. A field
// is nil if the server omits it or sends null. Sessions may share values, because a list
// repeats most hosts, devices and users; do not change them.
type Session struct {
	// ID is `_id`; equal to SessionID since release 6.6, may be missing before.
	ID *string `json:"_id"`
	// SessionID may be missing before release 6.6.
	SessionID *string `json:"sessionId"`
	UserID    *string `json:"userId"`
	// Host is the Host header of the connection.
	Host *string `json:"host"`
	// IP depends on the workspace's proxies: IPv4, IPv6, an IPv4-mapped IPv6 address, or
	// a list.
	IP *string `json:"ip"`
	// LoginAt has milliseconds; Rocket.Chat lists the newest first.
	LoginAt *time.Time `json:"loginAt"`
	Device  *Device    `json:"device"`
	// User is nil for a user who was deleted.
	User *User `json:"_user"`
	// Current reports whether this is the session of the calling token; only sessions/list
	// of release 8.7 and later sends it.
	Current *bool `json:"current"`
	// Account is set by a [Query] with Details; the server does not send it.
	Account *Account `json:"-"`
}

// Device is what the client reported about itself when it connected.
type Device struct {
	// Type is browser, mobile, tablet, mobile-app, desktop-app, other or empty.
	Type        Text         `json:"type"`
	Name        Text         `json:"name"`
	Version     Text         `json:"version"`
	LongVersion Text         `json:"longVersion"`
	OS          Optional[OS] `json:"os"`
}

// OS is the operating system of a [Device].
type OS struct {
	Name    Text `json:"name"`
	Version Text `json:"version"`
}

// User is the owner of a session, as the server joins it to the row.
type User struct {
	Username Text `json:"username"`
	// Name is missing for a user without one.
	Name Text `json:"name"`
	// AvatarETag changes with the avatar; missing without one.
	AvatarETag Text `json:"avatarETag"`
}

// Account is the entry of a session's user in the workspace's list of users. Roles and
// Type may be missing.
type Account struct {
	// Roles are IDs of roles; nil is missing.
	Roles []string `json:"roles"`
	// Type is user, bot or app; other types, such as unknown, are for non-members.
	Type Text `json:"type"`
	// Active is false for a deactivated account, and if it is missing: the server's own
	// check of a login takes it so.
	Active bool `json:"active"`
}
