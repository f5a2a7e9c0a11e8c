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

variable "severities" {
  description = "Severities of the rules whose sessions are logged out."
  type        = set(string)
  default     = ["medium", "high", "critical"]

  validation {
    condition     = length(setsubtract(var.severities, ["low", "medium", "high", "critical"])) == 0
    error_message = "Each severity must be low, medium, high or critical."
  }
}

variable "beyond_per_user" {
  description = "How many sessions an account keeps: the most recently connected."
  type        = number
  default     = 5
}

variable "max_logouts" {
  description = "Maximum number of sessions to log out. If more sessions break a rule, the run fails before the first logout, because a wrong rule is more likely than so many findings."
  type        = number
  default     = 20
}

# Without the rules about networks, because one wrong entry would log out everybody,
# and without those whose findings the users can fix themselves.
module "baseline" {
  source = "../../modules/session-baseline"

  read_users        = false
  sessions_per_user = var.beyond_per_user
  service_accounts  = { username = "^svc-", sessions = 3 }
  severities        = { too_many_sessions = "medium" }
  disabled          = ["old_browsers", "old_apps", "silent_clients", "unreadable_addresses"]
  listed            = max(250, var.max_logouts)
  fail_on           = "none"
  warn_on           = "none"
}

data "rocketchat_current_user_sessions" "own" {}

locals {
  # A run must not end its own login. A personal access token has no session; any
  # other token may have one. Before Rocket.Chat 8.7, current is null: then all
  # sessions of the token's account stay.
  own = [for s in data.rocketchat_current_user_sessions.own.sessions : s.session_id if s.session_id != null && s.current != false]

  # Waived findings stay, too.
  session_ids = sort(setsubtract([
    for f in module.baseline.findings : f.session_id
    if !f.waived && f.session_id != null && contains(var.severities, f.severity)
  ], local.own))
  unlisted = sum([for rule in values(module.baseline.summary) : rule.open + rule.waived - rule.listed])
}

action "rocketchat_logout_session" "offenders" {
  config {
    session_ids = local.session_ids
  }
}

# Remembers the sessions that were logged out last. The events are "before" so
# that after a failed logout, the next apply tries again.
resource "terraform_data" "logged_out" {
  input = local.session_ids

  lifecycle {
    precondition {
      condition     = length(local.session_ids) + local.unlisted <= var.max_logouts
      error_message = "${length(local.session_ids) + local.unlisted} sessions break a rule, more than max_logouts = ${var.max_logouts}. None was logged out. Check the output findings of the plan, and raise max_logouts to log out all of them."
    }

    action_trigger {
      events    = [before_create, before_update]
      condition = length(local.session_ids) > 0
      actions   = [action.rocketchat_logout_session.offenders]
    }
  }
}

output "findings" {
  description = "The sessions that break a rule."
  value       = module.baseline.findings
}

output "logged_out" {
  description = "The sessions that this plan logs out."
  value       = local.session_ids
}
