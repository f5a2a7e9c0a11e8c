// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"errors"
	"fmt"
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

// checkLogout makes a session as a client does, ends it with the action, and looks whether it is gone.
func (s *suite) checkLogout(ctx context.Context) error {
	const name = "logout of a session of the suite's own"
	switch {
	case s.logout == nil:
		s.skip(name, "ROCKETCHAT_TEST_LOGOUT is not 1")
		return nil
	case s.refused != nil:
		s.skip(name, "the workspace refuses its sessions")
		return nil
	}
	client, err := s.login(ctx)
	if err != nil {
		return err
	}
	before, err := client.list(ctx, ownRoute, "sessions", nil, decodeSession)
	if err != nil {
		return err
	}
	header := client.header.Clone()
	header.Del("X-User-Id")
	header.Del("X-Auth-Token")
	header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:112.0) Gecko/20100101 Firefox/112.0")
	connection, err := ddp.Client{URL: client.base, Header: header, TLS: s.tls}.Resume(ctx, client.header.Get("X-Auth-Token"))
	if err != nil {
		return err
	}
	defer connection.Close() //nolint:errcheck // the logout ends it
	id, err := client.newSession(ctx, before)
	if err != nil {
		return err
	}
	problems, err := s.end(ctx, id)
	if err != nil {
		return err
	}
	after, err := client.list(ctx, ownRoute, "sessions", nil, decodeSession)
	if refused, ok := isRefused(err); ok && refused.status == http.StatusUnauthorized {
		err = nil // its token has ended as well
	}
	if hasSession(after, id) {
		problems = append(problems, "the session is still listed")
	}
	s.verify(name, problems...)
	return err
}

// login logs the user in, with the account's TOTP code if the workspace asks for one.
func (s *suite) login(ctx context.Context) (*api, error) {
	client := *s.raw
	client.header, client.method, client.windows = s.raw.header.Clone(), "", map[string]window{}
	client.header.Del("X-User-Id")
	client.header.Del("X-Auth-Token")
	body := map[string]string{"user": s.logout.user, "password": s.logout.password}
	r, err := client.once(ctx, http.MethodPost, "login", nil, body)
	if err == nil && r.status != http.StatusOK && strings.Contains(string(r.body), "totp-required") && s.raw.totpSecret != "" {
		body["code"] = codeAt(s.raw.totpSecret, s.clock.Now())
		r, err = client.once(ctx, http.MethodPost, "login", nil, body)
	}
	if err != nil {
		return nil, err
	}
	data, _ := r.fields["data"].(map[string]any)
	id, _ := data["userId"].(string)
	token, _ := data["authToken"].(string)
	if r.status != http.StatusOK || token == "" {
		return nil, &refusal{"login", *r}
	}
	client.header.Set("X-User-Id", id)
	client.header.Set("X-Auth-Token", token)
	return &client, nil
}

// newSession is the id of a session that was not listed before.
func (a *api) newSession(ctx context.Context, before listing) (string, error) {
	for range 5 {
		now, err := a.list(ctx, ownRoute, "sessions", nil, decodeSession)
		if err != nil {
			return "", err
		}
		for _, r := range now.rows {
			if id, ok := r.text("session_id"); ok && !hasSession(before, id) {
				return id, nil
			}
		}
		if err := a.clock.Sleep(ctx, time.Second); err != nil {
			return "", err
		}
	}
	return "", errors.New("the workspace does not list the session that the suite has made")
}

func hasSession(l listing, id string) bool {
	return slices.ContainsFunc(l.rows, func(r row) bool { return r.fields["session_id"] == id })
}

// end invokes the action, and returns its errors.
func (s *suite) end(ctx context.Context, id string) ([]string, error) {
	const action = "rocketchat_logout_session"
	i, err := s.newInstance(ctx, nil)
	if err != nil {
		return nil, err
	}
	server, ok := i.ProviderServer.(tfprotov6.ActionServer)
	schema, known := i.schema.ActionSchemas[action]
	if !ok || !known {
		return nil, fmt.Errorf("the provider has no action %s", action)
	}
	arguments, err := dynamic(schema.Schema.ValueType(), config{"session_ids": []string{id}})
	if err != nil {
		return nil, err
	}
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: action, Config: arguments})
	if err != nil {
		return nil, err
	}
	var problems []string
	for event := range stream.Events {
		if completed, ok := event.Type.(tfprotov6.CompletedInvokeActionEventType); ok {
			problems = append(problems, i.errorsOf(completed.Diagnostics)...)
		}
	}
	return problems, nil
}
