// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// sessionsToDescribe are some of the shapes that a line has to describe.
func sessionsToDescribe() []rocketchattest.Session {
	at := func(ago time.Duration) rocketchattest.Optional[time.Time] {
		return present(time.Date(2026, 11, 20, 8, 30, 0, 125e6, time.UTC).Add(-ago))
	}
	return []rocketchattest.Session{
		{
			SessionID: present("a"), UserID: present("u1"), IP: present("198.51.100.7"), LoginAt: at(0),
			User: present(rocketchattest.User{Username: present("ann"), Name: present("Ann Lee")}),
			Device: present(rocketchattest.Device{
				Type: present("browser"), Name: present("Chrome"), Version: present("112.0.0"),
				OS: present(rocketchattest.OS{Name: present("Windows"), Version: present("10")}),
			}),
		},
		{
			SessionID: present("b"), UserID: present("u2"), LoginAt: at(time.Second), User: present(rocketchattest.User{Name: present("Bo\u202e\n::error::b")}),
			Device: present(rocketchattest.Device{Type: present(""), OS: present(rocketchattest.OS{Name: present("Linux")})}),
		},
		{SessionID: present("c"), UserID: present("u3"), LoginAt: at(time.Minute), Device: present(rocketchattest.Device{Type: present("mobile-app")})},
		{SessionID: present("e"), UserID: present("u4"), LoginAt: at(time.Hour), User: present(rocketchattest.User{Username: present("<html> Eve")})},
		{SessionID: present("d")},
	}
}

// TestAccFunctions_basic: the functions select what the arguments select; whoever has most sessions
// comes first in a summary, then whoever is first in the list, with the newest session; and a device is
// the same text after an update, from another address, and under another name of the user.
func TestAccFunctions_basic(t *testing.T) {
	t.Parallel()
	long := "  " + strings.Repeat("x", 64) + "…: unknown client, from 10.0.0.1, last connected 2026-11-20T08:30:00.000Z, session 5"
	all := []any{
		"  ann: 3 sessions, newest: unknown client, from an unknown address, last connected 2026-11-21T08:30:00.000Z, session 4",
		"  unknown user: unknown client, from an unknown address",
		"  bob: unknown client, from an unknown address, last connected 2026-11-20T08:30:00.000Z, session 2",
		long,
	}
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{Sessions: sessionsToDescribe()}))
	cli.wantValues(`
data "rocketchat_workspace_sessions" "all" {}
data "rocketchat_current_user_sessions" "mine" {}
data "rocketchat_workspace_sessions" "arguments" {
  device_version_below = "113"
  outside_cidrs        = ["198.51.100.0/24"]
}
locals {
  row = { session_id = "1", user_id = "u1", ip = null, login_at = "2026-11-20T08:30:00.000Z", device = null, user = { username = "ann" } }
  of = {
    bob  = merge(local.row, { session_id = "2", user_id = "u2", user = { username = "bob" } })
    then = merge(local.row, { session_id = "3", login_at = "2026-11-19T08:30:00.000Z" })
    last = merge(local.row, { session_id = "4", login_at = "2026-11-21T08:30:00.000Z" })
    none = { session_id = null, login_at = null }
    long = merge(local.row, { session_id = "5", user_id = "u5", ip = "10.0.0.1", user = { username = join("", [for i in range(1000) : "x"]) } })
  }
  some = [local.of.none, local.of.bob, local.of.then, local.of.last, local.row, local.of.long]
}
locals {
  device = {
    id = "a", session_id = "a", user_id = "u1", ip = "10.0.0.1", host = "h", login_at = "2026-11-20T08:30:00.000Z"
    device = { type = "browser", name = "Chrome", version = "112.0", long_version = "112.0.1", os = { name = "Windows", version = "10" } }
    user   = { username = "ann", name = "Ann", avatar_etag = "x" }
  }
  same = [
    local.device,
    merge(local.device, { id = "b", session_id = "b", ip = null, host = null, login_at = null }),
    merge(local.device, { user = { username = "eve", name = null, avatar_etag = null } }),
    merge(local.device, { user = null }),
    merge(local.device, { device = merge(local.device.device, { type = null, version = "113", long_version = null, os = { name = "Windows", version = null } }) }),
  ]
  others = [
    merge(local.device, { user_id = "u2" }),
    merge(local.device, { device = null }),
    merge(local.device, { device = merge(local.device.device, { name = "Firefox" }) }),
    merge(local.device, { device = merge(local.device.device, { os = { name = "Linux", version = "10" } }) }),
    merge(local.device, { device = merge(local.device.device, { os = null }) }),
  ]
}
`, map[string]expression{
		"lines": {`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]`, []any{
			"ann: Chrome 112.0.0 on Windows 10, from 198.51.100.7, last connected 2026-11-20T08:30:00.125Z, session a",
			"Bo : :error::b: unknown client on Linux, from an unknown address, last connected 2026-11-20T08:29:59.125Z, session b",
			"deleted user u3: mobile-app, from an unknown address, last connected 2026-11-20T08:29:00.125Z, session c",
			"<html> Eve: unknown client, from an unknown address, last connected 2026-11-20T07:30:00.125Z, session e",
			"unknown user: unknown client, from an unknown address, session d",
		}},
		"devices": {`[for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::device(s)]`, []any{
			"u1: Chrome on Windows", "u2: unknown client on Linux", "u3: mobile-app on an unknown system",
			"u4: unknown client on an unknown system", "unknown user: unknown client on an unknown system",
		}},
		"mine":  {`[for s in data.rocketchat_current_user_sessions.mine.sessions : provider::rocketchat::describe(s)]`, []any{}},
		"below": {`[for v in ["9", "113.0.0", "112.99", "XP", "", null] : provider::rocketchat::version_below(v, "113")]`, []any{true, false, true, true, true, true}},
		"inside": {`[for ip in ["198.51.100.7", "::ffff:198.51.100.7", "198.51.100.7, 10.0.0.1", "unknown", "", null] :
    provider::rocketchat::in_networks(ip, ["198.51.100.0/24"])]`, []any{true, true, false, false, false, false}},
		"nowhere": {`provider::rocketchat::in_networks("198.51.100.7", [])`, false},
		"same": {`jsonencode(data.rocketchat_workspace_sessions.arguments.sessions) == jsonencode([
    for s in data.rocketchat_workspace_sessions.all.sessions : s
    if provider::rocketchat::version_below(try(s.device.version, null), "113") && !provider::rocketchat::in_networks(s.ip, ["198.51.100.0/24"])
  ])`, true},
		"summary": {`split("\n", provider::rocketchat::summarize(data.rocketchat_workspace_sessions.all.sessions, 2))`, []any{
			"  ann: Chrome 112.0.0 on Windows 10, from 198.51.100.7, last connected 2026-11-20T08:30:00.125Z, session a",
			"  Bo : :error::b: unknown client on Linux, from an unknown address, last connected 2026-11-20T08:29:59.125Z, session b",
			"  … and 3 more sessions of 3 users",
		}},
		"summary_of_mine": {`provider::rocketchat::summarize(data.rocketchat_current_user_sessions.mine.sessions, 2)`, ""},
		"summaries":       {`[for lines in [1, 4, 1000000] : split("\n", provider::rocketchat::summarize(local.some, lines))]`, []any{[]any{all[0], "  … and 3 more sessions of 3 users"}, all, all}},
		"kinds":           {`length(distinct([for rows in [tolist([local.row]), toset([local.row]), [local.row]] : provider::rocketchat::summarize(rows, 1)]))`, float64(1)},
		"same_device":     {`distinct([for s in local.same : provider::rocketchat::device(s)])`, []any{"u1: Chrome on Windows"}},
		"other_devices":   {`length(distinct([for s in concat([local.device], local.others) : provider::rocketchat::device(s)]))`, float64(6)},
	})
}

