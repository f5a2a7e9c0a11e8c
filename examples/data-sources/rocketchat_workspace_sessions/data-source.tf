# Sessions older than 30 days that come from outside the company's networks,
# the oldest first. Service accounts may stay.
data "rocketchat_workspace_sessions" "stale" {
  logged_in_before = timeadd(plantimestamp(), "-720h")
  outside_cidrs    = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  exclude = {
    username = "^svc-"
  }

  sort = ["login_at"]
}

output "stale_sessions" {
  description = "Who is still logged in from outside, since when and on what."
  value = [
    for session in data.rocketchat_workspace_sessions.stale.sessions : format(
      "%s since %s from %s on %s",
      try(coalesce(session.user.username), "deleted user ${session.user_id}"),
      try(coalesce(session.login_at), "an unknown time"),
      try(coalesce(session.ip), "an unknown address"),
      try(coalesce(session.device.os.name), "an unknown system"),
    )
  ]
}

output "stale_share" {
  description = "How many of the workspace's sessions that are."
  value       = "${data.rocketchat_workspace_sessions.stale.matched} of ${data.rocketchat_workspace_sessions.stale.total}"
}
