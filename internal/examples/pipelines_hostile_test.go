// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// hostileNames are what somebody could call themselves, or their device.
func hostileNames() []string {
	return []string{
		"eve\n::error::owned",
		"eve\r\n  ::set-env name=PATH::/tmp",
		"eve\r::add-mask::a",
		"eve\u2028::error::owned",
		"eve\u0085::error::x",
		"##vso[task.setvariable variable=a]b",
		"##[error]owned",
		"###[group]owned",
		"::error title=a::owned",
		"%0A::error::owned",
		"a|b|c",
		`a\|b\\|c`,
		"`a|b`",
		"a`b",
		"<img src=x onerror=alert(1)>",
		"</pre></details><script>alert(1)</script>",
		"<!--",
		"]]>",
		"&lt;b&gt;",
		"[link](https://evil.example)",
		"![image](https://evil.example)",
		"https://evil.example",
		"www.evil.example",
		"@everyone",
		"$x$",
		"**b** _i_ ~~s~~",
		"\x1b[31mred\x1b]8;;https://evil.example\x07",
		"\u202Egpj.exe",
		"\u2066hidden\u2069",
		"zero\u200bwidth\ufeff",
		"soft\u00adhyphen",
		"tag\U000e0041",
		"\u3164",
		"nul\x00bell\x07",
		"section_start:1:a\r\x1b[0Kowned",
		"~! rm -rf /",
		".",
		strings.Repeat("long|", 400),
	}
}

// hostile are sessions by which each of them breaks a rule.
func hostile(now time.Time) []rocketchattest.Session {
	rows := lawful(now)
	for i, name := range hostileNames() {
		breaking := from("198.51.100.9")
		if i%2 == 0 {
			breaking = running("Windows", "7")
		}
		rows = append(rows, session(fmt.Sprintf("sessionHostile%d", i), name, now.Add(-time.Minute), breaking))
	}
	return rows
}

// looksClean looks at what a pipeline prints, and at all files that it leaves, which are so many.
func (c copied) looksClean(t *testing.T, r result, files int) {
	t.Helper()
	isCleanLog(t, r.stdout)
	if r.stderr != "" {
		t.Errorf("it complains:\n%s", r.stderr)
	}
	looked := 0
	for name, look := range map[string]func(*testing.T, string){
		"step.md": isCleanMarkdown, "summary.md": isCleanMarkdown, "mail.txt": isCleanLog, "junit.xml": isCleanXML,
		dataFile: isCleanJSON, sarifFile: isCleanSARIF,
	} {
		if _, err := os.Stat(filepath.Join(c.folder, name)); err != nil {
			continue
		}
		looked++
		text := readFile(t, filepath.Join(c.folder, name))
		says(t, text, "198.51.100.9")
		look(t, text)
	}
	if looked != files {
		t.Errorf("it leaves %d files, want %d", looked, files)
	}
}

// isVisible expects nothing that a terminal or a browser would not show as itself.
func isVisible(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Error("it is not UTF-8")
	}
	for _, r := range text {
		if r != '\n' && unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			t.Errorf("it has the character %U", r)
		}
	}
}

func isCleanLog(t *testing.T, text string) {
	t.Helper()
	isVisible(t, text)
	ours := regexp.MustCompile(`^::(error|warning) title=[^:,]*::`)
	for line := range strings.Lines(text) {
		// GitHub takes "::" after blanks, and the older "##[" anywhere.
		if strings.HasPrefix(strings.TrimSpace(line), "::") && !ours.MatchString(line) || strings.Contains(line, "##") {
			t.Errorf("a line is a command: %s", line)
		}
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "~") {
			t.Errorf("a line is a command of a mailer: %s", line)
		}
	}
}

func isCleanMarkdown(t *testing.T, text string) {
	t.Helper()
	isVisible(t, text)
	if len(text) > 1<<20 {
		t.Errorf("it has %d bytes, more than GitHub takes", len(text))
	}
	// What the filter itself writes, in pairs.
	tags := regexp.MustCompile(`</?(?:code|details|summary|pre)>`)
	for _, tag := range []string{"code", "details", "summary", "pre"} {
		if opened, closed := strings.Count(text, "<"+tag+">"), strings.Count(text, "</"+tag+">"); opened != closed {
			t.Errorf("%d %s are opened, and %d closed", opened, tag, closed)
		}
	}
	if rest := tags.ReplaceAllString(text, ""); strings.ContainsAny(rest, "<>") {
		t.Errorf("it has other tags:\n%s", rest)
	}
	table, details, ok := strings.Cut(text, "\n\n<details>")
	if !ok {
		t.Fatalf("there are no details:\n%s", text)
	}
	rows := 0
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		rows++
		if strings.Count(line, "|") != 4 || strings.ContainsAny(line, "`[]*~@$\\") || strings.Contains(line, "://") {
			t.Errorf("a row has other columns or markup: %s", line)
		}
	}
	if rows < 3 {
		t.Errorf("the table has %d rows:\n%s", rows, table)
	}
	// A block of HTML ends with an empty line, but for one in <pre>: the rest would be Markdown.
	for _, block := range regexp.MustCompile(`(?s)<pre>.*?</pre>`).FindAllString(details, -1) {
		details = strings.Replace(details, block, "", 1)
	}
	for line := range strings.Lines(details) {
		if line = strings.TrimSpace(line); line != "" && !strings.Contains(line, "details>") && !strings.HasPrefix(line, "<summary>") {
			t.Errorf("a text is outside the blocks: %s", line)
		}
	}
}

