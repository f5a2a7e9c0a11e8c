# Rules that only warn: the exit code stays 0. No rule calls a function of the
# provider, so this also runs with versions before Terraform 1.8.

terraform {
  required_version = ">= 1.5" # check; OpenTofu 1.6

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# Terraform reads a data source inside a check only for that check. A failed
# read is also only a warning. The plan prints the whole result, so the limit
# is 0.
check "idle" {
  data "rocketchat_workspace_sessions" "idle" {
    older_than = "30d"
    limit      = 0
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

# A version that is missing or that is not a number, such as XP, counts as the lowest.
check "operating_systems" {
  data "rocketchat_workspace_sessions" "unsupported" {
    match            = { os_name = "^windows$" }
    os_version_below = "10"
    limit            = 0
  }

  assert {
    condition     = data.rocketchat_workspace_sessions.unsupported.matched == 0
    error_message = "${data.rocketchat_workspace_sessions.unsupported.matched} of ${data.rocketchat_workspace_sessions.unsupported.total} sessions run an unsupported operating system."
  }
}
