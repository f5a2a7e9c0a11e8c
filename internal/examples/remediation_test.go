// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// remediations are both forms of the policy.
func remediations() []string {
	return []string{"policies/remediation", "policies/remediation-resource"}
}

// withRemediations runs a test with each form and every CLI that has it.
func withRemediations(t *testing.T, test func(t *testing.T, prepared configuration)) {
	t.Helper()
	for _, folder := range remediations() {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			withEach(t, func(t *testing.T, c cli) {
				skipWithout(t, c, folder)
				test(t, prepare(t, c, folder))
			})
		})
	}
}

// idsLeft are those of the sessions that a workspace still has.
func idsLeft(w *workspace) []string {
	var left []string
	for _, s := range w.Sessions() {
		left = append(left, s.SessionID.Value)
	}
	slices.Sort(left)
	return left
}

func applying(arguments ...string) []string {
	return append([]string{"apply", "-input=false", "-auto-approve", plain}, arguments...)
}

// The plan has a line for each session, and after two applies nothing is left to do.
func TestRemediation_logsOut(t *testing.T) {
	t.Parallel()
	withRemediations(t, func(t *testing.T, prepared configuration) {
		w := newWorkspace(t, unlawful(time.Now()))
		prepared = prepared.on(w)
		preview := prepared.must(t, "plan", "-input=false", plain)
		for _, id := range []string{"sessionOld", "sessionSeven", "sessionBot4", "sessionGone"} {
			if line := regexp.MustCompile(`(?m)^ +\+ ` + id + ` += ".*, session ` + id + `"$`); !line.MatchString(preview) {
				t.Errorf("the plan has no line for %s:\n%s", id, preview)
			}
		}
		prepared.must(t, applying()...)
		if diff := cmp.Diff(
			[]string{"sessionAlice", "sessionAway", "sessionBob", "sessionBot1", "sessionBot2", "sessionBot3", "sessionCarol"}, idsLeft(w),
		); diff != "" {
			t.Errorf("other sessions are left (-want +got):\n%s", diff)
		}
		prepared.must(t, applying()...)
		prepared.must(t, "plan", "-input=false", plain, "-detailed-exitcode")
	})
}

// Whoever connects again between plan and logout is left alone, but not from outside the
// company's networks.
func TestRemediation_leavesAloneWhoHasReconnected(t *testing.T) {
	t.Parallel()
	withRemediations(t, func(t *testing.T, prepared configuration) {
		now := time.Now()
		w := newWorkspace(t, append(
			lawful(now), session("sessionOld", "old.offender", weeksAgo(now)), session("sessionAway", "away.offender", now, from("198.51.100.9")),
		))
		prepared = prepared.on(w)
		arguments := []string{"-input=false", plain, `-var=networks=["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]`, "-out=saved.tfplan"}
		prepared.must(t, append([]string{"plan"}, arguments...)...)
		w.Relogin("sessionOld", "sessionOldAgain", now)
		w.Relogin("sessionAway", "sessionAwayAgain", now)
		r := prepared.run(t, "apply", "-input=false", plain, "saved.tfplan")
		if r.status != 0 || !strings.Contains(r.stdout, "Left alone: sessionOld of old.offender.") {
			t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
		}
		if left := idsLeft(w); !slices.Contains(left, "sessionOldAgain") || slices.Contains(left, "sessionAwayAgain") {
			t.Errorf("left are %v", left)
		}
	})
}

