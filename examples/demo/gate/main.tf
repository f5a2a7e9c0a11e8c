# A rule as code: no session uses Chrome, Edge or Firefox before version 113.
# The plan fails when a session breaks the rule, and lists each one.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "old_browsers" {
  match                = { device_name = "^(Chrome|Edge|Firefox)$" }
  device_version_below = "113"

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions use a browser older than version 113:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}
