// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// sessionsToDescribe are some of the shapes that a line has to describe.
func sessionsToDescribe() []rocketchattest.Session {
	some := rocketchattest.Some[string]
	at := rocketchattest.Some(time.Date(2026, 11, 20, 8, 30, 0, 125e6, time.UTC))
	return []rocketchattest.Session{
		{
			SessionID: some("a"), UserID: some("u1"), IP: some("198.51.100.7"), LoginAt: at,
			User: rocketchattest.Some(rocketchattest.User{Username: some("ann"), Name: some("Ann Lee")}),
			Device: rocketchattest.Some(rocketchattest.Device{
				Type: some("browser"), Name: some("Chrome"), Version: some("112.0.0"),
				OS: rocketchattest.Some(rocketchattest.OS{Name: some("Windows"), Version: some("10")}),
			}),
		},
		{
			SessionID: some("b"), UserID: some("u2"), LoginAt: rocketchattest.Some(at.Value.Add(-time.Second)),
			User:   rocketchattest.Some(rocketchattest.User{Name: some("Bo\u202e\n::error::b")}),
			Device: rocketchattest.Some(rocketchattest.Device{Type: some(""), OS: rocketchattest.Some(rocketchattest.OS{Name: some("Linux")})}),
		},
		{SessionID: some("c"), UserID: some("u3"), LoginAt: rocketchattest.Some(at.Value.Add(-time.Minute)), Device: rocketchattest.Some(rocketchattest.Device{Type: some("mobile-app")})},
		{
			SessionID: some("e"), UserID: some("u4"), LoginAt: rocketchattest.Some(at.Value.Add(-time.Hour)),
			User: rocketchattest.Some(rocketchattest.User{Username: some("<html> Eve")}),
		},
		{SessionID: some("d")},
	}
}

// outputs are those of a configuration that was applied.
func (c *cli) outputs() map[string]any {
	c.t.Helper()
	if text, status := c.run("apply", "-auto-approve", "-input=false", plain); status != 0 {
		c.t.Fatalf("apply ended with %d:\n%s", status, text)
	}
	text, _ := c.run("output", "-json")
	var all map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(text[strings.IndexByte(text, '{'):]), &all); err != nil {
		c.t.Fatalf("%v:\n%s", err, text)
	}
	values := make(map[string]any)
	for name, output := range all {
		values[name] = output.Value
	}
	return values
}

func TestAccFunctions_basic(t *testing.T) {
	t.Parallel()
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{Sessions: sessionsToDescribe()}))
	cli.write("main.tf", `
data "rocketchat_workspace_sessions" "all" {}
data "rocketchat_current_user_sessions" "mine" {}
data "rocketchat_workspace_sessions" "arguments" {
  device_version_below = "113"
  outside_cidrs        = ["198.51.100.0/24"]
}
output "lines" {
  value = [for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)]
}
output "devices" {
  value = [for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::device(s)]
}
output "mine" {
  value = [for s in data.rocketchat_current_user_sessions.mine.sessions : provider::rocketchat::describe(s)]
}
output "below" {
  value = [for v in ["9", "113.0.0", "112.99", "XP", "", null] : provider::rocketchat::version_below(v, "113")]
}
output "inside" {
  value = [for ip in ["198.51.100.7", "::ffff:198.51.100.7", "198.51.100.7, 10.0.0.1", "unknown", "", null] :
    provider::rocketchat::in_networks(ip, ["198.51.100.0/24"])]
}
output "nowhere" {
  value = provider::rocketchat::in_networks("198.51.100.7", [])
}
# What the functions select is what the arguments select.
output "same" {
  value = jsonencode(data.rocketchat_workspace_sessions.arguments.sessions) == jsonencode([
    for s in data.rocketchat_workspace_sessions.all.sessions : s
    if provider::rocketchat::version_below(try(s.device.version, null), "113") && !provider::rocketchat::in_networks(s.ip, ["198.51.100.0/24"])
  ])
}
`)
	want := map[string]any{
		"lines": []any{
			"ann: Chrome 112.0.0 on Windows 10, from 198.51.100.7, last connected 2026-11-20T08:30:00.125Z, session a",
			"Bo : :error::b: unknown client on Linux, from an unknown address, last connected 2026-11-20T08:29:59.125Z, session b",
			"deleted user u3: mobile-app, from an unknown address, last connected 2026-11-20T08:29:00.125Z, session c",
			"<html> Eve: unknown client, from an unknown address, last connected 2026-11-20T07:30:00.125Z, session e",
			"unknown user: unknown client, from an unknown address, session d",
		},
		"devices": []any{
			"u1: Chrome on Windows", "u2: unknown client on Linux", "u3: mobile-app on an unknown system",
			"u4: unknown client on an unknown system", "unknown user: unknown client on an unknown system",
		},
		"mine":    []any{},
		"below":   []any{true, false, true, true, true, true},
		"inside":  []any{true, true, false, false, false, false},
		"nowhere": false,
		"same":    true,
	}
	if diff := cmp.Diff(want, cli.outputs()); diff != "" {
		t.Error(diff)
	}
}

