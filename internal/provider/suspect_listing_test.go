// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"testing"
	"time"

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
				user := fmt.Sprintf("user%d", i%c.users)
				rows = append(rows, rocketchattest.Session{
					SessionID: present(fmt.Sprint("session", i)), ID: present(fmt.Sprint("session", i)), UserID: present(user), IP: present(ip),
					LoginAt: present(startOfTests().Add(-time.Duration(i+1) * time.Minute)), User: present(rocketchattest.User{Username: present(user)}),
				})
			}
			s := configured(t, newWorkspace(t, rocketchattest.Options{Sessions: rows}), "none", nil)
			_, got := s.readSessions(t.Context(), t, c.config)
			wantReport(t, c.want, got)
			_, got = s.open(t.Context(), t, c.config)
			wantReport(t, c.want, got)
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

// A bound in the future is refused by the workspace's clock, but not where a session
// shows that the clock is behind.
func TestTimeBounds_thatAreNotReached(t *testing.T) {
	t.Parallel()
	rows := fourSessions()
	for name, c := range map[string]struct {
		newest time.Duration // of the sessions, from the workspace's time
		want   []string
	}{
		"future":             {-time.Hour, []string{"error at logged_in_after: No session can match"}},
		"a session is newer": {2 * time.Minute, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := append([]rocketchattest.Session{}, rows...)
			changed[0].LoginAt = present(startOfTests().Add(c.newest))
			s := configured(t, newWorkspace(t, rocketchattest.Options{Sessions: changed}), "none", nil)
			_, got := s.readSessions(t.Context(), t, attributes{"logged_in_after": startOfTests().Add(time.Minute).Format(time.RFC3339)})
			wantReport(t, c.want, got)
		})
	}
}
