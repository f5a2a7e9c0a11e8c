// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/xml"
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

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// script is a pipeline of one script with its configuration, which writes a report.
func script(name, folder string) pipeline {
	return pipeline{name: name, script: "exec gate/" + name + ".sh " + folder + " junit.xml"}
}

// withConftest has the scripts find the conftest of the tests.
func (c copied) withConftest(t *testing.T) copied {
	t.Helper()
	c.variables["PATH"] = filepath.Dir(conftest(t)) + string(os.PathListSeparator) + os.Getenv("PATH")
	return c
}

// report returns the test cases of a JUnit report, as "result name", and all that it says.
func (c copied) report(t *testing.T) (cases []string, text string) {
	t.Helper()
	var report struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text = readFile(t, filepath.Join(c.folder, "junit.xml"))
	if err := xml.Unmarshal([]byte(text), &report); err != nil || len(report.Suites) != 1 {
		t.Fatalf("%v in\n%s", err, text)
	}
	suite, failures, failed := report.Suites[0], 0, 0
	for _, one := range suite.Cases {
		result := "passed "
		switch {
		case one.Failure != nil:
			result = "broken "
			failures++
		case one.Error != nil:
			result = "unknown "
			failed++
		}
		cases = append(cases, result+one.Name)
	}
	if suite.Tests != len(cases) || suite.Failures != failures || suite.Errors != failed {
		t.Errorf("the report counts %d, %d and %d:\n%s", suite.Tests, suite.Failures, suite.Errors, text)
	}
	slices.Sort(cases)
	return cases, text
}

