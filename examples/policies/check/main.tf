# Rules that warn: nothing stops, the status stays 0.

terraform {
  required_version = ">= 1.5" # check, plantimestamp

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# A data source inside a check is read for the check alone. When it cannot be
# read, that is a warning, too, and stops as little as a broken rule. Its whole
# result is printed with the plan, hence the limit of 0 sessions.
check "idle" {
  data "rocketchat_workspace_sessions" "idle" {
    logged_in_before = timeadd(plantimestamp(), "-720h")
    limit            = 0
  }

  assert {
    condition     = data.rocketchat_workspace_sessions.idle.matched == 0
    error_message = "${data.rocketchat_workspace_sessions.idle.matched} of ${data.rocketchat_workspace_sessions.idle.total} sessions have not connected for 30 days."
  }
}

check "networks" {
  data "rocketchat_workspace_sessions" "outside" {
    outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
    limit         = 0
  }

  assert {
    condition     = data.rocketchat_workspace_sessions.outside.matched == 0
    error_message = "${data.rocketchat_workspace_sessions.outside.matched} of ${data.rocketchat_workspace_sessions.outside.total} sessions come from outside the company's networks."
  }
}

check "operating_systems" {
  data "rocketchat_workspace_sessions" "unsupported" {
    match = {
      os_name    = "^windows$"
      os_version = "^(xp|vista|7|8|8\\.1)$"
    }
    limit = 0
  }

  assert {
    condition     = data.rocketchat_workspace_sessions.unsupported.matched == 0
    error_message = "${data.rocketchat_workspace_sessions.unsupported.matched} of ${data.rocketchat_workspace_sessions.unsupported.total} sessions run an unsupported operating system."
  }
}
