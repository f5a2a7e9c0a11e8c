# The plan fails if a setting makes logins last too long, or lets in whom nobody
# knows. A missing value breaks its rule.

terraform {
  required_version = ">= 1.2" # postcondition; OpenTofu 1.6

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# Public settings, which require no permission.
data "rocketchat_settings" "login" {
  ids = [
    "Accounts_AllowAnonymousRead",
    "Accounts_AllowAnonymousWrite",
    "Accounts_LoginExpiration",
    "Accounts_Password_Policy_Enabled",
    "Accounts_Password_Policy_MinLength",
    "Accounts_RegistrationForm",
  ]

  lifecycle {
    # Rocket.Chat takes a number that is not whole or below 1 for 90 days.
    postcondition {
      condition     = try(contains(range(1, 31), self.values.Accounts_LoginExpiration), false)
      error_message = "Accounts_LoginExpiration is ${jsonencode(self.values.Accounts_LoginExpiration)}. Set it to 1 to 30 days."
    }

    postcondition {
      condition     = try(contains(["Disabled", "Secret URL"], self.values.Accounts_RegistrationForm), false)
      error_message = "Accounts_RegistrationForm is ${jsonencode(self.values.Accounts_RegistrationForm)}. Set it to Disabled or Secret URL."
    }

    postcondition {
      condition     = self.values.Accounts_Password_Policy_Enabled == true
      error_message = "Accounts_Password_Policy_Enabled is ${jsonencode(self.values.Accounts_Password_Policy_Enabled)}. Switch it on."
    }

    postcondition {
      condition     = try(self.values.Accounts_Password_Policy_MinLength >= 14, false)
      error_message = "Accounts_Password_Policy_MinLength is ${jsonencode(self.values.Accounts_Password_Policy_MinLength)}. Set it to 14 or more."
    }

    postcondition {
      condition     = self.values.Accounts_AllowAnonymousRead == false
      error_message = "Accounts_AllowAnonymousRead is ${jsonencode(self.values.Accounts_AllowAnonymousRead)}. Switch it off."
    }

    postcondition {
      condition     = self.values.Accounts_AllowAnonymousWrite == false
      error_message = "Accounts_AllowAnonymousWrite is ${jsonencode(self.values.Accounts_AllowAnonymousWrite)}. Switch it off."
    }
  }
}

# These are not public: the account needs view-privileged-setting.
data "rocketchat_settings" "failed_logins" {
  ids = [
    "Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User",
    "Block_Multiple_Failed_Logins_By_User",
    "Block_Multiple_Failed_Logins_Enabled",
  ]

  lifecycle {
    postcondition {
      condition     = self.values.Block_Multiple_Failed_Logins_Enabled == true
      error_message = "Block_Multiple_Failed_Logins_Enabled is ${jsonencode(self.values.Block_Multiple_Failed_Logins_Enabled)}. Switch it on."
    }

    postcondition {
      condition     = self.values.Block_Multiple_Failed_Logins_By_User == true
      error_message = "Block_Multiple_Failed_Logins_By_User is ${jsonencode(self.values.Block_Multiple_Failed_Logins_By_User)}. Switch it on."
    }

    # With 0, Rocket.Chat never blocks.
    postcondition {
      condition     = try(contains(range(1, 11), self.values.Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User), false)
      error_message = "Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User is ${jsonencode(self.values.Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User)}. Set it to 1 to 10."
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no setting breaks a rule."
  value       = "passed"

  depends_on = [
    data.rocketchat_settings.failed_logins,
    data.rocketchat_settings.login,
  ]
}
