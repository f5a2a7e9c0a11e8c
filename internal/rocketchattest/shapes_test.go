// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// shapes are the odd shapes of a row that a workspace lists, and how to know
// one. A row's device, os and user are the zero value where there is none.
func shapes() map[string]func(s rocketchattest.Session, d rocketchattest.Device, os rocketchattest.OS, u rocketchattest.User) bool {
	type (
		session = rocketchattest.Session
		device  = rocketchattest.Device
		system  = rocketchattest.OS
		user    = rocketchattest.User
		text    = rocketchattest.Optional[string]
	)
	empty := func(v text) bool { return v.State == rocketchattest.Present && v.Value == "" }
	kind := func(kind string) func(session, device, system, user) bool {
		return func(_ session, d device, _ system, _ user) bool { return d.Type == rocketchattest.Some(kind) }
	}
	hasDevice := func(s session) bool { return s.Device.State == rocketchattest.Present }
	hasOS := func(d device) bool { return d.OS.State == rocketchattest.Present }
	hasUser := func(s session) bool { return s.User.State == rocketchattest.Present }
	malformed := func(v text) bool {
		if v.Value == "" || strings.Contains(v.Value, ",") {
			return false
		}
		_, err := netip.ParseAddr(v.Value)
		return err != nil
	}
	return map[string]func(session, device, system, user) bool{
		"device null":   func(s session, _ device, _ system, _ user) bool { return s.Device.State == rocketchattest.Null },
		"device absent": func(s session, _ device, _ system, _ user) bool { return s.Device.State == rocketchattest.Absent },

		"type browser":     kind("browser"),
		"type mobile":      kind("mobile"),
		"type tablet":      kind("tablet"),
		"type mobile-app":  kind("mobile-app"),
		"type desktop-app": kind("desktop-app"),
		"type other":       kind("other"),
		"type empty":       kind(""),
		"type null":        func(_ session, d device, _ system, _ user) bool { return d.Type.State == rocketchattest.Null },

		"version empty": func(_ session, d device, _ system, _ user) bool { return empty(d.Version) },
		"version absent": func(s session, d device, _ system, _ user) bool {
			return hasDevice(s) && d.Version.State == rocketchattest.Absent
		},

		"browser without OS": func(_ session, d device, _ system, _ user) bool {
			return d.Type.Value == "browser" && d.OS.State == rocketchattest.Absent
		},
		"OS null":          func(_ session, d device, _ system, _ user) bool { return d.OS.State == rocketchattest.Null },
		"OS name empty":    func(_ session, _ device, os system, _ user) bool { return empty(os.Name) },
		"OS version empty": func(_ session, _ device, os system, _ user) bool { return empty(os.Version) },
		"OS without version": func(_ session, d device, os system, _ user) bool {
			return hasOS(d) && os.Version.State == rocketchattest.Absent
		},

		"user deleted": func(s session, _ device, _ system, _ user) bool { return s.User.State == rocketchattest.Absent },
		"user without name": func(s session, _ device, _ system, u user) bool {
			return hasUser(s) && u.Name.State == rocketchattest.Absent
		},
		"user's name null":             func(_ session, _ device, _ system, u user) bool { return u.Name.State == rocketchattest.Null },
		"user's name empty":            func(_ session, _ device, _ system, u user) bool { return empty(u.Name) },
		"user's name with quotes":      func(_ session, _ device, _ system, u user) bool { return strings.Contains(u.Name.Value, "\"") },
		"user's name beyond Latin":     func(_ session, _ device, _ system, u user) bool { return strings.Contains(u.Name.Value, "🚀") },
		"user's avatar":                func(_ session, _ device, _ system, u user) bool { return u.AvatarETag.Value != "" },
		"user's avatar with an origin": func(_ session, _ device, _ system, u user) bool { return u.AvatarOrigin.Value != "" },

		"ip null":      func(s session, _ device, _ system, _ user) bool { return s.IP.State == rocketchattest.Null },
		"ip absent":    func(s session, _ device, _ system, _ user) bool { return s.IP.State == rocketchattest.Absent },
		"ip empty":     func(s session, _ device, _ system, _ user) bool { return empty(s.IP) },
		"ip of IPv6":   func(s session, _ device, _ system, _ user) bool { return strings.Contains(s.IP.Value, "2001:") },
		"ip mapped":    func(s session, _ device, _ system, _ user) bool { return strings.Contains(s.IP.Value, "::ffff:") },
		"ip a list":    func(s session, _ device, _ system, _ user) bool { return strings.Contains(s.IP.Value, ",") },
		"ip malformed": func(s session, _ device, _ system, _ user) bool { return malformed(s.IP) },

		"host null":   func(s session, _ device, _ system, _ user) bool { return s.Host.State == rocketchattest.Null },
		"host absent": func(s session, _ device, _ system, _ user) bool { return s.Host.State == rocketchattest.Absent },
		"host empty":  func(s session, _ device, _ system, _ user) bool { return empty(s.Host) },

		"logged out": func(s session, _ device, _ system, _ user) bool { return s.LogoutAt.State == rocketchattest.Present },
	}
}

// TestShapes_everyOneOccurs looks for every shape of a row among a thousand.
func TestShapes_everyOneOccurs(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{Synthetic: 1000, SharedConnections: true})
	rows := w.Sessions()
	found := map[string]int{}
	byID := map[string]int{}
	for i, s := range rows {
		for name, is := range shapes() {
			if is(s, s.Device.Value, s.Device.Value.OS.Value, s.User.Value) {
				found[name]++
			}
		}
		byID[s.SessionID.Value]++
		if byID[s.SessionID.Value] == 2 {
			found["two tokens on one connection"]++
		}
		if i > 0 && s.LoginAt == rows[i-1].LoginAt {
			found["login time of another"]++
		}
	}
	without := rocketchattest.New(rocketchattest.Options{Synthetic: 1000, MissingIDs: true})
	for _, s := range without.Sessions() {
		if s.SessionID.State == rocketchattest.Absent && s.ID.State == rocketchattest.Absent {
			found["without ids"]++
		}
	}
	want := []string{"two tokens on one connection", "login time of another", "without ids"}
	for name := range shapes() {
		want = append(want, name)
	}
	for _, name := range want {
		if found[name] < 2 {
			t.Errorf("%d rows of 1000 have the shape %q", found[name], name)
		}
	}
}
