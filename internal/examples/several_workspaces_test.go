// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const severalWorkspaces = "policies/several-workspaces"

func named(t *testing.T, id string, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows, SettingValues: map[string]any{"uniqueID": id}})
}

func (w *workspace) subsidiary() map[string]string {
	return map[string]string{
		"TF_VAR_subsidiary_url":         w.url,
		"TF_VAR_subsidiary_user_id":     w.account.UserID,
		"TF_VAR_subsidiary_auth_token":  w.account.Token,
		"TF_VAR_subsidiary_totp_secret": w.account.TOTPSecret,
	}
}

// down is a workspace that cannot be read, which no attempt would change: its server speaks no TLS.
func (w *workspace) down() *workspace {
	return &workspace{url: strings.Replace(w.url, "http://", "https://", 1), account: w.account}
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
	type several struct {
		name          string
		first, second *workspace
		status        int
		rules         []string
		says          []string
	}
	cases := []several{
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
			[]string{"FAILED The address begins with https, but the server speaks plain http\n", "  | with module.subsidiary.data.rocketchat_workspace_sessions.idle\n"},
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
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, severalWorkspaces)
		repository, few := script("gate", "several").checkout(t, c), cases
		copyFolder(t, filepath.Join(examplesRoot, severalWorkspaces), filepath.Join(repository.folder, "several"))
		if c != first(t) {
			few = []several{cases[0], cases[2], cases[5]} // one of each exit code
		}
		for _, test := range few {
			variables := test.first.variables()
			maps.Copy(variables, test.second.subsidiary())
			r := repository.run(t, variables)
			r.ends(t, test.status, test.says...)
			rules := slices.DeleteFunc(r.rules(), func(rule string) bool { return strings.HasPrefix(rule, "failed ") })
			slices.Sort(test.rules)
			same(t, test.name+": other rules", test.rules, rules)
		}
	})
}

// Whatever the second workspace lacks, the environment of the first does not fill it in.
func TestSeveralWorkspaces_doNotTakeFromTheEnvironment(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	office := []rocketchattest.Session{session("sessionAlice", "alice.lawful", now)}
	peaceful, calm, c := named(t, "first", office), named(t, "second", office), first(t)
	skipWithout(t, c, severalWorkspaces)
	prepared := prepare(t, c, severalWorkspaces)
	plan := func(change func(variables map[string]string)) (result, int) {
		variables := peaceful.variables()
		maps.Copy(variables, calm.subsidiary())
		change(variables)
		before := len(peaceful.Requests())
		r := run(t, prepared.folder, variables, c.path, "plan", "-input=false", plain)
		return r, len(peaceful.Requests()) - before
	}
	r, calls := plan(func(v map[string]string) { v["ROCKETCHAT_HEADERS"] = `{"X-Gateway-Key": "of-the-first"}` })
	r.ends(t, 0)
	for want, w := range map[string]*workspace{"of-the-first": peaceful, "": calm} {
		requests := w.Requests()
		same(t, "another header", want, requests[len(requests)-1].Header.Get("X-Gateway-Key"))
	}
	var none string
	for variable := range calm.subsidiary() {
		none += strings.TrimPrefix(variable, "TF_VAR_") + " = null\n"
	}
	prepared.keep(t, "null.tfvars", none)
	set := func(variables map[string]string, text string) {
		for variable := range calm.subsidiary() {
			variables[variable] = text
		}
	}
	for how, lacks := range map[string]struct {
		says   string // of each variable
		change func(variables map[string]string)
	}{
		"empty":        {"%s is empty.", func(v map[string]string) { set(v, "") }},
		"a line break": {"%s is empty.", func(v map[string]string) { set(v, "\n") }},
		"missing": {`variable "%s" is not set`, func(v map[string]string) {
			maps.DeleteFunc(v, func(variable, _ string) bool { return strings.HasPrefix(variable, "TF_VAR_") })
		}},
		"null": {"var.%s", func(v map[string]string) { v["TF_CLI_ARGS_plan"] = "-var-file=null.tfvars" }},
	} {
		r, read := plan(lacks.change)
		for variable := range calm.subsidiary() {
			result{status: r.status, stdout: r.unframed()}.ends(t, 1, fmt.Sprintf(lacks.says, strings.TrimPrefix(variable, "TF_VAR_")))
		}
		if nulls := strings.Count(r.unframed(), "required variable may not be set to null"); read > calls || how == "null" && nulls != 4 {
			t.Errorf("%s: the first workspace is asked %d times, want %d at most; %d variables are null", how, read, calls, nulls)
		}
	}
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
