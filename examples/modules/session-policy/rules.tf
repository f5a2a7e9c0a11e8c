terraform {
  required_version = ">= 1.5" # plantimestamp
}

locals {
  now      = var.now == null ? plantimestamp() : var.now
  deadline = var.max_idle_days == null ? null : timeadd(local.now, "-${var.max_idle_days * 24}h")

  # What the workspace left out is null: it is named here, once, for all rules.
  facts = [for index, s in var.sessions : {
    session_id = s.session_id
    deleted    = s.user == null
    # Whoever was deleted, or never had a name, is known by the id alone.
    user     = try(coalesce(s.user.username), coalesce(s.user_id), "unknown user")
    username = try(coalesce(s.user.username), tostring(null))
    login_at = s.login_at
    last     = s.login_at == null ? "at an unknown time" : s.login_at
    from     = try(coalesce(s.ip), "an unknown address")
    system   = try(trimspace("${coalesce(s.device.os.name)} ${try(coalesce(s.device.os.version), "")}"), tostring(null))
    # Sorts by last connection, and by place in the list where those are equal;
    # a session without a time comes first.
    order = format("%s %012d", s.login_at == null ? "" : s.login_at, length(var.sessions) - index)
    # Proxies may make a list of the address, give it a port, or write IPv4 as
    # ::ffff:192.0.2.1.
    addresses = [
      for part in compact(split(" ", replace(s.ip == null ? "" : s.ip, "/[,\\s]+/", " "))) :
      replace(replace(part, "/^\\[(.*)\\](:\\d+)?$|^([\\d.]+):\\d+$/", "$1$3"), "/(?i)^::ffff:([\\d.]+)$|%.*$/", "$1")
    ]
  }]
}

locals {
  idle = local.deadline == null ? [] : [
    for s in local.facts : merge(s, { detail = "last connected ${s.last}" })
    if s.login_at == null ? true : timecmp(s.login_at, local.deadline) < 0
  ]

  # An address is inside when it and the network have the same first address
  # under the network's mask. cidrhost refuses what is no address.
  outside = var.company_networks == null ? [] : [
    for s in local.facts : merge(s, { detail = "comes from ${s.from}" })
    if length(s.addresses) == 0 || !alltrue([
      for address in s.addresses : anytrue([
        for network in var.company_networks :
        try(cidrhost("${address}/${split("/", network)[1]}", 0) == cidrhost(network, 0), false)
      ])
    ])
  ]

  unsupported = [
    for s in local.facts : merge(s, { detail = "runs ${s.system}" })
    if s.system == null ? false : anytrue([
      for expression in var.unsupported_operating_systems : length(regexall("(?i)${expression}", s.system)) > 0
    ])
  ]

  # The newest first, by account.
  service_accounts = {
    for s in local.facts : s.username => s.order...
    if var.service_accounts == null || s.username == null ? false : length(regexall("(?i)${var.service_accounts.username}", s.username)) > 0
  }
  surplus = flatten([
    for username, orders in local.service_accounts : [
      for s in local.facts : merge(s, {
        detail = "is one of ${length(orders)} sessions of a service account, last connected ${s.last}"
      })
      if s.username == username && contains(slice(sort(orders), 0, max(0, length(orders) - var.service_accounts.max_sessions)), s.order)
    ]
  ])

  ownerless = [
    for s in local.facts : merge(s, { detail = "belongs to a deleted user" })
    if var.forbid_deleted_users && s.deleted
  ]
}

locals {
  broken = {
    idle             = local.idle
    network          = local.outside
    operating_system = local.unsupported
    service_account  = local.surplus
    deleted_user     = local.ownerless
  }

  titles = {
    idle             = "have not connected for ${coalesce(var.max_idle_days, 0)} days"
    network          = "come from outside the company's networks"
    operating_system = "run an unsupported operating system"
    service_account  = "exceed the ${try(var.service_accounts.max_sessions, 0)} that a service account may have"
    deleted_user     = "belong to deleted users"
  }

  violations = flatten([
    for rule, offenders in local.broken : [
      for s in offenders : { rule = rule, session_id = s.session_id, user = s.user, detail = s.detail }
    ]
  ])
}
