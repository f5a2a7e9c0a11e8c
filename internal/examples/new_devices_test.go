// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
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

// update runs the script of the example from another folder, and returns the file that it leaves. It says these
// lines of the new devices, and nothing else.
func (c configuration) update(t *testing.T, status int, lines ...string) string {
	t.Helper()
	variables := map[string]string{"TF": c.path}
	maps.Copy(variables, c.variables)
	r := run(t, filepath.Dir(c.folder), variables, "sh", filepath.Join(c.folder, "update.sh"))
	want := "No device is new.\n"
	if len(lines) > 0 {
		want = "New in known-devices.json:\n" + strings.Join(lines, "\n") + "\n"
	}
	if status != 0 {
		want = ""
	}
	if r.status != status || r.stdout != want || (r.stderr != "") != (status != 0) {
		t.Fatalf("exit code is %d, want %d with\n%s\n%s%s", r.status, status, want, r.stdout, r.stderr)
	}
	return readFile(t, filepath.Join(c.folder, knownDevices))
}

// newDevices expects the gate to find these, of so many.
func (c configuration) newDevices(t *testing.T, all int, lines ...string) {
	t.Helper()
	if len(lines) == 0 {
		c.planSays(t)
		return
	}
	head := fmt.Sprintf("%d of %d devices are not in known-devices.json:", len(lines), all)
	c.planSays(t, stops(precondition, append([]string{head}, lines...)...))
}

func TestNewDevices_policy(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
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
	before, after := newWorkspace(t, lawful(now)), newWorkspace(t, append(lawful(now), linux, updated))
	// The username is taken over by somebody else.
	renamed := newWorkspace(t, append(lawful(now), session("sessionEve", "eve", now, func(s *rocketchattest.Session) {
		s.User.Value.Username = rocketchattest.Some("bob.lawful")
	})))
	c := first(t)
	t.Run("in the clear", func(t *testing.T) {
		t.Parallel()
		prepared := prepare(t, c, folder)
		prepared.on(before).newDevices(t, 4, everybody...)
		same(t, "the first file is another one", devicesOfLawful(), prepared.on(before).update(t, 0, everybody...))
		prepared.on(before).newDevices(t, 4)
		prepared.on(after).newDevices(t, 5, linuxLine)
		prepared.on(renamed).newDevices(t, 5, line("bob.lawful", firefox, "10.11.12.13", 0, "sessionEve"))
		both := devicesOfLawful(`  "id-of-alice.lawful: Firefox on Linux": "alice.lawful"`)
		same(t, "the second file is another one", both, prepared.on(after).update(t, 0, linuxLine))
		// It is gone, and comes back.
		same(t, "the file forgets a device", both, prepared.on(before).update(t, 0))
		prepared.on(after).newDevices(t, 5)
		closed := newWorkspace(t, nil)
		closed.account.Token = "a-token-of-nobody"
		same(t, "a failed read changes the file", both, prepared.on(closed).update(t, 2))
		for _, name := range []string{"plan", "terraform.tfstate"} {
			if _, err := os.Stat(filepath.Join(prepared.folder, name)); err == nil {
				t.Errorf("%s is left", name)
			}
		}
		// A file that is no file of devices lets nobody pass.
		for _, text := range []string{"[]\n", ""} {
			prepared.keep(t, knownDevices, text)
			prepared.on(before).plansNot(t)
		}
	})
	t.Run("hashed", func(t *testing.T) {
		t.Parallel()
		prepared := prepare(t, c, folder).on(before)
		prepared.variables["TF_VAR_hash_key"] = "a key of this test, and no other"
		text := prepared.update(t, 0, everybody...)
		if strings.Contains(text, "lawful") || strings.Contains(text, "Windows") || strings.Count(text, `": ""`) != 4 {
			t.Errorf("the file has more than hashes:\n%s", text)
		}
		prepared.newDevices(t, 4)
		prepared.variables["TF_VAR_hash_key"] = "another key of this test"
		prepared.newDevices(t, 4, everybody...)
		prepared.variables["TF_VAR_hash_key"] = "short"
		prepared.plansNot(t)
	})
}

