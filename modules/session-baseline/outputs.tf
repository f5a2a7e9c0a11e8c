output "findings" {
  description = "A list, most severe rules first, of rule, severity, title, subject, session_id, user_id, username, detail (one printable line), waived, reason and expires (those of the waiver). README.md describes the fields."
  value       = local.findings

  precondition {
    condition     = anytrue([for id in keys(local.found) : local.on[id]])
    error_message = "All rules about sessions are off, so nothing can be found. Remove a rule from disabled."
  }

  precondition {
    condition     = length(local.unknown) == 0
    error_message = "No rule in rules has the ID ${join(", ", local.unknown)}, in disabled, severities or waivers."
  }

  precondition {
    condition     = var.read_users || !local.service_accounts_need_users
    error_message = "The service_accounts are selected by type or role, so read_users must be true. Select them by user_ids or username instead."
  }
}

output "summary" {
  description = "For each rule, by ID: severity, title, rationale, remedy, result (broken, waived, passed or off), effect of open findings (stops, warns, reports or off), reason (why it is off: disabled, or the setting that it needs; else null), open (number of findings that are not waived), waived (number of those that are), and listed (number of those in findings)."
  value       = local.summary
}

output "findings_json" {
  description = "Summary and findings as JSON, in a stable order, to be written to a file. README.md describes the format."
  value = jsonencode({
    version  = 1
    module   = local.version
    sessions = local.total
    rules    = [for id in local.by_severity : merge({ id = id }, local.summary[id])]
    findings = local.findings
  })
}

output "version" {
  description = "Version of the module: that of the release of the provider that it belongs to."
  value       = local.version
}

output "session_ids" {
  description = "The sessions to log out: those with a finding that stops the plan and is not waived, each once, sorted."
  value = keys({ for id in flatten([
    for rule, findings in local.by_rule : [for finding in findings : finding.session_id if !finding.waived && finding.session_id != null] if local.effect[rule] == "stops"
  ]) : id => true... })
}

output "markdown" {
  description = "A report in Markdown: the rules with their numbers of findings, then up to 20 findings of each. Markup in names is escaped."
  value = join("\n", concat(
    ["# Sessions: ${sum(values(local.open))} findings, ${sum(values(local.waived))} waived, ${local.total} sessions", ""],
    ["| rule | severity | findings | waived | effect |", "|---|---|---|---|---|"],
    [for id in local.by_severity : local.on[id] ?
      "| ${id} | ${local.severity[id]} | ${local.open[id]}${local.beyond[id] == "" ? "" : " (${local.beyond[id]})"} | ${local.waived[id]} | ${local.effect[id]} |" :
      "| ${id} | ${local.severity[id]} | | | off: ${local.reason[id]} |"
    ],
    flatten([for id in local.by_severity : length(local.by_rule[id]) == 0 ? [] : concat(
      ["", "## ${local.rules[id].title} (${id}, ${local.severity[id]})", "", "${local.rules[id].rationale} **Remedy:** ${local.rules[id].remedy}", ""],
      [for finding in slice(local.by_rule[id], 0, min(local.shown, length(local.by_rule[id]))) :
        "- ${finding.waived ? "Waived" : "Open"}: ${replace(replace("${finding.detail}${finding.waived ? " (${finding.reason})" : ""}", local.markup, "\\$1"), "/(?i)(www)\\./", "$1\\.")}"
      ],
      [for more in [local.open[id] + local.waived[id] - min(local.shown, length(local.by_rule[id]))] : "- … and ${more} more" if more > 0],
    )]),
    [""],
  ))
}

locals {
  version = "0.1.0"

  # Rules of the same severity are in alphabetical order.
  by_severity = flatten([for level in ["critical", "high", "medium", "low"] : [for id, severity in local.severity : id if severity == level]])

  findings = flatten([for id in local.by_severity : local.by_rule[id]])

  summary = { for id, rule in local.rules : id => {
    severity  = local.severity[id]
    title     = rule.title
    rationale = rule.rationale
    remedy    = rule.remedy
    result    = !local.on[id] ? "off" : local.open[id] > 0 ? "broken" : local.waived[id] > 0 ? "waived" : "passed"
    effect    = local.effect[id]
    reason    = local.reason[id]
    open      = local.open[id]
    waived    = local.waived[id]
    listed    = length(local.by_rule[id])
  } }

  # A backslash prevents markup and links.
  markup = "/([\\\\!\"#$&'()*+:<=>@\\[\\]^_`{|}~])/"
}
