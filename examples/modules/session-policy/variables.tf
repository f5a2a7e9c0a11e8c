variable "max_idle_days" {
  description = "How many days may have passed since a client last connected with its login. A session without a time breaks the rule. At most 45, because Rocket.Chat forgets sessions after about 46 days. Null switches the rule off."
  type        = number
  default     = null

  validation {
    condition     = var.max_idle_days == null ? true : var.max_idle_days > 0 && var.max_idle_days <= 45
    error_message = "The value must be more than 0 and at most 45 days, because Rocket.Chat forgets sessions after about 46 days; null switches the rule off."
  }
}

variable "company_networks" {
  description = "Networks in CIDR notation, IPv4 or IPv6, that sessions may come from. An address that is missing or unreadable is outside, and a list of addresses is inside only as a whole. Null switches the rule off."
  type        = list(string)
  default     = null

  validation {
    condition     = var.company_networks == null ? true : alltrue([for network in var.company_networks : can(cidrhost(network, 0))])
    error_message = "Each network must be in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32."
  }
}

variable "unsupported_operating_systems" {
  description = "Regular expressions for operating systems that nobody may use, unanchored and case-insensitive, over name and version with a space between them: \"^windows (xp|vista|7|8)\". A session that does not name its system passes. An empty list switches the rule off."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    # A text that does not match is no mistake, hence regexall.
    condition     = alltrue([for system in var.unsupported_operating_systems : can(regexall(system, ""))])
    error_message = "Each entry must be a regular expression in RE2 syntax."
  }
}

variable "service_accounts" {
  description = "How many sessions each account has whose username matches a regular expression, unanchored and case-insensitive: \"^svc-\". Those that connected last may stay; the others break the rule. Null switches the rule off."
  type = object({
    username     = string
    max_sessions = optional(number, 3)
  })
  default = null

  validation {
    condition     = var.service_accounts == null ? true : can(regexall(var.service_accounts.username, "")) && var.service_accounts.max_sessions >= 0
    error_message = "The username must be a regular expression in RE2 syntax, and max_sessions 0 or more."
  }
}

variable "forbid_deleted_users" {
  description = "Whether sessions break a rule whose user was deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "now" {
  description = "The time to count idle days back from, in RFC 3339. Null is the time of the plan; tests set it."
  type        = string
  default     = null
}
