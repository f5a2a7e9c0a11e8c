// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"strings"
	"time"
)

// Session is one row as the server lists it, with absent and null fields told
// apart. Its JSON is the server's.
type Session struct {
	SessionID Optional[string] `json:"sessionId"`
	UserID    Optional[string] `json:"userId"`
	Device    Optional[Device] `json:"device"`
	Host      Optional[string] `json:"host"`
	IP        Optional[string] `json:"ip"`
	// LoginAt has milliseconds.
	LoginAt  Optional[time.Time] `json:"loginAt"`
	LogoutAt Optional[time.Time] `json:"logoutAt"`
	// User is absent for a user who was deleted.
	User Optional[User]   `json:"_user"`
	ID   Optional[string] `json:"_id"`
	// Current tells in sessions/list of newer releases whether the session is
	// that of the token that asks: LoginToken is the account's token then.
	Current Optional[bool] `json:"current"`

	// LoginToken is never sent in a list. Rows of one token are connections of
	// one login: only the newest is listed, and a logout ends them all. Empty
	// is a token of the row's own.
	LoginToken string `json:"-"`
}

// Device is what the client said of itself as it connected.
type Device struct {
	// Type is browser, mobile, tablet, mobile-app, desktop-app, other, or
	// empty for a browser on macOS.
	Type        Optional[string] `json:"type"`
	Name        Optional[string] `json:"name"`
	LongVersion Optional[string] `json:"longVersion"`
	OS          Optional[OS]     `json:"os"`
	Version     Optional[string] `json:"version"`
}

// OS is the operating system of a [Device]. Linux comes without a version.
type OS struct {
	Name    Optional[string] `json:"name"`
	Version Optional[string] `json:"version"`
}

// User is the owner of a row.
type User struct {
	Username     Optional[string] `json:"username"`
	Name         Optional[string] `json:"name"`
	AvatarETag   Optional[string] `json:"avatarETag"`
	AvatarOrigin Optional[string] `json:"avatarOrigin"`

	// Nickname and Inactive are never sent; the server's filter uses them.
	Nickname string `json:"-"`
	Inactive bool   `json:"-"`
}

// searchTerm is the string that the server builds at login and filters by:
// device name, device type, name of the operating system, session id and user
// id, with nothing between them.
func (s *Session) searchTerm() string {
	var b strings.Builder
	if device, ok := s.Device.Get(); ok {
		b.WriteString(device.Name.Value)
		b.WriteString(device.Type.Value)
		b.WriteString(device.OS.Value.Name.Value)
	}
	b.WriteString(s.SessionID.Value)
	b.WriteString(s.UserID.Value)
	return b.String()
}
