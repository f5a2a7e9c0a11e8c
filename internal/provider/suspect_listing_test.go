// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// One internal address for many sessions of several users is a proxy's; anything else
// can be what it looks like.
func TestSuspectListing_oneInternalAddress(t *testing.T) {
	t.Parallel()
	const within, outside = "warning at within_cidrs: All sessions come from one internal address", "warning at outside_cidrs: All sessions come from one internal address"
	networks := []any{"198.51.100.0/24"}
	for name, c := range map[string]struct {
		sessions, users int
		address, other  string
		config          attributes
		want            []string
	}{
		"private":         {20, 2, "10.0.0.1", "", attributes{"outside_cidrs": networks}, []string{outside}},
		"mapped":          {20, 2, "::ffff:10.0.0.1", "10.0.0.1", attributes{"within_cidrs": networks}, []string{within}},
		"loopback":        {20, 2, "127.0.0.1", "", attributes{"within_cidrs": networks, "outside_cidrs": []any{"10.0.0.0/8"}}, []string{within}},
		"unique local":    {20, 2, "fd00::1", "", attributes{"outside_cidrs": networks}, []string{outside}},
		"an expression":   {20, 2, "10.0.0.1", "", attributes{"exclude": attributes{"ip": `^10\.`}}, []string{"warning at exclude.ip: All sessions come from one internal address"}},
		"few":             {19, 2, "10.0.0.1", "", attributes{"outside_cidrs": networks}, []string{}},
		"one user":        {20, 1, "10.0.0.1", "", attributes{"outside_cidrs": networks}, []string{}},
		"an office":       {20, 2, "203.0.113.7", "", attributes{"outside_cidrs": networks}, []string{}},
		"two addresses":   {20, 2, "10.0.0.1", "10.0.0.2", attributes{"outside_cidrs": networks}, []string{}},
		"one unknown":     {20, 2, "10.0.0.1", "unknown", attributes{"outside_cidrs": networks}, []string{}},
		"another rule":    {20, 2, "10.0.0.1", "", attributes{"older_than": "30d", "match": attributes{"ip": nil}}, []string{}},
		"through proxies": {20, 2, "203.0.113.7, 10.0.0.1", "", attributes{"outside_cidrs": networks}, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := make([]rocketchattest.Session, 0, c.sessions)
			for i := range c.sessions {
				ip := c.address
				if i == 0 && c.other != "" {
					ip = c.other
				}
				row := sessionBy(fmt.Sprint("session", i), fmt.Sprint("user", i%c.users), startOfTests().Add(-time.Duration(i+1)*time.Minute))
				row.IP = present(ip)
				rows = append(rows, row)
			}
			s := configured(t, newWorkspace(t, rocketchattest.Options{Sessions: rows}), "none", nil)
			for _, read := range kinds(s) {
				_, got := read(t.Context(), t, c.config)
				wantReport(t, c.want, got)
			}
		})
	}
}

// An account may have no session, but a search for what does not exist is a mistake.
func TestCurrentUserSessions_none(t *testing.T) {
	t.Parallel()
	s := configured(t, newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()}), "none", nil)
	_, got := s.readData(t.Context(), t, ownSessionsName, attributes{})
	wantReport(t, []string{}, got)
	_, got = s.readData(t.Context(), t, ownSessionsName, attributes{"search": "nothing"})
	wantReport(t, []string{"warning at search: `search` finds no session"}, got)
	mustNotContain(t, details(got), "username", "*")
}

