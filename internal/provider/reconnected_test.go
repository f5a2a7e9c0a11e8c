// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

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
