// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// oddWorkspace has the odd sessions, and more pages than a minute's calls.
func oddWorkspace(t *testing.T, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
}

// What each example says of the odd sessions is in testdata, each row to be judged by eye. A second implementation of
// the rules agreed on the numbers.
func TestOdd_sessions(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := oddSessions(t, now)
	w, c := oddWorkspace(t, rows), first(t)
	// These are planned elsewhere, or with other rows: every device is new, and some odd sessions have users of whom
	// nobody knows the roles.
	elsewhere := slices.Concat(remediations(), policiesByUser(), policiesBySettings(),
		[]string{"account-check", "demo", "policies/conftest", "policies/new-devices", severalWorkspaces})
	here := slices.DeleteFunc(folders(t), func(folder string) bool { return slices.Contains(elsewhere, folder) })
	for _, folder := range here {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			skipWithout(t, c, folder)
			prepare(t, c, folder).on(w).planIs(t, now, "odd/"+folder)
		})
	}
	t.Run("number of the account's check", func(t *testing.T) {
		t.Parallel()
		prepared, stored := prepare(t, c, "account-check").on(w), map[string]any{}
		prepared.planned(t, &stored)
		same(t, "the plan prints something else", map[string]any{"sessions": float64(oddNumber)}, stored)
		if text := prepared.must(t, "show", "-json", "sessions.tfplan"); strings.Contains(text, rows[2].User.Value.Username.Value) {
			t.Errorf("the plan contains sessions:\n%s", text)
		}
	})
	t.Run("table of the demo", func(t *testing.T) {
		t.Parallel()
		var printed struct{ Table string }
		prepare(t, c, "demo").on(w).outputs(t, &printed)
		head, table, _ := strings.Cut(printed.Table, "\n")
		const columns = "USER           BROWSER            SYSTEM          ADDRESS          LAST CONNECTED"
		if lines := strings.Count(table, "\n") + 1; lines != oddNumber || head != columns {
			t.Errorf("%d lines below %q", lines, head)
		}
		for _, want := range []string{
			"odd.chrome     CHROME 99.0        -               10.11.12.13      " + asSent(rows[2].LoginAt.Value),
			"odd.system     Firefox 148.0      Windows 8.1     10.11.12.13      " + asSent(rows[12].LoginAt.Value),
			"(deleted user) Chrome 9.0         -               -                -",
			"svc-mail       -                  -               -                -",
		} {
			if !strings.Contains("\n"+table+"\n", "\n"+want+"\n") {
				t.Errorf("the table lacks %q:\n%s", want, table)
			}
		}
	})
	t.Run("who is logged out", func(t *testing.T) {
		t.Parallel()
		skipWithout(t, c, "policies/gate")
		checkRemediation(t, now, c, w)
	})
	t.Run("who would be logged out", func(t *testing.T) {
		t.Parallel()
		skipWithout(t, c, "policies/remediation-resource")
		checkTooMany(t, now, prepare(t, c, "policies/remediation-resource").on(w))
	})
}

// checkRemediation plans remediation without its action, which few command
// lines have, and looks at what would be handed to it.
func checkRemediation(t *testing.T, now time.Time, c cli, w *workspace) {
	t.Helper()
	prepared := written(t, c, withoutActions(t, readFile(t, examplesRoot+"/policies/remediation/main.tf"))).on(w)
	checkTooMany(t, now, prepared)
	all := []string{"-var=beyond_per_user=2", "-var=max_logouts=1000"}
	var got struct {
		LoggedOut map[string]string `json:"logged_out"`
	}
	prepared.outputs(t, &got, all...)
	want := "110: 3 6 10 11 12 13 14 20 21 22 23 24 25 26 27 28 31 32 33 34 35 36"
	if tellsCurrent() {
		want = "111: 3 6 10 11 12 13 14 20 21 22 23 24 25 26 27 28 31 32 33 34 35 36 39"
	}
	same(t, "others are logged out", want, rowsAmong(slices.Collect(maps.Keys(got.LoggedOut))))
	// None was really logged out, so all are still listed, and tried again.
	prepared.run(t, append([]string{"plan", "-input=false", plain, "-detailed-exitcode"}, all...)...).ends(t, 2)
}

