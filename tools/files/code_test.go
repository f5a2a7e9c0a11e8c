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

// TestImports holds the arrows of DESIGN.md's layout: what each package imports of this module,
// and whether it knows Terraform or HTTP. The client and what selects rows know nothing of
// Terraform, what selects rows nothing of HTTP, and what shares code with the tested cannot
// contradict it.
func TestImports(t *testing.T) {
	t.Parallel()
	const module = "github.com/terraform-rocketchat/terraform-provider-rocketchat"
	rules := map[string]string{
		"":                         "internal/provider terraform",
		"cmd/provider-schema":      "internal/provider terraform",
		"cmd/rocketchat-simulator": "internal/rocketchattest net/http",
		"internal/provider": "internal/bulk internal/clock internal/rocketchat internal/sanitize internal/sessions internal/table internal/users " +
			"net/http terraform",
		"internal/bulk":            "terraform",
		"internal/rocketchat":      "internal/clock internal/sanitize internal/sessions internal/users net/http",
		"internal/sessions":        "internal/table internal/users",
		"internal/users":           "internal/table",
		"internal/table":           "",
		"internal/rocketchattest":  "internal/clock net/http",
		"internal/sanitize":        "",
		"internal/randtest":        "",
		"internal/clock":           "",
		"internal/clock/clocktest": "internal/clock",
		"internal/clitest":         "internal/rocketchattest",
		"internal/bench":           "",
		"internal/canary":          "",
		"internal/examples":        "",
		"internal/live":            "",
		"internal/live/ddp":        "net/http",
		"tools/files":              "",
		"tools/licenses":           "",
		"tools/live":               "internal/live/ddp net/http",
		"tools/mutate":             "",
		"tools/recording":          "",
	}
	command := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	command.Dir = root
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	for line := range strings.Lines(string(output)) {
		words := strings.Fields(line)
		name := strings.TrimPrefix(strings.TrimPrefix(words[0], module), "/")
		var imports []string
		for _, path := range words[1:] {
			own, isOwn := strings.CutPrefix(path, module+"/")
			switch {
			case isOwn:
				imports = append(imports, own)
			case strings.HasPrefix(path, "github.com/hashicorp/terraform"):
				imports = append(imports, "terraform")
			case path == "net/http" || strings.HasPrefix(path, "net/http/"):
				imports = append(imports, "net/http")
			}
		}
		slices.Sort(imports)
		rule, ok := rules[name]
		if got := strings.Join(slices.Compact(imports), " "); !ok || got != rule {
			t.Errorf("%q imports %q, and its rule says %q (there is one: %t)", name, got, rule, ok)
		}
		delete(rules, name)
	}
	for name := range rules {
		t.Errorf("there is a rule for %q, which is no package", name)
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
