// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"os"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

func example(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The examples of the documentation run as they are, one with the other: the
// address of the example leads to the simulated workspace.
func TestAccExamples_dataSources(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	rows := fourSessions()
	rows = append(rows, rocketchattest.Session{
		SessionID: rocketchattest.Some("sOld"), ID: rocketchattest.Some("sOld"), UserID: rocketchattest.Some("id-of-eve"), IP: rocketchattest.Some("198.51.100.9"),
		LoginAt: rocketchattest.Some(startOfTests().AddDate(0, 0, -45)),
		Device:  rocketchattest.Some(rocketchattest.Device{OS: rocketchattest.Some(rocketchattest.OS{Name: rocketchattest.Some("Windows")})}),
		User:    rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some("eve")}),
	})
	w := newWorkspace(t, rocketchattest.Options{Sessions: rows})
	account := w.Account("totp")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(WithTransport(w.Transport())),
		Steps: []resource.TestStep{{
			Config: example(t, "provider/provider.tf") + example(t, "data-sources/rocketchat_workspace_sessions/data-source.tf"),
			ConfigVariables: config.Variables{
				"rocketchat_user_id":     config.StringVariable(account.UserID),
				"rocketchat_auth_token":  config.StringVariable(account.Token),
				"rocketchat_totp_secret": config.StringVariable(account.TOTPSecret),
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("stale_sessions", knownvalue.TupleExact([]knownvalue.Check{
					knownvalue.StringExact("deleted user id-of-gone: unknown client, from an unknown address, " +
						"last connected 2023-04-10T12:00:00.000Z, session sGone"),
					knownvalue.StringExact("eve: unknown client on Windows, from 198.51.100.9, last connected 2023-04-15T12:00:00.000Z, session sOld"),
				})),
				statecheck.ExpectKnownOutputValue("counts", knownvalue.ObjectExact(map[string]knownvalue.Check{
					"stale": knownvalue.Int64Exact(2), "old_browsers": knownvalue.Int64Exact(2), "surplus": knownvalue.Int64Exact(0), "all": knownvalue.Int64Exact(5),
				})),
			},
		}},
	})
}

func TestAccExamples_workspaceSession(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	session := func(id string) config.Variables {
		return config.Variables{"session_id": config.StringVariable(id)}
	}
	written := w.provider("none") + example(t, "data-sources/rocketchat_workspace_session/data-source.tf")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{
			{
				Config: written, ConfigVariables: session("sBob"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("reported_session", knownvalue.StringExact("bob: Firefox 1.2 on macOS v2, from 198.51.100.7, last connected 2023-05-28T12:00:00.000Z, session sBob")),
				},
			},
			{
				Config: written, ConfigVariables: session("sGone"),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("reported_session", knownvalue.StringExact("deleted user id-of-gone: unknown client, from an unknown address, "+
						"last connected 2023-04-10T12:00:00.000Z, session sGone")),
				},
			},
			{Config: written, ConfigVariables: session("sEnded"), ExpectError: said("There is no such session")},
		},
	})
}

func TestAccExamples_currentUserSessions(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	rows := ownedBy(accountOf("noperm"))
	w := newWorkspace(t, rocketchattest.Options{Sessions: rows})
	release := cmp.Or(clitest.Release(), rocketchattest.Release861)
	elsewhere := func(line string) knownvalue.Check {
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"session": knownvalue.StringExact(line), "current": current(release, false)})
	}
	user := "user " + accountOf("noperm").UserID
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Config: w.provider("noperm") + example(t, "data-sources/rocketchat_current_user_sessions/data-source.tf"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownOutputValue("sessions_elsewhere", knownvalue.TupleExact([]knownvalue.Check{
					elsewhere(user + ": Firefox 1.2 on macOS v2, from 198.51.100.7, last connected 2023-05-28T12:00:00.000Z, session sBob"),
					elsewhere(user + ": Rocket.Chat Desktop 1.40 on Linux v40, from 2001:db8::5, last connected 2023-04-20T12:00:00.000Z, session sSvc"),
				})),
				statecheck.ExpectKnownOutputValue("idle_sessions", knownvalue.StringExact("1 of 3")),
			},
		}},
	})
}

func TestAccExamples_ephemeralResource(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	written := w.provider("none") + example(t, "ephemeral-resources/rocketchat_workspace_sessions/ephemeral-resource.tf")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{
			{Config: written, ExpectError: said("Somebody is logged in from outside the company's networks.")},
			{
				PreConfig: func() {
					w.Logout("sAnn")
					w.Logout("sBob")
					w.Logout("sGone")
				},
				Config: written,
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("gate", knownvalue.StringExact("passed")),
				},
			},
		},
	})
}

// actionConfig evaluates the config of the one action in an example, given the
// sessions that its data source finds.
func actionConfig(t *testing.T, file string, found cty.Value) attributes {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig([]byte(example(t, file)), file, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s has a body of type %T", file, parsed.Body)
	}
	source := cty.ObjectVal(map[string]cty.Value{"stale": cty.ObjectVal(map[string]cty.Value{"sessions": found})})
	scope := &hcl.EvalContext{Variables: map[string]cty.Value{
		"data": cty.ObjectVal(map[string]cty.Value{dataSourceName: source}),
	}}
	evaluate := func(attribute *hclsyntax.Attribute) cty.Value {
		value, diags := attribute.Expr.Value(scope)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		return value
	}
	written := attributes{}
	for _, block := range body.Blocks {
		switch block.Type {
		case "locals":
			locals := make(map[string]cty.Value)
			for name, attribute := range block.Body.Attributes {
				locals[name] = evaluate(attribute)
			}
			scope.Variables["local"] = cty.ObjectVal(locals)
		case "action":
			if block.Labels[0] != actionName || len(block.Body.Blocks) != 1 || block.Body.Blocks[0].Type != "config" {
				t.Fatalf("%s has an action of another form than one config of %s", file, actionName)
			}
			for name, attribute := range block.Body.Blocks[0].Body.Attributes {
				value := evaluate(attribute)
				if value.Type() == cty.Bool {
					written[name] = value.True()
					continue
				}
				var values []any
				for _, element := range value.AsValueSlice() {
					values = append(values, element.AsString())
				}
				written[name] = values
			}
		}
	}
	return written
}
