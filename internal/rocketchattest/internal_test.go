// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestJSNumber compares with what a JavaScript console prints.
func TestJSNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text   string
		ok     bool
		parsed int64 // the integer that String and parseInt make of the number
	}{
		{"12", true, 12},
		{" 1", true, 1},
		{"-1", true, -1},
		{"1.9", true, 1},
		{"-0.5", true, 0},
		{"1e2", true, 100},
		{".5e1", true, 5},
		{"0x10", true, 16},
		{"0b11", true, 3},
		{"0o17", true, 15},
		{" ", true, 0},
		{"017", true, 17},
		{"1e21", true, 1},
		{"5e-7", true, 5},
		{"123456789012345680000", true, 1 << 62},
		{"-0x10", false, 0},
		{"1_000", false, 0},
		{"0x", false, 0},
		{"abc", false, 0},
		{"null", false, 0},
		{"1e400", false, 0},
		{"Infinity", false, 0},
		{"1 2", false, 0},
	} {
		number, ok := jsNumber(test.text)
		if ok != test.ok {
			t.Errorf("jsNumber(%q) reads as a number: %t, want %t", test.text, ok, test.ok)
			continue
		}
		if got := jsParseInt(number); ok && got != test.parsed {
			t.Errorf("jsParseInt(jsNumber(%q)) = %d, want %d", test.text, got, test.parsed)
		}
	}
}

// TestEveryUserShapeOccurs looks for every shape of a user in the directory of a
// thousand synthetic sessions.
func TestEveryUserShapeOccurs(t *testing.T) {
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
		"neither username, name nor e-mail": func(u DirectoryUser) bool { return u.nameless(true) },
		"no name":                           func(u DirectoryUser) bool { return u.Name.State == Absent && u.Username.State == Present },
		"name null":                         func(u DirectoryUser) bool { return u.Name.State == Null },
		"name empty":                        func(u DirectoryUser) bool { return u.Name == Some("") },
		"avatar":                            func(u DirectoryUser) bool { return u.AvatarETag.State == Present },
	}
	for _, shape := range userShapes() {
		if is[shape.name] == nil {
			t.Errorf("nothing tells the shape %q", shape.name)
		}
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

// TestSyntheticOffenders: rules about roles, types and deactivated users find
// some sessions and pass over others. The office is the network of the examples.
func TestSyntheticOffenders(t *testing.T) {
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

func TestFoldIgnoresCaseAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"Chrome", "cHROME", true},
		{"ZOË", "zoë", true},
		{"kK", "K\u212a", true},
		{"Łukasz", "łukasz", true},
		{"ς", "Σ", true},
		{"e", "é", false},
		{"ss", "ß", false},
	} {
		if got := fold(test.a) == fold(test.b); got != test.same {
			t.Errorf("%q and %q are one: %t, want %t", test.a, test.b, got, test.same)
		}
	}
}

// TestTOTPVectors are those of RFC 6238, appendix B, for SHA-1, of which six
// digits of eight are taken.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   int64
		code string
	}{
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	} {
		got, err := totp(DefaultTOTPSecret, time.Unix(test.at, 0), 0)
		if err != nil || got != test.code {
			t.Errorf("code at %d is %s, %v; want %s", test.at, got, err, test.code)
		}
	}
	if _, err := totp("not base32!", time.Unix(0, 0), 0); err == nil {
		t.Error("a secret that is no base32 gives a code")
	}
}

func TestLimiterWindows(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := newLimiter(RateLimit{Calls: 2, Window: time.Minute}, start)
	for _, step := range []struct {
		after     time.Duration
		route, ip string
		allowed   bool
		remaining int
		reset     time.Duration
	}{
		{50 * time.Second, "list.all", "a", true, 1, time.Minute},
		{51 * time.Second, "list.all", "a", true, 0, time.Minute},
		{52 * time.Second, "list.all", "a", false, 0, time.Minute},
		{53 * time.Second, "list.all", "b", true, 1, time.Minute},
		{54 * time.Second, "list", "a", true, 1, time.Minute},
		// The window ends after, not at, its last instant.
		{60 * time.Second, "list.all", "a", false, 0, time.Minute},
		{75 * time.Second, "list.all", "b", true, 1, 135 * time.Second},
		{76 * time.Second, "list.all", "a", true, 1, 135 * time.Second},
	} {
		v := l.call(step.route, step.ip, start.Add(step.after))
		if v.allowed != step.allowed || v.remaining != step.remaining || !v.reset.Equal(start.Add(step.reset)) {
			t.Errorf("%s by %s after %s: %+v", step.route, step.ip, step.after, v)
		}
	}
}
