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

// odd is what the rules find in the odd sessions.
type odd struct {
	rows, idle, outside, unsupported, oldWindows, oldBrowsers, deleted, surplus []rocketchattest.Session
	perAccount                                                                  map[string]int
	byRule                                                                      map[string][]rocketchattest.Session
}

func newOdd(rows []rocketchattest.Session, now time.Time) odd {
	o := odd{
		rows: rows, idle: where(rows, idleFor(now, 30*day)), outside: where(rows, outside),
		unsupported: where(rows, unsupported), oldWindows: where(rows, oldWindows), oldBrowsers: where(rows, outdated),
		deleted: where(rows, deleted),
	}
	o.surplus, o.perAccount = surplus(rows)
	o.byRule = offenders(rows, now)
	return o
}

func (o odd) oldBrowserList() string {
	return listed("use a browser older than version 113", o.oldBrowsers)
}

// onOddSessions is what the plan of each example says of the odd sessions.
func onOddSessions(o odd) map[string][]diagnostic {
	said := whereRulesAreBroken(time.Time{})
	return map[string][]diagnostic{
		"demo":      nil,
		"demo/gate": {stops(postcondition, o.oldBrowserList())},
		"policies/check": {
			warns(fmt.Sprintf("%d of %d sessions have not connected for 30 days.", len(o.idle), oddNumber())),
			warns(fmt.Sprintf("%d of %d sessions come from outside the company's networks.", len(o.outside), oddNumber())),
			warns(fmt.Sprintf("%d of %d sessions run an unsupported operating system.", len(o.oldWindows), oddNumber())),
		},
		"policies/conftest":       nil,
		"policies/ephemeral-gate": said["policies/ephemeral-gate"],
		"policies/gate": {
			stops(postcondition, listed("have not connected for 30 days", o.idle)),
			stops(postcondition, listed("come from outside the company's networks", o.outside)),
			stops(postcondition, listed("run an unsupported operating system", o.oldWindows)),
			stops(postcondition, listed("exceed the 3 that a service account may have", o.surplus)),
			stops(postcondition, listed("belong to deleted users", o.deleted)),
		},
		"policies/terraform-test": {unitTested(o.byRule)},
	}
}

// oddWorkspace has the odd sessions, and more pages than a minute's calls.
func oddWorkspace(t *testing.T, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
}

// saysSorted expects a plan to say these, whatever the order of offenders.
func (c configuration) saysSorted(t *testing.T, want []diagnostic) {
	t.Helper()
	got, said := c.plan(t)
	if got != status(want) {
		t.Errorf("status is %d, want %d", got, status(want))
	}
	byDetail := func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) }
	want = slices.Clone(want)
	for i := range said {
		said[i].Detail = sortedLists(said[i].Detail)
		for j := range want {
			want[j].Detail = cappedLike(want[j].Detail, said[i].Detail)
		}
	}
	slices.SortFunc(said, byDetail)
	slices.SortFunc(want, byDetail)
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("the plan says something else (-want +got):\n%s", diff)
	}
}

// cappedLike is a message of a rule as the rule caps it: with 30 of its lines, those that another message under the
// same head has, and how many it leaves out.
func cappedLike(message, other string) string {
	lines, others := strings.Split(message, "\n"), strings.Split(other, "\n")
	if lines[0] != others[0] || len(lines) <= 31 || strings.Contains(message, "\n  … and ") {
		return message
	}
	var common []string
	for _, line := range others[1:] {
		if at := slices.Index(lines, line); at > 0 {
			common, lines[at] = append(common, line), ""
		}
	}
	if len(common) != 30 {
		return message
	}
	return sortedLists(strings.Join(slices.Concat(lines[:1], common, []string{fmt.Sprintf("  … and %d more", len(lines)-31)}), "\n"))
}

