// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	folder := filepath.Join(copyExamples(t), "policies", "conftest")
	r := run(t, folder, nil, conftest(t), "verify", "--output", "json")
	if r.status != 0 {
		t.Fatalf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
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
	if r := run(t, folder, nil, conftest(t), "fmt", "--check", "policy"); r.status != 0 {
		t.Errorf("the policies are not formatted: run conftest fmt policy\n%s%s", r.stdout, r.stderr)
	}
}

// verdict is what conftest says of a plan.
type verdict struct {
	Successes int `json:"successes"`
	Failures  []struct {
		Message  string `json:"msg"`
		Metadata struct {
			Query string `json:"query"`
		} `json:"metadata"`
	} `json:"failures"`
}

func conftestResult(t *testing.T, r result) verdict {
	t.Helper()
	var verdicts []verdict
	if err := json.Unmarshal([]byte(r.stdout), &verdicts); err != nil {
		t.Fatalf("%v in\n%s%s", err, r.stdout, r.stderr)
	}
	var all verdict
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
	r := runWithInput(t, folder, nil, []byte(plan), conftest(t), "test", "--parser", "json", "--output", "json", "-")
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

// oddConftest is what the policies in Rego say of the odd sessions, by rule.
func oddConftest() map[string]saying {
	say := func(head string, has, not []string) saying {
		return saying{diagnostic: diagnostic{Detail: head}, has: has, not: not}
	}
	return map[string]saying{
		"deny_idle_sessions": say("6 of 300 sessions have not connected for 30 days:",
			[]string{"id-of-gone.bare", "id-of-gone.chrome", "svc-backup", "svc-mail", "synthUsertotp0000", "unknown user"}, nil),
		"deny_outside_networks":    say("193 of 300 sessions come from outside the company's networks:", nil, nil),
		"deny_unsupported_systems": say("17 of 300 sessions run an unsupported operating system:", []string{"odd.system, WINDOWS xp", "odd.system, Windows 8.1"}, []string{"odd.system, Windows "}),
		"deny_service_accounts":    say("1 service accounts have more than 3 sessions:\n  svc-backup, 6 sessions", nil, nil),
		"deny_deleted_users":       say("15 of 300 sessions belong to deleted users:", []string{"id-of-gone.bare", "id-of-gone.chrome", "unknown user"}, []string{"svc-mail"}),
	}
}

func TestConftest_onAPlan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		workspace *workspace
		status    int
		want      map[string]string
	}{
		"lawful": {workspace: newWorkspace(t, lawful(now)), want: map[string]string{}},
		"unlawful": {workspace: newWorkspace(t, unlawful(now)), status: 1, want: map[string]string{
			"deny_outside_networks": "2 of 11 sessions come from outside the company's networks:\n" +
				"  away.offender, from 198.51.100.9\n  id-of-gone.offender, from an unknown address",
			"deny_deleted_users": "1 of 11 sessions belong to deleted users:\n" +
				"  id-of-gone.offender, last connected at an unknown time",
			"deny_idle_sessions": "2 of 11 sessions have not connected for 30 days:\n" +
				"  id-of-gone.offender, last connected at an unknown time\n" +
				"  old.offender, last connected " + asSent(weeksAgo(now)),
			"deny_unsupported_systems": "1 of 11 sessions run an unsupported operating system:\n  seven.offender, Windows 7",
			"deny_service_accounts":    "1 service accounts have more than 3 sessions:\n  svc-backup, 4 sessions",
		}},
		"odd": {workspace: oddWorkspace(t, oddSessions(t, now)), status: 1},
	} {
		if testing.Short() && name != "unlawful" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFirst(t, func(t *testing.T, line cli) {
				prepared := prepare(t, line, "policies/conftest").on(c.workspace)
				status, said := conftestTest(t, prepared.folder, prepared.planJSON(t))
				if status != c.status {
					t.Errorf("exit code is %d, want %d", status, c.status)
				}
				if c.want == nil {
					for rule, want := range oddConftest() {
						want.checkLines(t, said[rule])
					}
					if len(said) != len(oddConftest()) {
						t.Errorf("%d rules are broken, want %d", len(said), len(oddConftest()))
					}
				} else if diff := cmp.Diff(c.want, said); diff != "" {
					t.Errorf("conftest says something else (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// planJSON is what "show -json" prints of a plan.
func (c configuration) planJSON(t *testing.T, arguments ...string) string {
	t.Helper()
	c.must(t, append([]string{"plan", "-input=false", plain, "-out=sessions.tfplan"}, arguments...)...)
	return c.must(t, "show", "-json", "sessions.tfplan")
}

// A plan that shows a part of the sessions, in which a rule would pass, is refused.
func TestConftest_refusesAPartialPlan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	const all = "data.rocketchat_workspace_sessions.all"
	part := func(argument string) string {
		return "data \"rocketchat_workspace_sessions\" \"all\" {\n  " + argument + "\n}\n"
	}
	cases := []struct {
		name, text string
		arguments  []string
		empty      bool
		want       string
	}{
		{name: "limit", text: part("limit = 1"), want: all + " has `limit`: select in the rules instead"},
		{
			name: "deferred", want: "data.rocketchat_workspace_sessions.later is not read by this plan",
			text: part("") + "resource \"terraform_data\" \"some\" {}\n" +
				"data \"rocketchat_workspace_sessions\" \"later\" {\n  depends_on = [terraform_data.some]\n}\n",
		},
		{name: "match", text: part(`match = { username = "^a" }`), want: all + " has `match`: select in the rules instead"},
		{name: "newer_than", text: part(`newer_than = "1d"`), want: all + " has `newer_than`: select in the rules instead"},
		{name: "search", text: part(`search = "alice"`), want: all + " has `search`: select in the rules instead"},
		{name: "user_deleted", text: part("user_deleted = false"), want: all + " has `user_deleted`: select in the rules instead"},
		{name: "offset", text: part("offset = 1"), want: all + " has `offset`: select in the rules instead"},
		{name: "no read", text: "output \"some\" {\n  value = 1\n}\n", want: "it reads no rocketchat_workspace_sessions"},
		{name: "own sessions", text: "data \"rocketchat_current_user_sessions\" \"all\" {}\n", want: "it reads no rocketchat_workspace_sessions"},
		{name: "empty", text: part(""), empty: true, want: all + ` has no session: is "Disable Sessions Monitor" on in the workspace?`},
		{
			name: "target", arguments: []string{"-target=data.rocketchat_workspace_sessions.all"}, want: "data.rocketchat_workspace_sessions.later is not read by this plan",
			text: part("") + "data \"rocketchat_workspace_sessions\" \"later\" {}\n",
		},
	}
	full, empty := newWorkspace(t, lawful(now)), newWorkspace(t, []rocketchattest.Session{})
	withEach(t, func(t *testing.T, line cli) {
		for _, c := range clitest.Few(2, cases) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				prepared := configuration{cli: line, folder: filepath.Join(copyExamples(t), "policies", "conftest")}.on(full)
				if c.empty {
					prepared = prepared.on(empty)
				}
				prepared.keep(t, "main.tf", preamble+c.text)
				prepared.must(t, "init", "-input=false", plain)
				status, said := conftestTest(t, prepared.folder, prepared.planJSON(t, c.arguments...))
				if !strings.Contains(said["deny_plan"]+"\n", "\n  "+c.want+"\n") || status != 1 {
					t.Errorf("exit code is %d, want 1 with %q:\n%s", status, c.want, said["deny_plan"])
				}
			})
		}
	})
}

// Whatever is wrong in settings.yaml, the workspace being lawful, conftest says so.
func TestConftest_refusesMistakesInSettings(t *testing.T) {
	t.Parallel()
	prepared := prepare(t, identify(t, clitest.Path(t, root)), "policies/conftest").on(newWorkspace(t, lawful(time.Now())))
	plan := prepared.planJSON(t)
	settings := readFile(t, filepath.Join(prepared.folder, "settings.yaml"))
	if status, said := conftestTest(t, prepared.folder, plan); status != 0 || len(said) > 0 {
		t.Fatalf("exit code is %d without a mistake: %v", status, said)
	}
	const days, network, system = "  max_idle_days: 30\n", "- 10.0.0.0/8\n", "- ^windows (xp|vista|7|8)\n"
	cases := []struct{ name, old, now, want string }{
		{"misspelled key", days, "  max_idle_day: 30\n", "max_idle_day is unknown\n  max_idle_days is missing"},
		{"null", days, "  max_idle_days:\n", "max_idle_days is null, but must be a whole number from 1 to 45"},
		{"missing", days, "", "max_idle_days is missing"},
		{"days as a duration", days, "  max_idle_days: 30d\n", `max_idle_days is "30d", but must be a whole number`},
		{"days in quotes", days, "  max_idle_days: \"30\"\n", `max_idle_days is "30", but must be a whole number`},
		{"days beyond the horizon", days, "  max_idle_days: 60\n", "max_idle_days is 60, but must be a whole number from 1 to 45"},
		{"no days", days, "  max_idle_days: 0\n", "max_idle_days is 0, but must be a whole number from 1 to 45"},
		{"half a day", days, "  max_idle_days: 0.5\n", "max_idle_days is 0.5, but must be a whole number"},
		{"no indent", days, "max_idle_days: 30\n", "settings.yaml: error converting YAML to JSON"},
		{"another root", "settings:\n", "setings:\n", "company_networks is missing"},
		{"empty file", settings, "", "settings.yaml: document must be of type object"},
		{"no root", settings, "settings:\n", "company_networks is missing"},
		{
			"host bits", network, "- 10.1.2.3/8\n",
			`company_networks[0] is "10.1.2.3/8", but must be a network without host bits, such as 10.0.0.0/8`,
		},
		{"no mask", network, "- 10.0.0.0\n", `company_networks[0] is "10.0.0.0", but must be a network`},
		{"all addresses", network, "- 0.0.0.0/0\n", "company_networks include 0.0.0.0/0, all addresses"},
		{"malformed network", network, "- 10.0.0/8\n", `company_networks[0] is "10.0.0/8", but must be a network`},
		{"empty network", network, "-\n", "company_networks[0] is null, but must be a network"},
		{
			"invalid expression", system, "- ^windows (xp|vista\n",
			"unsupported_operating_systems[0] is \"^windows (xp|vista\", but must be a regular expression",
		},
		{"look-ahead", system, "- ^windows (?=7)\n", "unsupported_operating_systems[0] is"},
		{
			"line break", system, "- |\n      ^windows 7\n",
			`unsupported_operating_systems[0] is "^windows 7\n", but must be a regular expression`,
		},
		{"empty expression", system, "- \"\"\n", `unsupported_operating_systems[0] is "", but must be a regular expression`},
		{"no list", "\n    " + system, " ^windows\n", `unsupported_operating_systems is "^windows", but must be a list`},
		{"empty list", "\n    " + system, " []\n", "unsupported_operating_systems is [], but must be a list with at least one element"},
		{
			"misspelled key below", "max_sessions: 3", "max_session: 3",
			"service_accounts.max_session is unknown\n  service_accounts.max_sessions is missing",
		},
		{
			"text as a number", "max_sessions: 3", "max_sessions: three",
			`service_accounts.max_sessions is "three", but must be a whole number`,
		},
		{"no username", "username: ^svc-", "username:", "service_accounts.username is null, but must be a regular expression"},
	}
	for _, c := range clitest.Few(3, cases) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(settings, c.old) {
				t.Fatalf("there is no %q to change", c.old)
			}
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS(filepath.Join(examplesRoot, "policies", "conftest"))); err != nil {
				t.Fatal(err)
			}
			configuration{folder: folder}.keep(t, "settings.yaml", strings.Replace(settings, c.old, c.now, 1))
			r := runWithInput(t, folder, nil, []byte(plan), conftest(t), "test", "--parser", "json", "-")
			if r.status != 1 || !strings.Contains(r.stdout+r.stderr, c.want) {
				t.Errorf("exit code is %d, want 1 with %q:\n%s%s", r.status, c.want, r.stdout, r.stderr)
			}
		})
	}
}
