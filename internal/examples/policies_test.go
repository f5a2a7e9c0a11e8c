// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
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
	assertion            = "Check block assertion failed"
	refusal              = "Rocket.Chat does not accept the user ID and token"
)

func stops(summary string, detail ...string) diagnostic {
	return diagnostic{Severity: "error", Summary: summary, Detail: strings.Join(detail, "\n")}
}

func warns(detail string) diagnostic {
	return diagnostic{Severity: "warning", Summary: assertion, Detail: detail}
}

// whereRulesAreBroken is what the plan of each example says of [unlawful].
func whereRulesAreBroken(now time.Time) map[string][]diagnostic {
	oldOffender := "  old.offender: Firefox 148.0 on Windows 11, from 10.11.12.13, last connected " + asSent(weeksAgo(now)) + ", session sessionOld"
	const goneOffender = "  deleted user id-of-gone.offender: unknown client, from an unknown address, session sessionGone"
	awayOffender := "  away.offender: Firefox 148.0 on Windows 11, from 198.51.100.9, last connected " + asSent(now.Add(-time.Hour)) + ", session sessionAway"
	sevenOffender := "  seven.offender: Firefox 148.0 on Windows 7, from 10.11.12.13, last connected " + asSent(now.Add(-2*time.Hour)) + ", session sessionSeven"
	bots := []string{"4 of 11 sessions belong to bots in a browser:"}
	newestBot := "Firefox 148.0 on Windows 11, from 10.11.12.13, last connected " + asSent(now.Add(-3*time.Hour)) + ", session sessionBot1"
	bots = append(bots, "  svc-backup: 4 sessions, newest: "+newestBot)
	fourthBot := "  svc-backup: Firefox 148.0 on Windows 11, from 10.11.12.13, last connected " + asSent(now.Add(-6*time.Hour)) +
		", session sessionBot4"
	return map[string][]diagnostic{
		"account-check": nil,
		"demo":          nil,
		"demo/gate":     nil,
		"policies/administrators": {
			stops(postcondition, "1 of 11 sessions belong to administrators outside the company's networks:", awayOffender),
		},
		"policies/check": {
			warns("2 of 11 sessions have not connected for 30 days."),
			warns("2 of 11 sessions come from outside the company's networks."),
			warns("1 of 11 sessions run an unsupported operating system."),
		},
		// It is conftest that decides.
		"policies/conftest": nil,
		"policies/deactivated-users": {
			stops(postcondition, "1 of 11 sessions belong to deactivated users:", sevenOffender),
		},
		"policies/dormant-accounts": {
			stops(postcondition, "2 of 7 active users have not logged in for 90 days:",
				"  new.offender: last logged in never", "  id-of-dormant.offender: last logged in "+asSent(now.Add(-91*day))),
		},
		"policies/ephemeral-gate": {
			stops(precondition, "There are sessions that have not connected for 30 days."),
			stops(precondition, "There are sessions from outside the company's networks."),
			stops(precondition, "There are sessions on an unsupported operating system."),
			stops(precondition, "A service account has more than 3 sessions."),
			stops(precondition, "There are sessions of deleted users."),
		},
		"policies/gate": {
			stops(postcondition, "2 of 11 sessions have not connected for 30 days:", oldOffender, goneOffender),
			stops(postcondition, "2 of 11 sessions come from outside the company's networks:",
				awayOffender, goneOffender),
			stops(postcondition, "1 of 11 sessions run an unsupported operating system:", sevenOffender),
			stops(postcondition, "1 of 11 sessions exceed the 3 that a service account may have:",
				fourthBot),
			stops(postcondition, "1 of 11 sessions belong to deleted users:", goneOffender),
		},
		"policies/login-settings": {
			stops(postcondition, "Accounts_LoginExpiration is 90. Set it to 1 to 30 days."),
			stops(postcondition, `Accounts_RegistrationForm is "Public". Set it to Disabled or Secret URL.`),
			stops(postcondition, "Accounts_Password_Policy_Enabled is false. Switch it on."),
			stops(postcondition, "Accounts_Password_Policy_MinLength is 8. Set it to 14 or more."),
			stops(postcondition, "Accounts_AllowAnonymousRead is true. Switch it off."),
			stops(postcondition, "Accounts_AllowAnonymousWrite is true. Switch it off."),
			stops(postcondition, "Block_Multiple_Failed_Logins_Enabled is false. Switch it on."),
			stops(postcondition, "Block_Multiple_Failed_Logins_By_User is false. Switch it on."),
			stops(postcondition, "Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User is 0. Set it to 1 to 10."),
		},
		"policies/new-devices": {
			stops(precondition, "4 of 8 devices are not in known-devices.json:", awayOffender, goneOffender, oldOffender, sevenOffender),
		},
		"policies/powerful-users": {
			stops(postcondition, untrustedRoles()...),
			stops(postcondition, "No role has these permissions, so they are misspelled or superfluous: manage-cloud."),
			stops(postcondition, "1 of 11 sessions belong to users with powerful permissions outside the company's networks:", awayOffender),
		},
		"policies/remediation":          nil,
		"policies/remediation-resource": nil,
		"policies/second-factor": {
			stops(postcondition, "Accounts_TwoFactorAuthentication_Enabled is false. Switch it on."),
			stops(postcondition, "Accounts_TwoFactorAuthentication_By_TOTP_Enabled is false. Switch it on."),
			stops(postcondition, "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback is false. Switch it on."),
			stops(postcondition, "2 of 16 roles have powerful permissions, but no mandatory second factor:",
				"  admin (admin): "+adminsPermissions(),
				"  Équipe sécurité (eK3yNv7HrPd5ZtSgA): view-device-management"),
			stops(postcondition, "No role has these permissions, so they are misspelled or superfluous: edit-other-user-totp."),
		},
		"policies/service-accounts": {
			stops(postcondition, bots...),
			stops(postcondition, "1 of 11 sessions exceed the 3 that a bot may have:", fourthBot),
		},
		"policies/terraform-test": {unitTested(1, 2)},
	}
}

