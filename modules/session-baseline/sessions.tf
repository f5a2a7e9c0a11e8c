# The data source of each rule. All of them share one read of the workspace, and
# list no more sessions than needed.

data "rocketchat_workspace_sessions" "idle" {
  count = local.on.idle ? 1 : 0

  older_than = "${var.idle_days}d"
  limit      = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "outside_networks" {
  count = local.on.outside_networks ? 1 : 0

  outside_cidrs = var.networks
  limit         = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "unsupported_systems" {
  for_each = { for name, minimum in local.minimums.unsupported_systems : name => minimum.version if local.on.unsupported_systems }

  match            = { os_name = "^\\Q${each.key}\\E$" }
  os_version_below = each.value
  limit            = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "old_browsers" {
  for_each = { for name, minimum in local.minimums.old_browsers : name => minimum.version if local.on.old_browsers }

  match                = { device_name = "^\\Q${each.key}\\E$" }
  exclude              = { device_type = "-app$" }
  device_version_below = each.value
  limit                = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "old_apps" {
  for_each = { for name, minimum in local.minimums.old_apps : name => minimum.version if local.on.old_apps }

  match                = { device_name = "^\\Q${each.key}\\E$", device_type = "-app$" }
  device_version_below = each.value
  limit                = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "too_many_sessions" {
  count = local.on.too_many_sessions ? 1 : 0

  beyond_per_user = var.sessions_per_user
  limit           = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "service_accounts" {
  count = local.on.service_accounts ? 1 : 0

  match           = length(local.service_accounts_match) > 0 ? local.service_accounts_match : null
  user_types      = try(var.service_accounts.user_types, null)
  user_roles      = try(var.service_accounts.user_roles, null)
  beyond_per_user = var.service_accounts.sessions
  limit           = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "deleted_users" {
  count = local.on.deleted_users ? 1 : 0

  user_deleted = true
  limit        = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "deactivated_users" {
  count = local.on.deactivated_users ? 1 : 0

  user_active = false
  limit       = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "administrators_outside_networks" {
  count = local.on.administrators_outside_networks ? 1 : 0

  user_roles    = var.administrators
  outside_cidrs = var.networks
  limit         = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "administrators_idle" {
  count = local.on.administrators_idle ? 1 : 0

  user_roles = var.administrators
  older_than = "${var.administrators_idle_days}d"
  limit      = var.listed

  timeouts {
    read = var.read_timeout
  }
}

# Browsers on macOS have an empty type, and a client that sends no type may be one.
data "rocketchat_workspace_sessions" "bots_on_browsers" {
  count = local.on.bots_on_browsers ? 1 : 0

  user_types = ["bot"]
  match      = { device_name = "\\S" }
  exclude    = { device_type = "^(mobile-app|desktop-app|other)$" }
  limit      = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "silent_clients" {
  count = local.on.silent_clients ? 1 : 0

  exclude = { device_name = "\\S", os_name = "\\S" }
  limit   = var.listed

  timeouts {
    read = var.read_timeout
  }
}

# Every readable address is in one of these networks.
data "rocketchat_workspace_sessions" "unreadable_addresses" {
  count = local.on.unreadable_addresses ? 1 : 0

  outside_cidrs = ["0.0.0.0/0", "::/0"]
  exclude       = { ip = local.address_list }
  limit         = var.listed

  timeouts {
    read = var.read_timeout
  }
}

data "rocketchat_workspace_sessions" "address_lists" {
  count = local.on.unreadable_addresses ? 1 : 0

  match = { ip = local.address_list }
  limit = var.listed

  timeouts {
    read = var.read_timeout
  }
}

locals {
  service_accounts_match = merge(
    try({ username = tostring(coalesce(var.service_accounts.username)) }, {}),
    try({ user_id = "^(?:${join("|", [for id in var.service_accounts.user_ids : "\\Q${id}\\E"])})$" }, {}),
  )

  address_list = "[^,\\s][,\\s]+[^,\\s]"

  reads = {
    idle                            = data.rocketchat_workspace_sessions.idle
    outside_networks                = data.rocketchat_workspace_sessions.outside_networks
    unsupported_systems             = values(data.rocketchat_workspace_sessions.unsupported_systems)
    old_browsers                    = values(data.rocketchat_workspace_sessions.old_browsers)
    old_apps                        = values(data.rocketchat_workspace_sessions.old_apps)
    too_many_sessions               = data.rocketchat_workspace_sessions.too_many_sessions
    service_accounts                = data.rocketchat_workspace_sessions.service_accounts
    deleted_users                   = data.rocketchat_workspace_sessions.deleted_users
    deactivated_users               = data.rocketchat_workspace_sessions.deactivated_users
    administrators_outside_networks = data.rocketchat_workspace_sessions.administrators_outside_networks
    administrators_idle             = data.rocketchat_workspace_sessions.administrators_idle
    bots_on_browsers                = data.rocketchat_workspace_sessions.bots_on_browsers
    silent_clients                  = data.rocketchat_workspace_sessions.silent_clients
    unreadable_addresses            = concat(data.rocketchat_workspace_sessions.unreadable_addresses, data.rocketchat_workspace_sessions.address_lists)
  }
}