// checkTooMany expects a remediation to name those whom it would log out above its cap.
func checkTooMany(t *testing.T, now time.Time, prepared configuration) {
	t.Helper()
	prepared.planIs(t, now, "odd/too-many"+byRelease())
	prepared.planIs(t, now, "odd/too-many-beyond-two"+byRelease(), "-var=beyond_per_user=2")
}

// tellsCurrent reports whether the simulated release says which session is the token's own.
func tellsCurrent() bool { return clitest.Release() != "" && clitest.Release().MarksCurrent() }

// byRelease ends the names of files of testdata that differ in that: before 8.7, nothing identifies the account's own
// session, and all of it are left out.
func byRelease() string {
	if tellsCurrent() {
		return "-current"
	}
	return ""
}

// withoutActions takes actions, their triggers and the required version out of
// a configuration.
func withoutActions(t *testing.T, text string) string {
	t.Helper()
	parsed := parseHCL(t, "main.tf", text)
	var cut []hcl.Range
	var walk func(body *hclsyntax.Body)
	walk = func(body *hclsyntax.Body) {
		if version, ok := body.Attributes["required_version"]; ok {
			cut = append(cut, version.Range())
		}
		for _, block := range body.Blocks {
			if block.Type == "action" || block.Type == "action_trigger" {
				cut = append(cut, hcl.RangeBetween(block.TypeRange, block.CloseBraceRange))
				continue
			}
			walk(block.Body)
		}
	}
	walk(parsed)
	slices.SortFunc(cut, func(a, b hcl.Range) int { return b.Start.Byte - a.Start.Byte })
	for _, r := range cut {
		text = text[:r.Start.Byte] + text[r.End.Byte:]
	}
	return text
}

func parseHCL(t *testing.T, name, text string) *hclsyntax.Body {
	t.Helper()
	parsed, diags := hclsyntax.ParseConfig([]byte(text), name, hcl.InitialPos)
	body, ok := parsed.Body.(*hclsyntax.Body)
	if diags.HasErrors() || !ok {
		t.Fatal(diags)
	}
	return body
}

const day = 24 * time.Hour

// oddNumber is how many odd sessions there are.
const oddNumber = 300

// oddSessions are [oddNumber] rows of every shape that a workspace lists: the
// synthetic ones, and some that hit a rule of the examples. None connected
// within an hour of a bound of the rules, so that the time which a test takes
// does not matter.
func oddSessions(t *testing.T, now time.Time) []rocketchattest.Session {
	t.Helper()
	rows := handmadeRows(now)
	for _, row := range rocketchattest.SyntheticSessions(oddNumber+200, 15, now) {
		nearABound := slices.ContainsFunc([]time.Duration{7 * day, 30 * day}, func(bound time.Duration) bool {
			return now.Add(-bound).Sub(row.LoginAt.Value).Abs() < time.Hour
		})
		if len(rows) < oddNumber && !nearABound {
			rows = append(rows, row)
		}
	}
	if len(rows) != oddNumber {
		t.Fatalf("there are %d rows, want %d", len(rows), oddNumber)
	}
	return rows
}

