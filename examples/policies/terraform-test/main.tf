# A policy that stops the plan if a rule of the module is broken. The unit tests in
# policy.tftest.hcl need no workspace.

terraform {
  required_version = ">= 1.7" # mock_provider; OpenTofu 1.8

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

# A test can expect a condition of this configuration to fail, but not one of a
# module. Therefore, the module only reports.
module "baseline" {
  source = "../../modules/session-baseline"

  read_users       = false
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^svc-", sessions = 3 }
  disabled         = ["silent_clients"]
  fail_on          = "none"
  warn_on          = "none"
}

locals {
  broken = { for id, rule in module.baseline.summary : id => rule if rule.open > 0 && rule.severity != "low" }
}

output "findings" {
  description = "The sessions that break a rule."
  value       = module.baseline.findings

  precondition {
    condition     = length(local.broken) == 0
    error_message = join("\n", [for rule in local.broken : "${rule.title}: ${rule.open}"])
  }
}
