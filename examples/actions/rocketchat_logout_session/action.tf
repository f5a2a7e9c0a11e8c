# Ends every session that has not connected for 30 days. A personal access token
# has no session, so the provider does not end its own.
data "rocketchat_workspace_sessions" "stale" {
  older_than = "30d"
}

locals {
  # Releases of Rocket.Chat before 6.6 list some sessions without an ID.
  stale = [
    for session in data.rocketchat_workspace_sessions.stale.sessions : session.session_id
    if session.session_id != null
  ]
}

# The action refuses an empty list, so omit it if there is nothing to end.
action "rocketchat_logout_session" "stale" {
  count = length(local.stale) > 0 ? 1 : 0

  config {
    session_ids = local.stale

    # Whoever has connected since the list was read is not stale.
    unless_reconnected = true
  }
}

# Runs the action in every apply that finds such sessions: the time differs in
# each apply, so a session that is still listed is tried again. The events are
# "before" so that nothing is recorded if a logout fails.
resource "terraform_data" "stale" {
  count = length(local.stale) > 0 ? 1 : 0
  input = timestamp()

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.rocketchat_logout_session.stale[0]]
    }
  }
}
