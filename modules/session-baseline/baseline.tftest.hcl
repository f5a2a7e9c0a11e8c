# Tests how the module turns sessions into findings, on invented sessions. OpenTofu
# requires complete sessions in a mock. The data sources themselves are tested on a
# simulated workspace.

mock_provider "rocketchat" {
  override_data {
    target = data.rocketchat_workspace_sessions.newest
    values = {
      total   = 7
      matched = 7
    }
  }

  override_data {
    target = data.rocketchat_workspace_sessions.idle
    values = {
      total   = 7
      matched = 3
      sessions = [
        {
          id     = "sAlice", session_id = "sAlice", user_id = "uAlice", host = null, ip = "203.0.113.7", login_at = "2026-03-01T12:00:00.000Z"
          device = { type = "browser", name = "Firefox", version = "148.0", long_version = "148.0", os = { name = "Windows", version = "11" } }
          user   = { username = "alice", name = "Alice", avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id     = "sBob", session_id = "sBob", user_id = "uBob", host = null, ip = null, login_at = null
          device = { type = "other", name = null, version = null, long_version = null, os = { name = null, version = null } }
          user   = { username = "Bobby", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
        {
          id     = "sEve", session_id = "sEve", user_id = "uEve", host = null, ip = "10.0.0.1, 10.0.0.2", login_at = "2026-02-01T12:00:00.000Z"
          device = { type = "browser", name = "x\n::error::y |`<b>", version = "‮1", long_version = null, os = { name = "##[z]", version = "" } }
          user   = { username = "eve", name = null, avatar_etag = null, roles = null, type = null, active = null }
        },
      ]
    }
  }
}

variables {
  now     = "2026-03-31T12:00:00Z"
  fail_on = "none"
  warn_on = "none"
}

run "findings" {
  command = plan

  assert {
    condition     = join(",", output.findings[*].session_id) == "sAlice,sBob,sEve" && alltrue([for f in output.findings : f.rule == "idle" && f.severity == "medium" && !f.waived && f.reason == null])
    error_message = "Each session is a finding."
  }

  assert {
    condition     = output.findings[0].detail == "alice: Firefox 148.0 on Windows 11, from 203.0.113.7, last connected 2026-03-01T12:00:00.000Z, session sAlice"
    error_message = output.findings[0].detail
  }

  assert {
    condition     = output.findings[1].detail == "Bobby: other, from an unknown address, session sBob"
    error_message = output.findings[1].detail
  }

  assert {
    condition     = output.findings[2].detail == "eve: x : :error::y |`<b> 1 on # #[z], from 10.0.0.1, 10.0.0.2, last connected 2026-02-01T12:00:00.000Z, session sEve"
    error_message = output.findings[2].detail
  }

  assert {
    condition     = output.summary.idle.open == 3 && output.summary.idle.waived == 0 && output.summary.idle.effect == "reports" && output.summary.outside_networks.effect == "off" && output.summary.service_accounts.effect == "off"
    error_message = "Rules without their settings are off."
  }

  assert {
    condition     = length(output.session_ids) == 0
    error_message = "No finding stops the plan, so there is no session to log out."
  }

  assert {
    condition     = startswith(output.markdown, "# Sessions: 3 findings, 0 waived, 7 sessions\n")
    error_message = output.markdown
  }

  assert {
    condition     = strcontains(output.markdown, "\n- Open: eve\\: x \\: \\:error\\:\\:y \\|\\`\\<b\\> 1 on \\# \\#\\[z\\], from 10.0.0.1, 10.0.0.2,")
    error_message = output.markdown
  }
}

run "a_severity_of_ones_own" {
  command = plan

  variables {
    severities = { idle = "low" }
  }

  assert {
    condition     = output.findings[0].severity == "low" && output.summary.idle.severity == "low" && output.summary.deleted_users.severity == "high"
    error_message = "Only the named rule has another severity."
  }
}

run "a_rule_that_is_off_finds_nothing" {
  command = plan

  variables {
    disabled = ["idle"]
  }

  assert {
    condition     = length(output.findings) == 0 && output.summary.idle.effect == "off" && strcontains(output.markdown, "\n| idle | medium | | | off: disabled |\n")
    error_message = "The rule is off."
  }
}

run "what_is_not_listed_counts" {
  command = plan

  variables {
    waivers = [{ rule = "idle", user = ".*", reason = "test", expires = "2026-12-31" }, { rule = "idle", user = "mallory", reason = "test", expires = "2026-12-31" }]
  }

  override_data {
    target = data.rocketchat_workspace_sessions.idle
    values = {
      total   = 9
      matched = 5
      sessions = [{
        id     = "sAlice", session_id = "sAlice", user_id = "uAlice", host = null, ip = "203.0.113.7", login_at = "2026-03-01T12:00:00.000Z"
        device = { type = "browser", name = "Firefox", version = "148.0", long_version = "148.0", os = { name = "Windows", version = "11" } }
        user   = { username = "alice", name = "Alice", avatar_etag = null, roles = null, type = null, active = null }
      }]
    }
  }

  assert {
    condition     = strcontains(output.markdown, "\n| idle | medium | 4 (4 not listed: raise `listed`) | 1 | reports |\n") && strcontains(output.markdown, "\n- … and 4 more\n")
    error_message = output.markdown
  }

  assert {
    condition     = output.summary.idle.open == 4 && output.summary.idle.waived == 1 && output.summary.idle.listed == 1 && output.summary.unused_waivers.open == 0
    error_message = "Four sessions are not listed, so they are not waived, and the second waiver may apply to them."
  }
}

run "waivers" {
  command = plan

  variables {
    waivers = [
      { rule = "idle", user = "ALICE|bob", reason = "on\nleave", expires = "2026-04-30" },
      { rule = "idle", session_id = "sEve", reason = "kiosk", expires = "2026-04-30" },
      { rule = "old_browsers", user_ids = ["uAlice"], reason = "not needed", expires = "2026-04-30" },
    ]
  }

  assert {
    condition     = join(",", [for f in output.findings : "${coalesce(f.session_id, "-")} ${f.rule} ${f.waived} ${coalesce(f.reason, "-")}"]) == "sAlice idle true on leave,sBob idle false -,sEve idle true kiosk,- unused_waivers false -"
    error_message = "A waiver covers whole usernames: Bobby is not bob."
  }

  assert {
    condition     = output.findings[3].detail == "waiver 3 of old_browsers, for 1 users, until 2026-04-30, waives nothing: not needed"
    error_message = output.findings[3].detail
  }

  assert {
    condition     = output.summary.idle.open == 1 && output.summary.idle.waived == 2 && output.summary.unused_waivers.open == 1 && output.summary.expired_waivers.open == 0
    error_message = "A waived finding is not open."
  }

  assert {
    condition     = strcontains(output.markdown, "\n- Waived: alice\\: Firefox 148.0 on Windows 11, from 203.0.113.7, last connected 2026-03-01T12\\:00\\:00.000Z, session sAlice \\(on leave\\)\n")
    error_message = output.markdown
  }
}

run "waives_by_user_id" {
  command = plan

  variables {
    waivers = [{ rule = "idle", user_ids = ["uAlice", "uEve", "uMallory"], reason = "on leave", expires = "2026-04-30" }]
  }

  assert {
    condition     = join(",", [for f in output.findings : "${f.session_id} ${f.waived}"]) == "sAlice true,sBob false,sEve true"
    error_message = "A waiver covers the sessions of its users."
  }
}

run "a_name_that_no_client_reports" {
  command = plan

  variables {
    unsupported_systems = { "Microsoft Windows" = "10", Windows = "10" }
    old_browsers        = { "Google Chrome" = "140" }
    old_apps            = { "Rocket Chat" = "4.0" }
  }

  assert {
    condition     = join(",", [for f in output.findings : "${f.rule} ${coalesce(f.session_id, "-")}"]) == "idle sAlice,idle sBob,idle sEve,unreported_names -,unreported_names -,unreported_names -"
    error_message = "Each name is a finding, except those of the defaults."
  }

  assert {
    condition     = output.findings[4].detail == "no client reports the name \"Google Chrome\" in old_browsers; it must be a whole name as in the sessions, such as Chrome"
    error_message = output.findings[4].detail
  }
}

run "the_day_before_the_last_of_a_waiver" {
  command = plan

  variables {
    now     = "2026-03-30T23:59:59Z"
    waivers = [{ rule = "idle", user = "alice", reason = "on leave", expires = "2026-03-31" }]
  }

  assert {
    condition     = output.findings[0].waived && output.summary.expired_waivers.open == 0
    error_message = "The waiver is valid."
  }
}

run "the_last_day_of_a_waiver" {
  command = plan

  variables {
    now     = "2026-03-31T23:59:59Z"
    waivers = [{ rule = "idle", user = "alice", reason = "on leave", expires = "2026-03-31" }]
  }

  assert {
    condition     = output.findings[0].waived && output.summary.expired_waivers.open == 0
    error_message = "The waiver is valid through its last day."
  }
}

run "the_day_after_the_last_of_a_waiver" {
  command = plan

  variables {
    now     = "2026-04-01T02:00:00+02:00"
    waivers = [{ rule = "idle", user = "alice", reason = "on leave", expires = "2026-03-31" }]
  }

  assert {
    condition     = !anytrue(output.findings[*].waived) && output.summary.idle.open == 3 && output.summary.expired_waivers.open == 1 && output.summary.unused_waivers.open == 0
    error_message = "The waiver has expired in UTC, and its finding is open again."
  }

  assert {
    condition     = one([for f in output.findings : f.detail if f.rule == "expired_waivers"]) == "waiver 1 of idle, for users matching alice, expired on 2026-03-31: on leave"
    error_message = "The waiver is a finding."
  }
}

run "ages_are_not_checked_until_they_are_limited" {
  command = plan

  variables {
    now = "2036-01-01T00:00:00Z"
  }

  assert {
    condition     = output.summary.old_minimum_versions.effect == "off" && output.summary.old_minimum_versions.reason == "needs version_months"
    error_message = "The rule is off, and the summary says why."
  }
}

run "ages_are_not_checked_of_versions_that_no_rule_uses" {
  command = plan

  variables {
    disabled       = ["old_browsers"]
    version_months = { old_browsers = 12 }
  }

  assert {
    condition     = output.summary.old_minimum_versions.effect == "off"
    error_message = "The rule could not find anything."
  }
}

run "a_version_on_the_last_day_of_its_age" {
  command = plan

  variables {
    now            = "2026-09-02T23:59:59Z"
    disabled       = ["idle"]
    version_months = { old_browsers = 12 }
    old_browsers   = { Chrome = { version = "140", released = "2025-09-02" } }
  }

  assert {
    condition     = length(output.findings) == 0
    error_message = "The version is twelve months old, and not older."
  }
}

run "a_version_the_day_after_the_last_of_its_age" {
  command = plan

  variables {
    now            = "2026-09-03T00:00:00Z"
    disabled       = ["idle", "old_apps"]
    version_months = { old_browsers = 12, old_apps = 1, unsupported_systems = 60 }
    old_browsers   = { Chrome = { version = "140", released = "2025-09-02" }, Edge = { version = "144", released = "2025-09-03" }, Firefox = "140", Safari = { version = "30", released = "2026-09-04" } }
    unsupported_systems = {
      Android = { version = "12", released = "2021-10-04" }
      Windows = null
    }
  }

  assert {
    condition = join("\n", [for f in output.findings : "${f.rule} ${f.subject}: ${f.detail}"]) == join("\n", [
      "old_minimum_versions old_browsers Chrome: Chrome 140 in old_browsers was released on 2025-09-02, more than 12 months ago",
      "old_minimum_versions old_browsers Firefox: Firefox 140 in old_browsers has no date of release, so its age is unknown",
      "old_minimum_versions old_browsers Safari: Safari 30 in old_browsers was released on 2026-09-04, which is in the future",
    ])
    error_message = join("\n", [for f in output.findings : "${f.rule} ${f.subject}: ${f.detail}"])
  }
}

run "a_version_of_the_last_day_of_a_month" {
  command = plan

  variables {
    now            = "2026-03-01T00:00:00Z"
    disabled       = ["idle"]
    version_months = { old_apps = 6 }
    old_apps       = { "Rocket.Chat" = { version = "4.0", released = "2025-08-31" } }
  }

  assert {
    condition     = join(",", output.findings[*].rule) == "old_minimum_versions"
    error_message = "February ended before the version was six months and a day old, but it ended."
  }
}

run "a_workspace_that_lists_nothing" {
  command = plan

  override_data {
    target = data.rocketchat_workspace_sessions.newest
    values = {
      total   = 0
      matched = 0
    }
  }

  assert {
    condition     = output.summary.nothing_listed.open == 1 && one([for f in output.findings : f.detail if f.rule == "nothing_listed"]) == "the workspace lists no session"
    error_message = "The rules about sessions cannot find anything."
  }
}

run "posture_is_off_until_it_is_read" {
  command = plan

  assert {
    condition     = alltrue([for id in ["login_expiration", "second_factor_off", "second_factor_optional", "open_registration"] : output.summary[id].effect == "off" && output.summary[id].reason == "needs read_settings"])
    error_message = "The rules are off, and the summary says why."
  }

  assert {
    condition     = output.summary.idle.reason == null && output.summary.outside_networks.reason == "needs networks"
    error_message = "The summary says why a rule is off."
  }
}

run "what_is_missing_is_a_finding" {
  command = plan

  variables {
    disabled             = ["idle"]
    read_settings        = true
    powerful_permissions = ["view-privileged-setting", "veiw-device-management"]
  }

  override_data {
    target = data.rocketchat_settings.posture
    values = {
      values = { Accounts_LoginExpiration = null, Accounts_TwoFactorAuthentication_By_TOTP_Enabled = null, Accounts_TwoFactorAuthentication_Enabled = true }
    }
  }

  override_data {
    target = data.rocketchat_roles.posture
    values = {
      roles = [
        { id = "admin", name = "admin", description = "Admin", scope = "Users", protected = true, mandatory_2fa = true, permissions = ["view-privileged-setting"] },
        { id = "r1", name = "auditor", description = null, scope = "Users", protected = null, mandatory_2fa = null, permissions = ["view-privileged-setting"] },
        { id = "user", name = "user", description = "", scope = "Users", protected = true, mandatory_2fa = false, permissions = [] },
      ]
    }
  }

  assert {
    condition = join("\n", [for f in output.findings : "${f.rule}: ${f.detail}"]) == join("\n", [
      "second_factor_off: Accounts_TwoFactorAuthentication_By_TOTP_Enabled is null",
      "second_factor_off: Accounts_TwoFactorAuthentication_Enforce_Password_Fallback is null",
      "second_factor_optional: auditor (r1): view-privileged-setting",
      "second_factor_optional: no role has the permission \"veiw-device-management\" in powerful_permissions, so it is misspelled or superfluous",
      "login_expiration: Accounts_LoginExpiration is null",
      "open_registration: Accounts_RegistrationForm is null",
    ])
    error_message = join("\n", [for f in output.findings : "${f.rule}: ${f.detail}"])
  }
}

run "users_who_choose_their_names" {
  command = plan

  variables {
    disabled = ["idle"]
    rules = [{
      id = "custom_users", severity = "low", title = "Users", rationale = "Because.", remedy = "Do it."
      users = [
        { id = "uAlice", username = "alice.ö-1", last_login_at = "2026-03-01T12:00:00.000Z" },
        { id = "uBob", username = null, last_login_at = null },
        { id = "uEve", username = "eve\n::error::x", last_login_at = null },
      ]
    }]
  }

  assert {
    condition = join("\n", output.findings[*].detail) == join("\n", [
      "alice.ö-1: last logged in 2026-03-01T12:00:00.000Z",
      "uBob: never logged in",
      "uEve: never logged in",
    ])
    error_message = join("\n", output.findings[*].detail)
  }
}

run "ones_own_sessions_have_no_user" {
  command = plan

  variables {
    disabled = ["idle"]
    rules = [{
      id = "custom_self", severity = "low", title = "Sessions", rationale = "Because.", remedy = "Do it."
      sessions = [
        { id = "sSelf", session_id = "sSelf", user_id = "uSelf", host = null, ip = null, login_at = null, device = null, current = true },
      ]
    }]
    waivers = [{ rule = "custom_self", user = ".*", reason = "test", expires = "2026-12-31" }]
  }

  assert {
    condition     = join(",", [for f in output.findings : "${f.detail} ${f.waived}" if f.rule == "custom_self"]) == "user uSelf: unknown client, from an unknown address, session sSelf false"
    error_message = output.findings[0].detail
  }
}

run "refuses_unknown_rules" {
  command = plan

  variables {
    disabled   = ["idel"]
    severities = { idel = "low" }
    waivers    = [{ rule = "idel", user = "alice", reason = "test", expires = "2026-12-31" }]
  }

  expect_failures = [var.disabled, var.severities, var.waivers]
}

run "refuses_what_means_nothing" {
  command = plan

  variables {
    fail_on                  = "severe"
    warn_on                  = "severe"
    networks                 = ["10.0.0.1"]
    severities               = { idle = "severe" }
    idle_days                = 46
    unsupported_systems      = { Windows = "ten" }
    old_browsers             = { "" = "140" }
    old_apps                 = { "Rocket.Chat" = "" }
    sessions_per_user        = -1
    service_accounts         = { username = "svc(", sessions = 3 }
    administrators           = []
    administrators_idle_days = 0
    login_expiration_days    = 0
    powerful_permissions     = []
    now                      = "today"
    listed                   = 0
  }

  expect_failures = [
    var.fail_on, var.warn_on, var.networks, var.severities, var.idle_days, var.unsupported_systems, var.old_browsers, var.old_apps,
    var.sessions_per_user, var.service_accounts, var.administrators, var.administrators_idle_days,
    var.login_expiration_days, var.powerful_permissions, var.now, var.listed,
  ]
}

run "refuses_a_waiver_without_a_reason" {
  command = plan

  variables {
    waivers = [{ rule = "idle", user = "alice", reason = " ", expires = "2026-12-31" }]
  }

  expect_failures = [var.waivers]
}

run "refuses_a_waiver_without_a_readable_day" {
  command = plan

  variables {
    waivers = [{ rule = "idle", user = "alice", reason = "test", expires = "2026-02-30" }]
  }

  expect_failures = [var.waivers]
}

run "refuses_a_waiver_for_everybody" {
  command = plan

  variables {
    waivers = [{ rule = "idle", reason = "test", expires = "2026-12-31" }]
  }

  expect_failures = [var.waivers]
}

run "refuses_accounts_by_type_without_the_users" {
  command = plan

  variables {
    service_accounts = { user_types = ["bot"], sessions = 3 }
    read_users       = false
  }

  expect_failures = [output.findings]
}

run "refuses_to_find_nothing" {
  command = plan

  variables {
    disabled   = ["idle", "unsupported_systems", "old_browsers", "old_apps", "too_many_sessions", "deleted_users", "silent_clients", "unreadable_addresses"]
    read_users = false
  }

  expect_failures = [output.findings]
}
