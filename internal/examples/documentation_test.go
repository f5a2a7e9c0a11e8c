// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// example is an example of the reference, without its action, which few CLIs have.
func example(t *testing.T, file string) string {
	t.Helper()
	return withoutActions(t, readFile(t, filepath.Join(examplesRoot, file)))
}

// The examples of the reference, on the odd sessions: each is a module of one configuration, which has the example of
// the provider's own.
func TestOdd_reference(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	w := oddWorkspace(t, oddSessions(t, now))
	const address = "https://chat.example.com"
	text := readFile(t, filepath.Join(examplesRoot, "provider", "provider.tf"))
	if strings.Count(text, address) != 1 {
		t.Fatalf("the example does not name %s once", address)
	}
	text = strings.Replace(text, address, w.url, 1)
	configured := configuration{cli: first(t), folder: t.TempDir(), variables: map[string]string{
		"TF_VAR_rocketchat_user_id":     w.account.UserID,
		"TF_VAR_rocketchat_auth_token":  w.account.Token,
		"TF_VAR_rocketchat_totp_secret": w.account.TOTPSecret,
	}}
	ofTheList := strings.NewReplacer("bYhXfu5hkeqGaobEd", "id-of-svc-backup", "s3rYbM4nQ8vW2kTzA", "id-of-svc-mail")
	for name, module := range map[string]struct{ text, arguments string }{
		"all":      {text: ofTheList.Replace(example(t, "data-sources/rocketchat_workspace_sessions/data-source.tf"))},
		"one":      {example(t, "data-sources/rocketchat_workspace_session/data-source.tf"), fmt.Sprintf("  session_id = %q\n", handmadeID(36))},
		"own":      {text: example(t, "data-sources/rocketchat_current_user_sessions/data-source.tf")},
		"describe": {text: example(t, "functions/describe/function.tf")},
		"device":   {text: example(t, "functions/device/function.tf")},
		"version":  {text: example(t, "functions/version_below/function.tf")},
		"networks": {text: example(t, "functions/in_networks/function.tf")},
		"logout":   {text: example(t, "actions/rocketchat_logout_session/action.tf") + "output \"stale\" {\n  value = local.stale\n}\n"},
	} {
		configured.keep(t, name+"/main.tf", preamble+module.text)
		text += fmt.Sprintf("module %q {\n  source = \"./%[1]s\"\n%s}\noutput %[1]q {\n  value = module.%[1]s\n}\n", name, module.arguments)
	}
	configured.keep(t, "main.tf", text)
	configured.initialize(t)
	var outputs any
	configured.outputs(t, &outputs)
	printed, err := json.MarshalIndent(outputs, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, now, "odd/reference"+byRelease(), string(printed)+"\n")
	// Sessions that are still listed are tried again.
	configured.run(t, "plan", "-input=false", plain, "-detailed-exitcode").ends(t, 2)
}

// Those examples of the reference that are rules, on the odd sessions.
func TestOdd_rulesOfTheReference(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	w, c := oddWorkspace(t, oddSessions(t, now)), first(t)
	for _, file := range []string{
		"functions/summarize/function.tf", "ephemeral-resources/rocketchat_workspace_sessions/ephemeral-resource.tf",
	} {
		if c.hasEphemeral() || !strings.HasPrefix(file, "ephemeral") {
			written(t, c, example(t, file)).on(w).planIs(t, now, "odd/"+filepath.Base(file))
		}
	}
}

// documentation is the README, the templates and the pages of the examples.
func documentation(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md"}
	for _, pattern := range []string{
		"templates/*.tmpl", "templates/*/*.tmpl", "examples/*/README.md", "examples/*/*/README.md", "modules/*/README.md", "cmd/*/README.md",
	} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			page, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, filepath.ToSlash(page))
		}
	}
	return pages
}

// hclBlocks are the blocks of HCL in the documentation, by page and number.
func hclBlocks(t *testing.T) map[string]string {
	t.Helper()
	blocks := map[string]string{}
	for _, page := range documentation(t) {
		text := readFile(t, filepath.Join(root, page))
		if strings.Contains(page, "adopt-in-a-week") || strings.HasPrefix(page, "modules/") {
			continue // TestBaseline_adoptInAWeek and TestBaseline_readme run them, step by step
		}
		for i, block := range regexp.MustCompile("(?s)```(?:hcl|terraform)\n(.*?)\n```").FindAllStringSubmatch(text, -1) {
			blocks[fmt.Sprintf("%s %d", page, i+1)] = block[1]
		}
	}
	return blocks
}

// The HCL in README and guides is planned as it stands there.
func TestExamples_hclOfTheDocumentation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	w, blocks := oddWorkspace(t, oddSessions(t, now)), hclBlocks(t)
	// The odd sessions have users of whom nobody knows the permissions.
	const ofPosture = "templates/guides/choose-a-policy.md.tmpl 1"
	unlawful := serve(t, unlawfulWorkspace(now))
	if len(blocks) < 7 || blocks[ofPosture] == "" {
		t.Fatalf("there are only %d blocks", len(blocks))
	}
	for _, name := range clitest.Few(1, slices.Sorted(maps.Keys(blocks))) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configured := written(t, first(t), blocks[name]).on(w)
			if name == ofPosture {
				configured = configured.on(unlawful)
			}
			configured.planIs(t, now, "odd/"+strings.NewReplacer("/", "-", " ", "-").Replace(name))
		})
	}
}

// The README shows what its example says of the documented sessions.
func TestExamples_readmeShowsWhatItsExampleSays(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	readme := readFile(t, root+"/README.md")
	console := regexp.MustCompile("(?s)```console\n\\$ terraform plan\nError: (.*?)\n\n(.*?)\n```").FindStringSubmatch(readme)
	checked := regexp.MustCompile("(?s)cd examples/account-check && terraform init && terraform plan\n(.*?)```").FindStringSubmatch(readme)
	if console == nil || checked == nil {
		t.Fatal("the README does not plan, or does not check the account")
	}
	w, c := newWorkspace(t, rocketchattest.DocumentedSessions()), first(t)
	want := stops(console[1], console[2])
	written(t, c, hclBlocks(t)["README.md 1"]).on(w).planSays(t, want)
	prepare(t, c, "demo/gate").on(w).planSays(t, want)
	tight := func(text string) string { return regexp.MustCompile(`\n\s*\n`).ReplaceAllString(text, "\n") }
	if printed := prepare(t, c, "account-check").on(w).must(t, "plan", "-input=false", plain); !strings.Contains(tight(printed), tight(checked[1])) {
		t.Errorf("the plan does not print %q:\n%s", checked[1], printed)
	}
}

func TestExamples_readmesOfPolicies(t *testing.T) {
	t.Parallel()
	const how = "[Policies to copy](../README.md)"
	for _, folder := range folders(t) {
		if strings.HasPrefix(folder, "policies/") && !strings.Contains(readFile(t, filepath.Join(examplesRoot, folder, "README.md")), how) {
			t.Errorf("%s does not say how to use it: %s", folder, how)
		}
	}
}

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
	configured := written(t, first(t), text.String())
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
	decode(t, configured.must(t, "providers", "schema", "-json"), &printed)
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
}
