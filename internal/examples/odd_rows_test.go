// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const day = 24 * time.Hour

// oddNumber is how many odd sessions there are.
const oddNumber = 300

// oddSessions are [oddNumber] rows of every shape that a workspace lists: the
// synthetic ones, and some that hit a rule of the examples. None connected
// within an hour of a bound of the rules, so that the time which a test takes
// does not matter.
func oddSessions(t *testing.T, now time.Time) []rocketchattest.Session {
	t.Helper()
	rows := handmadeRows(now)
	for _, row := range rocketchattest.SyntheticSessions(oddNumber+200, 15, now) {
		nearABound := slices.ContainsFunc([]time.Duration{7 * day, 30 * day}, func(bound time.Duration) bool {
			return now.Add(-bound).Sub(row.LoginAt.Value).Abs() < time.Hour
		})
		if len(rows) < oddNumber && !nearABound {
			rows = append(rows, row)
		}
	}
	if len(rows) != oddNumber {
		t.Fatalf("there are %d rows, want %d", len(rows), oddNumber)
	}
	for shape, is := range oddShapes() {
		if !slices.ContainsFunc(rows, is) {
			t.Errorf("no row has this shape: %s", shape)
		}
	}
	return rows
}

// oddShapes are what a row can look like beside the documented nine.
func oddShapes() map[string]func(rocketchattest.Session) bool {
	type row = rocketchattest.Session
	const absent, null, present = rocketchattest.Absent, rocketchattest.Null, rocketchattest.Present
	system := func(r row) rocketchattest.Optional[rocketchattest.OS] { return r.Device.Value.OS }
	return map[string]func(row) bool{
		"no device":                           func(r row) bool { return r.Device.State == absent },
		"device null":                         func(r row) bool { return r.Device.State == null },
		"device without anything":             func(r row) bool { return r.Device == rocketchattest.Some(rocketchattest.Device{}) },
		"browser without a name":              func(r row) bool { return r.Device.State == present && r.Device.Value.Name.State != present },
		"browser with an empty name":          func(r row) bool { return r.Device.Value.Name == rocketchattest.Some("") },
		"browser without a version":           func(r row) bool { return browser(r) != "" && r.Device.Value.Version.State == absent },
		"browser with a null version":         func(r row) bool { return browser(r) != "" && r.Device.Value.Version.State == null },
		"browser without an operating system": func(r row) bool { return browser(r) != "" && system(r).State == absent },
		"browser with a null system":          func(r row) bool { return browser(r) != "" && system(r).State == null },
		"browser with an empty type":          func(r row) bool { return r.Device.Value.Type == rocketchattest.Some("") },
		"system without a version":            func(r row) bool { return osName(r) != "" && system(r).Value.Version.State == absent },
		"system with a null version":          func(r row) bool { return osName(r) != "" && system(r).Value.Version.State == null },
		"system with an empty version":        func(r row) bool { return osName(r) != "" && system(r).Value.Version == rocketchattest.Some("") },
		"system without a name":               func(r row) bool { return system(r).State == present && system(r).Value.Name.State != present },
		"system with an empty name":           func(r row) bool { return system(r).Value.Name == rocketchattest.Some("") },
		"no user":                             func(r row) bool { return r.User.State == absent },
		"neither user nor device":             func(r row) bool { return deleted(r) && r.SessionID.State == present && r.Device.State != present },
		"user null":                           func(r row) bool { return r.User.State == null },
		"user without a username":             func(r row) bool { return r.User.State == present && r.User.Value.Username.State != present },
		"user with an empty username":         func(r row) bool { return r.User.Value.Username == rocketchattest.Some("") },
		"user without a name":                 func(r row) bool { return r.User.State == present && r.User.Value.Name.State == absent },
		"no user id":                          func(r row) bool { return r.UserID.State != present },
		"no session id":                       func(r row) bool { return r.SessionID.State == absent },
		"no address":                          func(r row) bool { return r.IP.State == absent },
		"address null":                        func(r row) bool { return r.IP.State == null },
		"address empty":                       func(r row) bool { return r.IP == rocketchattest.Some("") },
		"list of addresses":                   func(r row) bool { return strings.Contains(r.IP.Value, ",") },
		"IPv6":                                func(r row) bool { return strings.HasPrefix(r.IP.Value, "2001:") },
		"IPv4 as IPv6":                        func(r row) bool { return strings.HasPrefix(r.IP.Value, "::ffff:") },
		"address with a port":                 func(r row) bool { return strings.HasPrefix(r.IP.Value, "[") },
		"no login time":                       func(r row) bool { return r.LoginAt.State == absent },
		"host null":                           func(r row) bool { return r.Host.State == null },
	}
}

