# The rules of the module. What each finds is in sessions.tf or, if it is not about
# sessions, in posture.tf and findings.tf, under the same ID.

locals {
  # A rule with `needs` is off until that setting is set.
  built_in = {
    idle = {
      severity  = "medium"
      title     = "Sessions not connected for ${local.days.idle}"
      rationale = "Nobody notices when somebody else uses an abandoned login."
      remedy    = "Log the session out, and set Login Expiration in Days (Manage > Workspace > Settings > Accounts)."
    }
    outside_networks = {
      severity  = "high"
      title     = "Sessions from outside the networks"
      rationale = "Connections from elsewhere bypass the company's firewall and VPN."
      remedy    = "Ask the user. Log out a session that is not theirs, and have the password changed."
      needs     = var.networks == null ? "networks" : null
    }
    unsupported_systems = {
      severity  = "high"
      title     = "Sessions on unsupported operating systems"
      rationale = "A system without security updates can leak everything that its user reads."
      remedy    = "Update or replace the device, then log the session out."
      needs     = length(var.unsupported_systems) == 0 ? "unsupported_systems" : null
    }
    old_browsers = {
      severity  = "medium"
      title     = "Sessions in old browsers"
      rationale = "When a browser is updated, the vulnerabilities of the old version become public."
      remedy    = "Update the browser."
      needs     = length(var.old_browsers) == 0 ? "old_browsers" : null
    }
    old_apps = {
      severity  = "medium"
      title     = "Sessions in old desktop and mobile apps"
      rationale = "When an app is updated, the vulnerabilities of the old version become public."
      remedy    = "Update the app."
      needs     = length(var.old_apps) == 0 ? "old_apps" : null
    }
    too_many_sessions = {
      severity  = "low"
      title     = "Sessions of an account beyond the ${var.sessions_per_user} most recently connected"
      rationale = "An account with many sessions is shared, or its user does not log out."
      remedy    = "Log the session out. Give people who share an account one each."
    }
    service_accounts = {
      severity  = "medium"
      title     = "Sessions of a service account beyond the ${try(var.service_accounts.sessions, 0)} most recently connected"
      rationale = "A service runs in a known number of places; an additional session may belong to an intruder."
      remedy    = "Log the session out, and replace the token of the service."
      needs     = var.service_accounts == null ? "service_accounts" : local.service_accounts_need_users ? local.users : null
    }
    deleted_users = {
      severity  = "high"
      title     = "Sessions of deleted users"
      rationale = "A deleted user should have no access left."
      remedy    = "Log the session out."
    }
    deactivated_users = {
      severity  = "high"
      title     = "Sessions of deactivated users"
      rationale = "A deactivated user should have no access left; Rocket.Chat keeps the rows of ended logins for a while."
      remedy    = "Log the session out."
      needs     = local.users
    }
    administrators_outside_networks = {
      severity  = "critical"
      title     = "Sessions of administrators from outside the networks"
      rationale = "An administrator's login gives access to the whole workspace, so it is an intruder's first target."
      remedy    = "Log the session out at once, then ask the administrator."
      needs     = var.networks == null ? "networks" : local.users
    }
    administrators_idle = {
      severity  = "high"
      title     = "Sessions of administrators not connected for ${local.days.administrators}"
      rationale = "A login with these permissions should not remain on a device that nobody uses."
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
      title     = "Sessions of clients that do not identify themselves"
      rationale = "Browsers and apps report a name and an operating system; scripts, and clients that hide, do not."
      remedy    = "Ask the user. Give a script an account of its own and a personal access token."
    }
    unreadable_addresses = {
      severity  = "low"
      title     = "Sessions whose address is missing, malformed or a list"
      rationale = "A rule about networks is not reliable if a client can choose the address that it reports."
      remedy    = "Have the proxy overwrite X-Forwarded-For, and set HTTP_FORWARDED_COUNT to the number of proxies."
    }
    login_expiration = {
      severity  = "medium"
      title     = "Logins that last longer than ${local.days.login_expiration}"
      rationale = "A stolen token works until its login expires, whether or not the list shows the session."
      remedy    = "Set Login Expiration in Days (Manage > Workspace > Settings > Accounts)."
      needs     = local.settings
    }
    second_factor_off = {
      severity  = "high"
      title     = "Second factors that are switched off"
      rationale = "Without a second factor, a password that leaks or is guessed is enough to log in."
      remedy    = "Switch the setting on (Manage > Workspace > Settings > Accounts > Two Factor Authentication)."
      needs     = local.settings
    }
    second_factor_optional = {
      severity  = "high"
      title     = "Roles with powerful permissions, but without a mandatory second factor"
      rationale = "Whoever has these permissions can read, change or take over what others have."
      remedy    = "Edit the role (Manage > Workspace > Permissions), and switch on Users must use Two Factor Authentication."
      needs     = local.settings
    }
    open_registration = {
      severity  = "medium"
      title     = "Registration that is open to everybody"
      rationale = "Whoever finds the workspace can create an account, and see what every user sees."
      remedy    = "Set Registration Form to Disabled or Secret URL (Manage > Workspace > Settings > Accounts)."
      needs     = local.settings
    }
    nothing_listed = {
      severity  = "high"
      title     = "A workspace that lists no session"
      rationale = "A workspace that records no sessions fulfills every rule about them."
      remedy    = "Switch off Disable Sessions Monitor (Manage > Workspace > Settings > Troubleshoot)."
    }
    one_address = {
      severity  = "high"
      title     = "One internal address for all sessions"
      rationale = "It is probably a reverse proxy's, so the rules about networks do not see the clients' addresses."
      remedy    = "Set HTTP_FORWARDED_COUNT of Rocket.Chat to the number of proxies in front of it; clients then connect again."
      needs     = var.networks == null ? "networks" : null
    }
    unreported_names = {
      severity  = "medium"
      title     = "Names in the settings that no client reports"
      rationale = "A rule about a name that no client reports, such as Google Chrome instead of Chrome, finds nothing."
      remedy    = "Write the name as the sessions have it, in device.name or device.os.name, or remove it."
    }
    old_minimum_versions = {
      severity  = "medium"
      title     = "Lowest versions that are old themselves"
      rationale = "A lowest version that nobody raises ends up allowing versions with known vulnerabilities."
      remedy    = "Raise the version, and state the date on which it was released."
      needs     = length(flatten([for setting in keys(var.version_months) : keys(local.minimums[setting]) if !contains(var.disabled, setting)])) == 0 ? "version_months" : null
    }
    expired_waivers = {
      severity  = "medium"
      title     = "Waivers that have expired"
      rationale = "The cause was not fixed in time, or the waiver is no longer needed."
      remedy    = "Remove the waiver, or renew it."
    }
    unused_waivers = {
      severity  = "low"
      title     = "Waivers that no session needs"
      rationale = "A waiver that waives nothing today may hide a finding tomorrow."
      remedy    = "Remove the waiver."
    }
  }

  service_accounts_need_users = try(var.service_accounts.user_types, null) != null || try(var.service_accounts.user_roles, null) != null

  users    = var.read_users ? null : "read_users"
  settings = var.read_settings ? null : "read_settings"

  days = { for name, number in { idle = var.idle_days, administrators = var.administrators_idle_days, login_expiration = var.login_expiration_days } : name => number == 1 ? "1 day" : "${number} days" }
}
