// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// What the rules of the examples find. The numbers are those on which the rules and a second implementation of them
// agreed; the rows are each to be judged by eye.
var (
	oddIdle     = discovery{6, []int{6, 17, 34, 35, 36, 39}, []int{33, 38}}
	oddOutside  = discovery{193, []int{19, 23, 25, 26, 27, 28, 38}, []int{18, 20, 21, 22, 24, 33, 37}}
	oddWindows  = discovery{19, []int{10, 12, 13}, []int{9, 16}} // and those of no version
	oddSurplus  = discovery{3, []int{32, 33, 34}, []int{29, 30, 31, 35}}
	oddDeleted  = discovery{15, []int{6, 14, 17, 36}, []int{15, 16, 35}}
	oddBrowsers = discovery{37, []int{1, 3, 4}, []int{5, 9, 16}}
)

func oldBrowsers() saying { return oddBrowsers.listed("use a browser older than version 113") }

// onOddSessions is what the plan of each example says of the odd sessions.
func onOddSessions() map[string][]saying {
	said := whereRulesAreBroken(time.Time{})
	return map[string][]saying{
		"account-check": nil,
		"demo":          nil,
		"demo/gate":     {oldBrowsers()},
		"policies/check": sayings([]diagnostic{
			warns("6 of 300 sessions have not connected for 30 days."),
			warns("193 of 300 sessions come from outside the company's networks."),
			warns("19 of 300 sessions run an unsupported operating system."),
		}),
		"policies/conftest":       nil,
		"policies/ephemeral-gate": sayings(said["policies/ephemeral-gate"]),
		"policies/gate": {
			oddIdle.listed("have not connected for 30 days"),
			oddOutside.listed("come from outside the company's networks"),
			oddWindows.listed("run an unsupported operating system"),
			oddSurplus.listed("exceed the 3 that a service account may have"),
			oddDeleted.listed("belong to deleted users"),
		},
		"policies/terraform-test": sayings([]diagnostic{unitTested(15, 193)}),
	}
}

// oddWorkspace has the odd sessions, and more pages than a minute's calls.
func oddWorkspace(t *testing.T, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
}

// saysOfOdd expects a plan to say these.
func (c configuration) saysOfOdd(t *testing.T, want []saying) {
	t.Helper()
	said := make([]diagnostic, 0, len(want))
	for _, w := range want {
		said = append(said, w.diagnostic)
	}
	wantStatus := status(said)
	got, said := c.plan(t)
	if got != wantStatus || len(said) != len(want) {
		t.Errorf("exit code is %d with %d diagnostics, want %d with %d:\n%v", got, len(said), wantStatus, len(want), said)
	}
	for _, w := range want {
		i := slices.IndexFunc(said, func(d diagnostic) bool {
			return d.Severity == w.Severity && d.Summary == w.Summary && strings.HasPrefix(d.Detail+"\n", w.Detail+"\n")
		})
		if i < 0 {
			t.Errorf("no diagnostic says %+v:\n%v", w.diagnostic, said)
			continue
		}
		w.checkLines(t, said[i].Detail)
	}
}

