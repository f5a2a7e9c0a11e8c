// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const severalWorkspaces = "policies/several-workspaces"

// named is a workspace that says which one it is.
func named(t *testing.T, id string, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows, SettingValues: map[string]any{"uniqueID": id}})
}

// subsidiary are the variables of the second workspace.
func (w *workspace) subsidiary() map[string]string {
	return map[string]string{
		"TF_VAR_subsidiary_url":         w.url,
		"TF_VAR_subsidiary_user_id":     w.account.UserID,
		"TF_VAR_subsidiary_auth_token":  w.account.Token,
		"TF_VAR_subsidiary_totp_secret": w.account.TOTPSecret,
	}
}

// down is a workspace of which nothing responds.
func (w *workspace) down() *workspace {
	return &workspace{url: "http://127.0.0.1:1", account: w.account}
}

// atRules names the rules of one workspace, each with the same result.
func atRules(result, workspace string) []string {
	var rules []string
	for _, rule := range []string{"deleted_users", "idle", "outside"} {
		rules = append(rules, result+" module."+workspace+".data.rocketchat_workspace_sessions."+rule)
	}
	return rules
}

// One gate reads two workspaces, and says of which it speaks.
func TestSeveralWorkspaces_haveOneExitCode(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	office := []rocketchattest.Session{session("sessionAlice", "alice.lawful", now)}
	peaceful, calm := named(t, "first", office), named(t, "second", office)
	troubled := named(t, "third", unlawful(now))
	// Its settings are public, so only the sessions cannot be read.
	closed := named(t, "fourth", office)
	closed.account.Token = "a-token-of-nobody"
	const head, sub = "headquarters", "subsidiary"
	different := "passed data.rocketchat_settings.subsidiary"
	unknown := append(atRules("unknown", sub), "unknown data.rocketchat_settings.subsidiary")
	cases := []struct {
		name          string
		first, second *workspace
		status        int
		rules         []string
		says          []string
	}{
		{"both pass", peaceful, calm, 0, slices.Concat(atRules("passed", head), atRules("passed", sub), []string{different}), nil},
		{
			"one breaks each rule", peaceful, troubled, 1,
			slices.Concat(atRules("passed", head), atRules("broken", sub), []string{different}),
			[]string{"  | subsidiary: 2 of 11 sessions have not connected for 30 days:\n"},
		},
		{
			"the other breaks each rule", troubled, peaceful, 1,
			slices.Concat(atRules("broken", head), atRules("passed", sub), []string{different}),
			[]string{"  | headquarters: 1 of 11 sessions belong to deleted users:\n"},
		},
		{
			"one is down", peaceful, calm.down(), 2, slices.Concat(atRules("passed", head), unknown),
			[]string{"FAILED The connection was refused\n", "  | with module.subsidiary.data.rocketchat_workspace_sessions.idle\n"},
		},
		{
			"one is closed", peaceful, closed, 2, slices.Concat(atRules("passed", head), atRules("unknown", sub), []string{different}),
			[]string{"FAILED " + refusal + "\n", "  | with module.subsidiary.data.rocketchat_workspace_sessions.outside\n"},
		},
		{
			"one breaks each rule, the other is down", troubled, calm.down(), 1, slices.Concat(atRules("broken", head), unknown),
			[]string{"  | with module.subsidiary.data.", "3 rules are broken, and not all could be evaluated.\n"},
		},
		{
			"the other is down", calm.down(), peaceful, 2,
			slices.Concat(atRules("unknown", head), atRules("passed", sub), []string{"unknown data.rocketchat_settings.subsidiary"}),
			[]string{"  | with module.headquarters.data.rocketchat_workspace_sessions.idle\n"},
		},
		{
			"both are one", troubled, troubled, 1,
			slices.Concat(atRules("broken", head), atRules("broken", sub), []string{"broken data.rocketchat_settings.subsidiary"}),
			[]string{"Both providers read the same workspace, http://localhost:3000: set subsidiary_url"},
		},
		{
			"both are one, which passes", peaceful, peaceful, 1,
			slices.Concat(atRules("passed", head), atRules("passed", sub), []string{"broken data.rocketchat_settings.subsidiary"}), nil,
		},
	}
	first := identify(t, clitest.Path(t, root))
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, severalWorkspaces)
		repository, few := severalAt(t, c), cases
		if c.name != first.name {
			few = cases[1:4] // one of each exit code but success, which every example's plan has
		}
		for _, test := range few {
			variables := test.first.variables()
			maps.Copy(variables, test.second.subsidiary())
			r := repository.run(t, variables)
			rules := slices.DeleteFunc(r.rules(), func(rule string) bool { return strings.HasPrefix(rule, "failed ") })
			slices.Sort(test.rules)
			if diff := cmp.Diff(test.rules, rules); diff != "" || r.status != test.status {
				t.Errorf("%s: exit code is %d, want %d; other rules (-want +got):\n%s\n%s", test.name, r.status, test.status, diff, r.stdout)
			}
			for _, want := range test.says {
				if !strings.Contains(r.stdout, want) {
					t.Errorf("%s: it does not say %q:\n%s", test.name, want, r.stdout)
				}
			}
		}
	})
}

