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

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// wrong is what somebody writes who means something else, so that a rule passes
// although sessions break it.
type wrong struct {
	arguments string
	// severity, and a part of what the provider says.
	severity, said string
}

// provable are mistakes in the arguments of all lists of sessions that validate finds
// without a workspace. Texts contain %s where one that is known later begins.
func provable() map[string]wrong {
	const blank, everybody, nobody = "begins or ends the expression or an alternative", "has an empty alternative", "No session can match"
	return map[string]wrong{
		"match_from_a_file":        {`match = { device_name = "%s${file("line.txt")}" }`, "error", "contains a line break"},
		"match_from_windows":       {`match = { device_name = "%sfirefox\r\n" }`, "error", "chomp(file(…))"},
		"match_heredoc":            {"match = { device_name = <<-EOT\n    %sfirefox\n  EOT\n  }", "error", "`match[\"device_name\"]`"},
		"filter_heredoc":           {"filter = <<-EOT\n    %sfirefox\n  EOT", "error", "`filter` is"},
		"filter_with_a_tab":        {`filter = "%sfirefox\t"`, "error", blank},
		"match_with_a_space":       {`match = { device_name = "%s firefox" }`, "error", blank},
		"match_alternatives":       {`match = { device_name = "%sChrome | Firefox" }`, "error", blank},
		"match_lines":              {`match = { device_name = "%s^(${join("|", split("\n", file("crlf.txt")))})$" }`, "error", "contains a line break"},
		"match_mark":               {`match = { device_name = "%s\ufefffirefox" }`, "error", "invisible"},
		"exclude_from_a_file":      {`exclude = { device_name = "%s${file("line.txt")}" }`, "error", "`exclude[\"device_name\"]`"},
		"search_from_a_file":       {`search = "%s${file("line.txt")}"`, "error", "`search` is"},
		"search_with_a_space":      {`search = "%s firefox"`, "error", "trimspace"},
		"exclude_empty":            {`exclude = { device_name = "%s" }`, "error", everybody},
		"exclude_join_of_nothing":  {`exclude = { device_name = "%s${join("|", [])}" }`, "error", "length(x) == 0 ? null"},
		"exclude_group_of_nothing": {`exclude = { device_name = "%s(${join("|", [])})" }`, "error", everybody},
		"exclude_anchored_nothing": {`exclude = { device_name = "%s^(${join("|", [])})$" }`, "error", everybody},
		"exclude_cased_nothing":    {`exclude = { device_name = "%s(?i)^(${join("|", [])})$" }`, "error", everybody},
		"exclude_flags":            {`exclude = { device_name = "%s(?i)" }`, "error", everybody},
		"exclude_last_alternative": {`exclude = { device_name = "%sFirefox|" }`, "error", everybody},
		"exclude_lines":            {`exclude = { device_name = "%s^(${join("|", split("\n", file("line.txt")))})$" }`, "error", everybody},
		"exclude_caret":            {`exclude = { device_name = "%s^" }`, "error", "matches every text"},
		"exclude_star":             {`exclude = { device_name = "%s[a-z]*" }`, "error", "matches every text"},
		"match_and_exclude":        {`match = { os_name = "%s^win" }` + "\n" + `  exclude = { os_name = "%s^win" }`, "error", nobody},
		"match_and_exclude_all":    {`match = { os_name = "%s^win" }` + "\n" + `  exclude = { os_name = "%s.*" }`, "error", nobody},
		"network_as_expression":    {`match = { ip = "%s198.51.100.0/24" }`, "error", "`within_cidrs`"},
		"network_escaped":          {`match = { ip = "%s^198\\.51\\.100\\.0/24$" }`, "error", "`within_cidrs`"},
		"networks_as_expression":   {`exclude = { ip = "%s10.0.0.0/8|192.168.0.0/16" }`, "error", "`outside_cidrs`"},
		"within_inside_outside":    {`within_cidrs = ["%s10.1.0.0/16", "10.2.0.0/16"]` + "\n" + `  outside_cidrs = ["%s10.0.0.0/8"]`, "error", nobody},
		"within_nothing":           {`within_cidrs = toset("%s" == "" ? [] : ["10.0.0.0/8"])`, "error", nobody},
		"network_of_everybody":     {`outside_cidrs = ["%s10.0.0.0/0"]`, "error", "did you mean 10.0.0.0/8?"},
		"network_with_host":        {`outside_cidrs = ["%s10.1.2.3/8"]`, "error", "did you mean 10.0.0.0/8 or 10.1.2.3/32?"},
		"network_too_wide":         {`outside_cidrs = ["%s172.16.0.0/8"]`, "error", "did you mean 172.16.0.0/12 or"},
		"network_v6_with_host":     {`within_cidrs = ["%s2001:db8::1/32"]`, "error", "did you mean 2001:db8::/32 or"},
		"version_letter":           {`device_version_below = "%s15O"`, "error", "not a version"},
		"version_exponent":         {`device_version_below = "%s1e3"`, "error", "not a version"},
		"version_dash":             {`device_version_below = "%s113-"`, "error", "not a version"},
		"version_prefix":           {`os_version_below = "%sv10"`, "error", "not a version"},
		"version_zero":             {`device_version_below = "%s0"`, "error", "is lower"},
		"version_zeros":            {`os_version_below = "%s0.0"`, "error", "is lower"},
		"version_number_zero":      {`os_version_below = "%s" == "" ? 0 : 1`, "error", "is lower"},
		"version_of_every_client":  {`device_version_below = "%s113"`, "warning", "`device_name` in `match`"},
		"version_of_every_system":  {`os_version_below = "%s10"` + "\n" + `  match = { device_name = "Chrome" }`, "warning", "`os_name` in `match`"},
		"times_crossed":            {`logged_in_after = "%s2026-02-01T00:00:00Z"` + "\n" + `  logged_in_before = "%s2026-01-01T00:00:00Z"`, "error", nobody},
		"ages_crossed":             {`newer_than = "%s7d"` + "\n" + `  older_than = "%s30d"`, "error", nobody},
		"ages_equal":               {`newer_than = "%s24h"` + "\n" + `  older_than = "%s1d"`, "error", nobody},
	}
}

