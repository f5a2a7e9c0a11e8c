# Waivers: the findings that they exempt, and those that exempt nothing.

variable "waivers" {
  description = "Findings to exempt temporarily. Each waiver exempts user_ids (a list of user IDs), a user (a regular expression that must match the whole username, case-insensitive) or a session_id from a rule (an ID), for a reason, through the day expires (such as 2026-12-31), in UTC. Prefer user_ids: a user who may change the username can take one that a waiver matches. Its findings are listed as waived, and neither stop the plan nor warn."
  type        = any # an object type would drop unknown keys: a misspelled one would widen its waiver
  default     = []
  nullable    = false

  validation {
    condition     = try(length(var.waivers) == 0, false) || can(var.waivers[0])
    error_message = "The value must be a list of waivers."
  }

  validation {
    condition     = try(alltrue([for waiver in var.waivers : length(setsubtract(keys(waiver), ["rule", "user", "user_ids", "session_id", "reason", "expires"])) == 0]), false)
    error_message = "The keys of a waiver are rule, reason, expires, and user_ids, user or session_id. Other keys: ${try(join(", ", flatten([for number, waiver in var.waivers : [for key in setsubtract(keys(waiver), ["rule", "user", "user_ids", "session_id", "reason", "expires"]) : "${key} in waiver ${number + 1}"]])), "one waiver is not an object")}."
  }

  validation {
    condition     = try(alltrue([for waiver in var.waivers : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses"), waiver.rule) || startswith(waiver.rule, "custom_")]), false)
    error_message = "The rule of each waiver must be the ID of a rule about sessions, or of one in rules. README.md lists them."
  }

  validation {
    condition     = try(alltrue([for waiver in var.waivers : length([for key in ["user", "user_ids", "session_id"] : key if try(waiver[key], null) != null]) == 1]), false)
    error_message = "Each waiver must have one of user_ids, user and session_id."
  }

  # An expression that is not valid by itself, such as x)|(?:, would escape the anchors.
  validation {
    condition = alltrue([for user in try([for waiver in var.waivers : try(waiver.user, null)], []) : user == null ? true : try(
      trimspace(user) == user && can(regexall(user, "")) && (length(regexall("^(?:${user})$", "")) == 0 || length(regexall("^(?:${user})$", "Anybody, 1")) > 0), false
    )])
    error_message = "The user of each waiver must be a regular expression in RE2 syntax, without white space at its ends, that does not match the empty text. To waive all users, write .* instead."
  }

  validation {
    condition = alltrue([for waiver in try([for waiver in var.waivers : waiver], []) : try(waiver.user_ids, null) == null ? true : try(
      alltrue([for id in waiver.user_ids : id != "" && trimspace(id) == id]), false
    )])
    error_message = "The user_ids of each waiver must be a list of user IDs, none empty or with white space at its ends."
  }

  validation {
    condition     = alltrue([for id in try([for waiver in var.waivers : try(waiver.session_id, null)], []) : id == null ? true : try(id != "" && trimspace(id) == id, false)])
    error_message = "The session_id of each waiver must not be empty or have white space at its ends."
  }

  validation {
    condition     = try(alltrue([for waiver in var.waivers : can(regex("\\S", waiver.reason))]), false)
    error_message = "Each waiver must have a reason."
  }

  validation {
    condition     = try(alltrue([for waiver in var.waivers : can(regex("^\\d{4}-\\d{2}-\\d{2}$", waiver.expires)) && can(timeadd("${waiver.expires}T00:00:00Z", "24h"))]), false)
    error_message = "The expires of each waiver must be a date such as 2026-12-31."
  }
}

locals {
  # A waiver is valid through its last day.
  waivers = [for number, waiver in var.waivers : {
    number     = number + 1
    rule       = waiver.rule
    user       = try(waiver.user, null)
    user_ids   = try(toset(waiver.user_ids), toset([]))
    session_id = try(waiver.session_id, null)
    reason     = replace(replace(replace(waiver.reason, "\n", " "), local.hidden, " "), local.cut, "$1")
    whom       = try("users matching ${waiver.user}", "the session ${waiver.session_id}", "${length(waiver.user_ids)} users")
    expires    = waiver.expires
    expired    = timecmp(local.now, timeadd("${waiver.expires}T00:00:00Z", "24h")) >= 0
  }]

  valid = { for id in keys(local.rules) : id => [for waiver in local.waivers : waiver if waiver.rule == id && !waiver.expired] }

  # If a rule did not list all sessions, its waivers count as used. A map removes
  # duplicates much faster than distinct().
  used = { for id, numbers in local.applied : id => keys({ for number in flatten(numbers) : number => true... }) }
  unused = [
    for waiver in local.waivers : waiver
    if !waiver.expired && !contains(lookup(local.used, waiver.rule, []), tostring(waiver.number)) && lookup(local.not_listed, waiver.rule, 0) == 0
  ]
}
