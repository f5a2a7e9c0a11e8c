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
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The suite must find mistakes. Here the provider makes some.

// without is a provider that ignores an argument of a data source.
type without struct {
	bulk.FullServer
	source, argument string
	typ              tftypes.Type
}

// ReadDataSource implements [tfprotov6.ProviderServer].
func (w without) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	if req.TypeName == w.source {
		value, err := req.Config.Unmarshal(w.typ)
		if err != nil {
			return nil, err
		}
		var arguments map[string]tftypes.Value
		if err := value.As(&arguments); err != nil {
			return nil, err
		}
		arguments[w.argument] = tftypes.NewValue(arguments[w.argument].Type(), nil)
		changed, err := tfprotov6.NewDynamicValue(w.typ, tftypes.NewValue(w.typ, arguments))
		if err != nil {
			return nil, err
		}
		req = &tfprotov6.ReadDataSourceRequest{TypeName: req.TypeName, Config: &changed, ProviderMeta: req.ProviderMeta}
	}
	return w.FullServer.ReadDataSource(ctx, req)
}

// faulty runs the suite with a fault, and returns what it found.
func faulty(t *testing.T, f fault, only string) []string {
	t.Helper()
	to, _ := simulated(t, "viewtotp", rocketchattest.Options{})
	to.fault, to.only, to.say = f, only, func(string, ...any) {}
	s := newSuite(to)
	if err := s.run(t.Context()); err != nil {
		return append(s.failed, err.Error())
	}
	return s.failed
}

// TestLive_missesNoIgnoredArgument ignores one argument after another.
func TestLive_missesNoIgnoredArgument(t *testing.T) {
	t.Parallel()
	schema, err := provider.NewServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	arguments := map[string][]string{}
	for _, source := range []string{workspaceSessions, usersSource, rolesSource, ownSessions} {
		for _, attribute := range schema.DataSourceSchemas[source].Block.Attributes {
			if attribute.Optional {
				arguments[source] = append(arguments[source], attribute.Name)
			}
		}
	}
	if n := len(arguments[workspaceSessions]); n < 20 {
		t.Fatalf("the list of sessions has only %d arguments", n)
	}
	for source, names := range arguments {
		for _, argument := range clitest.Few(1, names) {
			t.Run(source+"."+argument, func(t *testing.T) {
				t.Parallel()
				typ := schema.DataSourceSchemas[source].ValueType()
				found := faulty(t, fault{server: func(server tfprotov6.ProviderServer) tfprotov6.ProviderServer {
					full, ok := server.(bulk.FullServer)
					if !ok {
						t.Fatalf("%T is not a whole server", server)
					}
					return without{full, source, argument, typ}
				}}, argument)
				if !slices.ContainsFunc(found, func(failure string) bool { return strings.Contains(nameOf(failure), argument) }) {
					t.Errorf("the suite does not find that %s is ignored: %q", argument, found)
				}
			})
		}
	}
}

// nameOf is the name of a check in a list, such as "match.ip" of "sessions: match.ip: …".
func nameOf(failure string) string {
	_, rest, _ := strings.Cut(failure, ": ")
	name, _, _ := strings.Cut(rest, ": ")
	return name
}

// some are all cases, or, in a short run, one.
func some[C any](cases map[string]C) map[string]C {
	kept := map[string]C{}
	for _, name := range clitest.Few(1, slices.Sorted(maps.Keys(cases))) {
		kept[name] = cases[name]
	}
	return kept
}

// changing is a transport that changes the responses of a route on their way to the provider.
type changing struct {
	next   http.RoundTripper
	route  string
	change func(body map[string]any)
}

// RoundTrip implements [http.RoundTripper].
func (c changing) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	if err != nil || !strings.HasSuffix(r.URL.Path, "/api/v1/"+c.route) {
		return response, err
	}
	var body map[string]any
	text, err := io.ReadAll(response.Body)
	if err != nil || json.Unmarshal(text, &body) != nil {
		return response, err
	}
	c.change(body)
	if text, err = json.Marshal(body); err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(text))
	return response, nil
}

// TestLive_findsChangedResponses changes what the provider is sent, as if it had decoded it wrongly.
func TestLive_findsChangedResponses(t *testing.T) {
	t.Parallel()
	// each changes the rows of a page, and their number in the total.
	each := func(list string, change func(rows []any) []any) func(map[string]any) {
		return func(body map[string]any) {
			rows, _ := body[list].([]any)
			total, _ := body["total"].(float64)
			changed := change(rows)
			body[list], body["total"] = changed, total+float64(len(changed)-len(rows))
		}
	}
	field := func(name string, value any) func([]any) []any {
		return func(rows []any) []any {
			for i := range rows {
				if object, ok := rows[i].(map[string]any); ok && i == 0 {
					object = maps.Clone(object)
					object[name] = value
					rows[i] = object
				}
			}
			return rows
		}
	}
	dropped := func(rows []any) []any { return rows[min(1, len(rows)):] }
	for name, c := range some(map[string]struct {
		route  string
		change func(map[string]any)
		want   string
	}{
		"a role less":             {"roles.list", each("roles", dropped), "roles: all"},
		"a role's second factor":  {"roles.list", each("roles", field("mandatory2fa", true)), "roles: all"},
		"a role's permissions":    {"permissions.listAll", each("update", field("roles", []any{"guest"})), "roles: permissions"},
		"a user less":             {"users.listByStatus", each("users", dropped), "users: all"},
		"a user's roles":          {"users.listByStatus", each("users", field("roles", []any{"guest"})), "users: all"},
		"a user's last login":     {"users.listByStatus", each("users", field("lastLogin", "2001-01-01T00:00:00.000Z")), "users: all"},
		"a session less":          {listRoute, each("sessions", dropped), "sessions: all"},
		"a session's address":     {listRoute, each("sessions", field("ip", "192.0.2.1")), "sessions: all"},
		"a session's user":        {listRoute, each("sessions", field("_user", nil)), "sessions: all"},
		"a session of one's own":  {ownRoute, each("sessions", dropped), "own sessions: all"},
		"whether it is current":   {ownRoute, each("sessions", field("current", "no")), "own sessions: all"},
		"a session of another ID": {"sessions/info.admin", func(body map[string]any) { body["host"] = "another" }, "one session"},
		"a setting":               {"settings.public", each("settings", changedValues), "settings: public"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := faulty(t, fault{transport: func(next http.RoundTripper) http.RoundTripper { return changing{next, c.route, c.change} }}, "none")
			if !slices.ContainsFunc(found, func(failure string) bool { return strings.HasPrefix(failure, c.want+":") }) {
				t.Errorf("the suite does not find it as %q: %q", c.want, found)
			}
		})
	}
}

// changedValues changes every value of a setting.
func changedValues(rows []any) []any {
	for i := range rows {
		object, _ := rows[i].(map[string]any)
		switch value := object["value"].(type) {
		case bool:
			object["value"] = !value
		case float64:
			object["value"] = value + 1
		case string:
			object["value"] = value + "?"
		}
	}
	return rows
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
		leaks, err := c.search()
		if err != nil {
			t.Fatal(err)
		}
		for i, leak := range leaks {
			leaks[i], _, _ = strings.Cut(leak, " [") // the forms
		}
		if diff := cmp.Diff(want, sortedTexts(leaks), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}
