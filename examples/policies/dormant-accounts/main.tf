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

locals {
  # Bots may only call the REST API, and apps run inside the workspace: neither logs in.
  programs = { type = "^(bot|app)$" }
}

# Only the number, for the message. Both data sources share one read.
data "rocketchat_users" "active" {
  active  = true
  exclude = local.programs
  limit   = 0
}

data "rocketchat_users" "dormant" {
  active       = true
  exclude      = local.programs
  inactive_for = "90d"
  sort         = ["last_login_at", "username"]
  limit        = 30

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${data.rocketchat_users.active.matched} active users have not logged in for 90 days:"],
        [for u in self.users : "  ${coalesce(u.username, u.id)}: last logged in ${coalesce(u.last_login_at, "never")}"],
        self.matched > 30 ? ["  … and ${self.matched - 30} more"] : [],
      ))
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when every active account was used."
  value       = "passed"
  depends_on  = [data.rocketchat_users.dormant]
}
