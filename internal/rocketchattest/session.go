// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import "time"

// Session is one row as the server lists it, with absent and null fields
// distinguished. Its JSON is the server's.
type Session struct {
	SessionID Optional[string] `json:"sessionId,omitzero"`
	UserID    Optional[string] `json:"userId,omitzero"`
	Device    Optional[Device] `json:"device,omitzero"`
	Host      Optional[string] `json:"host,omitzero"`
	IP        Optional[string] `json:"ip,omitzero"`
	// LoginAt has milliseconds.
	LoginAt  Optional[time.Time] `json:"loginAt,omitzero"`
	LogoutAt Optional[time.Time] `json:"logoutAt,omitzero"`
	// User is absent for a user who was deleted.
	User Optional[User]   `json:"_user,omitzero"`
	ID   Optional[string] `json:"_id,omitzero"`
	// Current reports in sessions/list of newer releases whether the session is
	// that of the token that asks: LoginToken is the account's token then.
	Current Optional[bool] `json:"current,omitzero"`

	// LoginToken is never sent in a list. Rows of one token are connections of
	// one client: only the newest is listed, and a logout ends them all. Empty
	// is a token of the row's own.
	LoginToken string `json:"-"`
}

// Device is what the client said of itself as it connected.
type Device struct {
	// Type is browser, mobile, tablet, mobile-app, desktop-app, other, or
	// empty for a browser on macOS.
	Type        Optional[string] `json:"type,omitzero"`
	Name        Optional[string] `json:"name,omitzero"`
	LongVersion Optional[string] `json:"longVersion,omitzero"`
	OS          Optional[OS]     `json:"os,omitzero"`
	Version     Optional[string] `json:"version,omitzero"`
}

// OS is the operating system of a [Device]. Linux comes without a version.
type OS struct {
	Name    Optional[string] `json:"name,omitzero"`
	Version Optional[string] `json:"version,omitzero"`
}

// User is the owner of a row.
type User struct {
	Username     Optional[string] `json:"username,omitzero"`
	Name         Optional[string] `json:"name,omitzero"`
	AvatarETag   Optional[string] `json:"avatarETag,omitzero"`
	AvatarOrigin Optional[string] `json:"avatarOrigin,omitzero"`

	// Nickname and Inactive are never sent; the server's filter uses them.
	Nickname string `json:"-"`
	Inactive bool   `json:"-"`
}

// searchTerm is the string that the server builds at login and filters by:
// device name, device type, name of the operating system, session id and user
// id, with nothing between them.
func (s *Session) searchTerm() string {
	d := s.Device.Value
	return d.Name.Value + d.Type.Value + d.OS.Value.Name.Value + s.SessionID.Value + s.UserID.Value
}