// handmadeRows are shapes that the synthetic rows lack, and service accounts.
func handmadeRows(now time.Time) []rocketchattest.Session {
	type row = *rocketchattest.Session
	text, null, none := rocketchattest.Some[string], rocketchattest.NullOf[string], rocketchattest.None[string]
	device := func(d rocketchattest.Device) func(row) {
		return func(r row) { r.Device = rocketchattest.Some(d) }
	}
	user := func(u rocketchattest.Optional[rocketchattest.User]) func(row) {
		return func(r row) { r.User = u }
	}
	system := func(os rocketchattest.OS) func(row) {
		return func(r row) { r.Device.Value.OS = rocketchattest.Some(os) }
	}
	var rows []rocketchattest.Session
	add := func(username string, change ...func(row)) {
		number := len(rows) + 1
		at := now.Add(-time.Duration(number) * time.Minute).Truncate(time.Millisecond)
		rows = append(rows, session(handmadeID(number), username, at, change...))
	}
	add("odd.chrome", device(rocketchattest.Device{Name: text("Chrome")}))
	add("odd.chrome", device(rocketchattest.Device{Name: text("Chrome"), Version: null()}))
	add(
		"odd.chrome",
		device(rocketchattest.Device{Name: text("CHROME"), Version: text("99.0"), OS: rocketchattest.NullOf[rocketchattest.OS]()}),
	)
	add("odd.firefox", device(rocketchattest.Device{Name: text("Firefox"), Version: text("112")}))
	add("odd.firefox", device(rocketchattest.Device{Name: text("Firefox"), Version: text("1120.1")}))
	add("gone.chrome", without, device(rocketchattest.Device{Name: text("Chrome"), Version: text("9.0")}))
	add("odd.device", device(rocketchattest.Device{}))
	add("odd.system", system(rocketchattest.OS{}))
	add("odd.system", system(rocketchattest.OS{Name: null(), Version: text("7")}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: null()}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: text("")}))
	add("odd.system", system(rocketchattest.OS{Name: text("WINDOWS"), Version: text("xp")}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: text("8.1")}))
	add("", user(rocketchattest.NullOf[rocketchattest.User]()))
	add("", user(rocketchattest.Some(rocketchattest.User{Name: text("Known by name alone")})))
	add("", user(rocketchattest.Some(rocketchattest.User{Username: text("")})), func(r row) { r.UserID = none() })
	add("", without, func(r row) { r.UserID, r.SessionID, r.ID = null(), none(), none() })
	for _, ip := range []string{
		"10.0.0.1, 203.0.113.2", "10.0.0.1, 198.51.100.2", "10.0.0.1 10.0.0.2", "10.0.0.1:51234", "[2001:db8::1]:51234", "[2001:db9::1]:51234",
		"::FFFF:10.0.0.1", "unknown", "10.0.0.1, unknown", "fe80::1%eth0", ",",
	} {
		add("odd.address", from(ip))
	}
	for _, ip := range []string{"10.11.12.1", "10.11.12.2", "10.11.12.3", "10.11.12.4", "203.0.113.5"} {
		add("svc-backup", from(ip))
	}
	add("svc-backup", func(r row) { r.LoginAt = rocketchattest.None[time.Time]() })
	add("svc-mail", without, user(rocketchattest.Some(rocketchattest.User{Username: text("svc-mail")})))
	add("gone.bare", without)
	for _, ip := range []string{"10.0.0.1", "198.51.100.1", ""} {
		add("", from(ip), func(r row) { r.UserID = text(ownUserID()) })
	}
	rows[len(rows)-1].Device = rocketchattest.None[rocketchattest.Device]()
	rows[len(rows)-1].LoginAt = rocketchattest.Some(now.Add(-40 * day).Truncate(time.Millisecond))
	return rows
}

// ownUserID is whose token the tests use.
func ownUserID() string {
	return rocketchattest.New(rocketchattest.Options{}).Account("totp").UserID
}

func browser(r rocketchattest.Session) string { return r.Device.Value.Name.Value }

