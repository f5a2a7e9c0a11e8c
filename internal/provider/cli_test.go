// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

// serveVariable turns the test's own binary into the provider, for the tests
// that look at the files which a CLI leaves behind.
const serveVariable = "ROCKETCHAT_PROVIDER_TEST_SERVE"

func serveProvider() {
	if err := tf6server.Serve(Address, NewServer("test")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// cli is Terraform or OpenTofu in a folder of its own, with the
// provider set up for the account without a second factor by the environment.
type cli struct {
	t *testing.T
	// path is that of the command.
	path   string
	folder string
	env    []string
}

func newCLI(t *testing.T, w *workspace) *cli {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugins := t.TempDir()
	if err := os.Symlink(self, filepath.Join(plugins, clitest.ProviderName())); err != nil {
		t.Fatal(err)
	}
	_, source, _ := strings.Cut(Address, "/")
	settings := filepath.Join(plugins, "cli.tfrc")
	if err := os.WriteFile(settings, []byte(clitest.DevOverrides(source, plugins)), 0o600); err != nil {
		t.Fatal(err)
	}
	a := w.Account("none")
	c := &cli{t: t, path: clitest.Path(t, "../.."), folder: t.TempDir(), env: append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+settings, "CHECKPOINT_DISABLE=1", serveVariable+"=1",
		"ROCKETCHAT_URL="+w.url, "ROCKETCHAT_USER_ID="+a.UserID, "ROCKETCHAT_AUTH_TOKEN="+a.Token,
	)}
	c.write("versions.tf", fmt.Sprintf("terraform {\n  required_providers {\n    rocketchat = {\n      source = %q\n    }\n  }\n}\n", source))
	return c
}

func (c *cli) write(name, content string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(content), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// plain has the CLI print text without escape sequences.
const plain = "-no-color"

// run returns what was printed, and the exit code.
func (c *cli) run(arguments ...string) (output string, status int) {
	c.t.Helper()
	command := exec.CommandContext(c.t.Context(), c.path, arguments...)
	command.Dir, command.Env = c.folder, c.env
	text, err := command.CombinedOutput()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return string(text), exit.ExitCode()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text), 0
}

// outputs applies the configuration, and returns what the state has of its outputs.
func (c *cli) outputs() map[string]any {
	c.t.Helper()
	if text, status := c.run("apply", "-auto-approve", "-input=false", plain); status != 0 {
		c.t.Fatalf("apply ended with %d:\n%s", status, text)
	}
	text, err := os.ReadFile(filepath.Join(c.folder, "terraform.tfstate"))
	if err != nil {
		c.t.Fatal(err)
	}
	var state struct {
		Outputs map[string]struct{ Value any }
	}
	if err := json.Unmarshal(text, &state); err != nil {
		c.t.Fatalf("%v:\n%s", err, text)
	}
	values := make(map[string]any)
	for name, output := range state.Outputs {
		values[name] = output.Value
	}
	return values
}

// wantOutputs applies the configuration and compares.
func (c *cli) wantOutputs(want map[string]any) {
	c.t.Helper()
	if diff := cmp.Diff(want, c.outputs()); diff != "" {
		c.t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

// expression is one in a configuration, and its value.
type expression struct {
	text string
	want any
}

// wantValues applies a configuration with an output for each expression.
func (c *cli) wantValues(config string, expressions map[string]expression) {
	c.t.Helper()
	want := map[string]any{}
	for name, e := range expressions {
		config += fmt.Sprintf("output %q {\n  value = %s\n}\n", name, e.text)
		want[name] = e.want
	}
	c.write("main.tf", config)
	c.wantOutputs(want)
}

// files are all files of the folder but those named, with what a plan holds unpacked.
func (c *cli) files(but ...string) map[string]string {
	c.t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(c.folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(but, entry.Name()) {
			return err
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file of the test's folder
		if err != nil {
			return err
		}
		files[entry.Name()], err = clitest.Unpacked(content)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return files
}
