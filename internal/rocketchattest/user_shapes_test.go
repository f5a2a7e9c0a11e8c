// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

// TestShapes_everyUsersOneOccurs looks for every shape of a user in the directory of a
// thousand synthetic sessions.
func TestShapes_everyUsersOneOccurs(t *testing.T) {
	t.Parallel()
	roles := func(want ...string) func(DirectoryUser) bool {
		return func(u DirectoryUser) bool {
			return u.Roles.State == Present && slices.Equal(u.Roles.Value, want) && u.Active == Some(true) && u.Type == Some("user")
		}
	}
	is := map[string]func(DirectoryUser) bool{
		"administrator":                       roles(RoleUser, RoleAdmin),
		"administrator without the role user": roles(RoleAdmin),
		"bot by its role alone":               roles(RoleUser, RoleBot),
		"roles empty":                         roles(),
		"role twice":                          roles(RoleUser, RoleUser),
		"custom roles":                        roles(RoleUser, RoleDeviceViewer, RoleDeviceAuditor),
		"role gone":                           roles(RoleUser, RoleGone),
		"role named like another":             roles(RoleUser, RoleNamesake),
		"role of rooms":                       roles(RoleUser, RoleOwner),
		"guest":                               roles(RoleGuest),
		"roles absent":                        func(u DirectoryUser) bool { return u.Roles.State == Absent },
		"bot":                                 func(u DirectoryUser) bool { return u.Type == Some("bot") },
		"app":                                 func(u DirectoryUser) bool { return u.Type == Some("app") },
		"type unknown":                        func(u DirectoryUser) bool { return u.Type == Some("unknown") },
		"type absent":                         func(u DirectoryUser) bool { return u.Type.State == Absent },
		"active absent":                       func(u DirectoryUser) bool { return u.Active.State == Absent },
		"deactivated":                         func(u DirectoryUser) bool { return u.Active == Some(false) && len(u.Roles.Value) == 1 },
		"deactivated administrator":           func(u DirectoryUser) bool { return u.Active == Some(false) && len(u.Roles.Value) == 2 },
		"waiting for approval":                func(u DirectoryUser) bool { return u.Reason.State == Present },
		"e-mails absent":                      func(u DirectoryUser) bool { return u.Emails.State == Absent && u.Type == Some("user") },
		"e-mails empty":                       func(u DirectoryUser) bool { return u.Emails.State == Present && len(u.Emails.Value) == 0 },
		"two e-mails":                         func(u DirectoryUser) bool { return len(u.Emails.Value) == 2 },
		"busy":                                func(u DirectoryUser) bool { return u.Status == Some("busy") },
		"never logged in": func(u DirectoryUser) bool {
			return u.LastLogin.State == Absent && u.Active == Some(true)
		},
		"last login null": func(u DirectoryUser) bool { return u.LastLogin.State == Null },
		"federated":       func(u DirectoryUser) bool { return u.Federated == Some(true) },
		"no username":     func(u DirectoryUser) bool { return u.Username.State == Absent && u.Name.State == Present },
		"neither username nor name": func(u DirectoryUser) bool {
			return u.Username.State == Absent && u.Name.State == Absent && u.Emails.State == Present
		},
		"neither username, name nor e-mail": func(u DirectoryUser) bool {
			return u.Username.State == Absent && u.Name.State == Absent && u.Emails.State == Absent
		},
		"no name":    func(u DirectoryUser) bool { return u.Name.State == Absent && u.Username.State == Present },
		"name null":  func(u DirectoryUser) bool { return u.Name.State == Null },
		"name empty": func(u DirectoryUser) bool { return u.Name == Some("") },
		"avatar":     func(u DirectoryUser) bool { return u.AvatarETag.State == Present },
	}
	w := New(Options{Synthetic: 1000})
	for name, is := range is {
		found := 0
		for _, u := range w.Directory() {
			if strings.HasPrefix(u.ID, "synthetic") || strings.HasPrefix(u.ID, "@fed") {
				if is(u) {
					found++
				}
			}
		}
		if found == 0 {
			t.Errorf("no synthetic user has the shape %q", name)
		}
	}
}

// TestSynthetic_offenders: rules about roles, types and deactivated users find
// some sessions and pass over others. The office is the network of the examples.
func TestSynthetic_offenders(t *testing.T) {
	t.Parallel()
	w := New(Options{Synthetic: 1000})
	users := map[string]DirectoryUser{}
	for _, u := range w.Directory() {
		users[u.ID] = u
	}
	found := map[string]int{}
	office := netip.MustParsePrefix("198.51.100.0/24")
	for _, s := range w.Sessions() {
		u := users[s.UserID.Value]
		address, err := netip.ParseAddr(s.IP.Value)
		admin := slices.Contains(u.Roles.Value, RoleAdmin)
		found["administrator inside"] += count(admin && err == nil && office.Contains(address))
		found["administrator outside"] += count(admin && err == nil && !office.Contains(address))
		found["deactivated"] += count(u.Active == Some(false))
		found["bot on a browser"] += count(u.Type == Some("bot") && s.Device.Value.Type == Some("browser"))
		found["plain user"] += count(u.Type == Some("user") && u.Active == Some(true) && !admin)
	}
	for _, kind := range []string{"administrator inside", "administrator outside", "deactivated", "bot on a browser", "plain user"} {
		if found[kind] < 2 {
			t.Errorf("%d sessions of the kind %q: %v", found[kind], kind, found)
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
