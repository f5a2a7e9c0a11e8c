# An error message that lists each session on a line of its own. Terraform does
# not wrap lines that begin with spaces.
data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions belong to deleted users:"],
        [for session in self.sessions : "  ${provider::rocketchat::describe(session)}"],
      ))
    }
  }
}
