// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// tool is a tool that "make test" builds and names in a variable: it takes
// minutes, which "go test" alone does not spend.
func tool(t *testing.T, variable, name string) string {
	t.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	if path, err := filepath.Abs(filepath.Join(root, ".tools", "bin", name)); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		skip(t, `there is no %s: "make test" builds it`, name)
	}
	return path
}

func conftest(t *testing.T) string {
	t.Helper()
	return tool(t, "CONFTEST", "conftest")
}

func TestConftest_policiesPassTheirOwnTests(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	folder := t.TempDir()
	copyFolder(t, examplesRoot+"/policies/conftest", folder)
	r := run(t, folder, nil, conftest(t), "verify", "--output", "json")
	r.ends(t, 0)
	// What verify counts, lest it passes by finding none.
	files, err := filepath.Glob(filepath.Join(folder, "policy", "*_test.rego"))
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, file := range files {
		want += strings.Count(readFile(t, file), "\ntest_")
	}
	if ran := conftestResult(t, r).Successes; ran != want || want < 30 {
		t.Errorf("%d tests ran, want %d", ran, want)
	}
	run(t, folder, nil, conftest(t), "fmt", "--check", "policy").ends(t, 0)
}

type verdict struct {
	Successes int
	Failures  []struct {
		Message  string `json:"msg"`
		Metadata struct{ Query string }
	}
}

func conftestResult(t *testing.T, r result) verdict {
	t.Helper()
	var all verdict
	var verdicts []verdict
	decode(t, r.stdout, &verdicts)
	for _, v := range verdicts {
		all.Successes += v.Successes
		all.Failures = append(all.Failures, v.Failures...)
	}
	return all
}

// conftestTest runs conftest in a folder on the JSON of a plan, and returns its exit code, and what it says
// of each rule that is broken.
func conftestTest(t *testing.T, folder, plan string) (status int, said map[string]string) {
	t.Helper()
	r := runWithInput(t, folder, nil, plan, conftest(t), "test", "--parser", "json", "--output", "json", "-")
	said = map[string]string{}
	v := conftestResult(t, r)
	for _, failure := range v.Failures {
		name := strings.TrimPrefix(failure.Metadata.Query, "data.main.")
		if said[name] != "" {
			t.Errorf("%s has two results", name)
		}
		said[name] = failure.Message
	}
	if number := len(said) + v.Successes; number != len(conftestRules()) {
		t.Errorf("there are %d results, want %d", number, len(conftestRules()))
	}
	return r.status, said
}

func conftestRules() []string {
	return []string{
		"deny_deleted_users", "deny_idle_sessions", "deny_outside_networks", "deny_plan", "deny_service_accounts",
		"deny_settings", "deny_unsupported_systems",
	}
}

func TestConftest_onAPlan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, w := range map[string]*workspace{
		"lawful": newWorkspace(t, lawful(now)), "unlawful": newWorkspace(t, unlawful(now)), "odd": oddWorkspace(t, oddSessions(t, now)),
	} {
		if testing.Short() && name != "unlawful" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prepared := prepare(t, first(t), "policies/conftest").on(w)
			status, said := conftestTest(t, prepared.folder, prepared.planJSON(t))
			text := fmt.Sprintf("exit code %d\n", status)
			for _, rule := range slices.Sorted(maps.Keys(said)) {
				text += "\n" + rule + "\n" + said[rule] + "\n"
			}
			golden(t, now, name+"/conftest", text)
		})
	}
}

func (c configuration) planJSON(t *testing.T, arguments ...string) string {
	t.Helper()
	c.must(t, append([]string{"plan", "-input=false", plain, "-out=sessions.tfplan"}, arguments...)...)
	return c.must(t, "show", "-json", "sessions.tfplan")
}

