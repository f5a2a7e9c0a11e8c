// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// frameworkServer is the provider without the short way for long lists.
func frameworkServer(t *testing.T, opts ...Option) tfprotov6.ProviderServer {
	t.Helper()
	server, ok := providerserver.NewProtocol6(New("test", opts...)())().(bulk.FullServer)
	if !ok {
		t.Fatal("the framework's server lacks a part of the protocol")
	}
	return undeferred{server}
}

type undeferred struct{ bulk.FullServer }

func (s undeferred) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return s.FullServer.ReadDataSource(bulk.WithoutDeferral(ctx), req)
}

func (s undeferred) OpenEphemeralResource(
	ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return s.FullServer.OpenEphemeralResource(bulk.WithoutDeferral(ctx), req)
}

// open reads through the ephemeral resource.
func (s *server) open(ctx context.Context, t *testing.T, config attributes) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	typ := s.schema.EphemeralResourceSchemas[dataSourceName].ValueType()
	resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{TypeName: dataSourceName, Config: dynamic(t, typ, config)})
	if err != nil {
		t.Fatal(err)
	}
	if hasError(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	value, err := resp.Result.Unmarshal(typ)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, value), resp.Diagnostics
}

// One word turns the data source into the ephemeral resource.
func TestEphemeral_schemaIsTheDataSources(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	render := func(schema *tfprotov6.Schema) []string {
		var lines []string
		var walk func(prefix string, attributes []*tfprotov6.SchemaAttribute)
		walk = func(prefix string, attributes []*tfprotov6.SchemaAttribute) {
			for _, a := range attributes {
				lines = append(lines, fmt.Sprint(prefix, a.Name, a.Type, a.Required, a.Optional, a.Computed, a.Sensitive, a.Description))
				if a.NestedType != nil {
					walk(prefix+a.Name+a.NestedType.Nesting.String()+".", a.NestedType.Attributes)
				}
			}
		}
		walk("", schema.Block.Attributes)
		for _, block := range schema.Block.BlockTypes {
			lines = append(lines, fmt.Sprint(block.TypeName, block.Nesting, block.MinItems, block.MaxItems, block.Block.Description))
			walk(block.TypeName+".", block.Block.Attributes)
		}
		return lines
	}
	want := render(s.schema.DataSourceSchemas[dataSourceName])
	if diff := cmp.Diff(want, render(s.schema.EphemeralResourceSchemas[dataSourceName])); diff != "" || len(want) < 16 {
		t.Errorf("%d attributes (-data source +ephemeral resource):\n%s", len(want), diff)
	}
}

func TestEphemeral_resultIsTheDataSources(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 143, Seed: 7})
	s := configured(t, w, "none", nil)
	// The whole list comes first: what is read for less is too little for more.
	for _, step := range []struct {
		name   string
		config attributes
	}{
		{"all", nil},
		{"part", attributes{"filter": "chrome", "sort": []any{"ip"}, "limit": 5, "timeouts": attributes{"read": "1m"}}},
		{"newest", attributes{"limit": 3}},
	} {
		want, refused := s.readSessions(t.Context(), t, step.config)
		got, alsoRefused := s.open(t.Context(), t, step.config)
		if len(refused)+len(alsoRefused) > 0 {
			t.Fatal(details(refused), details(alsoRefused))
		}
		for attribute, value := range want {
			if !got[attribute].Equal(value) {
				t.Errorf("%s: %s is %s, want %s", step.name, attribute, got[attribute], value)
			}
		}
	}
	if calls := len(w.Requests()); calls != 2 {
		t.Errorf("%d calls, want one shared read of two pages", calls)
	}
}

func TestEphemeral_failures(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	validate := func(config attributes) []string {
		resp, err := s.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
			TypeName: dataSourceName, Config: dynamic(t, s.schema.EphemeralResourceSchemas[dataSourceName].ValueType(), config),
		})
		if err != nil {
			t.Fatal(err)
		}
		return report(resp.Diagnostics)
	}
	if diff := cmp.Diff([]string{"error at filter: Unusable regular expression", "error at logged_in_before: No session can match"},
		validate(attributes{"filter": "(", "logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T00:00:00Z"})); diff != "" {
		t.Errorf("mistakes: diagnostics (-want +got):\n%s", diff)
	}
	if got := validate(attributes{"filter": unknown{}, "logged_in_before": unknown{}, "timeouts": unknown{}}); len(got) > 0 {
		t.Errorf("unknown: %v", got)
	}

	w := newWorkspace(t, rocketchattest.Options{Synthetic: 1500})
	_, got := configured(t, w, "viewonly", nil).open(t.Context(), t, attributes{"timeouts": attributes{"read": "30s"}})
	wantReport(t, []string{"error at timeouts.read: The rate limit does not let the read finish in time"}, got)
	_, got = configured(t, w, "noperm", nil).open(t.Context(), t, nil)
	wantReport(t, []string{"error at -: The account lacks a permission"}, got)
}

