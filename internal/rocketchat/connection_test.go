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
