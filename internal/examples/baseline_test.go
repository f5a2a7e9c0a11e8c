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

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// baseline is an initialized configuration that calls the module with these arguments
// and returns these outputs. It takes Terraform long to print many findings, so
// only who looks at them has them.
func baseline(t *testing.T, c cli, arguments string, outputs ...string) configuration {
	t.Helper()
	configured := besideModule(t, c)
	text := preamble + "module \"baseline\" {\n  source = \"../session-baseline\"\n" + arguments + "\n}\n" +
		"output \"gate\" {\n  value = \"passed\"\n  depends_on = [module.baseline]\n}\n"
	for _, name := range outputs {
		text += fmt.Sprintf("output %q {\n  value = module.baseline.%s\n}\n", name, name)
	}
	configured.initialize(t, text)
	return configured
}

// besideModule is a configuration without files, beside a copy of the module.
func besideModule(t *testing.T, c cli) configuration {
	t.Helper()
	return configuration{cli: c, folder: filepath.Join(copyFolder(t, modulesRoot), "policy")}
}

// office turns on the rules that need a setting.
// The odd sessions have users without an id, of whom nobody knows the roles.
const office = `  read_users       = false
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^svc-", sessions = 3 }
  listed           = 1000
`

// oddFindings are what each rule of the module finds among the odd sessions.
func oddFindings() map[string]discovery {
	outside := oddOutside
	outside.has = append([]int{6, 35, 36, 39}, outside.has...)
	return map[string]discovery{
		"idle":                 {6, []int{6, 34, 35, 36, 39}, oddIdle.not},
		"outside_networks":     outside,
		"unsupported_systems":  {51, []int{10, 12, 13}, []int{5, 9, 16}},
		"old_browsers":         {160, []int{1, 3, 4, 6}, []int{5, 9, 16}},
		"old_apps":             {32, nil, []int{1, 6}},
		"too_many_sessions":    {10, []int{13, 23, 24, 25, 26, 27, 28, 34}, []int{12, 22, 33}},
		"service_accounts":     oddSurplus,
		"deleted_users":        {15, []int{6, 14, 36}, oddDeleted.not},
		"silent_clients":       {64, []int{7, 35, 36, 39}, []int{1, 9}},
		"unreadable_addresses": {111, []int{6, 18, 19, 20, 25, 26, 28, 35, 39}, []int{21, 22, 23, 24, 27, 37}},
	}
}

// finding is one as the module has it.
type finding struct {
	Rule      string `json:"rule"`
	Severity  string `json:"severity"`
	Subject   string `json:"subject"`
	SessionID string `json:"session_id"`
	UserID    string `json:"user_id"`
	Username  string `json:"username"`
	Detail    string `json:"detail"`
	Waived    bool   `json:"waived"`
	Reason    string `json:"reason"`
}

// ruleState is what the module's summary has of a rule.
type ruleState struct {
	Effect string `json:"effect"`
	Open   int    `json:"open"`
	Waived int    `json:"waived"`
	Listed int    `json:"listed"`
}

// report is what the module returns.
type report struct {
	Findings   struct{ Value []finding }            `json:"findings"`
	Summary    struct{ Value map[string]ruleState } `json:"summary"`
	SessionIDs struct{ Value []string }             `json:"session_ids"`
}