// misspelled are refused by validate, so that none reaches a workspace, where it would match everybody.
func misspelled() map[string]wrong {
	return map[string]wrong{
		"misspelled_match":   {`match = { user = "x" }`, "error", "`match` has no key \"user\"; did you mean `username`?"},
		"misspelled_exclude": {`exclude = { browser = "x" }`, "error", "`exclude` has no key \"browser\"; did you mean `device_name`?"},
		"misspelled_sort":    {`sort = ["-loginAt"]`, "error", `did you mean "-login_at"?`},
		"misspelled_timeout": {"timeouts {\n    raed = \"45s\"\n  }", "error", `"raed"`},
		"timeout_in_words":   {"timeouts {\n    read = \"soon\"\n  }", "error", "`timeouts.read`"},
	}
}

// provableOfUsers are those that name the users of sessions.
func provableOfUsers() map[string]wrong {
	const nobody = "No session can match"
	return map[string]wrong{
		"deleted_by_username": {`user_deleted = true` + "\n" + `  match = { username = "%s^svc-" }`, "error", nobody},
		"deleted_by_name":     {`user_deleted = true` + "\n" + `  match = { name = "%s.*" }`, "error", nobody},
		"deleted_by_role":     {`user_deleted = "%s" == ""` + "\n" + `  user_roles = ["admin"]`, "error", nobody},
		"svc_from_a_file":     {`exclude = { username = "%s${file("line.txt")}" }`, "error", "contains a line break"},
		"svc_or_nobody":       {`exclude = { username = "%ssvc-a|" }`, "error", "has an empty alternative"},
	}
}

