// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package files_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestImports holds the arrows of DESIGN.md's layout, through packages in between as well: the
// client and the selection of sessions know nothing of Terraform, the selection nothing of the
// network, and what shares code with the tested cannot contradict it.
func TestImports(t *testing.T) {
	t.Parallel()
	const module = "github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/"
	for name, forbidden := range map[string][]string{
		"rocketchat":     {"github.com/hashicorp/terraform", module + "provider"},
		"sessions":       {"github.com/hashicorp/terraform", module + "provider", module + "rocketchat", "net/http"},
		"rocketchattest": {"github.com/hashicorp/terraform", module + "provider", module + "rocketchat$", module + "sessions"},
		"bulk":           {module + "provider", module + "rocketchat", module + "sessions"},
	} {
		command := exec.CommandContext(t.Context(), "go", "list", "-deps", module+name)
		command.Dir = root
		output, err := command.Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		packages := strings.Fields(string(output))
		if !slices.Contains(packages, module+name) {
			t.Errorf("%s does not list itself: %s", command, output)
		}
		for _, path := range packages {
			for _, prefix := range forbidden {
				if strings.HasPrefix(path+"$", prefix) {
					t.Errorf("%s depends on %s", name, path)
				}
			}
		}
	}
}

var suppression = regexp.MustCompile(`//nolint:([a-z0-9,]+)`)

// TestCode: a file that ships has at most 450 lines, and nothing suppresses a linter that is off.
func TestCode(t *testing.T) {
	t.Parallel()
	const most = 450
	settings, err := os.ReadFile(filepath.Join(root, ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() != ".." && entry.Name() != root && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		found++
		text, err := os.ReadFile(path) //nolint:gosec // a file of this module
		if err != nil {
			return err
		}
		if n := bytes.Count(text, []byte("\n")); n > most && !strings.HasSuffix(path, "_test.go") {
			t.Errorf("%s has %d lines, want at most %d", path, n, most)
		}
		for _, match := range suppression.FindAllStringSubmatch(string(text), -1) {
			for linter := range strings.SplitSeq(match[1], ",") {
				if !strings.Contains(string(settings), "\n    - "+linter+"\n") {
					t.Errorf("%s suppresses %s, which .golangci.yml does not turn on", path, linter)
				}
			}
		}
		return nil
	})
	if err != nil || found < 100 {
		t.Errorf("%d files of Go were read: %v", found, err)
	}
}
