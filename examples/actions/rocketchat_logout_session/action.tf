# Ends every session whose client has not connected for 30 days. A personal
# access token has no session, so the provider does not end its own.
data "rocketchat_workspace_sessions" "stale" {
  logged_in_before = timeadd(plantimestamp(), "-720h")
}

locals {
  # Rocket.Chat before 6.6 lists some sessions without an id.
  stale = [
    for session in data.rocketchat_workspace_sessions.stale.sessions : session.session_id
    if session.session_id != null
  ]
}

# An empty list is refused, so there is no action where there is nothing to end.
action "rocketchat_logout_session" "stale" {
  count = length(local.stale) > 0 ? 1 : 0

  config {
    session_ids = local.stale
  }
}

# Has the action run in every apply that finds other sessions than the last one.
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
