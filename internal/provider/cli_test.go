// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

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
	text := clitest.DevOverrides(source, plugins)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
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

// files are all files of the folder but those named, with what a plan, which
// is a ZIP archive, holds unpacked.
func (c *cli) files(but ...string) map[string]string {
	c.t.Helper()
	files := make(map[string]string)
	folder := os.DirFS(c.folder)
	err := fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(folder, path)
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		files[name] = string(content)
		if filepath.Ext(path) == ".tfplan" {
			files[name] = unpacked(c.t, content)
		}
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, name := range but {
		delete(files, name)
	}
	return files
}

func unpacked(t *testing.T, archive []byte) string {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range reader.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, content); err != nil { //nolint:gosec // G110: a plan of ours
			t.Fatal(err)
		}
	}
	return all.String()
}
