# Five rules that stop the plan. The data sources share one read of the
# workspace, so all of them cost no more calls than one.

terraform {
  required_version = ">= 1.5" # plantimestamp

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "idle" {
  logged_in_before = timeadd(plantimestamp(), "-720h")

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions have not connected for 30 days:"],
        [for s in self.sessions : "  ${coalesce(try(s.user.username, null), s.user_id, "unknown user")}, last connected ${coalesce(s.login_at, "at an unknown time")}"],
      ))
    }
  }
}

data "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions come from outside the company's networks:"],
        [for s in self.sessions : "  ${coalesce(try(s.user.username, null), s.user_id, "unknown user")}, from ${coalesce(s.ip, "an unknown address")}"],
      ))
    }
  }
}

data "rocketchat_workspace_sessions" "unsupported" {
  match = {
    os_name    = "^windows$"
    os_version = "^(xp|vista|7|8|8\\.1)$"
  }

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions run an unsupported operating system:"],
        [for s in self.sessions : "  ${coalesce(try(s.user.username, null), s.user_id, "unknown user")}, on ${s.device.os.name} ${s.device.os.version}"],
      ))
    }
  }
}

# What has to be counted, or is no argument of the data source, the module does.
data "rocketchat_workspace_sessions" "all" {}

module "policy" {
  source = "../../modules/session-policy"

  sessions             = data.rocketchat_workspace_sessions.all.sessions
  service_accounts     = { username = "^svc-", max_sessions = 3 }
  forbid_deleted_users = true
}

output "gate" {
  description = "Says so when no session breaks a rule."
  value       = "passed"

  precondition {
    condition     = module.policy.summary.service_account == 0
    error_message = module.policy.messages.service_account
  }

  precondition {
    condition     = module.policy.summary.deleted_user == 0
    error_message = module.policy.messages.deleted_user
  }
}
