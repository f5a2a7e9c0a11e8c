# What the rules are. Their data sources are in sessions.tf.

terraform {
  required_version = ">= 1.5" # check, plantimestamp; OpenTofu 1.6

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

locals {
  rules = {
    idle = {
      severity  = "medium"
      title     = "Sessions not connected for ${local.days.idle}"
      rationale = "A login that nobody uses any more is one that nobody misses when somebody else does."
      remedy    = "Log the session out, and set Login Expiration in Days (Manage > Workspace > Settings > Accounts)."
    }
    outside_networks = {
      severity  = "high"
      title     = "Sessions from outside the networks"
      rationale = "Whoever comes from elsewhere passes neither the company's firewall nor its VPN."
      remedy    = "Ask the user. Log out a session that is not theirs, and have the password changed."
      needs     = var.networks == null ? "networks" : null
    }
    unsupported_systems = {
      severity  = "high"
      title     = "Sessions on unsupported operating systems"
      rationale = "A system without security updates gives away what its user reads."
      remedy    = "Update or replace the device, then log the session out."
      needs     = length(var.unsupported_systems) == 0 ? "unsupported_systems" : null
    }
    old_browsers = {
      severity  = "medium"
      title     = "Sessions in old browsers"
      rationale = "The faults that a browser's update mends are public from that day on."
      remedy    = "Update the browser."
      needs     = length(var.old_browsers) == 0 ? "old_browsers" : null
    }
    old_apps = {
      severity  = "medium"
      title     = "Sessions in old desktop and mobile apps"
      rationale = "The faults that an app's update mends are public from that day on."
      remedy    = "Update the app."
      needs     = length(var.old_apps) == 0 ? "old_apps" : null
    }
    too_many_sessions = {
      severity  = "low"
      title     = "Sessions beyond the ${var.sessions_per_user} last connected of an account"
      rationale = "An account with many logins is shared, or leaves them behind."
      remedy    = "Log the session out. Give people that share an account one each."
    }
    service_accounts = {
      severity  = "medium"
      title     = "Sessions beyond the ${try(var.service_accounts.sessions, 0)} last connected of a service account"
      rationale = "A service runs in a known number of places; one more is a stranger or a copy of its token."
      remedy    = "Log the session out, and change the token of the service."
      needs     = var.service_accounts == null ? "service_accounts" : null
    }
    deleted_users = {
      severity  = "high"
      title     = "Sessions of deleted users"
      rationale = "Who has gone should have lost every way in."
      remedy    = "Log the session out."
    }
    deactivated_users = {
      severity  = "high"
      title     = "Sessions of deactivated users"
      rationale = "Who is locked out should have lost every way in; Rocket.Chat leaves the rows of ended logins for a while."
      remedy    = "Log the session out."
      needs     = local.users
    }
    administrators_outside_networks = {
      severity  = "critical"
      title     = "Sessions of administrators from outside the networks"
      rationale = "An administrator's login opens the whole workspace, and is what an intruder looks for."
      remedy    = "Log the session out at once, then ask the administrator."
      needs     = var.networks == null ? "networks" : local.users
    }
    administrators_idle = {
      severity  = "high"
      title     = "Sessions of administrators not connected for ${local.days.administrators}"
      rationale = "A login with such powers should not lie about on a device that nobody uses."
      remedy    = "Log the session out."
      needs     = local.users
    }
    bots_on_browsers = {
      severity  = "critical"
      title     = "Sessions of bots in a browser"
      rationale = "A bot is a program: in a browser, somebody uses its password."
      remedy    = "Log the session out, and change the password and the tokens of the bot."
      needs     = local.users
    }
    silent_clients = {
      severity  = "medium"
      title     = "Sessions of clients that say nothing of themselves"
      rationale = "A browser or an app names itself and its system; scripts and whoever hides do not."
      remedy    = "Ask the user. Give a script an account of its own and a personal access token."
    }
    unreadable_addresses = {
      severity  = "low"
      title     = "Sessions whose address is missing, unreadable or a list"
      rationale = "A rule about networks says nothing where the address may be what the client claims."
      remedy    = "Have the proxy set X-Forwarded-For anew, and HTTP_FORWARDED_COUNT to the number of proxies."
    }
    expired_waivers = {
      severity  = "medium"
      title     = "Waivers that have expired"
      rationale = "What was to be mended by then has not been, or the waiver is not needed any more."
      remedy    = "Remove the waiver, or decide anew."
    }
    unused_waivers = {
      severity  = "low"
      title     = "Waivers that no session needs"
      rationale = "A waiver that waives nothing today may hide somebody tomorrow."
      remedy    = "Remove the waiver."
    }
  }

  users = var.read_users ? null : "read_users"

  days = { for name, number in { idle = var.idle_days, administrators = var.administrators_idle_days } : name => number == 1 ? "1 day" : "${number} days" }

  levels = { low = 1, medium = 2, high = 3, critical = 4, none = 5 }

  severity = { for id, rule in local.rules : id => lookup(var.severities, id, rule.severity) }

  # A rule is on unless it was switched off, or has nothing to go by.
  on = { for id, rule in local.rules : id => !contains(var.disabled, id) && try(rule.needs, null) == null }

  # What its findings do.
  effect = { for id, severity in local.severity : id => (
    !local.on[id] ? "off" :
    local.levels[severity] >= local.levels[var.fail_on] ? "stops" :
    local.levels[severity] >= local.levels[var.warn_on] ? "warns" : "reports"
  ) }
}
