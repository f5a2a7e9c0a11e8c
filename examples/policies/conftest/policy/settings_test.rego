package main_test

# A mistake is a result, with this line.
has_mistake(configured, line) if {
	some text in denials(plan([good]), configured).deny_settings
	contains(text, line)
}

changed(key, value) := object.union(object.remove(settings, [key]), {key: value})

test_missing_setting_fails if {
	every key in object.keys(settings) - {"service_accounts"} {
		has_mistake(object.remove(settings, [key]), sprintf("\n  %s is missing", [key]))
		has_mistake(changed(key, null), sprintf("\n  %s is null", [key]))
	}
	every key in ["service_accounts.username", "service_accounts.max_sessions"] {
		every configured in [object.remove(settings, ["service_accounts"]), changed("service_accounts", null), {}, null, [settings]] {
			has_mistake(configured, sprintf("\n  %s is missing", [key]))
		}
	}
}

test_unknown_setting_fails if {
	has_mistake(object.union(settings, {"max_idle_day": 20}), "\n  max_idle_day is unknown")
	has_mistake(changed("service_accounts", {"username": "^svc-", "max_sessions": 3, "most": 2}), "\n  service_accounts.most is unknown")
}

test_wrong_number_fails if {
	every value in ["30", "30d", true, 0, -1, 46, 30.5, [30]] {
		line := sprintf("\n  max_idle_days is %s, but must be a whole number from 1 to 45", [json.marshal(value)])
		has_mistake(changed("max_idle_days", value), line)
	}
	every value in ["3", null, -1, 1.5, 1001] {
		has_mistake(
			changed("service_accounts", {"username": "^svc-", "max_sessions": value}),
			sprintf("\n  service_accounts.max_sessions is %s, but must be a whole number from 0 to 1000", [json.marshal(value)]),
		)
	}
}

test_wrong_expression_fails if {
	every value in ["", " ^svc-", "^svc-\n", "(svc", "(?=svc)", null, 5, ["^svc-"]] {
		has_mistake(changed("service_accounts", {"username": value, "max_sessions": 3}), "\n  service_accounts.username is ")
		has_mistake(changed("unsupported_operating_systems", ["^windows", value]), "\n  unsupported_operating_systems[1] is ")
	}
}

test_wrong_list_fails if {
	every key in ["company_networks", "unsupported_operating_systems"] {
		every value in [[], "10.0.0.0/8", {"a": "10.0.0.0/8"}, 8, false] {
			has_mistake(changed(key, value), sprintf("\n  %s is %s, but must be a list with at least one element", [key, json.marshal(value)]))
		}
	}
}

test_wrong_network_fails if {
	every value in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", " 10.0.0.0/8", "office", "", null, 10, ["10.0.0.0/8"]] {
		has_mistake(changed("company_networks", ["2001:db8::/32", value]), "\n  company_networks[1] is ")
	}
	every value, right in {"10.1.2.3/8": "10.0.0.0/8", "10.0.0.0/0": "0.0.0.0/0", "2001:db8::1/32": "2001:db8::/32"} {
		has_mistake(changed("company_networks", [value]), sprintf("must be a network without host bits, such as %s", [right]))
	}
}

test_network_in_another_notation_passes if {
	every value in ["2001:0DB8:0::/32", "::/1", "10.1.2.3/32"] {
		not has_mistake(changed("company_networks", [value]), "company_networks")
	}
}

test_all_addresses_fail if {
	every value in [["0.0.0.0/0"], ["::/0"], ["0.0.0.0/1", "128.0.0.0/1"]] {
		has_mistake(changed("company_networks", value), "so that none is outside")
	}
}

test_mistakes_are_one_result if {
	count(denials(plan([good]), {}).deny_settings) == 1
}
