// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// startOfTests is when the clocks of tests stand at their beginning.
func startOfTests() time.Time { return time.Date(2023, time.May, 30, 12, 0, 0, 0, time.UTC) }

// bubble runs a test whose time is turned by testing/synctest, beginning with startOfTests. It
// must open no socket. The waits between retries take no time only there.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(startOfTests()))
		test(t)
	})
}

func present[T any](v T) rocketchattest.Optional[T] { return rocketchattest.Some(v) }

// sessionBy is a session of a user whose ID is the username.
func sessionBy(id, user string, at time.Time) rocketchattest.Session {
	return rocketchattest.Session{
		SessionID: present(id), ID: present(id), UserID: present(user), LoginAt: present(at), User: present(rocketchattest.User{Username: present(user)}),
	}
}

func noEnv(string) string { return "" }

func env(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

// workspace is a simulated workspace behind a real socket, and the clock that
// it and the provider share.
type workspace struct {
	*rocketchattest.Workspace
	url   string
	clock *clocktest.Fake
}

func newWorkspace(t *testing.T, options rocketchattest.Options) *workspace {
	t.Helper()
	turned := clocktest.NewFake(startOfTests())
	options.Clock = turned
	if options.Release == "" {
		options.Release = clitest.Release()
	}
	w := rocketchattest.New(options)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return &workspace{Workspace: w, url: server.URL, clock: turned}
}

// overTLS serves the workspace by https.
func (w *workspace) overTLS(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(w)
	server.TLS, server.Config.ErrorLog = config, log.New(io.Discard, "", 0) // of the handshakes that are meant to fail
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// demanding has a server demand a client certificate.
func demanding(certificate string) *tls.Config {
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(certificate))
	return &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12}
}

// provider is the block of the provider for an account, with further settings.
func (w *workspace) provider(account string, settings ...string) string {
	a := w.Account(account)
	return fmt.Sprintf("provider \"rocketchat\" {\n  url        = %q\n  user_id    = %q\n  auth_token = %q\n  %s\n}\n",
		w.url, a.UserID, a.Token, strings.Join(settings, "\n  "))
}

// attributes of an object in a test; what is left out is null.
type attributes map[string]any

// server is the provider at the level of Terraform's protocol, where
// diagnostics have the paths that Terraform gets.
type server struct {
	tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func newServer(t *testing.T, opts ...Option) *server {
	t.Helper()
	return serverOf(t, NewServer("test", append([]Option{WithEnv(noEnv)}, opts...)...)())
}

func serverOf(t *testing.T, provider tfprotov6.ProviderServer) *server {
	t.Helper()
	s := &server{ProviderServer: provider}
	var err error
	if s.schema, err = s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) validateProvider(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: dynamic(t, s.schema.Provider.ValueType(), config)})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func (s *server) configure(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.4", Config: dynamic(t, s.schema.Provider.ValueType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// configured is a provider that reads a workspace as an account.
func configured(t *testing.T, w *workspace, account string, config attributes, opts ...Option) *server {
	t.Helper()
	a := w.Account(account)
	all := attributes{"url": w.url, "user_id": a.UserID, "auth_token": a.Token}
	maps.Copy(all, config)
	s := newServer(t, append([]Option{WithClock(w.clock)}, opts...)...)
	if got := s.configure(t, all); len(got) > 0 {
		t.Fatal(details(got))
	}
	return s
}

const dataSourceName = "rocketchat_workspace_sessions"

func (s *server) validateSessions(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	return s.validateData(dataSourceName)(t, config)
}

// validateData is the validation of a data source.
func (s *server) validateData(name string) func(*testing.T, attributes) []*tfprotov6.Diagnostic {
	return func(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
		t.Helper()
		resp, err := s.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
			TypeName: name, Config: dynamic(t, s.schema.DataSourceSchemas[name].ValueType(), config),
		})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	}
}

func (s *server) readSessions(ctx context.Context, t *testing.T, config attributes) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	return s.readData(ctx, t, dataSourceName, config)
}

func (s *server) readData(ctx context.Context, t *testing.T, name string, config attributes) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	typ := s.schema.DataSourceSchemas[name].ValueType()
	resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: name, Config: dynamic(t, typ, config)})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	value, err := resp.State.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, value), resp.Diagnostics
}

func hasError(diagnostics []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

func object(t *testing.T, value tftypes.Value) map[string]tftypes.Value {
	t.Helper()
	var fields map[string]tftypes.Value
	if err := value.As(&fields); err != nil {
		t.Fatal(err)
	}
	return fields
}

// rowsOf are the objects of a list in a result.
func rowsOf(t *testing.T, result map[string]tftypes.Value, list string) (all []map[string]tftypes.Value) {
	t.Helper()
	var rows []tftypes.Value
	if err := result[list].As(&rows); err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all = append(all, object(t, row))
	}
	return all
}

