// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

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

// expected is what Terraform holds of a row, written down a second time and without the
// provider's code.
func expected(row rocketchattest.Session) map[string]any {
	want := map[string]any{
		"id": valueOf(row.ID), "session_id": valueOf(row.SessionID), "user_id": valueOf(row.UserID), "host": valueOf(row.Host), "ip": valueOf(row.IP),
		"login_at": nil, "device": nil, "user": nil,
	}
	if at, ok := row.LoginAt.Get(); ok {
		want["login_at"] = at.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if d, ok := row.Device.Get(); ok {
		device := map[string]any{
			"type": valueOf(d.Type), "name": valueOf(d.Name), "version": valueOf(d.Version), "long_version": valueOf(d.LongVersion), "os": nil,
		}
		if system, ok := d.OS.Get(); ok {
			device["os"] = map[string]any{"name": valueOf(system.Name), "version": valueOf(system.Version)}
		}
		want["device"] = device
	}
	if u, ok := row.User.Get(); ok {
		want["user"] = map[string]any{
			"username": valueOf(u.Username), "name": valueOf(u.Name), "avatar_etag": valueOf(u.AvatarETag), "roles": nil, "type": nil, "active": nil,
		}
	}
	return want
}

func valueOf(text rocketchattest.Optional[string]) any {
	if value, ok := text.Get(); ok {
		return value
	}
	return nil
}

// Rows of every odd shape, with and without a second factor and permissions, arrive field by field
// and with the type of each setting; the next plan is empty.
func TestAccDataSources_everyRelease(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			own := ownedBy(accountOf("noperm"))
			own[1].LoginToken = accountOf("noperm").Token
			w := newWorkspace(t, rocketchattest.Options{
				Release:       release,
				Sessions:      slices.Concat(rocketchattest.DocumentedSessions(), own, rocketchattest.SyntheticSessions(143, 7, startOfTests())),
				Mandatory2FA:  []string{rocketchattest.RoleAdmin},
				SettingValues: map[string]any{"From_Email": "security@example.invalid"},
			})
			one := rocketchattest.DocumentedSessions()[3]
			var all, mine []any
			for _, row := range w.Sessions() {
				all = append(all, expected(row))
			}
			for i, row := range own[:3] {
				mine = append(mine, expectedOwn(row, current(release, i == 1)))
			}
			list := func(rows []any) any {
				return map[string]any{"sessions": rows, "total": float64(len(rows)), "matched": float64(len(rows))}
			}
			const result = `{ for name in ["sessions", "total", "matched"] : name => %s[name] }`
			// The attributes are the fields of the object, one by one.
			const attributes = `{ for name, value in %s : name => value if !contains(["timeouts", "user_details"], name) }`
			cli := newCLI(t, w)
			cli.wantValues(w.provider("totp", fmt.Sprintf("two_factor = { totp_secret = %q }", rocketchattest.DefaultTOTPSecret))+
				w.provider("none", `alias = "none"`)+w.provider("noperm", `alias = "noperm"`, `two_factor = { totp_secret = "JBSWY3DPEHPK3PXP" }`)+
				fmt.Sprintf(`
data "rocketchat_workspace_sessions" "all" {}
data "rocketchat_current_user_sessions" "mine" {
  provider = rocketchat.noperm
}
data "rocketchat_workspace_session" "one" {
  session_id = %q
}
data "rocketchat_workspace_session" "gone" {
  session_id = "sGone"
}
data "rocketchat_settings" "some" {
  provider = rocketchat.none
  ids      = ["From_Email", "API_Upper_Count_Limit", "API_Apply_permission_view-outside-room_on_users-list"]
}
data "rocketchat_roles" "all" {
  provider = rocketchat.noperm
}
`, one.SessionID.Value), map[string]expression{
				"all":           {fmt.Sprintf(result, "data.rocketchat_workspace_sessions.all"), list(all)},
				"mine":          {fmt.Sprintf(result, "data.rocketchat_current_user_sessions.mine"), list(mine)},
				"one":           {fmt.Sprintf(attributes, "data.rocketchat_workspace_session.one"), expected(one)},
				"gone":          {fmt.Sprintf(attributes, "data.rocketchat_workspace_session.gone"), expected(own[3])},
				"sum":           {"data.rocketchat_settings.some.values.API_Upper_Count_Limit + 1", float64(101)},
				"second_factor": {"[for r in data.rocketchat_roles.all.roles : r.id if r.mandatory_2fa]", []any{rocketchattest.RoleAdmin}},
				"settings": {"data.rocketchat_settings.some.values", map[string]any{
					"From_Email": "security@example.invalid", "API_Upper_Count_Limit": float64(100),
					"API_Apply_permission_view-outside-room_on_users-list": false,
				}},
			})
			for _, request := range w.Requests() {
				if request.Account == "noperm" && request.Header.Get("X-2fa-Code") != "" {
					t.Errorf("a code was sent to %s", request.Path)
				}
			}
			if testing.Short() {
				return
			}
			if output, status := cli.run("plan", "-detailed-exitcode", plain); status != 0 {
				t.Errorf("the next plan ended with %d:\n%s", status, output)
			}
			w.Logout(one.SessionID.Value)
			output, _ := cli.run("plan", "-json")
			wantErrors(t, output, map[string][]string{"one": {"The session has probably ended since its ID was read"}})
		})
	}
}

