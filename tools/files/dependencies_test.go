// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package files_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// CONTRIBUTING.md says of every direct dependency why it is there.
func TestGoMod_dependenciesAreExplained(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	command.Dir = root
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(output, &file); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, module := range file.Require {
		if !module.Indirect {
			want = append(want, module.Path)
		}
	}
	slices.Sort(want)

	text, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z0-9.-]+\\.[a-z]+/[^`]+)` \\| .+ \\|$").FindAllStringSubmatch(string(text), -1) {
		got = append(got, match[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the table of dependencies is not that of go.mod, by name (-go.mod +CONTRIBUTING.md):\n%s", diff)
	}
}

// Two blocks, the direct dependencies first, are what reviewers look for; "go mod tidy" accepts any order.
func TestGoMod_hasTwoBlocks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?ms)^require \(\n(.*?)\n\)$`).FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 || regexp.MustCompile(`(?m)^require [^(]`).Match(text) {
		t.Fatalf("%d blocks of requirements, want the direct and the indirect ones", len(blocks))
	}
	for i, indirect := range []bool{false, true} {
		for line := range strings.Lines(blocks[i][1]) {
			if strings.Contains(line, "// indirect") != indirect {
				t.Errorf("in the wrong block: %s", strings.TrimSpace(line))
			}
		}
	}
}
