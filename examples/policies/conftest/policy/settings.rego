# The settings, which are checked whole: a rule with a misspelled setting would be undefined,
# and pass.
package main

deny_settings contains {"msg": text, "unevaluated": true} if {
	text := finding(sprintf("%d mistakes in settings.yaml:", [count(mistakes)]), [line | some line in mistakes])
}

settings := data.settings if {
	is_object(data.settings)
} else := {}

service_accounts := settings.service_accounts if {
	is_object(settings.service_accounts)
} else := {}

# The value of each setting that is there.
given[key] := settings[key] if some key in {"max_idle_days", "company_networks", "unsupported_operating_systems"}

given["service_accounts.username"] := service_accounts.username

given["service_accounts.max_sessions"] := service_accounts.max_sessions

required := {
	"max_idle_days",
	"company_networks",
	"unsupported_operating_systems",
	"service_accounts.username",
	"service_accounts.max_sessions",
}

mistakes contains sprintf("%s is missing", [key]) if some key in (required - object.keys(given))

mistakes contains sprintf("%s is unknown", [key]) if {
	some key in (object.keys(settings) - {split(name, ".")[0] | some name in required})
}

mistakes contains sprintf("service_accounts.%s is unknown", [key]) if {
	some key in (object.keys(service_accounts) - {"username", "max_sessions"})
}

# Rocket.Chat deletes sessions after about 46 days.
mistakes contains text if {
	not whole(given.max_idle_days, 1, 45)
	text := wrong("max_idle_days", given.max_idle_days, "a whole number from 1 to 45, because Rocket.Chat deletes older sessions")
}

mistakes contains text if {
	key := "service_accounts.max_sessions"
	not whole(given[key], 0, 1000)
	text := wrong(key, given[key], "a whole number from 0 to 1000")
}

mistakes contains text if {
	key := "service_accounts.username"
	not is_expression(given[key])
	text := wrong(key, given[key], "a regular expression in RE2 syntax, without white space at its ends")
}

mistakes contains text if {
	some key in {"company_networks", "unsupported_operating_systems"}
	not is_filled(given[key])
	text := wrong(key, given[key], "a list with at least one element")
}

mistakes contains text if {
	some i, value in list("unsupported_operating_systems")
	not is_expression(value)
	text := wrong(
		sprintf("unsupported_operating_systems[%d]", [i]), value,
		"a regular expression in RE2 syntax, without white space at its ends",
	)
}

mistakes contains text if {
	some i, value in list("company_networks")
	not is_network(value)
	text := wrong(sprintf("company_networks[%d]", [i]), value, "a network such as 10.0.0.0/8, or 10.1.2.3/32 for one address")
}

mistakes contains text if {
	some i, value in list("company_networks")
	is_network(value)
	some network in net.cidr_merge([value])
	not same_address(value, network)
	text := wrong(sprintf("company_networks[%d]", [i]), value, sprintf("a network without host bits, such as %s", [network]))
}

mistakes contains text if {
	networks := [network | some network in list("company_networks"); is_network(network)]
	some network in net.cidr_merge(networks)
	endswith(network, "/0")
	text := sprintf("company_networks include %s, all addresses, so that none is outside", [network])
}

list(key) := given[key] if {
	is_array(given[key])
} else := []

is_filled(value) if {
	is_array(value)
	count(value) > 0
}

whole(value, least, most) if {
	is_number(value)
	value == floor(value)
	value >= least
	value <= most
}

is_expression(value) if {
	is_string(value)
	value != ""
	trim_space(value) == value
	regex.is_valid(value)
}

is_network(value) if {
	is_string(value)
	contains(value, "/")
	net.cidr_is_valid(value)
}

same_address(network, other) if {
	address := split(other, "/")[0]
	net.cidr_contains(sprintf("%s/%d", [address, bits(address)]), split(network, "/")[0])
}

wrong(key, value, right) := sprintf("%s is %s, but must be %s", [key, substring(json.marshal(value), 0, 100), right])
