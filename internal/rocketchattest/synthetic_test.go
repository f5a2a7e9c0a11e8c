// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSynthetic_hasEveryShape looks for every part that rows and users are put together from in a
// workspace of a thousand sessions.
func TestSynthetic_hasEveryShape(t *testing.T) {
	t.Parallel()
	parts := syntheticParts()
	w := New(Options{Synthetic: 1000, SharedConnections: true})
	rows, users := w.Sessions(), w.Directory()
	for name, list := range map[string]struct {
		parts  []Session
		partOf func(Session) Session
	}{
		"device":  {parts.Devices, func(s Session) Session { return Session{Device: s.Device} }},
		"host":    {parts.Hosts, func(s Session) Session { return Session{Host: s.Host} }},
		"address": {parts.Addresses, func(s Session) Session { return Session{IP: s.IP} }},
		"owner":   {parts.Owners, func(s Session) Session { return Session{User: s.User} }},
	} {
		found := map[string]bool{}
		numbers := strings.NewReplacer(`\{n\}`, `\d+`, `\{x\}`, `[\da-f]+`)
		for _, row := range rows {
			found[string(encodeJSON(list.partOf(row)))] = true
		}
		for _, part := range list.parts {
			pattern := regexp.MustCompile("^" + numbers.Replace(regexp.QuoteMeta(string(encodeJSON(part)))) + "$")
			if !slices.ContainsFunc(slices.Collect(maps.Keys(found)), pattern.MatchString) {
				t.Errorf("no row has the %s %s", name, encodeJSON(part))
			}
		}
	}
	number := regexp.MustCompile(`\d+`)
	for _, shape := range slices.Concat(parts.Users, parts.Sessionless) {
		if !slices.ContainsFunc(users, func(u DirectoryUser) bool {
			n, err := strconv.Atoi(number.FindString(u.ID))
			return err == nil && cmp.Equal(u, u.shaped(shape, n))
		}) {
			t.Errorf("no user is like %s", shape)
		}
	}

	found := map[string]int{}
	known := map[string]bool{}
	for i, s := range rows {
		found["logged out"] += count(s.LogoutAt.State == Present)
		found["login time of another"] += count(i > 0 && s.LoginAt == rows[i-1].LoginAt)
		found["two tokens on one connection"] += count(known[s.SessionID.Value])
		known[s.SessionID.Value] = true
	}
	for _, s := range New(Options{Synthetic: 1000, MissingIDs: true}).Sessions() {
		found["without IDs"] += count(s.SessionID.State == Absent && s.ID.State == Absent)
	}
	for _, name := range []string{"logged out", "login time of another", "two tokens on one connection", "without IDs"} {
		if found[name] < 2 {
			t.Errorf("%d rows: %s", found[name], name)
		}
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
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

// TestSynthetic_sameArgumentsGiveTheSameRows: the newest row first, all within the time after which the server
// forgets one.
func TestSynthetic_sameArgumentsGiveTheSameRows(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, n := range []int{1, 2, 743, 10_000} {
		rows := SyntheticSessions(n, 5, noon)
		if diff := cmp.Diff(rows, SyntheticSessions(n, 5, noon)); diff != "" {
			t.Errorf("the same seed gave other rows:\n%s", diff)
		}
		oldest := rows[n-1].LoginAt.Value
		if !rows[0].LoginAt.Value.Equal(noon) || noon.Sub(oldest) > 45*24*time.Hour {
			t.Errorf("%d rows are from %s to %s", n, oldest, rows[0].LoginAt.Value)
		}
		if !slices.IsSortedFunc(rows, func(a, b Session) int { return b.LoginAt.Value.Compare(a.LoginAt.Value) }) {
			t.Errorf("%d rows are not in descending order", n)
		}
	}
}