func isCleanXML(t *testing.T, text string) {
	t.Helper()
	isVisible(t, text)
	failures := 0
	for decoder := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v\n%s", err, text)
		}
		if element, ok := token.(xml.StartElement); ok {
			if element.Name.Local == "failure" {
				failures++
			}
			if !slices.Contains([]string{"testsuites", "testsuite", "testcase", "failure"}, element.Name.Local) {
				t.Errorf("it has the element %s", element.Name.Local)
			}
		}
	}
	if failures < 2 {
		t.Errorf("it has %d failures", failures)
	}
}

// isCleanJSON looks at the lines of the findings.
func isCleanJSON(t *testing.T, text string) {
	t.Helper()
	isVisible(t, text)
	var data gateData
	decode(t, text, &data)
	lines := 0
	for _, rule := range data.Rules {
		for _, line := range rule.Lines {
			isVisible(t, line)
			if strings.Contains(line, "\n") || utf8.RuneCountInString(line) > 310 {
				t.Errorf("this is more than a line: %q", line)
			}
			lines++
		}
	}
	if lines < 20 {
		t.Errorf("it has %d lines", lines)
	}
}

// simulated is a CLI that prints what it is given.
type simulated struct {
	// plan is what "show -json" prints, log what "plan -json" does.
	plan, log string
	// planned and shown are their exit codes.
	planned, shown int
	// unwritten is that there is no plan file.
	unwritten bool
}

// gate runs the gate over it.
func (s simulated) gate(t *testing.T) (copied, result) {
	t.Helper()
	repository := s.checkout(t)
	return repository, repository.run(t, nil)
}

// checkout is a repository with the gate, and with files that a former run has left.
func (s simulated) checkout(t *testing.T) copied {
	t.Helper()
	folder := t.TempDir()
	write(t, filepath.Join(folder, "plan.json"), s.plan)
	write(t, filepath.Join(folder, "log"), s.log)
	plan := `for argument; do case $argument in -out=*) echo secret >"${argument#-out=}" ;; esac; done`
	if s.unwritten {
		plan = ":"
	}
	writeScript(t, filepath.Join(folder, "simulated"), fmt.Sprintf(
		"case $2 in\ninit) ;;\nplan) %s; cat %q; exit %d ;;\nshow) cat %q; exit %d ;;\nesac",
		plan, filepath.Join(folder, "log"), s.planned, filepath.Join(folder, "plan.json"), s.shown,
	))
	p := pipeline{
		name: "gate", script: "exec gate/gate.sh policy",
		variables: map[string]string{"GATE_SUMMARY": "summary.md", "GITHUB_ACTIONS": "true"},
	}
	maps.Copy(p.variables, dataVariables())
	repository := p.checkout(t, cli{path: filepath.Join(folder, "simulated")})
	for _, name := range []string{dataFile, metricsFile} {
		write(t, filepath.Join(repository.folder, name), "of a former run")
	}
	return repository
}