func osName(r rocketchattest.Session) string { return r.Device.Value.OS.Value.Name.Value }

func deleted(r rocketchattest.Session) bool { return r.User.State != rocketchattest.Present }

// ofUsersWithID are the rows without those of users whose roles nobody can know.
func ofUsersWithID(rows []rocketchattest.Session) []rocketchattest.Session {
	return slices.DeleteFunc(rows, func(r rocketchattest.Session) bool { return !deleted(r) && r.UserID.Value == "" })
}

// oddLines are the lines of handmade rows, by number, up to the login time.
func oddLines() map[int]string {
	const firefox = ": Firefox 148.0 on Windows 11, from "
	return map[int]string{
		1: "odd.chrome: Chrome, from 10.11.12.13", 3: "odd.chrome: CHROME 99.0, from 10.11.12.13",
		4: "odd.firefox: Firefox 112, from 10.11.12.13", 5: "odd.firefox: Firefox 1120.1, from 10.11.12.13",
		6: "deleted user id-of-gone.chrome: Chrome 9.0, from an unknown address", 7: "odd.device: unknown client, from 10.11.12.13",
		9: "odd.system: Firefox 148.0 on 7, from 10.11.12.13", 10: "odd.system: Firefox 148.0 on Windows, from 10.11.12.13",
		12: "odd.system: Firefox 148.0 on WINDOWS xp, from 10.11.12.13", 13: "odd.system: Firefox 148.0 on Windows 8.1, from 10.11.12.13",
		14: "deleted user id-of-" + firefox + "10.11.12.13", 15: "Known by name alone" + firefox + "10.11.12.13",
		16: "unknown user" + firefox + "10.11.12.13", 17: "unknown user: unknown client, from an unknown address",
		18: "odd.address" + firefox + "10.0.0.1, 203.0.113.2", 19: "odd.address" + firefox + "10.0.0.1, 198.51.100.2",
		20: "odd.address" + firefox + "10.0.0.1 10.0.0.2", 21: "odd.address" + firefox + "10.0.0.1:51234",
		22: "odd.address" + firefox + "[2001:db8::1]:51234", 23: "odd.address" + firefox + "[2001:db9::1]:51234",
		24: "odd.address" + firefox + "::FFFF:10.0.0.1", 25: "odd.address" + firefox + "unknown",
		26: "odd.address" + firefox + "10.0.0.1, unknown", 27: "odd.address" + firefox + "fe80::1%eth0", 28: "odd.address" + firefox + ",",
		29: "svc-backup" + firefox + "10.11.12.1", 30: "svc-backup" + firefox + "10.11.12.2", 31: "svc-backup" + firefox + "10.11.12.3",
		32: "svc-backup" + firefox + "10.11.12.4", 33: "svc-backup" + firefox + "203.0.113.5", 34: "svc-backup" + firefox + "10.11.12.13",
		35: "svc-mail: unknown client, from an unknown address", 36: "deleted user id-of-gone.bare: unknown client, from an unknown address",
		37: "Name of" + firefox + "10.0.0.1", 38: "Name of" + firefox + "198.51.100.1", 39: "Name of: unknown client, from an unknown address",
	}
}

// discovery is what a rule finds among the odd sessions: how many in all, and which handmade rows, by number, it finds and
// which, though they look alike, it does not.
type discovery struct {
	count    int
	has, not []int
}

func lines(numbers []int) []string {
	var all []string
	for _, number := range numbers {
		all = append(all, oddLines()[number])
	}
	return all
}

func handmadeID(number int) string { return fmt.Sprintf("handmade%09d", number) }

// among asserts that a rule has found what it is to find, by session IDs.
func (d discovery) among(t *testing.T, rule string, ids []string) {
	t.Helper()
	if len(ids) != d.count {
		t.Errorf("%s finds %d, want %d", rule, len(ids), d.count)
	}
	for number := range oddLines() {
		is := slices.Contains(ids, handmadeID(number))
		if slices.Contains(d.has, number) && !is || slices.Contains(d.not, number) && is {
			t.Errorf("%s: row %d (%s) is found: %t", rule, number, oddLines()[number], is)
		}
	}
}

// listed is a rule's message about these, a summary.
func (d discovery) listed(what string) saying {
	return saying{
		diagnostic: stops(postcondition, fmt.Sprintf("%d of %d sessions %s:", d.count, oddNumber, what)),
		has:        lines(d.has), not: lines(d.not), summary: true,
	}
}

