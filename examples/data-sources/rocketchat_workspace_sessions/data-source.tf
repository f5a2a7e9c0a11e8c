# Sessions from outside the company's networks whose client has not connected
# for 30 days, the longest first. Service accounts may stay.
data "rocketchat_workspace_sessions" "stale" {
  logged_in_before = timeadd(plantimestamp(), "-720h")
  outside_cidrs    = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  exclude = {
    username = "^svc-"
  }

  sort = ["login_at"]
}

output "stale_sessions" {
  description = "Whose session it is, when it last connected, from where and on what."
  value = [
    for session in data.rocketchat_workspace_sessions.stale.sessions : format(
      "%s last connected %s from %s on %s",
      try(coalesce(session.user.username), coalesce(session.user_id), "unknown user"),
      try(coalesce(session.login_at), "at an unknown time"),
      try(coalesce(session.ip), "an unknown address"),
      try(coalesce(session.device.os.name), "an unknown system"),
    )
  ]
}

output "stale_share" {
  description = "How many of the workspace's sessions that are."
  value       = "${data.rocketchat_workspace_sessions.stale.matched} of ${data.rocketchat_workspace_sessions.stale.total}"
}
