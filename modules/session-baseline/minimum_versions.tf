# The lowest versions of clients, and what is wrong with these settings.

variable "unsupported_systems" {
  description = "Lowest supported version of each operating system, by name; null if no version is supported. Names must match as a whole and are case-insensitive. Instead of a version, a value can be { version, released }, with the date on which the version was released, for version_months. A version that is missing or malformed, such as XP, counts as the lowest."
  type        = any # in map(string), the number 4.50 would become "4.5", and an object would be refused
  default = {
    Windows = { version = "10", released = "2015-07-29" }
    Android = { version = "12", released = "2021-10-04" }
    iOS     = { version = "16", released = "2022-09-12" }
  }
  nullable = false

  validation {
    condition     = try(length(distinct([for name in keys(var.unsupported_systems) : lower(name)])) == length(var.unsupported_systems) && alltrue([for name in keys(var.unsupported_systems) : trimspace(name) == name && can(regex("^[^\\\\]+$", name))]), false)
    error_message = "The value must be a map. Each key must be a name, in one spelling, without a backslash, and without white space at its ends."
  }

  validation {
    condition     = try(alltrue([for minimum in values(var.unsupported_systems) : (try(minimum.version, minimum) == null ? true : can(regex("^\"[0-9.]*[1-9][0-9.]*\"$", jsonencode(try(minimum.version, minimum)))) && can(regex("^\\d+(\\.\\d+)*$", try(minimum.version, minimum))))]), false)
    error_message = "Each value must be a version above 0 in quotes, such as \"10\" or \"10.15.7\", or null, or an object with it, { version = \"10\", released = \"2025-09-02\" }. A number is refused, because it loses zeros: 4.50 becomes 4.5."
  }

  validation {
    condition = try(alltrue([for minimum in values(var.unsupported_systems) : !can(keys(minimum)) ? true : alltrue([
      length(setsubtract(keys(minimum), ["version", "released"])) == 0,
      can(regex("^\\d{4}-\\d{2}-\\d{2}$", minimum.released)) && can(timeadd("${minimum.released}T00:00:00Z", "0s")),
    ])]), false)
    error_message = "The keys of a value are version and released, a date such as 2025-09-02."
  }
}

variable "old_browsers" {
  description = "Lowest allowed version of each browser, by name. Names must match as a whole and are case-insensitive. A version that is missing or malformed counts as the lowest. Raise the versions with new releases of the browsers."
  type        = any # in map(string), the number 4.50 would become "4.5", and an object would be refused
  default = {
    Chrome          = { version = "140", released = "2025-09-02" }
    Edge            = { version = "140", released = "2025-09-05" }
    Firefox         = { version = "140", released = "2025-06-24" }
    Safari          = { version = "18", released = "2024-09-16" }
    "Mobile Safari" = { version = "18", released = "2024-09-16" }
  }
  nullable = false

  validation {
    condition     = try(length(distinct([for name in keys(var.old_browsers) : lower(name)])) == length(var.old_browsers) && alltrue([for name in keys(var.old_browsers) : trimspace(name) == name && can(regex("^[^\\\\]+$", name))]), false)
    error_message = "The value must be a map. Each key must be a name, in one spelling, without a backslash, and without white space at its ends."
  }

  validation {
    condition     = try(alltrue([for minimum in values(var.old_browsers) : can(regex("^\"[0-9.]*[1-9][0-9.]*\"$", jsonencode(try(minimum.version, minimum)))) && can(regex("^\\d+(\\.\\d+)*$", try(minimum.version, minimum)))]), false)
    error_message = "Each value must be a version above 0 in quotes, such as \"140\" or \"140.0.1\", or an object with it, { version = \"140\", released = \"2025-09-02\" }. A number is refused, because it loses zeros: 4.50 becomes 4.5."
  }

  validation {
    condition = try(alltrue([for minimum in values(var.old_browsers) : !can(keys(minimum)) ? true : alltrue([
      length(setsubtract(keys(minimum), ["version", "released"])) == 0,
      can(regex("^\\d{4}-\\d{2}-\\d{2}$", minimum.released)) && can(timeadd("${minimum.released}T00:00:00Z", "0s")),
    ])]), false)
    error_message = "The keys of a value are version and released, a date such as 2025-09-02."
  }
}

