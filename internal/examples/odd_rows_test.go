// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const day = 24 * time.Hour

// oddNumber is how many odd sessions there are: enough of each shape to tell a rule that finds some of its
// offenders from one that finds all, and in a short run one or two of each shape.
func oddNumber() int {
	if testing.Short() {
		return fewRows
	}
	return 1000
}

const fewRows = 300

// oddSessions are [oddNumber] rows of every shape that a workspace lists: the
// synthetic ones, and some that hit a rule of the examples. None connected
// within an hour of a bound of the rules, so that the time which a test takes
// does not matter.
func oddSessions(t *testing.T, now time.Time) []rocketchattest.Session {
	t.Helper()
	rows := handmadeRows(now)
	for _, row := range rocketchattest.SyntheticSessions(oddNumber()+200, 15, now) {
		nearABound := slices.ContainsFunc([]time.Duration{7 * day, 30 * day}, func(bound time.Duration) bool {
			return now.Add(-bound).Sub(row.LoginAt.Value).Abs() < time.Hour
		})
		if len(rows) < oddNumber() && !nearABound {
			rows = append(rows, row)
		}
	}
	if len(rows) != oddNumber() {
		t.Fatalf("there are %d rows, want %d", len(rows), oddNumber())
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
		rows = append(rows, session(fmt.Sprintf("handmade%09d", number), username, at, change...))
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
	for range 5 {
		add("svc-backup")
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

// What follows reads rows as the examples' rules do, but for the code of
// provider and examples.

func browser(r rocketchattest.Session) string { return r.Device.Value.Name.Value }

func osName(r rocketchattest.Session) string { return r.Device.Value.OS.Value.Name.Value }

func osVersion(r rocketchattest.Session) string { return r.Device.Value.OS.Value.Version.Value }

// orElse is the first text that is not empty.
func orElse(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func who(r rocketchattest.Session) string {
	return orElse(r.User.Value.Username.Value, r.UserID.Value, "unknown user")
}

func connected(r rocketchattest.Session) string {
	if r.LoginAt.State != rocketchattest.Present {
		return "at an unknown time"
	}
	return asSent(r.LoginAt.Value)
}

func deleted(r rocketchattest.Session) bool { return r.User.State != rocketchattest.Present }

// idleFor tells who has not connected since a bound. Nothing is known of a row
// without a time, so it counts as idle.
func idleFor(now time.Time, bound time.Duration) func(rocketchattest.Session) bool {
	return func(r rocketchattest.Session) bool {
		return r.LoginAt.State != rocketchattest.Present || r.LoginAt.Value.Before(now.Add(-bound))
	}
}

// outsideOf tells who comes from elsewhere; a list is inside only as a whole.
func outsideOf(networks ...string) func(rocketchattest.Session) bool {
	inside := func(part string) bool {
		if host, _, err := net.SplitHostPort(part); err == nil {
			part = host
		}
		address, err := netip.ParseAddr(part)
		return err == nil && slices.ContainsFunc(networks, func(network string) bool {
			return netip.MustParsePrefix(network).Contains(address.WithZone("").Unmap())
		})
	}
	return func(r rocketchattest.Session) bool {
		parts := strings.FieldsFunc(r.IP.Value, func(c rune) bool { return c == ',' || c == ' ' })
		return len(parts) == 0 || slices.ContainsFunc(parts, func(part string) bool { return !inside(part) })
	}
}

func outside(r rocketchattest.Session) bool {
	return outsideOf("10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32")(r)
}

// described is the line of a row as the function describe of the provider has it.
func described(r rocketchattest.Session) string {
	user := r.User.Value
	line := strings.TrimSpace(orElse(user.Username.Value, user.Name.Value))
	if id := r.UserID.Value; line == "" && id != "" {
		line = "user " + id
		if deleted(r) {
			line = "deleted " + line
		}
	}
	device := strings.TrimSpace(browser(r) + " " + r.Device.Value.Version.Value)
	line = orElse(line, "unknown user") + ": " + orElse(device, r.Device.Value.Type.Value, "unknown client")
	if os := strings.TrimSpace(osName(r) + " " + osVersion(r)); os != "" {
		line += " on " + os
	}
	line += ", from " + orElse(r.IP.Value, "an unknown address")
	if r.LoginAt.State == rocketchattest.Present {
		line += ", last connected " + asSent(r.LoginAt.Value)
	}
	if id := r.SessionID.Value; id != "" {
		line += ", session " + id
	}
	return line
}

// oldWindows tells who runs Windows before version 10, or does not say which.
func oldWindows(r rocketchattest.Session) bool {
	return strings.EqualFold(osName(r), "windows") && major(osVersion(r)) < 10
}

// major is the first number of a version, and -1 for what is no version.
func major(version string) int {
	first, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(first)
	if err != nil {
		return -1
	}
	return number
}

func unsupported(r rocketchattest.Session) bool {
	return strings.EqualFold(osName(r), "windows") &&
		slices.Contains([]string{"xp", "vista", "7", "8", "8.1"}, strings.ToLower(osVersion(r)))
}

// oldBrowser tells who uses one of these browsers before a version, or does not
// say which version.
func oldBrowser(bound int, names ...string) func(rocketchattest.Session) bool {
	return func(r rocketchattest.Session) bool {
		named := slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(browser(r), name) })
		return named && major(r.Device.Value.Version.Value) < bound
	}
}

func outdated(r rocketchattest.Session) bool { return oldBrowser(113, "chrome", "edge", "firefox")(r) }

func serviceAccount(r rocketchattest.Session) bool {
	return strings.HasPrefix(r.User.Value.Username.Value, "svc-")
}

// surplus are all sessions of each service account but the three that
// connected last; who has no time goes first.
func surplus(rows []rocketchattest.Session) (offenders []rocketchattest.Session, number map[string]int) {
	accounts := map[string][]rocketchattest.Session{}
	for _, r := range rows {
		if serviceAccount(r) {
			accounts[who(r)] = append(accounts[who(r)], r)
		}
	}
	number = map[string]int{}
	for account, all := range accounts {
		slices.SortFunc(all, func(a, b rocketchattest.Session) int { return b.LoginAt.Value.Compare(a.LoginAt.Value) })
		offenders = append(offenders, all[min(3, len(all)):]...)
		number[account] = len(all)
	}
	return offenders, number
}

// where are the rows that a predicate picks.
func where[Row any](rows []Row, is func(Row) bool) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return !is(r) })
}

// listed is a message of a rule that describes each offender.
func listed(head string, offenders []rocketchattest.Session) string {
	return list(head, offenders, described)
}

// list is a message of a rule: a head, and an indented line for each offender.
func list(head string, offenders []rocketchattest.Session, line func(rocketchattest.Session) string) string {
	return listOf(fmt.Sprintf("%d of %d sessions %s:", len(offenders), oddNumber(), head), sortedTexts(offenders, line))
}

// listOf is a head, and an indented line for each text.
func listOf(head string, texts []string) string {
	return sortedLists(strings.Join(append([]string{head}, texts...), "\n  "))
}

// sortedLists sorts each run of indented lines: the order of sessions is
// tested where it is made.
func sortedLists(text string) string {
	return regexp.MustCompile(`(?m)(^ {2}.*\n?)+`).ReplaceAllStringFunc(text, func(run string) string {
		lines := strings.Split(strings.TrimSuffix(run, "\n"), "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n") + strings.Repeat("\n", strings.Count(run, "\n")-len(lines)+1)
	})
}