func TestAccFunctions_nameTheirArgument(t *testing.T) {
	t.Parallel()
	for call, words := range map[string][]string{
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
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			cli := newCLI(t, newWorkspace(t, rocketchattest.Options{}))
			cli.write("main.tf", fmt.Sprintf("output \"value\" {\n  value = provider::rocketchat::%s\n}\n", call))
			text, status := cli.run("validate", plain)
			if status == 0 {
				text, status = cli.run("plan", "-input=false", plain)
			}
			if status != 1 {
				t.Errorf("status %d", status)
			}
			mustContain(t, strings.Join(strings.Fields(strings.ReplaceAll(text, "│", "")), " "), words...)
		})
	}
}

// Whoever has most sessions comes first, then whoever is first in the list. A line shows the newest session of the user.
func TestAccFunctions_summarize(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{Sessions: sessionsToDescribe()}))
	cli.write("main.tf", `
data "rocketchat_workspace_sessions" "all" {}
data "rocketchat_current_user_sessions" "mine" {}
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
output "read" {
  value = split("\n", provider::rocketchat::summarize(data.rocketchat_workspace_sessions.all.sessions, 2))
}
output "mine" {
  value = provider::rocketchat::summarize(data.rocketchat_current_user_sessions.mine.sessions, 2)
}
output "some" {
  value = [for lines in [1, 4, 1000000] : split("\n", provider::rocketchat::summarize(local.some, lines))]
}
output "kinds" {
  value = length(distinct([for rows in [tolist([local.row]), toset([local.row]), [local.row]] : provider::rocketchat::summarize(rows, 1)]))
}
`)
	long := "  " + strings.Repeat("x", 64) + "…: unknown client, from 10.0.0.1, last connected 2026-11-20T08:30:00.000Z, session 5"
	all := []any{
		"  ann: 3 sessions, newest: unknown client, from an unknown address, last connected 2026-11-21T08:30:00.000Z, session 4",
		"  unknown user: unknown client, from an unknown address",
		"  bob: unknown client, from an unknown address, last connected 2026-11-20T08:30:00.000Z, session 2",
		long,
	}
	want := map[string]any{
		"read": []any{
			"  ann: Chrome 112.0.0 on Windows 10, from 198.51.100.7, last connected 2026-11-20T08:30:00.125Z, session a",
			"  Bo : :error::b: unknown client on Linux, from an unknown address, last connected 2026-11-20T08:29:59.125Z, session b",
			"  … and 3 more sessions of 3 users",
		},
		"mine":  "",
		"some":  []any{[]any{all[0], "  … and 3 more sessions of 3 users"}, all, all},
		"kinds": float64(1),
	}
	if diff := cmp.Diff(want, cli.outputs()); diff != "" {
		t.Error(diff)
	}
}

// The same device is the same text after an update, from another address, and under another name of the user.
func TestAccFunctions_deviceIsStable(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	cli := newCLI(t, newWorkspace(t, rocketchattest.Options{}))
	cli.write("main.tf", `
locals {
  row = {
    id = "a", session_id = "a", user_id = "u1", ip = "10.0.0.1", host = "h", login_at = "2026-11-20T08:30:00.000Z"
    device = { type = "browser", name = "Chrome", version = "112.0", long_version = "112.0.1", os = { name = "Windows", version = "10" } }
    user   = { username = "ann", name = "Ann", avatar_etag = "x" }
  }
  same = [
    local.row,
    merge(local.row, { id = "b", session_id = "b", ip = null, host = null, login_at = null }),
    merge(local.row, { user = { username = "eve", name = null, avatar_etag = null } }),
    merge(local.row, { user = null }),
    merge(local.row, { device = merge(local.row.device, { type = null, version = "113", long_version = null, os = { name = "Windows", version = null } }) }),
  ]
  others = [
    merge(local.row, { user_id = "u2" }),
    merge(local.row, { device = null }),
    merge(local.row, { device = merge(local.row.device, { name = "Firefox" }) }),
    merge(local.row, { device = merge(local.row.device, { os = { name = "Linux", version = "10" } }) }),
    merge(local.row, { device = merge(local.row.device, { os = null }) }),
  ]
}
output "same" {
  value = distinct([for s in local.same : provider::rocketchat::device(s)])
}
output "others" {
  value = length(distinct([for s in concat([local.row], local.others) : provider::rocketchat::device(s)]))
}
`)
	if diff := cmp.Diff(map[string]any{"same": []any{"u1: Chrome on Windows"}, "others": float64(6)}, cli.outputs()); diff != "" {
		t.Error(diff)
	}
}

