// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestMain has the examples, which name the provider by its address, find the
// one in this process, and keeps settings of the machine out.
func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) != "" {
		serveProvider()
	}
	parts := strings.Split(Address, "/")
	variables := clitest.Environment()
	variables["TF_ACC_PROVIDER_NAMESPACE"], variables["TF_CLI_CONFIG_FILE"] = parts[1], os.DevNull
	for name, value := range variables {
		if err := os.Setenv(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

const everySession = `data "rocketchat_workspace_sessions" "all" {}`

// fails expects an error that the workspace's response leads to.
func fails(t *testing.T, w *workspace, provider, sessions, want string, opts ...Option) {
	t.Helper()
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(opts...),
		Steps:                    []resource.TestStep{{Config: provider + sessions, ExpectError: said(want)}},
	})
}

func TestAccWorkspaceSessions_documented(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Release: release})
			const all = "data.rocketchat_workspace_sessions.all"
			checks := []statecheck.StateCheck{
				statecheck.ExpectKnownValue(all, tfjsonpath.New("sessions"), knownvalue.ListSizeExact(9)),
				statecheck.ExpectKnownValue(all, tfjsonpath.New("total"), knownvalue.Int64Exact(9)),
				statecheck.ExpectKnownValue(all, tfjsonpath.New("matched"), knownvalue.Int64Exact(9)),
			}
			for i, row := range rocketchattest.DocumentedSessions() {
				checks = append(checks, statecheck.ExpectKnownValue(all, tfjsonpath.New("sessions").AtSliceIndex(i), expected(row)))
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: w.factories(),
				Steps: []resource.TestStep{
					{
						Config:            w.provider("totp", fmt.Sprintf("two_factor = { totp_secret = %q }", rocketchattest.DefaultTOTPSecret)) + everySession,
						ConfigStateChecks: checks,
					},
					{
						Config:           w.provider("totp", fmt.Sprintf("two_factor = { totp_secret = %q }", rocketchattest.DefaultTOTPSecret)) + everySession,
						ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					},
				},
			})
		})
	}
}

// expected is what Terraform holds of a row, written down a second time and
// without the provider's code.
func expected(row rocketchattest.Session) knownvalue.Check {
	text := func(o rocketchattest.Optional[string]) knownvalue.Check {
		if o.State != rocketchattest.Present {
			return knownvalue.Null()
		}
		return knownvalue.StringExact(o.Value)
	}
	device, user, login := knownvalue.Check(knownvalue.Null()), knownvalue.Check(knownvalue.Null()), knownvalue.Check(knownvalue.Null())
	if row.Device.State == rocketchattest.Present {
		d := row.Device.Value
		system := knownvalue.Check(knownvalue.Null())
		if d.OS.State == rocketchattest.Present {
			system = knownvalue.ObjectExact(map[string]knownvalue.Check{"name": text(d.OS.Value.Name), "version": text(d.OS.Value.Version)})
		}
		device = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"type": text(d.Type), "name": text(d.Name), "version": text(d.Version), "long_version": text(d.LongVersion), "os": system,
		})
	}
	if row.User.State == rocketchattest.Present {
		u := row.User.Value
		user = knownvalue.ObjectExact(map[string]knownvalue.Check{
			"username": text(u.Username), "name": text(u.Name), "avatar_etag": text(u.AvatarETag),
			"roles": knownvalue.Null(), "type": knownvalue.Null(), "active": knownvalue.Null(),
		})
	}
	if row.LoginAt.State == rocketchattest.Present {
		login = knownvalue.StringExact(row.LoginAt.Value.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": text(row.ID), "session_id": text(row.SessionID), "user_id": text(row.UserID), "host": text(row.Host), "ip": text(row.IP),
		"login_at": login, "device": device, "user": user,
	})
}

// Rows of every odd shape arrive field by field.
func TestAccWorkspaceSessions_oddRows(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 143, Seed: 7})
	checks := []statecheck.StateCheck{
		statecheck.ExpectKnownValue("data.rocketchat_workspace_sessions.all", tfjsonpath.New("sessions"), knownvalue.ListSizeExact(143)),
	}
	for i, row := range w.Sessions() {
		checks = append(checks, statecheck.ExpectKnownValue("data.rocketchat_workspace_sessions.all", tfjsonpath.New("sessions").AtSliceIndex(i), expected(row)))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps:                    []resource.TestStep{{Config: w.provider("none") + everySession, ConfigStateChecks: checks}},
	})
}

func TestAccProvider_environmentAlone(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	account := w.Account("password")
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(WithEnv(env(map[string]string{
			"ROCKETCHAT_URL": w.url, "ROCKETCHAT_USER_ID": account.UserID, "ROCKETCHAT_AUTH_TOKEN": account.Token,
			"ROCKETCHAT_TWO_FACTOR_METHOD": "password", "ROCKETCHAT_PASSWORD": account.Password,
		}))),
		Steps: []resource.TestStep{{
			Config: everySession,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue("data.rocketchat_workspace_sessions.all", tfjsonpath.New("matched"), knownvalue.Int64Exact(9)),
			},
		}},
	})
}

