// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
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
func baseline(t *testing.T, c commandLine, arguments string, outputs ...string) configuration {
	t.Helper()
	configured := configuration{commandLine: c, folder: filepath.Join(copyExamples(t), "policies", "baseline")}
	text := preamble + "module \"baseline\" {\n  source = \"../../modules/session-baseline\"\n" + arguments + "\n}\n" +
		"output \"gate\" {\n  value = \"passed\"\n  depends_on = [module.baseline]\n}\n"
	for _, name := range outputs {
		text += fmt.Sprintf("output %q {\n  value = module.baseline.%s\n}\n", name, name)
	}
	configured.initialize(t, text)
	return configured
}

// office turns on the rules that need to be told something.
// The odd sessions have users without an id, of whom nobody knows the roles.
const office = `  read_users       = false
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^svc-", sessions = 3 }
  listed           = 1000
`

// offenders are the sessions that the rules of the module find among some, by
// rule, as read from its README.
func offenders(rows []rocketchattest.Session, now time.Time) map[string][]rocketchattest.Session {
	below := func(name, version func(rocketchattest.Session) string, bounds map[string]string) func(rocketchattest.Session) bool {
		return func(r rocketchattest.Session) bool {
			for of, bound := range bounds {
				if strings.EqualFold(name(r), of) && slices.Compare(numbers(version(r)), numbers(bound)) < 0 {
					return true
				}
			}
			return false
		}
	}
	app := func(r rocketchattest.Session) bool { return strings.HasSuffix(r.Device.Value.Type.Value, "-app") }
	version := func(r rocketchattest.Session) string { return r.Device.Value.Version.Value }
	oldBrowser := below(browser, version, map[string]string{
		"Chrome": "140", "Edge": "140", "Firefox": "140", "Safari": "18", "Mobile Safari": "18",
	})
	oldApp := below(browser, version, map[string]string{"Rocket.Chat": "4.0", "RC Mobile": "4.50"})
	service, _ := surplus(rows)
	return map[string][]rocketchattest.Session{
		"idle":                where(rows, idleFor(now, 30*day)),
		"outside_networks":    where(rows, outside),
		"unsupported_systems": where(rows, below(osName, osVersion, map[string]string{"Windows": "10", "Android": "12", "iOS": "16"})),
		"old_browsers":        where(rows, func(r rocketchattest.Session) bool { return oldBrowser(r) && !app(r) }),
		"old_apps":            where(rows, func(r rocketchattest.Session) bool { return oldApp(r) && app(r) }),
		"too_many_sessions":   beyond(rows, 5),
		"service_accounts":    service,
		"deleted_users":       where(rows, deleted),
		"silent_clients":      where(rows, func(r rocketchattest.Session) bool { return browser(r)+osName(r) == "" }),
		"unreadable_addresses": where(rows, func(r rocketchattest.Session) bool {
			host := r.IP.Value
			if bare, _, err := net.SplitHostPort(host); err == nil {
				host = bare
			}
			_, err := netip.ParseAddr(host)
			return err != nil
		}),
	}
}

// numbers are those of a version; one that is unreadable has none, and so is
// lower than any.
func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		number, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		all = append(all, number)
	}
	return all
}

// beyond are the sessions of each user but those that connected last. Who is no
// user is one of them, too.
func beyond(rows []rocketchattest.Session, most int) []rocketchattest.Session {
	byUser := map[string][]rocketchattest.Session{}
	for _, r := range rows {
		byUser[r.UserID.Value] = append(byUser[r.UserID.Value], r)
	}
	var found []rocketchattest.Session
	for _, all := range byUser {
		slices.SortStableFunc(all, func(a, b rocketchattest.Session) int {
			if c := b.LoginAt.Value.Compare(a.LoginAt.Value); c != 0 {
				return c
			}
			return strings.Compare(a.SessionID.Value, b.SessionID.Value)
		})
		found = append(found, all[min(most, len(all)):]...)
	}
	return found
}

// finding is one as the module has it.
type finding struct {
	Rule      string `json:"rule"`
	Severity  string `json:"severity"`
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

// describedByModule is the line of a finding.
func describedByModule(r rocketchattest.Session) string {
	joined := func(texts ...string) string {
		return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), " ")
	}
	user := orElse(r.User.Value.Username.Value, r.UserID.Value, "unknown user")
	if deleted(r) {
		user = joined("deleted user", r.UserID.Value)
	}
	return fmt.Sprintf("%s: %s on %s, from %s, last connected %s", user,
		orElse(joined(browser(r), r.Device.Value.Version.Value), "unknown client"), orElse(joined(osName(r), osVersion(r)), "unknown system"),
		orElse(r.IP.Value, "an unknown address"), connected(r))
}