variable "old_apps" {
  description = "Lowest allowed version of each desktop and mobile app, by name, as in old_browsers."
  type        = any # in map(string), the number 4.50 would become "4.5", and an object would be refused
  default = {
    "Rocket.Chat" = { version = "4.0", released = "2024-05-31" }
    "RC Mobile"   = { version = "4.50", released = "2024-07-11" }
  }
  nullable = false

  validation {
    condition     = try(length(distinct([for name in keys(var.old_apps) : lower(name)])) == length(var.old_apps) && alltrue([for name in keys(var.old_apps) : trimspace(name) == name && can(regex("^[^\\\\]+$", name))]), false)
    error_message = "The value must be a map. Each key must be a name, in one spelling, without a backslash, and without white space at its ends."
  }

  validation {
    condition     = try(alltrue([for minimum in values(var.old_apps) : can(regex("^\"[0-9.]*[1-9][0-9.]*\"$", jsonencode(try(minimum.version, minimum)))) && can(regex("^\\d+(\\.\\d+)*$", try(minimum.version, minimum)))]), false)
    error_message = "Each value must be a version above 0 in quotes, such as \"4\" or \"4.50.1\", or an object with it, { version = \"4\", released = \"2025-09-02\" }. A number is refused, because it loses zeros: 4.50 becomes 4.5."
  }

  validation {
    condition = try(alltrue([for minimum in values(var.old_apps) : !can(keys(minimum)) ? true : alltrue([
      length(setsubtract(keys(minimum), ["version", "released"])) == 0,
      can(regex("^\\d{4}-\\d{2}-\\d{2}$", minimum.released)) && can(timeadd("${minimum.released}T00:00:00Z", "0s")),
    ])]), false)
    error_message = "The keys of a value are version and released, a date such as 2025-09-02."
  }
}

variable "version_months" {
  description = "Ages in months above which a lowest version is a finding, by setting: { old_browsers = 12, old_apps = 24, unsupported_systems = 60 }. A setting that is absent is not checked. Empty switches the rule off."
  type        = map(number)
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.version_months), ["unsupported_systems", "old_browsers", "old_apps"])) == 0
    error_message = "The keys are unsupported_systems, old_browsers and old_apps."
  }

  validation {
    condition     = alltrue([for months in values(var.version_months) : try(months >= 1 && floor(months) == months, false)])
    error_message = "Each value must be a whole number of months, 1 or more."
  }
}

# Whether any client reports a name.
data "rocketchat_workspace_sessions" "reported" {
  for_each = local.unusual_names

  match   = each.value.match
  exclude = each.value.exclude
  limit   = 0

  timeouts {
    read = var.read_timeout
  }
}

locals {
  minimums = { for setting, minimums in {
    unsupported_systems = var.unsupported_systems, old_browsers = var.old_browsers, old_apps = var.old_apps
  } : setting => { for name, minimum in minimums : name => { version = try(minimum.version, minimum), released = try(minimum.released, null) } } }

  # The defaults are names that clients report, even if no client of this workspace does.
  usual_names = {
    unsupported_systems = ["windows", "android", "ios"]
    old_browsers        = ["chrome", "edge", "firefox", "safari", "mobile safari"]
    old_apps            = ["rocket.chat", "rc mobile"]
  }

  unusual_names = { for name in concat(
    [for name in keys(var.unsupported_systems) : {
      setting = "unsupported_systems", name = name, example = "Windows", match = { os_name = "^\\Q${name}\\E$" }, exclude = null
    }],
    [for name in keys(var.old_browsers) : {
      setting = "old_browsers", name = name, example = "Chrome", match = { device_name = "^\\Q${name}\\E$" }, exclude = { device_type = "-app$" }
    }],
    [for name in keys(var.old_apps) : {
      setting = "old_apps", name = name, example = "Rocket.Chat", match = { device_name = "^\\Q${name}\\E$", device_type = "-app$" }, exclude = null
    }],
  ) : "${name.setting} ${name.name}" => name if local.on.unreported_names && local.on[name.setting] && !contains(local.usual_names[name.setting], lower(name.name)) }

  # Days on a calendar whose months have 100 days, so that months can be added.
  today = tonumber(formatdate("YYYY", local.now)) * 1200 + tonumber(formatdate("M", local.now)) * 100 + tonumber(formatdate("D", local.now))
  aged = flatten([for setting, months in var.version_months : [for name, minimum in local.minimums[setting] : {
    subject = "${setting} ${name}"
    named   = "${name} ${minimum.version} in ${setting}"
    months  = months
    date    = minimum.released
    day     = try(sum([for place, part in split("-", minimum.released) : tonumber(part) * [1200, 100, 1][place]]), null)
  } if minimum.version != null && local.on[setting]]])

  about_versions = {
    unreported_names = [
      for key, name in local.unusual_names : {
        subject = key
        detail  = "no client reports the name \"${name.name}\" in ${name.setting}; it must be a whole name as in the sessions, such as ${name.example}"
      } if data.rocketchat_workspace_sessions.reported[key].matched == 0
    ]
    old_minimum_versions = [for version in local.aged : {
      subject = version.subject
      detail = (
        version.day == null ? "${version.named} has no date of release, so its age is unknown" :
        version.day > local.today ? "${version.named} was released on ${version.date}, which is in the future" :
        "${version.named} was released on ${version.date}, more than ${version.months} months ago"
      )
    } if try(version.day > local.today || local.today > version.day + 100 * version.months, true)]
  }
}