// An e-mail's code comes from a mailbox: the first run fails and says where
// the code went, the second one has it in the environment. Terraform reads more
// than once a run, which a release that remembers nobody refuses.
func TestAccProvider_emailCode(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	release := cmp.Or(clitest.Release(), rocketchattest.Release861)
	w := newWorkspace(t, rocketchattest.Options{Release: release})
	var code string
	lookup := func(name string) string {
		if name == "ROCKETCHAT_TWO_FACTOR_CODE" {
			return code
		}
		return ""
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(WithEnv(lookup)),
		Steps: []resource.TestStep{
			{
				Config:      w.provider("email") + everySession,
				ExpectError: said("A new code was mailed to"),
			},
			{
				PreConfig: func() {
					mails := w.Mails()
					if len(mails) == 0 {
						t.Fatal("no mail was sent")
					}
					code = mails[len(mails)-1].Code
				},
				Config:      w.provider("email") + everySession,
				ExpectError: map[bool]*regexp.Regexp{false: said("was already used. Each code works once")}[release.RemembersSecondFactor()],
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue("data.rocketchat_workspace_sessions.all", tfjsonpath.New("matched"), knownvalue.Int64Exact(9)),
				},
			},
		},
	})
}

func TestAccProvider_refusals(t *testing.T) {
	t.Parallel()
	const wrongSecret = "JBSWY3DPEHPK3PXP"
	secret := func(s string) string { return fmt.Sprintf("two_factor = { totp_secret = %q }", s) }
	for name, c := range some(map[string]struct {
		options  rocketchattest.Options
		account  string
		settings string
		want     string
	}{
		"no permission":         {account: "noperm", want: "lacks the permission `view-device-management`"},
		"no license, 8.6.1":     {account: "none", options: rocketchattest.Options{NoLicense: true}, want: "The workspace has no license for device management"},
		"no license, 6.14":      {account: "none", options: rocketchattest.Options{NoLicense: true, Release: rocketchattest.Release614}, want: "The workspace has no license for device management"},
		"TOTP required":         {account: "totp", want: "A TOTP code is required"},
		"TOTP wrong":            {account: "totp", settings: secret(wrongSecret), want: "Rocket.Chat refused the TOTP code"},
		"TOTP wrong, 6.14":      {account: "totp", options: rocketchattest.Options{Release: rocketchattest.Release614}, settings: secret(wrongSecret), want: "Rocket.Chat refused the TOTP code"},
		"TOTP, none set up":     {account: "none", settings: secret(wrongSecret), want: "The account has no such second factor"},
		"password for TOTP":     {account: "totp", settings: `two_factor = { password = "x" }`, want: "The account uses another second factor"},
		"password required":     {account: "password", want: "The account's password is required"},
		"password wrong":        {account: "password", settings: `two_factor = { password = "x" }`, want: "Rocket.Chat refused the password"},
		"e-mail code wrong":     {account: "email", settings: `two_factor = { code = "000000" }`, want: "Rocket.Chat refused the code from the e-mail"},
		"e-mail asked for":      {account: "email", settings: `two_factor = { method = "email" }`, want: "A code from an e-mail is required"},
		"too many calls to fit": {account: "viewonly", options: rocketchattest.Options{Synthetic: 1500, UpperCount: 100}, want: "The rate limit does not let the read finish in time"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, c.options)
			fails(t, w, w.provider(c.account, c.settings),
				`data "rocketchat_workspace_sessions" "all" {
  timeouts {
    read = "30s"
  }
}`, c.want)
		})
	}
}

func TestAccProvider_wrongToken(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Release: release})
			config := strings.Replace(w.provider("none"), w.Account("none").Token, "a-token-of-nobody", 1)
			fails(t, w, config, everySession, "Rocket.Chat does not accept the user ID and token")
		})
	}
}

func TestAccProvider_wrongAddress(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	config := strings.Replace(w.provider("none"), w.url, w.url+"/channel/general", 1)
	fails(t, w, config, everySession, "There is no Rocket.Chat API at this address")
}

// The provider's address depends on something that is made by the same apply.
func TestAccProvider_unknownAddress(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	config := strings.Replace(w.provider("none"), fmt.Sprintf("%q", w.url), "terraform_data.workspace.output", 1)
	fails(t, w, fmt.Sprintf("resource \"terraform_data\" \"workspace\" { input = %q }\n", w.url)+config, everySession,
		"A provider setting is not known yet", WithEnv(env(map[string]string{"ROCKETCHAT_URL": w.url})))
	if requests := w.Requests(); len(requests) > 0 {
		t.Errorf("the workspace was asked all the same: %d requests", len(requests))
	}
}

// Mistakes are found before anything is asked of a workspace: there is none.
func TestAccProvider_validateNeedsNoWorkspace(t *testing.T) {
	t.Parallel()
	for name, c := range some(map[string]struct{ argument, want string }{
		"regular expression": {`filter = "Chrome ("`, "Unusable regular expression"},
		"network":            {`outside_cidrs = ["10.0.0.1"]`, "write 10.0.0.1/32"},
		"time":               {`logged_in_before = "yesterday"`, "which is not a time in RFC 3339 format"},
		"match key":          {`match = { user = "x" }`, "did you mean `username`?"},
		"exclude key":        {`exclude = { browser = "x" }`, "did you mean `device_name`?"},
		"sort key":           {`sort = ["-loginAt"]`, "did you mean \"-login_at\"?"},
		"timeouts":           {"timeouts {\n    raed = \"1m\"\n  }", "raed"},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{})
			fails(t, w, "provider \"rocketchat\" {}\n", "data \"rocketchat_workspace_sessions\" \"all\" {\n  "+c.argument+"\n}\n", c.want)
			if requests := w.Requests(); len(requests) > 0 {
				t.Errorf("the workspace was asked: %d requests", len(requests))
			}
		})
	}
}