func ruleSeverities() map[string]string {
	return map[string]string{
		"idle": "medium", "outside_networks": "high", "unsupported_systems": "high", "old_browsers": "medium", "old_apps": "medium",
		"too_many_sessions": "low", "service_accounts": "medium", "deleted_users": "high", "silent_clients": "medium",
		"deactivated_users": "high", "administrators_outside_networks": "critical", "administrators_idle": "high", "bots_on_browsers": "critical",
		"unreadable_addresses": "low", "unreported_names": "medium", "expired_waivers": "medium", "unused_waivers": "low",
	}
}

// readsUsers tells which rules need to know more of users than a session has.
func readsUsers(rule string) bool {
	return slices.Contains([]string{"deactivated_users", "administrators_outside_networks", "administrators_idle", "bots_on_browsers"}, rule)
}

// aboutSettings tells which rules find no sessions, but settings.
func aboutSettings(rule string) bool {
	return rule == "unreported_names" || strings.HasSuffix(rule, "_waivers")
}

// On a thousand odd sessions, each rule finds exactly those that it is about.
func TestBaselineFindsOffenders(t *testing.T) {
	t.Parallel()
	now := time.Now()
	rows := oddSessions(t, now)
	want := offenders(rows, now)
	for rule, found := range want {
		if len(found) == 0 || len(found) == oddNumber() {
			t.Errorf("%s: the rule tells nobody from the others: %d of %d", rule, len(found), oddNumber())
		}
	}
	w := oddWorkspace(t, rows)
	withFirst(t, func(t *testing.T, c commandLine) {
		got := baseline(t, c, office+"  fail_on = \"none\"", "findings", "summary", "session_ids").on(w).report(t)
		byRule := map[string][]string{}
		for _, f := range got.Findings.Value {
			byRule[f.Rule] = append(byRule[f.Rule], f.SessionID+" "+f.UserID+" "+f.Username+" "+f.Detail)
			if f.Severity != ruleSeverities()[f.Rule] || f.Waived || f.Reason != "" {
				t.Errorf("a finding of severity %q, waived %t: %+v", f.Severity, f.Waived, f)
			}
		}
		for rule, found := range want {
			slices.Sort(byRule[rule])
			expected := sortedTexts(found, func(r rocketchattest.Session) string {
				return r.SessionID.Value + " " + r.UserID.Value + " " + r.User.Value.Username.Value + " " + describedByModule(r)
			})
			if diff := cmp.Diff(expected, byRule[rule]); diff != "" {
				t.Errorf("%s finds others (-want +got):\n%s", rule, diff)
			}
			if diff := cmp.Diff(ruleState{Effect: "warns", Open: len(found), Listed: len(found)}, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
		if len(byRule) != len(want) || len(got.Summary.Value) != len(ruleSeverities()) || len(got.SessionIDs.Value) > 0 {
			t.Errorf("findings of %d rules, want %d; a summary of %d; %d to log out",
				len(byRule), len(want), len(got.Summary.Value), len(got.SessionIDs.Value))
		}
	})
}

// unitTested is what the policy of terraform-test says where the rules find these.
func unitTested(found map[string][]rocketchattest.Session) diagnostic {
	return stops(precondition,
		fmt.Sprintf("Sessions of deleted users: %d", len(found["deleted_users"])),
		fmt.Sprintf("Sessions from outside the networks: %d", len(found["outside_networks"])),
	)
}

// The rules that read users find exactly those of the users that they are about.
func TestBaselineFindsOffendersByUser(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := where(oddSessions(t, now), func(r rocketchattest.Session) bool { return deleted(r) || r.UserID.Value != "" })
	users, known := directoryOf(rows)
	is := func(check func(rocketchattest.DirectoryUser) bool) func(rocketchattest.Session) bool {
		return func(r rocketchattest.Session) bool { return !deleted(r) && check(known[r.UserID.Value]) }
	}
	admin := is(func(u rocketchattest.DirectoryUser) bool {
		return slices.Contains(u.Roles.Value, rocketchattest.RoleAdmin)
	})
	bot := is(func(u rocketchattest.DirectoryUser) bool { return u.Type.Value == "bot" })
	want := map[string][]rocketchattest.Session{
		"deactivated_users":               where(rows, is(func(u rocketchattest.DirectoryUser) bool { return !u.Active.Value })),
		"administrators_outside_networks": where(rows, func(r rocketchattest.Session) bool { return admin(r) && outside(r) }),
		"administrators_idle":             where(rows, func(r rocketchattest.Session) bool { return admin(r) && idleFor(now, day)(r) }),
		"bots_on_browsers":                where(rows, func(r rocketchattest.Session) bool { return bot(r) && inBrowser(r) }),
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, Users: users, RateLimit: rocketchattest.RateLimit{Off: true}})
	withFirst(t, func(t *testing.T, c commandLine) {
		arguments := strings.Replace(office, "read_users       = false", "", 1) + "  fail_on = \"none\""
		got := baseline(t, c, arguments, "findings", "summary").on(w).report(t)
		byRule := map[string][]string{}
		for _, f := range got.Findings.Value {
			byRule[f.Rule] = append(byRule[f.Rule], f.Detail)
		}
		for rule, found := range want {
			if len(found) == 0 || len(found) == len(rows) {
				t.Errorf("%s: the rule tells nobody from the others: %d of %d", rule, len(found), len(rows))
			}
			slices.Sort(byRule[rule])
			if diff := cmp.Diff(sortedTexts(found, describedByModule), byRule[rule]); diff != "" {
				t.Errorf("%s finds others (-want +got):\n%s", rule, diff)
			}
			if diff := cmp.Diff(ruleState{Effect: "warns", Open: len(found), Listed: len(found)}, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
	})
}

// directoryOf are the users of sessions, in turn administrators, bots,
// deactivated, and none of that.
func directoryOf(rows []rocketchattest.Session) (users []rocketchattest.DirectoryUser, byID map[string]rocketchattest.DirectoryUser) {
	byID = map[string]rocketchattest.DirectoryUser{}
	for _, r := range rows {
		id := r.UserID.Value
		if _, known := byID[id]; known || deleted(r) {
			continue
		}
		kind, roles := "user", []string{rocketchattest.RoleUser}
		switch len(users) % 4 {
		case 0:
			roles = append(roles, rocketchattest.RoleAdmin)
		case 1:
			kind, roles = "bot", []string{rocketchattest.RoleBot}
		}
		byID[id] = rocketchattest.DirectoryUser{
			ID: id, Username: rocketchattest.Some("user-" + id), Name: r.User.Value.Name, Type: rocketchattest.Some(kind),
			Active: rocketchattest.Some(len(users)%4 != 2), Roles: rocketchattest.Some(roles),
		}
		users = append(users, byID[id])
	}
	return users, byID
}

// subject finds what a finding's message begins with.
func subject() *regexp.Regexp { return regexp.MustCompile(`\((\w+), (\w+)\): (\d+)`) }

// Whatever stops is an error, and whatever is less severe a warning; a plan file
// is left either way, with all rules in it.
func TestBaselineStopsAndWarns(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := oddSessions(t, now)[:fewRows]
	w, found := oddWorkspace(t, rows), offenders(rows, now)
	levels := []string{"low", "medium", "high", "critical", "none"}
	withFirst(t, func(t *testing.T, c commandLine) {
		for _, failOn := range []string{"low", "high", "none"} {
			t.Run(failOn, func(t *testing.T) {
				t.Parallel()
				configured := baseline(t, c, office+"  fail_on = \""+failOn+"\"\n  warn_on = \"medium\"").on(w)
				want, wantStatus := map[string]string{}, 0
				for rule, sessions := range found {
					severity := ruleSeverities()[rule]
					key := fmt.Sprintf("%s %s %d", rule, severity, len(sessions))
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
					t.Errorf("status %d, want %d; it says something else (-want +got):\n%s", status, wantStatus, diff)
				}
				checkRules(t, configured, failOn)
			})
		}
	})
}

// checkRules looks for each rule, once, in the checks of a plan file.
func checkRules(t *testing.T, configured configuration, failOn string) {
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
	got := map[string]string{}
	for _, check := range shown.Checks {
		for _, instance := range check.Instances {
			if parts := regexp.MustCompile(`module\.(gate|warning)\["(\w+)"\]`).FindStringSubmatch(instance.Address.Display); parts != nil {
				got[parts[2]] += parts[1] + " " + instance.Status
			}
		}
	}
	want := map[string]string{}
	for rule, severity := range ruleSeverities() {
		status := "fail"
		if readsUsers(rule) {
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
func TestBaselineWaives(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := oddSessions(t, now)[:fewRows]
	w := oddWorkspace(t, rows)
	waived := regexp.MustCompile(`^(?:user\.[0-4].*|ODD\..*)$`)
	withFirst(t, func(t *testing.T, c commandLine) {
		waivers := fmt.Sprintf(`  waivers = [
    { rule = "outside_networks", user = "user\\.[0-4].*|ODD\\..*", reason = "moving", expires = %q },
    { rule = "deleted_users", user = ".*", reason = "they have no name", expires = %q },
    { rule = "idle", user = "user\\..*", reason = "over", expires = %q },
  ]`, now.UTC().Format(time.DateOnly), now.UTC().Add(day).Format(time.DateOnly), now.UTC().Add(-day).Format(time.DateOnly))
		got := baseline(t, c, office+"  fail_on = \"none\"\n  severities = { idle = \"low\" }\n"+waivers, "findings", "summary").on(w).report(t)
		var ids, want []string
		for _, f := range got.Findings.Value {
			if f.Waived {
				ids = append(ids, f.Rule+" "+f.SessionID)
			}
		}
		for _, r := range where(rows, outside) {
			if name := r.User.Value.Username.Value; waived.MatchString(name) || strings.HasPrefix(name, "odd.") {
				want = append(want, "outside_networks "+r.SessionID.Value)
			}
		}
		slices.Sort(ids)
		slices.Sort(want)
		if diff := cmp.Diff(want, ids); diff != "" || len(want) == 0 {
			t.Errorf("others are waived (-want +got):\n%s", diff)
		}
		all := offenders(rows, now)
		states := map[string]ruleState{
			"outside_networks": {
				Effect: "warns", Open: len(all["outside_networks"]) - len(want), Waived: len(want), Listed: len(all["outside_networks"]),
			},
			"idle":            {Effect: "warns", Open: len(all["idle"]), Listed: len(all["idle"])},
			"expired_waivers": {Effect: "warns", Open: 1, Listed: 1},
			"unused_waivers":  {Effect: "warns", Open: 1, Listed: 1},
		}
		for rule, state := range states {
			if diff := cmp.Diff(state, got.Summary.Value[rule]); diff != "" {
				t.Errorf("the summary of %s (-want +got):\n%s", rule, diff)
			}
		}
	})
}

// Service accounts are known by type, role, ID or name.
func TestBaselineKnowsServiceAccounts(t *testing.T) {
	t.Parallel()
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
		text += fmt.Sprintf("module %q {\n  source = \"../../modules/session-baseline\"\n  fail_on = \"none\"\n"+
			"  service_accounts = { %s, sessions = 2 }\n}\noutput %q {\n  value = module.%s.summary.service_accounts.open\n}\n", name, accounts, name, name)
	}
	withEach(t, func(t *testing.T, c commandLine) {
		configured := configuration{commandLine: c, folder: filepath.Join(copyExamples(t), "policies", "baseline")}.on(w)
		configured.initialize(t, text)
		if diff := cmp.Diff(want, configured.outputs(t)); diff != "" {
			t.Errorf("other sessions (-want +got):\n%s", diff)
		}
	})
}

// What stops is what is logged out.
func TestBaselineSaysWhomToLogOut(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := unlawful(now)
	w := newWorkspace(t, rows)
	withFirst(t, func(t *testing.T, c commandLine) {
		expires := now.UTC().Add(day).Format(time.DateOnly)
		arguments := office + `  severities = { idle = "critical" }
  disabled   = ["outside_networks"]
  waivers    = [{ rule = "unsupported_systems", session_id = "sessionSeven", reason = "kiosk", expires = "` + expires + "\" }]"
		configured := baseline(t, c, arguments, "session_ids").on(w)
		status, _ := configured.plan(t, "-out=baseline.tfplan")
		if status != 1 {
			t.Errorf("status is %d, want 1", status)
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

// Each rule of the module can be switched off, and none that does not exist:
// the ids in the validations are those of the rules.
func TestBaselineKnowsItsRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(examplesRoot, "modules", "session-baseline", "variables.tf"))
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Sorted(maps.Keys(ruleSeverities()))
	lists := regexp.MustCompile(`split\(" ", "([^"]+)"\)`).FindAllStringSubmatch(string(text), -1)
	if len(lists) != 3 {
		t.Fatalf("there are %d lists of ids, want 3", len(lists))
	}
	for i, list := range lists {
		got, want := strings.Fields(list[1]), all
		if i == 2 {
			want = slices.DeleteFunc(slices.Clone(all), aboutSettings)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("list %d has other rules (-want +got):\n%s", i+1, diff)
		}
	}
}
