// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// behindTOTP is a provider that reads w as an account behind TOTP.
func (w *workspace) behindTOTP(t *testing.T) *server {
	t.Helper()
	return configured(t, w, "totp", attributes{"two_factor": attributes{"totp_secret": w.Account("totp").TOTPSecret}})
}

// TestReads_ofAllKindsAtTheSameTime runs many of each kind in one provider, as a plan
// and its actions do, while the list moves.
func TestReads_ofAllKindsAtTheSameTime(t *testing.T) {
	t.Parallel()
	const rows, each = 300, 12
	w := newWorkspace(t, rocketchattest.Options{Synthetic: rows, Seed: 3})
	before := map[string]bool{}
	for _, row := range w.Sessions() {
		before[row.SessionID.Value] = true
	}
	s := w.behindTOTP(t)
	var all sync.WaitGroup
	ended := map[string]bool{}
	for i := range each {
		id := w.Sessions()[10*i].SessionID.Value
		ended[id] = true
		all.Go(func() {
			_, diagnostics := s.invoke(t.Context(), t, attributes{"session_ids": []any{id}})
			if len(diagnostics) > 0 {
				t.Errorf("logout of %s: %s", id, details(diagnostics))
			}
		})
	}
	config := []attributes{{}, {"limit": 20}, {"filter": "firefox"}, {"search": "user"}}
	for i := range 3 * each {
		all.Go(func() {
			read := s.readSessions
			if i%3 == 0 {
				read = s.open
			}
			values, diagnostics := read(t.Context(), t, config[i%len(config)])
			if hasError(diagnostics) { // a search may find nothing
				t.Errorf("read %d: %s", i, details(diagnostics))
				return
			}
			if i%len(config) == 0 {
				wantAllBut(t, values, before, ended)
			}
		})
	}
	all.Go(func() {
		if _, diagnostics := s.readData(t.Context(), t, "rocketchat_current_user_sessions", attributes{}); len(diagnostics) > 0 {
			t.Errorf("own sessions: %s", details(diagnostics))
		}
	})
	all.Wait()
	if got := len(w.Sessions()); got != rows-each {
		t.Errorf("%d sessions are left, want %d", got, rows-each)
	}
}

// wantAllBut asserts that a list holds each session once, apart from those that
// may have ended.
func wantAllBut(t *testing.T, values map[string]tftypes.Value, before, ended map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	for _, id := range column(t, values, "sessions", "session_id") {
		if got[id] || !before[id] {
			t.Errorf("%s is there twice, or never was", id)
		}
		got[id] = true
	}
	for id := range before {
		if !got[id] && !ended[id] {
			t.Errorf("%s is missing", id)
		}
	}
}

// TestFaults_leadToOneDiagnostic drives faults of every kind through the
// provider: one error that names the cause, at the argument that is at fault, and no
// result.
func TestFaults_leadToOneDiagnostic(t *testing.T) {
	t.Parallel()
	object := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		fault rocketchattest.FaultFunc
		want  string
		words []string
	}{
		"reset before the response": {rocketchattest.FaultHangUp, "error at -: The connection to the workspace failed", []string{"5 attempts", "max_retries"}},
		"reset within the response": {rocketchattest.FaultTruncated, "error at -: The response is truncated or malformed", []string{"5 attempts", "truncated"}},
		"429 without headers":       {rocketchattest.FaultResponse(429, nil, ""), "error at timeouts.read: The rate limit of a gateway refused every attempt", []string{"5 times"}},
		"429 for a year":            {rocketchattest.FaultResponse(429, http.Header{"Retry-After": {"31536000"}}, ""), "error at timeouts.read: The rate limit of a gateway does not let the read finish in time", []string{"900 seconds", "timeouts"}},
		"success:false with 200":    {rocketchattest.FaultResponse(200, object, `{"success":false,"error":"no"}`), "error at -: Rocket.Chat refused the request", []string{"HTTP status 200", `"no"`}},
		"a field of another type":   {rocketchattest.FaultResponse(200, object, `{"sessions":[{"ip":7}],"total":1}`), "error at -: The response is truncated or malformed", []string{"format"}},
		"an empty page":             {rocketchattest.FaultResponse(200, object, `{"sessions":[],"total":9}`), "error at -: The list of sessions could not be read completely", []string{"0 sessions were read", "reported 9"}},
		"gzip that is none":         {rocketchattest.FaultResponse(200, http.Header{"Content-Encoding": {"gzip"}}, "{}"), "error at -: The response is truncated or malformed", nil},
		"redirect elsewhere":        {rocketchattest.FaultRedirect(302, "https://login.example.invalid/?next=chat"), "error at -: The workspace redirects to another address", []string{"https://login.example.invalid:443", "`url`"}},
		"parameters":                {rocketchattest.FaultResponse(400, object, `{"success":false,"error":"no [invalid-params]","errorType":"invalid-params"}`), "error at search: Rocket.Chat refused the parameters of the request", []string{"`search`"}},
		"a query that fails":        {rocketchattest.FaultSessionsQuery, "error at -: Rocket.Chat refused the request", nil},
		"database down":             {rocketchattest.FaultDatabaseDown, "error at -: The workspace returned a server error", []string{"HTTP status 500"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				for moment, from := range map[string]int{"first page": 0, "later page": 1} {
					w := rocketchattest.New(rocketchattest.Options{Release: clitest.Release(), Synthetic: 250})
					a := w.Account("totp")
					s := newServer(t, WithTransport(w.Transport()))
					s.configure(t, minimal(attributes{
						"user_id": a.UserID, "auth_token": a.Token, "max_concurrent_requests": 1,
						"two_factor": attributes{"totp_secret": a.TOTPSecret},
					}))
					w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
						if n < from || !strings.HasSuffix(r.URL.Path, "list.all") {
							return nil
						}
						return c.fault(n, r, next)
					})
					values, diagnostics := s.readSessions(t.Context(), t, attributes{})
					if diff := cmp.Diff([]string{c.want}, report(diagnostics)); diff != "" || values != nil {
						t.Errorf("%s: a result, or diagnostics (-want +got):\n%s", moment, diff)
					}
					if from == 0 {
						mustContain(t, details(diagnostics), c.words...)
					}
					mustNotContain(t, details(diagnostics), a.Token, a.TOTPSecret)
				}
			})
		})
	}
}
