// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"bytes"
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

// baseline calls the module with these arguments and returns these outputs. It takes Terraform long to print
// many findings, so only who looks at them has them.
func baseline(t *testing.T, c cli, arguments string, outputs ...string) configuration {
	t.Helper()
	return written(t, c, called("baseline", arguments, outputs...)+
		"output \"gate\" {\n  value = \"passed\"\n  depends_on = [module.baseline]\n}\n")
}

// called is a call of the module, and outputs of its own.
func called(name, arguments string, outputs ...string) string {
	text := fmt.Sprintf("module %q {\n  source = \"../session-baseline\"\n%s\n}\n", name, arguments)
	for _, output := range outputs {
		text += fmt.Sprintf("output %q {\n  value = module.%s.%s\n}\n", output, name, output)
	}
	return text
}

// office turns on the rules that need a setting.
// The odd sessions have users without an id, of whom nobody knows the roles.
const office = `  read_users       = false
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^svc-", sessions = 3 }
  listed           = 1000
`

// oddFindings are what each rule of the module finds among the odd sessions: how many, and which handmade rows.
func oddFindings() map[string]string {
	return map[string]string{
		"idle":                 "6: 6 34 35 36 39",
		"outside_networks":     "193: 6 19 23 25 26 27 28 35 36 38 39",
		"unsupported_systems":  "51: 10 11 12 13",
		"old_browsers":         "160: 1 2 3 4 6",
		"old_apps":             "32:",
		"too_many_sessions":    "10: 13 23 24 25 26 27 28 34",
		"service_accounts":     "3: 32 33 34",
		"deleted_users":        "15: 6 14 36",
		"silent_clients":       "64: 7 35 36 39",
		"unreadable_addresses": "111: 6 18 19 20 25 26 28 35 36 39",
	}
}

// finding is one as the module has it.
type finding struct {
	Rule, Severity, Title, Subject, Username, Detail, Reason, Expires string

	SessionID string `json:"session_id"`
	UserID    string `json:"user_id"`
	Waived    bool
}

type ruleState struct {
	Effect               string
	Open, Waived, Listed int
}

// report is what the module returns.
type report struct {
	Findings   []finding
	Summary    map[string]ruleState
	SessionIDs []string `json:"session_ids"`
}

