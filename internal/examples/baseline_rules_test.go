// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

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

// pinned is a source of the module in a bare repository that has this tag.
func pinned(t *testing.T, tag string) (source string) {
	t.Helper()
	folder, bare := t.TempDir(), filepath.Join(t.TempDir(), "provider.git")
	copyFolder(t, modulesRoot, filepath.Join(folder, "modules"))
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
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)\n```").FindAllStringSubmatch(readFile(t, modulesRoot+"/session-baseline/README.md"), -1)
	if len(blocks) != 3 || !strings.Contains(blocks[0][1], address) || !strings.Contains(blocks[1][1], address) {
		t.Fatalf("the README has other blocks: %q", blocks)
	}
	w, source := withKiosks(t, time.Now()), pinned(t, "v"+mirrorVersion)
	call := func(block string) configuration {
		return written(t, first(t), strings.Replace(block, address, source, 1)+"\n"+blocks[2][1]).on(w)
	}
	if status, said := call(blocks[0][1]).plan(t); status != 1 {
		t.Errorf("exit code is %d, want 1: %v", status, said)
	}
	var printed struct {
		JSON string `json:"findings_json"`
	}
	call(strings.Replace(blocks[1][1], "\n  rules = [", "\n  fail_on = \"none\"\n  rules = [", 1)).outputs(t, &printed)
	var written struct {
		Module   string
		Findings []finding
	}
	decode(t, printed.JSON, &written)
	var got []string
	for _, f := range written.Findings {
		if strings.HasPrefix(f.Rule, "custom_") {
			got = append(got, f.Rule+" "+f.Subject)
		}
	}
	same(t, "other findings", []string{
		"custom_kiosks sessionKiosk1", "custom_dormant_users id-of-dormant.offender", "custom_dormant_users id-of-new.offender",
	}, got)
	if written.Module != mirrorVersion {
		t.Errorf("the module has version %q", written.Module)
	}
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
	var got struct {
		report
		Markdown string
	}
	status, said := written(t, first(t), allKiosks+called("baseline", arguments, "summary", "session_ids", "markdown")).on(w).planned(t, &got)
	if status != 1 {
		t.Errorf("exit code is %d, want 1", status)
	}
	for _, d := range said {
		if d.Severity == "error" && !strings.HasPrefix(d.Detail, "Kiosks (custom_severe, critical): 2.\n  - kiosk-1: ") {
			t.Errorf("it says %q", d.Detail)
		}
	}
	for rule, state := range want {
		same(t, "the summary of "+rule, state, got.Summary[rule])
	}
	same(t, "others are logged out", []string{"sessionKiosk1", "sessionKiosk2"}, got.SessionIDs)
	says(t, got.Markdown, "\n- Waived: kiosk-1\\: last logged in ")
}

// A rule that waits for apply leaves the others in the plan.
func TestBaseline_ownRulesThatWait(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	configured := written(t, first(t), allKiosks+called("baseline", "  rules = [\n"+kioskRule("custom_now", "local.kiosks")+",\n"+
		kioskRule("custom_later", "[for s in local.kiosks : s if s.user_id != terraform_data.later.id]")+"\n]")).on(withKiosks(t, time.Now()))
	if status, _ := configured.plan(t, "-out=sessions.tfplan"); status != 1 {
		t.Errorf("exit code is %d, want 1", status)
	}
	got := rulesInPlan(t, configured)
	for rule, want := range map[string]string{
		"custom_now": "gate fail", "custom_later": "gate unknown", "deleted_users": "gate fail", "idle": "warning fail", "old_apps": "warning pass",
	} {
		if got["baseline "+rule] != want {
			t.Errorf("%s is %q, want %q", rule, got["baseline "+rule], want)
		}
	}
}

// The most severe rules come first in what a person reads, whichever Terraform evaluates first.
func TestBaseline_saysTheMostSevereFirst(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := withKiosks(t, time.Now())
	var rules []string
	for i, severity := range []string{"low", "medium", "high", "critical", "low", "medium", "high", "critical"} {
		rules = append(rules, strings.Replace(kioskRule(fmt.Sprint("custom_", i), "local.kiosks"), `"high"`, `"`+severity+`"`, 1))
	}
	text := allKiosks + called("baseline", "fail_on = \"high\"\nread_users = false\nrules = [\n"+strings.Join(rules, ",\n")+"\n]")
	withEach(t, func(t *testing.T, c cli) {
		r := written(t, c, text).on(w).run(t, "plan", "-input=false", plain)
		for printed, want := range map[string][]string{r.stdout: {"medium", "medium", "low", "low"}, r.stderr: {"critical", "critical", "high", "high"}} {
			var got []string
			for _, found := range regexp.MustCompile(`\(custom_\d, (\w+)\)`).FindAllStringSubmatch(printed, -1) {
				got = append(got, found[1])
			}
			same(t, "another order", want, got)
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

// The guide "Adopt policies in a week", from an empty folder, with 400 offenders.
func TestBaseline_adoptInAWeek(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	guide := readFile(t, root+"/templates/guides/adopt-in-a-week.md.tmpl")
	var blocks []string
	for _, block := range regexp.MustCompile("(?s)```(?:terraform|text)\n(.*?)\n```").FindAllStringSubmatch(guide, -1) {
		blocks = append(blocks, block[1])
	}
	saving := regexp.MustCompile("(?s)```console\n([^`]*report\\.md\n[^`]*)```").FindStringSubmatch(guide)
	if len(blocks) != 6 || saving == nil {
		t.Fatalf("the guide has %d blocks, want 6, and saves the report by %q", len(blocks), saving)
	}
	now := time.Now()
	rows := []rocketchattest.Session{session("sessionAlice", "alice", now.Add(-time.Hour))}
	users := []rocketchattest.DirectoryUser{user("alice", now), user("eve", now)}
	for i := range 400 {
		name := fmt.Sprintf("sales.%d", i)
		if i == 0 {
			name = "eve"
		} else {
			users = append(users, user(name, now, func(u *rocketchattest.DirectoryUser) {
				u.Roles = rocketchattest.Some([]string{rocketchattest.RoleUser, "idOfSales"})
			}))
		}
		rows = append(rows, session(fmt.Sprintf("session%03d", i), name, now.Add(-time.Duration(i+1)*time.Minute), from("198.51.100.9")))
	}
	w := serve(t, rocketchattest.Options{
		Sessions: rows, Users: users, RateLimit: rocketchattest.RateLimit{Off: true},
		Roles: append(rocketchattest.DefaultRoles(), rocketchattest.Role{ID: "idOfSales", Name: "sales"}),
	})
	configured := configuration{cli: first(t), folder: t.TempDir()}.on(w)
	copyFolder(t, modulesRoot, configured.folder)
	report := func(want string) {
		if got := configured.must(t, "plan", "-input=false", plain); strings.Count(got, want+"\n") != 1 {
			t.Errorf("the plan does not print %q once:\n%s", want, got)
		}
		if _, err := os.Stat(filepath.Join(configured.folder, "terraform.tfstate")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a state: %v", err)
		}
	}
	configured.keep(t, "main.tf", blocks[0])
	configured.keep(t, "terraform.tfvars", blocks[1])
	configured.initialize(t)
	report(blocks[2])

	saved := run(t, configured.folder, configured.variables, "sh", "-ec", strings.NewReplacer("$ ", "", "terraform ", configured.path+" ").Replace(saving[1]))
	if text := readFile(t, filepath.Join(configured.folder, "report.md")); saved.status != 0 || !strings.Contains(text, "\n"+blocks[2]+"\n") {
		t.Errorf("the saved report lacks %q:\n%s%s", blocks[2], text, saved.stderr)
	}

	configured.keep(t, "waivers.tf", strings.Replace(blocks[3], "DAY", now.UTC().Add(day).Format(time.DateOnly), 1))
	configured.keep(t, "main.tf", strings.Replace(blocks[0], "= var.waivers", "= concat(var.waivers, local.waivers)", 1))
	report(blocks[4])

	configured.keep(t, "terraform.tfvars", strings.Replace(blocks[1], `"none"`, `"high"`, 1))
	configured.run(t, "plan", "-input=false", plain).ends(t, 1, blocks[5])
	w.Logout("session000")
	configured.planSays(t)
}