// handmadeRows are shapes that the synthetic rows lack, and service accounts.
func handmadeRows(now time.Time) []rocketchattest.Session {
	type row = *rocketchattest.Session
	text, null, none := rocketchattest.Some[string], rocketchattest.NullOf[string], rocketchattest.None[string]
	device := func(d rocketchattest.Device) func(row) {
		return func(r row) { r.Device = rocketchattest.Some(d) }
	}
	user := func(u rocketchattest.Optional[rocketchattest.User]) func(row) {
		return func(r row) { r.User = u }
	}
	system := func(os rocketchattest.OS) func(row) {
		return func(r row) { r.Device.Value.OS = rocketchattest.Some(os) }
	}
	var rows []rocketchattest.Session
	add := func(username string, change ...func(row)) {
		number := len(rows) + 1
		at := now.Add(-time.Duration(number) * time.Minute).Truncate(time.Millisecond)
		rows = append(rows, session(handmadeID(number), username, at, change...))
	}
	add("odd.chrome", device(rocketchattest.Device{Name: text("Chrome")}))
	add("odd.chrome", device(rocketchattest.Device{Name: text("Chrome"), Version: null()}))
	add(
		"odd.chrome",
		device(rocketchattest.Device{Name: text("CHROME"), Version: text("99.0"), OS: rocketchattest.NullOf[rocketchattest.OS]()}),
	)
	add("odd.firefox", device(rocketchattest.Device{Name: text("Firefox"), Version: text("112")}))
	add("odd.firefox", device(rocketchattest.Device{Name: text("Firefox"), Version: text("1120.1")}))
	add("gone.chrome", without, device(rocketchattest.Device{Name: text("Chrome"), Version: text("9.0")}))
	add("odd.device", device(rocketchattest.Device{}))
	add("odd.system", system(rocketchattest.OS{}))
	add("odd.system", system(rocketchattest.OS{Name: null(), Version: text("7")}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: null()}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: text("")}))
	add("odd.system", system(rocketchattest.OS{Name: text("WINDOWS"), Version: text("xp")}))
	add("odd.system", system(rocketchattest.OS{Name: text("Windows"), Version: text("8.1")}))
	add("", user(rocketchattest.NullOf[rocketchattest.User]()))
	add("", user(rocketchattest.Some(rocketchattest.User{Name: text("Known by name alone")})))
	add("", user(rocketchattest.Some(rocketchattest.User{Username: text("")})), func(r row) { r.UserID = none() })
	add("", without, func(r row) { r.UserID, r.SessionID, r.ID = null(), none(), none() })
	for _, ip := range []string{
		"10.0.0.1, 203.0.113.2", "10.0.0.1, 198.51.100.2", "10.0.0.1 10.0.0.2", "10.0.0.1:51234", "[2001:db8::1]:51234", "[2001:db9::1]:51234",
		"::FFFF:10.0.0.1", "unknown", "10.0.0.1, unknown", "fe80::1%eth0", ",",
	} {
		add("odd.address", from(ip))
	}
	for _, ip := range []string{"10.11.12.1", "10.11.12.2", "10.11.12.3", "10.11.12.4", "203.0.113.5"} {
		add("svc-backup", from(ip))
	}
	add("svc-backup", func(r row) { r.LoginAt = rocketchattest.None[time.Time]() })
	add("svc-mail", without, user(rocketchattest.Some(rocketchattest.User{Username: text("svc-mail")})))
	add("gone.bare", without)
	for _, ip := range []string{"10.0.0.1", "198.51.100.1", ""} {
		add("", from(ip), func(r row) { r.UserID = text(ownUserID()) })
	}
	rows[len(rows)-1].Device = rocketchattest.None[rocketchattest.Device]()
	rows[len(rows)-1].LoginAt = rocketchattest.Some(now.Add(-40 * day).Truncate(time.Millisecond))
	return rows
}

// ownUserID is whose token the tests use.
func ownUserID() string {
	return rocketchattest.New(rocketchattest.Options{}).Account("totp").UserID
}

func deleted(r rocketchattest.Session) bool { return r.User.State != rocketchattest.Present }

// ofUsersWithID are the rows without those of users whose roles nobody can know.
func ofUsersWithID(rows []rocketchattest.Session) []rocketchattest.Session {
	return slices.DeleteFunc(rows, func(r rocketchattest.Session) bool { return !deleted(r) && r.UserID.Value == "" })
}

func handmadeID(number int) string { return fmt.Sprintf("handmade%09d", number) }

// rowsAmong is how many sessions a rule finds, and which handmade rows, by number, are among them.
func rowsAmong(ids []string) string {
	text := fmt.Sprint(len(ids), ":")
	for number := range 40 {
		if slices.Contains(ids, handmadeID(number)) {
			text += fmt.Sprint(" ", number)
		}
	}
	return text
}
