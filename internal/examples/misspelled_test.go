// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A misspelled key must not reach a workspace, where it would match everybody.
func TestMistakes_misspelledKeys(t *testing.T) {
	t.Parallel()
	mistakes := map[string]string{
		`match = { user = "x" }`:               "`match` has no key \"user\"; did you mean `username`?",
		`exclude = { browser = "x" }`:          "`exclude` has no key \"browser\"; did you mean `device_name`?",
		`sort = ["-loginAt"]`:                  `did you mean "-login_at"?`,
		"timeouts {\n    raed = \"45s\"\n  }":  `"raed"`,
		"timeouts {\n    read = \"soon\"\n  }": "`timeouts.read`",
	}
	withEach(t, func(t *testing.T, c cli) {
		keywords := []string{"data"}
		if c.since(release{1, 10}, release{1, 11}) {
			keywords = append(keywords, "ephemeral")
		}
		for _, keyword := range keywords {
			config := "terraform {\n  required_providers {\n    rocketchat = {\n      source = \"terraform-rocketchat/rocketchat\"\n    }\n  }\n}\n"
			for i, argument := range slices.Sorted(maps.Keys(mistakes)) {
				config += fmt.Sprintf("%s \"rocketchat_workspace_sessions\" \"some%d\" {\n  %s\n}\n", keyword, i, argument)
			}
			configured := configuration{cli: c, folder: t.TempDir()}
			if err := os.WriteFile(filepath.Join(configured.folder, "main.tf"), []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			configured.must(t, "init", "-input=false", plain)
			var response struct {
				Diagnostics []diagnostic `json:"diagnostics"`
			}
			if err := json.Unmarshal([]byte(configured.run(t, "validate", "-json").stdout), &response); err != nil {
				t.Fatal(err)
			}
			for argument, want := range mistakes {
				if !slices.ContainsFunc(response.Diagnostics, func(d diagnostic) bool {
					return d.Severity == "error" && strings.Contains(d.Summary+": "+d.Detail, want)
				}) {
					t.Errorf("%s of a %s: no error with %s in %v", argument, keyword, want, response.Diagnostics)
				}
			}
			if len(response.Diagnostics) != len(mistakes) {
				t.Errorf("%d diagnostics, want %d: %v", len(response.Diagnostics), len(mistakes), response.Diagnostics)
			}
		}
	})
}
