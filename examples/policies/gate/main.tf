# Five rules that stop the plan. The data sources share one read of the
# workspace, so all of them cost no more calls than one.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "idle" {
  older_than = "30d"

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions have not connected for 30 days:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions come from outside the company's networks:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# A version that is missing or that is not a number, such as XP, counts as the lowest.
data "rocketchat_workspace_sessions" "unsupported" {
  match            = { os_name = "^windows$" }
  os_version_below = "10"

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions run an unsupported operating system:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# A user who may change the username can leave this rule: select by user_id, or by
# user_types as in ../service-accounts, unless Accounts_AllowUsernameChange is off.
data "rocketchat_workspace_sessions" "service_accounts" {
  match           = { username = "^svc-" }
  beyond_per_user = 3

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions exceed the 3 that a service account may have:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions belong to deleted users:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no session breaks a rule."
  value       = "passed"

  depends_on = [
    data.rocketchat_workspace_sessions.idle,
    data.rocketchat_workspace_sessions.outside,
    data.rocketchat_workspace_sessions.unsupported,
    data.rocketchat_workspace_sessions.service_accounts,
    data.rocketchat_workspace_sessions.deleted_users,
  ]
}
