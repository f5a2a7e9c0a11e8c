// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The gate names each rule of the module by its id: in Terraform's checks, all
// that stop are one output, and all that warn one check.
func TestGate_namesTheRulesOfTheBaseline(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	p := pipeline{name: "gate", script: "exec gate/gate.sh policy", variables: map[string]string{"GATE_SUMMARY": "summary.md"}}
	text := preamble + "module \"baseline\" {\n  source = \"../session-baseline\"\n" + office + "}\n" +
		"output \"findings_json\" {\n  value = module.baseline.findings_json\n}\n"
	broken, peaceful := newWorkspace(t, unlawful(now)), newWorkspace(t, []rocketchattest.Session{session("sessionAlice", "alice.lawful", now)})
	withFirst(t, func(t *testing.T, line cli) {
		repository := p.checkout(t, line)
		maps.Copy(repository.variables, dataVariables())
		configuration{folder: filepath.Join(repository.folder, "policy")}.keep(t, "main.tf", text)

		found := map[string]int{
			"idle": 2, "outside_networks": 2, "unsupported_systems": 1, "service_accounts": 1, "deleted_users": 1,
			"silent_clients": 2, "unreadable_addresses": 1,
		}
		said := repository.says(t, broken, 1)
		if diff := cmp.Diff(rulesOf(func(rule string) string { return resultOf(rule, found[rule]) }), said); diff != "" {
			t.Errorf("broken: the summary has other rules (-want +got):\n%s", diff)
		}
		var report struct{ Findings []struct{ Rule string } }
		if err := json.Unmarshal(repository.data(t, 1).Findings["findings_json"], &report); err != nil {
			t.Fatal(err)
		}
		inData := map[string]int{}
		for _, finding := range report.Findings {
			inData[finding.Rule]++
		}
		if diff := cmp.Diff(found, inData); diff != "" {
			t.Errorf("the data have other findings (-want +got):\n%s", diff)
		}
		said = repository.says(t, peaceful, 0)
		if diff := cmp.Diff(rulesOf(func(string) string { return "passed" }), said); diff != "" {
			t.Errorf("clean: the summary has other rules (-want +got):\n%s", diff)
		}
	})
}

// resultOf is the result of a rule that finds so many.
func resultOf(rule string, found int) string {
	switch severity := ruleSeverities()[rule]; {
	case found == 0:
		return "passed"
	case severity == "high" || severity == "critical":
		return "broken"
	}
	return "warning"
}

// rulesOf are the lines of the rules that need neither users nor settings, as the module has them
// where those of high severity stop, and what the module checks of its arguments.
func rulesOf(result func(rule string) string) []string {
	lines := []string{"passed module.baseline.output.findings"}
	for rule, severity := range ruleSeverities() {
		if readsUsers(rule) || offByDefault(rule) {
			continue
		}
		address := fmt.Sprintf("module.baseline.module.warning[%q].check.findings", rule)
		if severity == "high" || severity == "critical" {
			address = fmt.Sprintf("module.baseline.module.gate[%q].output.open", rule)
		}
		lines = append(lines, result(rule)+" "+address)
	}
	slices.Sort(lines)
	return lines
}

// says runs the gate, and returns results and names of the rules in the table of its summary.
func (c copied) says(t *testing.T, w *workspace, status int) []string {
	t.Helper()
	variables := w.variables()
	variables["GATE_SUMMARY"] = fmt.Sprintf("summary%d.md", status)
	if r := c.run(t, variables); r.status != status {
		t.Errorf("exit code is %d, want %d:\n%s%s", r.status, status, r.stdout, r.stderr)
	}
	summary := readFile(t, filepath.Join(c.folder, variables["GATE_SUMMARY"]))
	var said []string
	for _, row := range regexp.MustCompile(`(?m)^\| \S+ (\w+) \| <code>(.*?)</code> \|`).FindAllStringSubmatch(summary, -1) {
		said = append(said, row[1]+" "+html.UnescapeString(row[2]))
	}
	slices.Sort(said)
	return said
}
