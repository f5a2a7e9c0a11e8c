// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const settingsName = "rocketchat_settings"

// problemsOf are the diagnostics of a validation or, without any, of a read.
func problemsOf(t *testing.T, s *server, ids ...any) string {
	t.Helper()
	config := attributes{"ids": ids}
	diags := s.validateData(settingsName)(t, config)
	if len(diags) == 0 {
		_, diags = s.readData(t.Context(), t, settingsName, config)
	}
	if len(diags) == 0 {
		return ""
	}
	return strings.Join(report(diags), "\n") + "\n" + details(diags)
}

// TestSettingsDataSource_shared: any number of data sources takes one call for public settings, and one
// more for each that is not.
func TestSettingsDataSource_shared(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	s := inTown(t, w, "none")
	for _, ids := range [][]any{
		{"Accounts_LoginExpiration"},
		{"Accounts_RegistrationForm", "Accounts_AllowAnonymousRead", "Accounts_RegistrationForm"},
		{"Accounts_TwoFactorAuthentication_RememberFor", "Site_Url"},
		{"Accounts_TwoFactorAuthentication_RememberFor"},
	} {
		if problems := problemsOf(t, s, ids...); problems != "" {
			t.Error(problems)
		}
	}
	want := map[string]int{"settings.public": 1, "settings/Accounts_TwoFactorAuthentication_RememberFor": 1}
	if diff := cmp.Diff(want, routes(w)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestSettingsDataSource_refused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account string
		ids     []any
		want    string
		says    []string
		not     string
	}{
		"unknown": {
			"none",
			[]any{"Site_Url", "Accounts_LoginExpiry"},
			"error at ids.1: Unknown setting",
			[]string{`"Accounts_LoginExpiry"`, `did you mean "Accounts_LoginExpiration"?`, "release does not have"},
			"http://localhost",
		},
		"unknown and not public": {"none", []any{"API_Uper_Count_Limit"}, "error at ids.0: Unknown setting", []string{`did you mean "API_Upper_Count_Limit"?`}, ""},
		"another case":           {"none", []any{"site_url"}, "error at ids.0: Unknown setting", []string{`did you mean "Site_Url"?`, "case-sensitive"}, ""},
		"like nothing":           {"none", []any{"Xyzzy_Plugh"}, "error at ids.0: Unknown setting", []string{"shows it to nobody."}, "did you mean"},
		"hidden":                 {"none", []any{"Cloud_Workspace_Hidden"}, "error at ids.0: Unknown setting", []string{"shows it to nobody"}, "hidden-value"},
		"no permission": {
			"viewonly",
			[]any{"Site_Url", "API_Upper_Count_Limit", "Accounts_LoginExpiry"},
			"error at ids.1: The account lacks a permission",
			[]string{
				`"API_Upper_Count_Limit", "Accounts_LoginExpiry"; did you mean "Accounts_LoginExpiration"?`, "`view-privileged-setting`", "HTTP status 403",
				"Workspace → Permissions",
			},
			"http://localhost",
		},
		"an object":        {"none", []any{"Site_Url", "Assets_logo"}, "error at ids.1: The setting is not a bool, a number or a string", []string{`"Assets_logo" is an object`}, "logo.svg"},
		"an array":         {"none", []any{"Some_Array"}, "error at ids.0: The setting is not a bool, a number or a string", []string{`"Some_Array" is an array`}, "array-value"},
		"null":             {"none", []any{"Some_Null"}, "error at ids.0: The setting is not a bool, a number or a string", []string{`"Some_Null" is null`}, ""},
		"two of these":     {"none", []any{"Some_Null", "nosuch"}, "error at ids.0: The setting is not a bool, a number or a string\nerror at ids.1: Unknown setting", nil, ""},
		"a secret":         {"none", []any{"Site_Url", "SMTP_Password"}, "error at ids.1: The setting is a secret", []string{"in clear text", "`ids[1]`"}, "synthetic"},
		"a secret URL":     {"none", []any{"Accounts_RegistrationForm_SecretURL"}, "error at ids.0: The setting is a secret", nil, ""},
		"a path":           {"none", []any{"../users.list"}, "error at ids.0: Unusable setting ID", []string{"letters, digits"}, ""},
		"a line break":     {"none", []any{"Site_Url\n"}, "error at ids.0: Unusable setting ID", []string{`"Site_Url\n"`}, ""},
		"a null element":   {"none", []any{nil}, "error at ids.0: Unusable element", nil, ""},
		"no elements":      {"none", []any{}, "error at ids: Invalid Attribute Value", nil, ""},
		"a wrong token":    {"stranger", []any{"API_Upper_Count_Limit"}, "error at -: Rocket.Chat does not accept the user ID and token", []string{"HTTP status 401"}, "search"},
		"public, no login": {"stranger", []any{"Site_Url"}, "", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, release := range releases() {
				settings := append(
					rocketchattest.DefaultSettings(release),
					rocketchattest.Setting{ID: "Cloud_Workspace_Hidden", Value: "hidden-value", Hidden: true},
					rocketchattest.Setting{ID: "Some_Array", Value: []string{"array-value"}, Public: true},
					rocketchattest.Setting{ID: "Some_Null"},
				)
				stranger := rocketchattest.Account{Username: "stranger", UserID: "synthStranger0000", Token: "token-of-a-stranger"}
				known := rocketchattest.DefaultAccounts()
				w := newWorkspace(t, rocketchattest.Options{Release: release, Settings: settings, Accounts: known})
				account := stranger
				if c.account != stranger.Username {
					account = w.Account(c.account)
				}
				s := newServer(t, WithClock(w.clock))
				s.configure(t, attributes{"url": w.url, "user_id": account.UserID, "auth_token": account.Token, "max_retries": int64(0)})
				got := problemsOf(t, s, c.ids...)
				if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" || strings.Count(got, "error at") != strings.Count(c.want, "error at") {
					t.Errorf("%s: got %s, want %s", release, got, c.want)
				}
				mustContain(t, got, c.says...)
				if c.not != "" {
					mustNotContain(t, got, c.not)
				}
			}
		})
	}
}
