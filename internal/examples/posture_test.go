// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// lawfulWorkspace breaks no rule of the examples.
func lawfulWorkspace(now time.Time) rocketchattest.Options {
	return rocketchattest.Options{
		Sessions: lawful(now), Users: lawfulUsers(now),
		SettingValues:   map[string]any{"Accounts_LoginExpiration": 30, "Accounts_RegistrationForm": "Secret URL"},
		Mandatory2FA:    []string{rocketchattest.RoleAdmin},
		PermissionRoles: map[string][]string{rocketchattest.PermissionView: {rocketchattest.RoleAdmin}},
	}
}

// unlawfulWorkspace breaks each rule, some by what Rocket.Chat installs.
func unlawfulWorkspace(now time.Time) rocketchattest.Options {
	return rocketchattest.Options{
		Sessions: unlawful(now), Users: unlawfulUsers(now), TwoFactorOff: true, PasswordFallbackOff: true,
		SettingValues: map[string]any{
			"Accounts_AllowAnonymousRead":                               true,
			"Accounts_AllowAnonymousWrite":                              true,
			"Accounts_Password_Policy_Enabled":                          false,
			"Accounts_Password_Policy_MinLength":                        8,
			"Accounts_TwoFactorAuthentication_By_TOTP_Enabled":          false,
			"Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User": 0,
			"Block_Multiple_Failed_Logins_By_User":                      false,
			"Block_Multiple_Failed_Logins_Enabled":                      false,
		},
		PermissionRoles: map[string][]string{"edit-other-user-totp": {}, "manage-cloud": {}},
	}
}

// untrustedRoles is what powerful-users says of the roles that the simulated workspace has.
func untrustedRoles() []string {
	return []string{
		"2 of 16 roles have powerful permissions and are not trusted:",
		"  device-viewer (cW4kPz9TnXb2LrMqD): view-device-management",
		"  Équipe sécurité (eK3yNv7HrPd5ZtSgA): view-device-management",
	}
}

// adminsPermissions are the powerful ones that administrators have in [unlawfulWorkspace].
func adminsPermissions() string {
	return "access-permissions, assign-admin-role, assign-roles, edit-other-user-password, edit-privileged-setting, " +
		"logout-device-management, user-generate-access-token, view-device-management, view-privileged-setting"
}

// policiesBySettings are the examples that read neither sessions nor users.
func policiesBySettings() []string {
	return []string{"policies/login-settings", "policies/second-factor"}
}

// A setting that is null, and a role that does not say whether its second factor is mandatory, break the rules.
func TestOdd_missingPosture(t *testing.T) {
	t.Parallel()
	roles := map[string][]string{"policies/second-factor": {
		"1 of 1 roles have powerful permissions, but no mandatory second factor: auditor (r1): access-permissions",
		"No role has these permissions, so they are misspelled or superfluous: assign-admin-role,",
	}}
	withEach(t, func(t *testing.T, c cli) {
		for _, folder := range policiesBySettings() {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, "policies/terraform-test")
				prepared := prepare(t, c, folder)
				overrides, want := withoutValues(t, folder)
				test := fmt.Appendf(nil, nothingKnown, overrides)
				if err := os.WriteFile(filepath.Join(prepared.folder, "missing.tftest.hcl"), test, 0o600); err != nil {
					t.Fatal(err)
				}
				r := prepared.run(t, "test", plain)
				said := strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(r.stdout+r.stderr)), " ")
				unsaid := slices.DeleteFunc(append(want, roles[folder]...), func(message string) bool { return strings.Contains(said, message) })
				if r.status != 1 || len(unsaid) > 0 {
					t.Errorf("the exit code is %d; it does not say %q:\n%s", r.status, unsaid, said)
				}
			})
		}
	})
}

// nothingKnown is a test of a policy on a workspace that tells nothing of its settings.
const nothingKnown = `
mock_provider "rocketchat" {
  mock_data "rocketchat_roles" {
    defaults = {
      roles = [{
        id = "r1", name = "auditor", description = null, scope = null, protected = null, mandatory_2fa = null
        permissions = ["access-permissions"]
      }]
    }
  }
}
run "nothing" {
  command = plan
%s}
`

// withoutValues are overrides of the settings that a policy reads, all null, and what it says of each.
func withoutValues(t *testing.T, folder string) (overrides string, want []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examplesRoot, folder, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)data "rocketchat_settings" "(\w+)" \{\n  ids = \[\n(.*?)\n  \]`).FindAllStringSubmatch(string(text), -1)
	for _, block := range blocks {
		var values strings.Builder
		for _, id := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(block[2], -1) {
			want = append(want, id[1]+" is null.")
			values.WriteString("      " + id[1] + " = null\n")
		}
		overrides += fmt.Sprintf("  override_data {\n    target = data.rocketchat_settings.%s\n"+
			"    values = {\n      values = {\n%s      }\n    }\n  }\n", block[1], values.String())
	}
	if len(want) < 3 {
		t.Fatalf("%s reads only %v", folder, want)
	}
	return overrides, want
}
