# Rules of the caller.

variable "rules" {
  description = "Your own rules: a list of objects with id, severity (low, medium, high or critical), title, rationale, remedy, and what the rule finds, either sessions (sessions of a data source of the provider) or users (users of rocketchat_users). The ID begins with custom_, so that no later version of the module has the same. Each text is one line. The findings have waivers, effects and outputs as those of the module."
  type        = any # an object type would drop unknown keys
  default     = []
  nullable    = false

  validation {
    condition     = try(length(var.rules) == 0, false) || can(var.rules[0])
    error_message = "The value must be a list of rules."
  }

  validation {
    condition = try(alltrue([for rule in var.rules : alltrue([
      length(setsubtract(keys(rule), ["id", "severity", "title", "rationale", "remedy", "sessions", "users"])) == 0,
      length(setsubtract(["id", "severity", "title", "rationale", "remedy"], keys(rule))) == 0,
      contains(keys(rule), "sessions") != contains(keys(rule), "users"),
    ])]), false)
    error_message = "The keys of a rule are id, severity, title, rationale, remedy, and either sessions or users. Other keys: ${try(join(", ", concat(["none"], flatten([for number, rule in var.rules : [for key in setsubtract(keys(rule), ["id", "severity", "title", "rationale", "remedy", "sessions", "users"]) : "${key} in rule ${number + 1}"]]))), "one rule is not an object")}."
  }

  validation {
    condition     = try(alltrue([for rule in var.rules : can(regex("^custom_[a-z0-9_]+$", rule.id))]), false)
    error_message = "The id of each rule must begin with custom_, followed by lower-case letters, digits or underscores, such as custom_kiosks. IDs without custom_ are those of the module."
  }

  validation {
    condition     = try(length(distinct([for rule in var.rules : rule.id])) == length(var.rules), false)
    error_message = "Each id must belong to one rule."
  }

  validation {
    condition     = try(alltrue([for rule in var.rules : contains(["low", "medium", "high", "critical"], rule.severity)]), false)
    error_message = "The severity of each rule must be low, medium, high or critical."
  }

  validation {
    condition     = try(alltrue([for rule in var.rules : alltrue([for text in [rule.title, rule.rationale, rule.remedy] : can(regex("^\\S(.*\\S)?$", text))])]), false)
    error_message = "The title, rationale and remedy of each rule must be one line of text, without white space at its ends; chomp() removes the line break at the end of a heredoc."
  }

  validation {
    condition = try(alltrue([for rule in var.rules : !contains(keys(rule), "sessions") ? true : (try(length(rule.sessions) == 0, false) || can(rule.sessions[0])) && alltrue([
      for s in rule.sessions : can([s.id, s.session_id, s.user_id, s.device, s.ip, s.login_at])
    ])]), false)
    error_message = "The sessions of each rule must be a list of sessions, such as data.rocketchat_workspace_sessions.kiosks.sessions, neither null nor the data source itself."
  }

  validation {
    condition = try(alltrue([for rule in var.rules : !contains(keys(rule), "users") ? true : (try(length(rule.users) == 0, false) || can(rule.users[0])) && alltrue([
      for u in rule.users : can([u.id, u.username, u.last_login_at])
    ])]), false)
    error_message = "The users of each rule must be a list of users, such as data.rocketchat_users.dormant.users, neither null nor the data source itself."
  }
}