// wantErrors looks for one error about each name, and for no other, in what a command with -json printed.
func wantErrors(t *testing.T, output string, want map[string][]string) {
	t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(output) {
		var message struct {
			Diagnostic struct {
				Severity, Summary, Detail, Address string
				Snippet                            struct{ Context, Code string }
			}
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			continue // a warning about dev_overrides comes as text
		}
		d := message.Diagnostic
		if d.Severity != "error" {
			continue
		}
		where, known := fmt.Sprintf("%s %s %q", d.Snippet.Context, d.Snippet.Code, d.Address[strings.LastIndex(d.Address, ".")+1:]), false
		for name := range want {
			if strings.Contains(where, fmt.Sprintf("%q", name)) {
				found[name], known = found[name]+d.Summary+"\n"+d.Detail+"\n", true
			}
		}
		if !known {
			t.Errorf("another error: %s: %s", where, d.Summary)
		}
	}
	for name, words := range want {
		if found[name] == "" {
			t.Errorf("%s: no error in:\n%s", name, output)
		}
		mustContain(t, found[name], words...)
	}
}

// An error names the attribute that it takes, also where Terraform has dropped a misspelled one
// of an object in silence. What validate can find is found before anything is asked of a workspace.
func TestAccProvider_errorsSayWhatToDo(t *testing.T) {
	t.Parallel()
	type failing struct {
		url, account, settings string
		want                   []string
		// token is another than the account's.
		token    string
		argument string
	}
	w := newWorkspace(t, rocketchattest.Options{})
	certificate, key := clitest.NewCertificate(t, "client")
	secured, guarded := w.overTLS(t, nil).URL, w.overTLS(t, demanding(certificate)).URL
	const wrongSecret = `two_factor = { totp_secret = "JBSWY3DPEHPK3PXP" }`
	nowhere := func(settings, argument string, want ...string) failing {
		return failing{url: "https://chat.example.invalid", account: "none", settings: settings, argument: argument, want: want}
	}
	at := func(url, account, settings string, want ...string) failing {
		return failing{url: url, account: account, settings: settings, want: want}
	}
	as := func(account, settings string, want ...string) failing { return at(w.url, account, settings, want...) }
	with := func(options rocketchattest.Options, account, settings string, want ...string) failing {
		return at(newWorkspace(t, options).url, account, settings, want...)
	}
	validated := map[string]failing{
		"client_certificate_pem": nowhere(fmt.Sprintf("tls = { client_certificate_pme = %q, client_key_pem = %q }", certificate, key), "", `"tls.client_certificate_pem" must be specified`),
		"client_key_pem":         nowhere(fmt.Sprintf("tls = { client_certificate_pem = %q, client_key_pme = %q }", certificate, key), "", `"tls.client_key_pem" must be specified`),
		"regular_expression":     nowhere("", `filter = "Chrome ("`, "Unusable regular expression"),
		"network":                nowhere("", `outside_cidrs = ["10.0.0.1"]`, "write 10.0.0.1/32"),
		"time":                   nowhere("", `logged_in_before = "yesterday"`, "which is not a time in RFC 3339 format"),
		"match":                  nowhere("", `match = { user = "x" }`, "did you mean `username`?"),
		"exclude":                nowhere("", `exclude = { browser = "x" }`, "did you mean `device_name`?"),
		"sort":                   nowhere("", `sort = ["-loginAt"]`, "did you mean \"-login_at\"?"),
		"timeouts":               nowhere("", "timeouts {\n    read = \"soon\"\n  }", "Unusable duration"),
	}
	read := map[string]failing{
		"insecure_skip_verify": at(secured, "none", `tls = { insecure_skip_verfy = true }`, "`tls.insecure_skip_verify`"),
		"ca_certificate_pem":   at(secured, "none", fmt.Sprintf("tls = { ca_certifcate_pem = %q }", certificate), "`tls.ca_certificate_pem`"),
		"both_of_the_client": at(guarded, "none", fmt.Sprintf("tls = { insecure_skip_verify = true, client_certificate = %q, client_key = %q }", certificate, key),
			"`tls.client_certificate_pem`", "`tls.client_key_pem`"),
		"totp_secret":         as("totp", `two_factor = { totp_secrt = "GEZDGNBVGY3TQOJQ" }`, "A TOTP code is required", "`two_factor.totp_secret`"),
		"totp_code":           as("totp", `two_factor = { cod = "123456" }`, "`two_factor.code`"),
		"code":                as("email", `two_factor = { cod = "123456" }`, "`two_factor.code`"),
		"password":            as("password", `two_factor = { pasword = "x" }`, "The account's password is required", "`two_factor.password`"),
		"method":              as("email", `two_factor = { methd = "email" }`, "`two_factor.method`"),
		"method_alone":        as("totp", `two_factor = { method = "totp", totp_secrt = "GEZDGNBVGY3TQOJQ" }`, "`two_factor.totp_secret`"),
		"totp_wrong":          as("totp", wrongSecret, "Rocket.Chat refused the TOTP code"),
		"totp_wrong_614":      with(rocketchattest.Options{Release: rocketchattest.Release614}, "totp", wrongSecret, "Rocket.Chat refused the TOTP code"),
		"totp_not_set_up":     as("none", wrongSecret, "The account has no such second factor"),
		"password_for_totp":   as("totp", `two_factor = { password = "x" }`, "The account uses another second factor"),
		"password_wrong":      as("password", `two_factor = { password = "x" }`, "Rocket.Chat refused the password"),
		"mailed_code_wrong":   as("email", `two_factor = { code = "000000" }`, "Rocket.Chat refused the code from the e-mail"),
		"mailed_code_missing": as("email", `two_factor = { method = "email" }`, "A code from an e-mail is required"),
		"no_permission":       as("noperm", "", "lacks the permission `view-device-management`"),
		"no_license":          with(rocketchattest.Options{NoLicense: true}, "none", "", "The workspace has no license for device management"),
		"no_license_614":      with(rocketchattest.Options{NoLicense: true, Release: rocketchattest.Release614}, "none", "", "The workspace has no license for device management"),
		"address":             at(w.url+"/channel/general", "none", "", "There is no Rocket.Chat API at this address"),
	}
	slow := with(rocketchattest.Options{Synthetic: 1500, UpperCount: 100}, "viewonly", "", "The rate limit does not let the read finish in time")
	slow.argument = "timeouts {\n    read = \"30s\"\n  }"
	read["too_many_calls"] = slow
	for _, release := range releases() {
		wrong := with(rocketchattest.Options{Release: release}, "none", "", "Rocket.Chat does not accept the user ID and token")
		wrong.token = "a-token-of-nobody"
		read["token_"+strings.ReplaceAll(string(release), ".", "")] = wrong
	}
	for stage, cases := range map[string]map[string]failing{"validate": validated, "read": read} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			var config strings.Builder
			want := map[string][]string{}
			for _, name := range clitest.Few(8, slices.Sorted(maps.Keys(cases))) {
				c, a := cases[name], w.Account(cases[name].account)
				fmt.Fprintf(&config, "provider \"rocketchat\" {\n  alias = %q\n  url = %q\n  user_id = %q\n  auth_token = %q\n  max_retries = 0\n  %s\n}\n",
					name, c.url, a.UserID, cmp.Or(c.token, a.Token), c.settings)
				fmt.Fprintf(&config, "data \"rocketchat_workspace_sessions\" %q {\n  provider = rocketchat.%s\n  %s\n}\n", name, name, c.argument)
				want[name] = c.want
			}
			cli := newCLI(t, w)
			cli.write("main.tf", config.String())
			output, status := cli.run("plan", "-json")
			if status != 1 {
				t.Errorf("plan ended with %d", status)
			}
			wantErrors(t, output, want)
		})
	}
}
