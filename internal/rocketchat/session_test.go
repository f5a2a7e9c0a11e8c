// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func TestWorkspaceSession_found(t *testing.T) {
	t.Parallel()
	byRelease(t, func(t *testing.T, release rocketchattest.Release) {
		w := behindTOTP(rocketchattest.Options{Release: release, Synthetic: 60})
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t))
		rows := w.Sessions()
		for i := range rows {
			got, err := client.WorkspaceSession(t.Context(), rows[i].SessionID.Value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(truth(&rows[i]), got); diff != "" {
				t.Errorf("row %d (-want +got):\n%s", i, diff)
			}
		}
	})
}

// TestWorkspaceSession_oldConnection: the server finds the ID of an old connection, and a logout of
// it ends the present one.
func TestWorkspaceSession_oldConnection(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		client := newClient(t, w.Transport(), account(w, "none"))
		old := w.Sessions()[4]
		w.Relogin(old.SessionID.Value, "present")
		got, err := client.WorkspaceSession(t.Context(), old.SessionID.Value)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(truth(&old), got); diff != "" {
			t.Errorf("the old connection (-want +got):\n%s", diff)
		}
		if err := client.Logout(t.Context(), old.SessionID.Value); err != nil {
			t.Fatal(err)
		}
		if _, err := client.WorkspaceSession(t.Context(), "present"); !errors.Is(err, rocketchat.ErrNotFound) || len(w.Sessions()) != 8 {
			t.Errorf("%v, and %d sessions left: want the present connection to have ended", err, len(w.Sessions()))
		}
	})
}

