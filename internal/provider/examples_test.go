// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

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

// writeExamples puts the examples of some kinds into the folder, as they are.
func (c *cli) writeExamples(files ...string) {
	c.t.Helper()
	for _, file := range files {
		c.write(path.Base(path.Dir(file))+"-"+path.Base(file), example(c.t, file))
	}
}

// The examples of the documentation run as they are, one with the others; only the address of
// the example is that of the simulated workspace.
func TestAccExamples_dataSources(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	account := accountOf("totp")
	old := sessionBy("sOld", "eve", startOfTests().AddDate(0, 0, -45))
	old.IP, old.Device = present("198.51.100.9"), present(rocketchattest.Device{OS: present(rocketchattest.OS{Name: present("Windows")})})
	lastLogin := func(daysAgo int) func(*rocketchattest.DirectoryUser) {
		return func(u *rocketchattest.DirectoryUser) { u.LastLogin = present(startOfTests().AddDate(0, 0, -daysAgo)) }
	}
	mandatory := []string{rocketchattest.RoleAdmin, rocketchattest.RoleDeviceViewer, rocketchattest.RoleDeviceAuditor}
	w := newWorkspace(t, rocketchattest.Options{
		Sessions: append(ownedBy(account), old), Mandatory2FA: mandatory,
		Users:         []rocketchattest.DirectoryUser{somebody("ann", "", lastLogin(100)).user, somebody("ben", "").user, somebody("cyd", "", lastLogin(1)).user},
		SettingValues: map[string]any{"Accounts_LoginExpiration": 30, "Accounts_RegistrationForm": "Secret URL"},
	})
	cli := newCLI(t, w)
	cli.write("versions.tf", strings.Replace(example(t, "provider/provider.tf"), "https://chat.example.com", w.url, 1))
	cli.write("terraform.tfvars", fmt.Sprintf("rocketchat_user_id = %q\nrocketchat_auth_token = %q\nrocketchat_totp_secret = %q\nsession_id = \"sBob\"\n",
		account.UserID, account.Token, account.TOTPSecret))
	all, err := fs.Glob(os.DirFS("../../examples"), "data-sources/*/data-source.tf")
	if err != nil {
		t.Fatal(err)
	}
	cli.writeExamples(all...)
	const bob = "Firefox 1.2 on macOS v2, from 198.51.100.7, last connected 2023-05-28T12:00:00.000Z, session sBob"
	user := "user " + account.UserID + ": "
	elsewhere := func(line string) any {
		return map[string]any{"session": user + line, "current": current(cmp.Or(clitest.Release(), rocketchattest.Release861), false)}
	}
	var roles []any
	for _, role := range slices.SortedFunc(slices.Values(rocketchattest.DefaultRoles()), func(a, b rocketchattest.Role) int { return cmp.Compare(a.ID, b.ID) }) {
		if !slices.Contains(mandatory, role.ID) {
			roles = append(roles, role.Name)
		}
	}
	cli.wantOutputs(map[string]any{
		"stale_sessions": []any{
			"deleted user id-of-gone: unknown client, from an unknown address, last connected 2023-04-10T12:00:00.000Z, session sGone",
			"eve: unknown client on Windows, from 198.51.100.9, last connected 2023-04-15T12:00:00.000Z, session sOld",
		},
		"counts":           map[string]any{"stale": float64(2), "old_browsers": float64(2), "surplus": float64(0), "all": float64(5)},
		"reported_session": "bob: " + bob,
		"sessions_elsewhere": []any{
			elsewhere(bob), elsewhere("Rocket.Chat Desktop 1.40 on Linux v40, from 2001:db8::5, last connected 2023-04-20T12:00:00.000Z, session sSvc"),
		},
		"idle_sessions": "1 of 3",
		"dormant_users": []any{
			map[string]any{"username": "ben", "last_login_at": nil}, map[string]any{"username": "ann", "last_login_at": "2023-02-19T12:00:00.000Z"},
		},
		"login_settings":              map[string]any{"Accounts_LoginExpiration": float64(30), "Accounts_RegistrationForm": "Secret URL"},
		"roles_without_second_factor": roles,
	})
}

// The rules of the examples find what breaks them, with Rocket.Chat's defaults and with a login
// expiration that Rocket.Chat does not take as it looks, and nothing else.
func TestAccExamples_brokenRules(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	for id, c := range map[string]struct {
		options rocketchattest.Options
		want    map[string][]string
	}{
		"sEnded": {
			rocketchattest.Options{Sessions: fourSessions(), Mandatory2FA: []string{rocketchattest.RoleAdmin}},
			map[string][]string{
				"gate":   {"Somebody is logged in from outside the company's networks.", "Somebody uses a browser older than version 113."},
				"logins": {"Accounts_LoginExpiration is 90"}, "all": {"A second factor is not mandatory"}, "reported": {"There is no such session"},
			},
		},
		"sSvc": {
			rocketchattest.Options{
				Sessions:      fourSessions()[2:3],
				Mandatory2FA:  []string{rocketchattest.RoleAdmin, rocketchattest.RoleDeviceViewer, rocketchattest.RoleDeviceAuditor},
				SettingValues: map[string]any{"Accounts_LoginExpiration": 0, "Accounts_RegistrationForm": "Disabled"},
			},
			map[string][]string{"logins": {"Accounts_LoginExpiration is 0"}},
		},
	} {
		cli := newCLI(t, newWorkspace(t, c.options))
		cli.writeExamples("ephemeral-resources/rocketchat_workspace_sessions/ephemeral-resource.tf", "data-sources/rocketchat_workspace_session/data-source.tf",
			"data-sources/rocketchat_settings/data-source.tf", "data-sources/rocketchat_roles/data-source.tf")
		output, _ := cli.run("plan", "-json", "-var=session_id="+id)
		wantErrors(t, output, c.want)
	}
}

// actionConfig evaluates the config of the one action in an example, given the
// sessions that its data source finds.
func actionConfig(t *testing.T, file string, found cty.Value) attributes {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig([]byte(example(t, file)), file, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	source := cty.ObjectVal(map[string]cty.Value{"stale": cty.ObjectVal(map[string]cty.Value{"sessions": found})})
	scope := &hcl.EvalContext{Variables: map[string]cty.Value{
		"data": cty.ObjectVal(map[string]cty.Value{dataSourceName: source}),
	}}
	evaluated := func(body *hclsyntax.Body) map[string]cty.Value {
		values := make(map[string]cty.Value)
		for name, attribute := range body.Attributes {
			value, diags := attribute.Expr.Value(scope)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			values[name] = value
		}
		return values
	}
	written := attributes{}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("%s has a body of type %T", file, parsed.Body)
	}
	for _, block := range body.Blocks {
		switch block.Type {
		case "locals":
			scope.Variables["local"] = cty.ObjectVal(evaluated(block.Body))
		case "action":
			for name, value := range evaluated(block.Body.Blocks[0].Body) {
				text, err := json.Marshal(ctyjson.SimpleJSONValue{Value: value})
				if err != nil {
					t.Fatal(err)
				}
				var decoded any
				if err := json.Unmarshal(text, &decoded); err != nil {
					t.Fatal(err)
				}
				written[name] = decoded
			}
		}
	}
	return written
}