func TestOdd_sessions(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	w, want := oddWorkspace(t, rows), onOddSessions()
	// Some odd sessions have users of whom nobody knows the roles, and every device is new.
	oddFolders := slices.DeleteFunc(folders(t), func(folder string) bool {
		return slices.Contains(remediations(), folder) || folder == "policies/new-devices" || folder == severalWorkspaces ||
			slices.Contains(slices.Concat(policiesByUser(), policiesBySettings()), folder)
	})
	withFirst(t, func(t *testing.T, c cli) {
		for _, folder := range clitest.Few(1, oddFolders) {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				expected, ok := want[folder]
				if !ok {
					t.Fatal("nothing is known of what it says")
				}
				prepare(t, c, folder).on(w).saysOfOdd(t, expected)
			})
		}
		t.Run("number of the account's check", func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, c, "account-check").on(w)
			printed := prepared.must(t, "plan", "-input=false", plain, "-out=plan")
			if want := fmt.Sprintf("\n  + sessions = %d\n", oddNumber); !strings.Contains(printed, want) {
				t.Errorf("the plan does not print %q:\n%s", want, printed)
			}
			if stored := prepared.must(t, "show", "-json", "plan"); strings.Contains(stored, rows[2].User.Value.Username.Value) {
				t.Errorf("the plan contains sessions:\n%s", stored)
			}
		})
		t.Run("table of the demo", func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, c, "demo").on(w)
			prepared.must(t, "apply", "-auto-approve", "-input=false", plain)
			head, table, _ := strings.Cut(prepared.must(t, "output", "-raw", plain, "table"), "\n")
			const columns = "USER           BROWSER            SYSTEM          ADDRESS          LAST CONNECTED"
			if lines := strings.Count(table, "\n") + 1; lines != oddNumber || head != columns {
				t.Errorf("%d lines below %q", lines, head)
			}
			for _, want := range []string{
				"odd.chrome     CHROME 99.0        -               10.11.12.13      " + asSent(rows[2].LoginAt.Value),
				"odd.system     Firefox 148.0      Windows 8.1     10.11.12.13      " + asSent(rows[12].LoginAt.Value),
				"(deleted user) Chrome 9.0         -               -                -",
				"svc-mail       -                  -               -                -",
			} {
				if !strings.Contains("\n"+table+"\n", "\n"+want+"\n") {
					t.Errorf("the table lacks %q:\n%s", want, table)
				}
			}
		})
		t.Run("who is logged out", func(t *testing.T) {
			t.Parallel()
			clitest.NotInShort(t)
			skipWithout(t, c, "policies/gate")
			checkRemediation(t, c, w)
		})
		t.Run("who would be logged out", func(t *testing.T) {
			t.Parallel()
			clitest.NotInShort(t)
			skipWithout(t, c, "policies/remediation-resource")
			checkTooMany(t, prepare(t, c, "policies/remediation-resource").on(w))
		})
		t.Run("examples of the documentation", func(t *testing.T) {
			t.Parallel()
			checkDocumented(t, c, w)
		})
	})
}

