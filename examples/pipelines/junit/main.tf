# Reads the workspace, for the tests in sessions.tftest.hcl. Each rule is a data
# source, and all share one read.

terraform {
  required_version = ">= 1.11" # terraform test -junit-xml

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "older_than_30_days" {
  logged_in_before = timeadd(plantimestamp(), "-720h")
}

data "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
}

data "rocketchat_workspace_sessions" "unsupported" {
  match = {
    os_name    = "^windows$"
    os_version = "^(xp|vista|7|8|8\\.1)$"
  }
}

output "older_than_30_days" {
  value = [for s in data.rocketchat_workspace_sessions.older_than_30_days.sessions :
  "${coalesce(try(s.user.username, null), s.user_id, "?")}, since ${coalesce(s.login_at, "an unknown time")}"]
}

output "outside" {
  value = [for s in data.rocketchat_workspace_sessions.outside.sessions :
  "${coalesce(try(s.user.username, null), s.user_id, "?")}, from ${coalesce(s.ip, "an unknown address")}"]
}

output "unsupported" {
  value = [for s in data.rocketchat_workspace_sessions.unsupported.sessions :
  "${coalesce(try(s.user.username, null), s.user_id, "?")}, on ${s.device.os.name} ${s.device.os.version}"]
}
