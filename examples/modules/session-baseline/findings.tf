# From what the rules found to findings: described, and waived or not.

locals {
  now = var.now == null ? plantimestamp() : var.now

  # A waiver holds through its last day.
  waivers = [for number, waiver in var.waivers : merge(waiver, {
    number  = number + 1
    whom    = waiver.user == null ? "the session ${waiver.session_id}" : "users matching ${waiver.user}"
    expired = timecmp(local.now, timeadd("${waiver.expires}T00:00:00Z", "24h")) >= 0
  })]

  valid = { for id in keys(local.rules) : id => [for waiver in local.waivers : waiver if waiver.rule == id && !waiver.expired] }

  # What a client or the workspace left out is null.
  found = { for id, reads in local.reads : id => [
    for s in concat([], [for read in reads : read.sessions]...) : {
      session_id = s.session_id
      user_id    = s.user_id
      username   = try(s.user.username, null)
      line = join("", [
        try(coalesce(s.user.username), s.user == null ? "deleted user ${coalesce(s.user_id)}" : coalesce(s.user_id), s.user == null ? "deleted user" : "unknown user"),
        ": ", try(coalesce(join(" ", compact([s.device.name, s.device.version]))), "unknown client"),
        " on ", try(coalesce(join(" ", compact([s.device.os.name, s.device.os.version]))), "unknown system"),
        ", from ", try(coalesce(s.ip), "an unknown address"),
        ", last connected ", coalesce(s.login_at, "at an unknown time"),
      ])
      waivers = [
        for waiver in local.valid[id] : waiver
        if waiver.user == null ? waiver.session_id == s.session_id : try(length(regexall("(?i)^(?:${waiver.user})$", s.user.username)) > 0, false)
      ]
    }
  ] }

  counted = { for id, reads in local.reads : id => sum(concat([0], [for read in reads : read.matched])) }
  total   = max(concat([0], flatten([for reads in values(local.reads) : [for read in reads : read.total]]))...)

  # Nothing is known of what a rule did not list, so its waivers pass for used.
  # A map finds what is the same much faster than distinct() does.
  used = { for id, sessions in local.found : id => { for number in flatten([for s in sessions : s.waivers[*].number]) : number => true... } }
  unused = [
    for waiver in local.waivers : waiver
    if !waiver.expired && !contains(keys(local.used[waiver.rule]), tostring(waiver.number)) && local.counted[waiver.rule] == length(local.found[waiver.rule])
  ]

  about_waivers = {
    expired_waivers = [for waiver in local.waivers : "waiver ${waiver.number} of ${waiver.rule}, for ${waiver.whom}, expired on ${waiver.expires}: ${waiver.reason}" if waiver.expired]
    unused_waivers  = [for waiver in local.unused : "waiver ${waiver.number} of ${waiver.rule}, for ${waiver.whom}, until ${waiver.expires}, waives nothing: ${waiver.reason}"]
  }

  # Names are written by people: nothing that cannot be seen, or turns a line
  # around, and no command of a CI system.
  unseen = "/[\\p{C}\\p{Z}\\x{34F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}\\x{180B}-\\x{180F}\\x{3164}\\x{FE00}-\\x{FE0F}\\x{FFA0}\\x{E0100}-\\x{E01EF}]+/"

  by_rule = { for id, rule in local.rules : id => concat(
    [for s in lookup(local.found, id, []) : {
      rule       = id
      severity   = local.severity[id]
      title      = rule.title
      session_id = s.session_id
      user_id    = s.user_id
      username   = s.username
      detail     = substr(replace(replace(s.line, local.unseen, " "), "/#+/", "#"), 0, 250)
      waived     = length(s.waivers) > 0
      reason     = length(s.waivers) > 0 ? substr(replace(s.waivers[0].reason, local.unseen, " "), 0, 250) : null
    }],
    [for line in local.on[id] ? lookup(local.about_waivers, id, []) : [] : {
      rule       = id
      severity   = local.severity[id]
      title      = rule.title
      session_id = null
      user_id    = null
      username   = null
      detail     = substr(replace(replace(line, local.unseen, " "), "/#+/", "#"), 0, 250)
      waived     = false
      reason     = null
    }],
  ) }

  waived = { for id, findings in local.by_rule : id => length([for finding in findings : true if finding.waived]) }
  open   = { for id, findings in local.by_rule : id => lookup(local.counted, id, length(findings)) - local.waived[id] }

  shown = 20
  messages = { for id, rule in local.rules : id => join("\n", concat(
    ["${rule.title} (${id}, ${local.severity[id]}): ${local.open[id]}${local.waived[id] > 0 ? ", and ${local.waived[id]} waived" : ""}."],
    [for number, line in [for finding in local.by_rule[id] : finding.detail if !finding.waived] : "  - ${line}" if number < local.shown],
    local.open[id] > local.shown ? ["  ... and ${local.open[id] - local.shown} more."] : [],
    ["  Why: ${rule.rationale}", "  Remedy: ${rule.remedy}"],
  )) }
}

module "gate" {
  source   = "./gate"
  for_each = toset([for id in keys(local.rules) : id if local.effect[id] == "stops"])

  open    = local.open[each.key]
  message = local.messages[each.key]
}

module "warning" {
  source   = "./warning"
  for_each = toset([for id in keys(local.rules) : id if local.effect[id] == "warns"])

  open    = local.open[each.key]
  message = local.messages[each.key]
}
