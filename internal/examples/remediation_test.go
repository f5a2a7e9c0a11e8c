// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// remediations are both forms of the policy.
func remediations() []string {
	return []string{"policies/remediation", "policies/remediation-resource"}
}

// withRemediations runs a test with each form, where the CLI has it.
func withRemediations(t *testing.T, test func(t *testing.T, prepared configuration)) {
	t.Helper()
	c := first(t)
	for _, folder := range remediations() {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			skipWithout(t, c, folder)
			test(t, prepare(t, c, folder))
		})
	}
}

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
	clitest.NotInShort(t)
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
		same(t, "other sessions are left",
			[]string{"sessionAlice", "sessionAway", "sessionBob", "sessionBot1", "sessionBot2", "sessionBot3", "sessionCarol"}, idsLeft(w))
		prepared.must(t, applying()...)
		prepared.must(t, "plan", "-input=false", plain, "-detailed-exitcode")
	})
}

// Whoever connects again between plan and logout is left alone, but not from outside the
// company's networks.
func TestRemediation_leavesAloneWhoHasReconnected(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
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
		r.ends(t, 0, "Left alone: sessionOld of old.offender.")
		if left := idsLeft(w); !slices.Contains(left, "sessionOldAgain") || slices.Contains(left, "sessionAwayAgain") {
			t.Errorf("left are %v", left)
		}
	})
}

// A logout that failed, and one that the workspace confirms although the session stays, are tried again.
func TestRemediation_triesAgain(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	const destroys = "Plan: 0 to add, 0 to change, 1 to destroy."
	c := first(t)
	for file, atRest := range map[string]string{
		"policies/remediation/main.tf": destroys, "actions/rocketchat_logout_session/action.tf": destroys,
		"policies/remediation-resource/main.tf": "", "resources/rocketchat_session_logout/resource.tf": "",
	} {
		t.Run(filepath.Dir(file), func(t *testing.T) {
			t.Parallel()
			skipWithout(t, c, filepath.Dir(file))
			now := time.Now()
			w := newWorkspace(t, append(lawful(now), session("sessionOld", "old.offender", weeksAgo(now))))
			prepared, attempts := written(t, c, readFile(t, examplesRoot+"/"+file)).on(w), 0
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
			prepared.run(t, applying()...).ends(t, 1)
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
	}
}

// More than it may log out is an error before the first logout.
func TestRemediation_stopsAboveItsCap(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	withRemediations(t, func(t *testing.T, prepared configuration) {
		w := newWorkspace(t, unlawful(time.Now()))
		prepared, before := prepared.on(w), len(w.Sessions())
		r := prepared.run(t, applying("-var=max_logouts=3")...)
		r.ends(t, 1)
		same(t, "the numbers of messages", 1, strings.Count(r.stderr, "4 sessions break a rule, more than max_logouts = 3."))
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
	clitest.NotInShort(t)
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
	clitest.NotInShort(t)
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
		result{status: r.status, stdout: r.unframed()}.ends(t, 1,
			"Left alone: sessionBob of bob.lawful.", "Ended before that: sessionAway, sessionBot4.", "had ended it: sessionOld.", "Not tried: sessionSeven.")
		prepared.must(t, applying()...)
		prepared.must(t, "plan", "-input=false", plain, "-detailed-exitcode")
		same(t, "other logouts", []string{"sessionAway", "sessionBot4", "sessionOld", "sessionOld", "sessionSeven"}, logouts(w))
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
		prepared := configuration{cli: c, folder: t.TempDir()}
		copyFolder(t, examplesRoot+"/policies/remediation", prepared.folder)
		want := "Unsupported Terraform Core version"
		if c.tofu {
			want = "Blocks of type \"action\" are not expected here."
		}
		prepared.run(t, "init", "-input=false", plain).ends(t, 1, want)
	})
}
