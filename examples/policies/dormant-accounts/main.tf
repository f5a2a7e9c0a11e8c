# The plan fails if an active account has not been used for 90 days.

terraform {
  required_version = ">= 1.2" # postcondition; OpenTofu 1.6

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# Bots may only call the REST API, and apps run inside the workspace: neither logs in.
data "rocketchat_users" "dormant" {
  active       = true
  exclude      = { type = "^(bot|app)$" }
  inactive_for = "90d"
  sort         = ["last_login_at", "username"]

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} active users have not logged in for 90 days:"],
        [for u in self.users : "  ${coalesce(u.username, u.id)}: last logged in ${coalesce(u.last_login_at, "never")}"],
      ))
    }
  }
}

output "gate" {
  description = "Printed when every active account was used."
  value       = "passed"
}
