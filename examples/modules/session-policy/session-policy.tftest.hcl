# What each rule finds. Fields that a session lacks are null.

variables {
  now      = "2026-03-31T12:00:00Z"
  sessions = []
}

run "all_rules_pass_without_sessions" {
  command = plan

  variables {
    max_idle_days                 = 30
    company_networks              = ["10.0.0.0/8"]
    unsupported_operating_systems = ["^windows 7"]
    service_accounts              = { username = "^svc-" }
  }

  assert {
    condition     = length(output.violations) == 0 && length(output.session_ids) == 0
    error_message = "There is nobody to break a rule."
  }

  assert {
    condition     = join(",", [for rule, number in output.summary : "${rule}=${number}"]) == "deleted_user=0,idle=0,network=0,operating_system=0,service_account=0"
    error_message = "Every rule is in the summary."
  }

  assert {
    condition     = join("", values(output.messages)) == ""
    error_message = "There is nothing to say."
  }
}

run "rules_are_off_until_set" {
  command = plan

  variables {
    sessions = [{ user = { username = "svc-a" }, login_at = "2001-01-01T00:00:00.000Z", device = { os = { name = "Windows", version = "XP" } } }]
  }

  assert {
    condition     = length(output.violations) == 0
    error_message = "Only deleted users break a rule by default."
  }
}

run "idle" {
  command = plan

  variables {
    max_idle_days = 30
    sessions = [
      { session_id = "sNew", user_id = "uNew", user = { username = "new" }, login_at = "2026-03-01T12:00:00.000Z" },
      { session_id = "sOld", user_id = "uOld", user = { username = "old" }, login_at = "2026-03-01T11:59:59.999Z" },
      { session_id = "sNever", user_id = "uNever", user = { username = "never" } },
    ]
  }

  assert {
    condition     = join(",", output.session_ids) == "sNever,sOld"
    error_message = "Thirty days are still allowed, and a session without a time breaks the rule."
  }

  assert {
    condition     = output.messages.idle == "2 of 3 sessions have not connected for 30 days:\n  old last connected 2026-03-01T11:59:59.999Z\n  never last connected at an unknown time"
    error_message = "The message lists who broke the rule."
  }
}

run "networks" {
  command = plan

  variables {
    company_networks     = ["10.0.0.0/8", "203.0.113.0/25", "2001:db8::/33"]
    forbid_deleted_users = false
    sessions = [
      { session_id = "in1", ip = "10.255.0.1" },
      { session_id = "in2", ip = "203.0.113.127" },
      { session_id = "in3", ip = "2001:db8::1" },
      { session_id = "in4", ip = "::ffff:10.0.0.1" },
      { session_id = "in5", ip = "10.0.0.1, 203.0.113.1" },
      { session_id = "in6", ip = "10.0.0.1:51234" },
      { session_id = "in7", ip = "[2001:db8::1]:51234" },
      { session_id = "out1", ip = "11.0.0.1" },
      { session_id = "out2", ip = "203.0.113.128" },
      { session_id = "out3", ip = "2001:db8:8000::1" },
      { session_id = "out4", ip = "::ffff:11.0.0.1" },
      { session_id = "out5", ip = "10.0.0.1, 11.0.0.1" },
      { session_id = "out6", ip = "not an address" },
      { session_id = "out7", ip = "" },
      { session_id = "out8", ip = null },
    ]
  }

  assert {
    condition     = join(",", output.session_ids) == "out1,out2,out3,out4,out5,out6,out7,out8"
    error_message = "Outside are ${join(",", output.session_ids)}."
  }
}

run "operating_systems" {
  command = plan

  variables {
    unsupported_operating_systems = ["^windows (xp|7)", "^Ubuntu$"]
    forbid_deleted_users          = false
    sessions = [
      { session_id = "ok1", device = { os = { name = "Windows", version = "10" } } },
      { session_id = "ok2", device = { os = { name = "Linux" } } },
      { session_id = "ok3", device = { os = { version = "7" } } },
      { session_id = "ok4", device = {} },
      { session_id = "ok5" },
      { session_id = "old1", device = { os = { name = "WINDOWS", version = "XP" } } },
      { session_id = "old2", device = { os = { name = "ubuntu" } } },
    ]
  }

  assert {
    condition     = join(",", [for v in output.violations : "${v.session_id} ${v.detail}"]) == "old1 runs WINDOWS XP,old2 runs ubuntu"
    error_message = "A session that names no system passes."
  }
}

run "service_accounts" {
  command = plan

  variables {
    service_accounts = { username = "^svc-", max_sessions = 2 }
    sessions = [
      { session_id = "a1", user = { username = "svc-a" }, login_at = "2026-03-01T00:00:00.000Z" },
      { session_id = "a2", user = { username = "svc-a" } },
      { session_id = "a3", user = { username = "svc-a" }, login_at = "2026-03-03T00:00:00.000Z" },
      { session_id = "a4", user = { username = "svc-a" }, login_at = "2026-03-01T00:00:00.000Z" },
      { session_id = "b1", user = { username = "svc-b" } },
      { session_id = "b2", user = { username = "svc-b" } },
      { session_id = "p1", user = { username = "person" } },
      { session_id = "p2", user = { username = "person" } },
      { session_id = "p3", user = { username = "person" } },
      { session_id = "n1", user = {} },
      { session_id = "n2", user = {} },
      { session_id = "n3", user = {} },
    ]
  }

  assert {
    condition     = join(",", output.session_ids) == "a2,a4"
    error_message = "The newest may stay, and of two logins at the same time the first in the list."
  }

  assert {
    condition     = output.violations[0].detail == "is one of 4 sessions of a service account, last connected at an unknown time"
    error_message = "The detail gives the number and the time."
  }
}

run "deleted_users" {
  command = plan

  variables {
    sessions = [
      { session_id = "s1", user_id = "u1" },
      { session_id = null },
      { session_id = "s3", user_id = "u3", user = {} },
    ]
  }

  assert {
    condition     = join(",", [for v in output.violations : "${v.rule} ${v.user}"]) == "deleted_user u1,deleted_user unknown user"
    error_message = "Whoever was deleted has no user."
  }

  assert {
    condition     = join(",", output.session_ids) == "s1"
    error_message = "What has no id cannot be logged out."
  }
}

run "several_rules_at_once" {
  command = plan

  variables {
    max_idle_days    = 1
    company_networks = ["10.0.0.0/8"]
    sessions         = [{ session_id = "s1", user_id = "u1", login_at = "2026-03-01T00:00:00.000Z", ip = "11.0.0.1" }]
  }

  assert {
    condition     = join(",", output.violations[*].rule) == "deleted_user,idle,network" && length(output.session_ids) == 1
    error_message = "A session is listed under each rule, and logged out once."
  }
}

run "refuses_what_means_nothing" {
  command = plan

  variables {
    max_idle_days                 = 0
    company_networks              = ["10.0.0.1"]
    unsupported_operating_systems = ["windows ("]
    service_accounts              = { username = "svc", max_sessions = -1 }
  }

  expect_failures = [var.max_idle_days, var.company_networks, var.unsupported_operating_systems, var.service_accounts]
}

run "refuses_what_rocket_chat_has_forgotten" {
  command = plan

  variables {
    max_idle_days = 46
  }

  expect_failures = [var.max_idle_days]
}