func TestOddSessions(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	o := newOdd(rows, now)
	for rule, offenders := range map[string][]rocketchattest.Session{
		"idle": o.idle, "outside": o.outside, "unsupported": o.unsupported, "old Windows": o.oldWindows,
		"old browsers": o.oldBrowsers, "deleted": o.deleted, "surplus": o.surplus,
	} {
		if len(offenders) == 0 || len(offenders) == oddNumber() {
			t.Errorf("%s: the rule tells nobody from the others: %d of %d", rule, len(offenders), oddNumber())
		}
	}
	w, want := oddWorkspace(t, rows), onOddSessions(o)
	// Some odd sessions have users of whom nobody knows the roles.
	oddFolders := slices.DeleteFunc(folders(t), func(folder string) bool {
		return folder == "policies/remediation" || slices.Contains(policiesByUser(), folder)
	})
	withFirst(t, func(t *testing.T, c commandLine) {
		for _, folder := range clitest.Few(1, oddFolders) {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				expected, ok := want[folder]
				if !ok {
					t.Fatal("nothing is known of what it says")
				}
				prepare(t, c, folder).on(w).saysSorted(t, expected)
			})
		}
		t.Run("table of the demo", func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, c, "demo").on(w)
			prepared.must(t, "apply", "-auto-approve", "-input=false", plain)
			head, table, _ := strings.Cut(prepared.must(t, "output", "-raw", plain, "table"), "\n")
			got := strings.Split(table, "\n")
			slices.Sort(got)
			const columns = "USER           BROWSER            SYSTEM          ADDRESS          LAST CONNECTED"
			if diff := cmp.Diff(demoTable(rows), got); diff != "" || head != columns {
				t.Errorf("the table below %q is another one (-want +got):\n%s", head, diff)
			}
		})
		t.Run("who is logged out", func(t *testing.T) {
			t.Parallel()
			clitest.NotInShort(t)
			skipWithout(t, c, "policies/gate")
			checkRemediation(t, c, o, w)
		})
		t.Run("examples of the documentation", func(t *testing.T) {
			t.Parallel()
			checkDocumented(t, c, o, w, now)
		})
	})
}

// demoTable has the lines of the demo's table, sorted.
func demoTable(rows []rocketchattest.Session) []string {
	joined := func(texts ...string) string {
		return orElse(strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), " "), "-")
	}
	var lines []string
	for _, r := range rows {
		user, login := orElse(r.User.Value.Username.Value, r.UserID.Value, "-"), "-"
		if deleted(r) {
			user = "(deleted user)"
		}
		if r.LoginAt.State == rocketchattest.Present {
			login = asSent(r.LoginAt.Value)
		}
		lines = append(lines, fmt.Sprintf("%-14s %-18s %-15s %-16s %s",
			user, joined(browser(r), r.Device.Value.Version.Value), joined(osName(r), osVersion(r)), orElse(r.IP.Value, "-"), login))
	}
	slices.Sort(lines)
	return lines
}