// saying is a diagnostic of which the detail is the first line, and lines that follow, up to the login time.
type saying struct {
	diagnostic
	has, not []string
	// most is how many lines the message has at most, 30 unless set.
	most int
	// summary says that a line stands for all sessions of a user.
	summary bool
}

// sayings are diagnostics without further lines.
func sayings(all []diagnostic) []saying {
	var said []saying
	for _, d := range all {
		said = append(said, saying{diagnostic: d})
	}
	return said
}

// checkLines asserts that a message lists as many as its head counts, or the most, and among them these and not those.
func (s saying) checkLines(t *testing.T, message string) {
	t.Helper()
	most := cmp.Or(s.most, 30)
	if strings.Contains(s.Detail, "\n") {
		if message != s.Detail {
			t.Errorf("it says %q, want %q", message, s.Detail)
		}
		return
	}
	all := strings.Split(message, "\n")
	if all[0] != s.Detail {
		t.Errorf("it says %q, want %q", all[0], s.Detail)
	}
	all = all[1:]
	if !strings.HasSuffix(s.Detail, ":") {
		return
	}
	var count int
	if _, err := fmt.Sscan(s.Detail, &count); err != nil {
		t.Fatal(err)
	}
	if s.summary {
		s.checkSummary(t, count, all)
		return
	}
	if count > most && len(all) > 0 {
		if want := fmt.Sprintf("  … and %d more", count-most); all[len(all)-1] != want {
			t.Errorf("%s: it ends with %q, want %q", s.Detail, all[len(all)-1], want)
		}
		all, count = all[:len(all)-1], most
	}
	if len(all) != count {
		t.Errorf("%s: %d lines", s.Detail, len(all))
	}
	listed := func(want string) bool {
		return slices.ContainsFunc(all, func(line string) bool { return untilLogin(line) == "  "+want })
	}
	for _, want := range s.has {
		if !listed(want) {
			t.Errorf("%s\nlacks %s:\n%s", s.Detail, want, message)
		}
	}
	for _, unwanted := range s.not {
		if listed(unwanted) {
			t.Errorf("%s\nlists %s", s.Detail, unwanted)
		}
	}
}

// checkSummary asserts that the lines below a head stand for so many sessions, and among them, unless they are
// beyond the last line, for these and not those.
func (s saying) checkSummary(t *testing.T, count int, all []string) {
	t.Helper()
	sessions, rest := 0, 0
	for _, line := range all {
		if n, _ := fmt.Sscanf(line, "  … and %d more session", &rest); n == 0 {
			sessions += sessionsIn(line)
		}
	}
	if sessions+rest != count || len(all) > 21 || rest > 0 && len(all) != 21 {
		t.Errorf("%s: %d lines for %d sessions:\n%s", s.Detail, len(all), sessions+rest, strings.Join(all, "\n"))
	}
	for _, want := range s.has {
		user, _, _ := strings.Cut(want, ": ")
		if rest == 0 && !slices.ContainsFunc(all, func(line string) bool {
			return untilLogin(line) == "  "+want || sessionsIn(line) > 1 && strings.HasPrefix(line, "  "+user+": ")
		}) {
			t.Errorf("%s\nlacks %s:\n%s", s.Detail, want, strings.Join(all, "\n"))
		}
	}
	for _, unwanted := range s.not {
		user, connection, _ := strings.Cut(unwanted, ": ")
		if slices.ContainsFunc(all, func(line string) bool {
			return strings.HasPrefix(line, "  "+user+": ") && strings.HasSuffix(untilLogin(line), ": "+connection)
		}) {
			t.Errorf("%s\nlists %s", s.Detail, unwanted)
		}
	}
}

// sessionsIn is how many sessions a line of a summary stands for.
func sessionsIn(line string) int {
	if found := regexp.MustCompile(`: (\d+) sessions, newest: `).FindStringSubmatch(line); found != nil {
		number, _ := strconv.Atoi(found[1])
		return number
	}
	return 1
}

// untilLogin is a line up to the login time and the ID of the session.
func untilLogin(line string) string {
	line, _, _ = strings.Cut(line, ", last connected ")
	line, _, _ = strings.Cut(line, ", session ")
	return line
}
