# A policy that stops the plan if one of its severe rules is broken. The unit tests in
# policy.tftest.hcl need no workspace.

terraform {
  required_version = ">= 1.8" # mock_provider, functions; OpenTofu 1.8

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true
}

data "rocketchat_workspace_sessions" "outside_networks" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
}

data "rocketchat_workspace_sessions" "too_many_sessions" {
  beyond_per_user = 5
}

locals {
  # Most severe rules first.
  rules = [
    { title = "Sessions of deleted users", stops = true, found = data.rocketchat_workspace_sessions.deleted_users },
    { title = "Sessions from outside the networks", stops = true, found = data.rocketchat_workspace_sessions.outside_networks },
    { title = "Sessions beyond the 5 most recently connected", stops = false, found = data.rocketchat_workspace_sessions.too_many_sessions },
  ]

  broken = [for rule in local.rules : rule if rule.stops && rule.found.matched > 0]
}

output "findings" {
  description = "The sessions that break a rule."
  value       = flatten([for rule in local.rules : [for s in rule.found.sessions : "${rule.title}: ${provider::rocketchat::describe(s)}"]])

  precondition {
    condition     = length(local.broken) == 0
    error_message = join("\n", [for rule in local.broken : "${rule.title}: ${rule.found.matched}"])
  }
}
