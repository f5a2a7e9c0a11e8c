# The rules of ../gate with nothing stored: an ephemeral resource is in neither
# the state nor a plan file. All five share one read of the workspace.

terraform {
  required_version = ">= 1.10" # ephemeral; OpenTofu 1.11

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

ephemeral "rocketchat_workspace_sessions" "idle" {
  older_than = "30d"
}

ephemeral "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
}

# A version that is missing or that is not a number, such as XP, counts as the lowest.
ephemeral "rocketchat_workspace_sessions" "unsupported" {
  match            = { os_name = "^windows$" }
  os_version_below = "10"
}

# A user who may change the username can leave this rule: select by user_id, or by
# user_types as in ../service-accounts, unless Accounts_AllowUsernameChange is off.
ephemeral "rocketchat_workspace_sessions" "service_accounts" {
  match           = { username = "^svc-" }
  beyond_per_user = 3
}

ephemeral "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true
}

# Each rule is the precondition of an output, not a postcondition of the ephemeral
# block: with one of those, Terraform before 1.15 crashes in "terraform show
# -json". The outputs are null, so that a plan that fails has nothing to apply. No
# message names anyone, because it must not quote an ephemeral value.
output "idle" {
  value = null

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.idle.matched == 0
    error_message = "There are sessions that have not connected for 30 days."
  }
}

output "outside" {
  value = null

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.outside.matched == 0
    error_message = "There are sessions from outside the company's networks."
  }
}

output "unsupported" {
  value = null

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.unsupported.matched == 0
    error_message = "There are sessions on an unsupported operating system."
  }
}

output "service_accounts" {
  value = null

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.service_accounts.matched == 0
    error_message = "A service account has more than 3 sessions."
  }
}

output "deleted_users" {
  value = null

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.deleted_users.matched == 0
    error_message = "There are sessions of deleted users."
  }
}
