// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
)

const sarifFile = "rego.sarif"

// sarif is what the tests look at in a file for code scanning.
type sarif struct {
	Version string `json:"version"`
	Runs    []struct {
		Tool struct {
			Driver struct {
				Name  string `json:"name"`
				Rules []struct {
					ID string `json:"id"`
				} `json:"rules"`
			} `json:"driver"`
		} `json:"tool"`
		Results []struct {
			RuleID    string `json:"ruleId"`
			RuleIndex *int   `json:"ruleIndex"`
			Level     string `json:"level"`
			Message   struct {
				Text string `json:"text"`
			} `json:"message"`
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct {
						URI string `json:"uri"`
					} `json:"artifactLocation"`
				} `json:"physicalLocation"`
			} `json:"locations"`
		} `json:"results"`
	} `json:"runs"`
}

func parseSARIF(t *testing.T, text string) sarif {
	t.Helper()
	var parsed sarif
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, text)
	}
	if len(parsed.Runs) != 1 || parsed.Version != "2.1.0" || parsed.Runs[0].Tool.Driver.Name != "conftest" {
		t.Fatalf("it is no SARIF of conftest:\n%s", text)
	}
	return parsed
}

// isCleanSARIF expects one result for each rule, at a file of the repository, without links.
func isCleanSARIF(t *testing.T, text string) {
	t.Helper()
	run := parseSARIF(t, text).Runs[0]
	var described, found []string
	for _, rule := range run.Tool.Driver.Rules {
		described = append(described, rule.ID)
	}
	link := regexp.MustCompile(`(^|[^\\])(\\\\)*[\[\]]`)
	for _, result := range run.Results {
		found = append(found, result.RuleID)
		isVisible(t, result.Message.Text)
		if link.MatchString(result.Message.Text) || result.RuleIndex != nil || result.Level != "error" {
			t.Errorf("%s has a link, an index or the level %s:\n%s", result.RuleID, result.Level, result.Message.Text)
		}
		if len(result.Locations) != 1 || result.Locations[0].PhysicalLocation.ArtifactLocation.URI != "conftest/main.tf" {
			t.Errorf("%s is at %v", result.RuleID, result.Locations)
		}
	}
	slices.Sort(found)
	if diff := cmp.Diff(described, found); diff != "" {
		t.Errorf("the results are of other rules than described (-described +found):\n%s", diff)
	}
}

// The SARIF has a result for each broken rule, and is only there if all were evaluated: GitHub takes what is missing
// for fixed.
func TestConftest_scriptWritesSARIF(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	peaceful, troubled := newWorkspace(t, lawful(now)), newWorkspace(t, unlawful(now))
	down := &workspace{url: "http://127.0.0.1:1", account: peaceful.account}
	withFirst(t, func(t *testing.T, line cli) {
		repository := regoOnGitHub(t).checkout(t, line)
		file := filepath.Join(repository.folder, sarifFile)
		settings := filepath.Join(repository.folder, "conftest", "settings.yaml")
		text := readFile(t, settings)
		misspelled := strings.Replace(text, "max_idle_days:", "max_idle_day:", 1)
		for _, c := range []struct {
			name, settings string
			workspace      *workspace
			status         int
			want           []string
		}{
			{"broken", text, troubled, 1, []string{
				"deny_deleted_users", "deny_idle_sessions", "deny_outside_networks", "deny_service_accounts", "deny_unsupported_systems",
			}},
			{"a mistake in the settings", misspelled, troubled, 1, nil},
			{"nobody breaks a rule", text, peaceful, 0, []string{}},
			{"only a mistake in the settings", misspelled, peaceful, 2, nil},
			{"workspace down", text, down, 2, nil},
		} {
			if err := os.WriteFile(settings, []byte(c.settings), 0o600); err != nil {
				t.Fatal(err)
			}
			if r := repository.run(t, c.workspace.variables()); r.status != c.status {
				t.Errorf("%s: exit code is %d, want %d:\n%s%s", c.name, r.status, c.status, r.stdout, r.stderr)
			}
			content, err := os.ReadFile(file)
			if (err == nil) != (c.want != nil) {
				t.Errorf("%s: the SARIF is %q: %v", c.name, content, err)
			}
			if err != nil {
				continue
			}
			isCleanSARIF(t, string(content))
			found := []string{}
			for _, rule := range parseSARIF(t, string(content)).Runs[0].Tool.Driver.Rules {
				found = append(found, rule.ID)
			}
			if diff := cmp.Diff(c.want, found); diff != "" {
				t.Errorf("%s: other rules (-want +got):\n%s", c.name, diff)
			}
			if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
				t.Errorf("%s: the mode is %v: %v", c.name, info.Mode(), err)
			}
		}
	})
}

// The command in the README, without the scripts.
func TestConftest_writesSARIFByItself(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, unlawful(time.Now()))
	const command = "terraform show -json sessions.tfplan | conftest test --parser json --output sarif - >sessions.sarif"
	if readme := readFile(t, filepath.Join(examplesRoot, "policies", "conftest", "README.md")); !strings.Contains(readme, "\n$ "+command+"\n") {
		t.Fatalf("the README has another command:\n%s", readme)
	}
	withFirst(t, func(t *testing.T, c cli) {
		prepared := prepare(t, c, "policies/conftest").on(w)
		prepared.must(t, "plan", "-input=false", plain, "-out=sessions.tfplan")
		tools := t.TempDir()
		for name, path := range map[string]string{"terraform": c.path, "conftest": conftest(t)} {
			if err := os.Symlink(path, filepath.Join(tools, name)); err != nil {
				t.Fatal(err)
			}
		}
		variables := map[string]string{"PATH": tools + string(os.PathListSeparator) + os.Getenv("PATH")}
		if r := run(t, prepared.folder, variables, "sh", "-c", command); r.status != 1 || r.stderr != "" {
			t.Errorf("exit code is %d:\n%s", r.status, r.stderr)
		}
		if results := parseSARIF(t, readFile(t, filepath.Join(prepared.folder, "sessions.sarif"))).Runs[0].Results; len(results) != 5 {
			t.Errorf("there are %d results", len(results))
		}
	})
}
