variable "networks" {
  description = "Networks in CIDR notation, IPv4 or IPv6, that sessions may come from. Null switches off the rules that need them."
  type        = list(string)
  default     = null

  validation {
    condition     = var.networks == null ? true : alltrue([for network in var.networks : can(cidrhost(network, 0))])
    error_message = "Each network must be in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32."
  }
}

variable "fail_on" {
  description = "Lowest severity of findings that stop the plan: low, medium, high or critical. With none, no finding stops it."
  type        = string
  default     = "high"
  nullable    = false

  validation {
    condition     = contains(["low", "medium", "high", "critical", "none"], var.fail_on)
    error_message = "The value must be low, medium, high, critical or none."
  }
}

variable "warn_on" {
  description = "Lowest severity of findings that warn, if they do not stop the plan: low, medium, high or critical. With none, findings are only in the outputs. Use none in terraform test, where a warning is a failure."
  type        = string
  default     = "low"
  nullable    = false

  validation {
    condition     = contains(["low", "medium", "high", "critical", "none"], var.warn_on)
    error_message = "The value must be low, medium, high, critical or none."
  }
}

variable "disabled" {
  description = "IDs of rules to switch off."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.disabled : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses expired_waivers unused_waivers"), id)])
    error_message = "Each element must be the ID of a rule. README.md lists them."
  }
}

variable "severities" {
  description = "Severities that replace those of the rules, by ID: { idle = \"low\" }. Each is low, medium, high or critical."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in keys(var.severities) : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses expired_waivers unused_waivers"), id)])
    error_message = "Each key must be the ID of a rule. README.md lists them."
  }

  validation {
    condition     = alltrue([for severity in values(var.severities) : try(contains(["low", "medium", "high", "critical"], severity), false)])
    error_message = "Each severity must be low, medium, high or critical."
  }
}

variable "idle_days" {
  description = "Maximum number of days since a client last connected, from 1 to 45, because Rocket.Chat deletes sessions after about 46. A session without a time counts as the oldest."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.idle_days >= 1 && var.idle_days <= 45 && floor(var.idle_days) == var.idle_days
    error_message = "The value must be a whole number of days from 1 to 45, because Rocket.Chat deletes sessions after about 46 days."
  }
}

variable "unsupported_systems" {
  description = "Lowest supported version of each operating system, by name; null if no version is supported. Names must match as a whole and are case-insensitive. A version that is missing or unreadable, such as XP, counts as the lowest."
  type        = map(string)
  default     = { Windows = "10", Android = "12", iOS = "16" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.unsupported_systems : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && (version == null ? true : can(regex("^\\d+(\\.\\d+)*$", version)))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"10\" or \"10.15.7\", or null."
  }
}

variable "old_browsers" {
  description = "Lowest allowed version of each browser, by name. Names must match as a whole and are case-insensitive. A version that is missing or unreadable counts as the lowest. Raise the versions with new releases of the browsers."
  type        = map(string)
  default     = { Chrome = "140", Edge = "140", Firefox = "140", Safari = "18", "Mobile Safari" = "18" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.old_browsers : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && can(regex("^\\d+(\\.\\d+)*$", version))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"140\" or \"140.0.1\"."
  }
}

variable "old_apps" {
  description = "Lowest allowed version of each desktop and mobile app, by name, as in old_browsers."
  type        = map(string)
  default     = { "Rocket.Chat" = "4.0", "RC Mobile" = "4.50" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.old_apps : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && can(regex("^\\d+(\\.\\d+)*$", version))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"4\" or \"4.50.1\"."
  }
}

variable "sessions_per_user" {
  description = "Number of sessions that an account may have: the most recently connected. The others are findings."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.sessions_per_user >= 0 && floor(var.sessions_per_user) == var.sessions_per_user
    error_message = "The value must be a whole number, 0 or more."
  }
}

variable "service_accounts" {
  description = "Number of sessions that an account may have if its username matches a regular expression, unanchored and case-insensitive: { username = \"^svc-\", sessions = 3 }. Null switches the rule off."
  type = object({
    username = string
    sessions = number
  })
  default = null

  validation {
    condition     = var.service_accounts == null ? true : var.service_accounts.username != "" && can(regexall(var.service_accounts.username, "")) && var.service_accounts.sessions >= 0 && floor(var.service_accounts.sessions) == var.service_accounts.sessions
    error_message = "The username must be a regular expression in RE2 syntax and not empty, and sessions must be a whole number, 0 or more."
  }
}

variable "read_users" {
  description = "Whether to read the users, which requires the permission view-d-room. False switches off the rules about deactivated users, administrators and bots."
  type        = bool
  default     = true
  nullable    = false
}

variable "administrators" {
  description = "Roles, by ID or name, whose users are administrators."
  type        = list(string)
  default     = ["admin"]
  nullable    = false

  validation {
    condition     = length(var.administrators) > 0
    error_message = "The list must contain a role. To switch off the rules about administrators, add them to disabled."
  }
}

variable "administrators_idle_days" {
  description = "Maximum number of days since an administrator's client last connected, from 1 to 45."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.administrators_idle_days >= 1 && var.administrators_idle_days <= 45 && floor(var.administrators_idle_days) == var.administrators_idle_days
    error_message = "The value must be a whole number of days from 1 to 45, because Rocket.Chat deletes sessions after about 46 days."
  }
}

variable "waivers" {
  description = "Findings to exempt temporarily. Each waiver exempts a user (a regular expression that must match the whole username, case-insensitive) or a session_id from a rule (an ID), for a reason, through the day expires (such as 2026-12-31), in UTC. Its findings are listed as waived, and neither stop the plan nor warn."
  type = list(object({
    rule       = string
    user       = optional(string)
    session_id = optional(string)
    reason     = string
    expires    = string
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for waiver in var.waivers : try(contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses"), waiver.rule), false)])
    error_message = "The rule of each waiver must be the ID of a rule about sessions. README.md lists them."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : (waiver.user == null) != (waiver.session_id == null)])
    error_message = "Each waiver must have either user or session_id."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : waiver.user == null ? true : waiver.user != "" && can(regexall("^(?:${waiver.user})$", ""))])
    error_message = "The user of each waiver must be a regular expression in RE2 syntax and not empty."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : waiver.session_id == null ? true : waiver.session_id != ""])
    error_message = "The session_id of each waiver must not be empty."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : can(regex("\\S", waiver.reason))])
    error_message = "Each waiver must have a reason."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : can(regex("^\\d{4}-\\d{2}-\\d{2}$", waiver.expires)) && can(timeadd("${waiver.expires}T00:00:00Z", "24h"))])
    error_message = "The expires of each waiver must be a date such as 2026-12-31."
  }
}

variable "now" {
  description = "Current time for the expiry of waivers, in RFC 3339. Defaults to the time of the plan; tests set it. The age of sessions is measured by the workspace's clock."
  type        = string
  default     = null

  validation {
    condition     = var.now == null ? true : can(timeadd(var.now, "0s"))
    error_message = "The value must be a time in RFC 3339, such as 2026-01-31T00:00:00Z."
  }
}

variable "listed" {
  description = "Maximum number of sessions that a rule lists. Further sessions are counted but cannot be waived. Terraform takes about a second for a thousand sessions."
  type        = number
  default     = 250
  nullable    = false

  validation {
    condition     = var.listed >= 1 && floor(var.listed) == var.listed
    error_message = "The value must be a whole number, 1 or more."
  }
}

variable "read_timeout" {
  description = "Timeout for the read of the workspace, including the waiting for its rate limit, such as 60m. Defaults to the provider's default."
  type        = string
  default     = null
}
