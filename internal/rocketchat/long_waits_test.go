// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// gatewayLimit refuses every fifth call, as a gateway does.
func gatewayLimit(next http.RoundTripper, after string) http.RoundTripper {
	var calls atomic.Int64
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		if calls.Add(1)%5 == 0 {
			return response{status: http.StatusTooManyRequests, contentType: "text/plain", header: http.Header{"Retry-After": {after}}}.response(r)
		}
		return next.RoundTrip(r)
	})
}

// TestLongWaits_once: a read that waited for more than a minute is told of, with its total
// and the limit, once for each limit.
func TestLongWaits_once(t *testing.T) {
	t.Parallel()
	granted := map[string][]string{
		rocketchattest.PermissionLogout:       {rocketchattest.RoleUser},
		rocketchattest.PermissionViewSettings: {rocketchattest.RoleUser},
	}
	sessionsOf := func(t *testing.T, c *rocketchat.Client, _ *rocketchattest.Workspace) { read(t, c) }
	type row struct {
		options rocketchattest.Options
		gateway string
		read    func(*testing.T, *rocketchat.Client, *rocketchattest.Workspace)
		// want is the route, the limit and the minutes; empty for no long wait.
		want string
	}
	each(t, map[string]row{
		"sessions, three windows":           {rocketchattest.Options{Synthetic: 500, UpperCount: 20}, "", sessionsOf, "/sessions/list.all false 10 3"},
		"sessions, one window":              {rocketchattest.Options{Synthetic: 250, UpperCount: 20}, "", sessionsOf, ""},
		"sessions, without a wait":          {rocketchattest.Options{Synthetic: 90, UpperCount: 20}, "", sessionsOf, ""},
		"sessions, a gateway":               {rocketchattest.Options{Synthetic: 140, UpperCount: 20}, "70", sessionsOf, "/sessions/list.all true 0 2"},
		"sessions, a gateway, no long wait": {rocketchattest.Options{Synthetic: 140, UpperCount: 20}, "30", sessionsOf, ""},
		"sessions, by several callers": {rocketchattest.Options{Synthetic: 500, UpperCount: 20}, "", func(t *testing.T, c *rocketchat.Client, _ *rocketchattest.Workspace) {
			t.Helper()
			var all sync.WaitGroup
			for range 5 {
				all.Go(func() { read(t, c) })
			}
			all.Wait()
		}, "/sessions/list.all false 10 3"},
		"logouts": {rocketchattest.Options{Synthetic: 35, PermissionRoles: granted}, "", func(t *testing.T, c *rocketchat.Client, w *rocketchattest.Workspace) {
			t.Helper()
			for _, s := range w.Sessions() {
				if err := c.Logout(t.Context(), s.SessionID.Value); err != nil {
					t.Fatal(err)
				}
			}
		}, "/sessions/logout false 10 3"},
		"settings": {rocketchattest.Options{PermissionRoles: granted}, "", func(t *testing.T, c *rocketchat.Client, _ *rocketchattest.Workspace) {
			t.Helper()
			var ids []string
			for n := range 35 {
				ids = append(ids, fmt.Sprint("Unknown_", n))
			}
			if _, err := c.Settings(t.Context(), ids); err != nil {
				t.Fatal(err)
			}
		}, "/settings/Unknown_10 false 10 3"},
	}, func(t *testing.T, tc row) {
		w := rocketchattest.New(tc.options)
		transport := w.Transport()
		if tc.gateway != "" {
			transport = gatewayLimit(transport, tc.gateway)
		}
		logged := &logRecorder{}
		c := newClient(t, transport, account(w, "viewonly"), func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
		tc.read(t, c, w)
		var got []string
		for _, long := range c.LongWaits() {
			got = append(got, fmt.Sprintf("%s %t %d %d", long.Request[strings.Index(long.Request, "/api/v1")+len("/api/v1"):], long.Gateway, long.Calls, int(long.Wait.Minutes())))
			if off := (time.Since(start) - long.Wait).Abs(); off > 2*time.Second {
				t.Errorf("%v, but the read took %v", long.Wait, time.Since(start))
			}
		}
		if strings.Join(got, "; ") != tc.want {
			t.Errorf("long waits %q, want %q", got, tc.want)
		}
		time.Sleep(time.Hour)
		tc.read(t, c, w)
		if again := c.LongWaits(); len(again) > 0 {
			t.Errorf("told again: %v", again)
		}
	})
}

// TestLongWaits_logged: the log has each wait before it begins, with its length and reason.
func TestLongWaits_logged(t *testing.T) {
	t.Parallel()
	type row struct {
		// first is the first response, gateway the Retry-After of every fifth call; neither is the workspace's limit.
		first   response
		gateway string
		want    string
	}
	each(t, map[string]row{
		"the workspace's limit": {want: `INFO waiting for a rate limit request=GET \S+/list\.all wait=1m0\.\d+s limit=10 calls per window of this route`},
		"a gateway's limit":     {gateway: "40", want: `INFO waiting for a rate limit request=GET \S+/list\.all wait=40s limit=a gateway in front of the workspace`},
		"a failure": {
			first: response{status: http.StatusBadGateway, contentType: "text/plain", body: "upstream gone"},
			want:  `INFO waiting before trying again request=GET \S+/list\.all wait=1s reason=.*HTTP status 502.*upstream gone`,
		},
	}, func(t *testing.T, tc row) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 250, UpperCount: 20})
		transport := w.Transport()
		if tc.gateway != "" {
			transport = gatewayLimit(transport, tc.gateway)
		}
		if tc.first.status != 0 {
			w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultResponse(tc.first.status, http.Header{"Content-Type": {tc.first.contentType}}, tc.first.body), 0))
		}
		logged := &logRecorder{}
		c := newClient(t, transport, account(w, "viewonly"), func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
		done := begin(t.Context(), c, everything)
		synctest.Wait() // the read waits, and time stands still
		if !regexp.MustCompile("(?m)^" + tc.want).MatchString(logged.String()) {
			t.Errorf("the log has no line %s:\n%s", tc.want, logged)
		}
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
	})
}