// A rule about sessions that the workspace has forgotten passes for everybody, so a bound that far
// back gives a warning beside the result. A bound in the future is refused, but not where a session shows
// that the clock is behind. Both go by the workspace's clock, in each kind.
func TestTimeBounds_thatOmitNothingOrEverything(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const before, after = "warning at logged_in_before: No session can be that old", "warning at logged_in_after: The bound omits no session"
	for name, c := range map[string]struct {
		// ahead is how far the provider's clock is ahead of the workspace's, and newest the newest session.
		ahead, newest time.Duration
		before, after time.Duration // ago; 0 for none
		want          []string
	}{
		"none":               {},
		"recent":             {before: 30 * day, after: 44 * day},
		"on the day":         {before: 45*day - time.Minute},
		"before":             {before: 45*day + time.Minute, want: []string{before}},
		"after":              {after: 60 * day, want: []string{after}},
		"both":               {before: 50 * day, after: 60 * day, want: []string{after, before}},
		"our clock is ahead": {ahead: 10 * day, before: 40 * day},
		"our clock is slow":  {ahead: -10 * day, before: 50 * day, want: []string{before}},
		"future":             {newest: -time.Hour, after: -time.Minute, want: []string{"error at logged_in_after: No session can match"}},
		"a session is newer": {newest: 2 * time.Minute, after: -time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := fourSessions()
			if c.newest != 0 {
				rows[0].LoginAt = present(startOfTests().Add(c.newest))
			}
			s := configured(t, newWorkspace(t, rocketchattest.Options{Sessions: rows}), "none", nil, WithClock(clocktest.NewFake(startOfTests().Add(c.ahead))))
			config := attributes{}
			for name, ago := range map[string]time.Duration{"logged_in_before": c.before, "logged_in_after": c.after} {
				if ago != 0 {
					config[name] = startOfTests().Add(-ago).Format(time.RFC3339)
				}
			}
			for kind, read := range kinds(s) {
				result, got := read(t.Context(), t, config)
				wantReport(t, c.want, got)
				if hasError(got) {
					continue
				}
				if len(got) > 0 {
					mustContain(t, details(got), "46 days", "Accounts_LoginExpiration")
				}
				if !result["total"].Equal(tftypes.NewValue(tftypes.Number, 4)) {
					t.Errorf("%s: total is %s, want 4", kind, result["total"])
				}
			}
		})
	}
}

// kinds are the ways to read all sessions.
func kinds(s *server) map[string]func(context.Context, *testing.T, attributes) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	return map[string]func(context.Context, *testing.T, attributes) (map[string]tftypes.Value, []*tfprotov6.Diagnostic){
		"data source": s.readSessions, "ephemeral resource": s.open,
	}
}

// TestBeyondPerUser_clientsThatMayBeCountedTwice are named where sessions in excess of a number are
// listed, because somebody may log them out.
func TestBeyondPerUser_clientsThatMayBeCountedTwice(t *testing.T) {
	t.Parallel()
	const clients = 3
	// The users from u03 on connect again during the read. Each has three sessions but
	// u14, who has one.
	name := func(user int) string {
		if user == 3 {
			return "u03\x1b[31m\nforged"
		}
		return fmt.Sprintf("u%02d", user)
	}
	const again, users, single = 3, 15, 14
	var rows []rocketchattest.Session
	for i := range users * clients {
		user := i % users
		if user == single && i >= users {
			continue
		}
		row := sessionBy(fmt.Sprintf("s%02d-%d", user, i/users), fmt.Sprintf("id%02d", user), startOfTests().Add(-time.Duration(i+1)*time.Minute))
		row.User.Value.Username = present(name(user))
		row.Device = present(rocketchattest.Device{Name: present([]string{"Chrome", "Firefox"}[user%2])})
		rows = append(rows, row)
	}
	const summary = "warning at beyond_per_user: A client may be counted twice"
	for test, tc := range map[string]struct {
		arguments attributes
		still     bool
		warning   bool
		named     []string
		unnamed   []string
	}{
		"every user": {
			arguments: attributes{"beyond_per_user": 2}, warning: true,
			named:   []string{"u03 [31m forged, u04, u05, u06, u07, u08, u09, u10, u11, u12 and 1 more."},
			unnamed: []string{"u00", "u14", "\x1b", "u13"},
		},
		"of those that pass": {
			arguments: attributes{"beyond_per_user": 1, "match": attributes{"device_name": "chrome"}}, warning: true,
			named: []string{"u04, u06, u08, u10, u12."}, unnamed: []string{"u05", "u14"},
		},
		"though the result lists none":  {arguments: attributes{"beyond_per_user": 2, "limit": 0}, warning: true},
		"nobody has too many":           {arguments: attributes{"beyond_per_user": 4}},
		"a list that stands still":      {arguments: attributes{"beyond_per_user": 2}, still: true},
		"a result that does not matter": {arguments: attributes{"match": attributes{"username": "u05"}}},
	} {
		t.Run(test, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Sessions: slices.Clone(rows), UpperCount: 10})
			w.OnRequest(func(n int, _ *http.Request) {
				for user := again; n == 2 && !tc.still && user < users; user++ {
					w.Relogin(fmt.Sprintf("s%02d-0", user), fmt.Sprintf("again%02d", user), startOfTests().Add(time.Duration(user)*time.Second))
				}
			})
			_, diagnostics := configured(t, w, "none", attributes{"max_concurrent_requests": 1}).readSessions(t.Context(), t, tc.arguments)
			want := []string{}
			if tc.warning {
				want = append(want, summary)
			}
			wantReport(t, want, diagnostics)
			mustContain(t, details(diagnostics), tc.named...)
			mustNotContain(t, details(diagnostics), tc.unnamed...)
		})
	}
}
