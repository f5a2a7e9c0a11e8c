# Ends every session that has not connected for 30 days. A personal access token
# has no session, so the provider does not end its own.
data "rocketchat_workspace_sessions" "stale" {
  older_than = "30d"
}

resource "rocketchat_session_logout" "stale" {
  # Releases of Rocket.Chat before 6.6 list some sessions without an ID.
  session_ids = [
    for session in data.rocketchat_workspace_sessions.stale.sessions : session.session_id
    if session.session_id != null
  ]

  # The plan fails if there are more: a wrong rule is more likely.
  max_logouts = 50

  # Whoever has connected since the list was read is not stale.
  unless_reconnected = true
}
