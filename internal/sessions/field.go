// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// Field is a field of the session object.
type Field = table.Field[Session]

// LoginAt is the key of the login time, which sorts but is not matched by an
// expression.
const LoginAt = "login_at"

// IP is the key of the address.
const IP = "ip"

// Where the server has the value of a field from.
const (
	// fromRow is what the server stores of a connection.
	fromRow = ""
	// fromID is an ID of the connection, which is missing or empty before release 6.6.
	fromID = "id"
	// FromUser is what the server joins to a row in the list of all users. It can change between
	// two pages. The list of the token's own user has none of it, and a null one would say
	// that the user was deleted.
	FromUser = "user"
	// fromToken is what the server says about the calling token, only in the list of its own user.
	fromToken = "token"
)

// everyField is the table: every field of a session, an object before its own fields. Everything
// that users see of a session is derived from it, and so are order and identity.
func everyField() []Field {
	return []Field{
		{
			Path: "id", From: fromID, Text: func(s *Session) *string { return s.ID },
			Description: "ID of the row. Equal to `session_id` since release 6.6; can be null in earlier releases. Not unique: two tokens " +
				"used on one connection share it, so group by it (`...`) in a map.",
		},
		{
			Path: "session_id", Key: "session_id", From: fromID, Text: func(s *Session) *string { return s.SessionID },
			Description: "ID of the session, for `rocketchat_session_logout`. Can be null before release 6.6.",
		},
		{
			Path: "user_id", Key: "user_id", Text: func(s *Session) *string { return s.UserID },
			Description: "ID of the user.",
		},
		{
			Path: "host", Key: "host", Text: func(s *Session) *string { return s.Host },
			Description: "Host that the client connected to.",
		},
		{
			Path: "ip", Key: IP, Text: func(s *Session) *string { return s.IP },
			Description: "Address of the client as the workspace sees it: IPv4, IPv6, an IPv4-mapped form such as `::ffff:10.1.2.3`, or a list " +
				"if proxies add to it.",
		},
		{
			Path: "login_at", Key: LoginAt, Time: func(s *Session) *time.Time { return s.LoginAt },
			Description: "When the client last connected with its token, in RFC 3339 format, UTC, with milliseconds: " +
				"`2023-05-24T00:25:54.234Z`. A client reconnects when a page is reloaded or a laptop wakes up, so this is not when the " +
				"session began. Rocket.Chat calls it \"Last login\".",
		},
		{
			Path: "device", Object: func(s *Session) bool { return s.Device != nil },
			Description: "What the client reports about itself; null if it reports nothing.",
		},
		{
			Path: "device.type", Key: "device_type", Text: ofDevice(func(d *Device) *table.Text { return &d.Type }),
			Description: "`browser`, `mobile`, `tablet`, `mobile-app`, `desktop-app`, `other`, or empty (browsers on macOS).",
		},
		{
			Path: "device.name", Key: "device_name", Text: ofDevice(func(d *Device) *table.Text { return &d.Name }),
			Description: "Name of the browser or app, such as `Chrome`.",
		},
		{
			Path: "device.version", Key: "device_version", Text: ofDevice(func(d *Device) *table.Text { return &d.Version }),
			Description: "Version, such as `113.0.0`.",
		},
		{
			Path: "device.long_version", Text: ofDevice(func(d *Device) *table.Text { return &d.LongVersion }),
			Description: "Full version, such as `113.0.0.0`.",
		},
		{
			Path: "device.os", Object: func(s *Session) bool { return s.Device != nil && s.Device.OS.Present },
			Description: "Operating system; null if the client does not report it.",
		},
		{
			Path: "device.os.name", Key: "os_name", Text: ofDevice(func(d *Device) *table.Text { return &d.OS.Value.Name }),
			Description: "Name, such as `Windows`.",
		},
		{
			Path: "device.os.version", Key: "os_version", Text: ofDevice(func(d *Device) *table.Text { return &d.OS.Value.Version }),
			Description: "Version, such as `10`; null on most Linux systems. Browsers freeze it: 10.15.7 for every macOS, 10 for Windows 11.",
		},
		{
			Path: "user", From: FromUser, Object: func(s *Session) bool { return s.User != nil },
			Description: "The user; null if the user was deleted.",
		},
		{
			Path: "user.username", Key: "username", From: FromUser, Text: ofUser(func(u *User) *table.Text { return &u.Username }),
			Description: "Username, without the `@`.",
		},
		{
			Path: "user.name", Key: "name", From: FromUser, Text: ofUser(func(u *User) *table.Text { return &u.Name }),
			Description: "Display name; null if the user has none.",
		},
		{
			Path: "user.avatar_etag", From: FromUser, Text: ofUser(func(u *User) *table.Text { return &u.AvatarETag }),
			Description: "Changes with the avatar; null if the user has none.",
		},
		{
			Path: "user.roles", From: FromUser, Texts: rolesOf,
			Description: "IDs of the user's roles. The ID of a default role is its name, such as `admin`. " + fromUsers,
		},
		{
			Path: "user.type", From: FromUser, Text: ofAccount(func(a *users.Account) *string { return a.Type.Pointer() }),
			Description: "`user`, `bot` or `app`. " + fromUsers,
		},
		{
			Path: "user.active", From: FromUser, Bool: ofAccount(func(a *users.Account) *bool { return &a.Active }),
			Description: "False for a deactivated user, and for one for whom the workspace does not report it. " + fromUsers,
		},
		{
			Path: "current", From: fromToken, Bool: func(s *Session) *bool { return s.Current },
			Description: "Whether this is the session of the token that the provider uses; null before release 8.7.",
		},
	}
}

const fromUsers = "Null unless `user_details` is true."

func ofDevice(text func(*Device) *table.Text) func(*Session) *string {
	return func(s *Session) *string {
		if s.Device == nil {
			return nil
		}
		return text(s.Device).Pointer()
	}
}

func ofUser(text func(*User) *table.Text) func(*Session) *string {
	return func(s *Session) *string {
		if s.User == nil {
			return nil
		}
		return text(s.User).Pointer()
	}
}

func ofAccount[V any](value func(*users.Account) *V) func(*Session) *V {
	return func(s *Session) *V {
		if s.Account == nil {
			return nil
		}
		return value(s.Account)
	}
}

func rolesOf(s *Session) []string {
	if s.Account == nil {
		return nil
	}
	return s.Account.Roles
}

// Fields returns the fields of a session in the list of all users, in documented order, as a
// slice of the caller's own.
func Fields() []Field { return table.From(everyField(), fromRow, fromID, FromUser) }

// OwnFields returns the fields of a session in the list of the token's own user.
func OwnFields() []Field { return table.From(everyField(), fromRow, fromID, fromToken) }
