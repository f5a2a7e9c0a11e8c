// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

// release is the major and minor number of a CLI.
type release struct{ major, minor int }

func (r release) before(other release) bool {
	return r.major < other.major || r.major == other.major && r.minor < other.minor
}

// none is in no release.
func none() release { return release{major: 1 << 30} }

// plain has a tool print no colors.
const plain = "-no-color"

// cli is a terraform or a tofu.
type cli struct {
	path string
	// name is as in "Terraform 1.11.4".
	name    string
	tofu    bool
	release release
}

// since reports whether the CLI has what came with these releases.
func (c cli) since(terraform, tofu release) bool {
	if c.tofu {
		return !c.release.before(tofu)
	}
	return !c.release.before(terraform)
}

// clis are all that are at hand, each release once.
func clis(t *testing.T) []cli {
	t.Helper()
	var found []cli
	for _, path := range clitest.Paths(t, root) {
		c := identify(t, path)
		if !slices.ContainsFunc(found, func(other cli) bool { return other.name == c.name }) {
			found = append(found, c)
		}
	}
	return found
}

// identified are the CLIs by path: each is asked once which one it is.
var (
	identified  = map[string]cli{}
	identifying sync.Mutex
)

func identify(t *testing.T, path string) cli {
	t.Helper()
	identifying.Lock()
	defer identifying.Unlock()
	if c, ok := identified[path]; ok {
		return c
	}
	c := cli{path: path}
	first, _, _ := strings.Cut(run(t, t.TempDir(), nil, path, "version").stdout, "\n")
	product, version, ok := strings.Cut(first, " v")
	if _, err := fmt.Sscanf(version, "%d.%d.", &c.release.major, &c.release.minor); !ok || err != nil {
		t.Fatalf("%s calls itself %q", path, first)
	}
	c.name, c.tofu = product+" "+version, product == "OpenTofu"
	identified[path] = c
	return c
}

// withEach runs a test with every CLI, and with the first alone in a short run and in one on a release of
// Rocket.Chat that "make testacc" names: the CLI does not see which release responds.
func withEach(t *testing.T, test func(t *testing.T, c cli)) {
	t.Helper()
	if testing.Short() || clitest.Release() != "" {
		withFirst(t, test)
		return
	}
	for _, c := range clis(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// withFirst runs a test with the CLI that "make test" works with: one of what a rule finds or a
// script does, where [withEach] has shown that every CLI plans the same example.
func withFirst(t *testing.T, test func(t *testing.T, c cli)) {
	t.Helper()
	c := identify(t, clitest.Path(t, root))
	t.Run(c.name, func(t *testing.T) {
		t.Parallel()
		test(t, c)
	})
}

// skip skips a test and says so in the file that "make test" prints in the end:
// "go test" keeps to itself what a package that passes has skipped.
func skip(t *testing.T, format string, arguments ...any) {
	t.Helper()
	reason := fmt.Sprintf(format, arguments...)
	if name := os.Getenv("SKIPPED_EXAMPLES"); name != "" {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(file, "%s: %s\n", t.Name(), reason)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	t.Skip(reason)
}

// result is how a command ended.
type result struct {
	status         int
	stdout, stderr string
}

// run runs a command with the environment of the tests, without what could
// change how a CLI behaves, and with variables.
func run(t *testing.T, folder string, variables map[string]string, name string, arguments ...string) result {
	t.Helper()
	return runWithInput(t, folder, variables, nil, name, arguments...)
}

func runWithInput(t *testing.T, folder string, variables map[string]string, input []byte, name string, arguments ...string) result {
	t.Helper()
	// The deadline of the test must end what it runs.
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = folder
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "ROCKETCHAT_") ||
			strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, cliConfigVariable+"=")
	})
	all := clitest.Environment()
	all["TF_IN_AUTOMATION"] = "1"
	maps.Copy(all, variables)
	for name, value := range all {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stdin = bytes.NewReader(input)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{status: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

// configuration is an initialized copy of a folder of the examples.
type configuration struct {
	cli
	folder    string
	variables map[string]string
}

// prepare copies a folder of the examples alone, as its users do, and initializes it.
func prepare(t *testing.T, c cli, folder string) configuration {
	t.Helper()
	configured := configuration{cli: c, folder: copyFolder(t, filepath.Join(examplesRoot, filepath.FromSlash(folder)))}
	configured.must(t, "init", "-input=false", plain)
	return configured
}

// on is the configuration with a workspace to read.
func (c configuration) on(w *workspace) configuration {
	c.variables = w.variables()
	return c
}

func copyExamples(t *testing.T) string {
	t.Helper()
	return copyFolder(t, examplesRoot)
}

// copyFolder leaves out what whoever tried the examples by hand has left there.
func copyFolder(t *testing.T, source string) string {
	t.Helper()
	target := t.TempDir()
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		switch {
		case entry.Name() == ".terraform":
			return fs.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(target, relative), 0o700)
		case entry.Name() == ".terraform.lock.hcl" || strings.Contains(entry.Name(), ".tfstate"):
			return nil
		}
		text, err := os.ReadFile(path) //nolint:gosec // a file of this repository
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(target, relative), text, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func (c configuration) run(t *testing.T, arguments ...string) result {
	t.Helper()
	return run(t, c.folder, c.variables, c.path, arguments...)
}

// must runs a command that succeeds, and returns what it prints.
func (c configuration) must(t *testing.T, arguments ...string) string {
	t.Helper()
	r := c.run(t, arguments...)
	if r.status != 0 {
		t.Fatalf("%s %s: exit code %d\n%s%s", c.name, strings.Join(arguments, " "), r.status, r.stdout, r.stderr)
	}
	return r.stdout
}

// diagnostic is an error or a warning as "-json" has it: not cut into lines.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
}

// plan returns the exit code of a plan and what it says. One that fails must not print
// the output that says that it passed.
func (c configuration) plan(t *testing.T, arguments ...string) (int, []diagnostic) {
	t.Helper()
	r := c.run(t, append([]string{"plan", "-input=false", "-json"}, arguments...)...)
	var said []diagnostic
	for line := range strings.Lines(r.stdout) {
		var message struct {
			Diagnostic *diagnostic    `json:"diagnostic"`
			Outputs    map[string]any `json:"outputs"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			t.Fatalf("%s said %q", c.name, line)
		}
		if _, passed := message.Outputs["gate"]; passed && r.status != 0 {
			t.Errorf("%s: exit code %d, and yet: %s", c.name, r.status, line)
		}
		if message.Diagnostic != nil {
			said = append(said, *message.Diagnostic)
		}
	}
	slices.SortFunc(said, func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
	return r.status, said
}

// planSays expects the exit code of a plan and all that it says, in the order of
// the details: that of the rules is not fixed.
func (c configuration) planSays(t *testing.T, status int, want ...diagnostic) {
	t.Helper()
	got, said := c.plan(t)
	if got != status {
		t.Errorf("exit code is %d, want %d", got, status)
	}
	slices.SortFunc(want, func(a, b diagnostic) int { return strings.Compare(a.Detail, b.Detail) })
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("the plan says something else (-want +got):\n%s", diff)
	}
}
