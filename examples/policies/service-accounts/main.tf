# Two rules for service accounts, known by their type instead of their names. The
# data sources share one read of the workspace.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# A bot is a program: in a browser, somebody uses its password. Browsers on macOS
# have an empty type, and a client that sends no type may be one; clients that are
# not browsers have no name.
data "rocketchat_workspace_sessions" "bots_in_browsers" {
  user_types = ["bot"]
  match      = { device_name = "\\S" }
  exclude    = { device_type = "^(mobile-app|desktop-app|other)$" }

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions belong to bots in a browser:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_workspace_sessions" "surplus" {
  user_types      = ["bot"]
  beyond_per_user = 3

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions exceed the 3 that a bot may have:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no session breaks a rule."
  value       = "passed"

  depends_on = [
    data.rocketchat_workspace_sessions.bots_in_browsers,
    data.rocketchat_workspace_sessions.surplus,
  ]
}
