# The plan fails if an administrator is logged in from outside the company's networks.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "administrators" {
  user_roles    = ["admin"]
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions belong to administrators outside the company's networks:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no administrator is outside."
  value       = "passed"
  depends_on  = [data.rocketchat_workspace_sessions.administrators]
}
