# An error message of 22 lines at most, whoever breaks the rule.
data "rocketchat_workspace_sessions" "idle" {
  older_than = "30d"

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions have not connected for 30 days:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}
