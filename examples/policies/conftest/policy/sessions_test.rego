package main_test

test_good_session_passes if broken([good]) == {}

test_thirty_days_pass if broken([with_field("login_at", "2026-03-01T12:00:00.000Z")]) == {}

test_more_than_thirty_days_fail if {
	broken([good, with_field("login_at", "2026-03-01T11:59:59.999Z")]) == {"deny_idle_sessions": {concat("\n", [
		"1 of 2 sessions have not connected for 30 days:",
		"  alice, last connected 2026-03-01T11:59:59.999Z",
	])}}
}

test_unknown_login_time_is_idle if {
	every at in [null, "", "yesterday", 5, "2026-13-30T12:00:00Z"] {
		object.keys(broken([with_field("login_at", at)])) == {"deny_idle_sessions"}
	}
}

test_inside_the_networks if {
	every ip in ["10.255.255.255", "2001:db8::1", "::ffff:10.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1:51234", "[2001:db8::1]:51234"] {
		broken([with_field("ip", ip)]) == {}
	}
}

test_outside_the_networks if {
	every ip in ["11.0.0.1", "2001:db9::1", "::ffff:11.0.0.1", "10.0.0.1, 11.0.0.2", "[2001:db9::1]:51234", "unknown"] {
		broken([with_field("ip", ip)]) == {"deny_outside_networks": {concat("\n", [
			"1 of 1 sessions come from outside the company's networks:",
			sprintf("  alice, from %s", [ip]),
		])}}
	}
}

test_no_address_is_outside if {
	every ip in [null, ""] {
		some text in broken([with_field("ip", ip)]).deny_outside_networks
		endswith(text, "\n  alice, from an unknown address")
	}
}

test_unsupported_operating_system_fails if {
	broken([with_field("device", {"os": {"name": "Windows", "version": "7"}})]) == {"deny_unsupported_systems": {concat("\n", [
		"1 of 1 sessions run an unsupported operating system:",
		"  alice, Windows 7",
	])}}
}

test_unnamed_operating_system_passes if {
	every device in [null, {"os": null}, {"os": {"name": null, "version": null}}] {
		broken([with_field("device", device)]) == {}
	}
}

bots(number) := [object.union(good, {"session_id": sprintf("s%d", [n]), "user": {"username": "svc-backup"}}) |
	some n in numbers.range(1, number)
]

test_three_sessions_of_a_service_account_pass if broken(bots(3)) == {}

test_four_sessions_of_a_service_account_fail if {
	broken(bots(4)) == {"deny_service_accounts": {concat("\n", [
		"1 service accounts have more than 3 sessions:",
		"  svc-backup, 4 sessions",
	])}}
}

# Two tokens of one connection can have equal rows.
test_equal_sessions_count if {
	object.keys(broken([bots(1)[0] | some _ in numbers.range(1, 4)])) == {"deny_service_accounts"}
}

# Two data sources read the same sessions.
test_each_read_counts_alone if {
	whole := read({"sessions": bots(3), "matched": 3, "total": 3})
	denials(plan_of([whole, object.union(whole, {"address": "data.rocketchat_workspace_sessions.again"})]), settings) == {}
}

test_four_sessions_of_a_person_pass if {
	broken([object.union(good, {"session_id": sprintf("s%d", [n])}) | some n in [1, 2, 3, 4]]) == {}
}

test_user_without_a_username_passes if broken([with_field("user", {"username": null})]) == {}

test_deleted_user_fails if {
	broken([with_field("user", null)]) == {"deny_deleted_users": {concat("\n", [
		"1 of 1 sessions belong to deleted users:",
		"  u1, last connected 2026-03-30T12:00:00.000Z",
	])}}
}

test_deleted_user_without_id_fails if {
	some text in broken([object.union(with_field("user", null), {"user_id": null})]).deny_deleted_users
	contains(text, "\n  unknown user, ")
}

# However many sessions break a rule, and whatever people call themselves.
test_a_result_is_short if {
	gone := with_field("user", null)
	some text in broken([object.union(gone, {"user_id": sprintf("u%d\n%0300d", [n, 0])}) | some n in numbers.range(1, 45)]).deny_deleted_users
	lines := split(text, "\n")
	count(lines) == 32
	lines[0] == "45 of 45 sessions belong to deleted users:"
	lines[31] == "  … and 15 more"
	count(text) < 10000
}
