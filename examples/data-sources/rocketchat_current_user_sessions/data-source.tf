# Sessions of a service account from outside the build network, and sessions that
# have not connected for a week.
data "rocketchat_current_user_sessions" "elsewhere" {
  outside_cidrs = ["10.0.0.0/8"]
}

data "rocketchat_current_user_sessions" "idle" {
  older_than = "7d"

  # Only the counts are needed, so no session is stored in the state.
  limit = 0
}

output "sessions_elsewhere" {
  description = "The account's sessions from other networks. The field current is true for the provider's own session, and null before Rocket.Chat 8.7."
  value = [
    for session in data.rocketchat_current_user_sessions.elsewhere.sessions : {
      session = provider::rocketchat::describe(session)
      current = session.current
    }
  ]
}

output "idle_sessions" {
  description = "How many of the account's sessions have not connected for a week."
  value       = "${data.rocketchat_current_user_sessions.idle.matched} of ${data.rocketchat_current_user_sessions.idle.total}"
}
