# A gate that stores nothing: no session gets into state or plan files.
ephemeral "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  exclude = {
    username = "^svc-"
  }
}

output "gate" {
  description = "Whether the workspace keeps to the rules."
  value       = "passed"

  # A message may not refer to what was read.
  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.outside.matched == 0
    error_message = "Somebody is logged in from outside the company's networks. See Workspace > Device Management."
  }
}
