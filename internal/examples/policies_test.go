// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// skipWithout skips a test, by name, whose example the CLI is too old for.
func skipWithout(t *testing.T, c cli, folder string) {
	t.Helper()
	if terraform, tofu := needs(t, folder); !c.since(terraform, tofu) {
		skip(t, "examples/%s needs a newer CLI than %s", folder, c.name)
	}
}

// folders are all examples that are a configuration of their own.
func folders(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{"account-check/main.tf", "demo/main.tf", "demo/*/main.tf", "policies/*/main.tf"} {
		files, err := filepath.Glob(filepath.Join(examplesRoot, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			folder, err := filepath.Rel(examplesRoot, filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, filepath.ToSlash(folder))
		}
	}
	if len(found) < 8 {
		t.Fatalf("there are only these examples: %v", found)
	}
	return found
}

const (
	postcondition        = "Resource postcondition failed"
	precondition         = "Module output value precondition failed"
	resourcePrecondition = "Resource precondition failed"
	refusal              = "Rocket.Chat does not accept the user ID and token"
)

func stops(summary string, detail ...string) diagnostic {
	return diagnostic{Severity: "error", Summary: summary, Detail: strings.Join(detail, "\n")}
}

// Each example is planned with every CLI where each rule is broken, and with the first where nobody breaks a rule, and
// where nothing can be read. Of each that says something, the data of a gate say the same.
func TestExamples_plan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	peaceful, troubled := serve(t, lawfulWorkspace(now)), serve(t, unlawfulWorkspace(now))
	// Public settings are shown to everybody, so here they break no rule.
	closed := serve(t, lawfulWorkspace(now))
	closed.account.Token = "a-token-of-nobody"
	withEach(t, func(t *testing.T, c cli) {
		// That of several workspaces has tests of its own.
		ofOne := slices.DeleteFunc(folders(t), func(folder string) bool { return folder == severalWorkspaces })
		for _, folder := range clitest.Few(2, ofOne) {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				prepared := prepare(t, c, folder)
				if folder == "policies/new-devices" {
					prepared.keep(t, knownDevices, devicesOfLawful())
				}
				said := prepared.on(troubled).planIs(t, now, "unlawful/"+folder)
				if testing.Short() || c != first(t) {
					return
				}
				if all := said.diagnostics(t); len(all) > 0 {
					simulated{plan: prepared.must(t, "show", "-json", "sessions.tfplan"), log: said.stdout, planned: said.status}.gateSays(t, all)
				}
				prepared.on(peaceful).planSays(t)
				prepared.on(closed).planFails(t, folder == "policies/check")
			})
		}
	})
}

// gateSays expects the data of the gate to be these.
func (s simulated) gateSays(t *testing.T, want []diagnostic) {
	t.Helper()
	repository, r := s.gate(t)
	r.ends(t, status(want))
	var said []diagnostic
	for _, rule := range repository.data(t, r.status).Rules {
		if severity := map[string]string{"broken": "error", "warning": "warning"}[rule.Result]; rule.Result != "passed" {
			said = append(said, diagnostic{Severity: severity, Detail: strings.Join(rule.Lines, "\n")})
		}
	}
	same(t, "the data say something else", byDetail(want), byDetail(said), cmpopts.IgnoreFields(diagnostic{}, "Summary"))
}

// planFails expects a plan of what cannot be read to fail; a check takes even
// that for a mere warning, as its README says.
func (c configuration) planFails(t *testing.T, check bool) {
	t.Helper()
	severity, wantStatus := "error", 1
	if check {
		severity, wantStatus = "warning", 0
	}
	got, said := c.plan(t)
	if got != wantStatus || len(said) == 0 {
		t.Errorf("malformed: exit code is %d with %d diagnostics, want %d with one", got, len(said), wantStatus)
	}
	for _, d := range said {
		if d.Severity != severity || d.Summary != refusal {
			t.Errorf("malformed: it says %+v, want the %s %s", d, severity, refusal)
		}
	}
}

// A plan prints all of what a data source inside a check has read.
func TestAccountCheck_printsNobody(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, unlawful(time.Now()))
	withEach(t, func(t *testing.T, c cli) {
		if printed := prepare(t, c, "policies/check").on(w).must(t, "plan", plain); strings.Contains(printed, "offender") {
			t.Errorf("the plan names sessions:\n%s", printed)
		}
	})
}

// From init to apply, all that show can show, and a plan that fails.
func TestGate_ephemeralStoresNothing(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, "policies/ephemeral-gate")
		now := time.Now()
		peaceful, troubled := newWorkspace(t, lawful(now)), newWorkspace(t, unlawful(now))
		prepared := prepare(t, c, "policies/ephemeral-gate")
		prepared.on(peaceful).walkThrough(t)
		prepared.on(troubled).run(t, "plan", "-input=false", plain, "-out=failed.tfplan").ends(t, 1)
		for name, w := range map[string]*workspace{"lawful": peaceful, "unlawful": troubled} {
			if len(w.Requests()) == 0 {
				t.Errorf("%s: nothing was read", name)
			}
			if leaks := prepared.leaks(t, w); len(leaks) > 0 {
				t.Errorf("%s: the folder holds\n%s", name, strings.Join(leaks, ""))
			}
		}
	})
}

