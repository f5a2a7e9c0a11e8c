terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

# Each of these attributes also has an environment variable: with ROCKETCHAT_URL,
# ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN and ROCKETCHAT_TOTP_SECRET set, an
# empty block has the same effect.
provider "rocketchat" {
  url        = "https://chat.example.com"
  user_id    = var.rocketchat_user_id
  auth_token = var.rocketchat_auth_token

  two_factor = {
    totp_secret = var.rocketchat_totp_secret
  }
}

variable "rocketchat_user_id" {
  description = "ID of the user that the token belongs to."
  type        = string
}

variable "rocketchat_auth_token" {
  description = "Personal access token."
  type        = string
  sensitive   = true
}

variable "rocketchat_totp_secret" {
  description = "TOTP secret of the account."
  type        = string
  sensitive   = true
}
