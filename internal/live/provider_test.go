// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

// config are the arguments of a data source; what is left out is null.
type config = map[string]any

// instance is a provider of its own, which has read nothing yet, at the level of Terraform's protocol.
type instance struct {
	tfprotov6.ProviderServer
	calls *counter
	// said collects the texts of all diagnostics.
	said *strings.Builder
}

// counter counts the calls of an instance by route, and lets the suite see what they say about the
// rate limit.
type counter struct {
	next    http.RoundTripper
	observe func(route string, header http.Header)
	mu      sync.Mutex
	calls   map[string]int
}

// RoundTrip implements [http.RoundTripper].
func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(r)
	_, route, _ := strings.Cut(r.URL.Path, "/api/v1/")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[route]++
	if err == nil {
		c.observe(route, response.Header)
	}
	return response, err
}

// soFar are the calls up to now.
func (c *counter) soFar() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// newInstance configures a provider by its environment variables, of which some are others than the
// suite's.
func (s *suite) newInstance(ctx context.Context, other map[string]string) *instance {
	calls := &counter{next: s.transport, observe: s.raw.observe, calls: map[string]int{}}
	if s.fault.transport != nil {
		calls.next = s.fault.transport(s.transport)
	}
	env := maps.Clone(s.env)
	maps.Copy(env, other)
	server := provider.NewServer("test", provider.WithClock(s.clock), provider.WithTransport(calls),
		provider.WithEnv(func(name string) string { return env[name] }))()
	if s.fault.server != nil {
		server = s.fault.server(server)
	}
	must(server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: dynamic(config{})}))
	return &instance{server, calls, &s.said}
}

// result is what a data source returned, or its errors.
type result struct {
	rows           []row
	total, matched int
	// values are those of settings, or of a single session.
	values map[string]any
	// errors are the texts of errors, whole.
	errors []string
	// calls are those that the provider has made so far, by route.
	calls map[string]int
}

func (r *result) fails(words ...string) string {
	if len(r.errors) == 0 {
		return fmt.Sprintf("it succeeded, although the workspace refuses; want an error with %q", words)
	}
	text := strings.Join(r.errors, "\n")
	for _, word := range words {
		if !strings.Contains(text, word) {
			return fmt.Sprintf("%q is not in the error: %s", word, text)
		}
	}
	return ""
}

// patience is enough for a large workspace at ten calls a minute.
const patience = "12h"

// patient are arguments with a timeout.
func patient(arguments config) config {
	all := config{"timeouts": config{"read": patience}}
	maps.Copy(all, arguments)
	return all
}

// dynamic has arguments in a form of the protocol in which those that are left out are null.
func dynamic(arguments config) *tfprotov6.DynamicValue {
	return &tfprotov6.DynamicValue{JSON: []byte(encoded(arguments))}
}

// read validates and reads a data source, as a plan does.
func (i *instance) read(ctx context.Context, source string, arguments config) *result {
	given := dynamic(patient(arguments))
	checked := must(i.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: source, Config: given}))
	if r := i.result(nil, checked.Diagnostics); len(r.errors) > 0 {
		return r
	}
	response := must(i.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: source, Config: given}))
	return i.result(response.State, response.Diagnostics)
}

// open opens the ephemeral resource of the sessions.
func (i *instance) open(ctx context.Context, arguments config) *result {
	response := must(i.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: workspaceSessions, Config: dynamic(patient(arguments)),
	}))
	return i.result(response.Result, response.Diagnostics)
}

func (i *instance) result(state *tfprotov6.DynamicValue, said []*tfprotov6.Diagnostic) *result {
	if errs := i.errorsOf(said); len(errs) > 0 || state == nil {
		return &result{errors: errs}
	}
	var object map[string]any
	check(msgpack.Unmarshal(state.MsgPack, &object))
	if values, ok := object["values"].([]any); ok {
		object["values"] = values[1] // behind its type, which is dynamic
	}
	r := resultOf(object)
	r.calls = i.calls.soFar()
	return r
}

// resultOf is what a data source returned, as JSON has it.
func resultOf(object map[string]any) *result {
	r := &result{values: object}
	for _, list := range []string{"sessions", "users", "roles"} {
		for _, each := range objects(object[list]) {
			r.rows = append(r.rows, rowOf(each))
		}
	}
	// Numbers have the smallest type that fits.
	r.total, _ = strconv.Atoi(fmt.Sprint(object["total"]))
	r.matched, _ = strconv.Atoi(fmt.Sprint(object["matched"]))
	return r
}

// errorsOf are the errors among diagnostics.
func (i *instance) errorsOf(said []*tfprotov6.Diagnostic) []string {
	var texts []string
	for _, d := range said {
		text := d.Summary + "\n" + d.Detail
		i.said.WriteString(text + "\n")
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, text)
		}
	}
	return texts
}

// names are those of a list of data sources.
const (
	workspaceSessions = "rocketchat_workspace_sessions"
	workspaceSession  = "rocketchat_workspace_session"
	ownSessions       = "rocketchat_current_user_sessions"
	usersSource       = "rocketchat_users"
	rolesSource       = "rocketchat_roles"
	settingsSource    = "rocketchat_settings"
)
