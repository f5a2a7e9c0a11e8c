// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// tool is a tool that "make test" builds and names in a variable: it takes
// minutes, which "go test" alone does not spend.
func tool(t *testing.T, variable, name string) string {
	t.Helper()
	if path := os.Getenv(variable); path != "" {
		return path
	}
	if path, err := filepath.Abs(filepath.Join(root, ".tools", "bin", name)); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		skip(t, `there is no %s: "make test" builds it`, name)
	}
	return path
}

func conftest(t *testing.T) string {
	t.Helper()
	return tool(t, "CONFTEST", "conftest")
}

func TestConftestPoliciesPassTheirOwnTests(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(copyExamples(t), "policies", "conftest")
	r := run(t, folder, nil, conftest(t), "verify", "--output", "json")
	if r.status != 0 {
		t.Fatalf("status is %d:\n%s%s", r.status, r.stdout, r.stderr)
	}
	// What verify counts, lest it passes by finding none.
	written, err := os.ReadFile(filepath.Join(folder, "policy", "sessions_test.rego"))
	if err != nil {
		t.Fatal(err)
	}
	if want, ran := strings.Count(string(written), "\ntest_"), conftestResult(t, r).Successes; ran != want {
		t.Errorf("%d tests ran, want %d", ran, want)
	}
	if r := run(t, folder, nil, conftest(t), "fmt", "--check", "policy"); r.status != 0 {
		t.Errorf("the policies are not formatted: run conftest fmt policy\n%s%s", r.stdout, r.stderr)
	}
}

// verdict is what conftest says of a plan.
type verdict struct {
	Successes int `json:"successes"`
	Failures  []struct {
		Message string `json:"msg"`
	} `json:"failures"`
}

func conftestResult(t *testing.T, r result) verdict {
	t.Helper()
	var verdicts []verdict
	if err := json.Unmarshal([]byte(r.stdout), &verdicts); err != nil {
		t.Fatalf("%v in\n%s%s", err, r.stdout, r.stderr)
	}
	var all verdict
	for _, v := range verdicts {
		all.Successes += v.Successes
		all.Failures = append(all.Failures, v.Failures...)
	}
	return all
}

// conftest is what the policies in Rego say of the odd sessions: a set, sorted.
func (o odd) conftest() []string {
	said := sortedTexts(o.idle, func(r rocketchattest.Session) string {
		return who(r) + " last connected " + connected(r) + ", more than 30 days ago"
	})
	said = append(said, sortedTexts(o.outside, func(r rocketchattest.Session) string {
		return who(r) + " comes from " + orElse(r.IP.Value, "an unknown address") + ", outside the company's networks"
	})...)
	said = append(said, sortedTexts(o.unsupported, func(r rocketchattest.Session) string {
		return who(r) + " runs " + osName(r) + " " + osVersion(r) + ", which is not supported"
	})...)
	said = append(said, sortedTexts(o.deleted, func(r rocketchattest.Session) string {
		return who(r) + " is deleted but has a session, last connected " + connected(r)
	})...)
	for account, number := range o.perAccount {
		if number > 3 {
			said = append(said, fmt.Sprintf("%s has %d sessions, more than 3", account, number))
		}
	}
	slices.Sort(said)
	return slices.Compact(said)
}

func TestConftestOnAPlan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	for name, c := range map[string]struct {
		workspace *workspace
		status    int
		want      []string
	}{
		"lawful": {workspace: newWorkspace(t, lawful(now))},
		"unlawful": {workspace: newWorkspace(t, unlawful(now)), status: 1, want: []string{
			"away.offender comes from 198.51.100.9, outside the company's networks",
			"id-of-gone.offender comes from an unknown address, outside the company's networks",
			"id-of-gone.offender is deleted but has a session, last connected at an unknown time",
			"id-of-gone.offender last connected at an unknown time, more than 30 days ago",
			"old.offender last connected " + asSent(weeksAgo(now)) + ", more than 30 days ago",
			"seven.offender runs Windows 7, which is not supported",
			"svc-backup has 4 sessions, more than 3",
		}},
		"odd": {workspace: oddWorkspace(t, rows), status: 1, want: newOdd(rows, now).conftest()},
	} {
		if testing.Short() && name != "unlawful" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withFirst(t, func(t *testing.T, line commandLine) {
				prepared := prepare(t, line, "policies/conftest").on(c.workspace)
				prepared.must(t, "plan", "-input=false", plain, "-out=sessions.tfplan")
				plan := []byte(prepared.must(t, "show", "-json", "sessions.tfplan"))
				r := runWithInput(t, prepared.folder, nil, plan, conftest(t), "test", "--parser", "json", "--output", "json", "-")
				if r.status != c.status {
					t.Errorf("status is %d, want %d:\n%s%s", r.status, c.status, r.stdout, r.stderr)
				}
				var said []string
				for _, failure := range conftestResult(t, r).Failures {
					said = append(said, failure.Message)
				}
				slices.Sort(said)
				if diff := cmp.Diff(c.want, said); diff != "" {
					t.Errorf("conftest says something else (-want +got):\n%s", diff)
				}
			})
		})
	}
}
