// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// timeLayout is how JavaScript writes a date into JSON.
const timeLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements [json.Marshaler]. It is written by hand because a
// workspace of 600,000 rows encodes all of them as it starts.
func (s Session) MarshalJSON() ([]byte, error) { return s.appendJSON(nil), nil }

func (s *Session) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.text("sessionId", s.SessionID)
	o.text("userId", s.UserID)
	if o.name("device", s.Device.State) {
		o.b = s.Device.Value.appendJSON(o.b)
	}
	o.text("host", s.Host)
	o.text("ip", s.IP)
	o.time("loginAt", s.LoginAt)
	o.time("logoutAt", s.LogoutAt)
	if o.name("_user", s.User.State) {
		o.b = s.User.Value.appendJSON(o.b)
	}
	o.text("_id", s.ID)
	o.bool("current", s.Current)
	return append(o.b, '}')
}

func (d *Device) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.text("type", d.Type)
	o.text("name", d.Name)
	o.text("longVersion", d.LongVersion)
	if o.name("os", d.OS.State) {
		system := object{b: append(o.b, '{')}
		system.text("name", d.OS.Value.Name)
		system.text("version", d.OS.Value.Version)
		o.b = system.b
		o.b = append(o.b, '}')
	}
	o.text("version", d.Version)
	return append(o.b, '}')
}

func (u *User) appendJSON(b []byte) []byte {
	o := object{b: append(b, '{')}
	o.text("username", u.Username)
	o.text("name", u.Name)
	o.text("avatarETag", u.AvatarETag)
	o.text("avatarOrigin", u.AvatarOrigin)
	return append(o.b, '}')
}

// object is a JSON object under construction.
type object struct {
	b     []byte
	begun bool
}

// name writes a field's name, and null where the field is null; it reports
// whether a value has to follow.
func (o *object) name(name string, state State) bool {
	if state == Absent {
		return false
	}
	if o.begun {
		o.b = append(o.b, ',')
	}
	o.begun = true
	o.b = append(append(append(o.b, '"'), name...), '"', ':')
	if state == Null {
		o.b = append(o.b, "null"...)
	}
	return state == Present
}

func (o *object) text(name string, v Optional[string]) {
	if o.name(name, v.State) {
		o.b = appendString(o.b, v.Value)
	}
}

func (o *object) bool(name string, v Optional[bool]) {
	if o.name(name, v.State) {
		o.b = strconv.AppendBool(o.b, v.Value)
	}
}

func (o *object) time(name string, v Optional[time.Time]) {
	if o.name(name, v.State) {
		o.b = append(v.Value.UTC().AppendFormat(append(o.b, '"'), timeLayout), '"')
	}
}

// appendList writes a JSON array.
func appendList[T any](b []byte, list []T, one func([]byte, T) []byte) []byte {
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, v)
	}
	return append(b, ']')
}

// appendString quotes s as JSON.stringify does, which leaves <, > and & alone.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\t':
			b = append(b, '\\', 't')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&0xf])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
