// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// mistake is one that people make in the arguments of the module, and a part of what it says.
type mistake struct{ arguments, says string }

// mistakesInSettings are refused before anything is read.
func mistakesInSettings() []mistake {
	const (
		network, name, version = "Each network must be in CIDR notation", "Each key must be a name", "version above 0 in quotes"
		dated                  = "The keys of a value are version and released"
		rule, severity         = "must be the ID of a rule", "must be low, medium, high"
		days, role, accounts   = "a whole number of days from 1 to 45", "No role may be empty", "must be a list of texts"
	)
	return []mistake{
		{`networks = []`, "The list must contain a network"},
		{`networks = ["10.0.0.1"]`, network},
		{`networks = [" 10.0.0.0/8"]`, network},
		{`networks = ["10.0.0.1/8"]`, network},
		{`networks = ["2001:db8::1/32"]`, network},
		{`networks = [null]`, network},
		{`disabled = ["idel"]`, rule},
		{`disabled = [null]`, rule},
		{`severities = { idel = "low" }`, rule},
		{`severities = { idle = "High" }`, severity},
		{`severities = { idle = null }`, severity},
		{`fail_on = "severe"`, severity},
		{`warn_on = "High"`, severity},
		{`idle_days = 90`, days},
		{`administrators_idle_days = 0.5`, days},
		{`administrators = []`, "The list must contain a role"},
		{`administrators = [""]`, role},
		{`administrators = ["admin\n"]`, role},
		{`administrators = [null]`, role},
		{`old_apps = { "RC Mobile" = 4.50 }`, version},
		{`old_browsers = { Chrome = 140, Firefox = "140" }`, version},
		{`old_browsers = { Chrome = "<140" }`, version},
		{`old_browsers = { Chrome = "140 " }`, version},
		{`old_browsers = { Chrome = null }`, version},
		{`old_browsers = { Chrome = { version = 140, released = "2025-09-02" } }`, version},
		{`old_browsers = { Chrome = { released = "2025-09-02" } }`, version},
		{`old_browsers = { Chrome = { version = "140" } }`, dated},
		{`old_browsers = { Chrome = { version = "140", released = "2025-02-30" } }`, dated},
		{`old_apps = { "RC Mobile" = { version = "4.50", released = "July 2024" } }`, dated},
		{`unsupported_systems = { Windows = { version = "10", relased = "2015-07-29" } }`, dated},
		{`version_months = { browsers = 12 }`, "The keys are unsupported_systems, old_browsers and old_apps"},
		{`version_months = { old_browsers = 0 }`, "a whole number of months"},
		{`version_months = { old_browsers = null }`, "a whole number of months"},
		{`unsupported_systems = { Windows = 10 }`, version},
		{`unsupported_systems = { Windows = "0.0" }`, version},
		{`unsupported_systems = ["Windows"]`, name},
		{`unsupported_systems = { "Windows " = "10" }`, name},
		{`old_browsers = { Chrome = "140", chrome = "150" }`, name},
		{`old_browsers = { "" = "140" }`, name},
		{`service_accounts = { username = "^svc-", session = 3 }`, "whose keys are sessions and"},
		{`service_accounts = { sessions = 3 }`, "must have one of"},
		{`service_accounts = { user_types = ["bot"], username = "^svc-", sessions = 3 }`, "must have one of"},
		{`service_accounts = { username = "^svc-\n", sessions = 3 }`, "The username must be a regular expression"},
		{`service_accounts = { username = "svc(", sessions = 3 }`, "The username must be a regular expression"},
		{`service_accounts = { user_types = "bot", sessions = 3 }`, accounts},
		{`service_accounts = { user_ids = [], sessions = 3 }`, accounts},
		{`service_accounts = { user_types = ["bot"] }`, "The sessions must be a whole number"},
		{`service_accounts = { user_types = ["bot"], sessions = null }`, "The sessions must be a whole number"},
		{`listed = 0`, "1 or more"},
		{`sessions_per_user = -1`, "0 or more"},
		{`now = "2026-03-31"`, "a time in RFC 3339"},
	}
}

