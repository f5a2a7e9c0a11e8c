# The plan fails if a session belongs to a deactivated user.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "deactivated_users" {
  user_active = false

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions belong to deactivated users:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no deactivated user has a session."
  value       = "passed"
  depends_on  = [data.rocketchat_workspace_sessions.deactivated_users]
}
