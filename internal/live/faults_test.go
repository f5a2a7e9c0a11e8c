// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The suite must find mistakes. Here the provider makes some.

// finds runs the suite with a fault, and wants a check to fail.
func finds(t *testing.T, only string, f fault, isMeant func(check string) bool) {
	t.Helper()
	to, _ := simulated(t, "viewtotp", rocketchattest.Options{})
	to.fault, to.only, to.say = f, only, func(string, ...any) {}
	s := newSuite(to)
	err := s.run(t.Context())
	if !slices.ContainsFunc(s.failed, func(found finding) bool { return isMeant(found.name) }) {
		t.Errorf("the suite does not find it: %v, %v", s.failed, err)
	}
}

// some are all cases, or, in a short run, one.
func some[C any](cases map[string]C) map[string]C {
	kept := map[string]C{}
	for _, name := range clitest.Few(1, slices.Sorted(maps.Keys(cases))) {
		kept[name] = cases[name]
	}
	return kept
}

// without is a provider that ignores an argument of a data source.
type without struct {
	tfprotov6.ProviderServer
	source, argument string
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (w without) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if req.TypeName == w.source {
		var arguments config
		check(json.Unmarshal(req.Config.JSON, &arguments))
		delete(arguments, w.argument)
		req = &tfprotov6.ReadDataSourceRequest{TypeName: req.TypeName, Config: dynamic(arguments)}
	}
	return w.ProviderServer.ReadDataSource(ctx, req)
}

// TestLive_missesNoIgnoredArgument ignores one argument after another.
func TestLive_missesNoIgnoredArgument(t *testing.T) {
	t.Parallel()
	schema, err := provider.NewServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for source, least := range map[string]int{workspaceSessions: 20, usersSource: 5, rolesSource: 1, ownSessions: 10} {
		var arguments []string
		for _, attribute := range schema.DataSourceSchemas[source].Block.Attributes {
			if attribute.Optional {
				arguments = append(arguments, attribute.Name)
			}
		}
		if len(arguments) < least {
			t.Errorf("%s has only %d arguments", source, len(arguments))
		}
		for _, argument := range clitest.Few(1, arguments) {
			t.Run(source+"."+argument, func(t *testing.T) {
				t.Parallel()
				ignoring := func(server tfprotov6.ProviderServer) tfprotov6.ProviderServer {
					return without{server, source, argument}
				}
				finds(t, argument, fault{server: ignoring}, func(check string) bool {
					_, name, _ := strings.Cut(check, ": ")
					return strings.Contains(name, argument)
				})
			})
		}
	}
}

// transport is an [http.RoundTripper].
type transport func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// changing changes the responses of a route on their way to the provider.
func changing(route string, change func(body map[string]any)) func(http.RoundTripper) http.RoundTripper {
	return func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			response, err := next.RoundTrip(r)
			if err != nil || !strings.HasSuffix(r.URL.Path, "/api/v1/"+route) {
				return response, err
			}
			var body map[string]any
			text, err := io.ReadAll(response.Body)
			if err != nil || json.Unmarshal(text, &body) != nil {
				return response, err
			}
			change(body)
			response.Body = io.NopCloser(bytes.NewReader([]byte(encoded(body))))
			return response, nil
		})
	}
}

// TestLive_findsChangedResponses changes what the provider is sent, as if it had decoded it wrongly.
func TestLive_findsChangedResponses(t *testing.T) {
	t.Parallel()
	less := func(list string) func(map[string]any) {
		return func(body map[string]any) {
			rows, _ := body[list].([]any)
			if total, ok := body["total"].(float64); ok {
				body["total"] = total - float64(min(1, len(rows)))
			}
			body[list] = rows[min(1, len(rows)):]
		}
	}
	first := func(list, field string, value any) func(map[string]any) {
		return func(body map[string]any) {
			if rows := objects(body[list]); len(rows) > 0 {
				rows[0][field] = value
			}
		}
	}
	for name, c := range some(map[string]struct {
		route  string
		change func(map[string]any)
		want   string
	}{
		"a role less":             {"roles.list", less("roles"), "roles: all"},
		"a role's second factor":  {"roles.list", first("roles", "mandatory2fa", true), "roles: all"},
		"a role's permissions":    {"permissions.listAll", first("update", "roles", []any{"guest"}), "roles: permissions"},
		"a user less":             {"users.listByStatus", less("users"), "users: all"},
		"a user's roles":          {"users.listByStatus", first("users", "roles", []any{"guest"}), "users: all"},
		"a user's last login":     {"users.listByStatus", first("users", "lastLogin", "2001-01-01T00:00:00.000Z"), "users: all"},
		"a session less":          {listRoute, less("sessions"), "sessions: all"},
		"a session's address":     {listRoute, first("sessions", "ip", "192.0.2.1"), "sessions: all"},
		"a session's user":        {listRoute, first("sessions", "_user", nil), "sessions: all"},
		"a session of one's own":  {ownRoute, less("sessions"), "own sessions: all"},
		"whether it is current":   {ownRoute, first("sessions", "current", true), "own sessions: all"},
		"a session of another ID": {"sessions/info.admin", func(body map[string]any) { body["host"] = "another" }, "one session"},
		"a setting":               {"settings.public", changedValues, "settings: public"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			finds(t, "none", fault{transport: changing(c.route, c.change)}, func(check string) bool { return check == c.want })
		})
	}
}

// changedValues changes every value of a setting.
func changedValues(body map[string]any) {
	for _, setting := range objects(body["settings"]) {
		switch value := setting["value"].(type) {
		case bool:
			setting["value"] = !value
		case float64:
			setting["value"] = value + 1
		case string:
			setting["value"] = value + "?"
		}
	}
}

// TestLive_findsLeaks plants secrets in what a CLI leaves.
func TestLive_findsLeaks(t *testing.T) {
	t.Parallel()
	to, _ := simulated(t, "viewtotp", rocketchattest.Options{})
	s := newSuite(to)
	token, code := to.env["ROCKETCHAT_AUTH_TOKEN"], codeAt(s.raw.totpSecret, time.Now())
	for text, want := range map[string][]string{
		"[TRACE] nothing of the kind":               nil,
		"nothing, and at another level":             {"the log is not at level TRACE"},
		"[TRACE] X-Auth-Token: " + token:            {"trace.log holds ROCKETCHAT_AUTH_TOKEN"},
		"[TRACE] secret=" + s.raw.totpSecret + "\n": {"trace.log holds ROCKETCHAT_TOTP_SECRET", "trace.log holds the TOTP secret"},
		"[TRACE] x-2fa-code: " + code:               {"trace.log holds a TOTP code"},
		"[TRACE] pid=" + code + " 12:30:00." + code: nil,
		"[TRACE] other: " + wrongToken:              {"trace.log holds another token"},
	} {
		c := &cliRun{s: s, folder: t.TempDir(), began: time.Now()}
		if err := os.WriteFile(filepath.Join(c.folder, "trace.log"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		leaks := c.search()
		for i, leak := range leaks {
			leaks[i], _, _ = strings.Cut(leak, " [") // the forms
		}
		if diff := cmp.Diff(want, sortedTexts(leaks), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
