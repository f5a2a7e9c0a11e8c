# Turns what the rules select into findings, with a description and waivers.

locals {
  now = var.now == null ? plantimestamp() : var.now

  sessions = merge(
    { for id, reads in local.reads : id => concat([], [for read in reads : read.sessions]...) },
    { for rule in var.rules : rule.id => [for s in rule.sessions : s if local.on[rule.id]] if contains(keys(rule), "sessions") },
  )

  # The data sources of the module count more sessions than they list.
  not_listed = { for id, reads in local.reads : id => max(0, sum(concat([0], [for read in reads : read.matched])) - length(local.sessions[id])) }
  total      = max(concat([0], flatten([for reads in values(local.reads) : [for read in reads : read.total]]))...)

  users_of = { for rule in var.rules : rule.id => [for u in rule.users : u if local.on[rule.id]] if contains(keys(rule), "users") }

  # The sessions and users that each rule finds. A username that could hide something is
  # replaced by the ID.
  found = merge(
    { for id, sessions in local.sessions : id => [for s in sessions : {
      subject    = try(coalesce(s.session_id, s.id), null)
      session_id = s.session_id
      user_id    = s.user_id
      username   = try(s.user.username, null)
      detail     = provider::rocketchat::describe(s)
    }] },
    { for id, users in local.users_of : id => [for u in users : {
      subject    = u.id
      session_id = null
      user_id    = u.id
      username   = u.username
      detail     = "${can(regex("^[\\pL\\pN._-]+$", u.username)) ? u.username : u.id}: ${u.last_login_at == null ? "never logged in" : "last logged in ${u.last_login_at}"}"
    }] },
  )

  # The numbers of the waivers of each of them.
  applied = { for id, rows in local.found : id => [for row in rows : [
    for waiver in local.valid[id] : waiver.number
    if anytrue([
      waiver.session_id != null && waiver.session_id == row.session_id,
      try(contains(waiver.user_ids, row.user_id), false),
      try(length(regexall("(?i)^(?:${waiver.user})$", row.username)) > 0, false),
    ])
  ]] }

  # What the module itself finds, not a list of sessions.
  notes = merge(local.posture, local.about_versions, {
    expired_waivers = [for waiver in local.waivers : {
      subject = "waiver of ${waiver.rule} for ${waiver.whom}"
      detail  = "waiver ${waiver.number} of ${waiver.rule}, for ${waiver.whom}, expired on ${waiver.expires}: ${waiver.reason}"
    } if waiver.expired]
    unused_waivers = [for waiver in local.unused : {
      subject = "waiver of ${waiver.rule} for ${waiver.whom}"
      detail  = "waiver ${waiver.number} of ${waiver.rule}, for ${waiver.whom}, until ${waiver.expires}, waives nothing: ${waiver.reason}"
    }]
  })

  # People choose the names of roles, too: remove invisible characters, characters that
  # reverse the direction of text, and commands of CI systems. Compiling these
  # expressions is slow, so all notes of a rule are cleaned and cut together.
  hidden = "/[\\p{Cf}\\p{Co}\\p{Z}\\x{00}-\\x{09}\\x{0B}-\\x{1F}\\x{7F}-\\x{9F}\\x{34F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}\\x{180B}-\\x{180F}\\x{3164}\\x{FE00}-\\x{FE0F}\\x{FFA0}\\x{E0100}-\\x{E01EF}]+/"
  cut    = "/(?m)^(.{250}).*$/"
  cleaned = { for id, notes in local.notes : id => split("\n", replace(replace(replace(
    join("\n", [for note in notes : replace(note.detail, "\n", " ")]),
  local.hidden, " "), "/#+/", "#"), local.cut, "$1")) }

  # What each rule finds, whatever it is about.
  rows = merge(
    { for id, rows in local.found : id => [for number, row in rows : merge(row, {
      waived  = length(local.applied[id][number]) > 0
      reason  = try(local.waivers[local.applied[id][number][0] - 1].reason, null)
      expires = try(local.waivers[local.applied[id][number][0] - 1].expires, null)
    })] },
    { for id, notes in local.notes : id => [for number, note in notes : {
      subject    = note.subject
      session_id = null
      user_id    = null
      username   = null
      detail     = local.cleaned[id][number]
      waived     = false
      reason     = null
      expires    = null
    } if local.on[id]] },
  )

  by_rule = { for id, rule in local.rules : id => [
    for row in local.rows[id] : merge({ rule = id, severity = local.severity[id], title = rule.title }, row)
  ] }

  # Says it where findings are counted.
  beyond = { for id in keys(local.rules) : id => lookup(local.not_listed, id, 0) > 0 ? "${local.not_listed[id]} not listed: raise `listed`" : "" }

  waived = { for id, findings in local.by_rule : id => length([for finding in findings : true if finding.waived]) }
  open   = { for id, findings in local.by_rule : id => length(findings) + lookup(local.not_listed, id, 0) - local.waived[id] }

  shown  = 20
  unseen = { for id, findings in local.by_rule : id => local.open[id] - min(local.shown, length([for finding in findings : true if !finding.waived])) }
  messages = { for id, rule in local.rules : id => join("\n", concat(
    ["${rule.title} (${id}, ${local.severity[id]}): ${local.open[id]}${local.waived[id] > 0 ? ", and ${local.waived[id]} waived" : ""}${local.beyond[id] == "" ? "" : "; ${local.beyond[id]}"}."],
    [for number, line in [for finding in local.by_rule[id] : finding.detail if !finding.waived] : "  - ${line}" if number < local.shown],
    local.unseen[id] > 0 ? ["  ... and ${local.unseen[id]} more."] : [],
    ["  Why: ${rule.rationale}", "  Remedy: ${rule.remedy}"],
  )) }
}