// finds expects each of these rules to find exactly those that it is about.
func (r report) finds(t *testing.T, want map[string]string) {
	t.Helper()
	byRule := map[string][]string{}
	for _, f := range r.Findings {
		byRule[f.Rule] = append(byRule[f.Rule], f.SessionID)
	}
	for rule, which := range want {
		same(t, rule+" finds others", which, rowsAmong(byRule[rule]))
		open := len(byRule[rule])
		same(t, "the summary of "+rule, ruleState{Effect: "warns", Open: open, Listed: open}, r.Summary[rule])
	}
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
	clitest.NotInShort(t)
	rows := oddSessions(t, time.Now())
	var got report
	baseline(t, first(t), office+"  fail_on = \"none\"", "findings", "summary", "session_ids").on(oddWorkspace(t, rows)).outputs(t, &got)
	want := oddFindings()
	got.finds(t, want)
	details := map[string]finding{}
	for _, f := range got.Findings {
		details[f.Rule+" "+f.SessionID] = f
		if _, known := want[f.Rule]; !known || f.Severity != ruleSeverities()[f.Rule] || f.Waived || f.Reason != "" {
			t.Errorf("a finding of severity %q, waived %t: %+v", f.Severity, f.Waived, f)
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
	if len(got.Summary) != len(ruleSeverities()) || len(got.SessionIDs) > 0 {
		t.Errorf("a summary of %d rules; %d to log out", len(got.Summary), len(got.SessionIDs))
	}
}

// The rules that read users find exactly those of the users that they are about.
func TestBaseline_findsOffendersByUser(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	var got report
	arguments := strings.Replace(office, "read_users       = false", "", 1) + "  fail_on = \"none\""
	baseline(t, first(t), arguments, "findings", "summary").on(workspaceOfOddUsers(t, time.Now())).outputs(t, &got)
	got.finds(t, map[string]string{
		"deactivated_users":               "20:",
		"administrators_outside_networks": "22: 38 39",
		"administrators_idle":             "27: 39",
		"bots_on_browsers":                "9: 29 30 31 32 33 34",
	})
}

// The rules about what the workspace allows find what it allows too much, and nothing where it does not.
func TestBaseline_findsPosture(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	lawful, unlawful := lawfulWorkspace(now), unlawfulWorkspace(now)
	lawful.Sessions, unlawful.Sessions = lawful.Sessions[:1], []rocketchattest.Session{}
	configured := baseline(t, first(t), "  fail_on = \"none\"\n  warn_on = \"none\"\n  read_settings = true", "findings", "summary")
	var offenses, peace report
	configured.on(serve(t, unlawful)).outputs(t, &offenses)
	text := ""
	for _, f := range offenses.Findings {
		text += f.Rule + ": " + f.Detail + "\n"
	}
	golden(t, now, "unlawful/posture", text)
	configured.on(serve(t, lawful)).outputs(t, &peace)
	if len(peace.Findings) > 0 || peace.Summary["second_factor_optional"].Effect != "reports" {
		t.Errorf("where nothing is allowed too much, it finds %v", peace.Findings)
	}
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
	text, want, got := preamble, map[string][]string{}, map[string][]string{}
	for name, of := range map[string]struct {
		rows []rocketchattest.Session
		want []string
	}{
		"internal":    {from20("10.0.0.5", "::ffff:10.0.0.5"), []string{"10.0.0.5: all 20 sessions, of several users, come from 10.0.0.5"}},
		"IPv6":        {from20("fd00::5"), []string{"fd00::5: all 20 sessions, of several users, come from fd00::5"}},
		"two":         {from20("10.0.0.5", "10.0.0.6"), []string{}},
		"public":      {from20("203.0.113.5"), []string{}},
		"of_proxies":  {from20("10.0.0.5, 10.0.0.6"), []string{}},
		"of_one_user": {ofOneUser, []string{}},
		"19_sessions": {from20("10.0.0.5")[1:], []string{}},
	} {
		w := newWorkspace(t, of.rows)
		want["of_"+name] = of.want
		text += fmt.Sprintf("provider \"rocketchat\" {\n  alias = \"of_%s\"\n  url = %q\n  user_id = %q\n  auth_token = %q\n"+
			"  two_factor = { totp_secret = %q }\n}\n", name, w.url, w.account.UserID, w.account.Token, w.account.TOTPSecret) +
			called("of_"+name, "  fail_on = \"none\"\n  read_users = false\n  networks = [\"10.0.0.0/8\"]\n"+
				"  providers = { rocketchat = rocketchat.of_"+name+" }") +
			fmt.Sprintf("output \"of_%s\" {\n  value = [for f in module.of_%[1]s.findings : \"${f.subject}: ${f.detail}\" if f.rule == \"one_address\"]\n}\n", name)
	}
	written(t, first(t), text).outputs(t, &got)
	same(t, "other findings", want, got)
}

// Whatever stops is an error, and whatever is less severe a warning; a plan file
// is left either way, with all rules in it.
func TestBaseline_stopsAndWarns(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	levels := []string{"low", "medium", "high", "critical", "none"}
	text, said, states := preamble, map[string][]string{}, map[string]string{}
	for _, failOn := range []string{"low", "high", "none"} {
		text += called(failOn, office+"  fail_on = \""+failOn+"\"\n  warn_on = \"medium\"")
		for rule, severity := range ruleSeverities() {
			if readsUsers(rule) || offByDefault(rule) {
				continue
			}
			which, isBroken := oddFindings()[rule]
			number, _, _ := strings.Cut(which, ":")
			state, effect := map[bool]string{true: "fail", false: "pass"}[isBroken], ""
			switch level := slices.Index(levels, severity); {
			case level >= slices.Index(levels, failOn):
				effect = "error"
				states[failOn+" "+rule] = "gate " + state
			case level >= 1:
				effect = "warning"
				states[failOn+" "+rule] = "warning " + state
			}
			if key := rule + " " + severity + " " + number; isBroken && effect != "" {
				said[key] = append(said[key], effect)
			}
		}
	}
	configured := written(t, first(t), text).on(oddWorkspace(t, oddSessions(t, time.Now())))
	subject := regexp.MustCompile(`\((\w+), (\w+)\): (\d+)`)
	status, all := configured.plan(t, "-out=sessions.tfplan")
	got := map[string][]string{}
	for _, d := range all {
		key := strings.Join(subject.FindStringSubmatch(d.Detail)[1:], " ")
		got[key] = append(got[key], d.Severity)
	}
	for _, effects := range []map[string][]string{said, got} {
		for _, of := range effects {
			slices.Sort(of)
		}
	}
	same(t, "it says something else", said, got)
	same(t, "other checks", states, rulesInPlan(t, configured))
	if status != 1 {
		t.Errorf("exit code is %d, want 1", status)
	}
}

// rulesInPlan are whether each rule, by the call of the module and its ID, stops or warns, and its status in a plan file.
func rulesInPlan(t *testing.T, configured configuration) map[string]string {
	t.Helper()
	var shown struct {
		Checks []struct {
			Instances []struct {
				Status  string
				Address struct {
					Display string `json:"to_display"`
				}
			}
		}
	}
	decode(t, configured.must(t, "show", "-json", "sessions.tfplan"), &shown)
	address := regexp.MustCompile(`^module\.(\w+)\.module\.(gate|warning)\["(\w+)"\]`)
	rules := map[string]string{}
	for _, check := range shown.Checks {
		for _, instance := range check.Instances {
			if parts := address.FindStringSubmatch(instance.Address.Display); parts != nil {
				rules[parts[1]+" "+parts[3]] += parts[2] + " " + instance.Status
			}
		}
	}
	return rules
}

// A waiver takes a finding out of what stops and of what is logged out, and nothing else.
func TestBaseline_waives(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now().UTC()
	waivers := fmt.Sprintf(`  waivers = [
    { rule = "outside_networks", user = "user\\.[0-4].*|ODD\\..*", reason = "moving", expires = %q },
    { rule = "deleted_users", user = ".*", reason = "they have no name", expires = %q },
    { rule = "idle", user = "user\\..*", reason = "over", expires = %q },
  ]`, now.Format(time.DateOnly), now.Add(day).Format(time.DateOnly), now.Add(-day).Format(time.DateOnly))
	arguments := office + "  fail_on = \"none\"\n  severities = { idle = \"low\" }\n" + waivers
	var got report
	baseline(t, first(t), arguments, "findings", "summary").on(oddWorkspace(t, oddSessions(t, now))).outputs(t, &got)
	var ids []string
	for _, f := range got.Findings {
		if f.Waived && f.Rule == "outside_networks" {
			ids = append(ids, f.SessionID)
		} else if f.Waived {
			t.Errorf("%+v is waived", f)
		}
	}
	same(t, "others are waived", "102: 19 23 25 26 27 28", rowsAmong(ids))
	for rule, state := range map[string]ruleState{
		"outside_networks": {Effect: "warns", Open: 193 - 102, Waived: 102, Listed: 193},
		"idle":             {Effect: "warns", Open: 6, Listed: 6},
		"expired_waivers":  {Effect: "warns", Open: 1, Listed: 1},
		"unused_waivers":   {Effect: "warns", Open: 1, Listed: 1},
	} {
		same(t, "the summary of "+rule, state, got.Summary[rule])
	}
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
	text, want, got := preamble, map[string]int{}, map[string]int{}
	for name, accounts := range map[string]string{
		"types": `user_types = ["bot"]`, "roles": `user_roles = ["bot"]`, "ids": `user_ids = ["id-of-svc-backup", "x.*"]`, "names": `username = "^svc-"`,
	} {
		want[name] = 2 // the account has four sessions
		text += called(name, "  fail_on = \"none\"\n  service_accounts = { "+accounts+", sessions = 2 }") +
			fmt.Sprintf("output %q {\n  value = module.%[1]s.summary.service_accounts.open\n}\n", name)
	}
	written(t, first(t), text).on(serve(t, rocketchattest.Options{Sessions: unlawful(now), Users: users})).outputs(t, &got)
	same(t, "other sessions", want, got)
}

// What stops is what is logged out. It is not applied, but the plan has it.
func TestBaseline_saysWhomToLogOut(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	arguments := office + `  severities = { idle = "critical" }
  disabled   = ["outside_networks"]
  waivers    = [{ rule = "unsupported_systems", session_id = "sessionSeven", reason = "kiosk", expires = "` + now.UTC().Add(day).Format(time.DateOnly) + "\" }]"
	var got report
	if status, said := baseline(t, first(t), arguments, "session_ids").on(newWorkspace(t, unlawful(now))).planned(t, &got); status != 1 {
		t.Errorf("exit code is %d, want 1: %v", status, said)
	}
	same(t, "others are logged out", []string{"sessionGone", "sessionOld"}, got.SessionIDs)
}

// The JSON of the findings is in the plan that they stop: every rule, and every finding in the same order.
func TestBaseline_writesFindingsAsJSON(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows, today := unlawful(now), now.UTC().Format(time.DateOnly)
	arguments := strings.Replace(office, "= 1000", "= 1", 1) + `  disabled = ["silent_clients"]
  waivers = [
    { rule = "unsupported_systems", session_id = "sessionSeven", reason = "kiosk", expires = "` + today + `" },
    { rule = "deleted_users", user_ids = ["nobody"], reason = "test", expires = "` + today + `" },
  ]`
	configured := baseline(t, first(t), arguments, "findings_json").on(newWorkspace(t, rows))
	var text, next struct {
		JSON string `json:"findings_json"`
	}
	status, said := configured.planned(t, &text)
	if status != 1 || !slices.ContainsFunc(said, func(d diagnostic) bool {
		return strings.HasPrefix(d.Detail, "Sessions from outside the networks (outside_networks, high): 2; 1 not listed: raise `listed`.\n") &&
			strings.Contains(d.Detail, "\n  ... and 1 more.\n")
	}) {
		t.Errorf("exit code %d, it says %v", status, said)
	}
	configured.planned(t, &next)
	same(t, "the next plan has another text", text, next)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, []byte(text.JSON), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, now, "unlawful/findings", strings.NewReplacer(`"`+today, `"today`, "until "+today, "until today", `"`+mirrorVersion, `"version`).Replace(pretty.String())+"\n")
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
	same(t, "the README has other rules", ruleSeverities(), documented)
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
		same(t, fmt.Sprintf("list %d has other rules", i+1), want, got)
	}
}
