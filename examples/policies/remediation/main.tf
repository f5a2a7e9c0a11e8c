# Finds the sessions that break a rule, and logs them out.

terraform {
  required_version = ">= 1.14" # action; not in OpenTofu

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "all" {}

module "policy" {
  source = "../../modules/session-policy"

  sessions                      = data.rocketchat_workspace_sessions.all.sessions
  max_idle_days                 = 30
  unsupported_operating_systems = ["^windows (xp|vista|7|8)"]
  service_accounts              = { username = "^svc-" }
}

data "rocketchat_current_user_sessions" "own" {}

locals {
  # A run must not end the login that it works with. A personal access token has
  # no session; any other token may have one. Before Rocket.Chat 8.7, current is
  # null: then all sessions of the token's account stay.
  own = [for s in data.rocketchat_current_user_sessions.own.sessions : s.session_id if s.session_id != null && s.current != false]

  session_ids = [for id in module.policy.session_ids : id if !contains(local.own, id)]
}

action "rocketchat_logout_session" "offenders" {
  config {
    session_ids = local.session_ids
  }
}

# Remembers what was logged out last. "before", so that a logout that failed
# leaves the memory as it was, and the next apply tries again.
resource "terraform_data" "logged_out" {
  input = local.session_ids

  lifecycle {
    action_trigger {
      events    = [before_create, before_update]
      condition = length(local.session_ids) > 0
      actions   = [action.rocketchat_logout_session.offenders]
    }
  }
}

output "violations" {
  description = "Who breaks which rule."
  value       = module.policy.violations
}

output "logged_out" {
  description = "The sessions that this plan logs out."
  value       = local.session_ids
}