// TestAccMocks_functionsAreReal, so that a test of a policy decides as the policy.
func TestAccMocks_functionsAreReal(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{})
	cli := newCLI(t, w)
	cli.write("main.tf", `
data "rocketchat_workspace_sessions" "all" {}
output "old" {
  value = [for s in data.rocketchat_workspace_sessions.all.sessions : provider::rocketchat::describe(s)
    if provider::rocketchat::version_below(s.device.version, "113") && !provider::rocketchat::in_networks(s.ip, ["10.0.0.0/8"])]
}
`)
	session := func(id, version, ip string) string {
		return fmt.Sprintf(`{
          id = %[1]q, session_id = %[1]q, user_id = "u", host = "", ip = %[3]q, login_at = "2026-11-20T08:30:00.000Z"
          device = { type = "browser", name = "Chrome", version = %[2]q, long_version = "", os = { name = "Windows", version = "10" } }
          user   = { username = "ann", name = null, avatar_etag = null, roles = null, type = null, active = null }
        }`, id, version, ip)
	}
	cli.write("rules.tftest.hcl", `
mock_provider "rocketchat" {
  mock_data "rocketchat_workspace_sessions" {
    defaults = {
      sessions = [`+strings.Join([]string{session("a", "112.0", "192.0.2.1"), session("b", "112.0", "10.0.0.1"), session("c", "114.0", "192.0.2.1")}, ", ")+`]
    }
  }
}
run "rules" {
  assert {
    condition     = jsonencode(output.old) == jsonencode(["ann: Chrome 112.0 on Windows 10, from 192.0.2.1, last connected 2026-11-20T08:30:00.000Z, session a"])
    error_message = "Found ${jsonencode(output.old)}."
  }
}
`)
	output, status := cli.run("test")
	if status != 0 {
		t.Fatalf("the test ended with %d:\n%s", status, output)
	}
	mustContain(t, output, "1 passed, 0 failed")
}

// TestAccWorkspaceSessions_agesGoByTheWorkspacesClock: a workspace that is two days ahead decides.
func TestAccWorkspaceSessions_agesGoByTheWorkspacesClock(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	const ahead = 48 * time.Hour
	now := startOfTests().Add(ahead)
	rows := rocketchattest.SyntheticSessions(1000, 0, now)
	// Nobody may be within the seconds that the test takes of a bound.
	bound := now.Add(-10 * 24 * time.Hour)
	rows = append(rows[:0:0], rows...)
	for i := range rows {
		if at := rows[i].LoginAt; at.State == rocketchattest.Present && at.Value.Sub(bound).Abs() < 5*time.Minute {
			rows[i].LoginAt.Value = bound.Add(-5 * time.Minute)
		}
	}
	w := newWorkspace(t, rocketchattest.Options{ClockSkew: ahead, Sessions: rows})
	cli := newCLI(t, w)
	cli.write("main.tf", fmt.Sprintf(`
data "rocketchat_workspace_sessions" "age" {
  older_than = "10d"
}
data "rocketchat_workspace_sessions" "time" {
  logged_in_before = %[1]q
}
data "rocketchat_workspace_sessions" "young" {
  newer_than = "9d24h"
}
data "rocketchat_workspace_sessions" "after" {
  logged_in_after = %[1]q
}
output "older" {
  value = data.rocketchat_workspace_sessions.age.matched
}
output "newer" {
  value = data.rocketchat_workspace_sessions.young.matched
}
output "same" {
  value = (jsonencode(data.rocketchat_workspace_sessions.age.sessions) == jsonencode(data.rocketchat_workspace_sessions.time.sessions)
    && jsonencode(data.rocketchat_workspace_sessions.young.sessions) == jsonencode(data.rocketchat_workspace_sessions.after.sessions))
}
`, bound.Format(time.RFC3339)))
	older, newer := 0, 0
	for _, s := range w.Sessions() {
		switch {
		case s.LoginAt.State != rocketchattest.Present, s.LoginAt.Value.Before(bound):
			older++
		case s.LoginAt.Value.After(bound):
			newer++
		}
	}
	want := map[string]any{"older": float64(older), "newer": float64(newer), "same": true}
	if diff := cmp.Diff(want, cli.outputs()); diff != "" || older == 0 || newer == 0 {
		t.Errorf("%s (%d older, %d newer)", diff, older, newer)
	}
}
