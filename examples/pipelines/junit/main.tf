# Reads the workspace for the tests in sessions.tftest.hcl. Each rule is a data
# source, and all share one read.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "older_than_30_days" {
  older_than = "30d"
}

data "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
}

data "rocketchat_workspace_sessions" "unsupported" {
  match            = { os_name = "^windows$" }
  os_version_below = "10"
}

output "older_than_30_days" {
  value = {
    number = data.rocketchat_workspace_sessions.older_than_30_days.matched
    text   = provider::rocketchat::summarize(data.rocketchat_workspace_sessions.older_than_30_days.sessions, 20)
  }
}

output "outside" {
  value = {
    number = data.rocketchat_workspace_sessions.outside.matched
    text   = provider::rocketchat::summarize(data.rocketchat_workspace_sessions.outside.sessions, 20)
  }
}

output "unsupported" {
  value = {
    number = data.rocketchat_workspace_sessions.unsupported.matched
    text   = provider::rocketchat::summarize(data.rocketchat_workspace_sessions.unsupported.sessions, 20)
  }
}