// A logout that failed, and one that the workspace confirms although the session stays, are tried again.
func TestRemediation_triesAgain(t *testing.T) {
	t.Parallel()
	for folder, atRest := range map[string]string{
		"policies/remediation": "Plan: 0 to add, 0 to change, 1 to destroy.", "actions/rocketchat_logout_session": "Plan: 0 to add, 0 to change, 1 to destroy.",
		"policies/remediation-resource": "", "resources/rocketchat_session_logout": "",
	} {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			withEach(t, func(t *testing.T, c cli) {
				skipWithout(t, c, folder)
				now := time.Now()
				w := newWorkspace(t, append(lawful(now), session("sessionOld", "old.offender", weeksAgo(now))))
				prepared, attempts := prepareExample(t, c, folder).on(w), 0
				w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
					if !strings.Contains(r.URL.Path, "logout") {
						return next
					}
					attempts++
					switch attempts {
					case 1:
						return rocketchattest.FaultResponse(http.StatusForbidden, nil, `{"success":false,"error":"not now"}`)(n, r, next)
					case 2:
						return rocketchattest.FaultResponse(http.StatusOK, http.Header{"Content-Type": {"application/json"}},
							`{"sessionId":"sessionOld","success":true}`)(n, r, next)
					}
					return next
				})
				if r := prepared.run(t, applying()...); r.status != 1 {
					t.Errorf("the logout fails, and the exit code is %d:\n%s", r.status, r.stdout)
				}
				for range 2 {
					prepared.must(t, applying()...)
				}
				if left := len(w.Sessions()); attempts != 3 || left != len(lawful(now)) {
					t.Errorf("%d logouts, and %d sessions are left", attempts, left)
				}
				planned, _, _ := strings.Cut(prepared.must(t, "plan", "-input=false", plain), "Changes to Outputs:")
				if plan := regexp.MustCompile(`Plan: .*`).FindString(planned); plan != atRest {
					t.Errorf("nothing is left to do, but the plan says %q, want %q:\n%s", plan, atRest, planned)
				}
			})
		})
	}
}

// prepareExample prepares a folder with a configuration, or with an example of the documentation.
func prepareExample(t *testing.T, c cli, folder string) configuration {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examplesRoot, filepath.FromSlash(folder), "*.tf"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v in %s: %v", files, folder, err)
	}
	if filepath.Base(files[0]) == "main.tf" {
		return prepare(t, c, folder)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return written(t, c, string(text))
}

// More than it may log out is an error before the first logout.
func TestRemediation_stopsAboveItsCap(t *testing.T) {
	t.Parallel()
	withRemediations(t, func(t *testing.T, prepared configuration) {
		w := newWorkspace(t, unlawful(time.Now()))
		prepared, before := prepared.on(w), len(w.Sessions())
		r := prepared.run(t, applying("-var=max_logouts=3")...)
		if r.status != 1 || strings.Count(r.stderr, "4 sessions break a rule, more than max_logouts = 3.") != 1 {
			t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
		}
		if left := len(w.Sessions()); left != before {
			t.Errorf("%d of %d sessions are left", left, before)
		}
		prepared.must(t, applying("-var=max_logouts=4")...)
		if left := len(w.Sessions()); left != before-4 {
			t.Errorf("%d of %d sessions are left", left, before)
		}
	})
}

// logouts are the sessions that a workspace was asked to end, in order.
func logouts(w *workspace) []string {
	var ids []string
	for _, r := range w.Requests() {
		if id, ok := strings.CutPrefix(string(r.Body), `{"sessionId":"`); ok {
			ids = append(ids, strings.TrimSuffix(id, `"}`))
		}
	}
	return ids
}

// The resource through every CLI: thirty sessions end once, the plan is at rest, and more than
// it may end stop before the first call.
func TestSessionLogout_endsThirtyOnce(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, c cli) {
		w := serve(t, rocketchattest.Options{Synthetic: 60, RateLimit: rocketchattest.RateLimit{Off: true}})
		var ids []string
		for _, s := range w.Sessions()[:30] {
			ids = append(ids, fmt.Sprintf("%q", s.SessionID.Value))
		}
		prepared := written(t, c, "resource \"rocketchat_session_logout\" \"all\" {\n  session_ids = ["+strings.Join(ids, ", ")+
			"]\n  max_logouts = var.most\n}\nvariable \"most\" {\n  default = 30\n}\n").on(w)
		r := prepared.run(t, applying("-var=most=29")...)
		if r.status != 1 || !strings.Contains(r.stderr, "Too many sessions to end") || len(w.Requests()) != 0 {
			t.Errorf("exit code is %d after %d calls:\n%s", r.status, len(w.Requests()), r.stderr)
		}
		for range 2 {
			prepared.must(t, applying()...)
			prepared.must(t, "plan", "-input=false", plain, "-detailed-exitcode")
			if n, left := len(logouts(w)), len(w.Sessions()); n != 30 || left != 30 {
				t.Errorf("%d logouts, and %d sessions are left", n, left)
			}
		}
		prepared.must(t, "destroy", "-input=false", "-auto-approve", plain)
		if n := len(logouts(w)); n != 30 {
			t.Errorf("%d logouts after the resource was removed", n)
		}
	})
}

