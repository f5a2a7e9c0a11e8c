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
  # Fields that the workspace omits are null, which format() does not accept. If
  # there is no text, coalesce() fails, and try() returns the dash.
  rows = [for s in data.rocketchat_workspace_sessions.all.sessions : {
    user    = s.user == null ? "(deleted user)" : try(coalesce(s.user.username, s.user_id), "-")
    browser = try(coalesce(join(" ", compact([s.device.name, s.device.version]))), "-")
    system  = try(coalesce(join(" ", compact([s.device.os.name, s.device.os.version]))), "-")
    ip      = try(coalesce(s.ip), "-")
    login   = try(coalesce(s.login_at), "-")
  }]
}

output "table" {
  description = "The sessions, most recently connected first."
  value = join("\n", concat(
    [format("%-14s %-18s %-15s %-16s %s", "USER", "BROWSER", "SYSTEM", "ADDRESS", "LAST CONNECTED")],
    [for r in local.rows : format("%-14s %-18s %-15s %-16s %s", r.user, r.browser, r.system, r.ip, r.login)],
  ))
}

output "total" {
  description = "How many sessions the workspace has."
  value       = data.rocketchat_workspace_sessions.all.total
}
