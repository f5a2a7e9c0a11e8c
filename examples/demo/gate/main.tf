# A rule as code: no session uses Chrome, Edge or Firefox before version 113.
# The plan fails when a session breaks the rule, and lists each one.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "old_browsers" {
  match = {
    device_name    = "^(Chrome|Edge|Firefox)$" # their version numbers are comparable
    device_version = "^(\\d{1,2}|10\\d|11[0-2])\\b"
  }

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions use a browser older than version 113:"],
        [for s in self.sessions : "  ${coalesce(try(s.user.username, null), s.user_id, "unknown user")}: ${s.device.name} ${s.device.version}, last connected ${coalesce(s.login_at, "at an unknown time")}"],
      ))
    }
  }
}
