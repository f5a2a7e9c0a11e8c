# One session that a report has named. The plan fails when it has ended.
variable "session_id" {
  description = "Id of the session, as session_id of rocketchat_workspace_sessions."
  type        = string
}

data "rocketchat_workspace_session" "reported" {
  session_id = var.session_id
}

output "reported_session" {
  description = "Whose session it is, when it last connected, and on what."
  value = format(
    "%s last connected %s from %s on %s",
    try(coalesce(data.rocketchat_workspace_session.reported.user.username), coalesce(data.rocketchat_workspace_session.reported.user_id), "unknown user"),
    try(coalesce(data.rocketchat_workspace_session.reported.login_at), "at an unknown time"),
    try(coalesce(data.rocketchat_workspace_session.reported.ip), "an unknown address"),
    try(coalesce(data.rocketchat_workspace_session.reported.device.os.name), "an unknown system"),
  )
}
