// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package sessions selects and sorts sessions: by regular expressions, networks, times
// and more, in a slice. It is pure; it knows neither the network nor Terraform.
package sessions

import (
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

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
	Account *users.Account `json:"-"`
}

// Device is what the client reported about itself when it connected.
type Device struct {
	// Type is browser, mobile, tablet, mobile-app, desktop-app, other or empty.
	Type        table.Text         `json:"type"`
	Name        table.Text         `json:"name"`
	Version     table.Text         `json:"version"`
	LongVersion table.Text         `json:"longVersion"`
	OS          table.Optional[OS] `json:"os"`
}

// OS is the operating system of a [Device].
type OS struct {
	Name    table.Text `json:"name"`
	Version table.Text `json:"version"`
}

// User is the owner of a session, as the server joins it to the row.
type User struct {
	Username table.Text `json:"username"`
	// Name is missing for a user without one.
	Name table.Text `json:"name"`
	// AvatarETag changes with the avatar; missing without one.
	AvatarETag table.Text `json:"avatarETag"`
}
