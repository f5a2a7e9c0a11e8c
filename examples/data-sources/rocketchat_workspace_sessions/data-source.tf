locals {
  # By ID, because users may change their usernames by default, and could so become exempt.
  service_accounts = "^(bYhXfu5hkeqGaobEd|s3rYbM4nQ8vW2kTzA)$"
}

# Sessions from outside the company's networks that have not connected for 30
# days, longest ago first. Service accounts are exempt.
data "rocketchat_workspace_sessions" "stale" {
  older_than    = "30d"
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  exclude       = { user_id = local.service_accounts }
  sort          = ["login_at"]
}

# Browsers older than version 113. Name the browser: versions of different
# browsers cannot be compared.
data "rocketchat_workspace_sessions" "old_browsers" {
  match                = { device_name = "^(Chrome|Edge|Firefox)$" }
  device_version_below = "113"
}

# Every session of a service account except the three most recently connected.
data "rocketchat_workspace_sessions" "surplus" {
  match           = { user_id = local.service_accounts }
  beyond_per_user = 3
}

output "stale_sessions" {
  description = "One line for each stale session."
  value       = [for session in data.rocketchat_workspace_sessions.stale.sessions : provider::rocketchat::describe(session)]
}

output "counts" {
  description = "How many sessions each rule matches."
  value = {
    stale        = data.rocketchat_workspace_sessions.stale.matched
    old_browsers = data.rocketchat_workspace_sessions.old_browsers.matched
    surplus      = data.rocketchat_workspace_sessions.surplus.matched
    all          = data.rocketchat_workspace_sessions.stale.total
  }
}
