# One line for each session of a deleted user.
data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true
}

output "sessions_of_deleted_users" {
  description = "The sessions to log out."
  value       = [for session in data.rocketchat_workspace_sessions.deleted_users.sessions : provider::rocketchat::describe(session)]
}
