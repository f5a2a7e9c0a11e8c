// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"html"
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
)

const (
	dataFile    = "gate.json"
	metricsFile = "gate.prom"
	outputFile  = "github-output"
)

// dataVariables have a gate write all that other programs read.
func dataVariables() map[string]string {
	return map[string]string{"GATE_JSON": dataFile, "GATE_METRICS": metricsFile, "GITHUB_OUTPUT": outputFile}
}

// withData has a pipeline write them, wherever its script goes.
func (c copied) withData() copied {
	for variable, name := range dataVariables() {
		c.variables[variable] = filepath.Join(c.folder, name)
	}
	return c
}

type gateData struct {
	Result  string
	Broken  int
	EndedAt time.Time `json:"ended_at"`
	Rules   []struct {
		Name, Result string
		Lines        []string
		LeftOut      int `json:"left_out"`
	}
	// Findings are the outputs that the configuration itself gives as JSON.
	Findings map[string]json.RawMessage
}

// data returns the data of a gate that ended with this exit code, after a look at all files
// that [dataVariables] name: they say the same.
func (c copied) data(t *testing.T, status int) gateData {
	t.Helper()
	var data gateData
	decoder := json.NewDecoder(strings.NewReader(readFile(t, filepath.Join(c.folder, dataFile))))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&data); err != nil {
		t.Fatal(err)
	}
	result := []string{"passed", "broken", "error"}[status]
	counts := map[string]int{}
	for _, rule := range data.Rules {
		counts[rule.Result]++
		if !slices.Contains([]string{"passed", "broken", "error", "unknown", "warning"}, rule.Result) {
			t.Errorf("a rule has the result %q", rule.Result)
		}
	}
	if data.Result != result || data.Broken != counts["broken"] || (data.Broken > 0) != (status == 1) {
		t.Errorf("exit code is %d, and the data say %q with %d broken rules of %v", status, data.Result, data.Broken, counts)
	}
	if age := time.Since(data.EndedAt); age < -time.Minute || age > time.Hour {
		t.Errorf("it ended at %s", data.EndedAt)
	}
	if want, got := fmt.Sprintf("result=%s\nbroken=%d\n", result, data.Broken), readFile(t, filepath.Join(c.folder, outputFile)); got != want {
		t.Errorf("GitHub's outputs are %q, want %q", got, want)
	}
	metrics := readFile(t, filepath.Join(c.folder, metricsFile))
	for name, want := range map[string]int64{
		"exit_code": int64(status), "broken_rules": int64(data.Broken), "last_run_timestamp_seconds": data.EndedAt.Unix(),
	} {
		says(t, metrics, fmt.Sprintf("\nrocketchat_gate_%s %d\n", name, want))
	}
	isExposition(t, metrics)
	for name, want := range map[string]os.FileMode{dataFile: 0o600, metricsFile: 0o644} {
		if info, err := os.Stat(filepath.Join(c.folder, name)); err != nil || info.Mode() != want {
			t.Errorf("the mode of %s is %v, want %v: %v", name, info.Mode(), want, err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(c.folder, "gate.*.*")); err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
	return data
}

// isExposition expects the text format of Prometheus, in which no series is there twice: the
// collector would refuse the whole file.
func isExposition(t *testing.T, text string) {
	t.Helper()
	comment := regexp.MustCompile(`^# (?:HELP|TYPE) (rocketchat_gate_\w+) .+$`)
	sample := regexp.MustCompile(`^((rocketchat_gate_\w+)(?:\{rule="(?:[^"\\]|\\["\\n])*"\})?) \d+$`)
	metric, seen := "", map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if parts := comment.FindStringSubmatch(line); parts != nil {
			metric = parts[1]
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if len(parts) != 3 || parts[2] != metric || seen[parts[1]] {
			t.Errorf("this is no sample of %s, or one twice: %s", metric, line)
			continue
		}
		seen[parts[1]] = true
	}
}

// Data are for each rule what the log shows of it, count what they leave out, and replace those of a former run.
func TestGate_writesData(t *testing.T) {
	t.Parallel()
	long := "45 of 45 sessions:\n" + strings.Repeat("  \"eve\"\\n\n", 45)
	second := rule("output_value", "fail", "a", "b")
	second["address"] = map[string]any{"kind": "output_value", "to_display": "module.m[\"a\\\\\"].output.o"}
	repository, r := simulated{
		plan:    checks(t, true, rule("resource", "fail", long), second, rule("check", "pass"), rule("check", "unknown")),
		planned: 1,
	}.gate(t)
	r.ends(t, 1)
	data := repository.data(t, 1)
	var got []string
	for _, rule := range data.Rules {
		got = append(got, fmt.Sprintf("%s %s: %d lines, %d left out", rule.Result, rule.Name, len(rule.Lines), rule.LeftOut))
	}
	want := []string{
		"broken resource.rule: 40 lines, 6 left out",
		`broken module.m["a\\"].output.o: 1 lines, 0 left out`,
		`broken module.m["a\\"].output.o: 1 lines, 0 left out`,
		"unknown check.rule: 1 lines, 0 left out",
		"passed check.rule: 0 lines, 0 left out",
	}
	same(t, "other rules", want, got)
	if lines := data.Rules[0].Lines; lines[0] != "45 of 45 sessions:" || lines[39] != `  "eve"\n` {
		t.Errorf("the lines are %q", lines)
	}
	says(t, readFile(t, filepath.Join(repository.folder, metricsFile)),
		"\nrocketchat_gate_findings{rule=\"resource.rule\"} 1\n",
		"\nrocketchat_gate_findings{rule=\"module.m[\\\"a\\\\\\\\\\\"].output.o\"} 2\n",
		"\nrocketchat_gate_findings{rule=\"check.rule\"} 0\n")
}

// Whatever keeps a gate from a result, its data say that there was an error.
func TestGate_writesDataAlsoWhenItFails(t *testing.T) {
	t.Parallel()
	passes := simulated{plan: checks(t, false, rule("resource", "pass"))}
	nowhere := func(variable string) map[string]string { return map[string]string{variable: "/nowhere/some.file"} }
	cases := map[string]struct {
		change map[string]string
		// spoil changes the folder before the run.
		spoil func(folder string) error
		says  string
	}{
		"no CLI":                 {change: nowhere("TF"), says: "There is no /nowhere/some.file: set TF"},
		"no jq":                  {change: map[string]string{"PATH": withoutJQ(t)}, says: "There is no jq."},
		"no temporary folder":    {change: nowhere("TMPDIR"), says: "TMPDIR is not a folder."},
		"no place for a summary": {change: nowhere("GATE_SUMMARY")},
		"no place for metrics":   {change: nowhere("GATE_METRICS"), says: "/nowhere/some.file could not be written."},
		"no place for data":      {change: nowhere("GATE_JSON"), says: "/nowhere/some.file could not be written."},
		"no place for outputs":   {change: nowhere("GITHUB_OUTPUT")},
		"data into a folder":     {change: map[string]string{"GATE_JSON": "gate"}, says: "gate is not a file."},
		"metrics into a link": {
			spoil:  func(f string) error { return os.Symlink("/dev/null", filepath.Join(f, "link")) },
			change: map[string]string{"GATE_METRICS": "link"}, says: "link is not a file.",
		},
		"a filter is missing":   {spoil: func(f string) error { return os.Remove(filepath.Join(f, "gate", "plan.jq")) }, says: "There is no readable result."},
		"a filter is no filter": {spoil: func(f string) error { return os.WriteFile(filepath.Join(f, "gate", "text.jq"), []byte("}"), 0o600) }},
	}
	for _, name := range clitest.Few(1, slices.Sorted(maps.Keys(cases))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cases[name]
			repository := passes.checkout(t)
			if c.spoil != nil {
				if err := c.spoil(repository.folder); err != nil {
					t.Fatal(err)
				}
			}
			r := repository.run(t, c.change)
			r.ends(t, 2, c.says)
			for variable, want := range map[string]string{
				"GATE_JSON": `"result": "error"`, "GATE_METRICS": "rocketchat_gate_exit_code 2\n", "GITHUB_OUTPUT": "result=error\nbroken=0\n",
			} {
				if _, changed := c.change[variable]; changed {
					continue
				}
				text, err := os.ReadFile(filepath.Join(repository.folder, dataVariables()[variable]))
				// Without jq, there are no metrics, neither old nor new.
				if gone := name == "no jq" && variable == "GATE_METRICS"; gone != os.IsNotExist(err) || !gone && !strings.Contains(string(text), want) {
					t.Errorf("%s: %v, want %q in:\n%s", variable, err, want, text)
				}
			}
		})
	}
}