// mistakesInWaivers are refused before anything is read, too.
func mistakesInWaivers() []mistake {
	const user, ids = "The user of each waiver must be a regular expression", "The user_ids of each waiver must be a list"
	var mistakes []mistake
	for what, says := range map[string]string{
		`sesion_id = "x", user = "alice"`:             "Other keys: sesion_id in waiver 1.",
		`users = ["alice"], user = "alice"`:           "Other keys: users in waiver 1.",
		`username = "alice"`:                          "Other keys: username in waiver 1.",
		`reason = "no one"`:                           "Each waiver must have one of user_ids, user and session_id.",
		`user = null`:                                 "Each waiver must have one of user_ids, user and session_id.",
		`user = "alice", session_id = "x"`:            "Each waiver must have one of user_ids, user and session_id.",
		`user = "x)|(?:"`:                             user,
		`user = "x)|(.*"`:                             user,
		`user = ""`:                                   user,
		`user = "alice|"`:                             user,
		`user = "(${join("|", [])})"`:                 user,
		`user = "(?i)(|alice)"`:                       user,
		`user = "x*"`:                                 user,
		`user = "alice\n"`:                            user,
		`user = " alice"`:                             user,
		`user = "alice\\"`:                            user,
		`user = "\\Qalice"`:                           user,
		`user = ["alice"]`:                            user,
		`user_ids = "uAlice"`:                         ids,
		`user_ids = [null]`:                           ids,
		`user_ids = ["uAlice\n"]`:                     ids,
		`session_id = ""`:                             "The session_id of each waiver must not be empty",
		`session_id = "sAlice "`:                      "The session_id of each waiver must not be empty",
		`user = "alice", reason = " "`:                "Each waiver must have a reason.",
		`user = "alice", reason = null`:               "Each waiver must have a reason.",
		`user = "alice", expires = "2027-02-30"`:      "must be a date",
		`user = "alice", expires = "31.12.2027"`:      "must be a date",
		`user = "alice", expires = 2027-12-31`:        "must be a date",
		`user = "alice", rule = "idel"`:               "The rule of each waiver",
		`user = "alice", rule = "unused_waivers"`:     "The rule of each waiver",
		`user = "alice", rule = null, expires = null`: "The rule of each waiver",
	} {
		for key, value := range map[string]string{"rule": `"idle"`, "reason": `"on leave"`, "expires": `"2027-12-31"`} {
			if !strings.Contains(what, key+" = ") {
				what += ", " + key + " = " + value
			}
		}
		mistakes = append(mistakes, mistake{"waivers = [{ " + what + " }]", says})
	}
	return append(mistakes,
		mistake{`waivers = [null]`, "one waiver is not an object"},
		mistake{`waivers = ["idle"]`, "one waiver is not an object"},
		mistake{`waivers = { rule = "idle", user = "alice", reason = "test", expires = "2027-12-31" }`, "The value must be a list of waivers."},
		mistake{`waivers = [{ rule = "idle", user = "alice", expires = "2027-12-31" }]`, "Each waiver must have a reason."},
		mistake{`waivers = [{ rule = "idle", user = "alice", reason = "test" }]`, "must be a date"},
	)
}

// Each mistake in the arguments of the module is an error of validate, at its argument.
func TestBaseline_refusesMistakes(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	mistakes := slices.Concat(mistakesInSettings(), mistakesInWaivers(), mistakesInRules())
	withEach(t, func(t *testing.T, c cli) {
		text, lines := callModule(mistakes)
		var response struct {
			Diagnostics []struct {
				diagnostic
				Range struct {
					Filename string
					Start    struct{ Line int }
				}
			}
		}
		decode(t, written(t, c, text).run(t, "validate", "-json").stdout, &response)
		said := make([]string, len(mistakes))
		for _, d := range response.Diagnostics {
			i, known := lines[d.Range.Start.Line]
			if !known || d.Range.Filename != "main.tf" || d.Severity != "error" {
				t.Errorf("it says of no mistake: %+v", d)
				continue
			}
			said[i] += d.Summary + ": " + d.Detail + "\n"
		}
		for i, m := range mistakes {
			if !strings.Contains(said[i], m.says) {
				t.Errorf("%s: want %q, but it says %q", m.arguments, m.says, said[i])
			}
		}
	})
}

