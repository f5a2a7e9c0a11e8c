# A gate that stores nothing: no session is in the state or in a plan file. Service
# accounts are exempt by ID, because users may change their usernames by default.
ephemeral "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  exclude       = { user_id = "^(bYhXfu5hkeqGaobEd|s3rYbM4nQ8vW2kTzA)$" }
}

ephemeral "rocketchat_workspace_sessions" "old_browsers" {
  match                = { device_name = "^(Chrome|Edge|Firefox)$" }
  device_version_below = "113"
  newer_than           = "7d" # only browsers that are still in use
}

output "gate" {
  description = "Printed when no session breaks a rule."
  value       = "passed"

  # A message must not quote what an ephemeral resource reads.
  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.outside.matched == 0
    error_message = "Somebody is logged in from outside the company's networks. See Workspace > Device Management."
  }

  precondition {
    condition     = ephemeral.rocketchat_workspace_sessions.old_browsers.matched == 0
    error_message = "Somebody uses a browser older than version 113. See Workspace > Device Management."
  }
}
