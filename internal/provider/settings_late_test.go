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

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// configureAndRead returns what a configuration and a read report. A configuration that is enough
// for a call reports nothing: the read is canceled before it makes one.
func (s *server) configureAndRead(t *testing.T, config attributes) []*tfprotov6.Diagnostic {
	t.Helper()
	diagnostics := s.configure(t, config)
	if hasError(diagnostics) {
		t.Errorf("the configuration fails before a call needs it:\n%s", details(diagnostics))
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	_, got := s.readSessions(canceled, t, nil)
	return append(diagnostics, slices.DeleteFunc(got, func(d *tfprotov6.Diagnostic) bool { return d.Summary == "The read was canceled" })...)
}

// Whatever calls a workspace says that it cannot, rather than crash; the first says why.
func TestSettingsLate_everyCallNeedsThem(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	calls := map[string]func() []*tfprotov6.Diagnostic{
		actionName: func() []*tfprotov6.Diagnostic {
			_, got := s.invoke(t.Context(), t, attributes{"session_ids": []any{"sAnn"}})
			return got
		},
	}
	for name := range s.schema.ResourceSchemas {
		if name != logoutName {
			t.Errorf("no test applies %s", name)
		}
		l, config := s.logoutResource(t), attributes{"session_ids": []any{"sAnn"}, "max_logouts": 1}
		calls["resource "+name] = func() []*tfprotov6.Diagnostic { return l.planAndApply(config) }
		refreshed := s.logoutResource(t)
		refreshed.state = build(t, refreshed.typ, config)
		calls["refresh "+name] = refreshed.refresh
	}
	for name := range s.schema.DataSourceSchemas {
		calls["data "+name] = func() []*tfprotov6.Diagnostic {
			config := attributes{}
			if name == "rocketchat_workspace_session" {
				config["session_id"] = "sAnn"
			}
			_, got := s.readData(t.Context(), t, name, config)
			return got
		}
	}
	for name := range s.schema.EphemeralResourceSchemas {
		if name != dataSourceName {
			t.Errorf("no test opens %s", name)
		}
		calls["ephemeral "+name] = func() []*tfprotov6.Diagnostic {
			_, got := s.open(t.Context(), t, nil)
			return got
		}
	}
	if len(s.schema.ActionSchemas) != 1 {
		t.Errorf("no test invokes some of %v", slices.Collect(maps.Keys(s.schema.ActionSchemas)))
	}
	for name, call := range calls {
		if got := s.configure(t, nil); len(got) > 0 {
			t.Fatal(details(got))
		}
		got := call()
		wantReport(t, []string{
			"error at -: Missing authentication token", "error at -: Missing user ID", "error at -: Missing workspace address",
		}, got)
		again := call()
		wantReport(t, []string{"error at -: The provider's configuration is incomplete"}, again)
		mustContain(t, details(again), "Missing authentication token", "Missing user ID", "Missing workspace address")
		if t.Failed() {
			t.Fatal(name)
		}
	}
}

// Terraform with deferred actions plans the rest, and reads in a later run.
func TestSettingsLate_unknownOneDefersWhereTerraformCan(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	config := dynamic(t, s.schema.Provider.ValueType(), minimal(attributes{"url": unknown{}}))
	resp, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: config, ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: true},
	})
	if err != nil || len(resp.Diagnostics) > 0 {
		t.Fatalf("%v\n%s", err, details(resp.Diagnostics))
	}
	read, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: dataSourceName, Config: dynamic(t, s.schema.DataSourceSchemas[dataSourceName].ValueType(), nil),
		ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: true},
	})
	if err != nil || len(read.Diagnostics) > 0 {
		t.Fatalf("%v\n%s", err, details(read.Diagnostics))
	}
	if read.Deferred == nil || read.Deferred.Reason != tfprotov6.DeferredReasonProviderConfigUnknown {
		t.Errorf("the read is not deferred: %+v", read.Deferred)
	}
}