// An apply that fails in the middle has the next one end the others, although Terraform replaces the
// resource then. Who has connected again since the plan is left alone.
func TestSessionLogout_throughEveryCLI(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, c cli) {
		w := newWorkspace(t, unlawful(time.Now()))
		prepared := written(t, c, `resource "rocketchat_session_logout" "some" {
  session_ids        = ["sessionAway", "sessionBob", "sessionBot4", "sessionOld", "sessionSeven"]
  unless_reconnected = true
}
`).on(w)
		prepared.must(t, "plan", "-input=false", plain, "-out=saved.tfplan")
		w.Relogin("sessionBob", "sessionBobAgain")
		asked := 0
		w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
			if r.Method != http.MethodPost {
				return next
			}
			asked++
			if asked != 3 {
				return next
			}
			return rocketchattest.FaultResponse(http.StatusForbidden, nil, `{"success":false,"error":"not now"}`)(n, r, next)
		})
		r := prepared.run(t, "apply", "-input=false", plain, "saved.tfplan")
		said := strings.Join(strings.Fields(strings.ReplaceAll(r.stdout+r.stderr, "│", "")), " ")
		for _, want := range []string{
			"Left alone: sessionBob of bob.lawful.", "Ended before that: sessionAway, sessionBot4.", "had ended it: sessionOld.", "Not tried: sessionSeven.",
		} {
			if r.status != 1 || !strings.Contains(said, want) {
				t.Errorf("exit code is %d, and %q is missing in\n%s", r.status, want, said)
			}
		}
		prepared.must(t, applying()...)
		prepared.must(t, "plan", "-input=false", plain, "-detailed-exitcode")
		if diff := cmp.Diff([]string{"sessionAway", "sessionBot4", "sessionOld", "sessionOld", "sessionSeven"}, logouts(w)); diff != "" {
			t.Errorf("other logouts (-want +got):\n%s", diff)
		}
		if !slices.Contains(idsLeft(w), "sessionBobAgain") {
			t.Error("a client was logged out that had connected again")
		}
	})
}

// An older CLI says that it is one, and OpenTofu that it has no actions.
func TestRemediation_refusesAnOlderCLI(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, c cli) {
		if terraform, tofu := needs(t, "policies/remediation"); c.since(terraform, tofu) {
			t.Skipf("%s has actions", c.name)
		}
		prepared := configuration{cli: c, folder: filepath.Join(copyExamples(t), "policies", "remediation")}
		r := prepared.run(t, "init", "-input=false", plain)
		want := "Unsupported Terraform Core version"
		if c.tofu {
			want = "Blocks of type \"action\" are not expected here."
		}
		if r.status != 1 || !strings.Contains(r.stderr, want) {
			t.Errorf("exit code is %d with\n%s%s", r.status, r.stdout, r.stderr)
		}
	})
}

// What remediation sets is what the action's schema has, on a machine without
// a CLI that could tell.
func TestRemediation_fitsTheAction(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(examplesRoot, "policies", "remediation", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s)action "(\w+)" "\w+" \{\n(?: {2}count = [^\n]*\n\n)? {2}config \{\n(.*?)\n {2}\}`).FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("there are %d actions with a config", len(blocks))
	}
	schema, err := provider.NewServer("test")().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		action, ok := schema.ActionSchemas[block[1]]
		if !ok {
			t.Fatalf("the provider has no action %s", block[1])
		}
		set := map[string]bool{}
		for _, attribute := range regexp.MustCompile(`(?m)^ {4}(\w+) +=`).FindAllStringSubmatch(block[2], -1) {
			set[attribute[1]] = true
		}
		for _, attribute := range action.Schema.Block.Attributes {
			if attribute.Required && !set[attribute.Name] {
				t.Errorf("%s is not set", attribute.Name)
			}
			delete(set, attribute.Name)
		}
		if len(set) > 0 {
			t.Errorf("the action has no %v", set)
		}
	}
}
