// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// installPage has the one table of versions of the documentation.
const installPage = "templates/guides/install-and-upgrade.md.tmpl"

// feature is one that came with a release of Terraform and of OpenTofu: a row of
// the table in the documentation, and what an example that uses it contains.
type feature struct {
	name            string
	row, use        *regexp.Regexp
	terraform, tofu release
}

// features are those of the table.
func features(t *testing.T) []feature {
	t.Helper()
	known := []feature{
		{name: "data sources", row: regexp.MustCompile(`data sources`), use: regexp.MustCompile(`(?m)^\s*data "`)},
		{name: "postcondition", row: regexp.MustCompile("^`postcondition`"), use: regexp.MustCompile(`(?m)^\s*(?:post|pre)condition \{`)},
		{name: "check", row: regexp.MustCompile("^`check`"), use: regexp.MustCompile(`(?m)^check "|plantimestamp\(\)`)},
		{name: "mock_provider", row: regexp.MustCompile("`mock_provider`"), use: regexp.MustCompile(`(?m)^mock_provider "`)},
		{name: "functions", row: regexp.MustCompile(`^functions`), use: regexp.MustCompile(`provider::rocketchat::`)},
		{name: "ephemeral resources", row: regexp.MustCompile(`^ephemeral resources`), use: regexp.MustCompile(`(?m)^ephemeral "|^ +ephemeral +=`)},
		{name: "actions", row: regexp.MustCompile(`^actions`), use: regexp.MustCompile(`(?m)^action "`)},
	}
	rows := versionTable(t)
	for i, f := range known {
		found := false
		for _, row := range rows {
			if f.row.MatchString(row.name) {
				known[i].terraform, known[i].tofu, found = row.terraform, row.tofu, true
			}
		}
		if !found {
			t.Errorf("%s does not say which versions %s need", installPage, f.name)
		}
	}
	if len(rows) != len(known) {
		t.Errorf("%s lists %d features, and the tests know %d", installPage, len(rows), len(known))
	}
	return known
}

func versionTable(t *testing.T) []feature {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, installPage))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| feature | Terraform | OpenTofu |")
	if !found {
		t.Fatalf("%s has no table of versions", installPage)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var rows []feature
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(line, " | ")
		if len(cells) < 3 {
			t.Fatalf("%s: this is no row: %s", installPage, line)
		}
		rows = append(rows, feature{
			name: strings.TrimPrefix(cells[0], "| "), terraform: parseRelease(t, cells[1]), tofu: parseRelease(t, cells[2]),
		})
	}
	return rows
}

func parseRelease(t *testing.T, text string) release {
	t.Helper()
	text = strings.TrimSuffix(text, " |")
	if text == "none" {
		return none()
	}
	var r release
	if _, err := fmt.Sscanf(text, "%d.%d", &r.major, &r.minor); err != nil {
		t.Fatalf("%q is no release: %v", text, err)
	}
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
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(text)
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
		text, err := os.ReadFile(filepath.Join(examplesRoot, folder, "main.tf"))
		if err != nil {
			t.Fatal(err)
		}
		line := written.FindStringSubmatch(string(text))
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
		text, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			t.Fatal(err)
		}
		if table.Match(text) {
			with = append(with, page)
		}
	}
	if !slices.Equal(with, []string{installPage}) {
		t.Errorf("%q have a table of versions, want only %s", with, installPage)
	}
}
