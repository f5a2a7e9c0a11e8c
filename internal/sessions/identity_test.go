// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

func TestFields_identity(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 5, 6, 7, 8, 9, 123_000_000, time.UTC)
	elsewhere := at.In(time.FixedZone("", 7200))
	nameless := func() *sessions.Session {
		return &sessions.Session{
			UserID: new("u"), LoginAt: &at,
			Device: &sessions.Device{Name: table.Some("Chrome"), OS: table.Some(sessions.OS{Name: table.Some("Linux")})},
		}
	}
	with := func(change func(*sessions.Session)) *sessions.Session {
		s := nameless()
		change(s)
		return s
	}
	for name, c := range map[string]struct {
		a, b *sessions.Session
		same bool
	}{
		"one session id": {
			&sessions.Session{SessionID: new("s"), UserID: new("u")},
			&sessions.Session{SessionID: new("s"), UserID: new("u"), IP: new("192.0.2.1")}, true,
		},
		"one session id, two users": {
			&sessions.Session{SessionID: new("s"), UserID: new("u")},
			&sessions.Session{SessionID: new("s"), UserID: new("v")}, false,
		},
		"one session id, two logins": {
			&sessions.Session{SessionID: new("s"), LoginAt: &at},
			&sessions.Session{SessionID: new("s"), LoginAt: new(at.Add(time.Millisecond))}, false,
		},
		"one session id, two zones": {
			&sessions.Session{SessionID: new("s"), LoginAt: &at},
			&sessions.Session{SessionID: new("s"), LoginAt: &elsewhere}, true,
		},
		"two session ids": {
			&sessions.Session{SessionID: new("s"), ID: new("i")},
			&sessions.Session{SessionID: new("S"), ID: new("i")}, false,
		},
		"id in place of a session id": {&sessions.Session{ID: new("s")}, &sessions.Session{SessionID: new("s"), ID: new("s")}, true},
		"empty session id": {
			&sessions.Session{SessionID: new(""), ID: new("a")},
			&sessions.Session{SessionID: new(""), ID: new("b")}, false,
		},
		"no ids, all equal":         {nameless(), nameless(), true},
		"no ids, empty ids":         {nameless(), with(func(s *sessions.Session) { s.ID, s.SessionID = new(""), new("") }), true},
		"no ids, another zone":      {nameless(), with(func(s *sessions.Session) { s.LoginAt = &elsewhere }), true},
		"no ids, another address":   {nameless(), with(func(s *sessions.Session) { s.IP = new("192.0.2.1") }), false},
		"no ids, another host":      {nameless(), with(func(s *sessions.Session) { s.Host = new("chat.example.invalid") }), false},
		"no ids, another user name": {nameless(), with(func(s *sessions.Session) { s.User = &sessions.User{} }), true},
		"no ids, another user":      {nameless(), with(func(s *sessions.Session) { s.UserID = new("v") }), false},
		"no ids, no user":           {nameless(), with(func(s *sessions.Session) { s.UserID = nil }), false},
		"no ids, another time":      {nameless(), with(func(s *sessions.Session) { s.LoginAt = new(at.Add(time.Millisecond)) }), false},
		"no ids, no time":           {nameless(), with(func(s *sessions.Session) { s.LoginAt = nil }), false},
		"no ids, no device":         {nameless(), with(func(s *sessions.Session) { s.Device = nil }), false},
		"no ids, another system": {nameless(), with(func(s *sessions.Session) {
			s.Device.OS = table.Some(sessions.OS{Name: table.Some("Windows")})
		}), false},
		"no ids, text moved over": {
			with(func(s *sessions.Session) { s.Device.Type, s.Device.Name = table.Some("a"), table.Some("b c") }),
			with(func(s *sessions.Session) { s.Device.Type, s.Device.Name = table.Some("a b"), table.Some("c") }), false,
		},
		"no ids, missing is not a dash": {
			with(func(s *sessions.Session) { s.Device.Type = table.Text{} }),
			with(func(s *sessions.Session) { s.Device.Type = table.Some("-") }), false,
		},
		"nothing at all": {&sessions.Session{}, &sessions.Session{}, true},
	} {
		if a, b := sessions.IdentityOf(c.a), sessions.IdentityOf(c.b); (a == b) != c.same {
			t.Errorf("%s: %+v and %+v", name, a, b)
		}
	}
}
