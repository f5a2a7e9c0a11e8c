# Reads every login session of the workspace that the environment names:
# ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN, ROCKETCHAT_TOTP_SECRET.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "all" {}

locals {
  # What the workspace left out is null, and a template needs a text.
  rows = [for s in data.rocketchat_workspace_sessions.all.sessions : {
    user    = try(coalesce(s.user.username), "(deleted user)")
    browser = try("${s.device.name} ${s.device.version}", "-")
    system  = try("${s.device.os.name} ${s.device.os.version}", try(s.device.os.name, "-"))
    ip      = s.ip == null ? "-" : s.ip
    login   = s.login_at == null ? "-" : s.login_at
  }]
}

output "table" {
  description = "The sessions, newest login first."
  value = join("\n", concat(
    [format("%-14s %-18s %-15s %-16s %s", "USER", "BROWSER", "SYSTEM", "ADDRESS", "LOGIN")],
    [for r in local.rows : format("%-14s %-18s %-15s %-16s %s", r.user, r.browser, r.system, r.ip, r.login)],
  ))
}

output "total" {
  description = "How many sessions the workspace has."
  value       = data.rocketchat_workspace_sessions.all.total
}
