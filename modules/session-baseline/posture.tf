# What the workspace allows: its settings, its roles and their permissions, each read
# once.

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

locals {
  second_factor_settings = [
    "Accounts_TwoFactorAuthentication_By_TOTP_Enabled",
    "Accounts_TwoFactorAuthentication_Enabled",
    "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback",
  ]

  # Whatever is missing is a finding. Rocket.Chat takes a number of days that is not
  # whole or below 1 for 90.
  posture = {
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
