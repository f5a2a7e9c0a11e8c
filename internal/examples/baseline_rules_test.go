// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// withKiosks is a workspace where two kiosks are logged in, one of them in a browser, and two users are dormant.
func withKiosks(t *testing.T, now time.Time) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{
		Sessions: append(unlawful(now),
			session("sessionKiosk1", "kiosk-1", now),
			session("sessionKiosk2", "kiosk-2", now, func(s *rocketchattest.Session) {
				s.Device.Value.Type = rocketchattest.Some("desktop-app")
			}),
		),
		Users:     append(unlawfulUsers(now), user("kiosk-1", now), user("kiosk-2", now)),
		RateLimit: rocketchattest.RateLimit{Off: true},
	})
}

// readmeBlocks are the blocks of HCL in the README of the module.
func readmeBlocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(modulesRoot, "session-baseline", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```terraform\n(.*?)\n```").FindAllSubmatch(text, -1) {
		blocks = append(blocks, string(block[1]))
	}
	return blocks
}

// pinned is a source of the module in a bare repository that has this tag.
func pinned(t *testing.T, tag string) (source string) {
	t.Helper()
	folder, bare := t.TempDir(), filepath.Join(t.TempDir(), "provider.git")
	if err := os.CopyFS(filepath.Join(folder, "modules"), os.DirFS(copyFolder(t, modulesRoot))); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{
		{"init", "--quiet"},
		{"add", "."},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message=Release"},
		{"-c", "tag.gpgSign=false", "tag", tag},
		{"clone", "--quiet", "--bare", ".", bare},
	} {
		if r := run(t, folder, map[string]string{"GIT_CONFIG_GLOBAL": os.DevNull}, "git", arguments...); r.status != 0 {
			t.Fatalf("git %v: exit code is %d:\n%s", arguments, r.status, r.stderr)
		}
	}
	return "git::file://" + filepath.ToSlash(bare)
}

