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
data "rocketchat_workspace_sessions" "all" {}
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
output "found" {
  value = {
    settings       = [data.rocketchat_settings.other.values.Accounts_LoginExpiration, data.rocketchat_settings.logins.values]
    expires        = data.rocketchat_settings.logins.values.Accounts_LoginExpiration <= 30
    second_factor  = [for r in data.rocketchat_roles.all.roles : r.mandatory_2fa if contains(r.permissions, "view-privileged-setting")]
    administrators = [for u in data.rocketchat_users.all.users : u.username if contains(u.roles, "admin")]
    session        = [data.rocketchat_workspace_session.one.device.os.name, data.rocketchat_workspace_session.one.user.username]
    current        = [for s in data.rocketchat_current_user_sessions.mine.sessions : s.session_id if s.current == true]
    # Functions are real, so that a test of a policy decides as the policy.
    old = [for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)
      if provider::rocketchat::version_below(s.device.version, "113") && !provider::rocketchat::in_networks(s.ip, ["10.0.0.0/8"])]
  }
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
  mock_data "rocketchat_workspace_sessions" {
    defaults = {
      sessions = [
        {
          id = "a", session_id = "a", user_id = "u", host = "", ip = "192.0.2.1", login_at = "2026-11-20T08:30:00.000Z"
          device = { type = "browser", name = "Chrome", version = "112.0", long_version = "", os = { name = "Windows", version = "10" } }
          user   = { username = "ann", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id = "b", session_id = "b", user_id = "u", host = "", ip = "10.0.0.1", login_at = "2026-11-20T08:30:00.000Z"
          device = { type = "browser", name = "Chrome", version = "112.0", long_version = "", os = { name = "Windows", version = "10" } }
          user   = { username = "ann", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id = "c", session_id = "c", user_id = "u", host = "", ip = "192.0.2.1", login_at = "2026-11-20T08:30:00.000Z"
          device = { type = "browser", name = "Chrome", version = "114.0", long_version = "", os = { name = "Windows", version = "10" } }
          user   = { username = "ann", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
      ]
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
    condition = jsonencode(output.found) == jsonencode({
      settings       = [7, { Accounts_AllowAnonymousRead = true, Accounts_LoginExpiration = 31, Accounts_RegistrationForm = "Disabled" }]
      expires        = false
      second_factor  = [true]
      administrators = ["ann"]
      session        = ["Windows", "ann"]
      current        = ["b"]
      old            = ["ann: Chrome 112.0 on Windows 10, from 192.0.2.1, last connected 2026-11-20T08:30:00.000Z, session a"]
    })
    error_message = "Found ${jsonencode(output.found)}."
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
