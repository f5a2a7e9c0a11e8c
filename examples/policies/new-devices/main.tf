# The plan fails if somebody is logged in with a device that is not in
# known-devices.json.

terraform {
  required_version = ">= 1.8" # functions; OpenTofu 1.7

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

variable "hash_key" {
  description = "A secret text, the same in every run. If set, the file contains hashes instead of users and devices."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.hash_key == null ? true : length(var.hash_key) >= 16
    error_message = "The key must have 16 characters or more, so that nobody can guess it."
  }
}

data "rocketchat_workspace_sessions" "all" {}

locals {
  # Without the file, no device is known.
  file  = "${path.module}/known-devices.json"
  known = fileexists(local.file) ? jsondecode(file(local.file)) : {}

  # The newest session of each device comes first.
  devices = { for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::device(s) => s... }
  keys    = { for device in keys(local.devices) : device => nonsensitive(var.hash_key == null ? device : sha256("${var.hash_key}:${device}")) }
  new     = [for device, sessions in local.devices : sessions[0] if !can(local.known[local.keys[device]])]

  # The value is for the reviewer; only the key counts. A device that is not
  # logged in now stays known.
  names = { for device, sessions in local.devices :
    local.keys[device] => nonsensitive(var.hash_key == null ? split(": ", provider::rocketchat::describe(sessions[0]))[0] : "")
  }
  acknowledged = merge(local.names, local.known)
}

# It does not depend on the gate, so the plan contains it although the gate fails.
output "known_devices" {
  description = "The content of known-devices.json that would let the gate pass."
  value       = "{\n${join(",\n", [for key in keys(local.acknowledged) : "  ${jsonencode(key)}: ${jsonencode(local.acknowledged[key])}"])}\n}\n"
  sensitive   = true # not on the screen
}

output "gate" {
  description = "Printed when every device is known."
  value       = "passed"

  precondition {
    condition = length(local.new) == 0
    error_message = join("\n", [
      "${length(local.new)} of ${length(local.devices)} devices are not in known-devices.json:",
      provider::rocketchat::summarize(local.new, 20),
    ])
  }
}