// provableInUsers are those in the list of users.
func provableInUsers() map[string]wrong {
	const nobody = "No user can match"
	return map[string]wrong{
		"users_from_a_file":       {`match = { username = "%s${file("line.txt")}" }`, "error", "contains a line break"},
		"users_exclude_nothing":   {`exclude = { username = "%s${join("|", [])}" }`, "error", "has an empty alternative"},
		"users_match_and_exclude": {`match = { username = "%s^a" }` + "\n" + `  exclude = { username = "%s^a" }`, "error", nobody},
		"users_of_another_type":   {`types = ["%sbot"]` + "\n" + `  match = { type = "^user$" }`, "error", nobody},
		"users_of_no_type":        {`types = ["%sbot", "app"]` + "\n" + `  exclude = { type = "^(bot|app)$" }`, "error", nobody},
		"users_without_the_role":  {`roles = ["%sadmin"]` + "\n" + `  exclude = { role = "^admin$" }`, "error", nobody},
	}
}

// blocks writes a block for each mistake; later begins a text that is known later.
func blocks(kind, prefix, later string, mistakes map[string]wrong) string {
	var config strings.Builder
	for _, name := range slices.Sorted(maps.Keys(mistakes)) {
		fmt.Fprintf(&config, "%s %q {\n  %s\n}\n", kind, prefix+name, strings.ReplaceAll(mistakes[name].arguments, "%s", later))
	}
	return config.String()
}

// found are what a command says of each block.
func found(t *testing.T, output string) map[string][]diagnostic {
	t.Helper()
	type said struct {
		diagnostic
		Snippet struct{ Context *string }
	}
	var all []said
	if strings.HasPrefix(output, "{\n") { // validate
		var response struct{ Diagnostics []said }
		decode(t, output, &response)
		all = response.Diagnostics
	} else {
		for line := range strings.Lines(output) {
			var message struct{ Diagnostic *said }
			decode(t, line, &message)
			if message.Diagnostic != nil {
				all = append(all, *message.Diagnostic)
			}
		}
	}
	byBlock := map[string][]diagnostic{}
	for _, s := range all {
		name := "" // where Terraform opens an ephemeral resource, it does not say which
		if s.Snippet.Context != nil {
			quoted := strings.Split(*s.Snippet.Context, `"`)
			name = quoted[len(quoted)-2]
		}
		byBlock[name] = append(byBlock[name], s.diagnostic)
	}
	return byBlock
}

// mustBeFound expects each mistake to be said, and takes out what is said of them.
func mustBeFound(t *testing.T, prefix string, mistakes map[string]wrong, said map[string][]diagnostic) {
	t.Helper()
	is := func(m wrong) func(diagnostic) bool {
		return func(d diagnostic) bool {
			return d.Severity == m.severity && strings.Contains(d.Summary+": "+d.Detail, m.said)
		}
	}
	nameless := slices.Clone(said[""])
	for name, m := range mistakes {
		told := said[prefix+name]
		if isEphemeral(prefix) {
			told = slices.Concat(told, nameless)
			said[""] = slices.DeleteFunc(said[""], is(m))
		}
		if !slices.ContainsFunc(told, is(m)) {
			t.Errorf("%s%s: no %s with %q in %v", prefix, name, m.severity, m.said, told)
		}
		delete(said, prefix+name)
	}
	if len(said[""]) == 0 {
		delete(said, "")
	}
}

func isEphemeral(prefix string) bool { return strings.HasPrefix(prefix, "ephemeral") }

