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
  max_age_days                  = 30
  unsupported_operating_systems = ["^windows (xp|vista|7|8)"]
  service_accounts              = { username = "^svc-" }
}

action "rocketchat_logout_session" "offenders" {
  config {
    session_ids = module.policy.session_ids
  }
}

# Remembers what was logged out last. "before", so that a logout that failed
# leaves the memory as it was, and the next apply tries again.
resource "terraform_data" "logged_out" {
  input = module.policy.session_ids

  lifecycle {
    action_trigger {
      events    = [before_create, before_update]
      condition = length(module.policy.session_ids) > 0
      actions   = [action.rocketchat_logout_session.offenders]
    }
  }
}

output "logged_out" {
  description = "Who is logged out by this plan, and why."
  value       = module.policy.violations
}
