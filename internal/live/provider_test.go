// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

// config are the arguments of a data source; what is left out is null.
type config = map[string]any

// instance is a provider of its own, which has read nothing yet, at the level of Terraform's protocol.
type instance struct {
	tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
	calls  *counter
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

func (c *counter) of(route string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[route]
}

// newInstance configures a provider by its environment variables, of which some are others than the
// suite's.
func (s *suite) newInstance(ctx context.Context, other map[string]string) (*instance, error) {
	calls := &counter{next: s.throughFault(s.transport), observe: s.raw.observe, calls: map[string]int{}}
	env := func(name string) string {
		if value, ok := other[name]; ok {
			return value
		}
		return s.env[name]
	}
	server := provider.NewServer("test", provider.WithClock(s.clock), provider.WithTransport(calls), provider.WithEnv(env))()
	if s.fault.server != nil {
		server = s.fault.server(server)
	}
	i := &instance{ProviderServer: server, calls: calls, said: &s.said}
	var err error
	if i.schema, err = i.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		return nil, err
	}
	empty, err := dynamic(i.schema.Provider.ValueType(), config{})
	if err != nil {
		return nil, err
	}
	_, err = i.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.11.4", Config: empty})
	return i, err
}

// result is what a data source returned, or its errors.
type result struct {
	rows           []row
	total, matched int
	// values are those of settings, or of a single session.
	values map[string]any
	// errors are the texts of errors, whole.
	errors []string
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

// read validates and reads a data source, as a plan does. rows names its list, empty for none.
func (i *instance) read(ctx context.Context, source, rows string, arguments config) (*result, error) {
	schema, ok := i.schema.DataSourceSchemas[source]
	if !ok {
		return nil, fmt.Errorf("the provider has no data source %s", source)
	}
	typ := schema.ValueType()
	value, err := dynamic(typ, patient(arguments))
	if err != nil {
		return nil, err
	}
	checked, err := i.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: source, Config: value})
	if err != nil {
		return nil, err
	}
	if found := i.errorsOf(checked.Diagnostics); len(found) > 0 {
		return &result{errors: found}, nil
	}
	response, err := i.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: source, Config: value})
	if err != nil {
		return nil, err
	}
	return i.result(typ, rows, response.State, response.Diagnostics)
}

// open opens the ephemeral resource of the sessions.
func (i *instance) open(ctx context.Context, arguments config) (*result, error) {
	typ := i.schema.EphemeralResourceSchemas[workspaceSessions].ValueType()
	value, err := dynamic(typ, patient(arguments))
	if err != nil {
		return nil, err
	}
	response, err := i.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: workspaceSessions, Config: value})
	if err != nil {
		return nil, err
	}
	return i.result(typ, "sessions", response.Result, response.Diagnostics)
}

func (i *instance) result(typ tftypes.Type, rows string, state *tfprotov6.DynamicValue, said []*tfprotov6.Diagnostic) (*result, error) {
	if found := i.errorsOf(said); len(found) > 0 {
		return &result{errors: found}, nil
	}
	value, err := state.Unmarshal(typ)
	if err != nil {
		return nil, err
	}
	object, _ := plain(value).(map[string]any)
	return resultOf(object, rows), nil
}

// resultOf is what a data source returned, as JSON has it.
func resultOf(object map[string]any, rows string) *result {
	r := &result{values: object}
	list, _ := object[rows].([]any)
	for _, each := range list {
		if one, ok := each.(map[string]any); ok {
			r.rows = append(r.rows, rowOf(one))
		}
	}
	total, _ := object["total"].(float64)
	matched, _ := object["matched"].(float64)
	r.total, r.matched = int(total), int(matched)
	return r
}

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

func dynamic(typ tftypes.Type, from any) (*tfprotov6.DynamicValue, error) {
	value, err := build(typ, from)
	if err != nil {
		return nil, err
	}
	encoded, err := tfprotov6.NewDynamicValue(typ, value)
	return &encoded, err
}

// build makes a value of a type.
func build(typ tftypes.Type, from any) (value tftypes.Value, err error) {
	if from == nil {
		return tftypes.NewValue(typ, nil), nil
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		given, _ := from.(config)
		values := map[string]tftypes.Value{}
		for name, attribute := range typ.AttributeTypes {
			if values[name], err = build(attribute, given[name]); err != nil {
				return value, err
			}
		}
		for name := range given {
			if _, ok := typ.AttributeTypes[name]; !ok {
				return value, fmt.Errorf("there is no argument %q", name)
			}
		}
		return tftypes.NewValue(typ, values), nil
	case tftypes.Map:
		given, _ := from.(config)
		values := map[string]tftypes.Value{}
		for name := range given {
			if values[name], err = build(typ.ElementType, given[name]); err != nil {
				return value, err
			}
		}
		return tftypes.NewValue(typ, values), nil
	case tftypes.List:
		given, _ := from.([]string)
		values := make([]tftypes.Value, 0, len(given))
		for _, text := range given {
			values = append(values, tftypes.NewValue(typ.ElementType, text))
		}
		return tftypes.NewValue(typ, values), nil
	default:
		return tftypes.NewValue(typ, from), nil
	}
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
