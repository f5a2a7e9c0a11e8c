# A different minimum version for each browser, from one read of the workspace.
data "rocketchat_workspace_sessions" "all" {}

locals {
  minimum_versions = {
    Chrome  = "113"
    Edge    = "113"
    Firefox = "115"
  }
}

output "outdated_browsers" {
  description = "The sessions whose browser is older than the minimum."
  value = flatten([
    for name, minimum in local.minimum_versions : [
      for session in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(session)
      if try(session.device.name, null) == name && provider::rocketchat::version_below(try(session.device.version, null), minimum)
    ]
  ])
}
