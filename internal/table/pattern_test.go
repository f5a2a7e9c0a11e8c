// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table_test

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

func mustCompile(t testing.TB, expr string) *table.Pattern {
	t.Helper()
	p, err := table.CompilePattern(expr)
	if err != nil {
		t.Fatalf("CompilePattern(%q): %v", expr, err)
	}
	return p
}

func TestPattern_match(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		expr, text string
		want       bool
	}{
		{"chrome", "Google Chrome 120", true},
		{"^chrome", "Google Chrome 120", false},
		{"^chrome$", "Chrome", true},
		{"windows|macos", "MacOS", true},
		{"WINDOWS|MACOS", "macos", true},
		{"(?-i)chrome", "Chrome", false},
		{"(?-i)Chrome", "Chrome", true},
		{"(?-i)a|B", "b", false},
		{"a(?-i:B)", "AB", true},
		{"a(?-i:B)", "Ab", false},
		{"größe", "GRÖSSE", false},
		{"straße", "STRAẞE", true},
		{"é", "É", true},
		{"^é$", "e\u0301", true},
		{"^e\u0301$", "é", true},
		{"^E\u0301$", "é", true},
		{"(?-i)^é$", "E\u0301", false},
		{"^.$", "e\u0301", true},
		{"[e\u0301]{2}", "éE\u0301", true},
		{"^e", "e\u0301", false},
		{"^e\u0301*$", "ééé", true},
		{"^Å$", "\u212b", true},
		{"ﬁ", "fi", false},
		{"", "", true},
		{"", "anything", true},
		{".", "", false},
		{".*", "", true},
		{`\d+\.0`, "v120.0", true},
		{"10.0.0.1", "10x0x0x1", true},
		{`^\Q10.0.0.1\E$`, "10x0x0x1", false},
		{"a.b", "a\nb", false},
		{"(?s)a.b", "a\nb", true},
	} {
		if got := mustCompile(t, c.expr).Match(c.text); got != c.want {
			t.Errorf("%q on %q: %t, want %t", c.expr, c.text, got, c.want)
		}
	}
}

func TestPattern_onlyTheEmptyOneMatchesEverything(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]bool{"": true, ".*": false, "(?i)": false, "()": false, "a|": false} {
		p := mustCompile(t, expr)
		if p.MatchesEverything() != want {
			t.Errorf("%q: MatchesEverything is %t", expr, !want)
		}
		if p.String() != expr {
			t.Errorf("%q: String() = %q", expr, p.String())
		}
	}
}

func TestCompilePattern_errors(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"(chrome":        "error parsing regexp: missing closing ): `(chrome`",
		"chrome)":        "error parsing regexp: unexpected ): `chrome)`",
		"(?i)(chrome":    "error parsing regexp: missing closing ): `(?i)(chrome`",
		"*":              "error parsing regexp: missing argument to repetition operator: `*`",
		"[z-a]":          "error parsing regexp: invalid character class range: `z-a`",
		"a{2000}":        "error parsing regexp: invalid repeat count: `{2000}`",
		"(?<a-b>a)":      "error parsing regexp: invalid named capture: `(?<a-b>`",
		"a(?=b)":         "error parsing regexp: invalid or unsupported Perl syntax: `(?=`; RE2 has no look-around: write the whole text that must match, or use `match` for one condition and `filter` for the other",
		"a(?!b)":         "error parsing regexp: invalid or unsupported Perl syntax: `(?!`; RE2 has no look-around: write what must not match, as an expression of its own, into `exclude`",
		"(?<=a)b":        "error parsing regexp: invalid named capture: `(?<=a)b`; RE2 has no look-around: write the whole text that must match, or use `match` for one condition and `filter` for the other",
		"(?<!a)b":        "error parsing regexp: invalid named capture: `(?<!a)b`; RE2 has no look-around: write what must not match, as an expression of its own, into `exclude`",
		`(a)\1`:          "error parsing regexp: invalid escape sequence: `\\1`; RE2 has no backreferences",
		`\y`:             "error parsing regexp: invalid escape sequence: `\\y`",
		"\xff":           "error parsing regexp: invalid UTF-8: `\xff`",
		`chrome\`:        "error parsing regexp: trailing backslash at end of expression: ``",
		"(?z)":           "error parsing regexp: invalid or unsupported Perl syntax: `(?z`",
		"((a{99}){99})9": "error parsing regexp: invalid repeat count: `{99}`",
	} {
		p, err := table.CompilePattern(expr)
		if p != nil || err == nil {
			t.Errorf("%q compiled", expr)
			continue
		}
		if err.Error() != want {
			t.Errorf("%q:\n got %s\nwant %s", expr, err, want)
		}
		if _, ok := errors.AsType[*syntax.Error](err); !ok {
			t.Errorf("%q: %T is no syntax error", expr, err)
		}
	}
}

func FuzzCompilePattern(f *testing.F) {
	for _, expr := range []string{
		"", "chrome", "(?-i)Chrome", "(?i)x", "^a|b$", "(", "*", "(?<!a)b", `\1`, "[[:alpha:]]{2,3}", "\xff", `\Q(\E`,
		"(?i", "((a{100}){100}){100}", "ſK", `\pL`, "(?s:.)", "a**",
	} {
		f.Add(expr, "Chrome")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		_, wantErr := syntax.Parse(expr, syntax.Perl|syntax.FoldCase)
		p, err := table.CompilePattern(expr)
		if wantErr == nil {
			// A range of characters may be the wrong way round in normal form.
			_, wantErr = syntax.Parse(cty.NormalizeString(expr), syntax.Perl|syntax.FoldCase)
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("CompilePattern: %v, parser: %v", err, wantErr)
		}
		if err != nil {
			if strings.Contains(err.Error(), "(?i)") && !strings.Contains(expr, "(?i)") {
				t.Fatalf("the prefix leaks: %v", err)
			}
			return
		}
		if p.String() != expr {
			t.Fatalf("String() = %q", p)
		}
		// A group is another way to say the flag.
		model, err := regexp.Compile("(?i:" + cty.NormalizeString(expr) + ")")
		if err != nil {
			return // the group makes it too deep or too large
		}
		if got, want := p.Match(text), model.MatchString(cty.NormalizeString(text)); got != want {
			t.Fatalf("%q on %q: %t, want %t", expr, text, got, want)
		}
	})
}
