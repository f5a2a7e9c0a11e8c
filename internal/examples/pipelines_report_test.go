// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/xml"
	"fmt"
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
	clitest.NotInShort(t)
	now := time.Now()
	w := newWorkspace(t, append(lawful(now), session("sessionAway", "away.offender", now, from("198.51.100.9"))))
	const data = "data.rocketchat_workspace_sessions."
	cases := []struct {
		pipeline
		want []string
	}{
		{script("gate", "policy"), []string{
			"broken " + data + "outside", "passed " + data + "deleted_users", "passed " + data + "idle",
			"passed " + data + "service_accounts", "passed " + data + "unsupported",
		}},
		{script("junit", "junit"), []string{"broken outside", "passed older_than_30_days", "passed read", "passed unsupported"}},
		{script("gate", "ephemeral"), []string{
			"broken output.outside", "passed output.deleted_users", "passed output.idle", "passed output.service_accounts",
			"passed output.unsupported",
		}},
		{script("conftest", "conftest"), []string{
			"broken deny_outside_networks", "passed deny_deleted_users", "passed deny_idle_sessions", "passed deny_plan",
			"passed deny_service_accounts", "passed deny_settings", "passed deny_unsupported_systems",
		}},
	}
	withEach(t, func(t *testing.T, line cli) {
		cases := cases
		if line != first(t) {
			cases = cases[:3] // conftest sees no CLI
		}
		for _, c := range cases {
			t.Run(c.script, func(t *testing.T) {
				t.Parallel()
				repository := c.checkout(t, line).withConftest(t).relative(t)
				r := repository.run(t, w.variables())
				r.ends(t, 1)
				same(t, "it complains", "", r.stderr)
				same(t, "the log has other rules", c.want, r.rules())
				reported, _ := repository.report(t)
				same(t, "the report has other rules", c.want, reported)
			})
		}
	})
}

// A report says how much of the findings it leaves out, and what the provider warns of.
func TestJUnit_saysWhatItCutsAndWarns(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := lawful(now)
	for i := range 45 {
		name := fmt.Sprintf("away%02d.offender%s", i, strings.Repeat("x", 300))
		rows = append(rows, session(fmt.Sprintf("sessionAway%d", i), name, now, from("198.51.100.9")))
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
	repository := script("junit", "junit").checkout(t, first(t))
	write(t, filepath.Join(repository.folder, "junit", "more.tf"),
		"data \"rocketchat_workspace_sessions\" \"forgotten\" {\n  logged_in_before = \"2020-01-01T00:00:00Z\"\n}\n")
	r := repository.run(t, w.variables())
	_, report := repository.report(t)
	for printed, warning := range map[string]string{r.stdout: "WARNING ", report: "<system-out>warning: "} {
		says(t, printed, "45 sessions:\n", "away00.offenderxxx", "… and 25 more sessions of 25 users", "x…: Firefox", "45 days", warning)
	}
}

// However a text is cut, it says how many lines are missing.
func TestGate_countsTheLinesThatItLeavesOut(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
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
		says(t, commands, "… see the log")
	}
}

// cron mails whatever it has to say, even if it does not reach the gate.
func TestPipelines_cronIsNeverSilent(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
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
	line := first(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			repository := cron().checkout(t, line).relative(t)
			metrics := filepath.Join(repository.folder, metricsFile)
			write(t, metrics, "of a former run")
			write(t, filepath.Join(repository.folder, "gate", "gate.env"), "GATE_METRICS="+metrics+"\n"+c.env)
			write(t, filepath.Join(repository.folder, "policy", "more.tf"), c.file)
			r := repository.run(t, w.variables())
			r.ends(t, c.status)
			// Those of a former run do not stay even if there is no gate.
			if text, err := os.ReadFile(metrics); err == nil && !strings.Contains(string(text), fmt.Sprintf("rocketchat_gate_exit_code %d\n", c.status)) ||
				err != nil && c.status != 2 {
				t.Errorf("the metrics are %q: %v", text, err)
			}
			mail, err := os.ReadFile(filepath.Join(repository.folder, "mail.txt"))
			if (err == nil) != (c.want != nil) {
				t.Fatalf("a mail: %q, %v\n%s%s", mail, err, r.stdout, r.stderr)
			}
			result{status: r.status, stdout: string(mail)}.ends(t, c.status, c.want...)
		})
	}
}

// A rule that waits for apply fails no plan: the CLI ends with exit code 0, and the gate says that it does not know.
func TestGate_doesNotPassADeferredRule(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, unlawful(time.Now()))
	withEach(t, func(t *testing.T, line cli) {
		repository := script("gate", "policy").checkout(t, line)
		folder := filepath.Join(repository.folder, "policy")
		rule, _, _ := strings.Cut(readFile(t, filepath.Join(folder, "main.tf")), "data \"rocketchat_workspace_sessions\" \"outside\"")
		_, late, _ := strings.Cut(rule, "provider \"rocketchat\" {}\n")
		const old, waits, unknown = "  older_than = \"30d\"\n", "  older_than = \"30d\"\n  depends_on = [terraform_data.some]\n", "  older_than = terraform_data.some.output\n"
		if strings.Count(late, old) != 1 {
			t.Fatalf("there is no %q in\n%s", old, late)
		}
		late = strings.NewReplacer(old, unknown, `"idle"`, `"late"`).Replace(late)
		configured := configuration{cli: line, folder: folder}.on(w)
		configured.keep(t, "main.tf", strings.Replace(rule, old, waits, 1)+late+"resource \"terraform_data\" \"some\" {\n  input = \"30d\"\n}\n")
		configured.initialize(t)
		if status, said := configured.plan(t); status != 0 || len(said) > 0 {
			t.Errorf("exit code is %d, want 0 without a word: %v", status, said)
		}
		r := repository.run(t, w.variables())
		r.ends(t, 2)
		same(t, "other rules", []string{
			"unknown data.rocketchat_workspace_sessions.idle", "unknown data.rocketchat_workspace_sessions.late",
		}, r.rules())
	})
}
