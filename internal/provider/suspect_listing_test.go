// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
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