// Each example is planned with every CLI where each rule is broken, and with
// the first where nobody breaks a rule, and where nothing can be read.
func TestExamples_plan(t *testing.T) {
	t.Parallel()
	now := time.Now()
	peaceful, troubled := serve(t, lawfulWorkspace(now)), serve(t, unlawfulWorkspace(now))
	// Public settings are shown to everybody, so here they break no rule.
	closed := serve(t, lawfulWorkspace(now))
	closed.account.Token = "a-token-of-nobody"
	want, first := whereRulesAreBroken(now), identify(t, clitest.Path(t, root))
	withEach(t, func(t *testing.T, c cli) {
		// That of several workspaces has tests of its own.
		ofOne := slices.DeleteFunc(folders(t), func(folder string) bool { return folder == severalWorkspaces })
		for _, folder := range clitest.Few(4, ofOne) {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				broken, ok := want[folder]
				if !ok {
					t.Fatal("nothing is known of what it says")
				}
				prepared := prepare(t, c, folder)
				if folder == "policies/new-devices" {
					prepared.keep(t, knownDevices, devicesOfLawful())
				}
				prepared.on(troubled).planSays(t, status(broken), broken...)
				if testing.Short() || c.name != first.name {
					return
				}
				prepared.on(peaceful).planSays(t, 0)
				prepared.on(closed).planFails(t, folder == "policies/check")
			})
		}
	})
}

// status is that of a plan which says these.
func status(said []diagnostic) int {
	if slices.ContainsFunc(said, func(d diagnostic) bool { return d.Severity == "error" }) {
		return 1
	}
	return 0
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
	withEach(t, func(t *testing.T, c cli) {
		skipWithout(t, c, "policies/ephemeral-gate")
		now := time.Now()
		peaceful, troubled := newWorkspace(t, lawful(now)), newWorkspace(t, unlawful(now))
		prepared := prepare(t, c, "policies/ephemeral-gate")
		prepared.on(peaceful).walkThrough(t)
		if r := prepared.on(troubled).run(t, "plan", "-input=false", plain, "-out=failed.tfplan"); r.status != 1 {
			t.Errorf("the plan ends with exit code %d", r.status)
		}
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
	withFirst(t, func(t *testing.T, c cli) {
		prepared := prepare(t, c, "policies/conftest").on(w)
		prepared.walkThrough(t)
		leaks := strings.Join(prepared.leaks(t, w), "")
		for _, file := range []string{"gate.tfplan", "terraform.tfstate", "plan.json", "state.json"} {
			for _, secret := range []string{"sessionAlice", "alice.lawful", "203.0.113.7"} {
				if !strings.Contains(leaks, file+": "+secret+"\n") {
					t.Errorf("%s was not found in %s:\n%s", secret, file, leaks)
				}
			}
		}
	})
}

// walkThrough does with a configuration all that leaves files.
func (c configuration) walkThrough(t *testing.T) {
	t.Helper()
	c.must(t, "plan", "-input=false", plain, "-out=gate.tfplan")
	c.keep(t, "plan.json", c.must(t, "show", "-json", "gate.tfplan"))
	c.must(t, "apply", "-input=false", plain, "gate.tfplan")
	c.keep(t, "state.json", c.must(t, "show", "-json"))
}

func (c configuration) keep(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The unit tests of the examples need no workspace.
func TestPolicies_unitTests(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	pass := func(t *testing.T, c cli, folder, success string) {
		t.Helper()
		skipWithout(t, c, "policies/terraform-test")
		if printed := prepare(t, c, folder).must(t, "test", plain); !strings.Contains(printed, success) {
			t.Errorf("want %q:\n%s", success, printed)
		}
	}
	withEach(t, func(t *testing.T, c cli) {
		pass(t, c, "policies/terraform-test", "Success! 3 passed, 0 failed.")
	})
	t.Run("baseline", func(t *testing.T) {
		t.Parallel()
		withFirst(t, func(t *testing.T, c cli) {
			pass(t, c, "../modules/session-baseline", "Success! 27 passed, 0 failed.")
		})
	})
}

func TestExamples_areFormatted(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, c cli) {
		for _, folder := range []string{examplesRoot, modulesRoot} {
			if r := run(t, folder, nil, c.path, "fmt", "-check", "-recursive", "-diff", plain); r.status != 0 {
				t.Errorf("exit code is %d:\n%s%s", r.status, r.stdout, r.stderr)
			}
		}
	})
}
