// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestLongWaits_warning: the first read that waited for minutes says how long and what for,
// and the reads after it do not say it again, whatever they read.
func TestLongWaits_warning(t *testing.T) {
	t.Parallel()
	const ofWorkspace = "warning at -: The provider waited for the rate limit of the workspace"
	granted := map[string][]string{
		rocketchattest.PermissionLogout:       {rocketchattest.RoleUser},
		rocketchattest.PermissionViewSettings: {rocketchattest.RoleUser},
		rocketchattest.PermissionViewRoom:     {rocketchattest.RoleUser},
	}
	data := func(name string, config attributes) func(*testing.T, *server) []*tfprotov6.Diagnostic {
		return func(t *testing.T, s *server) []*tfprotov6.Diagnostic {
			t.Helper()
			_, got := s.readData(t.Context(), t, name, config)
			return got
		}
	}
	var settingIDs, sessionIDs []any
	settings := rocketchattest.DefaultSettings("")
	for n := range 35 {
		settings = append(settings, rocketchattest.Setting{ID: fmt.Sprintf("Private_%02d", n), Value: n})
		settingIDs = append(settingIDs, settings[len(settings)-1].ID)
		sessionIDs = append(sessionIDs, fmt.Sprint("session", n))
	}
	readAll := data(dataSourceName, nil)
	opened := func(t *testing.T, s *server) []*tfprotov6.Diagnostic {
		t.Helper()
		_, got := s.open(t.Context(), t, nil)
		return got
	}
	loggedOut := func(t *testing.T, s *server) []*tfprotov6.Diagnostic {
		t.Helper()
		_, got := s.invoke(t.Context(), t, attributes{"session_ids": sessionIDs})
		return got
	}
	many := rocketchattest.Options{Synthetic: 520, UpperCount: 20}
	for name, c := range map[string]struct {
		options rocketchattest.Options
		gateway bool
		// want is what the first read ends with, and the second one without.
		first, second func(*testing.T, *server) []*tfprotov6.Diagnostic
		want          []string
		words         []string
	}{
		"sessions by two searches": {
			options: many, first: readAll, second: data(dataSourceName, attributes{"search": "o"}), want: []string{ofWorkspace},
			words: []string{"/sessions/list.all waited 3m", "10 calls of a route per window", "api-bypass-rate-limit", "Rate Limiter", "same `search`", "TF_LOG_PROVIDER=INFO"},
		},
		"own sessions after all": {options: many, first: readAll, second: data(ownSessionsName, nil), want: []string{ofWorkspace}},
		"one window":             {options: rocketchattest.Options{Synthetic: 250, UpperCount: 20}, first: readAll, second: readAll},
		"an ephemeral resource":  {options: many, first: opened, second: readAll, want: []string{ofWorkspace}},
		"users": {
			options: rocketchattest.Options{SyntheticUsers: 3000, DisallowInfiniteCount: true, PermissionRoles: granted},
			first:   data(usersName, nil), second: data(usersName, nil), want: []string{ofWorkspace}, words: []string{"/users.listByStatus waited "},
		},
		"settings": {
			options: rocketchattest.Options{PermissionRoles: granted, Settings: settings},
			first:   data(settingsName, attributes{"ids": settingIDs}), second: data(rolesName, nil), want: []string{ofWorkspace}, words: []string{"waited 3m"},
		},
		"logouts": {
			options: rocketchattest.Options{PermissionRoles: granted}, first: loggedOut, second: readAll, words: []string{"/sessions/logout waited 3m"},
			want: []string{ofWorkspace, "warning at session_ids: The workspace does not know some of the sessions"},
		},
		"a gateway": {
			options: rocketchattest.Options{Synthetic: 800}, gateway: true, first: readAll, second: readAll,
			want: []string{"warning at -: The provider waited for the rate limit of a gateway"}, words: []string{"waited 1m30s", "limit in the gateway"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, c.options)
			w.Fault(func(n int, _ *http.Request, _ http.Handler) http.Handler {
				if !c.gateway || n != 3 {
					return nil
				}
				return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
					rw.Header().Set("Retry-After", "90")
					rw.WriteHeader(http.StatusTooManyRequests)
				})
			})
			s := configured(t, w, "viewonly", attributes{"max_concurrent_requests": 1})
			first := c.first(t, s)
			wantReport(t, c.want, first)
			mustContain(t, details(first), c.words...)
			wantReport(t, nil, c.second(t, s))
		})
	}
}