func TestAccFunctions_nameTheirArgument(t *testing.T) {
	t.Parallel()
	calls := map[string][]string{
		`version_below("9", "latest")`:                       {`"bound"`, `The bound is "latest", which is not a version`},
		`in_networks("10.0.0.1", ["office"])`:                {`"cidrs"`, `Network 0 of the list`, "CIDR"},
		`in_networks("10.0.0.1", [null])`:                    {`"cidrs"`, "Network 0 of the list is null"},
		`describe("ann")`:                                    {`"session"`, "This is not a session"},
		`describe([])`:                                       {`"session"`, "one element of"},
		`describe({ username = "ann", name = "Ann"})`:        {`"session"`, "This is not a session"},
		`describe(null)`:                                     {`"session"`, "must not be null"},
		`device({ session_id = "a" })`:                       {`"session"`, "This is not a session"},
		`summarize(null, 20)`:                                {`"sessions"`, "must not be null"},
		`summarize("ann", 20)`:                               {`"sessions"`, "These are not sessions"},
		`summarize([null], 20)`:                              {`"sessions"`, "These are not sessions"},
		`summarize([{ id = "a" }], 20)`:                      {`"sessions"`, "These are not sessions"},
		`summarize({ session_id = "a", login_at = "" }, 20)`: {`"sessions"`, "These are not sessions"},
		`summarize([], 0)`:                                   {`"lines"`, "0 lines are no summary"},
		`summarize([], 1.5)`:                                 {`"lines"`, "1.5"},
	}
	var config strings.Builder
	want := map[string][]string{}
	for i, call := range slices.Sorted(maps.Keys(calls)) {
		name := fmt.Sprint("call", i)
		fmt.Fprintf(&config, "output %q {\n  value = provider::rocketchat::%s\n}\n", name, call)
		want[name] = calls[call]
	}
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{}))
	cli.write("main.tf", config.String())
	output, _ := cli.run("plan", "-json", "-input=false")
	wantErrors(t, output, want)
}