// A mistake that makes a rule pass whoever is logged in is an error or a warning: of
// validate, and where a text is known later, of the plan.
func TestMistakes_validate(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, unlawful(time.Now()))
	withEach(t, func(t *testing.T, c cli) {
		ofSessions := provable()
		maps.Copy(ofSessions, provableOfUsers())
		for when, later := range map[string]string{"at validate": "", "at plan": "${local.later}"} {
			t.Run(when, func(t *testing.T) {
				t.Parallel()
				arguments, lists := []string{"plan", "-json", "-input=false"}, map[string]map[string]wrong{
					`data "rocketchat_workspace_sessions"`:    maps.Clone(ofSessions),
					`data "rocketchat_current_user_sessions"`: provable(),
					`data "rocketchat_users"`:                 provableInUsers(),
				}
				if later == "" {
					arguments = []string{"validate", "-json"}
					maps.Copy(lists[`data "rocketchat_workspace_sessions"`], misspelled())
				}
				if c.hasEphemeral() {
					lists[`ephemeral "rocketchat_workspace_sessions"`] = lists[`data "rocketchat_workspace_sessions"`]
				}
				config := "locals {\n  later = substr(plantimestamp(), 0, 0)\n}\n"
				prefixes := map[string]string{}
				for i, kind := range slices.Sorted(maps.Keys(lists)) {
					prefixes[kind] = fmt.Sprintf("%s%d_", strings.Fields(kind)[0], i)
					config += blocks(kind, prefixes[kind], later, lists[kind])
				}
				configured := written(t, c, config).on(w)
				configured.keep(t, "line.txt", "firefox\n")
				configured.keep(t, "crlf.txt", "firefox\r\nchrome\r\n")
				said := found(t, configured.run(t, arguments...).stdout)
				for kind, mistakes := range lists {
					mustBeFound(t, prefixes[kind], mistakes, said)
				}
				if len(said) > 0 {
					t.Errorf("the rest of what it says: %v", said)
				}
			})
		}
	})
}

// What only the workspace shows is said at the read, or finds its offenders.
func TestMistakes_thatTheReadShows(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	behindAProxy := make([]rocketchattest.Session, 0, 24)
	for i := range cap(behindAProxy) {
		behindAProxy = append(behindAProxy, session(fmt.Sprintf("session%d", i), fmt.Sprintf("user.%d", i%5), now.Add(-time.Duration(i+1)*time.Hour), from("172.18.0.1")))
	}
	for name, stage := range map[string]struct {
		rows     []rocketchattest.Session
		mistakes map[string]wrong
	}{
		"some sessions": {unlawful(now), map[string]wrong{
			"after_tomorrow":  {`logged_in_after = timeadd(plantimestamp(), "24h")`, "error", "has not reached"},
			"after_next_year": {`logged_in_after = "2099-01-01T00:00:00Z"`, "error", "has not reached"},
			"newer_and_after": {`newer_than = "1d"` + "\n" + `  logged_in_before = timeadd(plantimestamp(), "-48h")`, "error", "No session can match"},
			"search_regex":    {`search = "^svc-.*"`, "warning", "finds no session"},
			"search_address":  {`search = "198.51.100.9"`, "warning", "finds no session"},
			"search_spaces":   {`search = "Firefox Windows"`, "warning", "finds no session"},
		}},
		"no sessions": {[]rocketchattest.Session{}, map[string]wrong{
			"all":     {``, "warning", "Disable Sessions Monitor"},
			"idle":    {`older_than = "30d"`, "warning", "Disable Sessions Monitor"},
			"counted": {`limit = 0`, "warning", "Disable Sessions Monitor"},
		}},
		"one address": {behindAProxy, map[string]wrong{
			"outside":    {`outside_cidrs = ["172.16.0.0/12"]`, "warning", "HTTP_FORWARDED_COUNT"},
			"within":     {`within_cidrs = ["198.51.100.0/24"]`, "warning", "HTTP_FORWARDED_COUNT"},
			"recent":     {`outside_cidrs = ["172.16.0.0/12"]` + "\n" + `  newer_than = "7d"`, "warning", "HTTP_FORWARDED_COUNT"},
			"expression": {`match = { ip = "^198\\.51\\." }`, "warning", "HTTP_FORWARDED_COUNT"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, kinds, config := first(t), []string{"data"}, ""
			if c.hasEphemeral() {
				kinds = append(kinds, "ephemeral")
			}
			for _, kind := range kinds {
				config += blocks(kind+` "rocketchat_workspace_sessions"`, kind+"_", "", stage.mistakes)
			}
			said := found(t, written(t, c, config).on(newWorkspace(t, stage.rows)).run(t, "plan", "-json", "-input=false").stdout)
			for _, kind := range kinds {
				mustBeFound(t, kind+"_", stage.mistakes, said)
			}
			if len(said) > 0 {
				t.Errorf("the rest of what it says: %v", said)
			}
		})
	}
}
