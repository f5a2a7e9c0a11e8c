# How many sessions each device has.
data "rocketchat_workspace_sessions" "all" {}

output "sessions_by_device" {
  description = "The number of sessions of each device."
  value = {
    for device, sessions in {
      for session in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::device(session) => session...
    } : device => length(sessions)
  }
}
