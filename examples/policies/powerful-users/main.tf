# Who can list sessions, read settings or manage the workspace, through which role?
# The plan fails if a role that is not known for it can, or if one of these users is
# logged in from outside the company's networks.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

locals {
  powerful = [
    "manage-apps",
    "manage-cloud",
    "manage-incoming-integrations",
    "manage-oauth-apps",
    "manage-outgoing-integrations",
    "view-device-management",
    "view-privileged-setting",
  ]

  # IDs of the roles that may have these permissions.
  trusted = ["admin"]

  # The roles that have them, by ID.
  roles = {
    for r in data.rocketchat_roles.all.roles : r.id => {
      name        = r.name
      permissions = sort(setintersection(r.permissions, local.powerful))
    } if length(setintersection(r.permissions, local.powerful)) > 0
  }

  untrusted = [for id, r in local.roles : "  ${r.name} (${id}): ${join(", ", r.permissions)}" if !contains(local.trusted, id)]

  # A permission that nobody has would find nobody.
  unknown = setsubtract(local.powerful, flatten(values(local.roles)[*].permissions))
}

data "rocketchat_roles" "all" {
  permissions = true
}

# The rules about roles. Both data sources share one read.
data "rocketchat_roles" "powerful" {
  lifecycle {
    postcondition {
      condition = length(local.untrusted) == 0
      error_message = join("\n", concat(
        ["${length(local.untrusted)} of ${length(self.roles)} roles have powerful permissions and are not trusted:"],
        slice(local.untrusted, 0, min(30, length(local.untrusted))),
        length(local.untrusted) > 30 ? ["  … and ${length(local.untrusted) - 30} more"] : [],
      ))
    }

    postcondition {
      condition     = length(local.unknown) == 0
      error_message = "No role has these permissions, so they are misspelled or superfluous: ${join(", ", local.unknown)}."
    }
  }
}

data "rocketchat_workspace_sessions" "outside" {
  user_permissions = local.powerful
  outside_cidrs    = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${self.matched} of ${self.total} sessions belong to users with powerful permissions outside the company's networks:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_users" "powerful" {
  user_permissions = local.powerful
}

# Printed whether or not a rule is broken.
output "powerful_users" {
  description = "Users with powerful permissions, by ID, and the roles through which they have them."
  value = {
    for u in data.rocketchat_users.powerful.users : u.id => {
      username = u.username
      roles = coalescelist(
        [for id in u.roles : local.roles[id].name if contains(keys(local.roles), id)],
        ["a role that is gone"],
      )
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when only trusted roles have powerful permissions, and nobody who has them is outside."
  value       = "passed"

  depends_on = [
    data.rocketchat_roles.powerful,
    data.rocketchat_workspace_sessions.outside,
  ]
}
