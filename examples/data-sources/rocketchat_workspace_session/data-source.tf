# One session that a report names. The plan fails if the session has ended.
variable "session_id" {
  description = "ID of the session, such as session_id of rocketchat_workspace_sessions."
  type        = string
}

data "rocketchat_workspace_session" "reported" {
  session_id = var.session_id
}

output "reported_session" {
  description = "Who the session belongs to, its client, and when it last connected."
  value       = provider::rocketchat::describe(data.rocketchat_workspace_session.reported)
}
