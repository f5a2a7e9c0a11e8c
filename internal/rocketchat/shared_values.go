// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"sync"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// sharedValues keeps one copy of what the sessions of a read repeat: a few
// hosts, some hundred devices, and users with several sessions each. Of the
// memory that a long list takes it leaves a third, for a tenth of the time that
// decoding takes (BenchmarkRead, TestRowsShareWhatTheyRepeat).
type sharedValues struct {
	mu      sync.Mutex
	texts   map[string]*string
	devices map[deviceValues]*sessions.Device
	users   map[userValues]*sessions.User
}

func newSharedValues() *sharedValues {
	return &sharedValues{
		texts:   map[string]*string{},
		devices: map[deviceValues]*sessions.Device{},
		users:   map[userValues]*sessions.User{},
	}
}

// maybe is a text that may be missing, comparable by value.
type maybe struct {
	text    string
	present bool
}

func maybeOf(text *string) maybe {
	if text == nil {
		return maybe{}
	}
	return maybe{*text, true}
}

// deviceValues tell devices apart.
type deviceValues struct {
	kind, name, version, longVersion, osName, osVersion maybe
	hasOS                                               bool
}

// userValues tell users apart.
type userValues struct{ username, name, avatarETag maybe }

// share replaces what the rows of a page have in common with earlier ones.
func (v *sharedValues) share(rows []*sessions.Session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range rows {
		s.Host, s.IP, s.UserID = v.text(s.Host), v.text(s.IP), v.text(s.UserID)
		s.Device, s.User = v.device(s.Device), v.user(s.User)
		if s.ID != nil && s.SessionID != nil && *s.ID == *s.SessionID {
			s.ID = s.SessionID
		}
	}
}

func (v *sharedValues) text(text *string) *string {
	if text == nil {
		return nil
	}
	if known, ok := v.texts[*text]; ok {
		return known
	}
	v.texts[*text] = text
	return text
}

func (v *sharedValues) device(d *sessions.Device) *sessions.Device {
	if d == nil {
		return nil
	}
	key := deviceValues{
		kind: maybeOf(d.Type), name: maybeOf(d.Name), version: maybeOf(d.Version), longVersion: maybeOf(d.LongVersion),
		hasOS: d.OS != nil,
	}
	if d.OS != nil {
		key.osName, key.osVersion = maybeOf(d.OS.Name), maybeOf(d.OS.Version)
	}
	if known, ok := v.devices[key]; ok {
		return known
	}
	v.devices[key] = d
	return d
}

func (v *sharedValues) user(u *sessions.User) *sessions.User {
	if u == nil {
		return nil
	}
	key := userValues{maybeOf(u.Username), maybeOf(u.Name), maybeOf(u.AvatarETag)}
	if known, ok := v.users[key]; ok {
		return known
	}
	v.users[key] = u
	return u
}
