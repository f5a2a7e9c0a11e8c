output "violations" {
  description = "One entry for each rule that a session breaks, by rule, then as in sessions. The id may be null on Rocket.Chat before 6.6."
  value       = local.violations
}

output "summary" {
  description = "How many sessions break each rule: idle, network, operating_system, service_account, deleted_user."
  value       = { for rule, offenders in local.broken : rule => length(offenders) }
}

output "messages" {
  description = "For each rule, a text for an error message that lists who breaks it; empty where nobody does."
  value = {
    for rule, offenders in local.broken : rule => length(offenders) == 0 ? "" : join("\n", concat(
      ["${length(offenders)} of ${length(var.sessions)} sessions ${local.titles[rule]}:"],
      [for s in offenders : "  ${s.user} ${s.detail}"],
    ))
  }
}

output "session_ids" {
  description = "The sessions that break a rule, each once, sorted: what to log out."
  value       = sort(distinct([for v in local.violations : v.session_id if v.session_id != null]))
}