// severalAt is a repository with the example and a gate for it.
func severalAt(t *testing.T, c cli) copied {
	t.Helper()
	repository := script("gate", "several").checkout(t, c)
	if err := os.CopyFS(filepath.Join(repository.folder, "several"), os.DirFS(copyFolder(t, filepath.Join(examplesRoot, severalWorkspaces)))); err != nil {
		t.Fatal(err)
	}
	return repository
}

// Whatever the second workspace lacks, the environment of the first does not fill it in.
func TestSeveralWorkspaces_doNotTakeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	office := []rocketchattest.Session{session("sessionAlice", "alice.lawful", now)}
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, severalWorkspaces)
		peaceful, calm := named(t, "first", office), named(t, "second", office)
		prepared := prepare(t, c, severalWorkspaces)
		plan := func(change func(variables map[string]string)) (result, int) {
			variables := peaceful.variables()
			maps.Copy(variables, calm.subsidiary())
			change(variables)
			before := len(peaceful.Requests())
			r := run(t, prepared.folder, variables, c.path, "plan", "-input=false", plain)
			return r, len(peaceful.Requests()) - before
		}
		headers := func(v map[string]string) { v["ROCKETCHAT_HEADERS"] = `{"X-Gateway-Key": "of-the-first"}` }
		r, calls := plan(headers)
		if r.status != 0 {
			t.Fatalf("exit code is %d:\n%s", r.status, r.stderr)
		}
		for want, w := range map[string]*workspace{"of-the-first": peaceful, "": calm} {
			requests := w.Requests()
			if got := requests[len(requests)-1].Header.Get("X-Gateway-Key"); got != want {
				t.Errorf("the workspace gets the header %q, want %q", got, want)
			}
		}
		for variable := range calm.subsidiary() {
			name := strings.TrimPrefix(variable, "TF_VAR_")
			prepared.keep(t, "null.tfvars", name+" = null\n")
			for _, one := range clitest.Few(1, []struct {
				how, says string
				change    func(variables map[string]string)
			}{
				{"empty", name + " is empty.", func(v map[string]string) { v[variable] = "" }},
				{"a line break", name + " is empty.", func(v map[string]string) { v[variable] = "\n" }},
				{"missing", `variable "` + name + `" is not set`, func(v map[string]string) { delete(v, variable) }},
				{"null", "required variable may not be set to null", func(v map[string]string) { v["TF_CLI_ARGS_plan"] = "-var-file=null.tfvars" }},
			}) {
				r, read := plan(one.change)
				said := strings.Join(strings.Fields(r.stderr), " ")
				if r.status != 1 || !strings.Contains(said, one.says) || read > calls {
					t.Errorf("%s is %s: exit code is %d, want 1 with %q; the first workspace is asked %d times, want %d at most:\n%s",
						name, one.how, r.status, one.says, read, calls, r.stderr)
				}
			}
		}
	})
}

// With ephemeral variables, the plan file has no secret; without them, an older CLI reads the same.
func TestSeveralWorkspaces_secrets(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	office := []rocketchattest.Session{session("sessionAlice", "alice.lawful", now)}
	peaceful, calm := named(t, "first", office), named(t, "second", office)
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, severalWorkspaces)
		for _, ephemeral := range []bool{true, false} {
			prepared := prepare(t, c, severalWorkspaces).on(peaceful)
			maps.Copy(prepared.variables, calm.subsidiary())
			if !ephemeral {
				text := readFile(t, filepath.Join(prepared.folder, "main.tf"))
				prepared.keep(t, "main.tf", strings.ReplaceAll(text, "  ephemeral   = true\n", ""))
			}
			prepared.must(t, "plan", "-input=false", plain, "-out=several.tfplan")
			leaks := strings.Join(prepared.leaks(t, calm), "")
			for _, secret := range []string{calm.account.Token, calm.account.TOTPSecret} {
				if strings.Contains(leaks, "several.tfplan: "+secret+"\n") == ephemeral {
					t.Errorf("ephemeral is %t, and the folder has\n%s", ephemeral, leaks)
				}
			}
		}
	})
}