// What only the workspace can tell to be a mistake is a finding, or an error of the plan.
func TestBaseline_findsMistakes(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	w := serve(t, rocketchattest.Options{Sessions: lawful(now), Users: lawfulUsers(now), RateLimit: rocketchattest.RateLimit{Off: true}})
	tomorrow := now.UTC().Add(day).Format(time.DateOnly)
	waiver := func(what string) string {
		return `waivers = [{ rule = "idle", reason = "test", ` + what + `, expires = "` + tomorrow + `" }]`
	}
	mistakes := []mistake{
		{`old_browsers = { "Google Chrome" = "140" }`, `no client reports the name "Google Chrome" in old_browsers`},
		{`unsupported_systems = { "Microsoft Windows" = "10" }`, `no client reports the name "Microsoft Windows" in unsupported_systems`},
		{`unsupported_systems = { Firefox = "10" }`, `no client reports the name "Firefox" in unsupported_systems`},
		{`old_apps = { "Rocket.Chat Desktop" = "4.0" }`, `no client reports the name "Rocket.Chat Desktop" in old_apps`},
		{`old_browsers = { Edge = "140" }` + "\n  " + `version_months = { old_browsers = 12 }`, "Edge 140 in old_browsers has no date of release, so its age is unknown"},
		{waiver(`user = "@alice.lawful"`), "waiver 1 of idle, for users matching @alice.lawful, until " + tomorrow + ", waives nothing: test"},
		{waiver(`user = "alice"`), "waiver 1 of idle, for users matching alice, until"},
		{waiver(`user_ids = ["alice.lawful"]`), "waiver 1 of idle, for 1 users, until"},
		{waiver(`user_ids = []`), "waiver 1 of idle, for 0 users, until"},
		{waiver(`session_id = "id-of-alice.lawful"`), "waiver 1 of idle, for the session id-of-alice.lawful, until"},
		{strings.Replace(waiver(`user = "bob"`), tomorrow, "2024-12-31", 1), "waiver 1 of idle, for users matching bob, expired on 2024-12-31: test"},
	}
	// Where one of these is wrong, there are no findings.
	stopping := []mistake{
		{`service_accounts = { user_types = ["bots"], sessions = 3 }`, `"bots"`},
		{"service_accounts = { user_types = [\"bot\"], sessions = 3 }\n  read_users = false", "so read_users must be true"},
		{`administrators = ["admins"]`, "admins"},
		{`disabled = ["custom_a"]`, "No rule in rules has the ID custom_a, in disabled, severities or waivers"},
		{`severities = { custom_b = "low" }`, "No rule in rules has the ID custom_b, in disabled, severities or waivers"},
		{strings.Replace(waiver(`user = "bob"`), "idle", "custom_c", 1), "No rule in rules has the ID custom_c, in disabled, severities or waivers"},
	}
	text, _ := callModule(mistakes)
	for i, m := range stopping {
		text += called(fmt.Sprint("stopping", i), m.arguments)
	}
	var all strings.Builder
	_, said := written(t, first(t), text).on(w).plan(t)
	for _, d := range said {
		all.WriteString(d.Summary + ": " + d.Detail + "\n")
	}
	for _, m := range slices.Concat(mistakes, stopping) {
		says(t, all.String(), m.says)
	}
}

// callModule calls the module with all mistakes, and returns the line of each. A call has one mistake in each
// argument at most, because calls are what takes the CLI long.
func callModule(mistakes []mistake) (text string, lines map[int]int) {
	text, lines = preamble, map[int]int{}
	var calls [][]int
	for i, m := range mistakes {
		argument, _, _ := strings.Cut(m.arguments, " = ")
		free := slices.IndexFunc(calls, func(call []int) bool {
			return !slices.ContainsFunc(call, func(other int) bool { return strings.HasPrefix(mistakes[other].arguments, argument+" = ") })
		})
		if free < 0 {
			free, calls = len(calls), append(calls, nil)
		}
		calls[free] = append(calls[free], i)
	}
	for number, call := range calls {
		text += fmt.Sprintf("module \"m%d\" {\n  source = \"../session-baseline\"\n", number)
		for _, i := range call {
			lines[strings.Count(text, "\n")+1] = i
			text += "  " + mistakes[i].arguments + "\n"
		}
		text += "}\n"
	}
	return text, lines
}
