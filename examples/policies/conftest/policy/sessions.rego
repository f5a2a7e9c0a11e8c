# Rules about the sessions in a plan. Each gives at most one result, with a line for each
# finding.
package main

sessions := [session | some resource in reads; some session in rows(resource)]

deny_idle_sessions contains text if {
	found := [line |
		some session in sessions
		not connected_recently(session)
		line := sprintf("%s, last connected %s", [user(session), last(session)])
	]
	text := finding(sprintf("%d of %d sessions have not connected for %v days:", [count(found), count(sessions), given.max_idle_days]), found)
}

deny_outside_networks contains text if {
	found := [line |
		some session in sessions
		not is_inside(session)
		line := sprintf("%s, from %s", [user(session), from(session)])
	]
	text := finding(sprintf("%d of %d sessions come from outside the company's networks:", [count(found), count(sessions)]), found)
}

deny_unsupported_systems contains text if {
	found := [line |
		some session in sessions
		is_unsupported(operating_system(session))
		line := sprintf("%s, %s", [user(session), operating_system(session)])
	]
	text := finding(sprintf("%d of %d sessions run an unsupported operating system:", [count(found), count(sessions)]), found)
}

deny_service_accounts contains text if {
	found := [line |
		some resource in reads
		some username in {session.user.username | some session in rows(resource)}
		is_service_account(username)
		number := count([session | some session in rows(resource); session.user.username == username])
		number > given["service_accounts.max_sessions"]
		line := sprintf("%s, %d sessions", [username, number])
	]
	text := finding(
		sprintf("%d service accounts have more than %v sessions:", [count(found), given["service_accounts.max_sessions"]]),
		found,
	)
}

deny_deleted_users contains text if {
	found := [line |
		some session in sessions
		is_null(session.user)
		line := sprintf("%s, last connected %s", [user(session), last(session)])
	]
	text := finding(sprintf("%d of %d sessions belong to deleted users:", [count(found), count(sessions)]), found)
}

# Of what is missing or malformed, nothing is shown: it breaks the rule.
connected_recently(session) if {
	is_time(session.login_at)
	is_time(input.timestamp)
	whole(given.max_idle_days, 1, 45)
	age := time.parse_rfc3339_ns(input.timestamp) - time.parse_rfc3339_ns(session.login_at)
	age <= ((given.max_idle_days * 24) * 3600) * 1000000000
}

is_inside(session) if {
	count(addresses(session)) > 0
	every address in addresses(session) {
		is_in_networks(address)
	}
}

is_in_networks(address) if {
	net.cidr_is_valid(sprintf("%s/%d", [address, bits(address)]))
	some network in list("company_networks")
	is_network(network)
	net.cidr_contains(network, address)
}

bits(address) := 128 if {
	contains(address, ":")
} else := 32

# Proxies may turn the address into a list, add a port, or write IPv4 as
# ::ffff:192.0.2.1.
addresses(session) := [regex.replace(bare, `(?i)^::ffff:([\d.]+)$|%.*$`, "$1") |
	is_string(session.ip)
	some part in regex.split(`[,\s]+`, session.ip)
	part != ""
	bare := regex.replace(part, `^\[(.*)\](:\d+)?$|^([\d.]+):\d+$`, "$1$3")
]

is_unsupported(system) if {
	some expression in list("unsupported_operating_systems")
	is_expression(expression)
	regex.match(concat("", ["(?i)", expression]), system)
}

operating_system(session) := trim_space(sprintf("%s %s", [os.name, version])) if {
	os := session.device.os
	is_string(os.name)
	version := text_or(os.version, "")
}

is_service_account(username) if {
	is_string(username)
	is_expression(given["service_accounts.username"])
	regex.match(concat("", ["(?i)", given["service_accounts.username"]]), username)
}

# A user who was deleted or has no username is known only by ID.
user(session) := session.user.username if {
	text_or(session.user.username, "") != ""
} else := text_or(session.user_id, "unknown user")

last(session) := text_or(session.login_at, "at an unknown time")

from(session) := text_or(session.ip, "an unknown address")

# text_or is a value, or a replacement if the value is null or empty.
text_or(value, otherwise) := value if {
	is_string(value)
	value != ""
} else := otherwise

# finding is a title with at most 30 lines below it, undefined without any. People choose names:
# control characters in them could look like another result.
finding(title, lines) := concat("\n", array.concat([title], array.concat(listed, more))) if {
	count(lines) > 0
	listed := [sprintf("  %s", [substring(regex.replace(line, `\pC|\p{Zl}|\p{Zp}`, " "), 0, 200)]) |
		some line in array.slice(sort(lines), 0, 30)
	]
	more := [sprintf("  … and %d more", [count(lines) - 30]) | count(lines) > 30]
}
