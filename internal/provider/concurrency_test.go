// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// behindTOTP is a provider that reads w as an account behind TOTP.
func (w *workspace) behindTOTP(t *testing.T, changes attributes) *server {
	t.Helper()
	config := attributes{"two_factor": attributes{"totp_secret": w.Account("totp").TOTPSecret}}
	maps.Copy(config, changes)
	return configured(t, w, "totp", config)
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
	s := w.behindTOTP(t, nil)
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
				wantAllBut(t, values["sessions"], before, ended)
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
func wantAllBut(t *testing.T, list tftypes.Value, before, ended map[string]bool) {
	t.Helper()
	var rows []tftypes.Value
	if err := list.As(&rows); err != nil {
		t.Error(err)
	}
	got := map[string]bool{}
	for _, row := range rows {
		var id string
		if err := object(t, row)["session_id"].As(&id); err != nil {
			t.Error(err)
		}
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

// TestReads_failureReachesAllWhoWaited: data sources that share a read fail together,
// with one call spent, and the next one reads anew.
func TestReads_failureReachesAllWhoWaited(t *testing.T) {
	t.Parallel()
	const callers = 8
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 30})
	s := w.behindTOTP(t, attributes{"max_retries": 0})
	waiting := make(chan struct{})
	w.Fault(func(int, *http.Request, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			<-waiting
			rw.WriteHeader(http.StatusBadGateway)
		})
	})
	asked := make(chan struct{}, callers)
	reads := make(chan []*tfprotov6.Diagnostic, callers)
	for range callers {
		go func() {
			asked <- struct{}{}
			_, diagnostics := s.readSessions(t.Context(), t, attributes{})
			reads <- diagnostics
		}()
	}
	for range callers {
		<-asked
	}
	close(waiting)
	for range callers {
		if diagnostics := <-reads; len(diagnostics) != 1 || diagnostics[0].Summary != "The gateway cannot reach the workspace" {
			t.Errorf("got %v, want one diagnostic: The gateway cannot reach the workspace", report(diagnostics))
		}
	}
	// Whoever came after the failure has started another read; nobody has more than one.
	if n := len(w.Requests()); n > callers {
		t.Errorf("%d requests for %d reads that failed", n, callers)
	}
	failed := len(w.Requests())
	w.Fault(nil)
	if values, diagnostics := s.readSessions(t.Context(), t, attributes{}); len(diagnostics) > 0 || len(w.Requests()) != failed+1 {
		t.Errorf("the read after the failure: %v, %s, %d requests", values["total"], details(diagnostics), len(w.Requests())-failed)
	}
}

// TestReads_canceledOneLeavesTheOthers: one of several that wait for the same
// read is canceled.
func TestReads_canceledOneLeavesTheOthers(t *testing.T) {
	t.Parallel()
	const others = 4
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 150})
	s := w.behindTOTP(t, nil)
	arrived, open := make(chan struct{}, 16), make(chan struct{})
	w.OnRequest(func(int, *http.Request) {
		arrived <- struct{}{}
		<-open
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	canceled := make(chan []*tfprotov6.Diagnostic)
	go func() {
		_, diagnostics := s.readSessions(ctx, t, attributes{})
		canceled <- diagnostics
	}()
	<-arrived
	type outcome struct {
		values      map[string]tftypes.Value
		diagnostics []*tfprotov6.Diagnostic
	}
	reads := make(chan outcome)
	for range others {
		go func() {
			values, diagnostics := s.readSessions(t.Context(), t, attributes{})
			reads <- outcome{values, diagnostics}
		}()
	}
	cancel()
	if diagnostics := <-canceled; len(diagnostics) != 1 || diagnostics[0].Summary != "The read was canceled" {
		t.Errorf("got %v, want: The read was canceled", report(diagnostics))
	}
	close(open)
	for range others {
		out := <-reads
		var rows []tftypes.Value
		if len(out.diagnostics) > 0 {
			t.Errorf("another data source: %s", details(out.diagnostics))
		} else if err := out.values["sessions"].As(&rows); err != nil || len(rows) != 150 {
			t.Errorf("another data source has %d rows, want 150: %v", len(rows), err)
		}
	}
}

// TestFaults_leadToOneDiagnostic drives faults of every kind through the
// provider: one error that names the cause, at the argument that is at fault, and no
// result.
func TestFaults_leadToOneDiagnostic(t *testing.T) {
	t.Parallel()
	html := http.Header{"Content-Type": {"text/html"}}
	object := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		fault rocketchattest.FaultFunc
		want  string
		words []string
	}{
		"reset before the response": {rocketchattest.FaultHangUp, "error at -: The connection to the workspace failed", []string{"5 attempts", "max_retries"}},
		"reset within the response": {rocketchattest.FaultTruncated, "error at -: The response is truncated or malformed", []string{"5 attempts", "truncated"}},
		"HTML with 200":             {rocketchattest.FaultResponse(200, html, "<html>"), "error at -: The workspace does not respond on this route", []string{"/api/v1/sessions/", "text/html"}},
		"502 with HTML":             {rocketchattest.FaultResponse(502, html, "<html>"), "error at -: The gateway cannot reach the workspace", []string{"HTTP status 502", "5 attempts"}},
		"503 with Retry-After":      {rocketchattest.FaultResponse(503, http.Header{"Retry-After": {"7"}}, ""), "error at -: The gateway cannot reach the workspace", []string{"HTTP status 503"}},
		"429 without headers":       {rocketchattest.FaultResponse(429, nil, ""), "error at timeouts.read: The rate limit of a gateway refused every attempt", []string{"5 times"}},
		"429 for a year":            {rocketchattest.FaultResponse(429, http.Header{"Retry-After": {"31536000"}}, ""), "error at timeouts.read: The rate limit of a gateway does not let the read finish in time", []string{"900 seconds", "timeouts"}},
		"success:false with 200":    {rocketchattest.FaultResponse(200, object, `{"success":false,"error":"no"}`), "error at -: Rocket.Chat refused the request", []string{"HTTP status 200", `"no"`}},
		"a field of another type":   {rocketchattest.FaultResponse(200, object, `{"sessions":[{"ip":7}],"total":1}`), "error at -: The response is truncated or malformed", []string{"format"}},
		"an empty page":             {rocketchattest.FaultResponse(200, object, `{"sessions":[],"total":9}`), "error at -: The list of sessions could not be read completely", []string{"0 sessions were read", "reported 9"}},
		"gzip that is none":         {rocketchattest.FaultResponse(200, http.Header{"Content-Encoding": {"gzip"}}, "{}"), "error at -: The response is truncated or malformed", nil},
		"redirect elsewhere":        {rocketchattest.FaultRedirect(302, "https://login.example.invalid/?next=chat"), "error at -: The workspace redirects to another address", []string{"https://login.example.invalid:443", "`url`"}},
		"403 with HTML":             {rocketchattest.FaultResponse(403, html, "<html>"), "error at -: Access was refused before Rocket.Chat", []string{"`headers`"}},
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
