// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// connected is a session of a user's token.
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
	for _, release := range rocketchattest.Releases() {
		for name, c := range map[string]struct {
			rows []rocketchattest.Session
			then func(w *rocketchattest.Workspace)
			want string
		}{
			"nothing happened": {want: newest},
			"reconnected":      {then: func(w *rocketchattest.Workspace) { w.Relogin("sAnn", "sAnn2") }, want: reconnected},
			"reconnected twice": {then: func(w *rocketchattest.Workspace) {
				w.Relogin("sAnn", "sAnn2")
				w.Relogin("sAnn2", "sAnn3")
			}, want: reconnected},
			"another of the user's clients reconnected": {then: func(w *rocketchattest.Workspace) { w.Relogin("sTablet", "sTablet2") }, want: newest},
			"another user reconnected":                  {then: func(w *rocketchattest.Workspace) { w.Relogin("sBob", "sBob2") }, want: newest},
			"logged out":                                {then: func(w *rocketchattest.Workspace) { w.Logout("sAnn") }, want: notFound},
			"reconnected and logged out": {then: func(w *rocketchattest.Workspace) {
				w.Relogin("sAnn", "sAnn2")
				w.Logout("sAnn2")
			}, want: notFound},
			"logged out, and the user logged in anew": {then: func(w *rocketchattest.Workspace) {
				w.Logout("sAnn")
				w.Login(connected("sAnn2", "ann", "token4", start))
			}, want: notFound},
			"another spelling": {rows: []rocketchattest.Session{connected("SANN", "ann", "token1", at)}, want: notFound},
			"two tokens on one connection": {
				rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sAnn", "ann", "token2", at)}, want: newest,
			},
			"two users on one connection": {
				rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sAnn", "bob", "token2", at)}, want: newest,
			},
			"one of two tokens reconnected": {
				rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sAnn", "ann", "token2", at)},
				then: func(w *rocketchattest.Workspace) { w.Relogin("sAnn", "sAnn2") }, want: reconnected,
			},
			"one of two users reconnected": {
				rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sAnn", "bob", "token2", at)},
				then: func(w *rocketchattest.Workspace) { w.Relogin("sAnn", "sAnn2") }, want: reconnected,
			},
			"a user named like the session": {
				rows: []rocketchattest.Session{connected("sAnn", "ann", "token1", at), connected("sEve", "sann", "token2", at)}, want: newest,
			},
		} {
			bubble(t, func(t *testing.T) {
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
					t.Errorf("%s, %s: the session is %s", release, name, *session.SessionID)
				case isNewest:
					got = newest
				}
				if got != c.want {
					t.Errorf("%s, %s: the session is %s, want %s", release, name, got, c.want)
				}
			})
		}
	}
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
