// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const knownDevices = "known-devices.json"

// devicesOfLawful is the file of the devices of [lawful], and of more.
func devicesOfLawful(more ...string) string {
	lines := append([]string{
		`  "id-of-alice.lawful: Firefox on Windows": "alice.lawful"`,
		`  "id-of-bob.lawful: Firefox on Windows": "bob.lawful"`,
		`  "id-of-carol.lawful: unknown client on an unknown system": "carol.lawful"`,
		`  "id-of-svc-backup: Firefox on Windows": "svc-backup"`,
	}, more...)
	slices.Sort(lines)
	return "{\n" + strings.Join(lines, ",\n") + "\n}\n"
}

// update runs the script of the example, and returns the file that it leaves.
func (c configuration) update(t *testing.T, status int) string {
	t.Helper()
	variables := map[string]string{"TF": c.path}
	maps.Copy(variables, c.variables)
	if r := run(t, c.folder, variables, "sh", "update.sh"); r.status != status {
		t.Fatalf("exit code is %d, want %d:\n%s%s", r.status, status, r.stdout, r.stderr)
	}
	return readFile(t, filepath.Join(c.folder, knownDevices))
}

// newDevices expects the gate to find these, of so many.
func (c configuration) newDevices(t *testing.T, all int, lines ...string) {
	t.Helper()
	if len(lines) == 0 {
		c.planSays(t, 0)
		return
	}
	head := fmt.Sprintf("%d of %d devices are not in known-devices.json:", len(lines), all)
	c.planSays(t, 1, stops(precondition, append([]string{head}, lines...)...))
}

func TestNewDevices_policy(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Millisecond)
	const folder = "policies/new-devices"
	line := func(who, what, ip string, ago time.Duration, id string) string {
		return fmt.Sprintf("  %s: %s, from %s, last connected %s, session %s", who, what, ip, asSent(now.Add(-ago)), id)
	}
	const firefox = "Firefox 148.0 on Windows 11"
	everybody := []string{
		line("alice.lawful", firefox, "10.11.12.13", time.Hour, "sessionAlice"),
		line("bob.lawful", "Firefox 148.0 on Windows 10", "203.0.113.7", 29*day, "sessionBob"),
		line("carol.lawful", "unknown client", "2001:db8::7", 2*time.Hour, "sessionCarol"),
		line("svc-backup", firefox, "10.11.12.13", 3*time.Hour, "sessionBot1"),
	}
	linux := session("sessionLinux", "alice.lawful", now, running("Linux", ""))
	linuxLine := line("alice.lawful", "Firefox 148.0 on Linux", "10.11.12.13", 0, "sessionLinux")
	updated := session("sessionUpdated", "alice.lawful", now, running("Windows", "12"), from("198.51.100.9"))
	first := newWorkspace(t, lawful(now))
	second := newWorkspace(t, append(lawful(now), linux, updated))
	// The username is taken over by somebody else.
	renamed := newWorkspace(t, append(lawful(now), session("sessionEve", "eve", now, func(s *rocketchattest.Session) {
		s.User.Value.Username = rocketchattest.Some("bob.lawful")
	})))
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, folder)
		t.Run("in the clear", func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, c, folder)
			prepared.on(first).newDevices(t, 4, everybody...)
			if diff := cmp.Diff(devicesOfLawful(), prepared.on(first).update(t, 0)); diff != "" {
				t.Errorf("the first file is another one (-want +got):\n%s", diff)
			}
			prepared.on(first).newDevices(t, 4)
			prepared.on(second).newDevices(t, 5, linuxLine)
			prepared.on(renamed).newDevices(t, 5, line("bob.lawful", firefox, "10.11.12.13", 0, "sessionEve"))
			both := devicesOfLawful(`  "id-of-alice.lawful: Firefox on Linux": "alice.lawful"`)
			if diff := cmp.Diff(both, prepared.on(second).update(t, 0)); diff != "" {
				t.Errorf("the second file is another one (-want +got):\n%s", diff)
			}
			prepared.on(second).newDevices(t, 5)
			// It is gone, and comes back.
			if diff := cmp.Diff(both, prepared.on(first).update(t, 0)); diff != "" {
				t.Errorf("the file forgets a device (-want +got):\n%s", diff)
			}
			prepared.on(second).newDevices(t, 5)
			closed := newWorkspace(t, nil)
			closed.account.Token = "a-token-of-nobody"
			if diff := cmp.Diff(both, prepared.on(closed).update(t, 2)); diff != "" {
				t.Errorf("a failed read changes the file (-want +got):\n%s", diff)
			}
			for _, name := range []string{"plan", "terraform.tfstate"} {
				if _, err := os.Stat(filepath.Join(prepared.folder, name)); err == nil {
					t.Errorf("%s is left", name)
				}
			}
			// A file that is no file of devices lets nobody pass.
			prepared.keep(t, knownDevices, "[]\n")
			prepared.on(first).plansNot(t)
			prepared.keep(t, knownDevices, "")
			prepared.on(first).plansNot(t)
		})
		t.Run("hashed", func(t *testing.T) {
			t.Parallel()
			with := func(w *workspace, key string) configuration {
				prepared := prepare(t, c, folder).on(w)
				prepared.variables["TF_VAR_hash_key"] = key
				return prepared
			}
			prepared := with(first, "a key of this test, and no other")
			prepared.newDevices(t, 4, everybody...)
			text := prepared.update(t, 0)
			if strings.Contains(text, "lawful") || strings.Contains(text, "Windows") || strings.Count(text, `": ""`) != 4 {
				t.Errorf("the file has more than hashes:\n%s", text)
			}
			prepared.newDevices(t, 4)
			other := with(first, "another key of this test")
			other.keep(t, knownDevices, text)
			other.newDevices(t, 4, everybody...)
			other.variables["TF_VAR_hash_key"] = "short"
			other.plansNot(t)
		})
	})
}

// plansNot expects a plan to fail.
func (c configuration) plansNot(t *testing.T) {
	t.Helper()
	if status, said := c.plan(t); status != 1 {
		t.Errorf("status is %d with %v", status, said)
	}
}