// A plan that shows a part of the sessions, in which a rule would pass, is refused.
func TestConftest_refusesAPartialPlan(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	const list = "data.rocketchat_workspace_sessions."
	selecting, selected := "", []string{list + "later is not read by this plan"}
	for argument, value := range map[string]string{
		"limit": "1", "offset": "1", "match": `{ username = "^a" }`, "newer_than": `"1d"`, "search": `"alice"`, "user_deleted": "false",
	} {
		selecting += fmt.Sprintf("data \"rocketchat_workspace_sessions\" \"by_%s\" {\n  %[1]s = %s\n}\n", argument, value)
		selected = append(selected, fmt.Sprintf("%sby_%s has `%[2]s`: select in the rules instead", list, argument))
	}
	for argument, shown := range map[string]int{"limit": 1, "offset": 5, "match": 1, "newer_than": 5} {
		selected = append(selected, fmt.Sprintf("%sby_%s has %d sessions of 6", list, argument, shown))
	}
	const all, later = "data \"rocketchat_workspace_sessions\" \"all\" {}\n", "data \"rocketchat_workspace_sessions\" \"later\" {"
	cases := []struct {
		name, text string
		arguments  []string
		empty      bool
		want       []string
	}{
		{
			name: "a part, and deferred", want: selected,
			text: selecting + "resource \"terraform_data\" \"some\" {}\n" + later + "\n  depends_on = [terraform_data.some]\n}\n",
		},
		{name: "no read", text: "output \"some\" {\n  value = 1\n}\n", want: []string{"it reads no rocketchat_workspace_sessions"}},
		{name: "own sessions", text: "data \"rocketchat_current_user_sessions\" \"all\" {}\n", want: []string{"it reads no rocketchat_workspace_sessions"}},
		{name: "empty", text: all, empty: true, want: []string{list + `all has no session: is "Disable Sessions Monitor" on in the workspace?`}},
		{name: "target", arguments: []string{"-target=" + list + "all"}, text: all + later + "}\n", want: []string{
			list + "later is not read by this plan", "it is not complete: plan without -target",
		}},
	}
	full, empty := newWorkspace(t, lawful(now)), newWorkspace(t, []rocketchattest.Session{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			prepared := written(t, first(t), c.text).on(full)
			if c.empty {
				prepared = prepared.on(empty)
			}
			status, said := conftestTest(t, examplesRoot+"/policies/conftest", prepared.planJSON(t, c.arguments...))
			_, lines, _ := strings.Cut(said["deny_plan"], ":\n  ")
			got := strings.Split(lines, "\n  ")
			slices.Sort(got)
			slices.Sort(c.want)
			same(t, said["deny_plan"], c.want, got)
			same(t, "another exit code", 1, status)
		})
	}
}

// Whatever is wrong in settings.yaml, the workspace being lawful, conftest says so.
func TestConftest_refusesMistakesInSettings(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	prepared := prepare(t, first(t), "policies/conftest").on(newWorkspace(t, lawful(time.Now())))
	plan := prepared.planJSON(t)
	settings := readFile(t, filepath.Join(prepared.folder, "settings.yaml"))
	if status, said := conftestTest(t, prepared.folder, plan); status != 0 || len(said) > 0 {
		t.Fatalf("exit code is %d without a mistake: %v", status, said)
	}
	const days, system = "  max_idle_days: 30\n", "- ^windows (xp|vista|7|8)\n"
	// Those of values are in settings_test.rego; these are of YAML.
	cases := []struct{ name, old, now, want string }{
		{"misspelled key", days, "  max_idle_day: 30\n", "max_idle_day is unknown\n  max_idle_days is missing"},
		{"null", days, "  max_idle_days:\n", "max_idle_days is null, but must be a whole number from 1 to 45"},
		{"days in quotes", days, "  max_idle_days: \"30\"\n", `max_idle_days is "30", but must be a whole number`},
		{"no indent", days, "max_idle_days: 30\n", "settings.yaml: error converting YAML to JSON"},
		{"another root", "settings:\n", "setings:\n", "company_networks is missing"},
		{"empty file", settings, "", "settings.yaml: document must be of type object"},
		{"no root", settings, "settings:\n", "company_networks is missing"},
		{"empty network", "- 10.0.0.0/8\n", "-\n", "company_networks[0] is null, but must be a network"},
		{
			"line break", system, "- |\n      ^windows 7\n",
			`unsupported_operating_systems[0] is "^windows 7\n", but must be a regular expression`,
		},
		{"no list", "\n    " + system, " ^windows\n", `unsupported_operating_systems is "^windows", but must be a list`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(settings, c.old) {
				t.Fatalf("there is no %q to change", c.old)
			}
			folder := t.TempDir()
			copyFolder(t, examplesRoot+"/policies/conftest", folder)
			write(t, filepath.Join(folder, "settings.yaml"), strings.Replace(settings, c.old, c.now, 1))
			runWithInput(t, folder, nil, plan, conftest(t), "test", "--parser", "json", "-").ends(t, 1, c.want)
		})
	}
}

const sarifFile = "rego.sarif"

// sarifRun is what the tests look at in a file for code scanning.
type sarifRun struct {
	Tool struct {
		Driver struct {
			Name  string
			Rules []struct{ ID string }
		}
	}
	Results []struct {
		RuleID    string
		RuleIndex *int
		Level     string
		Message   struct{ Text string }
		Locations []struct {
			PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
		}
	}
}

func parseSARIF(t *testing.T, text string) sarifRun {
	t.Helper()
	var parsed struct {
		Version string
		Runs    []sarifRun
	}
	decode(t, text, &parsed)
	if len(parsed.Runs) != 1 || parsed.Version != "2.1.0" || parsed.Runs[0].Tool.Driver.Name != "conftest" {
		t.Fatalf("it is no SARIF of conftest:\n%s", text)
	}
	return parsed.Runs[0]
}