// rules are the rules that the log lists, as "result name".
func (r result) rules() []string {
	var rules []string
	for _, line := range regexp.MustCompile(`(?m)^(BROKEN|UNKNOWN|FAILED|PASSED) (.*)$`).FindAllStringSubmatch(r.stdout, -1) {
		rules = append(rules, strings.ToLower(line[1])+" "+line[2])
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// Each script lists every rule by its name, passed or not, in its log and in its report.
func TestPipelines_listEachRule(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w := newWorkspace(t, append(lawful(now), session("sessionAway", "away.offender", now, from("198.51.100.9"))))
	const data = "data.rocketchat_workspace_sessions."
	cases := []struct {
		pipeline
		want []string
	}{
		{script("conftest", "conftest"), []string{
			"broken deny_outside_networks", "passed deny_deleted_users", "passed deny_idle_sessions", "passed deny_plan",
			"passed deny_service_accounts", "passed deny_settings", "passed deny_unsupported_systems",
		}},
		{script("gate", "policy"), []string{
			"broken " + data + "outside", "passed " + data + "deleted_users", "passed " + data + "idle",
			"passed " + data + "service_accounts", "passed " + data + "unsupported",
		}},
		{script("junit", "junit"), []string{"broken outside", "passed older_than_30_days", "passed read", "passed unsupported"}},
		{script("gate", "ephemeral"), []string{
			"broken output.outside", "passed output.deleted_users", "passed output.idle", "passed output.service_accounts",
			"passed output.unsupported",
		}},
	}
	withEach(t, func(t *testing.T, line cli) {
		for _, c := range clitest.Few(1, cases) {
			t.Run(c.script, func(t *testing.T) {
				t.Parallel()
				repository := c.checkout(t, line).withConftest(t)
				r := repository.run(t, w.variables())
				if r.status != 1 || r.stderr != "" {
					t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
				}
				if diff := cmp.Diff(c.want, r.rules()); diff != "" {
					t.Errorf("the log has other rules (-want +got):\n%s", diff)
				}
				if reported, _ := repository.report(t); !slices.Equal(reported, c.want) {
					t.Errorf("the report has other rules (-want +got):\n%s", cmp.Diff(c.want, reported))
				}
			})
		}
	})
}

// A mistake in the settings is no broken rule, and no rule passes beside it.
func TestConftest_scriptTellsAMistakeFromABrokenRule(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, lawful(time.Now()))
	withFirst(t, func(t *testing.T, line cli) {
		repository := script("conftest", "conftest").checkout(t, line).withConftest(t)
		file := filepath.Join(repository.folder, "conftest", "settings.yaml")
		text := strings.Replace(readFile(t, file), "max_idle_days:", "max_idle_day:", 1)
		configuration{folder: filepath.Dir(file)}.keep(t, filepath.Base(file), text)
		r := repository.run(t, w.variables())
		if rules := r.rules(); r.status != 2 || !slices.Equal(rules, []string{"unknown deny_settings"}) {
			t.Errorf("exit code is %d, with %q:\n%s%s", r.status, rules, r.stdout, r.stderr)
		}
		// Neither is an expression that Rego cannot evaluate.
		configuration{folder: filepath.Dir(file)}.keep(t, "policy/more.rego",
			"package main\n\ndeny_more contains \"x\" if regex.match(\"(\", \"x\")\n")
		if r := repository.run(t, w.variables()); r.status != 2 || !strings.Contains(r.stdout, "built-in error") {
			t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
		}
	})
}

// A report says how much of the findings it leaves out, and what the provider warns of.
func TestJUnit_saysWhatItCutsAndWarns(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := lawful(now)
	for i := range 45 {
		name := fmt.Sprintf("away%02d.offender%s", i, strings.Repeat("x", 300))
		rows = append(rows, session(fmt.Sprintf("sessionAway%d", i), name, now, from("198.51.100.9")))
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
	withEach(t, func(t *testing.T, line cli) {
		repository := script("junit", "junit").checkout(t, line)
		configuration{folder: filepath.Join(repository.folder, "junit")}.keep(t, "more.tf",
			"data \"rocketchat_workspace_sessions\" \"forgotten\" {\n  logged_in_before = \"2020-01-01T00:00:00Z\"\n}\n")
		r := repository.run(t, w.variables())
		_, report := repository.report(t)
		for _, text := range []string{r.stdout, report} {
			for _, want := range []string{"45 sessions:\n", "away00.offenderxxx", "… and 25 more sessions of 25 users", "x…: Firefox", "45 days"} {
				if !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
		}
		if !strings.Contains(report, "<system-out>warning: ") || !strings.Contains(r.stdout, "WARNING ") {
			t.Errorf("it does not show a warning:\n%s\n%s", r.stdout, report)
		}
	})
}

// However a text is cut, it says how many lines are missing.
func TestGate_countsTheLinesThatItLeavesOut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lines, width int
		want         string
	}{
		{lines: 40, width: 10},
		{lines: 41, width: 10, want: "… and 1 more lines"},
		{lines: 40, width: 299, want: "… and 17 more lines"},
	} {
		text := strings.Repeat(strings.Repeat("x", c.width)+"\n", c.lines)
		_, r := simulated{plan: checks(t, true, rule("resource", "fail", text)), planned: 1}.gate(t)
		log, commands, _ := strings.Cut(r.stdout, "Session policy:")
		if got := strings.Contains(log, "more lines"); got != (c.want != "") || !strings.Contains(log, c.want) {
			t.Errorf("%d lines of %d characters: it does not say %q:\n%s", c.lines, c.width, c.want, log)
		}
		if !strings.Contains(commands, "… see the log") {
			t.Errorf("the annotation does not say that it is cut:\n%s", commands)
		}
	}
}

// cron mails whatever it has to say, even if it does not reach the gate.
func TestPipelines_cronIsNeverSilent(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, lawful(time.Now()))
	passed := "Subject: Session policy: passed, with warnings\n"
	failed := "Subject: Session policy: the rules could not be evaluated\n"
	cases := []struct {
		name, env, file string
		status          int
		want            []string
	}{
		{name: "passes", env: "SOME=1"},
		{name: "last line fails", env: "[ -n \"$NOTHING\" ] && SOME=1", status: 2, want: []string{failed, "NOTHING"}},
		{
			name: "last command fails", env: "SOME=1\nfalse", status: 2,
			want: []string{failed, "The last command in gate.env failed with exit code 1."},
		},
		{name: "syntax", env: "SOME='1", status: 2, want: []string{failed, "gate.env"}},
		{name: "it exits", env: "exit 0", status: 2, want: []string{failed, "It ended before the gate."}},
		{name: "no token", env: "ROCKETCHAT_AUTH_TOKEN=", status: 2, want: []string{failed, "ROCKETCHAT_AUTH_TOKEN"}},
		{
			name: "a check warns", want: []string{passed, "WARNING check.soft\n  | soft\n", "Session policy: passed, with 1 warning.\n"},
			file: "check \"soft\" {\n  assert {\n    condition     = data.rocketchat_workspace_sessions.idle.total == 0\n" +
				"    error_message = \"soft\"\n  }\n}\n",
		},
	}
	withFirst(t, func(t *testing.T, line cli) {
		for _, c := range clitest.Few(3, cases) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				p := pipeline{
					name: "cron", script: "exec gate/cron.sh policy security@example.com",
					variables: map[string]string{"SENDMAIL": "./sendmail"},
				}
				repository := p.checkout(t, line)
				metrics := filepath.Join(repository.folder, metricsFile)
				configuration{folder: repository.folder}.keep(t, metricsFile, "of a former run")
				configuration{folder: filepath.Join(repository.folder, "gate")}.keep(t, "gate.env", "GATE_METRICS="+metrics+"\n"+c.env)
				configuration{folder: filepath.Join(repository.folder, "policy")}.keep(t, "more.tf", c.file)
				r := repository.run(t, w.variables())
				if r.status != c.status {
					t.Errorf("exit code is %d, want %d:\n%s%s", r.status, c.status, r.stdout, r.stderr)
				}
				// Those of a former run do not stay even if there is no gate.
				if text, err := os.ReadFile(metrics); err == nil && !strings.Contains(string(text), fmt.Sprintf("rocketchat_gate_exit_code %d\n", c.status)) ||
					err != nil && c.status != 2 {
					t.Errorf("the metrics are %q: %v", text, err)
				}
				mail, err := os.ReadFile(filepath.Join(repository.folder, "mail.txt"))
				if (err == nil) != (c.want != nil) {
					t.Fatalf("a mail: %q, %v\n%s%s", mail, err, r.stdout, r.stderr)
				}
				for _, want := range c.want {
					if !strings.Contains(string(mail), want) {
						t.Errorf("it does not say %q:\n%s", want, mail)
					}
				}
			})
		}
	})
}

