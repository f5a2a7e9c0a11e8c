# What the workspace allows and records: its settings, its roles and their permissions,
# each read once, and whether its list of sessions is one.

data "rocketchat_settings" "posture" {
  count = local.on.login_expiration || local.on.second_factor_off || local.on.open_registration ? 1 : 0

  # Public settings, which require no permission.
  ids = concat(["Accounts_LoginExpiration", "Accounts_RegistrationForm"], local.second_factor_settings)

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_roles" "posture" {
  count = local.on.second_factor_optional ? 1 : 0

  permissions = true

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "newest" {
  count = local.on.nothing_listed || local.on.one_address ? 1 : 0

  limit = 1

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "from_elsewhere" {
  count = local.on.one_address ? 1 : 0

  outside_cidrs = local.newest_network == null ? null : [local.newest_network]
  limit         = 0

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "of_others" {
  count = local.on.one_address ? 1 : 0

  exclude = { user_id = "^\\Q${try(coalesce(local.newest.user_id), "none")}\\E$" }
  limit   = 0

  timeouts {
    read = var.read_timeout
  }
}

locals {
  newest = try(data.rocketchat_workspace_sessions.newest[0].sessions[0], null)

  # Addresses of proxies and of the machine itself. One public address can be an office's.
  internal       = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128"]
  newest_address = trimprefix(lower(try(coalesce(local.newest.ip), "")), "::ffff:")
  newest_network = try(provider::rocketchat::in_networks(local.newest_address, local.internal) ? cidrsubnet("${local.newest_address}/${strcontains(local.newest_address, ":") ? 128 : 32}", 0, 0) : null, null)

  second_factor_settings = [
    "Accounts_TwoFactorAuthentication_By_TOTP_Enabled",
    "Accounts_TwoFactorAuthentication_Enabled",
    "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback",
  ]

  # Whatever is missing is a finding. Rocket.Chat takes a number of days that is not
  # whole or below 1 for 90.
  posture = {
    nothing_listed = [
      for read in data.rocketchat_workspace_sessions.newest : { subject = "sessions", detail = "the workspace lists no session" } if read.total == 0
    ]
    one_address = [
      for elsewhere in data.rocketchat_workspace_sessions.from_elsewhere : {
        subject = local.newest_address
        detail  = "all ${elsewhere.total} sessions, of several users, come from ${local.newest_address}"
      }
      if local.newest_network != null && elsewhere.total >= 20 && elsewhere.matched == 0 && anytrue([for others in data.rocketchat_workspace_sessions.of_others : others.matched > 0])
    ]
    login_expiration = [
      for values in data.rocketchat_settings.posture[*].values : {
        subject = "Accounts_LoginExpiration"
        detail  = "Accounts_LoginExpiration is ${jsonencode(try(values.Accounts_LoginExpiration, null))}"
      }
      if !try(values.Accounts_LoginExpiration >= 1 && values.Accounts_LoginExpiration <= var.login_expiration_days && floor(values.Accounts_LoginExpiration) == values.Accounts_LoginExpiration, false)
    ]
    second_factor_off = flatten([
      for values in data.rocketchat_settings.posture[*].values : [
        for id in local.second_factor_settings : { subject = id, detail = "${id} is ${jsonencode(try(values[id], null))}" } if try(values[id], null) != true
      ]
    ])
    second_factor_optional = flatten([
      for roles in data.rocketchat_roles.posture[*].roles : concat(
        [for r in roles : { subject = r.id, detail = "${r.name} (${r.id}): ${join(", ", setintersection(r.permissions, var.powerful_permissions))}" }
        if r.mandatory_2fa != true && length(setintersection(r.permissions, var.powerful_permissions)) > 0],
        [for id in setsubtract(var.powerful_permissions, flatten(roles[*].permissions)) : {
          subject = id
          detail  = "no role has the permission \"${id}\" in powerful_permissions, so it is misspelled or superfluous"
        }],
      )
    ])
    open_registration = [
      for values in data.rocketchat_settings.posture[*].values : {
        subject = "Accounts_RegistrationForm"
        detail  = "Accounts_RegistrationForm is ${jsonencode(try(values.Accounts_RegistrationForm, null))}"
      }
      if !try(contains(["Disabled", "Secret URL"], values.Accounts_RegistrationForm), false)
    ]
  }
}
