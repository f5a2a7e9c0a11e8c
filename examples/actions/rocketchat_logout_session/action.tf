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
  }
}

# Runs the action in every apply whose list of sessions differs from the last one.
resource "terraform_data" "stale" {
  count = length(local.stale) > 0 ? 1 : 0
  input = sha256(jsonencode(local.stale))

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.rocketchat_logout_session.stale[0]]
    }
  }
}