// In other shells than the one that is "sh" here, the data are the same: some differ in what they do in a trap.
func TestGate_writesDataInEachShell(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	shells := slices.DeleteFunc([]string{"sh", "dash", "bash --posix", "bash", "busybox sh", "ksh"}, func(shell string) bool {
		name, _, _ := strings.Cut(shell, " ")
		_, err := exec.LookPath(name)
		return err != nil
	})
	if len(shells) == 0 {
		t.Fatal("there is no shell")
	}
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			for exitCode, plan := range []string{
				checks(t, false, rule("resource", "pass")), checks(t, true, rule("resource", "fail", "one")), checks(t, false, rule("resource", "unknown")),
			} {
				repository := simulated{plan: plan}.checkout(t)
				repository.script = "exec " + shell + " gate/gate.sh policy"
				r := repository.run(t, nil)
				r.ends(t, exitCode)
				same(t, "it complains", "", r.stderr)
				if rules := repository.data(t, exitCode).Rules; len(rules) != 1 {
					t.Errorf("the data have %d rules", len(rules))
				}
			}
		})
	}
}

// Outputs that are findings as JSON are in the data as they are, but for what a terminal would not show.
func TestGate_writesFindingsOfTheConfiguration(t *testing.T) {
	t.Parallel()
	plan := map[string]any{
		"checks": []any{rule("resource", "pass")},
		"output_changes": map[string]any{
			"findings_json":      map[string]any{"after": `{"version":1,"findings":[{"username":"eve\u202e##[x]","waived":false}]}`},
			"sub_findings_json":  map[string]any{"after": "{", "after_sensitive": true},
			"late_findings_json": map[string]any{"after_unknown": true},
			"report":             map[string]any{"after": `"more"`},
		},
	}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	repository, r := simulated{plan: string(text)}.gate(t)
	r.ends(t, 0)
	got := map[string]string{}
	for name, findings := range repository.data(t, 0).Findings {
		got[name] = strings.Join(strings.Fields(string(findings)), "")
	}
	want := map[string]string{
		"findings_json":     `{"version":1,"findings":[{"username":"eve` + "\ufffd" + `##[x]","waived":false}]}`,
		"sub_findings_json": "null", "late_findings_json": "null",
	}
	same(t, "other findings", want, got)
}