// TestWorkspaceSession_isTheOneAskedFor: the server takes an id for an
// expression and responds with whatever it matches.
func TestWorkspaceSession_isTheOneAskedFor(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		client := newClient(t, w.Transport(), account(w, "none"))
		known := *read(t, client).Sessions[0].SessionID
		for _, id := range []string{
			".*", known[:8], strings.ToLower(known), strings.ToUpper(known), *read(t, client).Sessions[0].UserID, "Chrome",
			known + "|x", "(" + known + ")", "unknown-id", `\`, "[", "a+b&c=d", "ä ö",
		} {
			if got, err := client.WorkspaceSession(t.Context(), id); !errors.Is(err, rocketchat.ErrNotFound) {
				t.Errorf("WorkspaceSession(%q) = %v, %v; want ErrNotFound", id, got, err)
			}
		}
		asked := w.Requests()
		query, err := url.ParseQuery(asked[len(asked)-6].Query)
		if err != nil || query.Get("sessionId") != `\(`+known+`\)` {
			t.Errorf("query %v, %v; want the id escaped", query, err)
		}
	})
}

func TestWorkspaceSession_responses(t *testing.T) {
	t.Parallel()
	notFound := fmt.Errorf("GET /api/v1/sessions/info.admin: %w", rocketchat.ErrNotFound)
	for body, want := range map[string]error{
		`{"sessionId":"b","success":true}`: notFound,
		`{"userId":"u","success":true}`:    notFound,
		`{"sessionId":"a","success":false,"error":"odd"}`: &rocketchat.ResponseError{
			Request: infoRequest, Status: 200, Message: "odd", Attempts: 1, Permission: "view-device-management",
		},
	} {
		s, err := newClient(t, play(jsonResponse(200, body))).WorkspaceSession(t.Context(), "a")
		wantError(t, err, want)
		if s != nil {
			t.Errorf("%s: a session beside the error", body)
		}
	}
	_, err := newClient(t, play(jsonResponse(404, `{"success":false,"error":"Session not found"}`))).WorkspaceSession(t.Context(), "a")
	if !errors.Is(err, rocketchat.ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
	bubble(t, func(t *testing.T) { // nothing of a malformed response is taken along
		server := play(jsonResponse(200, `{"sessionId":"a","host":"left over","ip":7}`), jsonResponse(200, `{"sessionId":"a"}`))
		s, err := newClient(t, server).WorkspaceSession(t.Context(), "a")
		if err != nil || s.Host != nil || server.count() != 2 {
			t.Errorf("%+v, %v; want no host", s, err)
		}
	})
}

const infoRequest = "GET https://chat.example.invalid/api/v1/sessions/info.admin"

func TestLogout_ends(t *testing.T) {
	t.Parallel()
	byRelease(t, func(t *testing.T, release rocketchattest.Release) {
		w := behindTOTP(rocketchattest.Options{Release: release})
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t))
		id := w.Sessions()[4].SessionID.Value
		for range 2 { // ending it again is no error
			if err := client.Logout(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.Sessions()) != 8 {
			t.Errorf("%d sessions left, want eight", len(w.Sessions()))
		}
		if err := client.Logout(t.Context(), "never-known"); !errors.Is(err, rocketchat.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
		if _, err := client.WorkspaceSession(t.Context(), id); !errors.Is(err, rocketchat.ErrNotFound) {
			t.Errorf("%v, want ErrNotFound", err)
		}
		first := w.Requests()[0]
		var sent map[string]any
		if err := json.Unmarshal(first.Body, &sent); err != nil || len(sent) != 1 || sent["sessionId"] != id {
			t.Errorf("sent %s, %v", first.Body, err)
		}
		if first.Method != http.MethodPost || first.Header.Get("Content-Type") != applicationJSON || first.Query != "" {
			t.Errorf("sent %s with %v and the query %q", first.Method, first.Header, first.Query)
		}
	})
}

// TestLogout_isRepeated: the connection breaks off once before the server has
// seen the request, and once after it has ended the session.
func TestLogout_isRepeated(t *testing.T) {
	t.Parallel()
	byRelease(t, func(t *testing.T, release rocketchattest.Release) {
		w := rocketchattest.New(rocketchattest.Options{Release: release})
		w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
			if n == 0 {
				return rocketchattest.FaultHangUp(n, r, next)
			}
			return rocketchattest.OnlyRequests(rocketchattest.FaultTruncated, 1)(n, r, next)
		})
		client := newClient(t, w.Transport(), account(w, "none"))
		if err := client.Logout(t.Context(), w.Sessions()[0].SessionID.Value); err != nil {
			t.Errorf("Logout: %v", err)
		}
		requests := w.Requests()
		if len(requests) != 3 || len(w.Sessions()) != 8 {
			t.Errorf("%d requests, %d sessions left", len(requests), len(w.Sessions()))
		}
		for i, r := range requests {
			if string(r.Body) != string(requests[0].Body) || len(r.Body) == 0 {
				t.Errorf("request %d sent %q", i, r.Body)
			}
		}
	})
}

func TestLogout_refused(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		err := newClient(t, w.Transport(), account(w, "viewonly")).Logout(t.Context(), w.Sessions()[0].SessionID.Value)
		got := as[*rocketchat.ResponseError](t, err)
		if !errors.Is(err, rocketchat.ErrNoPermission) || got.Permission != "logout-device-management" ||
			got.Request != "POST https://chat.example.invalid/api/v1/sessions/logout" {
			t.Errorf("%+v", *got)
		}
		for _, body := range []string{`{"success":false,"error":"odd"}`, `{"success":"yes"}`, ``} {
			if err := newClient(t, play(jsonResponse(200, body))).Logout(t.Context(), "a"); err == nil {
				t.Errorf("%q is taken for success", body)
			}
		}
	})
}

// TestOwnSessions_read needs neither a permission nor a second factor, and sends
// none.
func TestOwnSessions_read(t *testing.T) {
	t.Parallel()
	byRelease(t, func(t *testing.T, release rocketchattest.Release) {
		none := rocketchattest.New(rocketchattest.Options{}).Account("noperm")
		rows := rocketchattest.SyntheticSessions(400, 1, start)
		own := 0
		for i := range rows {
			if i%3 == 0 {
				rows[i].UserID, own = rocketchattest.Some(none.UserID), own+1
			}
		}
		w := rocketchattest.New(rocketchattest.Options{Release: release, Sessions: rows})
		client := newClient(t, w.Transport(), account(w, "noperm"), twoFactor(rocketchat.TwoFactor{
			TOTP: parseSecret(t, rocketchattest.DefaultTOTPSecret), Code: "4711", Password: rocketchattest.DefaultPassword,
		}))
		listing, err := client.OwnSessions(t.Context(), "", everything)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(truths(rows), func(s *sessions.Session) bool { return *s.UserID != none.UserID })
		for _, s := range want {
			s.User = nil
			if release.MarksCurrent() {
				s.Current = new(bool)
			}
		}
		wantRows(t, listing.Sessions, want)
		if listing.Total != own {
			t.Errorf("total %d, want %d", listing.Total, own)
		}
		for _, r := range w.Requests() {
			if r.Path != "/api/v1/sessions/list" || r.Header.Get("X-2fa-Code") != "" || r.Header.Get("X-2fa-Method") != "" {
				t.Errorf("%s was asked with %v", r.Path, r.Header)
			}
		}
	})
}

func TestOwnSessions_tellTheCurrentOne(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(jsonResponse(200, `{"sessions":[{"sessionId":"a","current":true},{"sessionId":"b","current":false},{"sessionId":"c"}],"total":3,"count":50,"offset":0,"success":true}`))
		listing, err := newClient(t, server).OwnSessions(t.Context(), "", everything)
		if err != nil {
			t.Fatal(err)
		}
		rows := listing.Sessions
		if len(rows) != 3 || rows[0].Current == nil || !*rows[0].Current || rows[1].Current == nil || *rows[1].Current || rows[2].Current != nil {
			t.Errorf("%+v", rows)
		}
	})
}

// TestOwnSessions_refusedForTheSecondFactor: where a gateway or a release to
// come demands one after all, none is sent, for no code was asked to go there.
func TestOwnSessions_refusedForTheSecondFactor(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(demand(`"method":"totp","availableMethods":["totp"]`))
		_, err := newClient(t, server, withTOTP(t)).OwnSessions(t.Context(), "", everything)
		if got := as[*rocketchat.SecondFactorError](t, err); got.CodeSent || server.count() != 1 {
			t.Errorf("%d requests, %+v", server.count(), *got)
		}
	})
}

// TestLimiter_forEachRoute: a list that is used up does not hold a
// logout back.
func TestLimiter_forEachRoute(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		admin := rocketchattest.DefaultAccounts()[0]
		admin.Permissions = []string{rocketchattest.PermissionView, rocketchattest.PermissionLogout}
		w := rocketchattest.New(rocketchattest.Options{
			Accounts: []rocketchattest.Account{admin}, RateLimit: rocketchattest.RateLimit{Calls: 1, Window: time.Minute},
		})
		client := newClient(t, w.Transport(), account(w, "none"))
		id := *read(t, client).Sessions[0].SessionID
		if _, err := client.WorkspaceSession(t.Context(), id); err != nil {
			t.Error(err)
		}
		if err := client.Logout(t.Context(), id); err != nil {
			t.Error(err)
		}
		if time.Since(start) != 0 {
			t.Errorf("waited %v", time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		if got := as[*rocketchat.RateLimitError](t, client.Logout(ctx, id)); got.Limit != 1 || got.Left != 30*time.Second {
			t.Errorf("%+v", *got)
		}
	})
}

// TestKeys_inAnotherCase: a key that differs from the API's by its case is another key, as
// it is for JavaScript.
func TestKeys_inAnotherCase(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(jsonResponse(200, `{"sessionId":"a","SessionID":"b","\u0053essionId":"c","ip":"10.0.0.1","Ip" : "10.6.6.6",`+
			`"device":{"name":"Chrome","NAME":"Firefox","os":{"name":"Linux","Name":"Windows"}},"\u0073uccess":true,"Success":false}`))
		s, err := newClient(t, server).WorkspaceSession(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		if *s.SessionID != "a" || *s.IP != "10.0.0.1" || s.Device.Name.Value != "Chrome" || s.Device.OS.Value.Name.Value != "Linux" {
			t.Errorf("session %s at %s with %+v", *s.SessionID, *s.IP, *s.Device)
		}
	})
}

func connected(id, user, token string, at time.Time) rocketchattest.Session {
	return rocketchattest.Session{
		SessionID: rocketchattest.Some(id), ID: rocketchattest.Some(id), UserID: rocketchattest.Some("id-of-" + user),
		LoginAt: rocketchattest.Some(at), LoginToken: token, User: rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some(user)}),
	}
}

// TestConnection_isNewest asks about a session after its client, or another one, has done something.
func TestConnection_isNewest(t *testing.T) {
	t.Parallel()
	at := start.Add(-time.Hour)
	const (
		newest      = "newest"
		reconnected = "reconnected"
		notFound    = "not found"
	)
	two := func(second string) []rocketchattest.Session {
		return []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sAnn", second, "token2", at)}
	}
	relogin := func(ids ...string) func(*rocketchattest.Workspace) {
		return func(w *rocketchattest.Workspace) {
			for i, id := range ids[1:] {
				w.Relogin(ids[i], id)
			}
		}
	}
	type row struct {
		rows []rocketchattest.Session
		then func(w *rocketchattest.Workspace)
		want string
	}
	eachByRelease(t, map[string]row{
		"nothing happened":  {want: newest},
		"reconnected":       {then: relogin("sAnn", "sAnn2"), want: reconnected},
		"reconnected twice": {then: relogin("sAnn", "sAnn2", "sAnn3"), want: reconnected},
		"another of the user's clients reconnected": {then: relogin("sTablet", "sTablet2"), want: newest},
		"another user reconnected":                  {then: relogin("sBob", "sBob2"), want: newest},
		"logged out":                                {then: func(w *rocketchattest.Workspace) { w.Logout("sAnn") }, want: notFound},
		"reconnected and logged out": {then: func(w *rocketchattest.Workspace) {
			w.Relogin("sAnn", "sAnn2")
			w.Logout("sAnn2")
		}, want: notFound},
		"logged out, and the user logged in anew": {then: func(w *rocketchattest.Workspace) {
			w.Logout("sAnn")
			w.Login(connected("sAnn2", "ann", "token4", start))
		}, want: notFound},
		"another spelling":              {rows: []rocketchattest.Session{connected("SANN", "ann", "token1", at)}, want: notFound},
		"two tokens on one connection":  {rows: two("ann"), want: newest},
		"two users on one connection":   {rows: two("bob"), want: newest},
		"one of two tokens reconnected": {rows: two("ann"), then: relogin("sAnn", "sAnn2"), want: reconnected},
		"one of two users reconnected":  {rows: two("bob"), then: relogin("sAnn", "sAnn2"), want: reconnected},
		"a user named like the session": {
			rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sEve", "sann", "token2", at)}, want: newest,
		},
	}, func(t *testing.T, c row, release rocketchattest.Release) {
		if c.rows == nil {
			c.rows = []rocketchattest.Session{
				connected("sAnn", "ann", "token1", at), connected("sTablet", "ann", "token2", at), connected("sBob", "bob", "token3", at),
			}
		}
		w := rocketchattest.New(rocketchattest.Options{Release: release, Sessions: c.rows})
		client := newClient(t, w.Transport(), account(w, "none"))
		// What was read before says nothing.
		for _, search := range []string{"", "sAnn", "id-of-ann", "id-of-bob"} {
			if _, err := client.WorkspaceSessions(t.Context(), search, everything); err != nil {
				t.Fatal(err)
			}
		}
		if c.then != nil {
			c.then(w)
		}
		session, isNewest, err := client.Connection(t.Context(), "sAnn")
		got := reconnected
		switch {
		case errors.Is(err, rocketchat.ErrNotFound):
			got = notFound
		case err != nil:
			t.Fatal(err)
		case *session.SessionID != "sAnn":
			t.Errorf("the session is %s", *session.SessionID)
		case isNewest:
			got = newest
		}
		if got != c.want {
			t.Errorf("the session is %s, want %s", got, c.want)
		}
	})
}

// TestConnection_failsWithTheWorkspace fails at either call.
func TestConnection_failsWithTheWorkspace(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1} {
		bubble(t, func(t *testing.T) {
			w := rocketchattest.New(rocketchattest.Options{Sessions: []rocketchattest.Session{connected("sAnn", "ann", "token1", start)}})
			w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultResponse(http.StatusForbidden, nil, `{"success":false,"error":"unauthorized"}`), n))
			_, newest, err := newClient(t, w.Transport(), account(w, "none")).Connection(t.Context(), "sAnn")
			if err == nil || newest || len(w.Requests()) != n+1 {
				t.Errorf("call %d fails, and the session is newest: %t, after %d calls, with %v", n, newest, len(w.Requests()), err)
			}
		})
	}
}

// TestLogout_invalidates what has been read, also if it fails: nobody knows what became of it.
func TestLogout_invalidates(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, responded := range []response{jsonResponse(200, `{"success":true}`), {err: errors.New("reset")}} {
			server := play(emptyList, responded, emptyList)
			client := newClient(t, server, func(c *rocketchat.Config) { c.MaxRetries = 0 })
			read(t, client)
			if err := client.Logout(t.Context(), "a"); (err == nil) != (responded.err == nil) {
				t.Error(err)
			}
			read(t, client)
			if server.count() != 3 {
				t.Errorf("%d requests, want the list to be read again", server.count())
			}
		}
	})
}

// TestLogout_whileAReadIsUnderWay: it goes on for those who wait, and whoever
// comes later gets another one.
func TestLogout_whileAReadIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lists := newGate(play(emptyList))
		c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return jsonResponse(200, `{"success":true}`).response(r)
			}
			return lists.RoundTrip(r)
		}))
		// The first use of a second factor is alone, over all routes.
		if err := c.Logout(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		early := begin(t.Context(), c, everything)
		synctest.Wait()
		if err := c.Logout(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		late := begin(t.Context(), c, everything)
		synctest.Wait()
		if asked, ended := lists.counts(); asked != 1 || ended != 0 {
			// The limiter is not known yet: the second request waits for the first.
			t.Errorf("%d requests, %d ended", asked, ended)
		}
		close(lists.open)
		a, b := <-early, <-late
		if a.err != nil || b.err != nil || a.listing == b.listing {
			t.Errorf("%v and %v, the same: %v", a.err, b.err, a.listing == b.listing)
		}
	})
}
