// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
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

// policiesBySettings are the examples that read neither sessions nor users.
func policiesBySettings() []string {
	return []string{"policies/login-settings", "policies/second-factor"}
}

// A setting that is null, and a role that does not say whether its second factor is mandatory, break the rules.
func TestOdd_missingPosture(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	roles := map[string][]string{"policies/second-factor": {
		"1 of 1 roles have powerful permissions, but no mandatory second factor: auditor (r1): access-permissions",
		"No role has these permissions, so they are misspelled or superfluous: assign-admin-role,",
	}}
	c := first(t)
	skipWithout(t, c, "policies/terraform-test")
	for _, folder := range policiesBySettings() {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, c, folder)
			overrides, want := withoutValues(t, folder)
			prepared.keep(t, "missing.tftest.hcl", fmt.Sprintf(nothingKnown, overrides))
			r := prepared.run(t, "test", plain)
			result{status: r.status, stdout: r.unframed()}.ends(t, 1, append(want, roles[folder]...)...)
		})
	}
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
	blocks := regexp.MustCompile(`(?s)data "rocketchat_settings" "(\w+)" \{\n  ids = \[\n(.*?)\n  \]`).
		FindAllStringSubmatch(readFile(t, filepath.Join(examplesRoot, folder, "main.tf")), -1)
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

// policiesByUser are the examples that need to know more of users than a session has.
func policiesByUser() []string {
	return []string{
		"policies/administrators", "policies/deactivated-users", "policies/dormant-accounts", "policies/powerful-users",
		"policies/service-accounts",
	}
}

// oddUsers are the users of rows, of every shape that a workspace lists, and
// more without sessions. None logged in within an hour of a bound of the rules.
func oddUsers(t *testing.T, rows []rocketchattest.Session, now time.Time) []rocketchattest.DirectoryUser {
	t.Helper()
	byID := map[string]rocketchattest.DirectoryUser{}
	for _, u := range newWorkspace(t, rows).Directory() {
		byID[u.ID] = u
	}
	for _, u := range rocketchattest.SyntheticUsers(300, 400, now.Add(-12*time.Hour)) {
		byID[u.ID] = u
	}
	for _, id := range []string{"id-of-svc-backup", "synthetic00000080"} { // of whom one has a browser without a type
		service := byID[id]
		bot(&service)
		byID[id] = service
	}
	return slices.Collect(maps.Values(byID))
}

// workspaceOfOddUsers has odd sessions and users.
func workspaceOfOddUsers(t *testing.T, now time.Time) *workspace {
	t.Helper()
	rows := ofUsersWithID(oddSessions(t, now))
	return serve(t, rocketchattest.Options{
		// Releases before 8.0 leave out users with neither user name nor name.
		Release: rocketchattest.Release861, Sessions: rows, Users: oddUsers(t, rows, now), RateLimit: rocketchattest.RateLimit{Off: true},
	})
}

// On odd sessions and users, each rule finds exactly those that it is about.
func TestOdd_users(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	w, c := workspaceOfOddUsers(t, now), first(t)
	for _, folder := range policiesByUser() {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			skipWithout(t, c, folder)
			prepare(t, c, folder).on(w).planIs(t, now, "odd/"+folder)
		})
	}
}

// The output of powerful-users says through which roles, also where the role is gone, in which its users still are, and
// where somebody has the ID of a user without a username as a username.
func TestPowerfulUsers_sayTheirRoles(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	options := lawfulWorkspace(now)
	options.Users = append(options.Users,
		user("left.behind", now, func(u *rocketchattest.DirectoryUser) {
			u.Roles = rocketchattest.Some([]string{rocketchattest.RoleUser, "goneRole"})
		}),
		user("", now, administrator, func(u *rocketchattest.DirectoryUser) {
			u.ID, u.Username, u.Name = "alice.lawful", rocketchattest.None[string](), rocketchattest.Some("Nobody yet")
		}),
	)
	options.PermissionRoles = map[string][]string{rocketchattest.PermissionView: {rocketchattest.RoleAdmin, "goneRole"}}
	type powerful struct {
		Username *string
		Roles    []string
	}
	var planned struct {
		Users map[string]powerful `json:"powerful_users"`
	}
	_, said := prepare(t, first(t), "policies/powerful-users").on(serve(t, options)).planned(t, &planned)
	alice, left := "alice.lawful", "left.behind"
	want := map[string]powerful{
		"id-of-alice.lawful": {&alice, []string{"admin"}}, "id-of-left.behind": {&left, []string{"a role that is gone"}},
		"alice.lawful": {nil, []string{"admin"}},
	}
	same(t, fmt.Sprintf("the plan says %v; others are powerful", said), want, planned.Users)
}
