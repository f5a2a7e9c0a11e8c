package main_test

import data.passed

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

with_field(key, value) := object.union(object.remove(good, [key]), {key: value})

read(values) := {
	"address": "module.m.data.rocketchat_workspace_sessions.all",
	"mode": "data",
	"type": "rocketchat_workspace_sessions",
	"values": object.union({"limit": null, "match": null, "sort": null}, values),
}

plan_of(resources) := {
	"timestamp": "2026-03-31T12:00:00Z",
	"prior_state": {"values": {"root_module": {"child_modules": [{"resources": resources}]}}},
}

plan(sessions) := plan_of([read({"sessions": sessions, "matched": count(sessions), "total": count(sessions)})])

# The results of all rules, by the name of the rule.
denials(given, configured) := {name: texts |
	some name, results in passed.rules with input as given with data.settings as configured
	texts := {text_of(result) | some result in results}
	count(texts) > 0
}

broken(sessions) := denials(plan(sessions), settings)

text_of(result) := result if {
	is_string(result)
} else := result.msg
