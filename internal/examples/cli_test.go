// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package examples_test runs what is in examples/policies, examples/pipelines and modules as users do: with a built
// provider, terraform and tofu, and a simulated workspace.
package examples_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
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

func (c cli) hasEphemeral() bool { return c.since(release{1, 10}, release{1, 11}) }

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

// memory has what is made once for all tests, because it takes long.
type memory[V any] struct {
	mutex  sync.Mutex
	values map[string]V
}

func (m *memory[V]) get(key string, compute func() V) V {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if value, ok := m.values[key]; ok {
		return value
	}
	if m.values == nil {
		m.values = map[string]V{}
	}
	m.values[key] = compute()
	return m.values[key]
}

// identified are the CLIs by path: each is asked once which one it is.
var identified memory[cli]

func identify(t *testing.T, path string) cli {
	t.Helper()
	return identified.get(path, func() cli {
		c := cli{path: path}
		first, _, _ := strings.Cut(run(t, t.TempDir(), nil, path, "version").stdout, "\n")
		product, version, ok := strings.Cut(first, " v")
		if _, err := fmt.Sscanf(version, "%d.%d.", &c.release.major, &c.release.minor); !ok || err != nil {
			t.Fatalf("%s calls itself %q", path, first)
		}
		c.name, c.tofu = product+" "+version, product == "OpenTofu"
		return c
	})
}

// withEach runs a test with every CLI, and with the first alone in a short run and in one on a release of
// Rocket.Chat that "make testacc" names: the CLI does not see which release responds.
func withEach(t *testing.T, test func(t *testing.T, c cli)) {
	t.Helper()
	all := clis(t)
	if testing.Short() || clitest.Release() != "" {
		all = all[:1]
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// first is the CLI that "make test" works with, for what a rule finds or a script does, where [withEach]
// has shown that every CLI plans the same.
func first(t *testing.T) cli {
	t.Helper()
	return identify(t, clitest.Path(t, root))
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

// ends expects the exit code of a command, and that it prints these texts.
func (r result) ends(t *testing.T, status int, says ...string) {
	t.Helper()
	printed := r.stdout + r.stderr
	unsaid := slices.DeleteFunc(slices.Clone(says), func(text string) bool { return strings.Contains(printed, text) })
	if r.status != status || len(unsaid) > 0 {
		t.Errorf("exit code is %d, want %d; it does not say %q:\n%s", r.status, status, unsaid, printed)
	}
}

func says(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, want := range want {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

// unframed is all that a command prints, as one line without the frames that a CLI draws around errors.
func (r result) unframed() string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(r.stdout+r.stderr)), " ")
}

// run runs a command with the environment of the tests, without what could change how a CLI behaves, and with variables.
func run(t *testing.T, folder string, variables map[string]string, name string, arguments ...string) result {
	t.Helper()
	return runWithInput(t, folder, variables, "", name, arguments...)
}

func runWithInput(t *testing.T, folder string, variables map[string]string, input, name string, arguments ...string) result {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, arguments...)
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
	command.Stdin = strings.NewReader(input)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{status: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// write writes a file, and makes the folder that it is in.
func write(t *testing.T, name, text string) {
	t.Helper()
	name = filepath.FromSlash(name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// copyFolder leaves out what whoever tried the examples by hand has left there.
func copyFolder(t *testing.T, source, target string) {
	t.Helper()
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".terraform":
			return fs.SkipDir
		case entry.IsDir() || entry.Name() == ".terraform.lock.hcl" || strings.Contains(entry.Name(), ".tfstate"):
			return nil
		}
		relative, err := filepath.Rel(source, path)
		write(t, filepath.Join(target, relative), readFile(t, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, want, got any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

const (
	root         = "../.."
	examplesRoot = root + "/examples"
	modulesRoot  = root + "/modules"
	// mirrorVariable names the folder that the CLIs take the provider from.
	mirrorVariable    = "EXAMPLES_TEST_MIRROR"
	cliConfigVariable = "TF_CLI_CONFIG_FILE"
	mirrorVersion     = "0.1.0"
	// hostTofu is where OpenTofu looks for a provider whose source names no host.
	hostTofu = "registry.opentofu.org"
)

// TestMain builds the provider once, and has every CLI take it, and nothing else, from a mirror.
func TestMain(m *testing.M) {
	flag.Parse()
	if list := flag.Lookup("test.list"); list != nil && list.Value.String() != "" {
		os.Exit(m.Run())
	}
	status, err := runWithProvider(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(status)
}

func runWithProvider(m *testing.M) (status int, err error) {
	folder, err := os.MkdirTemp("", "examples")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	if err := clitest.BuildProvider(root, folder); err != nil {
		return 0, err
	}
	mirror := filepath.Join(folder, "mirror")
	if err := fillMirror(mirror, filepath.Join(folder, clitest.ProviderName())); err != nil {
		return 0, err
	}
	config := filepath.Join(folder, "cli.tfrc")
	if err := os.WriteFile(config, []byte(mirrorOf(mirror)), 0o600); err != nil {
		return 0, err
	}
	if err := errors.Join(os.Setenv(mirrorVariable, mirror), os.Setenv(cliConfigVariable, config)); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// fillMirror puts the provider where Terraform and where OpenTofu look for it.
func fillMirror(mirror, built string) error {
	host, rest, _ := strings.Cut(provider.Address, "/")
	for _, host := range []string{host, hostTofu} {
		folder := filepath.Join(mirror, host, rest, mirrorVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.Link(built, filepath.Join(folder, clitest.ProviderName()+"_v"+mirrorVersion)); err != nil {
			return err
		}
	}
	return nil
}

// mirrorOf is a CLI's configuration that takes providers from a folder, and nothing else.
func mirrorOf(folder string) string {
	return fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", folder)
}