// isCleanSARIF expects one result for each rule, at a file of the repository, without links.
func isCleanSARIF(t *testing.T, text string) {
	t.Helper()
	run := parseSARIF(t, text)
	var described, found []string
	for _, rule := range run.Tool.Driver.Rules {
		described = append(described, rule.ID)
	}
	link := regexp.MustCompile(`(^|[^\\])(\\\\)*[\[\]]`)
	for _, result := range run.Results {
		found = append(found, result.RuleID)
		isVisible(t, result.Message.Text)
		if link.MatchString(result.Message.Text) || result.RuleIndex != nil || result.Level != "error" {
			t.Errorf("%s has a link, an index or the level %s:\n%s", result.RuleID, result.Level, result.Message.Text)
		}
		if len(result.Locations) != 1 || result.Locations[0].PhysicalLocation.ArtifactLocation.URI != "conftest/main.tf" {
			t.Errorf("%s is at %v", result.RuleID, result.Locations)
		}
	}
	slices.Sort(found)
	same(t, "the results are of other rules than described", described, found)
}

// The SARIF has a result for each broken rule, and is only there if all were evaluated: GitHub takes what is missing
// for fixed. A mistake in the settings is no broken rule, and no rule passes beside it.
func TestConftest_scriptWritesSARIF(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	peaceful, troubled := newWorkspace(t, lawful(now)), newWorkspace(t, append(unlawful(now), hostile(now)...))
	repository := regoOnGitHub(t).checkout(t, first(t)).withData()
	folder := filepath.Join(repository.folder, "conftest")
	settings := readFile(t, filepath.Join(folder, "settings.yaml"))
	misspelled := strings.Replace(settings, "max_idle_days:", "max_idle_day:", 1)
	const failing = "package main\n\ndeny_more contains \"x\" if regex.match(\"(\", \"x\")\n"
	for _, c := range []struct {
		name, settings, rego string
		workspace            *workspace
		status               int
		want                 []string
		says                 string
	}{
		{name: "broken", settings: settings, workspace: troubled, status: 1, want: []string{
			"deny_deleted_users", "deny_idle_sessions", "deny_outside_networks", "deny_service_accounts", "deny_unsupported_systems",
		}},
		{name: "a mistake in the settings", settings: misspelled, workspace: troubled, status: 1},
		{name: "nobody breaks a rule", settings: settings, workspace: peaceful, want: []string{}},
		{name: "only a mistake in the settings", settings: misspelled, workspace: peaceful, status: 2, says: "UNKNOWN deny_settings\n"},
		{name: "workspace down", settings: settings, workspace: peaceful.down(), status: 2},
		{name: "a rule that cannot be evaluated", settings: settings, rego: failing, workspace: peaceful, status: 2, says: "built-in error"},
	} {
		write(t, filepath.Join(folder, "settings.yaml"), c.settings)
		write(t, filepath.Join(folder, "policy", "more.rego"), cmp.Or(c.rego, "package main\n"))
		r := repository.run(t, c.workspace.variables())
		r.ends(t, c.status, c.says)
		if c.settings == misspelled && c.status == 2 {
			same(t, "other rules", []string{"unknown deny_settings"}, r.rules())
		}
		file := filepath.Join(repository.folder, sarifFile)
		info, err := os.Stat(file)
		if (err == nil) != (c.want != nil) {
			t.Errorf("%s: there is a SARIF: %v", c.name, err)
		}
		if err != nil {
			continue
		}
		if c.status == 1 {
			repository.looksClean(t, r, 4)
		}
		isCleanSARIF(t, readFile(t, file))
		found := []string{}
		for _, rule := range parseSARIF(t, readFile(t, file)).Tool.Driver.Rules {
			found = append(found, rule.ID)
		}
		same(t, c.name+": other rules", c.want, found)
		same(t, c.name+": another mode", os.FileMode(0o600), info.Mode())
	}
}

// The command in the README, without the scripts.
func TestConftest_writesSARIFByItself(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, unlawful(time.Now()))
	const command = "terraform show -json sessions.tfplan | conftest test --parser json --output sarif - >sessions.sarif"
	if readme := readFile(t, filepath.Join(examplesRoot, "policies", "conftest", "README.md")); !strings.Contains(readme, "\n$ "+command+"\n") {
		t.Fatalf("the README has another command:\n%s", readme)
	}
	prepared := prepare(t, first(t), "policies/conftest").on(w)
	prepared.must(t, "plan", "-input=false", plain, "-out=sessions.tfplan")
	tools := t.TempDir()
	for name, path := range map[string]string{"terraform": prepared.path, "conftest": conftest(t)} {
		if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
			t.Fatal(err)
		}
	}
	r := run(t, prepared.folder, map[string]string{"PATH": tools + string(os.PathListSeparator) + os.Getenv("PATH")}, "sh", "-c", command)
	r.ends(t, 1)
	same(t, "it complains", "", r.stderr)
	same(t, "another number of results", 5, len(parseSARIF(t, readFile(t, filepath.Join(prepared.folder, "sessions.sarif"))).Results))
}
