package main_test

import data.passed

# A gap is the only result, with this line.
has_gap(given, line) if {
	result := denials(given, settings)
	object.keys(result) == {"deny_plan"}
	some text in result.deny_plan
	text == concat("\n", ["the plan does not show all sessions of the workspace:", sprintf("  %s", [line])])
}

address := "module.m.data.rocketchat_workspace_sessions.all"

test_plan_without_a_read_fails if {
	has_gap(plan_of([]), "it reads no rocketchat_workspace_sessions")
	own := object.union(read({"sessions": [good]}), {"type": "rocketchat_current_user_sessions"})
	has_gap(plan_of([own]), "it reads no rocketchat_workspace_sessions")
}

test_what_is_no_plan_fails if {
	every given in [{}, {"values": {}}, {"prior_state": null}] {
		object.keys(denials(given, settings)) == {"deny_plan"}
	}
}

test_plan_that_failed_fails if has_gap(object.union(plan([good]), {"errored": true}), "it ended with an error")

test_plan_of_a_target_fails if {
	has_gap(object.union(plan([good]), {"complete": false}), "it is not complete: plan without -target")
}

test_malformed_timestamp_fails if {
	every timestamp in [null, "", 5, "yesterday", "2026-03-31", "2026-02-31T25:00:00Z"] {
		some text in denials(object.union(plan([good]), {"timestamp": timestamp}), settings).deny_plan
		contains(text, "it has no timestamp")
	}
	some text in denials(object.remove(plan([good]), ["timestamp"]), settings).deny_plan
	contains(text, "it has no timestamp")
}

test_read_of_a_part_fails if {
	every argument, value in {"limit": 1, "offset": 0, "match": {"username": "^a"}, "user_deleted": false, "invented": "x"} {
		part := read({"sessions": [good], "matched": 1, "total": 1, argument: value})
		has_gap(plan_of([part]), sprintf("%s has `%s`: select in the rules instead", [address, argument]))
	}
}

test_order_and_details_are_no_part if {
	whole := read({"sessions": [good], "matched": 1, "total": 1, "sort": ["username"], "user_details": true, "timeouts": {"read": "1m"}})
	denials(plan_of([whole]), settings) == {}
}

test_fewer_sessions_than_the_total_fail if {
	has_gap(plan_of([read({"sessions": [good], "total": 2})]), sprintf("%s has 1 sessions of 2", [address]))
	has_gap(plan_of([read({"sessions": [good]})]), sprintf("%s has 1 sessions of null", [address]))
}

test_no_sessions_fail if {
	has_gap(plan([]), sprintf("%s has no session: is \"Disable Sessions Monitor\" on in the workspace?", [address]))
	object.keys(denials(plan_of([read({"sessions": null, "total": 0})]), settings)) == {"deny_plan"}
}

test_a_second_read_that_is_deferred_fails if {
	change := {
		"address": "data.rocketchat_workspace_sessions.later",
		"mode": "data",
		"type": "rocketchat_workspace_sessions",
		"change": {"actions": ["read"]},
	}
	has_gap(object.union(plan([good]), {"resource_changes": [change]}), "data.rocketchat_workspace_sessions.later is not read by this plan")
}

configuring(resource) := object.union(
	plan([good]),
	{"configuration": {"root_module": {"module_calls": {"m": {"module": {"resources": [resource]}}}}}},
)

test_a_configured_read_that_is_left_out_fails if {
	other := {"mode": "data", "type": "rocketchat_workspace_sessions", "address": "data.rocketchat_workspace_sessions.other"}
	has_gap(configuring(other), "data.rocketchat_workspace_sessions.other is not read by this plan")
	denials(configuring(object.union(other, {"address": "data.rocketchat_workspace_sessions.all"})), settings) == {}
	denials(configuring(object.union(other, {"count_expression": {}})), settings) == {}
}

test_only_what_was_evaluated_passed if {
	names := object.keys(passed.rules) - {"deny_deleted_users"}
	passed.warn == names with input as plan([with_field("user", null)]) with data.settings as settings
	passed.warn == set() with input as plan([]) with data.settings as settings
	passed.warn == set() with input as plan([good]) with data.settings as {}
}