// column is a text of each row of a list.
func column(t *testing.T, result map[string]tftypes.Value, list, field string) []string {
	t.Helper()
	all := []string{}
	for _, row := range rowsOf(t, result, list) {
		var text string
		if err := row[field].As(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

func dynamic(t *testing.T, typ tftypes.Type, config attributes) *tfprotov6.DynamicValue {
	t.Helper()
	value, err := tfprotov6.NewDynamicValue(typ, build(t, typ, config))
	if err != nil {
		t.Fatal(err)
	}
	return &value
}

// unknown is a value that only an apply brings.
type unknown struct{}

// build makes a value of a type from what a test writes down.
func build(t *testing.T, typ tftypes.Type, from any) tftypes.Value {
	t.Helper()
	if _, ok := from.(unknown); ok {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	if from == nil {
		return tftypes.NewValue(typ, nil)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		given, _ := from.(attributes)
		values := make(map[string]tftypes.Value)
		for name, attribute := range typ.AttributeTypes {
			values[name] = build(t, attribute, given[name])
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				t.Fatalf("the schema has no attribute %q", name)
			}
		}
		return tftypes.NewValue(typ, values)
	case tftypes.Map:
		values := make(map[string]tftypes.Value)
		given, _ := from.(attributes)
		for name, value := range given {
			values[name] = build(t, typ.ElementType, value)
		}
		return tftypes.NewValue(typ, values)
	case tftypes.List:
		return tftypes.NewValue(typ, elements(t, typ.ElementType, from))
	case tftypes.Set:
		return tftypes.NewValue(typ, elements(t, typ.ElementType, from))
	default:
		return tftypes.NewValue(typ, from)
	}
}

func elements(t *testing.T, typ tftypes.Type, from any) []tftypes.Value {
	t.Helper()
	values := []tftypes.Value{}
	given, _ := from.([]any)
	for _, value := range given {
		values = append(values, build(t, typ, value))
	}
	return values
}

// report writes diagnostics as tests compare them: severity, path and summary,
// sorted.
func report(diagnostics []*tfprotov6.Diagnostic) []string {
	lines := []string{}
	for _, d := range diagnostics {
		lines = append(lines, fmt.Sprintf("%s at %s: %s", strings.ToLower(d.Severity.String()), pathOf(d.Attribute), d.Summary))
	}
	slices.Sort(lines)
	return lines
}

// wantReport compares diagnostics as report writes them.
func wantReport(t *testing.T, want []string, got []*tfprotov6.Diagnostic) {
	t.Helper()
	if diff := cmp.Diff(want, report(got), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("diagnostics (-want +got):\n%s\n%s", diff, details(got))
	}
}

// mistake is a configuration, and what a validation says of it.
type mistake struct {
	config attributes
	want   []string
	words  []string
}

// wantMistakes runs a validation, which needs no workspace, on each configuration.
func wantMistakes(t *testing.T, validate func(*testing.T, attributes) []*tfprotov6.Diagnostic, cases map[string]mistake) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := validate(t, c.config)
			wantReport(t, c.want, got)
			mustContain(t, details(got), c.words...)
			mustNotContain(t, details(got), planted, "%!")
		})
	}
}

func pathOf(at *tftypes.AttributePath) string {
	if at == nil || len(at.Steps()) == 0 {
		return "-"
	}
	var parts []string
	for _, step := range at.Steps() {
		parts = append(parts, fmt.Sprint(step))
	}
	return strings.Join(parts, ".")
}

// details are all texts of the diagnostics.
func details(diagnostics []*tfprotov6.Diagnostic) string {
	var all strings.Builder
	for _, d := range diagnostics {
		all.WriteString(d.Summary + "\n" + d.Detail + "\n")
	}
	return all.String()
}

func mustContain(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in:\n%s", word, text)
		}
	}
}

func mustNotContain(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(text, word) {
			t.Errorf("%q must not be in:\n%s", word, text)
		}
	}
}

// minimal is a configuration of the provider that is complete.
func minimal(changes attributes) attributes {
	config := attributes{"url": "https://chat.example.com", "user_id": "synthUser", "auth_token": "synthetic-token"}
	maps.Copy(config, changes)
	return config
}

// releases are those of the server that a test through the CLI goes through: in a short
// run, the newest.
func releases() []rocketchattest.Release {
	if one := clitest.Release(); one != "" {
		return []rocketchattest.Release{one}
	}
	all := rocketchattest.Releases()
	slices.Reverse(all)
	return clitest.Few(1, all)
}