// withoutJQ is a PATH with all that the scripts call but jq.
func withoutJQ(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"sh", "dirname", "rm", "mktemp", "mv", "chmod", "date", "cat"} {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The gate names each rule of the module by its id: in Terraform's checks, all
// that stop are one output, and all that warn one check.
func TestGate_namesTheRulesOfTheBaseline(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	found := map[string]int{
		"idle": 2, "outside_networks": 2, "unsupported_systems": 1, "service_accounts": 1, "deleted_users": 1,
		"silent_clients": 2, "unreadable_addresses": 1,
	}
	// The rules that need neither users nor settings, and what the module checks of its arguments.
	want := []string{"passed module.baseline.output.findings"}
	for rule, severity := range ruleSeverities() {
		if readsUsers(rule) || offByDefault(rule) {
			continue
		}
		address, result := fmt.Sprintf("module.baseline.module.warning[%q].check.findings", rule), "warning"
		if severity == "high" || severity == "critical" {
			address, result = fmt.Sprintf("module.baseline.module.gate[%q].output.open", rule), "broken"
		}
		if found[rule] == 0 {
			result = "passed"
		}
		want = append(want, result+" "+address)
	}
	slices.Sort(want)

	repository := script("gate", "policy").checkout(t, first(t)).withData()
	repository.variables["GATE_SUMMARY"] = "summary.md"
	write(t, filepath.Join(repository.folder, "policy", "main.tf"),
		preamble+called("baseline", office)+"output \"findings_json\" {\n  value = module.baseline.findings_json\n}\n")
	repository.run(t, newWorkspace(t, unlawful(time.Now())).variables()).ends(t, 1)
	var said []string
	row := regexp.MustCompile(`(?m)^\| \S+ (\w+) \| <code>(.*?)</code> \|`)
	for _, row := range row.FindAllStringSubmatch(readFile(t, filepath.Join(repository.folder, "summary.md")), -1) {
		said = append(said, row[1]+" "+html.UnescapeString(row[2]))
	}
	slices.Sort(said)
	same(t, "the summary has other rules", want, said)
	var report report
	decode(t, string(repository.data(t, 1).Findings["findings_json"]), &report)
	inData := map[string]int{}
	for _, finding := range report.Findings {
		inData[finding.Rule]++
	}
	same(t, "the data have other findings", found, inData)
}