func TestAccEphemeralSessions_basic(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	providers := w.factories()
	providers["echo"] = echoprovider.NewProviderServer()
	config := w.provider("none") + `
ephemeral "rocketchat_workspace_sessions" "some" {
  exclude = { username = "^ann$" }
  sort    = ["login_at"]
  limit   = 2
}
provider "echo" {
  data = ephemeral.rocketchat_workspace_sessions.some
}
resource "echo" "some" {}
`
	data := tfjsonpath.New("data")
	rows := fourSessions()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("echo.some", data.AtMapKey("sessions"), knownvalue.ListExact([]knownvalue.Check{expected(rows[3]), expected(rows[2])})),
				statecheck.ExpectKnownValue("echo.some", data.AtMapKey("matched"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue("echo.some", data.AtMapKey("total"), knownvalue.Int64Exact(4)),
			},
		}},
	})
}

// personal is what would give a session away.
func personal(rows []rocketchattest.Session) []string {
	var all []string
	for _, row := range rows {
		all = append(all, row.SessionID.Value, row.UserID.Value)
		if row.User.State == rocketchattest.Present {
			all = append(all, row.Host.Value, row.IP.Value, row.User.Value.Name.Value)
		}
	}
	return all
}

// The data source does leave something, in both files, so that a test which
// looks for it there can find it.
func TestAccWorkspaceSessions_areInPlanAndState(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()}))
	cli.write("main.tf", "data \"rocketchat_workspace_sessions\" \"all\" {}\nresource \"terraform_data\" \"any\" {}\n")
	for _, arguments := range [][]string{{"plan", "-out=saved.tfplan"}, {"apply", "saved.tfplan"}} {
		if output, status := cli.run(arguments...); status != 0 {
			t.Fatalf("%s ended with %d:\n%s", arguments[0], status, output)
		}
	}
	files := cli.files("main.tf")
	for _, name := range []string{"saved.tfplan", "terraform.tfstate"} {
		mustContain(t, files[name], personal(fourSessions())...)
	}
}

// Neither plan nor state holds anything of a session, whether the gate lets the
// run pass or stops it, and its message quotes nothing.
func TestAccEphemeralSessions_leaveNothing(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	for name, c := range map[string]struct {
		most   int
		status int
	}{"passes": {4, 0}, "stops": {3, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cli := newCLI(t, w)
			cli.write("main.tf", fmt.Sprintf(`
ephemeral "rocketchat_workspace_sessions" "all" {}
output "gate" {
  value = "passed"
  precondition {
    condition     = length([for s in ephemeral.rocketchat_workspace_sessions.all.sessions : s.session_id if s.login_at != ""]) <= %d
    error_message = "Too many sessions."
  }
}
resource "terraform_data" "guarded" {
  lifecycle {
    precondition {
      condition     = ephemeral.rocketchat_workspace_sessions.all.matched <= %d
      error_message = "Too many sessions for this resource."
    }
  }
}
`, c.most, c.most))
			output, status := cli.run("plan", "-out=saved.tfplan")
			if status != c.status {
				t.Fatalf("plan ended with %d, want %d:\n%s", status, c.status, output)
			}
			if status == 0 {
				if shown, status := cli.run("show", "-json", "saved.tfplan"); status != 0 {
					t.Errorf("show -json ended with %d:\n%s", status, shown)
				}
				applied, status := cli.run("apply", "saved.tfplan")
				if status != 0 {
					t.Fatalf("apply ended with %d:\n%s", status, applied)
				}
				output += applied
			} else {
				mustContain(t, output, "Too many sessions.")
			}
			secrets := personal(fourSessions())
			files := cli.files("main.tf")
			if status == 0 && (files["terraform.tfstate"] == "" || files["saved.tfplan"] == "") {
				t.Fatalf("there is no plan or no state to look at: %v", slices.Sorted(maps.Keys(files)))
			}
			for name, content := range files {
				for _, secret := range secrets {
					if strings.Contains(content, secret) {
						t.Errorf("%s holds %q", name, secret)
					}
				}
			}
			mustNotContain(t, output, secrets...)
		})
	}
}