// A relative TMPDIR is that of the pipeline, although the CLI works in the folder of the configuration.
func TestPipelines_withARelativeTemporaryFolder(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, lawful(time.Now()))
	all := slices.Concat([]pipeline{script("gate", "policy"), script("conftest", "conftest"), script("junit", "junit")}, allPipelines(t))
	withFirst(t, func(t *testing.T, line cli) {
		for _, p := range clitest.Few(1, all) {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				repository := p.checkout(t, line).withConftest(t)
				repository.temporary = filepath.Join(repository.folder, "tmp")
				if err := os.Mkdir(repository.temporary, 0o700); err != nil {
					t.Fatal(err)
				}
				variables := w.variables()
				maps.Copy(variables, map[string]string{"TMPDIR": "tmp"})
				if r := repository.run(t, variables); r.status != 0 || r.stderr != "" {
					t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
				}
			})
		}
	})
}

// A rule that waits for apply fails no plan: the CLI ends with exit code 0, and the gate says that it does not know.
func TestGate_doesNotPassADeferredRule(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, unlawful(time.Now()))
	cases := []struct{ name, old, now string }{
		{"depends_on", "  older_than = \"30d\"\n", "  older_than = \"30d\"\n  depends_on = [terraform_data.some]\n"},
		{"unknown argument", "  older_than = \"30d\"\n", "  older_than = terraform_data.some.output\n"},
	}
	withEach(t, func(t *testing.T, line cli) {
		for _, c := range clitest.Few(1, cases) {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				repository := script("gate", "policy").checkout(t, line)
				folder := filepath.Join(repository.folder, "policy")
				text := readFile(t, filepath.Join(folder, "main.tf"))
				first, _, _ := strings.Cut(text, "data \"rocketchat_workspace_sessions\" \"outside\"")
				if !strings.Contains(first, c.old) {
					t.Fatalf("there is no %q in\n%s", c.old, first)
				}
				configured := configuration{cli: line, folder: folder}.on(w)
				configured.keep(t, "main.tf", strings.Replace(first, c.old, c.now, 1)+
					"resource \"terraform_data\" \"some\" {\n  input = \"30d\"\n}\n")
				configured.must(t, "init", "-input=false", plain)
				configured.planSays(t, 0)
				r := repository.run(t, w.variables())
				if rules := r.rules(); r.status != 2 || !slices.Equal(rules, []string{"unknown data.rocketchat_workspace_sessions.idle"}) {
					t.Errorf("exit code is %d, with %q:\n%s%s", r.status, rules, r.stdout, r.stderr)
				}
			})
		}
	})
}