// checkRemediation plans remediation without its action, which few command
// lines have, and looks at what would be handed to it.
func checkRemediation(t *testing.T, c commandLine, o odd, w *workspace) {
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
	prepared := configuration{commandLine: c, folder: folder}.on(w)
	prepared.must(t, "init", "-input=false", plain)
	if len(o.loggedOut(2)) == len(o.loggedOut(5)) {
		t.Error("beyond_per_user makes no difference")
	}
	status, said := prepared.plan(t)
	if status != 1 || len(said) != 1 || said[0].Summary != resourcePrecondition {
		t.Fatalf("status is %d with %v", status, said)
	}
	o.checkTooMany(t, said[0].Detail)
	prepared.must(t, "apply", "-auto-approve", "-input=false", plain, "-var=beyond_per_user=2", "-var=max_logouts=1000")

	var got struct {
		LoggedOut struct{ Value map[string]string } `json:"logged_out"`
	}
	if err := json.Unmarshal([]byte(prepared.must(t, "output", "-json", plain)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(o.loggedOut(2), slices.Sorted(maps.Keys(got.LoggedOut.Value))); diff != "" {
		t.Errorf("other sessions are logged out (-want +got):\n%s", diff)
	}
	// None was really logged out, so all are still listed.
	if r := prepared.run(t, "plan", "-input=false", plain, "-detailed-exitcode", "-var=beyond_per_user=2", "-var=max_logouts=1000"); r.status != 2 {
		t.Errorf("sessions that are still listed are not tried again: status is %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	if own := where(o.idle, func(r rocketchattest.Session) bool { return r.UserID.Value == ownUserID() }); len(own) == 0 {
		t.Error("no session of its own account breaks a rule, so nothing shows that they stay")
	}
}

// tellsCurrent tells whether the simulated release says which session is the token's own.
func tellsCurrent() bool { return clitest.Release() != "" && clitest.Release().MarksCurrent() }

// loggedOut are the sessions that remediation ends where an account keeps so many.
func (o odd) loggedOut(beyondPerUser int) []string {
	known := tellsCurrent()
	var ids []string
	for _, r := range slices.Concat(o.idle, o.oldWindows, o.deleted, o.surplus, beyond(o.rows, beyondPerUser)) {
		// Before 8.7 nothing tells the account's own session, and all of it are left
		// out; later the one that is current, which none of these rows is.
		if r.SessionID.Value != "" && (known || r.UserID.Value != ownUserID()) {
			ids = append(ids, r.SessionID.Value)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// checkTooMany looks at what remediation says of more sessions than it may log out: it names them.
func (o odd) checkTooMany(t *testing.T, message string) {
	t.Helper()
	ids, lines := o.loggedOut(5), strings.Split(message, "\n")
	if want := fmt.Sprintf("%d sessions break a rule, more than max_logouts = 20. None was logged out. "+
		"If the rules are right, raise max_logouts:", len(ids)); lines[0] != want {
		t.Errorf("it says %q, want %q", lines[0], want)
	}
	if want := fmt.Sprintf("  … and %d more", len(ids)-50); len(lines) != 52 || lines[51] != want {
		t.Fatalf("there are %d lines, want 52 with %q:\n%s", len(lines), want, message)
	}
	for i, id := range ids[:50] {
		if !slices.ContainsFunc(o.rows, func(r rocketchattest.Session) bool {
			return r.SessionID.Value == id && lines[i+1] == "  "+id+": "+described(r)
		}) {
			t.Errorf("the line of %s is %q", id, lines[i+1])
		}
	}
}

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
func written(t *testing.T, c commandLine, text string) configuration {
	t.Helper()
	configured := configuration{commandLine: c, folder: t.TempDir()}
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
func checkDocumented(t *testing.T, c commandLine, o odd, w *workspace, now time.Time) {
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
		stale := where(o.idle, func(r rocketchattest.Session) bool { return outside(r) && !serviceAccount(r) })
		got := example(t, "data-sources/rocketchat_workspace_sessions/data-source.tf",
			"bYhXfu5hkeqGaobEd", "id-of-svc-backup", "s3rYbM4nQ8vW2kTzA", "id-of-svc-mail").outputs(t)
		want := map[string]any{
			"stale_sessions": sortedTexts(stale, described),
			"counts": map[string]any{
				"stale": float64(len(stale)), "old_browsers": float64(len(o.oldBrowsers)),
				"surplus": float64(len(o.surplus)), "all": float64(oddNumber()),
			},
		}
		got["stale_sessions"] = sortedAny(got["stale_sessions"])
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("workspace_session", func(t *testing.T) {
		t.Parallel()
		configured := example(t, "data-sources/rocketchat_workspace_session/data-source.tf")
		bare := where(o.deleted, func(r rocketchattest.Session) bool {
			return r.SessionID.Value != "" && r.Device.State != rocketchattest.Present
		})[0]
		variables := w.variables()
		variables["TF_VAR_session_id"] = bare.SessionID.Value
		configured.variables = variables
		if diff := cmp.Diff(map[string]any{"reported_session": described(bare)}, configured.outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("current_user_sessions", func(t *testing.T) {
		t.Parallel()
		own := where(o.rows, func(r rocketchattest.Session) bool { return r.UserID.Value == ownUserID() })
		var elsewhere []any
		var current any // of no session that these accounts log in with
		if tellsCurrent() {
			current = false
		}
		for _, r := range where(own, outsideOf("10.0.0.0/8")) {
			// The workspace sends no user with its own account's sessions.
			r.User = rocketchattest.Some(rocketchattest.User{})
			elsewhere = append(elsewhere, map[string]any{"session": described(r), "current": current})
		}
		want := map[string]any{
			"sessions_elsewhere": elsewhere,
			"idle_sessions":      fmt.Sprintf("%d of %d", len(where(own, idleFor(now, 7*day))), len(own)),
		}
		if diff := cmp.Diff(want, example(t, "data-sources/rocketchat_current_user_sessions/data-source.tf").outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("ephemeral workspace_sessions", func(t *testing.T) {
		t.Parallel()
		skipWithout(t, c, "policies/ephemeral-gate")
		example(t, "ephemeral-resources/rocketchat_workspace_sessions/ephemeral-resource.tf").saysSorted(t, []diagnostic{
			stops(precondition, "Somebody is logged in from outside the company's networks. See Workspace > Device Management."),
			stops(precondition, "Somebody uses a browser older than version 113. See Workspace > Device Management."),
		})
	})
	documented("function describe", func(t *testing.T) {
		t.Parallel()
		got := sortedAny(example(t, "functions/describe/function.tf").outputs(t)["sessions_of_deleted_users"])
		if diff := cmp.Diff(sortedTexts(o.deleted, described), got); diff != "" {
			t.Errorf("other sessions (-want +got):\n%s", diff)
		}
	})
	documented("function summarize", func(t *testing.T) {
		t.Parallel()
		_, said := example(t, "functions/summarize/function.tf").plan(t)
		if len(said) != 1 || said[0].Summary != postcondition {
			t.Fatalf("the plan says %v", said)
		}
		lines := strings.Split(said[0].Detail, "\n")
		head := fmt.Sprintf("%d of %d sessions have not connected for 30 days:", len(o.idle), oddNumber())
		if len(lines) != 22 || lines[0] != head || !strings.HasPrefix(lines[21], "  … and ") {
			t.Errorf("it is no summary:\n%s", said[0].Detail)
		}
	})
	documented("function device", func(t *testing.T) {
		t.Parallel()
		want := map[string]any{}
		for _, r := range o.rows {
			name := orElse(r.UserID.Value, "unknown user") + ": " + orElse(browser(r), r.Device.Value.Type.Value, "unknown client") +
				" on " + orElse(osName(r), "an unknown system")
			number, _ := want[name].(float64)
			want[name] = number + 1
		}
		got := example(t, "functions/device/function.tf").outputs(t)
		if diff := cmp.Diff(map[string]any{"sessions_by_device": want}, got); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("function version_below", func(t *testing.T) {
		t.Parallel()
		var want []string
		for name, bound := range map[string]int{"Chrome": 113, "Edge": 113, "Firefox": 115} {
			want = append(want, sortedTexts(where(o.rows, func(r rocketchattest.Session) bool {
				return browser(r) == name && oldBrowser(bound, name)(r)
			}), described)...)
		}
		slices.Sort(want)
		got := sortedAny(example(t, "functions/version_below/function.tf").outputs(t)["outdated_browsers"])
		if diff := cmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Errorf("other sessions (-want +got):\n%s", diff)
		}
	})
	documented("function in_networks", func(t *testing.T) {
		t.Parallel()
		within := func(networks ...string) float64 {
			return float64(oddNumber() - len(where(o.rows, outsideOf(networks...))))
		}
		want := map[string]any{"sessions_by_site": map[string]any{
			"office": within("10.0.0.0/8", "2001:db8::/32"), "vpn": within("203.0.113.0/24"),
		}}
		if diff := cmp.Diff(want, example(t, "functions/in_networks/function.tf").outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
	documented("logout_session", func(t *testing.T) {
		t.Parallel()
		configured := example(t, "actions/rocketchat_logout_session/action.tf")
		configured.must(t, "apply", "-auto-approve", "-input=false", plain)
		var ids []string
		for _, r := range o.idle {
			if r.SessionID.Value != "" {
				ids = append(ids, r.SessionID.Value)
			}
		}
		slices.Sort(ids)
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
			t.Errorf("sessions that are still listed are not tried again: status is %d\n%s%s", r.status, r.stdout, r.stderr)
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
		if diff := cmp.Diff(map[string]any{"total": float64(oddNumber())}, configured.outputs(t)); diff != "" {
			t.Errorf("other outputs (-want +got):\n%s", diff)
		}
	})
}

func sortedTexts(rows []rocketchattest.Session, text func(rocketchattest.Session) string) []string {
	var texts []string
	for _, r := range rows {
		texts = append(texts, text(r))
	}
	slices.Sort(texts)
	return texts
}

func sortedAny(list any) []string {
	var texts []string
	elements, _ := list.([]any)
	for _, element := range elements {
		texts = append(texts, fmt.Sprint(element))
	}
	slices.Sort(texts)
	return texts
}

// hclBlocks are the blocks of HCL in README and templates, by file and number.
func hclBlocks(t *testing.T) map[string]string {
	t.Helper()
	files := []string{filepath.Join(root, "README.md")}
	for _, pattern := range []string{
		"templates/*.tmpl", "templates/*/*.tmpl", "examples/*/README.md", "examples/*/*/README.md", "cmd/*/README.md",
	} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	blocks := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(file, "adopt-in-a-week") {
			continue // TestAdoptInAWeek runs it, step by step
		}
		for i, block := range regexp.MustCompile("(?s)```(?:hcl|terraform)\n(.*?)\n```").FindAllSubmatch(text, -1) {
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			blocks[fmt.Sprintf("%s %d", filepath.ToSlash(name), i+1)] = string(block[1])
		}
	}
	return blocks
}

// The HCL in README and guides is planned as it stands there.
func TestHCLOfTheDocumentation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	w, blocks := oddWorkspace(t, rows), hclBlocks(t)
	want := map[string][]diagnostic{
		"README.md 1": {stops(postcondition, newOdd(rows, now).oldBrowserList())},
		"README.md 2": nil,
		"templates/guides/token-and-second-factor.md.tmpl 1": nil,

		"templates/data-sources/current_user_sessions.md.tmpl 1":     nil,
		"templates/data-sources/workspace_sessions.md.tmpl 1":        nil,
		"templates/ephemeral-resources/workspace_sessions.md.tmpl 1": nil,
	}
	for name := range want {
		if _, ok := blocks[name]; !ok {
			t.Errorf("%s is not there", name)
		}
	}
	withFirst(t, func(t *testing.T, c commandLine) {
		for name, text := range blocks {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				expected, ok := want[name]
				if !ok {
					t.Fatal("nothing is known of what it says")
				}
				written(t, c, text).on(w).saysSorted(t, expected)
			})
		}
	})
}

// The README shows what its example says of the documented sessions.
func TestReadmeShowsWhatItsExampleSays(t *testing.T) {
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
	withFirst(t, func(t *testing.T, c commandLine) {
		want := stops(string(console[1]), string(console[2]))
		written(t, c, hclBlocks(t)["README.md 1"]).on(w).planSays(t, 1, want)
		prepare(t, c, "demo/gate").on(w).planSays(t, 1, want)
	})
}
