// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// referenceRow is a row of the table "Quick reference" of a page.
type referenceRow struct{ argument, null, example string }

// quickReferences are the tables of the pages of data sources, by the name of the data source.
func quickReferences(t *testing.T) map[string][]referenceRow {
	t.Helper()
	pages, err := filepath.Glob(filepath.Join(root, "templates", "data-sources", "*.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("^\\| `(\\w+)` \\| .+ \\| (.+) \\| `(.+)` \\|$")
	tables := map[string][]referenceRow{}
	for _, page := range pages {
		_, table, found := strings.Cut(readFile(t, page), "| argument | selects | null means | example |\n|---|---|---|---|\n")
		if !found {
			continue
		}
		name := "rocketchat_" + strings.TrimSuffix(filepath.Base(page), ".md.tmpl")
		table, _, _ = strings.Cut(table, "\n\n")
		for line := range strings.SplitSeq(table, "\n") {
			cells := row.FindStringSubmatch(line)
			if cells == nil {
				t.Fatalf("%s: this is no row: %s", page, line)
			}
			tables[name] = append(tables[name], referenceRow{argument: cells[1], null: cells[2], example: cells[3]})
		}
	}
	if len(tables) < 4 {
		t.Fatalf("%d pages have a quick reference, want at least 4", len(tables))
	}
	return tables
}

// A quick reference has every argument of its data source once, and every example is valid.
func TestExamples_quickReferences(t *testing.T) {
	t.Parallel()
	tables := quickReferences(t)
	withFirst(t, func(t *testing.T, c cli) {
		var text strings.Builder
		for name, rows := range tables {
			for _, row := range rows {
				fmt.Fprintf(&text, "data %q %q {\n  %s\n", name, row.argument, row.example)
				if name == "rocketchat_settings" && row.argument != "ids" {
					text.WriteString("  ids = [\"Accounts_LoginExpiration\"]\n")
				}
				text.WriteString("}\n\n")
			}
		}
		configured := written(t, c, text.String())
		configured.must(t, "validate", plain)

		var printed struct {
			Providers map[string]struct {
				DataSources map[string]struct {
					Block struct {
						Attributes map[string]struct{ Optional, Required bool }
						Blocks     map[string]any `json:"block_types"`
					}
				} `json:"data_source_schemas"`
			} `json:"provider_schemas"`
		}
		if err := json.Unmarshal([]byte(configured.must(t, "providers", "schema", "-json")), &printed); err != nil {
			t.Fatal(err)
		}
		for _, provider := range printed.Providers {
			for name, rows := range tables {
				block := provider.DataSources[name].Block
				var want []string
				for argument := range block.Blocks {
					want = append(want, argument)
				}
				for argument, attribute := range block.Attributes {
					if attribute.Optional || attribute.Required {
						want = append(want, argument)
					}
				}
				var got []string
				for _, row := range rows {
					got = append(got, row.argument)
					if !strings.HasPrefix(row.example, row.argument+" ") {
						t.Errorf("%s: the example of %s is of something else: %s", name, row.argument, row.example)
					}
					if required := block.Attributes[row.argument].Required; required != (row.null == "required") {
						t.Errorf("%s: %s is required: %t, and the table says %q", name, row.argument, required, row.null)
					}
				}
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Errorf("%s: the table has %q, the schema %q", name, got, want)
				}
			}
		}
		if len(printed.Providers) != 1 {
			t.Errorf("the schema has %d providers", len(printed.Providers))
		}
	})
}
