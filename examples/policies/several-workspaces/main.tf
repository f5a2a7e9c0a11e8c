# The rules in the folder rules, for two workspaces: one plan, one report, one exit code.

terraform {
  required_version = ">= 1.10" # ephemeral variables; OpenTofu 1.11

  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

# From ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN and ROCKETCHAT_TOTP_SECRET.
provider "rocketchat" {}

# Whatever were null here, the provider would take from the same environment variables,
# and so from the other workspace. Therefore, no variable has a default or may be empty.
provider "rocketchat" {
  alias      = "subsidiary"
  url        = var.subsidiary_url
  user_id    = var.subsidiary_user_id
  auth_token = var.subsidiary_auth_token
  headers    = {}

  two_factor = {
    method      = "totp"
    totp_secret = var.subsidiary_totp_secret
  }
}

variable "subsidiary_url" {
  description = "URL of the second workspace."
  type        = string
  nullable    = false

  validation {
    condition     = trimspace(var.subsidiary_url) != ""
    error_message = "subsidiary_url is empty."
  }
}

variable "subsidiary_user_id" {
  description = "User ID of the account in the second workspace."
  type        = string
  nullable    = false

  validation {
    condition     = trimspace(var.subsidiary_user_id) != ""
    error_message = "subsidiary_user_id is empty."
  }
}

# An ephemeral value is not in the plan file.
variable "subsidiary_auth_token" {
  description = "Token of the account in the second workspace."
  type        = string
  nullable    = false
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = trimspace(var.subsidiary_auth_token) != ""
    error_message = "subsidiary_auth_token is empty."
  }
}

variable "subsidiary_totp_secret" {
  description = "TOTP secret of the account in the second workspace."
  type        = string
  nullable    = false
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = trimspace(var.subsidiary_totp_secret) != ""
    error_message = "subsidiary_totp_secret is empty."
  }
}

module "headquarters" {
  source = "./rules"

  workspace = "headquarters"
  networks  = ["10.0.0.0/8", "203.0.113.0/24"]
}

module "subsidiary" {
  source = "./rules"

  providers = {
    rocketchat = rocketchat.subsidiary
  }

  workspace = "subsidiary"
  networks  = ["10.0.0.0/8", "2001:db8::/32"]
}

# Public settings, which name a workspace.
data "rocketchat_settings" "headquarters" {
  ids = ["Site_Url", "uniqueID"]
}

data "rocketchat_settings" "subsidiary" {
  provider = rocketchat.subsidiary
  ids      = ["Site_Url", "uniqueID"]

  lifecycle {
    postcondition {
      condition     = self.values != data.rocketchat_settings.headquarters.values
      error_message = "Both providers read the same workspace, ${self.values.Site_Url}: set subsidiary_url, subsidiary_user_id, subsidiary_auth_token and subsidiary_totp_secret for the second one."
    }
  }
}

# Without depends_on, Terraform would print this although a rule is broken.
output "gate" {
  description = "Printed when no session breaks a rule in either workspace."
  value       = "passed"

  depends_on = [
    data.rocketchat_settings.subsidiary,
    module.headquarters,
    module.subsidiary,
  ]
}