// The README calls the module by its address, with rules of one's own, and its findings end in a file.
func TestBaseline_readme(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	const address = "git::https://github.com/terraform-rocketchat/terraform-provider-rocketchat.git"
	blocks, source := readmeBlocks(t), pinned(t, "v"+mirrorVersion)
	if len(blocks) != 3 || !strings.Contains(blocks[0], address) || !strings.Contains(blocks[1], address) {
		t.Fatalf("the README has other blocks: %q", blocks)
	}
	w := withKiosks(t, time.Now())
	want := []string{
		"custom_kiosks sessionKiosk1", "custom_dormant_users id-of-dormant.offender", "custom_dormant_users id-of-new.offender",
	}
	withEach(t, func(t *testing.T, c cli) {
		for i, calls := range []string{blocks[0], strings.Replace(blocks[1], "module \"sessions\" {", "module \"sessions\" {\n  fail_on = \"none\"", 1)} {
			configured := written(t, c, strings.Replace(calls, address, source, 1)+"\n"+blocks[2]).on(w)
			if i == 0 {
				if status, _ := configured.plan(t); status != 1 {
					t.Errorf("exit code is %d, want 1", status)
				}
				continue
			}
			configured.must(t, "apply", "-auto-approve", "-input=false", plain)
			var written struct {
				Module   string
				Findings []struct{ Rule, Subject string }
			}
			if err := json.Unmarshal([]byte(configured.must(t, "output", "-raw", plain, "findings_json")), &written); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range written.Findings {
				if strings.HasPrefix(f.Rule, "custom_") {
					got = append(got, f.Rule+" "+f.Subject)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" || written.Module != mirrorVersion {
				t.Errorf("version %q, other findings (-want +got):\n%s", written.Module, diff)
			}
		}
	})
}

// kioskRule is a rule about the sessions of this expression.
func kioskRule(id, sessions string) string {
	return fmt.Sprintf(`{ id = %q, severity = "high", title = "Kiosks", rationale = "Because.", remedy = "Log out.", sessions = %s }`, id, sessions)
}

const allKiosks = `
data "rocketchat_workspace_sessions" "kiosks" {
  match = { username = "^kiosk-" }
}
data "rocketchat_users" "kiosks" {
  match = { username = "^kiosk-" }
}
resource "terraform_data" "later" {}
locals {
  kiosks = data.rocketchat_workspace_sessions.kiosks.sessions
}
`

// A rule of the caller has severities, waivers and effects as one of the module.
func TestBaseline_ownRulesAreRules(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	w, today := withKiosks(t, now), now.UTC().Format(time.DateOnly)
	waiver := func(rule, what string) string {
		return fmt.Sprintf("{ rule = %q, %s, reason = \"test\", expires = %q }", rule, what, today)
	}
	arguments := strings.Join([]string{
		`fail_on = "critical"`, `read_users = false`, `severities = { custom_severe = "critical" }`, `disabled = ["custom_off"]`,
		"rules = [", strings.Join([]string{
			kioskRule("custom_severe", "local.kiosks"), kioskRule("custom_waived", "local.kiosks"), kioskRule("custom_off", "local.kiosks"),
			kioskRule("custom_fulfilled", "[]"), kioskRule("custom_halfway", "concat(local.kiosks, [])"),
			strings.Replace(kioskRule("custom_users", "data.rocketchat_users.kiosks.users"), "sessions = ", "users = ", 1),
		}, ",\n"), "]",
		"waivers = [", strings.Join([]string{
			waiver("custom_waived", `user = "kiosk-\\d"`), waiver("custom_halfway", `session_id = "sessionKiosk2"`),
			waiver("custom_users", `user_ids = ["id-of-kiosk-1"]`), waiver("custom_fulfilled", `user = ".*"`),
		}, ",\n"), "]",
	}, "\n")
	want := map[string]ruleState{
		"custom_severe": {Effect: "stops", Open: 2, Listed: 2}, "custom_waived": {Effect: "warns", Waived: 2, Listed: 2},
		"custom_off": {Effect: "off"}, "custom_fulfilled": {Effect: "warns"},
		"custom_halfway": {Effect: "warns", Open: 1, Waived: 1, Listed: 2}, "custom_users": {Effect: "warns", Open: 1, Waived: 1, Listed: 2},
		"unused_waivers": {Effect: "warns", Open: 1, Listed: 1},
	}
	withEach(t, func(t *testing.T, c cli) {
		configured := besideModule(t, c).on(w)
		configured.initialize(t, preamble+allKiosks+"module \"baseline\" {\n  source = \"../session-baseline\"\n"+arguments+"\n}\n"+
			"output \"summary\" {\n  value = module.baseline.summary\n}\n"+
			"output \"session_ids\" {\n  value = module.baseline.session_ids\n}\n"+
			"output \"report\" {\n  value = module.baseline.markdown\n}\n")
		status, said := configured.plan(t, "-out=baseline.tfplan")
		if status != 1 {
			t.Errorf("exit code is %d, want 1", status)
		}
		for _, d := range said {
			if d.Severity == "error" && !strings.HasPrefix(d.Detail, "Kiosks (custom_severe, critical): 2.\n  - kiosk-1: ") {
				t.Errorf("it says %q", d.Detail)
			}
		}
		var shown struct {
			Changes struct {
				Summary struct{ After map[string]ruleState }
				IDs     struct{ After []string } `json:"session_ids"`
				Report  struct{ After string }
			} `json:"output_changes"`
		}
		if err := json.Unmarshal([]byte(configured.must(t, "show", "-json", "baseline.tfplan")), &shown); err != nil {
			t.Fatal(err)
		}
		for rule, state := range want {
			if diff := cmp.Diff(state, shown.Changes.Summary.After[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
		if diff := cmp.Diff([]string{"sessionKiosk1", "sessionKiosk2"}, shown.Changes.IDs.After); diff != "" {
			t.Errorf("others are logged out (-want +got):\n%s", diff)
		}
		if !strings.Contains(shown.Changes.Report.After, "\n- Waived: kiosk-1\\: last logged in ") {
			t.Errorf("the report lacks a user:\n%s", shown.Changes.Report.After)
		}
	})
}

// A rule that waits for apply leaves the others in the plan.
func TestBaseline_ownRulesThatWait(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := withKiosks(t, time.Now())
	withEach(t, func(t *testing.T, c cli) {
		configured := besideModule(t, c).on(w)
		configured.initialize(t, preamble+allKiosks+"module \"baseline\" {\n  source = \"../session-baseline\"\n  rules = [\n"+
			kioskRule("custom_now", "local.kiosks")+",\n"+
			kioskRule("custom_later", "[for s in local.kiosks : s if s.user_id != terraform_data.later.id]")+"\n]\n}\n")
		if status, _ := configured.plan(t, "-out=baseline.tfplan"); status != 1 {
			t.Errorf("exit code is %d, want 1", status)
		}
		got := rulesInPlan(t, configured)
		for rule, want := range map[string]string{
			"custom_now": "gate fail", "custom_later": "gate unknown", "deleted_users": "gate fail", "idle": "warning fail", "old_apps": "warning pass",
		} {
			if got[rule] != want {
				t.Errorf("%s is %q, want %q", rule, got[rule], want)
			}
		}
	})
}

// The most severe rules come first in what a person reads, whichever Terraform evaluates first.
func TestBaseline_saysTheMostSevereFirst(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := withKiosks(t, time.Now())
	withEach(t, func(t *testing.T, c cli) {
		configured := besideModule(t, c).on(w)
		var rules []string
		for i, severity := range []string{"low", "medium", "high", "critical", "low", "medium", "high", "critical"} {
			rules = append(rules, strings.Replace(kioskRule(fmt.Sprint("custom_", i), "local.kiosks"), `"high"`, `"`+severity+`"`, 1))
		}
		configured.initialize(t, preamble+allKiosks+"module \"baseline\" {\n  source = \"../session-baseline\"\n"+
			"fail_on = \"high\"\nread_users = false\nrules = [\n"+strings.Join(rules, ",\n")+"\n]\n}\n")
		r := configured.run(t, "plan", "-input=false", plain)
		for name, want := range map[string][]string{r.stdout: {"medium", "low"}, r.stderr: {"critical", "high"}} {
			var got []string
			for _, found := range regexp.MustCompile(`\(custom_\d, (\w+)\)`).FindAllStringSubmatch(name, -1) {
				got = append(got, found[1])
			}
			if diff := cmp.Diff([]string{want[0], want[0], want[1], want[1]}, got); diff != "" {
				t.Errorf("another order (-want +got):\n%s", diff)
			}
		}
	})
}

// mistakesInRules are refused before anything is read.
func mistakesInRules() []mistake {
	const (
		keys, id, line = "The keys of a rule are id, severity", "The id of each rule must begin with custom_", "must be one line of text"
		sessions       = "The sessions of each rule must be a list of sessions"
		users          = "The users of each rule must be a list of users"
	)
	whole := map[string]string{
		"id": `"custom_x"`, "severity": `"low"`, "title": `"Title"`, "rationale": `"Because."`, "remedy": `"Do it."`, "sessions": `[]`,
	}
	// rule is a rule without mistakes, but for these keys; "" leaves one out.
	rule := func(changes map[string]string) string {
		var text []string
		for key, value := range whole {
			if _, ok := changes[key]; !ok {
				text = append(text, key+" = "+value)
			}
		}
		for key, value := range changes {
			if value != "" {
				text = append(text, key+" = "+value)
			}
		}
		return "{ " + strings.Join(text, ", ") + " }"
	}
	type changes = map[string]string
	mistakes := []mistake{
		{`rules = [null]`, "one rule is not an object"},
		{`rules = ["custom_x"]`, "one rule is not an object"},
		{`rules = ` + rule(nil), "The value must be a list of rules."},
		{`rules = { custom_x = ` + rule(nil) + ` }`, "The value must be a list of rules."},
		{`rules = [` + rule(nil) + `, ` + rule(nil) + `]`, "Each id must belong to one rule."},
		{`rules = [` + rule(nil) + `, ` + rule(changes{"id": `"custom_y"`, "sesions": "[]"}) + `]`, "Other keys: none, sesions in rule 2."},
	}
	for _, m := range []struct {
		changes
		says string
	}{
		{changes{"sessions": ""}, keys},
		{changes{"sessions": "", "session": "[]"}, "Other keys: none, session in rule 1."},
		{changes{"users": "[]"}, keys},
		{changes{"remedy": ""}, keys},
		{changes{"severity": "", "severty": `"low"`}, "severty in rule 1"},
		{changes{"id": `"idle"`}, id},
		{changes{"id": `"kiosks"`}, id},
		{changes{"id": `"custom_"`}, id},
		{changes{"id": `"custom_Kiosks"`}, id},
		{changes{"id": `"custom_a.b"`}, id},
		{changes{"id": "null"}, id},
		{changes{"severity": `"High"`}, "The severity of each rule must be low"},
		{changes{"severity": `"none"`}, "The severity of each rule must be low"},
		{changes{"severity": "null"}, "The severity of each rule must be low"},
		{changes{"title": `""`}, line},
		{changes{"title": `" "`}, line},
		{changes{"title": "null"}, line},
		{changes{"title": `["Title"]`}, line},
		{changes{"rationale": `"Because.\n"`}, line},
		{changes{"remedy": `"Do\nit."`}, line},
		{changes{"sessions": "null"}, sessions},
		{changes{"sessions": "[null]"}, sessions},
		{changes{"sessions": `"all"`}, sessions},
		{changes{"sessions": `["sessionAlice"]`}, sessions},
		{changes{"sessions": `[{ session_id = "sessionAlice" }]`}, sessions},
		{changes{"sessions": `{ sessions = [], matched = 0, total = 0 }`}, sessions},
		{changes{"sessions": "", "users": "null"}, users},
		{changes{"sessions": "", "users": `[{ id = "idOfAlice" }]`}, users},
	} {
		mistakes = append(mistakes, mistake{"rules = [" + rule(m.changes) + "]", m.says})
	}
	return mistakes
}
