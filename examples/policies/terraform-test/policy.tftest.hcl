# "terraform test" and "tofu test" run this against invented sessions. OpenTofu
# requires complete objects in a mock; Terraform accepts null for a string in them,
# but not for device, os or user. A rule without an override finds nothing.

mock_provider "rocketchat" {}

run "passes_when_nobody_breaks_a_rule" {
  command = plan

  assert {
    condition     = length(output.findings) == 0
    error_message = "Nobody breaks a rule."
  }
}

run "passes_when_a_rule_that_only_reports_is_broken" {
  command = plan

  override_data {
    target = data.rocketchat_workspace_sessions.too_many_sessions
    values = {
      total   = 6
      matched = 1
      sessions = [{
        id         = "sBob"
        session_id = "sBob"
        user_id    = "uBob"
        host       = null
        ip         = "10.1.2.3"
        login_at   = "2026-03-02T12:00:00.000Z"
        device     = { type = "other", name = null, version = null, long_version = null, os = { name = null, version = null } }
        user       = { username = "bob", name = null, avatar_etag = null, roles = null, type = null, active = null }
      }]
    }
  }

  assert {
    condition     = one(output.findings) == "Sessions beyond the 5 most recently connected: bob: other, from 10.1.2.3, last connected 2026-03-02T12:00:00.000Z, session sBob"
    error_message = "Bob's session is a finding, but does not stop the plan."
  }
}

run "stops_when_somebody_does" {
  command = plan

  override_data {
    target = data.rocketchat_workspace_sessions.outside_networks
    values = {
      total   = 2
      matched = 1
      sessions = [{
        id         = "sEve"
        session_id = "sEve"
        user_id    = "uEve"
        host       = "chat.example.com"
        ip         = "198.51.100.9"
        login_at   = "2026-03-30T12:00:00.000Z"
        device     = { type = "browser", name = "Chrome", version = "109.0", long_version = "109.0", os = { name = "Windows", version = "7" } }
        user       = { username = "eve", name = "Eve", avatar_etag = null, roles = null, type = null, active = null }
      }]
    }
  }

  expect_failures = [output.findings]
}
