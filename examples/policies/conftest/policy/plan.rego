# The plan, which is the input: a rule must not pass because the plan shows only a part of
# the sessions.
package main

deny_plan contains {"msg": text, "unevaluated": true} if {
	text := finding("the plan does not show all sessions of the workspace:", [line | some line in gaps])
}

# Data sources are read before the plan, so they are in its prior state: in the
# root module or in any other.
reads contains resource if {
	walk(input.prior_state.values, [_, resource])
	resource.mode == "data"
	resource.type == "rocketchat_workspace_sessions"
}

gaps contains "it reads no rocketchat_workspace_sessions" if count(reads) == 0

gaps contains "it ended with an error" if object.get(input, "errored", false) != false

gaps contains "it is not complete: plan without -target" if object.get(input, "complete", true) != true

gaps contains "it has no timestamp: Terraform 1.5 or OpenTofu 1.6 or later write one" if not is_time(object.get(input, "timestamp", null))

gaps contains sprintf("%s is not read by this plan", [change.address]) if {
	some change in object.get(input, "resource_changes", [])
	change.mode == "data"
	change.type == "rocketchat_workspace_sessions"
	"read" in change.change.actions
}

# OpenTofu does not say that a plan is not complete.
gaps contains sprintf("%s is not read by this plan", [configured.address]) if {
	walk(object.get(input, "configuration", {}), [_, configured])
	configured.mode == "data"
	configured.type == "rocketchat_workspace_sessions"
	object.keys(configured) & {"count_expression", "for_each_expression"} == set()
	count({resource | some resource in reads; is_address_of(resource.address, configured.address)}) == 0
}

gaps contains sprintf("%s has `%s`: select in the rules instead", [resource.address, argument]) if {
	some resource in reads
	some argument, value in resource.values
	not argument in {"sessions", "matched", "total", "sort", "timeouts", "user_details"}
	not is_null(value)
}

gaps contains text if {
	some resource in reads
	total := object.get(resource.values, "total", null)
	count(rows(resource)) != total
	text := sprintf("%s has %d sessions of %v", [resource.address, count(rows(resource)), total])
}

gaps contains text if {
	some resource in reads
	count(rows(resource)) == 0
	text := sprintf("%s has no session: is \"Disable Sessions Monitor\" on in the workspace?", [resource.address])
}

is_address_of(address, configured) if address == configured

is_address_of(address, configured) if endswith(address, concat("", [".", configured]))

rows(resource) := resource.values.sessions if {
	is_array(resource.values.sessions)
} else := []

is_time(text) if {
	is_string(text)
	regex.match(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`, text)
	time.parse_rfc3339_ns(text) > 0
}
