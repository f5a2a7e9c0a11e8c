// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// configuration is an initialized copy of a folder of the examples.
type configuration struct {
	cli
	folder    string
	variables map[string]string
}

// prepare copies a folder of the examples alone, as its users do, and initializes it.
func prepare(t *testing.T, c cli, folder string) configuration {
	t.Helper()
	configured := configuration{cli: c, folder: t.TempDir()}
	copyFolder(t, filepath.Join(examplesRoot, filepath.FromSlash(folder)), configured.folder)
	configured.initialize(t)
	return configured
}

// preamble is what the documentation leaves out of its examples.
const preamble = `terraform {
  required_providers {
    rocketchat = { source = "terraform-rocketchat/rocketchat" }
  }
}
`

// written is an initialized configuration with this text, beside a copy of the modules if it calls one.
func written(t *testing.T, c cli, text string) configuration {
	t.Helper()
	parent := t.TempDir()
	configured := configuration{cli: c, folder: filepath.Join(parent, "policy")}
	if !strings.Contains(text, "required_providers") {
		text = preamble + text
	}
	if strings.Contains(text, `"../session-baseline"`) {
		copyFolder(t, modulesRoot, parent)
	}
	configured.keep(t, "main.tf", text)
	configured.initialize(t)
	return configured
}

func (c configuration) on(w *workspace) configuration {
	c.variables = w.variables()
	return c
}

func (c configuration) keep(t *testing.T, name, text string) {
	t.Helper()
	write(t, filepath.Join(c.folder, name), text)
}

// initialized are folders with what init leaves, by the CLI and the modules that a configuration calls: init takes
// as long as a plan. The pipelines, and the tests of installing, run it as users do.
var initialized memory[string]

func (c configuration) initialize(t *testing.T) {
	t.Helper()
	key := c.path
	files, err := filepath.Glob(filepath.Join(c.folder, "*.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		key += strings.Join(regexp.MustCompile(`(?m)^module "\w+" \{\n +source += ".*"`).FindAllString(readFile(t, file), -1), "\n")
	}
	left := initialized.get(key, func() string {
		folder, err := os.MkdirTemp(filepath.Dir(os.Getenv(mirrorVariable)), "initialized") //nolint:usetesting // it outlives the test
		if err != nil {
			t.Fatal(err)
		}
		c.must(t, "init", "-input=false", plain)
		for _, name := range []string{".terraform", ".terraform.lock.hcl"} {
			if err := os.Rename(filepath.Join(c.folder, name), filepath.Join(folder, name)); err != nil {
				t.Fatal(err)
			}
		}
		return folder
	})
	if err := os.CopyFS(c.folder, os.DirFS(left)); err != nil {
		t.Fatal(err)
	}
}

func (c configuration) run(t *testing.T, arguments ...string) result {
	t.Helper()
	return run(t, c.folder, c.variables, c.path, arguments...)
}

func (c configuration) must(t *testing.T, arguments ...string) string {
	t.Helper()
	r := c.run(t, arguments...)
	if r.status != 0 {
		t.Fatalf("%s %s: exit code %d\n%s%s", c.name, strings.Join(arguments, " "), r.status, r.stdout, r.stderr)
	}
	return r.stdout
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
}

// diagnostic is an error or a warning as "-json" has it: not cut into lines.
type diagnostic struct{ Severity, Summary, Detail string }

// plan returns the exit code of a plan and what it says.
func (c configuration) plan(t *testing.T, arguments ...string) (int, []diagnostic) {
	t.Helper()
	r := c.run(t, append([]string{"plan", "-input=false", "-json"}, arguments...)...)
	return r.status, r.diagnostics(t)
}

// diagnostics are in the order of the details: that of the rules is not fixed. A plan that fails must not print the
// output that says that it passed.
func (r result) diagnostics(t *testing.T) []diagnostic {
	t.Helper()
	var said []diagnostic
	for line := range strings.Lines(r.stdout) {
		var message struct {
			Diagnostic *diagnostic
			Outputs    map[string]any
		}
		decode(t, line, &message)
		if _, passed := message.Outputs["gate"]; passed && r.status != 0 {
			t.Errorf("exit code %d, and yet: %s", r.status, line)
		}
		if message.Diagnostic != nil {
			said = append(said, *message.Diagnostic)
		}
	}
	return byDetail(said)
}

func byDetail(said []diagnostic) []diagnostic {
	return slices.SortedFunc(slices.Values(said), func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
}

// planSays expects all that a plan says.
func (c configuration) planSays(t *testing.T, want ...diagnostic) {
	t.Helper()
	got, said := c.plan(t)
	same(t, "the plan says something else", byDetail(want), said)
	same(t, "the plan has another exit code", status(want), got)
}

// planIs expects the exit code of a plan, and all that it says, to be in a file of testdata.
func (c configuration) planIs(t *testing.T, now time.Time, file string, arguments ...string) result {
	t.Helper()
	r := c.run(t, append([]string{"plan", "-input=false", "-json", "-out=sessions.tfplan"}, arguments...)...)
	text := fmt.Sprintf("exit code %d\n", r.status)
	for _, d := range r.diagnostics(t) {
		text += fmt.Sprintf("\n%s: %s\n%s\n", d.Severity, d.Summary, d.Detail)
	}
	golden(t, now, file, text)
	return r
}

var update = flag.Bool("update", false, "write the files of testdata, to be judged by eye")

// golden expects a text to be in a file of testdata, where times are how long they were before now.
func golden(t *testing.T, now time.Time, file, text string) {
	t.Helper()
	text = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`).ReplaceAllStringFunc(text, func(at string) string {
		parsed, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Error(err)
		}
		return "<" + now.Sub(parsed).Round(time.Minute).String() + " ago>"
	})
	file = filepath.Join("testdata", filepath.FromSlash(file)+".txt")
	if *update {
		write(t, file, text)
	}
	same(t, file+" says something else", readFile(t, file), text)
}

func status(said []diagnostic) int {
	if slices.ContainsFunc(said, func(d diagnostic) bool { return d.Severity == "error" }) {
		return 1
	}
	return 0
}

// planned plans a configuration, decodes its outputs, which are there even if a rule is broken, and returns what [configuration.plan] does.
func (c configuration) planned(t *testing.T, into any) (int, []diagnostic) {
	t.Helper()
	status, said := c.plan(t, "-out=sessions.tfplan")
	var shown struct {
		Outputs map[string]struct{ After json.RawMessage } `json:"output_changes"`
	}
	decode(t, c.must(t, "show", "-json", "sessions.tfplan"), &shown)
	values := map[string]json.RawMessage{}
	for name, output := range shown.Outputs {
		values[name] = output.After
	}
	decodeAll(t, values, into)
	return status, said
}

// outputs applies a configuration, and decodes its outputs.
func (c configuration) outputs(t *testing.T, into any, arguments ...string) {
	t.Helper()
	values := map[string]json.RawMessage{}
	for line := range strings.Lines(c.must(t, append([]string{"apply", "-auto-approve", "-input=false", "-json"}, arguments...)...)) {
		var message struct {
			Outputs map[string]struct{ Value json.RawMessage }
		}
		decode(t, line, &message)
		for name, output := range message.Outputs {
			values[name] = output.Value
		}
	}
	decodeAll(t, values, into)
}

func decodeAll(t *testing.T, values map[string]json.RawMessage, into any) {
	t.Helper()
	text, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, string(text), into)
}
