# Turns the sessions that the rules select into findings, with a description and waivers.

locals {
  now = var.now == null ? plantimestamp() : var.now

  # A waiver is valid through its last day.
  waivers = [for number, waiver in var.waivers : {
    number     = number + 1
    rule       = waiver.rule
    user       = try(waiver.user, null)
    user_ids   = try(toset(waiver.user_ids), toset([]))
    session_id = try(waiver.session_id, null)
    reason     = replace(replace(replace(waiver.reason, "\n", " "), local.unseen, " "), local.cut, "$1")
    whom       = try("users matching ${waiver.user}", "the session ${waiver.session_id}", "${length(waiver.user_ids)} users")
    expires    = waiver.expires
    expired    = timecmp(local.now, timeadd("${waiver.expires}T00:00:00Z", "24h")) >= 0
  }]

  valid = { for id in keys(local.rules) : id => [for waiver in local.waivers : waiver if waiver.rule == id && !waiver.expired] }

  sessions = { for id, reads in local.reads : id => concat([], [for read in reads : read.sessions]...) }

  # The numbers of the waivers of each session.
  applied = { for id, sessions in local.sessions : id => [for s in sessions : [
    for waiver in local.valid[id] : waiver.number
    if anytrue([
      waiver.session_id != null && waiver.session_id == s.session_id,
      try(contains(waiver.user_ids, s.user_id), false),
      try(length(regexall("(?i)^(?:${waiver.user})$", s.user.username)) > 0, false),
    ])
  ]] }

  # What the module itself finds, not a list of sessions.
  notes = merge(local.posture, {
    unreported_names = [
      for key, name in local.unusual_names : {
        subject = key
        detail  = "no client reports the name \"${name.name}\" in ${name.setting}; it must be a whole name as in the sessions, such as ${name.example}"
      } if data.rocketchat_workspace_sessions.reported[key].matched == 0
    ]
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
  unseen = "/[\\p{Cf}\\p{Co}\\p{Z}\\x{00}-\\x{09}\\x{0B}-\\x{1F}\\x{7F}-\\x{9F}\\x{34F}\\x{115F}\\x{1160}\\x{17B4}\\x{17B5}\\x{180B}-\\x{180F}\\x{3164}\\x{FE00}-\\x{FE0F}\\x{FFA0}\\x{E0100}-\\x{E01EF}]+/"
  cut    = "/(?m)^(.{250}).*$/"
  cleaned = { for id, notes in local.notes : id => split("\n", replace(replace(replace(
    join("\n", [for note in notes : replace(note.detail, "\n", " ")]),
  local.unseen, " "), "/#+/", "#"), local.cut, "$1")) }

  counted = { for id, reads in local.reads : id => sum(concat([0], [for read in reads : read.matched])) }
  total   = max(concat([0], flatten([for reads in values(local.reads) : [for read in reads : read.total]]))...)

  # If a rule did not list all sessions, its waivers count as used. A map removes
  # duplicates much faster than distinct().
  used = { for id, numbers in local.applied : id => keys({ for number in flatten(numbers) : number => true... }) }
  unused = [
    for waiver in local.waivers : waiver
    if !waiver.expired && !contains(local.used[waiver.rule], tostring(waiver.number)) && local.counted[waiver.rule] == length(local.sessions[waiver.rule])
  ]

  # What each rule finds, whatever it is about.
  rows = merge(
    { for id, sessions in local.sessions : id => [for number, s in sessions : {
      subject    = try(coalesce(s.session_id, s.id), null)
      session_id = s.session_id
      user_id    = s.user_id
      username   = try(s.user.username, null)
      detail     = provider::rocketchat::describe(s)
      waived     = length(local.applied[id][number]) > 0
      reason     = try(local.waivers[local.applied[id][number][0] - 1].reason, null)
      expires    = try(local.waivers[local.applied[id][number][0] - 1].expires, null)
    }] },
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
    for row in lookup(local.rows, id, []) : merge({ rule = id, severity = local.severity[id], title = rule.title }, row)
  ] }

  not_listed = { for id in keys(local.rules) : id => max(0, lookup(local.counted, id, 0) - length(lookup(local.sessions, id, []))) }

  # Says it where findings are counted.
  beyond = { for id, number in local.not_listed : id => number > 0 ? "${number} not listed: raise `listed`" : "" }

  waived = { for id, findings in local.by_rule : id => length([for finding in findings : true if finding.waived]) }
  open   = { for id, findings in local.by_rule : id => lookup(local.counted, id, length(findings)) - local.waived[id] }

  shown = 20
  messages = { for id, rule in local.rules : id => join("\n", concat(
    ["${rule.title} (${id}, ${local.severity[id]}): ${local.open[id]}${local.waived[id] > 0 ? ", and ${local.waived[id]} waived" : ""}${local.not_listed[id] > 0 ? "; ${local.beyond[id]}" : ""}."],
    [for number, line in [for finding in local.by_rule[id] : finding.detail if !finding.waived] : "  - ${line}" if number < local.shown],
    local.open[id] > local.shown ? ["  ... and ${local.open[id] - local.shown} more."] : [],
    ["  Why: ${rule.rationale}", "  Remedy: ${rule.remedy}"],
  )) }
}
