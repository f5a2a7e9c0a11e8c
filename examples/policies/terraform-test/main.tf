# A policy of the module's rules that stops the plan, and is unit-tested by
# policy.tftest.hcl without a workspace.

terraform {
  required_version = ">= 1.7" # mock_provider; OpenTofu 1.8

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

variable "now" {
  description = "The time to count idle days back from, in RFC 3339, for tests."
  type        = string
  default     = null
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "all" {}

module "policy" {
  source = "../../modules/session-policy"

  sessions                      = data.rocketchat_workspace_sessions.all.sessions
  max_idle_days                 = 30
  company_networks              = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  unsupported_operating_systems = ["^windows (xp|vista|7|8)"]
  service_accounts              = { username = "^svc-" }
  now                           = var.now
}

output "violations" {
  description = "Who breaks which rule."
  value       = module.policy.violations

  precondition {
    condition     = length(module.policy.violations) == 0
    error_message = join("\n", compact(values(module.policy.messages)))
  }
}
