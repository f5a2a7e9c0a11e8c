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
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

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
	want, got := s.schema.DataSourceSchemas[dataSourceName].Block, s.schema.EphemeralResourceSchemas[dataSourceName].Block
	got.Description = want.Description
	if diff := cmp.Diff(want, got); diff != "" || len(want.Attributes) < 16 {
		t.Errorf("%d attributes (-data source +ephemeral resource):\n%s", len(want.Attributes), diff)
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
		wantReport(t, nil, append(refused, alsoRefused...))
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

func (s *server) validateEphemeral(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := s.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
		TypeName: dataSourceName, Config: dynamic(t, s.schema.EphemeralResourceSchemas[dataSourceName].ValueType(), config),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

func TestEphemeral_failures(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateEphemeral, map[string]mistake{
		"mistakes": {
			attributes{"filter": "(", "logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T00:00:00Z"},
			[]string{"error at filter: Unusable regular expression", "error at logged_in_before: No session can match"},
			nil,
		},
		"unknown": {attributes{"filter": unknown{}, "logged_in_before": unknown{}, "timeouts": unknown{}}, nil, nil},
	})
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 1500})
	_, got := configured(t, w, "viewonly", nil).open(t.Context(), t, attributes{"timeouts": attributes{"read": "30s"}})
	wantReport(t, []string{"error at timeouts.read: The rate limit does not let the read finish in time"}, got)
	_, got = configured(t, w, "noperm", nil).open(t.Context(), t, nil)
	wantReport(t, []string{"error at -: The account lacks a permission"}, got)
}

// Neither plan nor state holds anything of a session of the ephemeral resource, whether the gate lets
// the run pass or stops it, and its message quotes nothing. The data source leaves it in both files.
func TestAccEphemeralSessions_leaveNothing(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	const gate = `
ephemeral "rocketchat_workspace_sessions" "all" {}
output "gate" {
  value = "passed"
  precondition {
    condition     = length([for s in ephemeral.rocketchat_workspace_sessions.all.sessions : s.session_id if s.login_at != ""]) <= %[1]d
    error_message = "Too many sessions."
  }
}
resource "terraform_data" "guarded" {
  lifecycle {
    precondition {
      condition     = ephemeral.rocketchat_workspace_sessions.all.matched <= %[1]d
      error_message = "Too many sessions for this resource."
    }
  }
}
`
	const dataSource = "data \"rocketchat_workspace_sessions\" \"all\" {}\nresource \"terraform_data\" \"any\" {}\n"
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	var personal []string
	for _, row := range fourSessions() {
		personal = append(personal, row.SessionID.Value, row.UserID.Value)
		if row.User.State == rocketchattest.Present {
			personal = append(personal, row.Host.Value, row.IP.Value, row.User.Value.Name.Value)
		}
	}
	for name, c := range map[string]struct {
		config        string
		stops, stored bool
	}{
		"passes":      {config: fmt.Sprintf(gate, 4)},
		"stops":       {config: fmt.Sprintf(gate, 3), stops: true},
		"data source": {config: dataSource, stored: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cli := newCLI(t, w)
			cli.write("main.tf", c.config)
			output, status := cli.run("plan", "-out=saved.tfplan", plain)
			if status == 0 {
				shown, _ := cli.run("show", "-json", "saved.tfplan")
				applied, failed := cli.run("apply", plain, "saved.tfplan")
				output, status = output+shown+applied, failed
			}
			if (status != 0) != c.stops || strings.Contains(output, "Too many sessions.") != c.stops {
				t.Fatalf("ended with %d:\n%s", status, output)
			}
			files := cli.files()
			saved, state := files["saved.tfplan"], files["terraform.tfstate"]
			if !c.stops && (saved == "" || state == "") {
				t.Fatal("there is no plan or no state to look at")
			}
			if c.stored {
				mustContain(t, saved, personal...)
				mustContain(t, state, personal...)
				return
			}
			mustNotContain(t, output+strings.Join(slices.Collect(maps.Values(files)), "\n"), personal...)
		})
	}
}
