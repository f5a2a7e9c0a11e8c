# Checks the account that the environment names, and prints how many sessions the
# workspace has. It stores no session.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "all" {
  limit = 0
}

output "sessions" {
  description = "How many sessions the workspace has."
  value       = data.rocketchat_workspace_sessions.all.total
}
