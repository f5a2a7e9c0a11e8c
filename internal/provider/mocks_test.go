// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// People test their rules with made-up sessions and no workspace. That works
// because what a session holds is of object types, not nested attributes, and settings are of a dynamic type.
func TestAccMocks_results(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{})
	cli := newCLI(t, w)
	cli.write("main.tf", `
data "rocketchat_workspace_session" "one" {
  session_id = "made-up"
}
data "rocketchat_current_user_sessions" "mine" {}
data "rocketchat_users" "all" {}
data "rocketchat_settings" "logins" {
  ids = ["Accounts_LoginExpiration", "Accounts_RegistrationForm", "Accounts_AllowAnonymousRead"]
}
data "rocketchat_settings" "other" {
  ids = ["Accounts_LoginExpiration"]
}
data "rocketchat_roles" "all" {
  permissions = true
}
output "settings" {
  value = [data.rocketchat_settings.other.values.Accounts_LoginExpiration, data.rocketchat_settings.logins.values]
}
output "expires" {
  value = data.rocketchat_settings.logins.values.Accounts_LoginExpiration <= 30
}
output "second_factor" {
  value = [for r in data.rocketchat_roles.all.roles : r.mandatory_2fa if contains(r.permissions, "view-privileged-setting")]
}
output "administrators" {
  value = [for u in data.rocketchat_users.all.users : u.username if contains(u.roles, "admin")]
}
output "system" {
  value = data.rocketchat_workspace_session.one.device.os.name
}
output "username" {
  value = data.rocketchat_workspace_session.one.user.username
}
output "current" {
  value = [for s in data.rocketchat_current_user_sessions.mine.sessions : s.session_id if s.current == true]
}
`)
	cli.write("rules.tftest.hcl", `
mock_provider "rocketchat" {
  mock_data "rocketchat_workspace_session" {
    defaults = {
      user_id = "id-of-ann"
      device = {
        type = "browser", name = "Chrome", version = "1.0", long_version = "1.0.0"
        os   = { name = "Windows", version = "7" }
      }
      user = { username = "ann", name = "Ann Lee", avatar_etag = null, roles = null, type = null, active = null }
    }
  }
  mock_data "rocketchat_settings" {
    defaults = {
      values = { Accounts_LoginExpiration = 7 }
    }
  }
  mock_data "rocketchat_roles" {
    defaults = {
      roles = [{
        id = "admin", name = "admin", description = "Admin", scope = "Users", protected = true, mandatory_2fa = true
        permissions = ["view-privileged-setting"]
      }]
    }
  }
  mock_data "rocketchat_current_user_sessions" {
    defaults = {
      sessions = [
        {
          id = "a", session_id = "a", user_id = "u", host = null, ip = "10.1.2.3", login_at = "2023-05-24T00:25:54.234Z", current = false
          device = { type = "browser", name = "Chrome", version = "1.0", long_version = "1.0.0", os = { name = "Windows", version = "7" } }
        },
        {
          id = "b", session_id = "b", user_id = "u", host = null, ip = "10.1.2.3", login_at = "2023-05-24T00:25:54.234Z", current = true
          device = { type = "browser", name = "Chrome", version = "1.0", long_version = "1.0.0", os = { name = "Windows", version = "7" } }
        },
      ]
    }
  }
}
override_data {
  target = data.rocketchat_users.all
  values = {
    users = [
      { id = "a", username = "ann", name = null, type = "user", active = true, roles = ["admin"], role_names = ["admin"], last_login_at = null },
      { id = "b", username = "ben", name = null, type = "user", active = true, roles = [], role_names = [], last_login_at = null },
    ]
  }
}
override_data {
  target = data.rocketchat_settings.logins
  values = {
    values = { Accounts_LoginExpiration = 31, Accounts_RegistrationForm = "Disabled", Accounts_AllowAnonymousRead = true }
  }
}
run "rules" {
  assert {
    condition = !output.expires && jsonencode(output.settings) == jsonencode([
      7, { Accounts_AllowAnonymousRead = true, Accounts_LoginExpiration = 31, Accounts_RegistrationForm = "Disabled" },
    ])
    error_message = "The settings are ${jsonencode(output.settings)}."
  }
  assert {
    condition     = jsonencode(output.second_factor) == jsonencode([true])
    error_message = "The second factor is mandatory: ${jsonencode(output.second_factor)}."
  }
  assert {
    condition     = jsonencode(output.administrators) == jsonencode(["ann"])
    error_message = "The administrators are ${jsonencode(output.administrators)}."
  }
  assert {
    condition     = output.system == "Windows" && output.username == "ann"
    error_message = "The session is another one: ${output.system}, ${output.username}."
  }
  assert {
    condition     = jsonencode(output.current) == jsonencode(["b"])
    error_message = "The current session is ${jsonencode(output.current)}."
  }
}
`)
	paths := clitest.Paths(t, "../..")
	slices.Sort(paths)
	for _, cli.path = range slices.Compact(paths) {
		output, status := cli.run("test")
		if status != 0 {
			t.Fatalf("the test of %s ended with %d:\n%s", cli.path, status, output)
		}
		mustContain(t, output, "1 passed, 0 failed")
	}
	if requests := w.Requests(); len(requests) > 0 {
		t.Errorf("a workspace was asked: %v", requests)
	}
}
