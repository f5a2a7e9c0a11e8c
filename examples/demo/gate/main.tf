# A rule as code: nobody signs in with a browser older than version 113. The
# plan fails when the rule is broken, and says by whom.

terraform {
  required_providers {
    rocketchat = {
      source = "terraform-rocketchat/rocketchat"
    }
  }
}

provider "rocketchat" {}

data "rocketchat_workspace_sessions" "old_browsers" {
  match = {
    device_type    = "^browser$"
    device_version = "^(\\d{1,2}|10\\d|11[0-2])\\."
  }

  lifecycle {
    postcondition {
      condition = self.matched == 0
      error_message = join("\n", concat(
        ["${self.matched} of ${self.total} sessions use a browser older than version 113:"],
        [for s in self.sessions : "  ${try(coalesce(s.user.username), s.user_id)}: ${s.device.name} ${s.device.version}, since ${s.login_at}"],
      ))
    }
  }
}