func checks(t *testing.T, errored bool, all ...map[string]any) string {
	t.Helper()
	if all == nil {
		all = []map[string]any{}
	}
	text, err := json.Marshal(map[string]any{"errored": errored, "checks": all})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func rule(kind string, status any, messages ...string) map[string]any {
	problems := []any{}
	for _, message := range messages {
		problems = append(problems, map[string]any{"message": message})
	}
	return map[string]any{
		"address":   map[string]any{"kind": kind, "to_display": kind + ".rule"},
		"status":    status,
		"instances": []any{map[string]any{"status": status, "problems": problems}},
	}
}

func warningLog(detail string) string {
	return fmt.Sprintf(`{"type":"diagnostic","diagnostic":{"severity":"warning","summary":"s","detail":%q}}`, detail) + "\n"
}

// Nothing but passed rules passes.
func TestGate_exitCodes(t *testing.T) {
	t.Parallel()
	pass, fail := rule("resource", "pass"), rule("resource", "fail", "one is outside")
	off := rule("resource", "pass")
	delete(off, "instances")
	hidden := rule("resource", "pass")
	hidden["instances"] = []any{map[string]any{"status": "fail"}}
	// What a check says beyond its instances.
	more, unknown := rule("resource", "pass"), rule("resource", "pass")
	more["status"], unknown["status"] = "fail", "error"
	twice := rule("output_value", "fail")
	twice["instances"] = []any{
		map[string]any{"status": "fail", "address": map[string]any{"to_display": `module.m["::error::"].output.o`}},
		map[string]any{"status": "pass", "address": map[string]any{"to_display": `module.m["##b"].output.o`}},
	}
	evaluated := func(rules ...map[string]any) simulated { return simulated{plan: checks(t, false, rules...)} }
	errored := func(rules ...map[string]any) simulated { return simulated{plan: checks(t, true, rules...), planned: 1} }
	cases := map[string]struct {
		simulated
		status int
		says   string
	}{
		"all pass":                           {evaluated(pass, rule("output_value", "pass")), 0, "no session breaks a rule"},
		"one fails":                          {errored(pass, fail), 1, "1 rule is broken."},
		"an output fails":                    {errored(rule("output_value", "fail", "a", "b")), 1, "2 rules are broken."},
		"a withheld message":                 {errored(rule("resource", "fail")), 1, "It gives no message."},
		"an instance fails":                  {errored(hidden), 1, "1 rule is broken."},
		"more than the instances fails":      {errored(more), 1, "BROKEN resource.rule"},
		"more than the instances is unknown": {evaluated(unknown), 2, "UNKNOWN resource.rule"},
		"an instance has a key":              {errored(twice), 1, "BROKEN module.m[\"::error::\"].output.o\n"},
		"an instance passes":                 {errored(twice), 1, "PASSED module.m[\"# #b\"].output.o\n"},
		"one fails, one is unknown":          {errored(fail, rule("output_value", "unknown")), 1, "not all could be evaluated"},
		"one is unknown":                     {evaluated(pass, rule("output_value", "unknown")), 2, "could not be evaluated"},
		"one cannot be evaluated":            {errored(pass, rule("resource", "error")), 2, "could not be evaluated"},
		"a malformed status":                 {evaluated(pass, rule("resource", "passed")), 2, "could not be evaluated"},
		"no status":                          {evaluated(pass, rule("resource", nil)), 2, "could not be evaluated"},
		"a status that is a number":          {evaluated(pass, rule("resource", 0)), 2, "could not be evaluated"},
		"errored, none fails":                {errored(pass), 2, "no rule is broken in it"},
		"errored with exit code 0":           {simulated{plan: checks(t, true, pass)}, 2, "no rule is broken in it"},
		"exit code 1, none fails":            {simulated{plan: checks(t, false, pass), planned: 1}, 2, "no rule is broken in it"},
		"exit code 2, none fails":            {simulated{plan: checks(t, false, pass), planned: 2}, 2, "no rule is broken in it"},
		"no plan file":                       {simulated{plan: checks(t, false, pass), planned: 1, unwritten: true, log: "Boom!\n"}, 2, "| Boom!"},
		"no plan file, exit code 0":          {simulated{plan: checks(t, false, pass), unwritten: true}, 2, "no readable plan"},
		"show fails":                         {simulated{plan: checks(t, false, pass), shown: 11}, 2, "no readable plan"},
		"half a plan":                        {simulated{plan: checks(t, false, pass)[:30]}, 2, "There is no readable result."},
		"an empty plan":                      {simulated{}, 2, "no readable plan"},
		"a plan that is a list":              {simulated{plan: "[]"}, 2, "There is no readable result."},
		"a plan that is null":                {simulated{plan: "null"}, 2, "no readable plan"},
		"checks that are text":               {simulated{plan: `{"checks":"pass"}`}, 2, "no readable plan"},
		"a check that is text":               {simulated{plan: `{"checks":["pass"]}`}, 2, "There is no readable result."},
		"no rule":                            {evaluated(), 2, "The plan evaluates no rule"},
		"no rule but a variable's":           {evaluated(rule("var", "pass")), 2, "The plan evaluates no rule"},
		"all rules are off":                  {evaluated(off), 2, "The plan evaluates no rule"},
		"one rule is off":                    {evaluated(off, pass), 0, "no session breaks a rule"},
		"a variable is wrong":                {errored(pass, rule("var", "fail", "n is too large")), 2, "| n is too large"},
		"a kind that is new":                 {errored(rule("policy", "fail", "new")), 2, "| new"},
		"a check warns":                      {simulated{plan: checks(t, false, rule("check", "fail", "soft")), log: warningLog("soft")}, 0, "passed, with 1 warning."},
		"a check that cannot read":           {simulated{plan: checks(t, false, rule("check", "fail", "s: no token")), log: warningLog("no token")}, 2, "| s: no token"},
		"a warning of the provider":          {simulated{plan: checks(t, false, pass), log: warningLog("45 days")}, 0, "| 45 days"},
	}
	for _, name := range clitest.Few(2, slices.Sorted(maps.Keys(cases))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cases[name]
			repository, r := c.gate(t)
			r.ends(t, c.status, c.says)
			repository.data(t, c.status)
		})
	}
}

// However much is broken, GitHub takes the summary.
func TestGate_isBounded(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	var rules []map[string]any
	for range 100 {
		rules = append(rules, rule("resource", "fail", strings.Repeat(strings.Repeat("|", 1000)+"\n", 100)))
	}
	repository, r := simulated{plan: checks(t, true, rules...), planned: 1}.gate(t)
	r.ends(t, 1)
	summary := readFile(t, filepath.Join(repository.folder, "summary.md"))
	isCleanMarkdown(t, summary)
	isCleanLog(t, r.stdout)
	says(t, summary, "## Session policy: 100 rules are broken\n", "… and 80 more", "… and 77 more lines")
}
