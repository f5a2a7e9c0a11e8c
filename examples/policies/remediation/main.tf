# Finds the sessions that break a rule, and logs them out by an action.

terraform {
  required_version = ">= 1.14" # action; not in OpenTofu

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

variable "beyond_per_user" {
  description = "How many sessions an account keeps: the most recently connected."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.beyond_per_user >= 1
    error_message = "The value must be 1 or more: with 0, everybody would be logged out."
  }
}

variable "max_logouts" {
  description = "Maximum number of sessions to log out. If more sessions break a rule, the plan fails, because a wrong rule is more likely than so many findings."
  type        = number
  default     = 20
  nullable    = false
}

variable "networks" {
  description = "The company's networks: whoever is logged in from elsewhere is logged out. Without any, there is no such rule, because one wrong entry would log out everybody."
  type        = list(string)
  default     = []
  nullable    = false
}

# There is no rule about browsers and apps, which the users can update.
data "rocketchat_workspace_sessions" "idle" {
  older_than = "30d"
}

# A version that is missing or that is not a number, such as XP, counts as the lowest.
data "rocketchat_workspace_sessions" "unsupported" {
  match            = { os_name = "^windows$" }
  os_version_below = "10"
}

data "rocketchat_workspace_sessions" "surplus" {
  beyond_per_user = var.beyond_per_user
}

# A user who may change the username can leave this rule: select by user_id, or by
# user_types as in ../service-accounts, unless Accounts_AllowUsernameChange is off.
data "rocketchat_workspace_sessions" "service_accounts" {
  match           = { username = "^svc-" }
  beyond_per_user = 3
}

data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true
}

data "rocketchat_workspace_sessions" "outside" {
  count         = length(var.networks) > 0 ? 1 : 0
  outside_cidrs = var.networks
}

data "rocketchat_current_user_sessions" "own" {}

locals {
  # A run must not end its own login. A personal access token has no session; any
  # other token may have one. Before Rocket.Chat 8.7, current is null: then all
  # sessions of the token's account stay.
  own = [for s in data.rocketchat_current_user_sessions.own.sessions : s.session_id if s.session_id != null && s.current != false]

  # Whoever connects again breaks these rules no longer, and is left alone.
  until_reconnected = concat(
    data.rocketchat_workspace_sessions.idle.sessions,
    data.rocketchat_workspace_sessions.surplus.sessions,
    data.rocketchat_workspace_sessions.service_accounts.sessions,
  )

  # A client that connects again would escape these rules, and is logged out all the same.
  lasting = concat(
    data.rocketchat_workspace_sessions.unsupported.sessions,
    data.rocketchat_workspace_sessions.deleted_users.sessions,
    flatten(data.rocketchat_workspace_sessions.outside[*].sessions),
  )

  # One session can break several rules, and rows can share an ID. Before Rocket.Chat
  # 6.6, some sessions have none, and cannot be logged out.
  offenders = { for s in concat(local.until_reconnected, local.lasting) :
    s.session_id => provider::rocketchat::describe(s)... if s.session_id != null && !contains(local.own, coalesce(s.session_id, "none"))
  }
  always             = setintersection(keys(local.offenders), [for s in local.lasting : s.session_id if s.session_id != null])
  unless_reconnected = setsubtract(keys(local.offenders), local.always)

  too_many = join("\n", concat(
    ["${length(local.offenders)} sessions break a rule, more than max_logouts = ${var.max_logouts}. None was logged out. If the rules are right, raise max_logouts:"],
    [for id in slice(keys(local.offenders), 0, min(50, length(local.offenders))) : "  ${id}: ${local.offenders[id][0]}"],
    length(local.offenders) > 50 ? ["  … and ${length(local.offenders) - 50} more"] : [],
  ))
}

# The action refuses an empty list.
action "rocketchat_logout_session" "always" {
  count = length(local.always) > 0 ? 1 : 0

  config {
    session_ids = local.always
  }
}

action "rocketchat_logout_session" "unless_reconnected" {
  count = length(local.unless_reconnected) > 0 ? 1 : 0

  config {
    session_ids        = local.unless_reconnected
    unless_reconnected = true
  }
}

# Runs the action in every apply that finds offenders: the time differs in each
# apply, so a session that is still listed is logged out again. The events are
# "before" so that nothing is recorded if a logout fails.
resource "terraform_data" "always" {
  count = length(local.always) > 0 ? 1 : 0
  input = timestamp()

  lifecycle {
    precondition {
      condition     = length(local.offenders) <= var.max_logouts
      error_message = local.too_many
    }

    action_trigger {
      events  = [before_create, before_update]
      actions = [action.rocketchat_logout_session.always[0]]
    }
  }
}

resource "terraform_data" "unless_reconnected" {
  count      = length(local.unless_reconnected) > 0 ? 1 : 0
  input      = timestamp()
  depends_on = [terraform_data.always] # which says if there are too many

  lifecycle {
    precondition {
      condition     = length(local.always) > 0 || length(local.offenders) <= var.max_logouts
      error_message = local.too_many
    }

    action_trigger {
      events  = [before_create, before_update]
      actions = [action.rocketchat_logout_session.unless_reconnected[0]]
    }
  }
}

# One line for each session, in the plan as well. It depends on the logouts, so it is
# printed only if they may happen, and stored only after they have.
output "logged_out" {
  description = "Who is logged out, by session ID."
  value       = { for id, lines in local.offenders : id => lines[0] }
  depends_on  = [terraform_data.always, terraform_data.unless_reconnected]
}
