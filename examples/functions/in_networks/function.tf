# How many sessions come from each site.
data "rocketchat_workspace_sessions" "all" {}

locals {
  sites = {
    office = ["10.0.0.0/8", "2001:db8::/32"]
    vpn    = ["203.0.113.0/24"]
  }
}

output "sessions_by_site" {
  description = "The number of sessions of each site."
  value = {
    for site, networks in local.sites : site => length([
      for session in data.rocketchat_workspace_sessions.all.sessions : session.session_id
      if provider::rocketchat::in_networks(session.ip, networks)
    ])
  }
}