const (
	oneSession = `
provider "rocketchat" {}
data "rocketchat_workspace_sessions" "all" {
  limit = 0
}
`
	keepsTheTotal = `
resource "terraform_data" "total" {
  input = data.rocketchat_workspace_sessions.all.total
}
`
)

// Through the CLI, what calls no workspace needs no settings.
func TestAccSettingsLate_areNeededByCallsAlone(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	type step struct {
		arguments []string
		// settings says whether the environment has them.
		settings bool
		want     []string
	}
	without := func(arguments ...string) step { return step{arguments: arguments} }
	with := func(arguments ...string) step { return step{arguments: arguments, settings: true} }
	for name, c := range map[string]struct {
		files map[string]string
		steps []step
	}{
		"count of zero and an empty for_each": {
			map[string]string{"main.tf": `
data "rocketchat_workspace_sessions" "all" {
  count = 0
}
data "rocketchat_users" "all" {
  for_each = toset([])
}
`},
			[]step{without("plan")},
		},
		"an address that the plan does not know": {
			map[string]string{"main.tf": `
resource "terraform_data" "workspace" {
  input = "https://chat.example.invalid"
}
provider "rocketchat" {
  url = terraform_data.workspace.output
}
data "rocketchat_workspace_sessions" "all" {}
`},
			[]step{{arguments: []string{"apply", "-auto-approve"}, settings: true, want: []string{"A provider setting is not known yet"}}},
		},
		"an address of the same run": {
			map[string]string{"main.tf": `
variable "address" {}
variable "user_id" {}
variable "token" {}
resource "terraform_data" "workspace" {
  input = var.address
}
provider "rocketchat" {
  url        = terraform_data.workspace.output
  user_id    = var.user_id
  auth_token = var.token
}
data "rocketchat_workspace_sessions" "all" {
  limit      = 0
  depends_on = [terraform_data.workspace]
}
output "total" {
  value = data.rocketchat_workspace_sessions.all.total
}
`},
			[]step{without("apply", "-auto-approve"), without("destroy", "-auto-approve")},
		},
		"a saved plan that reads nothing, and a destroy": {
			map[string]string{"main.tf": oneSession + keepsTheTotal},
			[]step{with("plan", "-out=x.tfplan"), without("apply", "x.tfplan"), without("destroy", "-auto-approve", "-refresh=false")},
		},
		"overrides of a test": {
			map[string]string{"main.tf": oneSession, "x.tftest.hcl": `
override_data {
  target = data.rocketchat_workspace_sessions.all
  values = { sessions = [], matched = 0, total = 7 }
}
run "overridden" {
  assert {
    condition     = data.rocketchat_workspace_sessions.all.total == 7
    error_message = "It is ${data.rocketchat_workspace_sessions.all.total}."
  }
}
`},
			[]step{without("test")},
		},
		"a read": {
			map[string]string{"main.tf": oneSession},
			[]step{{arguments: []string{"plan"}, want: []string{"with data.rocketchat_workspace_sessions.all", "Missing workspace address"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{})
			a := w.Account("none")
			cli := newCLI(t, w)
			for file, content := range c.files {
				cli.write(file, content)
			}
			complete := slices.Concat(cli.env, []string{fmt.Sprintf("TF_VAR_address=%s", w.url), "TF_VAR_user_id=" + a.UserID, "TF_VAR_token=" + a.Token})
			bare := slices.DeleteFunc(slices.Clone(complete), func(s string) bool {
				return slices.ContainsFunc(slices.Collect(maps.Values(environment())), func(name string) bool { return strings.HasPrefix(s, name+"=") })
			})
			for _, step := range c.steps {
				cli.env = bare
				if step.settings {
					cli.env = complete
				}
				output, status := cli.run(append([]string{step.arguments[0], plain}, step.arguments[1:]...)...)
				if (status != 0) != (len(step.want) > 0) {
					t.Fatalf("%v ended with %d:\n%s", step.arguments, status, output)
				}
				mustContain(t, output, step.want...)
				if asked := len(w.Requests()); asked > 0 && len(step.want) > 0 {
					t.Errorf("the workspace was asked all the same: %d requests", asked)
				}
			}
		})
	}
}
