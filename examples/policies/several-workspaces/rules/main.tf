# The rules for one workspace. Its messages begin with the name of the workspace.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

variable "workspace" {
  description = "Name of the workspace in messages."
  type        = string
}

variable "networks" {
  description = "Networks of the company, without which every session is outside."
  type        = list(string)
}

data "rocketchat_workspace_sessions" "idle" {
  older_than = "30d"

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${var.workspace}: ${self.matched} of ${self.total} sessions have not connected for 30 days:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_workspace_sessions" "outside" {
  outside_cidrs = var.networks

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${var.workspace}: ${self.matched} of ${self.total} sessions come from outside the company's networks:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}

data "rocketchat_workspace_sessions" "deleted_users" {
  user_deleted = true

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", [
        "${var.workspace}: ${self.matched} of ${self.total} sessions belong to deleted users:",
        provider::rocketchat::summarize(self.sessions, 20),
      ])
    }
  }
}