// checkRemediation plans remediation without its action, which few command
// lines have, and looks at what would be handed to it.
func checkRemediation(t *testing.T, c cli, w *workspace) {
	t.Helper()
	folder := filepath.Join(copyExamples(t), "policies", "remediation")
	file := filepath.Join(folder, "main.tf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, withoutActions(t, text), 0o600); err != nil {
		t.Fatal(err)
	}
	prepared := configuration{cli: c, folder: folder}.on(w)
	prepared.must(t, "init", "-input=false", plain)
	checkTooMany(t, prepared)
	prepared.must(t, "apply", "-auto-approve", "-input=false", plain, "-var=beyond_per_user=2", "-var=max_logouts=1000")

	var got struct {
		LoggedOut struct{ Value map[string]string } `json:"logged_out"`
	}
	if err := json.Unmarshal([]byte(prepared.must(t, "output", "-json", plain)), &got); err != nil {
		t.Fatal(err)
	}
	want := discovery{110, []int{3, 6, 10, 12, 14, 28, 32, 34, 36}, []int{1, 5, 16, 18, 29, 37, 38, 39}}
	if tellsCurrent() {
		want = discovery{111, append(want.has, 39), []int{1, 37, 38}}
	}
	want.among(t, "remediation", slices.Collect(maps.Keys(got.LoggedOut.Value)))
	// None was really logged out, so all are still listed.
	if r := prepared.run(t, "plan", "-input=false", plain, "-detailed-exitcode", "-var=beyond_per_user=2", "-var=max_logouts=1000"); r.status != 2 {
		t.Errorf("sessions that are still listed are not tried again: exit code is %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// checkTooMany expects a remediation to name those whom it would log out above its cap.
func checkTooMany(t *testing.T, prepared configuration) {
	t.Helper()
	tooMany := func(number int, has []string, arguments ...string) {
		if tellsCurrent() {
			number++ // Before 8.7, nothing identifies the account's own session, and all of it are left out.
		}
		status, said := prepared.plan(t, arguments...)
		if status != 1 || len(said) != 1 || said[0].Summary != resourcePrecondition {
			t.Fatalf("exit code is %d with %v", status, said)
		}
		saying{has: has, most: 50, diagnostic: diagnostic{Detail: fmt.Sprintf("%d sessions break a rule, more than max_logouts = 20. "+
			"None was logged out. If the rules are right, raise max_logouts:", number)}}.checkLines(t, said[0].Detail)
	}
	tooMany(42, []string{handmadeID(6) + ": " + oddLines()[6], handmadeID(10) + ": " + oddLines()[10], handmadeID(34) + ": " + oddLines()[34]})
	tooMany(110, nil, "-var=beyond_per_user=2")
}

// tellsCurrent reports whether the simulated release says which session is the token's own.
func tellsCurrent() bool { return clitest.Release() != "" && clitest.Release().MarksCurrent() }

// withoutActions takes actions, their triggers and the required version out of
// a configuration.
func withoutActions(t *testing.T, text []byte) []byte {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig(text, "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var cut []hcl.Range
	var walk func(body *hclsyntax.Body)
	walk = func(body *hclsyntax.Body) {
		if version, ok := body.Attributes["required_version"]; ok {
			cut = append(cut, version.Range())
		}
		for _, block := range body.Blocks {
			if block.Type == "action" || block.Type == "action_trigger" {
				cut = append(cut, hcl.RangeBetween(block.TypeRange, block.CloseBraceRange))
				continue
			}
			walk(block.Body)
		}
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("the body is of type %T", parsed.Body)
	}
	walk(body)
	slices.SortFunc(cut, func(a, b hcl.Range) int { return b.Start.Byte - a.Start.Byte })
	for _, r := range cut {
		text = slices.Delete(text, r.Start.Byte, r.End.Byte)
	}
	return text
}

// preamble is what the documentation leaves out of its examples.
const preamble = `terraform {
  required_providers {
    rocketchat = { source = "terraform-rocketchat/rocketchat" }
  }
}
`

// written is an initialized configuration with this text.
func written(t *testing.T, c cli, text string) configuration {
	t.Helper()
	configured := configuration{cli: c, folder: t.TempDir()}
	if !strings.Contains(text, "required_providers") {
		text = preamble + text
	}
	if err := os.WriteFile(filepath.Join(configured.folder, "main.tf"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	configured.must(t, "init", "-input=false", plain)
	return configured
}

// outputs applies a configuration and returns its outputs.
func (c configuration) outputs(t *testing.T) map[string]any {
	t.Helper()
	c.must(t, "apply", "-auto-approve", "-input=false", plain)
	var read map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(c.must(t, "output", "-json", plain)), &read); err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	for name, output := range read {
		values[name] = output.Value
	}
	return values
}

// checkDocumented runs the examples that the reference shows, in a short run the first.
func checkDocumented(t *testing.T, c cli, w *workspace) {
	t.Helper()
	example := func(t *testing.T, file string, replacements ...string) configuration {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(examplesRoot, filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		return written(t, c, strings.NewReplacer(replacements...).Replace(string(withoutActions(t, text)))).on(w)
	}
	number := 0
	documented := func(name string, test func(t *testing.T)) {
		number++
		if number == 1 || !testing.Short() {
			t.Run(name, test)
		}
	}
	documented("workspace_sessions", func(t *testing.T) {
		t.Parallel()
		got := example(t, "data-sources/rocketchat_workspace_sessions/data-source.tf",
			"bYhXfu5hkeqGaobEd", "id-of-svc-backup", "s3rYbM4nQ8vW2kTzA", "id-of-svc-mail").outputs(t)
		got["stale_sessions"] = sortedLines(got["stale_sessions"])
		want := map[string]any{
			"stale_sessions": []string{oddLines()[39], oddLines()[36], oddLines()[6], oddLines()[17]},
			"counts":         map[string]any{"stale": 4.0, "old_browsers": 37.0, "surplus": 3.0, "all": 300.0},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("workspace_session", func(t *testing.T) {
		t.Parallel()
		configured := example(t, "data-sources/rocketchat_workspace_session/data-source.tf")
		variables := w.variables()
		variables["TF_VAR_session_id"] = handmadeID(36)
		configured.variables = variables
		if diff := cmp.Diff(map[string]any{"reported_session": oddLines()[36] + ", session " + handmadeID(36)}, configured.outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("current_user_sessions", func(t *testing.T) {
		t.Parallel()
		var current any // of no session that these accounts log in with
		if tellsCurrent() {
			current = false
		}
		got := example(t, "data-sources/rocketchat_current_user_sessions/data-source.tf").outputs(t)
		elsewhere, _ := got["sessions_elsewhere"].([]any)
		for _, e := range elsewhere {
			if e, ok := e.(map[string]any); ok {
				e["session"] = untilLogin(fmt.Sprint(e["session"]))
			}
		}
		// The workspace sends no user with its own account's sessions.
		const user = "user synthUsertotp0000: "
		want := map[string]any{
			"sessions_elsewhere": []any{
				map[string]any{"session": user + "Firefox 148.0 on Windows 11, from 198.51.100.1", "current": current},
				map[string]any{"session": user + "unknown client, from an unknown address", "current": current},
			},
			"idle_sessions": "1 of 3",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("ephemeral workspace_sessions", func(t *testing.T) {
		t.Parallel()
		skipWithout(t, c, "policies/ephemeral-gate")
		example(t, "ephemeral-resources/rocketchat_workspace_sessions/ephemeral-resource.tf").saysOfOdd(t, sayings([]diagnostic{
			stops(precondition, "Somebody is logged in from outside the company's networks. See Workspace > Device Management."),
			stops(precondition, "Somebody uses a browser older than version 113. See Workspace > Device Management."),
		}))
	})
	documented("function describe", func(t *testing.T) {
		t.Parallel()
		got := sortedLines(example(t, "functions/describe/function.tf").outputs(t)["sessions_of_deleted_users"])
		saying{has: lines(oddDeleted.has), not: lines(oddDeleted.not), diagnostic: diagnostic{Detail: "15:"}}.
			checkLines(t, "15:\n  "+strings.Join(got, "\n  "))
	})
	documented("function summarize", func(t *testing.T) {
		t.Parallel()
		_, said := example(t, "functions/summarize/function.tf").plan(t)
		if len(said) != 1 || said[0].Summary != postcondition {
			t.Fatalf("the plan says %v", said)
		}
		// They are of six users.
		saying{diagnostic: diagnostic{Detail: "6 of 300 sessions have not connected for 30 days:"}}.checkLines(t, said[0].Detail)
	})
	documented("function device", func(t *testing.T) {
		t.Parallel()
		got, _ := example(t, "functions/device/function.tf").outputs(t)["sessions_by_device"].(map[string]any)
		all := 0.0
		for _, number := range got {
			n, _ := number.(float64)
			all += n
		}
		if all != oddNumber {
			t.Errorf("there are %v sessions of %d", all, oddNumber)
		}
		for device, want := range map[string]float64{
			"id-of-odd.chrome: Chrome on an unknown system": 2, "id-of-odd.chrome: CHROME on an unknown system": 1,
			"id-of-odd.system: Firefox on Windows": 3, "id-of-odd.system: Firefox on WINDOWS": 1, "id-of-svc-backup: Firefox on Windows": 6,
			"unknown user: Firefox on Windows": 1, "unknown user: unknown client on an unknown system": 1,
		} {
			if got[device] != want {
				t.Errorf("%v sessions of %s, want %v", got[device], device, want)
			}
		}
	})
	documented("function version_below", func(t *testing.T) {
		t.Parallel()
		got := sortedLines(example(t, "functions/version_below/function.tf").outputs(t)["outdated_browsers"])
		saying{has: lines([]int{1, 4, 6}), not: lines([]int{3, 5, 16}), diagnostic: diagnostic{Detail: "36:"}, most: 100}.
			checkLines(t, "36:\n  "+strings.Join(got, "\n  "))
	})
	documented("function in_networks", func(t *testing.T) {
		t.Parallel()
		want := map[string]any{"sessions_by_site": map[string]any{"office": 85.0, "vpn": 1.0}}
		if diff := cmp.Diff(want, example(t, "functions/in_networks/function.tf").outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("logout_session", func(t *testing.T) {
		t.Parallel()
		configured := example(t, "actions/rocketchat_logout_session/action.tf")
		configured.must(t, "apply", "-auto-approve", "-input=false", plain)
		var ids []string
		for _, number := range []int{6, 34, 35, 36, 39} { // 17 has no ID
			ids = append(ids, handmadeID(number))
		}
		quoted, err := json.Marshal(ids)
		if err != nil {
			t.Fatal(err)
		}
		console := runWithInput(t, configured.folder, configured.variables, []byte("jsonencode(sort(local.stale))\n"), c.path, "console", plain)
		var printed string
		if err := json.Unmarshal([]byte(console.stdout), &printed); err != nil {
			t.Fatalf("%v in %q%s", err, console.stdout, console.stderr)
		}
		if diff := cmp.Diff(string(quoted), printed); diff != "" {
			t.Errorf("other sessions are ended (-want +got):\n%s", diff)
		}
		if r := configured.run(t, "plan", "-input=false", plain, "-detailed-exitcode"); r.status != 2 {
			t.Errorf("sessions that are still listed are not tried again: exit code is %d\n%s%s", r.status, r.stdout, r.stderr)
		}
	})
	documented("provider", func(t *testing.T) {
		t.Parallel()
		text, err := os.ReadFile(filepath.Join(examplesRoot, "provider", "provider.tf"))
		if err != nil {
			t.Fatal(err)
		}
		const address = "https://chat.example.com"
		if strings.Count(string(text), address) != 1 {
			t.Fatalf("the example does not name %s once", address)
		}
		configured := written(t, c, strings.Replace(string(text), address, w.url, 1)+
			"data \"rocketchat_workspace_sessions\" \"all\" {\n  limit = 0\n}\n\n"+
			"output \"total\" {\n  value = data.rocketchat_workspace_sessions.all.total\n}\n")
		configured.variables = map[string]string{
			"TF_VAR_rocketchat_user_id":     w.account.UserID,
			"TF_VAR_rocketchat_auth_token":  w.account.Token,
			"TF_VAR_rocketchat_totp_secret": w.account.TOTPSecret,
		}
		if diff := cmp.Diff(map[string]any{"total": float64(oddNumber)}, configured.outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
}

func sortedLines(list any) []string {
	var texts []string
	elements, _ := list.([]any)
	for _, element := range elements {
		texts = append(texts, untilLogin(fmt.Sprint(element)))
	}
	slices.Sort(texts)
	return texts
}

// documentation is the README, the templates and the pages of the examples.
func documentation(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md"}
	for _, pattern := range []string{
		"templates/*.tmpl", "templates/*/*.tmpl", "examples/*/README.md", "examples/*/*/README.md", "modules/*/README.md", "cmd/*/README.md",
	} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			page, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, filepath.ToSlash(page))
		}
	}
	return pages
}

// hclBlocks are the blocks of HCL in the documentation, by page and number.
func hclBlocks(t *testing.T) map[string]string {
	t.Helper()
	blocks := map[string]string{}
	for _, page := range documentation(t) {
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(page, "adopt-in-a-week") || strings.HasPrefix(page, "modules/") {
			continue // TestBaseline_adoptInAWeek and TestBaseline_readme run them, step by step
		}
		for i, block := range regexp.MustCompile("(?s)```(?:hcl|terraform)\n(.*?)\n```").FindAllSubmatch(text, -1) {
			blocks[fmt.Sprintf("%s %d", page, i+1)] = string(block[1])
		}
	}
	return blocks
}

// The HCL in README and guides is planned as it stands there.
func TestExamples_hclOfTheDocumentation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	w, blocks := oddWorkspace(t, rows), hclBlocks(t)
	// The odd sessions have users of whom nobody knows the permissions.
	const ofPosture = "templates/guides/choose-a-policy.md.tmpl 1"
	unlawful := serve(t, unlawfulWorkspace(now))
	want := map[string][]saying{
		"README.md 1":      {oldBrowsers()},
		"README.md 2":      nil,
		installPage + " 1": nil,
		ofPosture: sayings([]diagnostic{
			stops(postcondition, "Logins last 90 days, more than 30."),
			stops(postcondition, "Administrators need no second factor."),
			stops(postcondition, "1 sessions of users who can read settings come from outside."),
		}),

		"templates/data-sources/current_user_sessions.md.tmpl 1":     nil,
		"templates/data-sources/workspace_sessions.md.tmpl 1":        nil,
		"templates/ephemeral-resources/workspace_sessions.md.tmpl 1": nil,
	}
	for name := range want {
		if _, ok := blocks[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
	withFirst(t, func(t *testing.T, c cli) {
		for name, text := range blocks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				expected, ok := want[name]
				if !ok {
					t.Fatal("nothing is known of what it says")
				}
				on := w
				if name == ofPosture {
					on = unlawful
				}
				written(t, c, text).on(on).saysOfOdd(t, expected)
			})
		}
	})
}

// The README shows what its example says of the documented sessions.
func TestExamples_readmeShowsWhatItsExampleSays(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	console := regexp.MustCompile("(?s)```console\n\\$ terraform plan\nError: (.*?)\n\n(.*?)\n```").FindSubmatch(readme)
	if console == nil {
		t.Fatal("there is no plan in the README")
	}
	w := newWorkspace(t, rocketchattest.DocumentedSessions())
	withFirst(t, func(t *testing.T, c cli) {
		want := stops(string(console[1]), string(console[2]))
		written(t, c, hclBlocks(t)["README.md 1"]).on(w).planSays(t, 1, want)
		prepare(t, c, "demo/gate").on(w).planSays(t, 1, want)
		checked := regexp.MustCompile("(?s)cd examples/account-check && terraform init && terraform plan\n(.*?)```").FindSubmatch(readme)
		if checked == nil {
			t.Fatal("the README does not check the account")
		}
		if printed := prepare(t, c, "account-check").on(w).must(t, "plan", "-input=false", plain); !strings.Contains(tight(printed), tight(string(checked[1]))) {
			t.Errorf("the plan does not print %q:\n%s", checked[1], printed)
		}
	})
}

// tight is a text without empty lines.
func tight(text string) string {
	return regexp.MustCompile(`\n\s*\n`).ReplaceAllString(text, "\n")
}
