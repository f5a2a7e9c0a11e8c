# The plan fails if the workspace does not ask for a second factor, or lets people
# with powerful permissions do without.

terraform {
  required_version = ">= 1.2" # postcondition; OpenTofu 1.6

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

locals {
  # Whoever has one of these permissions can read, change or take over what others have.
  powerful = [
    "access-permissions",
    "assign-admin-role",
    "assign-roles",
    "edit-other-user-password",
    "edit-other-user-totp",
    "edit-privileged-setting",
    "logout-device-management",
    "user-generate-access-token",
    "view-device-management",
    "view-privileged-setting",
  ]

  # Whatever is missing counts as no second factor.
  without = [for r in data.rocketchat_roles.all.roles : "  ${r.name} (${r.id}): ${join(", ", setintersection(r.permissions, local.powerful))}"
  if r.mandatory_2fa != true && length(setintersection(r.permissions, local.powerful)) > 0]

  # A permission that nobody has would find nobody.
  unknown = setsubtract(local.powerful, flatten(data.rocketchat_roles.all.roles[*].permissions))
}

data "rocketchat_roles" "all" {
  permissions = true
}

# Public settings, which require no permission.
data "rocketchat_settings" "second_factor" {
  ids = [
    "Accounts_TwoFactorAuthentication_By_TOTP_Enabled",
    "Accounts_TwoFactorAuthentication_Enabled",
    "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback",
  ]

  lifecycle {
    postcondition {
      condition     = self.values.Accounts_TwoFactorAuthentication_Enabled == true
      error_message = "Accounts_TwoFactorAuthentication_Enabled is ${jsonencode(self.values.Accounts_TwoFactorAuthentication_Enabled)}. Switch it on."
    }

    postcondition {
      condition     = self.values.Accounts_TwoFactorAuthentication_By_TOTP_Enabled == true
      error_message = "Accounts_TwoFactorAuthentication_By_TOTP_Enabled is ${jsonencode(self.values.Accounts_TwoFactorAuthentication_By_TOTP_Enabled)}. Switch it on."
    }

    # Whoever has no second factor is then asked for the password.
    postcondition {
      condition     = self.values.Accounts_TwoFactorAuthentication_Enforce_Password_Fallback == true
      error_message = "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback is ${jsonencode(self.values.Accounts_TwoFactorAuthentication_Enforce_Password_Fallback)}. Switch it on."
    }
  }
}

# The rules about roles. Both data sources share one read.
data "rocketchat_roles" "powerful" {
  lifecycle {
    postcondition {
      condition = length(local.without) == 0
      error_message = join("\n", concat(
        ["${length(local.without)} of ${length(self.roles)} roles have powerful permissions, but no mandatory second factor:"],
        slice(local.without, 0, min(30, length(local.without))),
        length(local.without) > 30 ? ["  … and ${length(local.without) - 30} more"] : [],
      ))
    }

    postcondition {
      condition     = length(local.unknown) == 0
      error_message = "No role has these permissions, so they are misspelled or superfluous: ${join(", ", local.unknown)}."
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when a second factor is on, and mandatory where it matters."
  value       = "passed"

  depends_on = [
    data.rocketchat_roles.powerful,
    data.rocketchat_settings.second_factor,
  ]
}
