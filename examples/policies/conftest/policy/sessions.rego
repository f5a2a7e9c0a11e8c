# METADATA
# description: Rules about the sessions in a plan, which is the input.
package main

settings := data.settings

# Data sources are read before the plan, so they are in its prior state: in the
# root module or in any other.
reads contains resource if {
	walk(input.prior_state.values, [_, resource])
	resource.mode == "data"
	resource.type == "rocketchat_workspace_sessions"
}

sessions contains session if {
	some resource in reads
	some session in resource.values.sessions
}

# A gate that has read nothing must not pass.
deny contains "the plan does not read rocketchat_workspace_sessions" if count(reads) == 0

deny contains "the plan is not complete" if input.errored

# Rocket.Chat deletes sessions after about 46 days.
deny contains "max_idle_days is more than 45, which no session can reach" if settings.max_idle_days > 45

deny contains message if {
	some session in sessions
	idle(session)
	message := sprintf("%s last connected %s, more than %d days ago", [user(session), last(session), settings.max_idle_days])
}

deny contains message if {
	some session in sessions
	outside(session)
	message := sprintf("%s comes from %s, outside the company's networks", [user(session), from(session)])
}

deny contains message if {
	some session in sessions
	system := operating_system(session)
	some expression in settings.unsupported_operating_systems
	regex.match(concat("", ["(?i)", expression]), system)
	message := sprintf("%s runs %s, which is not supported", [user(session), system])
}

deny contains message if {
	some username
	service_accounts[username]
	number := count([session | some session in sessions; session.user.username == username])
	number > settings.service_accounts.max_sessions
	message := sprintf("%s has %d sessions, more than %d", [username, number, settings.service_accounts.max_sessions])
}

deny contains message if {
	some session in sessions
	is_null(session.user)
	message := sprintf("%s is deleted but has a session, last connected %s", [user(session), last(session)])
}

idle(session) if is_null(session.login_at)

idle(session) if {
	age := time.parse_rfc3339_ns(input.timestamp) - time.parse_rfc3339_ns(session.login_at)
	age > ((settings.max_idle_days * 24) * 3600) * 1000000000
}

outside(session) if count(addresses(session)) == 0

outside(session) if {
	some address in addresses(session)
	not within(address)
}

within(address) if {
	net.cidr_is_valid(sprintf("%s/%d", [address, bits(address)]))
	some network in settings.company_networks
	net.cidr_contains(network, address)
}

bits(address) := 128 if contains(address, ":")

else := 32

# Proxies may turn the address into a list, add a port, or write IPv4 as
# ::ffff:192.0.2.1.
addresses(session) := [regex.replace(bare, `(?i)^::ffff:([\d.]+)$|%.*$`, "$1") |
	is_string(session.ip)
	some part in regex.split(`[,\s]+`, session.ip)
	part != ""
	bare := regex.replace(part, `^\[(.*)\](:\d+)?$|^([\d.]+):\d+$`, "$1$3")
]

operating_system(session) := trim_space(sprintf("%s %s", [os.name, version])) if {
	os := session.device.os
	is_string(os.name)
	version := text(os.version, "")
}

service_accounts contains username if {
	some session in sessions
	username := session.user.username
	regex.match(concat("", ["(?i)", settings.service_accounts.username]), username)
}

# A user who was deleted or has no username is known only by ID.
user(session) := session.user.username if text(session.user.username, "") != ""

else := text(session.user_id, "unknown user")

last(session) := text(session.login_at, "at an unknown time")

from(session) := text(session.ip, "an unknown address")

# text is a value, or a replacement if the value is null or empty.
text(value, otherwise) := value if {
	is_string(value)
	value != ""
}

else := otherwise
