# "terraform test" and "tofu test" run this against made-up sessions. OpenTofu
# wants whole objects in a mock, and Terraform takes null for a text in them but
# not for device, os or user: a session without those is a test of the module,
# see ../../modules/session-policy/session-policy.tftest.hcl.

mock_provider "rocketchat" {}

variables {
  now = "2026-03-31T12:00:00Z"
}

run "passes_when_nobody_breaks_a_rule" {
  command = plan

  override_data {
    target = data.rocketchat_workspace_sessions.all
    values = {
      total   = 2
      matched = 2
      sessions = [
        {
          id         = "sAlice"
          session_id = "sAlice"
          user_id    = "uAlice"
          host       = "chat.example.com"
          ip         = "203.0.113.7"
          login_at   = "2026-03-30T12:00:00.000Z"
          device     = { type = "browser", name = "Firefox", version = "148.0", long_version = "148.0", os = { name = "Windows", version = "11" } }
          user       = { username = "alice", name = "Alice", avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id         = "sBob"
          session_id = "sBob"
          user_id    = "uBob"
          host       = null
          ip         = "10.1.2.3"
          login_at   = "2026-03-02T12:00:00.000Z"
          device     = { type = "other", name = null, version = null, long_version = null, os = { name = null, version = null } }
          user       = { username = "bob", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
      ]
    }
  }

  assert {
    condition     = length(output.violations) == 0
    error_message = "Nobody breaks a rule."
  }
}

run "stops_when_somebody_does" {
  command = plan

  override_data {
    target = data.rocketchat_workspace_sessions.all
    values = {
      total   = 2
      matched = 2
      sessions = [
        {
          id         = "sEve"
          session_id = "sEve"
          user_id    = "uEve"
          host       = "chat.example.com"
          ip         = "198.51.100.9"
          login_at   = "2026-03-30T12:00:00.000Z"
          device     = { type = "browser", name = "Chrome", version = "109.0", long_version = "109.0", os = { name = "Windows", version = "7" } }
          user       = { username = "eve", name = "Eve", avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id         = "sMallory"
          session_id = "sMallory"
          user_id    = "uMallory"
          host       = null
          ip         = null
          login_at   = null
          device     = { type = "other", name = null, version = null, long_version = null, os = { name = "Linux", version = null } }
          user       = { username = "mallory", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
      ]
    }
  }

  expect_failures = [output.violations]
}
