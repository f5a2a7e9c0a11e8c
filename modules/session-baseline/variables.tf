variable "networks" {
  description = "Networks in CIDR notation, IPv4 or IPv6, that sessions may come from. Null switches off the rules that need them."
  type        = list(string)
  default     = null

  validation {
    condition     = var.networks == null ? true : length(var.networks) > 0
    error_message = "The list must contain a network. To switch off the rules that need networks, set it to null."
  }

  validation {
    condition     = var.networks == null ? true : alltrue([for network in var.networks : try(cidrhost(network, 0) == cidrhost("${split("/", network)[0]}/${strcontains(network, ":") ? 128 : 32}", 0), false)])
    error_message = "Each network must be in CIDR notation, without bits to the right of the mask, such as 203.0.113.0/24 or 2001:db8::/32."
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
    condition     = alltrue([for id in var.disabled : try(contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses login_expiration second_factor_off second_factor_optional open_registration nothing_listed one_address unreported_names old_minimum_versions expired_waivers unused_waivers"), id) || startswith(id, "custom_"), false)])
    error_message = "Each element must be the ID of a rule. README.md lists them."
  }
}

variable "severities" {
  description = "Severities that replace those of the rules, by ID: { idle = \"low\" }. Each is low, medium, high or critical."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in keys(var.severities) : contains(split(" ", "idle outside_networks unsupported_systems old_browsers old_apps too_many_sessions service_accounts deleted_users deactivated_users administrators_outside_networks administrators_idle bots_on_browsers silent_clients unreadable_addresses login_expiration second_factor_off second_factor_optional open_registration nothing_listed one_address unreported_names old_minimum_versions expired_waivers unused_waivers"), id) || startswith(id, "custom_")])
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
  description = "Which accounts are service accounts, and how many sessions each may have: { user_types = [\"bot\"], sessions = 3 }. Select them by user_types, user_roles, user_ids or username, a regular expression, unanchored and case-insensitive. A user who may change the username can leave a selection by username. Types and roles need read_users. Null switches the rule off."
  type        = any # an object type would drop unknown keys
  default     = null

  validation {
    condition     = var.service_accounts == null ? true : try(length(setsubtract(keys(var.service_accounts), ["user_types", "user_roles", "user_ids", "username", "sessions"])) == 0, false)
    error_message = "The value must be an object whose keys are sessions and user_types, user_roles, user_ids or username."
  }

  validation {
    condition     = var.service_accounts == null ? true : length([for key in ["user_types", "user_roles", "user_ids", "username"] : key if try(var.service_accounts[key], null) != null]) == 1
    error_message = "The value must have one of user_types, user_roles, user_ids and username."
  }

  validation {
    condition     = try(var.service_accounts.username, null) == null ? true : try(var.service_accounts.username != "" && trimspace(var.service_accounts.username) == var.service_accounts.username && can(regexall(var.service_accounts.username, "")), false)
    error_message = "The username must be a regular expression in RE2 syntax, not empty, and without white space at its ends."
  }

  validation {
    condition     = alltrue([for key in ["user_types", "user_roles", "user_ids"] : try(var.service_accounts[key], null) == null ? true : try(length(var.service_accounts[key]) > 0 && alltrue([for value in var.service_accounts[key] : value != "" && trimspace(value) == value && !strcontains(value, "\\")]), false)])
    error_message = "Each of user_types, user_roles and user_ids must be a list of texts, neither it nor a text empty, without white space at the ends."
  }

  validation {
    condition     = var.service_accounts == null ? true : try(var.service_accounts.sessions >= 0 && floor(var.service_accounts.sessions) == var.service_accounts.sessions, false)
    error_message = "The sessions must be a whole number, 0 or more."
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

  validation {
    condition     = alltrue([for role in var.administrators : try(role != "" && trimspace(role) == role, false)])
    error_message = "No role may be empty or have white space at its ends."
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

variable "read_settings" {
  description = "Whether to read public settings, roles and permissions, in three calls that require no permission. False switches off the rules about the expiration of logins, second factors and registration."
  type        = bool
  default     = false
  nullable    = false
}

variable "login_expiration_days" {
  description = "Maximum number of days after which a login must expire."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.login_expiration_days >= 1 && floor(var.login_expiration_days) == var.login_expiration_days
    error_message = "The value must be a whole number of days, 1 or more."
  }
}

variable "powerful_permissions" {
  description = "IDs of permissions for whose roles a second factor must be mandatory. A permission that no role has is a finding."
  type        = list(string)
  default = [
    "access-permissions", "assign-admin-role", "assign-roles", "edit-other-user-password", "edit-other-user-totp", "edit-privileged-setting",
    "logout-device-management", "user-generate-access-token", "view-device-management", "view-privileged-setting",
  ]
  nullable = false

  validation {
    condition     = length(var.powerful_permissions) > 0 && alltrue([for id in var.powerful_permissions : try(id != "" && trimspace(id) == id, false)])
    error_message = "The list must contain the ID of a permission, and none may be empty or have white space at its ends."
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
  description = "Maximum number of sessions that a rule lists. Further sessions are counted, but cannot be waived, and the message says how many they are. Terraform takes about two seconds for a thousand sessions."
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
