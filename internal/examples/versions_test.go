// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// installPage has the one table of versions of the documentation.
const installPage = "templates/guides/install-and-upgrade.md.tmpl"

// feature is one that came with a release of Terraform and of OpenTofu, and what an example that uses it contains.
type feature struct {
	use             *regexp.Regexp
	terraform, tofu release
}

// features are those of the table.
func features(t *testing.T) []feature {
	t.Helper()
	known := map[string]string{
		"data sources":        `(?m)^\s*data "`,
		"`postcondition`":     `(?m)^\s*(?:post|pre)condition \{`,
		"`check`":             `(?m)^check "|plantimestamp\(\)`,
		"`mock_provider`":     `(?m)^mock_provider "`,
		"functions,":          `provider::rocketchat::`,
		"ephemeral resources": `(?m)^ephemeral "|^ +ephemeral +=`,
		"actions":             `(?m)^action "`,
	}
	_, table, _ := strings.Cut(readFile(t, filepath.Join(root, installPage)), "| feature | Terraform | OpenTofu |\n|---|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	row := regexp.MustCompile(`^\| (.*) \| (\d+\.\d+|none) \| (\d+\.\d+|none) \|$`)
	var all []feature
	for line := range strings.Lines(table + "\n") {
		cells := row.FindStringSubmatch(strings.TrimSpace(line))
		if cells == nil {
			t.Fatalf("%s: this is no row: %s", installPage, line)
		}
		for name, use := range known {
			if strings.Contains(cells[1], name) {
				all = append(all, feature{use: regexp.MustCompile(use), terraform: parseRelease(cells[2]), tofu: parseRelease(cells[3])})
			}
		}
	}
	if lines := strings.Count(table, "\n") + 1; lines != len(known) || lines != len(all) {
		t.Errorf("%s lists %d features, and the tests know %d, of which %d are there", installPage, lines, len(known), len(all))
	}
	return all
}

// parseRelease reads "1.10" or "none".
func parseRelease(text string) release {
	r := none()
	_, _ = fmt.Sscanf(text, "%d.%d", &r.major, &r.minor)
	return r
}

// code is the HCL of a folder of the examples, and of the modules that it calls.
func code(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.tf", "*.tftest.hcl"} {
		files, err := filepath.Glob(filepath.Join(examplesRoot, folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			all.WriteString(readFile(t, file))
		}
	}
	text := all.String()
	for _, source := range regexp.MustCompile(`(?m)^ +source += +"(\.[^"]*)"`).FindAllStringSubmatch(text, -1) {
		text += code(t, filepath.Join(folder, source[1]))
	}
	return text
}

// needs are the first releases of Terraform and OpenTofu that have all that an
// example uses.
func needs(t *testing.T, folder string) (terraform, tofu release) {
	t.Helper()
	text := code(t, folder)
	for _, f := range features(t) {
		if !f.use.MatchString(text) {
			continue
		}
		if terraform.before(f.terraform) {
			terraform = f.terraform
		}
		if tofu.before(f.tofu) {
			tofu = f.tofu
		}
	}
	return terraform, tofu
}

// An example asks for the release that it needs, and says which OpenTofu that is.
func TestExamples_askForTheVersionsTheyNeed(t *testing.T) {
	t.Parallel()
	written := regexp.MustCompile(`(?m)^ +required_version = "(.*)" # .*$`)
	for _, folder := range folders(t) {
		terraform, tofu := needs(t, folder)
		text := readFile(t, filepath.Join(examplesRoot, folder, "main.tf"))
		line := written.FindStringSubmatch(text)
		if terraform.before(release{1, 1}) {
			if line != nil {
				t.Errorf("%s asks for %s and needs nothing new", folder, line[1])
			}
			continue
		}
		want := fmt.Sprintf(">= %d.%d", terraform.major, terraform.minor)
		if len(line) < 2 || line[1] != want {
			t.Errorf("%s asks for %q, and needs %s", folder, line, want)
			continue
		}
		name := fmt.Sprintf("OpenTofu %d.%d", tofu.major, tofu.minor)
		if tofu == none() {
			name = "not in OpenTofu"
		}
		if !strings.HasSuffix(line[0], name) {
			t.Errorf("%s does not end in %q: %s", folder, name, line[0])
		}
	}
}

// A second table of versions would be forgotten with the next feature.
func TestExamples_oneTableOfVersions(t *testing.T) {
	t.Parallel()
	table := regexp.MustCompile(`(?m)^\|.*\| Terraform \| OpenTofu \|`)
	var with []string
	for _, page := range append(documentation(t), "CONTRIBUTING.md") {
		text := readFile(t, filepath.Join(root, page))
		if table.MatchString(text) {
			with = append(with, page)
		}
	}
	if !slices.Equal(with, []string{installPage}) {
		t.Errorf("%q have a table of versions, want only %s", with, installPage)
	}
}