// The same search finds every session after a run with a data source: in plan,
// state and what show prints.
func TestGate_dataSourceStoresEverything(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, lawful(time.Now()))
	prepared := prepare(t, first(t), "policies/conftest").on(w)
	prepared.walkThrough(t)
	leaks := strings.Join(prepared.leaks(t, w), "")
	for _, file := range []string{"gate.tfplan", "terraform.tfstate", "plan.json", "state.json"} {
		for _, secret := range []string{"sessionAlice", "alice.lawful", "203.0.113.7"} {
			says(t, leaks, file+": "+secret+"\n")
		}
	}
}

// walkThrough does with a configuration all that leaves files.
func (c configuration) walkThrough(t *testing.T) {
	t.Helper()
	c.must(t, "plan", "-input=false", plain, "-out=gate.tfplan")
	c.keep(t, "plan.json", c.must(t, "show", "-json", "gate.tfplan"))
	c.must(t, "apply", "-input=false", plain, "gate.tfplan")
	c.keep(t, "state.json", c.must(t, "show", "-json"))
}

// The unit tests of the examples need no workspace.
func TestPolicies_unitTests(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, "policies/terraform-test")
		prepare(t, c, "policies/terraform-test").run(t, "test", plain).ends(t, 0, "Success! 3 passed, 0 failed.")
		if c == first(t) {
			prepare(t, c, "../modules/session-baseline").run(t, "test", plain).ends(t, 0, "Success! 27 passed, 0 failed.")
		}
	})
}

func TestExamples_areFormatted(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, c cli) {
		for _, folder := range []string{examplesRoot, modulesRoot} {
			run(t, folder, nil, c.path, "fmt", "-check", "-recursive", "-diff", plain).ends(t, 0)
		}
	})
}

// leaks searches every file of the configuration's folder, the inside of plan
// files too, for what reveals the workspace and its sessions. It returns
// "file: what", each line ended.
func (c configuration) leaks(t *testing.T, w *workspace) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(c.folder, func(path string, entry fs.DirEntry, err error) error {
		// The provider itself is a link into the mirror.
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := clitest.Unpacked([]byte(readFile(t, path)))
		for _, secret := range w.secrets() {
			if strings.Contains(content, secret) {
				found = append(found, filepath.Base(path)+": "+secret+"\n")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// secrets are the ids, names and addresses of the workspace, and how to get in.
func (w *workspace) secrets() []string {
	secrets := []string{w.url, w.account.UserID, w.account.Token, w.account.TOTPSecret}
	for _, s := range w.Sessions() {
		for _, field := range []rocketchattest.Optional[string]{
			s.SessionID, s.UserID, s.IP, s.Host, s.User.Value.Username, s.User.Value.Name,
		} {
			if field.Value != "" && !slices.Contains(secrets, field.Value) {
				secrets = append(secrets, field.Value)
			}
		}
	}
	return secrets
}

// An output that is printed when the rules pass depends on each of them: Terraform plans
// and prints any other although a rule is broken.
func TestGate_outputDependsOnEveryRule(t *testing.T) {
	t.Parallel()
	gates := 0
	for _, folder := range folders(t) {
		file := filepath.Join(examplesRoot, folder, "main.tf")
		text := readFile(t, file)
		var rules, depends []string
		var gate *hclsyntax.Block
		for _, block := range parseHCL(t, file, text).Blocks {
			switch {
			case block.Type == "output" && block.Labels[0] == "gate":
				gate = block
			case block.Type == "module":
				rules = append(rules, "module."+block.Labels[0])
			case hasPostcondition(block):
				rules = append(rules, block.Type+"."+strings.Join(block.Labels, "."))
			}
		}
		if gate == nil {
			continue
		}
		gates++
		if attribute, ok := gate.Body.Attributes["depends_on"]; ok {
			for _, traversal := range attribute.Expr.Variables() {
				depends = append(depends, string(traversal.SourceRange().SliceBytes([]byte(text))))
			}
		}
		slices.Sort(rules)
		slices.Sort(depends)
		same(t, folder+": the output does not depend on the rules", rules, depends)
	}
	if gates < 5 {
		t.Errorf("there are %d gates, want at least 5", gates)
	}
}

// However many sessions break a rule, its message fits on a screen.
func TestGate_ofManyOffendersHas22Lines(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	var rows []rocketchattest.Session
	for i := range 692 {
		name := fmt.Sprintf("old%d.offender", i*i%100) // 22 of them
		rows = append(rows, session(fmt.Sprintf("session%d", i), name, weeksAgo(now).Add(-time.Duration(i)*time.Second),
			from(fmt.Sprintf("10.0.0.%d", i%200))))
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
	prepare(t, first(t), "policies/gate").on(w).planIs(t, now, "many-offenders")
}

func hasPostcondition(block *hclsyntax.Block) bool {
	return slices.ContainsFunc(block.Body.Blocks, func(inner *hclsyntax.Block) bool {
		return inner.Type == "lifecycle" && slices.ContainsFunc(inner.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "postcondition" })
	})
}
