# Reads every session into the plan, for the policies in policy/.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "all" {}
