// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table_test

import (
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// errs reports a check that does not say what it must; nothing must be said if want is empty.
func errs(t *testing.T, expr, want string, err error) {
	t.Helper()
	if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
		t.Errorf("%q: got %v, want %q", expr, err, want)
	}
}

// White space at an end of an alternative, or a line break, makes an expression
// match nobody.
func TestCheck_blanks(t *testing.T) {
	t.Parallel()
	const line, space, invisible = "contains a line break", "white space", "invisible"
	for expr, want := range map[string]string{
		"": "", "Google Chrome": "", "^(Mobile |Tablet )?Chrome$": "", "(x| )y": "", `^\QA B\E$`: "", "Chrome[ ]": "", `Chrome\ `: "",
		`\sChrome\s`: "", "[^ ]": "", "[^\n]+": "", "x[] ]": "", "[[:space:] ]x": "", `a\nb`: "", "(?:^|[ ])admin|Chrome(\\s|$)": "",
		"svc-\n": line, "svc-\r\n": line, "\nsvc-": line, "^(svc-04\r|svc-05\r)$": line, "svc\u2028": line,
		" ^svc": space, "^svc $": space, "(?i) x": space, "a |b": space, "Chrome | Firefox": space, "^(a |b)$": space,
		"^(svc-a|svc-a )$": space, `^\QA \E$`: space, "a (b)?": space, "x( )": space, "\tx": space, "a\u00a0": space,
		"(?:^| )admin|Chrome(?: |$)$": space, "\ufeff^svc-": invisible, "svc-\u200b": invisible,
	} {
		errs(t, expr, want, mustCompile(t, expr).CheckBlanks())
	}
}

// An exclude that omits everybody is a mistake, unless a wildcard says so.
func TestCheck_exclude(t *testing.T) {
	t.Parallel()
	const empty, every = "empty alternative", "matches every text"
	for expr, want := range map[string]string{
		"svc-": "", "^(svc-a|svc-b)$": "", "svc-a|svc-": "", "^svc-(a|)$": "", "()svc": "", `\b`: "", ".": "", ".+": "",
		"^$": "", "^a$|^$": "", "^(browser|mobile)?$": "", "^(svc-a|svc-)?$": "", `^\s*$`: "", `^\Q\E$`: "",
		".*": "", "^.*$": "", "^.*": "", ".*?": "", "(?s:.*)": "", `[\s\S]*`: "", "(?i).*|x": "", "(.*)": "",
		"": empty, "svc-a|": empty, "|svc-a": empty, "a||b": empty, "()": empty, "(?:)": empty, "(|x)": empty, "(a|)*": empty,
		"(?i)": empty, "(?-i)svc-a|": empty, "(?i)()": empty, "(?i:)": empty, `\Q\E`: empty,
		"^(svc-a|)$": empty, "(?i)^(svc-04|svc-05|)$": empty, "^()$": empty, "^(?:)$": empty, "^()|svc-a": empty, "^(|)$": empty,
		"^": every, "$": every, "^|^svc-": every, "svc-a|$": every, "a*": every, "(svc-)?": every, "[a-z]*": every, `\S*`: every,
		"x{0,3}": every, ".{0,3}": every, "^(svc-)?": every, `\B|svc`: every,
	} {
		errs(t, expr, want, mustCompile(t, expr).CheckExclude())
	}
	for expr, want := range map[string]bool{".*": true, "": true, "^": true, "^.*$": true, "a*": true, "^$": false, "svc": false, ".+": false} {
		if got := mustCompile(t, expr).MatchesEveryText(); got != want {
			t.Errorf("%q: MatchesEveryText is %t", expr, got)
		}
	}
}

func TestCheck_text(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"firefox": true, "Mobile Safari": true, "firefox\n": false, " firefox": false, "fire\nfox": false, "\ufefffirefox": false, "x\u00a0": false,
	} {
		if err := table.CheckText(text); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
