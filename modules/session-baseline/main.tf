# Which rules are on, and the effect of each. The rules are in rules.tf.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

locals {
  rules = merge(local.built_in, { for rule in var.rules : rule.id => {
    severity  = rule.severity
    title     = rule.title
    rationale = rule.rationale
    remedy    = rule.remedy
  } })

  # A variable cannot check this: it knows only itself.
  unknown = setsubtract(concat(var.disabled, keys(var.severities), [for waiver in var.waivers : waiver.rule]), keys(local.rules))

  levels = { low = 1, medium = 2, high = 3, critical = 4, none = 5 }

  severity = { for id, rule in local.rules : id => lookup(var.severities, id, rule.severity) }

  # A rule is on unless it is disabled or lacks a setting.
  on = { for id, rule in local.rules : id => !contains(var.disabled, id) && try(rule.needs, null) == null }

  # Why a rule is off.
  reason = { for id, rule in local.rules : id => local.on[id] ? null : contains(var.disabled, id) ? "disabled" : "needs ${try(rule.needs, "")}" }

  # The effect of its findings.
  effect = { for id, severity in local.severity : id => (
    !local.on[id] ? "off" :
    local.levels[severity] >= local.levels[var.fail_on] ? "stops" :
    local.levels[severity] >= local.levels[var.warn_on] ? "warns" : "reports"
  ) }
}

module "gate" {
  source   = "./gate"
  for_each = toset([for id in keys(local.rules) : id if local.effect[id] == "stops"])

  severity = local.severity[each.key]
  open     = local.open[each.key]
  message  = local.messages[each.key]
}

module "warning" {
  source   = "./warning"
  for_each = toset([for id in keys(local.rules) : id if local.effect[id] == "warns"])

  severity = local.severity[each.key]
  open     = local.open[each.key]
  message  = local.messages[each.key]
}
