# A service account should be logged in from the build network only, and have
# no login that has not been used for a week.
data "rocketchat_current_user_sessions" "elsewhere" {
  outside_cidrs = ["10.0.0.0/8"]
}

data "rocketchat_current_user_sessions" "idle" {
  logged_in_before = timeadd(plantimestamp(), "-168h")

  # The count is enough; no session gets into the state.
  limit = 0
}

output "sessions_elsewhere" {
  description = "Where else the account is logged in, and whether that is this very login; null before Rocket.Chat 8.7."
  value = [
    for session in data.rocketchat_current_user_sessions.elsewhere.sessions : {
      ip      = session.ip
      system  = try(coalesce(session.device.os.name), null)
      current = session.current
    }
  ]
}

output "idle_sessions" {
  description = "How many of the account's sessions have not connected for a week."
  value       = "${data.rocketchat_current_user_sessions.idle.matched} of ${data.rocketchat_current_user_sessions.idle.total}"
}
