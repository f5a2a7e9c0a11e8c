# Active users who have not logged in for 90 days.
data "rocketchat_users" "dormant" {
  active       = true
  types        = ["user"]
  inactive_for = "90d"
  sort         = ["last_login_at", "username"]
}

output "dormant_users" {
  description = "Usernames and last logins, longest ago first. Users who have never logged in come first, with null."
  value       = [for u in data.rocketchat_users.dormant.users : { username = u.username, last_login_at = u.last_login_at }]
}
