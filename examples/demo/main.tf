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
  # Whatever the workspace left out is null, which format() refuses. coalesce()
  # fails where there is no text, and try() then takes the dash.
  rows = [for s in data.rocketchat_workspace_sessions.all.sessions : {
    user    = s.user == null ? "(deleted user)" : try(coalesce(s.user.username, s.user_id), "-")
    browser = try(coalesce(join(" ", compact([s.device.name, s.device.version]))), "-")
    system  = try(coalesce(join(" ", compact([s.device.os.name, s.device.os.version]))), "-")
    ip      = try(coalesce(s.ip), "-")
    login   = try(coalesce(s.login_at), "-")
  }]
}

output "table" {
  description = "The sessions, the newest connection first."
  value = join("\n", concat(
    [format("%-14s %-18s %-15s %-16s %s", "USER", "BROWSER", "SYSTEM", "ADDRESS", "LAST CONNECTED")],
    [for r in local.rows : format("%-14s %-18s %-15s %-16s %s", r.user, r.browser, r.system, r.ip, r.login)],
  ))
}

output "total" {
  description = "How many sessions the workspace has."
  value       = data.rocketchat_workspace_sessions.all.total
}
