# Logins expire within 30 days, and nobody registers without an administrator.
# A plan that finds otherwise fails.
data "rocketchat_settings" "logins" {
  ids = ["Accounts_LoginExpiration", "Accounts_RegistrationForm"]

  lifecycle {
    postcondition {
      # With a value below 1, Rocket.Chat uses its default, 90 days.
      condition     = self.values.Accounts_LoginExpiration >= 1 && self.values.Accounts_LoginExpiration <= 30
      error_message = "Accounts_LoginExpiration is ${self.values.Accounts_LoginExpiration}. Set it to 1 to 30 days."
    }
    postcondition {
      condition     = contains(["Disabled", "Secret URL"], self.values.Accounts_RegistrationForm)
      error_message = "Accounts_RegistrationForm is ${self.values.Accounts_RegistrationForm}. Set it to Disabled or Secret URL."
    }
  }
}

output "login_settings" {
  description = "The values that the rules are about."
  value       = data.rocketchat_settings.logins.values
}
