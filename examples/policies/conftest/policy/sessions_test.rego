package main_test

import data.main

settings := {
	"max_idle_days": 30,
	"company_networks": ["10.0.0.0/8", "2001:db8::/32"],
	"unsupported_operating_systems": ["^windows (7|8)"],
	"service_accounts": {"username": "^svc-", "max_sessions": 3},
}

# A session that breaks no rule.
good := {
	"session_id": "s1",
	"user_id": "u1",
	"ip": "10.1.2.3",
	"login_at": "2026-03-30T12:00:00.000Z",
	"device": {"os": {"name": "Windows", "version": "10"}},
	"user": {"username": "alice"},
}

plan(sessions) := {
	"timestamp": "2026-03-31T12:00:00Z",
	"prior_state": {"values": {"root_module": {"child_modules": [{"resources": [{
		"mode": "data",
		"type": "rocketchat_workspace_sessions",
		"values": {"sessions": sessions},
	}]}]}}},
}

denials(sessions) := result if {
	result := main.deny with input as plan(sessions) with data.settings as settings
}

test_good_session_passes if denials([good]) == set()

test_no_sessions_pass if denials([]) == set()

test_plan_without_a_read_fails if {
	result := main.deny with input as {"prior_state": {"values": {"root_module": {}}}} with data.settings as settings
	result == {"the plan does not read rocketchat_workspace_sessions"}
}

test_plan_that_failed_fails if {
	result := main.deny with input as object.union(plan([good]), {"errored": true}) with data.settings as settings
	result == {"the plan is not complete"}
}

test_thirty_days_pass if denials([object.union(good, {"login_at": "2026-03-01T12:00:00.000Z"})]) == set()

test_more_than_thirty_days_fail if {
	denials([object.union(good, {"login_at": "2026-03-01T11:59:59.999Z"})]) == {"alice last connected 2026-03-01T11:59:59.999Z, more than 30 days ago"}
}

test_no_login_time_is_idle if {
	denials([object.union(good, {"login_at": null})]) == {"alice last connected at an unknown time, more than 30 days ago"}
}

test_inside_the_networks if {
	every ip in ["10.255.255.255", "2001:db8::1", "::ffff:10.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1:51234", "[2001:db8::1]:51234"] {
		denials([object.union(good, {"ip": ip})]) == set()
	}
}

test_outside_the_networks if {
	every ip in ["11.0.0.1", "2001:db9::1", "::ffff:11.0.0.1", "10.0.0.1, 11.0.0.2", "[2001:db9::1]:51234", "unknown"] {
		denials([object.union(good, {"ip": ip})]) == {sprintf("alice comes from %s, outside the company's networks", [ip])}
	}
}

test_no_address_is_outside if {
	every ip in [null, ""] {
		denials([object.union(good, {"ip": ip})]) == {"alice comes from an unknown address, outside the company's networks"}
	}
}

test_unsupported_operating_system_fails if {
	old := object.union(good, {"device": {"os": {"name": "Windows", "version": "7"}}})
	denials([old]) == {"alice runs Windows 7, which is not supported"}
}

test_unnamed_operating_system_passes if {
	every device in [null, {"os": null}, {"os": {"name": null, "version": null}}] {
		denials([object.union(object.remove(good, {"device"}), {"device": device})]) == set()
	}
}

bot(n) := object.union(good, {"session_id": sprintf("s%d", [n]), "user": {"username": "svc-backup"}})

test_three_sessions_of_a_service_account_pass if denials([bot(n) | some n in [1, 2, 3]]) == set()

test_four_sessions_of_a_service_account_fail if {
	denials([bot(n) | some n in [1, 2, 3, 4]]) == {"svc-backup has 4 sessions, more than 3"}
}

test_four_sessions_of_a_person_pass if {
	denials([object.union(good, {"session_id": sprintf("s%d", [n])}) | some n in [1, 2, 3, 4]]) == set()
}

test_limit_that_no_session_can_reach_fails if {
	result := main.deny with input as plan([good]) with data.settings as object.union(settings, {"max_idle_days": 46})
	result == {"max_idle_days is more than 45, which no session can reach"}
}

test_deleted_user_fails if {
	denials([object.union(object.remove(good, {"user"}), {"user": null})]) == {"u1 is deleted but has a session, last connected 2026-03-30T12:00:00.000Z"}
}

test_deleted_user_without_id_fails if {
	denials([object.union(object.remove(good, {"user"}), {"user": null, "user_id": null})]) == {"unknown user is deleted but has a session, last connected 2026-03-30T12:00:00.000Z"}
}
