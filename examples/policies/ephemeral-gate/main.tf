# The rules of ../gate with nothing stored: an ephemeral resource is in neither
# state nor plan file. The five share one read of the workspace.

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
  logged_in_before = timeadd(plantimestamp(), "-720h")
}

ephemeral "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
}

ephemeral "rocketchat_workspace_sessions" "unsupported" {
  match = {
    os_name    = "^windows$"
    os_version = "^(xp|vista|7|8|8\\.1)$"
  }
}

ephemeral "rocketchat_workspace_sessions" "service_accounts" {
  match = {
    username = "^svc-"
  }
}

ephemeral "rocketchat_workspace_sessions" "all" {}

# Preconditions on an output, not postconditions on the ephemeral blocks: with
# one of those, Terraform before 1.15 crashes in "terraform show -json". No
# message says who broke a rule, because it may not quote an ephemeral value.
output "gate" {
  description = "Says so when no session breaks a rule."
  value       = "passed"

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.idle.matched == 0
    error_message = "There are sessions that have not connected for 30 days."
  }

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.outside.matched == 0
    error_message = "There are sessions from outside the company's networks."
  }

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.unsupported.matched == 0
    error_message = "There are sessions on an unsupported operating system."
  }

  precondition {
    condition = alltrue([
      for ids in values({ for s in ephemeral.rocketchat_workspace_sessions.service_accounts.sessions : s.user.username => s.user_id... }) : length(ids) <= 3
    ])
    error_message = "A service account has more than 3 sessions."
  }

  precondition {
    # Whoever was deleted has no user.
    condition     = alltrue([for s in ephemeral.rocketchat_workspace_sessions.all.sessions : s.user != null])
    error_message = "There are sessions of deleted users."
  }
}