// As a new user would, from an empty folder: the commands of the README, up to the pull request for a second device and
// for a third.
func TestNewDevices_readme(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now().Truncate(time.Millisecond)
	readme := readFile(t, filepath.Join(examplesRoot, "policies", "new-devices", "README.md"))
	var console []string
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(readme, -1) {
		console = append(console, strings.ReplaceAll("\n"+block[1], "\n$ ", "\n"))
	}
	proposal := regexp.MustCompile("(?s)```sh\n(.*?)```").FindStringSubmatch(readme)
	if len(console) != 4 || len(proposal) != 2 {
		t.Fatalf("the README has %d blocks of commands and %d scripts", len(console), len(proposal))
	}
	rows := lawful(now)
	workspaces := []*workspace{newWorkspace(t, rows)}
	for i, system := range []string{"Linux", "Android"} {
		rows = append(rows, session(fmt.Sprintf("session%d", i), "alice.lawful", now, running(system, "")))
		workspaces = append(workspaces, newWorkspace(t, rows))
	}
	repository := newRepository(t, first(t))
	repository.must(t, nil, 0, "git clone -q ../origin.git . && git config user.name a && git config user.email a@example.com && cp -R ../new-devices policy")
	repository.must(t, workspaces[0], 1, "cd policy && "+console[0])
	repository.must(t, workspaces[0], 0, "cd policy && "+console[1]+"git push -q origin main")
	repository.must(t, workspaces[0], 0, "cd policy && terraform plan -input=false")

	// Somebody acknowledges the second device.
	repository.must(t, workspaces[1], 1, "cd policy && terraform plan -input=false")
	repository.must(t, workspaces[1], 0, "cd policy && "+console[2]+"git push -q origin main")
	repository.must(t, workspaces[1], 0, "cd policy && terraform plan -input=false")

	// The pipeline proposes the third, once, in one pull request.
	repository.must(t, nil, 0, "git config --remove-section user")
	for range 2 {
		repository.must(t, workspaces[2], 0, "git switch -q main && cd policy && "+proposal[1])
	}
	want := "+  \"id-of-alice.lawful: Firefox on Android\": \"alice.lawful\",\n"
	if diff := repository.must(t, nil, 0, "git fetch -q && git diff -U0 origin/main origin/new-devices"); strings.Count(diff, "\n+") != 2 ||
		!strings.Contains(diff, want) {
		t.Errorf("the proposal is not %q:\n%s", want, diff)
	}
	repository.must(t, workspaces[2], 0, "git switch -q main && git merge -q origin/new-devices && git push -q origin main && echo merged >>../pulls")
	repository.must(t, workspaces[2], 0, "cd policy && terraform plan -input=false")
	// One that comes after the merge gets a pull request of its own.
	repository.must(t, newWorkspace(t, append(rows, session("sessionMac", "bob.lawful", now, running("Mac OS", "")))), 0, "cd policy && "+proposal[1])
	if pulls := readFile(t, filepath.Join(filepath.Dir(repository.folder), "pulls")); pulls != "open\nmerged\nopen\n" {
		t.Errorf("the pull requests are %q", pulls)
	}
}

// repository is a clone in which somebody follows a README.
type repository struct{ folder string }

// newRepository has a remote beside it, the example, and tools: the CLI as "terraform", and GitHub's, which lists open
// pull requests and takes new ones.
func newRepository(t *testing.T, c cli) repository {
	t.Helper()
	parent := t.TempDir()
	r := repository{folder: filepath.Join(parent, "work")}
	copyFolder(t, examplesRoot+"/policies/new-devices", filepath.Join(parent, "new-devices"))
	write(t, filepath.Join(parent, "pulls"), "")
	writeScript(t, filepath.Join(parent, "bin", "gh"), fmt.Sprintf(`case "$1 $2" in
"pr list") tail -n 1 %[1]q | grep -c open || true ;;
"pr create") echo open >>%[1]q ;;
*) exit 2 ;;
esac`, filepath.Join(parent, "pulls")))
	err := errors.Join(
		os.Mkdir(r.folder, 0o700), os.Symlink(c.path, filepath.Join(parent, "bin", "terraform")),
		os.Chmod(filepath.Join(parent, "new-devices", "update.sh"), 0o700), //nolint:gosec // as in the repository
	)
	if err != nil {
		t.Fatal(err)
	}
	r.must(t, nil, 0, "git init -q --bare --initial-branch=main ../origin.git")
	return r
}

func (r repository) must(t *testing.T, w *workspace, status int, commands string) string {
	t.Helper()
	parent := filepath.Dir(r.folder)
	variables := map[string]string{
		"PATH": filepath.Join(parent, "bin") + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME": parent, "GIT_CONFIG_NOSYSTEM": "1",
		// As on a runner, where nobody has told git who they are.
		"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.useConfigOnly", "GIT_CONFIG_VALUE_0": "true",
	}
	if w != nil {
		maps.Copy(variables, w.variables())
	}
	result := run(t, r.folder, variables, "sh", "-ec", commands)
	if result.status != status {
		t.Fatalf("exit code is %d, want %d:\n%s\n%s%s", result.status, status, commands, result.stdout, result.stderr)
	}
	return result.stdout
}

// plansNot expects a plan to fail.
func (c configuration) plansNot(t *testing.T) {
	t.Helper()
	if status, said := c.plan(t); status != 1 {
		t.Errorf("exit code is %d with %v", status, said)
	}
}
