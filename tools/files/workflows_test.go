// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

var (
	uses   = regexp.MustCompile(`^[\s-]*uses:\s*(.*)$`)
	pinned = regexp.MustCompile(`^[\w.-]+(/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
)

// A tag can be moved, a commit cannot.
func TestActions_arePinned(t *testing.T) {
	t.Parallel()
	workflows, err := filepath.Glob(filepath.Join(root, ".github", "workflows", "*.y*ml"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, workflow := range workflows {
		text, err := os.ReadFile(workflow)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			match := uses.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if len(match) < 2 || strings.HasPrefix(match[1], "./") {
				continue
			}
			found++
			if !pinned.MatchString(match[1]) {
				t.Errorf("%s: %q is not a full commit with its tag behind it", filepath.Base(workflow), match[1])
			}
		}
	}
	if found == 0 {
		t.Error("no workflow uses any action")
	}
}

// Dependabot looks into no folder that is not listed for it.
func TestActions_dependabotKnowsAllModules(t *testing.T) {
	t.Parallel()
	settings, err := os.ReadFile(filepath.Join(root, ".github", "dependabot.yml"))
	if err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Glob(filepath.Join(root, "tools", "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, module := range modules {
		text, err := os.ReadFile(module)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(filepath.Dir(module))
		if strings.Contains(string(text), "require") && !strings.Contains(string(settings), "\n      - /tools/"+name+"\n") {
			t.Errorf("dependabot.yml lacks /tools/%s", name)
		}
	}
}

func TestActions_matrixHasEveryRelease(t *testing.T) {
	t.Parallel()
	workflow, err := os.ReadFile(filepath.Join(root, ".github", "workflows", "test.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, release := range rocketchattest.Releases() {
		names = append(names, fmt.Sprintf("%q", release))
	}
	if want := "release: [" + strings.Join(names, ", ") + "]"; !strings.Contains(string(workflow), want) {
		t.Errorf("test.yml lacks %q", want)
	}
}

// TestLiveImages_areByDigest: what runs against the secret license is what was reviewed, on two releases.
func TestLiveImages_areByDigest(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	compose, workflow := read("compose.yaml"), read(".github/workflows/live.yml")
	digest := regexp.MustCompile(`^(rocket\.chat|mongo)@sha256:[0-9a-f]{64}$`)
	defaults := regexp.MustCompile(`image: \$\{[A-Z]+_IMAGE:-(.*)\}\n`).FindAllStringSubmatch(compose, -1)
	matrix := regexp.MustCompile(`(?:image|mongo): (\S+@\S+)\n`).FindAllStringSubmatch(workflow, -1)
	if len(defaults) != 2 || strings.Count(compose, "image:") != 2 || len(matrix) != 4 || strings.Count(workflow, "- release:") != 2 {
		t.Fatalf("compose.yaml has the images %q, and live.yml %q", defaults, matrix)
	}
	for _, image := range append(defaults, matrix...) {
		if !digest.MatchString(image[1]) {
			t.Errorf("%q is not an official image by digest", image[1])
		}
	}
	for _, image := range defaults {
		if !strings.Contains(workflow, image[1]+"\n") {
			t.Errorf("live.yml does not run the default of compose.yaml, %s", image[1])
		}
	}
}
