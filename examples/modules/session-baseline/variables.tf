variable "networks" {
  description = "Networks in CIDR notation, IPv4 or IPv6, that sessions may come from. Null switches the rules off that need them."
  type        = list(string)
  default     = null

  validation {
    condition     = var.networks == null ? true : alltrue([for network in var.networks : can(cidrhost(network, 0))])
    error_message = "Each network must be in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32."
  }
}

variable "fail_on" {
  description = "The severity from which on a finding stops the plan: low, medium, high or critical. With none, nothing stops."
  type        = string
  default     = "high"
  nullable    = false

  validation {
    condition     = contains(["low", "medium", "high", "critical", "none"], var.fail_on)
    error_message = "The value must be low, medium, high, critical or none."
  }
}

variable "warn_on" {
  description = "The severity from which on a finding warns that does not stop: low, medium, high or critical. With none, the outputs alone have them, which terraform test needs: it takes a warning for a failure."
  type        = string
  default     = "low"
  nullable    = false

  validation {
    condition     = contains(["low", "medium", "high", "critical", "none"], var.warn_on)
    error_message = "The value must be low, medium, high, critical or none."
  }
}

variable "disabled" {
  description = "Ids of rules to switch off."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.disabled : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses expired_waivers unused_waivers"), id)])
    error_message = "Each element must be the id of a rule. README.md lists them."
  }
}

variable "severities" {
  description = "Other severities than the rules' own, by id: { idle = \"low\" }. Each is low, medium, high or critical."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in keys(var.severities) : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses expired_waivers unused_waivers"), id)])
    error_message = "Each key must be the id of a rule. README.md lists them."
  }

  validation {
    condition     = alltrue([for severity in values(var.severities) : try(contains(["low", "medium", "high", "critical"], severity), false)])
    error_message = "Each severity must be low, medium, high or critical."
  }
}

variable "idle_days" {
  description = "How many days may have passed since a client last connected, 1 to 45: Rocket.Chat forgets sessions after about 46. A session without a time counts as the oldest."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.idle_days >= 1 && var.idle_days <= 45 && floor(var.idle_days) == var.idle_days
    error_message = "The value must be a whole number of days from 1 to 45, because Rocket.Chat forgets sessions after about 46 days."
  }
}

variable "unsupported_systems" {
  description = "Operating systems, by name, and the lowest version that is supported; null, if none is. Names are compared as a whole and are case-insensitive. A version that is missing or unreadable, such as XP, counts as the lowest."
  type        = map(string)
  default     = { Windows = "10", Android = "12", iOS = "16" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.unsupported_systems : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && (version == null ? true : can(regex("^\\d+(\\.\\d+)*$", version)))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"10\" or \"10.15.7\", or null."
  }
}

variable "old_browsers" {
  description = "Browsers, by name, and the lowest version that may be used. Names are compared as a whole and are case-insensitive. A version that is missing or unreadable counts as the lowest. Raise the versions as the browsers move on."
  type        = map(string)
  default     = { Chrome = "140", Edge = "140", Firefox = "140", Safari = "18", "Mobile Safari" = "18" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.old_browsers : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && can(regex("^\\d+(\\.\\d+)*$", version))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"140\" or \"140.0.1\"."
  }
}

variable "old_apps" {
  description = "Desktop and mobile apps, by name, and the lowest version that may be used, as in old_browsers."
  type        = map(string)
  default     = { "Rocket.Chat" = "4.0", "RC Mobile" = "4.50" }
  nullable    = false

  validation {
    condition     = alltrue([for name, version in var.old_apps : can(regex("^[^\\\\]*[^\\\\\\s][^\\\\]*$", name)) && can(regex("^\\d+(\\.\\d+)*$", version))])
    error_message = "Each key must be a name without a backslash, and each value a version such as \"4\" or \"4.50.1\"."
  }
}

variable "sessions_per_user" {
  description = "How many sessions an account may have. Those last connected may stay; the others are findings."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.sessions_per_user >= 0 && floor(var.sessions_per_user) == var.sessions_per_user
    error_message = "The value must be a whole number, 0 or more."
  }
}

variable "service_accounts" {
  description = "How many sessions each account may have whose username matches a regular expression, unanchored and case-insensitive: { username = \"^svc-\", sessions = 3 }. Null switches the rule off."
  type = object({
    username = string
    sessions = number
  })
  default = null

  validation {
    condition     = var.service_accounts == null ? true : var.service_accounts.username != "" && can(regexall(var.service_accounts.username, "")) && var.service_accounts.sessions >= 0 && floor(var.service_accounts.sessions) == var.service_accounts.sessions
    error_message = "The username must be a regular expression in RE2 syntax that is not empty, and sessions a whole number, 0 or more."
  }
}

variable "read_users" {
  description = "Whether the users are read, which the rules about deactivated users, administrators and bots need, and the account a permission for. False switches these rules off."
  type        = bool
  default     = true
  nullable    = false
}

variable "administrators" {
  description = "Roles, by id or name, whose users are administrators."
  type        = list(string)
  default     = ["admin"]
  nullable    = false

  validation {
    condition     = length(var.administrators) > 0
    error_message = "There must be a role. To have no rules about administrators, add these to disabled."
  }
}

variable "administrators_idle_days" {
  description = "How many days may have passed since an administrator's client last connected, 1 to 45."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = var.administrators_idle_days >= 1 && var.administrators_idle_days <= 45 && floor(var.administrators_idle_days) == var.administrators_idle_days
    error_message = "The value must be a whole number of days from 1 to 45, because Rocket.Chat forgets sessions after about 46 days."
  }
}

variable "waivers" {
  description = "Findings to live with for a while. Each waives a rule, by id, for a user (a regular expression that the whole username must match, case-insensitive) or for a session_id, for a reason, up to and including the day expires (2026-12-31), UTC. It lists them as waived, and they neither stop nor warn."
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
    error_message = "The rule of each waiver must be the id of a rule about sessions. README.md lists them."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : (waiver.user == null) != (waiver.session_id == null)])
    error_message = "Each waiver must have either user or session_id."
  }

  validation {
    condition     = alltrue([for waiver in var.waivers : waiver.user == null ? true : waiver.user != "" && can(regexall("^(?:${waiver.user})$", ""))])
    error_message = "The user of each waiver must be a regular expression in RE2 syntax that is not empty."
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
    error_message = "Each waiver must have a day in expires, such as 2026-12-31."
  }
}

variable "now" {
  description = "The time that waivers expire by, in RFC 3339. Null is the time of the plan; tests set it. The age of sessions goes by the clock of the workspace."
  type        = string
  default     = null

  validation {
    condition     = var.now == null ? true : can(timeadd(var.now, "0s"))
    error_message = "The value must be a time in RFC 3339, such as 2026-01-31T00:00:00Z."
  }
}

variable "listed" {
  description = "How many sessions a rule lists at most. What is beyond is counted, and cannot be waived. Terraform takes about a second for a thousand."
  type        = number
  default     = 250
  nullable    = false

  validation {
    condition     = var.listed >= 1 && floor(var.listed) == var.listed
    error_message = "The value must be a whole number, 1 or more."
  }
}

variable "read_timeout" {
  description = "How long the read of the workspace may take, waiting for its rate limit included, such as 60m. Null is the provider's default."
  type        = string
  default     = null
}