// report applies the configuration.
func (c configuration) report(t *testing.T) report {
	t.Helper()
	c.must(t, "apply", "-auto-approve", "-input=false", "-json")
	var r report
	if err := json.Unmarshal([]byte(c.must(t, "output", "-json", plain)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func ruleSeverities() map[string]string {
	return map[string]string{
		"idle": "medium", "outside_networks": "high", "unsupported_systems": "high", "old_browsers": "medium", "old_apps": "medium",
		"too_many_sessions": "low", "service_accounts": "medium", "deleted_users": "high", "silent_clients": "medium",
		"deactivated_users": "high", "administrators_outside_networks": "critical", "administrators_idle": "high", "bots_on_browsers": "critical",
		"login_expiration": "medium", "second_factor_off": "high", "second_factor_optional": "high", "open_registration": "medium",
		"unreadable_addresses": "low", "nothing_listed": "high", "one_address": "high", "unreported_names": "medium",
		"old_minimum_versions": "medium", "expired_waivers": "medium", "unused_waivers": "low",
	}
}

// readsUsers says which rules need to know more of users than a session has.
func readsUsers(rule string) bool {
	return slices.Contains([]string{"deactivated_users", "administrators_outside_networks", "administrators_idle", "bots_on_browsers"}, rule)
}

// aboutSettings says which rules find no sessions, but what makes other rules useless.
func aboutSettings(rule string) bool {
	return rule == "nothing_listed" || rule == "one_address" || rule == "unreported_names" || strings.HasSuffix(rule, "_waivers")
}

// offByDefault says which rules find no sessions, and are off until a setting asks for them.
func offByDefault(rule string) bool {
	return slices.Contains([]string{
		"login_expiration", "second_factor_off", "second_factor_optional", "open_registration", "old_minimum_versions",
	}, rule)
}

// On the odd sessions, each rule finds exactly those that it is about.
func TestBaseline_findsOffenders(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	want := oddFindings()
	w := oddWorkspace(t, rows)
	withFirst(t, func(t *testing.T, c cli) {
		got := baseline(t, c, office+"  fail_on = \"none\"", "findings", "summary", "session_ids").on(w).report(t)
		byRule, details := map[string][]string{}, map[string]finding{}
		for _, f := range got.Findings.Value {
			byRule[f.Rule] = append(byRule[f.Rule], f.SessionID)
			details[f.Rule+" "+f.SessionID] = f
			if f.Severity != ruleSeverities()[f.Rule] || f.Waived || f.Reason != "" {
				t.Errorf("a finding of severity %q, waived %t: %+v", f.Severity, f.Waived, f)
			}
		}
		for rule, found := range want {
			found.among(t, rule, byRule[rule])
			if diff := cmp.Diff(ruleState{Effect: "warns", Open: found.count, Listed: found.count}, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
		for key, want := range map[string]finding{
			"idle " + handmadeID(6): {
				UserID: "id-of-gone.chrome",
				Detail: "deleted user id-of-gone.chrome: Chrome 9.0, from an unknown address, session " + handmadeID(6),
			},
			"unsupported_systems " + handmadeID(12): {
				UserID: "id-of-odd.system", Username: "odd.system",
				Detail: "odd.system: Firefox 148.0 on WINDOWS xp, from 10.11.12.13, last connected " +
					asSent(rows[11].LoginAt.Value) + ", session " + handmadeID(12),
			},
			"old_apps GcMsNfW7bqBSEZ6eT": {
				UserID: "synthetic00000081", Username: "user.81",
				Detail: "user.81: RC Mobile 4.38.0 on ios 16.4, from an unknown address, last connected " +
					asSent(rows[44].LoginAt.Value) + ", session GcMsNfW7bqBSEZ6eT",
			},
		} {
			if got := details[key]; got.UserID != want.UserID || got.Username != want.Username || got.Detail != want.Detail {
				t.Errorf("%s is %+v, want %+v", key, got, want)
			}
		}
		if len(byRule) != len(want) || len(got.Summary.Value) != len(ruleSeverities()) || len(got.SessionIDs.Value) > 0 {
			t.Errorf("findings of %d rules, want %d; a summary of %d; %d to log out",
				len(byRule), len(want), len(got.Summary.Value), len(got.SessionIDs.Value))
		}
	})
}

// unitTested is what the policy of terraform-test says where its rules find so many.
func unitTested(deleted, outside int) diagnostic {
	return stops(precondition,
		fmt.Sprintf("Sessions of deleted users: %d", deleted),
		fmt.Sprintf("Sessions from outside the networks: %d", outside),
	)
}

// The rules that read users find exactly those of the users that they are about.
func TestBaseline_findsOffendersByUser(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := ofUsersWithID(oddSessions(t, now))
	users := directoryOf(rows)
	want := map[string]discovery{
		"deactivated_users":               {76, []int{7, 29, 34}, []int{1, 4, 36}},
		"administrators_outside_networks": {42, []int{38, 39}, []int{28, 37}},
		"administrators_idle":             {58, []int{39}, []int{35, 37, 38}},
		"bots_on_browsers":                {54, []int{4, 5, 18}, []int{7, 29, 37}},
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, Users: users, RateLimit: rocketchattest.RateLimit{Off: true}})
	withFirst(t, func(t *testing.T, c cli) {
		arguments := strings.Replace(office, "read_users       = false", "", 1) + "  fail_on = \"none\""
		got := baseline(t, c, arguments, "findings", "summary").on(w).report(t)
		byRule := map[string][]string{}
		for _, f := range got.Findings.Value {
			byRule[f.Rule] = append(byRule[f.Rule], f.SessionID)
		}
		for rule, found := range want {
			found.among(t, rule, byRule[rule])
			if diff := cmp.Diff(ruleState{Effect: "warns", Open: found.count, Listed: found.count}, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
	})
}

// The rules about what the workspace allows find what it allows too much, and nothing where it does not.
func TestBaseline_findsPosture(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	lawful, unlawful := lawfulWorkspace(now), unlawfulWorkspace(now)
	lawful.Sessions, unlawful.Sessions = lawful.Sessions[:1], []rocketchattest.Session{}
	want := map[string][]string{
		"nothing_listed":   {"the workspace lists no session"},
		"login_expiration": {"Accounts_LoginExpiration is 90"},
		"second_factor_off": {
			"Accounts_TwoFactorAuthentication_By_TOTP_Enabled is false", "Accounts_TwoFactorAuthentication_Enabled is false",
			"Accounts_TwoFactorAuthentication_Enforce_Password_Fallback is false",
		},
		"second_factor_optional": {
			"admin (admin): " + adminsPermissions(), "Équipe sécurité (eK3yNv7HrPd5ZtSgA): view-device-management",
			`no role has the permission "edit-other-user-totp" in powerful_permissions, so it is misspelled or superfluous`,
		},
		"open_registration": {`Accounts_RegistrationForm is "Public"`},
	}
	withEach(t, func(t *testing.T, c cli) {
		configured := baseline(t, c, "  fail_on = \"none\"\n  warn_on = \"none\"\n  read_settings = true", "findings", "summary")
		got := map[string][]string{}
		for _, f := range configured.on(serve(t, unlawful)).report(t).Findings.Value {
			got[f.Rule] = append(got[f.Rule], f.Detail)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("it finds something else (-want +got):\n%s", diff)
		}
		peace := configured.on(serve(t, lawful)).report(t)
		if len(peace.Findings.Value) > 0 || peace.Summary.Value["second_factor_optional"].Effect != "reports" {
			t.Errorf("where nothing is allowed too much, it finds %v", peace.Findings.Value)
		}
	})
}

// One address for all is a proxy's if it is internal, and of several users.
func TestBaseline_findsOneAddress(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	// from20 are 20 sessions of two users from these addresses in turn.
	from20 := func(addresses ...string) []rocketchattest.Session {
		var rows []rocketchattest.Session
		for i := range 20 {
			rows = append(rows, session(fmt.Sprintf("session%02d", i), []string{"alice", "bob"}[i%2], now, from(addresses[i%len(addresses)])))
		}
		return rows
	}
	ofOneUser := from20("10.0.0.5")
	for i := range ofOneUser {
		ofOneUser[i] = session(fmt.Sprintf("session%02d", i), "alice", now, from("10.0.0.5"))
	}
	withFirst(t, func(t *testing.T, c cli) {
		configured := baseline(t, c, "  fail_on = \"none\"\n  read_users = false\n  networks = [\"10.0.0.0/8\"]", "findings")
		for name, of := range map[string]struct {
			rows []rocketchattest.Session
			want []string
		}{
			"internal":    {from20("10.0.0.5", "::ffff:10.0.0.5"), []string{"10.0.0.5: all 20 sessions, of several users, come from 10.0.0.5"}},
			"IPv6":        {from20("fd00::5"), []string{"fd00::5: all 20 sessions, of several users, come from fd00::5"}},
			"two":         {from20("10.0.0.5", "10.0.0.6"), nil},
			"public":      {from20("203.0.113.5"), nil},
			"of proxies":  {from20("10.0.0.5, 10.0.0.6"), nil},
			"of one user": {ofOneUser, nil},
			"19 sessions": {from20("10.0.0.5")[1:], nil},
		} {
			var got []string
			for _, f := range configured.on(newWorkspace(t, of.rows)).report(t).Findings.Value {
				if f.Rule == "one_address" {
					got = append(got, f.Subject+": "+f.Detail)
				}
			}
			if diff := cmp.Diff(of.want, got); diff != "" {
				t.Errorf("%s: other findings (-want +got):\n%s", name, diff)
			}
		}
	})
}

// directoryOf are the users of sessions, in turn administrators, bots,
// deactivated, and none of that.
func directoryOf(rows []rocketchattest.Session) []rocketchattest.DirectoryUser {
	var users []rocketchattest.DirectoryUser
	known := map[string]bool{}
	for _, r := range rows {
		id := r.UserID.Value
		if known[id] || deleted(r) {
			continue
		}
		kind, roles := "user", []string{rocketchattest.RoleUser}
		switch len(users) % 4 {
		case 0:
			roles = append(roles, rocketchattest.RoleAdmin)
		case 1:
			kind, roles = "bot", []string{rocketchattest.RoleBot}
		}
		known[id] = true
		users = append(users, rocketchattest.DirectoryUser{
			ID: id, Username: rocketchattest.Some("user-" + id), Name: r.User.Value.Name, Type: rocketchattest.Some(kind),
			Active: rocketchattest.Some(len(users)%4 != 2), Roles: rocketchattest.Some(roles),
		})
	}
	return users
}

// subject finds what a finding's message begins with.
func subject() *regexp.Regexp { return regexp.MustCompile(`\((\w+), (\w+)\): (\d+)`) }

// Whatever stops is an error, and whatever is less severe a warning; a plan file
// is left either way, with all rules in it.
func TestBaseline_stopsAndWarns(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := oddSessions(t, now)
	w := oddWorkspace(t, rows)
	levels := []string{"low", "medium", "high", "critical", "none"}
	withFirst(t, func(t *testing.T, c cli) {
		for _, failOn := range []string{"low", "high", "none"} {
			t.Run(failOn, func(t *testing.T) {
				t.Parallel()
				configured := baseline(t, c, office+"  fail_on = \""+failOn+"\"\n  warn_on = \"medium\"").on(w)
				want, wantStatus := map[string]string{}, 0
				for rule, found := range oddFindings() {
					severity := ruleSeverities()[rule]
					key := fmt.Sprintf("%s %s %d", rule, severity, found.count)
					switch level := slices.Index(levels, severity); {
					case level >= slices.Index(levels, failOn):
						want[key], wantStatus = "error", 1
					case level >= 1:
						want[key] = "warning"
					}
				}
				status, said := configured.plan(t, "-out=baseline.tfplan")
				got := map[string]string{}
				for _, d := range said {
					got[strings.Join(subject().FindStringSubmatch(d.Detail)[1:], " ")] = d.Severity
				}
				if diff := cmp.Diff(want, got); diff != "" || status != wantStatus {
					t.Errorf("exit code %d, want %d; it says something else (-want +got):\n%s", status, wantStatus, diff)
				}
				checkRules(t, configured, failOn)
			})
		}
	})
}

// rulesInPlan are whether each rule of the module, by its ID, stops or warns, and its status in a plan file.
func rulesInPlan(t *testing.T, configured configuration) map[string]string {
	t.Helper()
	var shown struct {
		Checks []struct {
			Instances []struct {
				Address struct {
					Display string `json:"to_display"`
				}
				Status string
			}
		}
	}
	if err := json.Unmarshal([]byte(configured.must(t, "show", "-json", "baseline.tfplan")), &shown); err != nil {
		t.Fatal(err)
	}
	rules := map[string]string{}
	for _, check := range shown.Checks {
		for _, instance := range check.Instances {
			if parts := regexp.MustCompile(`module\.(gate|warning)\["(\w+)"\]`).FindStringSubmatch(instance.Address.Display); parts != nil {
				rules[parts[2]] += parts[1] + " " + instance.Status
			}
		}
	}
	return rules
}

// checkRules looks for each rule, once, in the checks of a plan file.
func checkRules(t *testing.T, configured configuration, failOn string) {
	t.Helper()
	got := rulesInPlan(t, configured)
	want := map[string]string{}
	for rule, severity := range ruleSeverities() {
		status := "fail"
		if readsUsers(rule) || offByDefault(rule) {
			continue
		}
		if aboutSettings(rule) {
			status = "pass"
		}
		switch {
		case failOn == "low" || failOn == "high" && severity == "high":
			want[rule] = "gate " + status
		case severity != "low":
			want[rule] = "warning " + status
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("other checks (-want +got):\n%s", diff)
	}
}

// A waiver takes a finding out of what stops and of what is logged out, and
// nothing else.
func TestBaseline_waives(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := oddSessions(t, now)
	w := oddWorkspace(t, rows)
	withFirst(t, func(t *testing.T, c cli) {
		waivers := fmt.Sprintf(`  waivers = [
    { rule = "outside_networks", user = "user\\.[0-4].*|ODD\\..*", reason = "moving", expires = %q },
    { rule = "deleted_users", user = ".*", reason = "they have no name", expires = %q },
    { rule = "idle", user = "user\\..*", reason = "over", expires = %q },
  ]`, now.UTC().Format(time.DateOnly), now.UTC().Add(day).Format(time.DateOnly), now.UTC().Add(-day).Format(time.DateOnly))
		got := baseline(t, c, office+"  fail_on = \"none\"\n  severities = { idle = \"low\" }\n"+waivers, "findings", "summary").on(w).report(t)
		var ids []string
		for _, f := range got.Findings.Value {
			if f.Waived && f.Rule == "outside_networks" {
				ids = append(ids, f.SessionID)
			} else if f.Waived {
				t.Errorf("%+v is waived", f)
			}
		}
		waived := discovery{102, []int{19, 23, 25, 26, 27, 28}, []int{6, 18, 35, 36, 38, 39}}
		waived.among(t, "a waiver", ids)
		states := map[string]ruleState{
			"outside_networks": {Effect: "warns", Open: 193 - waived.count, Waived: waived.count, Listed: 193},
			"idle":             {Effect: "warns", Open: 6, Listed: 6},
			"expired_waivers":  {Effect: "warns", Open: 1, Listed: 1},
			"unused_waivers":   {Effect: "warns", Open: 1, Listed: 1},
		}
		for rule, state := range states {
			if diff := cmp.Diff(state, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
	})
}

// Service accounts are known by type, role, ID or name.
func TestBaseline_knowsServiceAccounts(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	users := unlawfulUsers(now)
	for i, u := range users {
		if u.ID == "id-of-svc-backup" {
			users[i].Roles = rocketchattest.Some([]string{rocketchattest.RoleBot})
		}
	}
	w := serve(t, rocketchattest.Options{Sessions: unlawful(now), Users: users})
	// The account has four sessions.
	want := map[string]any{}
	text := preamble
	for name, accounts := range map[string]string{
		"types": `user_types = ["bot"]`, "roles": `user_roles = ["bot"]`, "ids": `user_ids = ["id-of-svc-backup", "x.*"]`, "names": `username = "^svc-"`,
	} {
		want[name] = float64(2)
		text += fmt.Sprintf("module %q {\n  source = \"../session-baseline\"\n  fail_on = \"none\"\n"+
			"  service_accounts = { %s, sessions = 2 }\n}\noutput %q {\n  value = module.%s.summary.service_accounts.open\n}\n", name, accounts, name, name)
	}
	withEach(t, func(t *testing.T, c cli) {
		configured := besideModule(t, c).on(w)
		configured.initialize(t, text)
		if diff := cmp.Diff(want, configured.outputs(t)); diff != "" {
			t.Errorf("other sessions (-want +got):\n%s", diff)
		}
	})
}

// What stops is what is logged out.
func TestBaseline_saysWhomToLogOut(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := unlawful(now)
	w := newWorkspace(t, rows)
	withFirst(t, func(t *testing.T, c cli) {
		expires := now.UTC().Add(day).Format(time.DateOnly)
		arguments := office + `  severities = { idle = "critical" }
  disabled   = ["outside_networks"]
  waivers    = [{ rule = "unsupported_systems", session_id = "sessionSeven", reason = "kiosk", expires = "` + expires + "\" }]"
		configured := baseline(t, c, arguments, "session_ids").on(w)
		status, _ := configured.plan(t, "-out=baseline.tfplan")
		if status != 1 {
			t.Errorf("exit code is %d, want 1", status)
		}
		// What fails is not applied, but the plan has it.
		var shown struct {
			Changes map[string]struct {
				After []string
			} `json:"output_changes"`
		}
		if err := json.Unmarshal([]byte(configured.must(t, "show", "-json", "baseline.tfplan")), &shown); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"sessionGone", "sessionOld"}, shown.Changes["session_ids"].After); diff != "" {
			t.Errorf("others are logged out (-want +got):\n%s", diff)
		}
	})
}

// plannedFindings is the output findings_json in a plan file.
func plannedFindings(t *testing.T, configured configuration) string {
	t.Helper()
	var shown struct {
		Changes map[string]struct{ After string } `json:"output_changes"`
	}
	if err := json.Unmarshal([]byte(configured.must(t, "show", "-json", "baseline.tfplan")), &shown); err != nil {
		t.Fatal(err)
	}
	return shown.Changes["findings_json"].After
}

// The JSON of the findings is in the plan that they stop: every rule, and every finding in the same order.
func TestBaseline_writesFindingsAsJSON(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows, today := unlawful(now), now.UTC().Format(time.DateOnly)
	w := newWorkspace(t, rows)
	type rule struct {
		ID, Severity, Title, Rationale, Remedy, Result, Effect, Reason string
		Open, Waived, Listed                                           int
	}
	type finding struct {
		Rule, Severity, Title, Subject, Username, Detail, Reason, Expires string
		SessionID                                                         string `json:"session_id"`
		UserID                                                            string `json:"user_id"`
		Waived                                                            bool
	}
	arguments := strings.Replace(office, "= 1000", "= 1", 1) + `  disabled = ["silent_clients"]
  waivers = [
    { rule = "unsupported_systems", session_id = "sessionSeven", reason = "kiosk", expires = "` + today + `" },
    { rule = "deleted_users", user_ids = ["nobody"], reason = "test", expires = "` + today + `" },
  ]`
	want := map[string]string{
		"deleted_users": "high broken stops 1 0 1", "outside_networks": "high broken stops 2 0 1",
		"unsupported_systems": "high waived stops 0 1 1", "idle": "medium broken warns 2 0 1", "service_accounts": "medium broken warns 1 0 1",
		"silent_clients": "medium off disabled off 0 0 0", "unreadable_addresses": "low broken warns 1 0 1",
		"unused_waivers": "low broken warns 1 0 1",
	}
	withEach(t, func(t *testing.T, c cli) {
		configured := baseline(t, c, arguments, "findings_json").on(w)
		status, said := configured.plan(t, "-out=baseline.tfplan")
		if status != 1 || !slices.ContainsFunc(said, func(d diagnostic) bool {
			return strings.HasPrefix(d.Detail, "Sessions from outside the networks (outside_networks, high): 2; 1 not listed: raise `listed`.\n") &&
				strings.Contains(d.Detail, "\n  ... and 1 more.\n")
		}) {
			t.Errorf("exit code %d, it says %v", status, said)
		}
		text := plannedFindings(t, configured)
		configured.plan(t, "-out=baseline.tfplan")
		if diff := cmp.Diff(text, plannedFindings(t, configured)); diff != "" {
			t.Errorf("the next plan has another text (-first +next):\n%s", diff)
		}
		var got struct {
			Version, Sessions int
			Module            string
			Rules             []rule
			Findings          []finding
		}
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if got.Version != 1 || got.Sessions != len(rows) || len(got.Rules) != len(ruleSeverities()) {
			t.Errorf("version %d, %d sessions, %d rules", got.Version, got.Sessions, len(got.Rules))
		}
		results, order, ranks := map[string]string{}, map[string]int{}, []string{}
		for i, r := range got.Rules {
			order[r.ID] = i
			ranks = append(ranks, fmt.Sprint(slices.Index([]string{"critical", "high", "medium", "low"}, r.Severity), " ", r.ID))
			if r.Open+r.Waived > 0 || r.Reason == "disabled" {
				words := strings.Fields(r.Severity + " " + r.Result + " " + r.Reason + " " + r.Effect)
				results[r.ID] = fmt.Sprint(strings.Join(words, " "), " ", r.Open, " ", r.Waived, " ", r.Listed)
			}
		}
		if diff := cmp.Diff(want, results); diff != "" {
			t.Errorf("other results (-want +got):\n%s", diff)
		}
		if !slices.IsSorted(ranks) || !slices.IsSortedFunc(got.Findings, func(a, b finding) int { return order[a.Rule] - order[b.Rule] }) {
			t.Errorf("the order is another: %v\n%v", ranks, got.Findings)
		}
		for _, f := range got.Findings {
			if f.Subject == "" || f.Detail == "" || f.Severity != got.Rules[order[f.Rule]].Severity || f.Title != got.Rules[order[f.Rule]].Title {
				t.Errorf("a finding lacks something: %+v", f)
			}
			if f.Rule == "unsupported_systems" {
				seven := finding{
					Rule: f.Rule, Severity: f.Severity, Title: f.Title, Subject: "sessionSeven", SessionID: "sessionSeven",
					UserID: "id-of-seven.offender", Username: "seven.offender", Detail: f.Detail, Waived: true, Reason: "kiosk", Expires: today,
				}
				if diff := cmp.Diff(seven, f); diff != "" {
					t.Errorf("another finding (-want +got):\n%s", diff)
				}
			}
		}
	})
}

// Each rule of the module can be switched off, and none that does not exist:
// the ids in the validations are those of the rules, and so are those in the README, with their severities.
func TestBaseline_knowsItsRules(t *testing.T) {
	t.Parallel()
	read := func(name string) string { return readFile(t, filepath.Join(modulesRoot, "session-baseline", name)) }
	text, documented := read("variables.tf")+read("waivers.tf"), map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (low|medium|high|critical) \\|").FindAllStringSubmatch(read("README.md"), -1) {
		documented[row[1]] = row[2]
	}
	if diff := cmp.Diff(ruleSeverities(), documented); diff != "" {
		t.Errorf("the README has other rules (-want +got):\n%s", diff)
	}
	all := slices.Sorted(maps.Keys(ruleSeverities()))
	lists := regexp.MustCompile(`split\(" ", "([^"]+)"\)`).FindAllStringSubmatch(text, -1)
	if len(lists) != 3 {
		t.Fatalf("there are %d lists of ids, want 3", len(lists))
	}
	for i, list := range lists {
		got, want := strings.Fields(list[1]), all
		if i == 2 {
			want = slices.DeleteFunc(slices.Clone(all), func(rule string) bool { return aboutSettings(rule) || offByDefault(rule) })
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("list %d has other rules (-want +got):\n%s", i+1, diff)
		}
	}
}
