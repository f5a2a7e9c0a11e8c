// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/live/ddp"
)

// credentials are those of the user as whom the suite makes a session, to end it.
type credentials struct{ user, password string }

// credentialsOf are nil unless the suite may end a session.
func credentialsOf(getenv func(string) string) (*credentials, error) {
	if getenv("ROCKETCHAT_TEST_LOGOUT") != "1" {
		return nil, nil
	}
	c := &credentials{getenv("ROCKETCHAT_TEST_USER"), getenv("ROCKETCHAT_TEST_PASSWORD")}
	if c.user == "" || c.password == "" {
		return nil, errors.New("with ROCKETCHAT_TEST_LOGOUT=1, ROCKETCHAT_TEST_USER and ROCKETCHAT_TEST_PASSWORD name the user whose session is made and ended")
	}
	return c, nil
}

const logoutName = "logout of a session of the suite's own"

// checkLogout makes a session as a client does, ends it with the action, and looks whether it is gone.
func (s *suite) checkLogout(ctx context.Context) {
	switch {
	case s.logout == nil:
		s.skip(logoutName, "ROCKETCHAT_TEST_LOGOUT is not 1")
		return
	case s.refused != nil:
		s.skip(logoutName, "the workspace refuses its sessions")
		return
	}
	client := s.login(ctx)
	before := granted(client.ownSessions(ctx))
	header := client.anonymous()
	header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:112.0) Gecko/20100101 Firefox/112.0")
	connection := must(ddp.Client{URL: client.base, Header: header, TLS: s.tls}.Resume(ctx, client.header.Get("X-Auth-Token")))
	defer connection.Close() //nolint:errcheck // the logout ends it
	id := client.newSession(ctx, before)
	problems := s.end(ctx, id)
	after, refused := client.ownSessions(ctx)
	if refused != nil && refused.status != http.StatusUnauthorized { // its token has ended as well
		check(refused)
	}
	if hasSession(after, id) {
		problems = append(problems, "the session is still listed")
	}
	s.verify(logoutName, problems...)
}

// anonymous are the headers without those of the account.
func (a *api) anonymous() http.Header {
	header := a.header.Clone()
	header.Del("X-User-Id")
	header.Del("X-Auth-Token")
	return header
}

func (a *api) ownSessions(ctx context.Context) (listing, *refusal) {
	return a.list(ctx, ownRoute, "sessions", nil, decodeSession)
}

// login logs the user in, with the account's TOTP code if the workspace asks for one.
func (s *suite) login(ctx context.Context) *api {
	client := *s.raw
	client.header, client.method, client.windows = s.raw.anonymous(), "", map[string]window{}
	body := map[string]string{"user": s.logout.user, "password": s.logout.password}
	r := client.once(ctx, http.MethodPost, "login", nil, body)
	if r.status != http.StatusOK && strings.Contains(string(r.body), "totp-required") && s.raw.totpSecret != "" {
		body["code"] = codeAt(s.raw.totpSecret, s.clock.Now())
		r = client.once(ctx, http.MethodPost, "login", nil, body)
	}
	data, _ := r.fields["data"].(map[string]any)
	id, _ := data["userId"].(string)
	token, _ := data["authToken"].(string)
	if r.status != http.StatusOK || token == "" {
		check(&refusal{"login", r})
	}
	client.header.Set("X-User-Id", id)
	client.header.Set("X-Auth-Token", token)
	return &client
}

// newSession is the id of a session that was not listed before.
func (a *api) newSession(ctx context.Context, before listing) string {
	for range 5 {
		for _, r := range granted(a.ownSessions(ctx)).rows {
			if id := r.text("session_id"); id != "" && !hasSession(before, id) {
				return id
			}
		}
		check(a.clock.Sleep(ctx, time.Second))
	}
	check(errors.New("the workspace does not list the session that the suite has made"))
	return ""
}

func hasSession(l listing, id string) bool {
	return slices.ContainsFunc(l.rows, func(r row) bool { return r.fields["session_id"] == id })
}

// end invokes the action, and returns its errors.
func (s *suite) end(ctx context.Context, id string) (problems []string) {
	i := s.newInstance(ctx, nil)
	server, ok := i.ProviderServer.(tfprotov6.ActionServer)
	if !ok {
		return []string{"the provider has no actions"}
	}
	stream := must(server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{
		ActionType: "rocketchat_logout_session", Config: dynamic(config{"session_ids": []string{id}}),
	}))
	for event := range stream.Events {
		if completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
			problems = append(problems, i.errorsOf(completed.Diagnostics)...)
		}
	}
	return problems
}
