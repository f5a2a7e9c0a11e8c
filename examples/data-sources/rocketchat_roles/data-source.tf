# A second factor is mandatory for every role that may read private settings
# or list sessions. A plan that finds otherwise fails.
data "rocketchat_roles" "all" {
  permissions = true

  lifecycle {
    postcondition {
      condition = alltrue([
        for r in self.roles : r.mandatory_2fa
        if length(setintersection(r.permissions, ["view-privileged-setting", "view-device-management"])) > 0
      ])
      error_message = "A second factor is not mandatory for some of the roles that may read private settings or list sessions."
    }
  }
}

output "roles_without_second_factor" {
  description = "Names of the roles for which no second factor is mandatory."
  value       = [for r in data.rocketchat_roles.all.roles : r.name if !r.mandatory_2fa]
}
