// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const sessionName = "rocketchat_workspace_session"

func TestWorkspaceSession_failures(t *testing.T) {
	t.Parallel()
	const notFound = "error at session_id: There is no such session"
	for name, c := range map[string]struct {
		account string
		id      string
		want    string
		words   []string
	}{
		"never was":     {"none", "o94SveQp6fyPsoiNX", notFound, []string{"probably ended", "case-sensitive", "rocketchat_workspace_sessions"}},
		"expression":    {"none", ".*", notFound, nil},
		"prefix":        {"none", "sAn", notFound, nil},
		"lower case":    {"none", "sann", notFound, nil},
		"user id":       {"none", "id-of-ann", notFound, nil},
		"permission":    {"noperm", "sAnn", "error at -: The account lacks a permission", []string{"`view-device-management`", "sessions/info.admin"}},
		"second factor": {"totp", "sAnn", "error at -: A TOTP code is required", []string{"ROCKETCHAT_TOTP_SECRET"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
			_, got := configured(t, w, c.account, nil).readData(t.Context(), t, sessionName, attributes{"session_id": c.id})
			wantReport(t, []string{c.want}, got)
			mustContain(t, details(got), c.words...)
		})
	}
}

// What is sent means the id, also where the server takes it for an expression.
func TestWorkspaceSession_sendsALiteral(t *testing.T) {
	t.Parallel()
	rows := fourSessions()
	rows[2].SessionID, rows[2].ID = rocketchattest.Some("a.b+(c)"), rocketchattest.Some("a.b+(c)")
	w := newWorkspace(t, rocketchattest.Options{Sessions: rows})
	got, diagnostics := configured(t, w, "none", nil).readData(t.Context(), t, sessionName, attributes{"session_id": "a.b+(c)"})
	if len(diagnostics) > 0 {
		t.Fatal(details(diagnostics))
	}
	var userID string
	if err := got["user_id"].As(&userID); err != nil || userID != "id-of-svc-bot" {
		t.Errorf("user_id is %s", got["user_id"])
	}
	if got, want := w.Requests()[0].Query, "sessionId="+url.QueryEscape(`a\.b\+\(c\)`); got != want {
		t.Errorf("the query is %s, want %s", got, want)
	}
}

func TestWorkspaceSession_waitsNoLongerThanItsTimeout(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions(), RateLimit: rocketchattest.RateLimit{Calls: 1}})
	s := configured(t, w, "viewonly", nil)
	read := func(timeouts any) []string {
		_, got := s.readData(t.Context(), t, sessionName, attributes{"session_id": "sAnn", "timeouts": timeouts})
		mustNotContain(t, details(got), "`search`", "Max Record Amount")
		return report(got)
	}
	for i, want := range [][]string{{}, {}, {"error at timeouts.read: The rate limit does not let the read finish in time"}} {
		var timeouts any
		if i == 2 {
			timeouts = attributes{"read": "30s"}
		}
		if diff := cmp.Diff(want, read(timeouts)); diff != "" {
			t.Errorf("read %d: diagnostics (-want +got):\n%s", i, diff)
		}
	}
	if w.clock.Slept() == 0 {
		t.Error("the second read did not wait for the rate limit")
	}
}

func TestWorkspaceSession_mistakes(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateData(sessionName), map[string]mistake{
		"id":       {attributes{"session_id": "o94SveQp6fyPsoiNC"}, nil, nil},
		"unknown":  {attributes{"session_id": unknown{}, "timeouts": unknown{}}, nil, nil},
		"missing":  {nil, []string{"error at session_id: Missing Configuration for Required Attribute"}, nil},
		"empty":    {attributes{"session_id": ""}, []string{"error at session_id: Unusable session ID"}, nil},
		"blank":    {attributes{"session_id": "sAnn\n"}, []string{"error at session_id: Unusable session ID"}, nil},
		"timeouts": {attributes{"session_id": "sAnn", "timeouts": attributes{"read": "-1s"}}, []string{"error at timeouts.read: Unusable duration"}, nil},
	})
}
