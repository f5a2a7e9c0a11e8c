// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sanitize_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "",
		"Session not found":                     "Session not found",
		"one\n\ttwo\u001b[31m  three\x00":       "one two [31m three",
		"a\u2028b\u2029c\u0085d\u00a0e":         "a b c d e",
		"evil\u202etxt.exe\u2066x\u2069\u200f":  "eviltxt.exex",
		"a\u200bb\u2060c\ufeffd\u00ade\u3164f":  "abcdef",
		"bad \xff\xfe UTF-8":                    "bad \uFFFD UTF-8",
		" \n<html>::error::x":                   "<html>: :error::x",
		"<Ann> of Sales":                        "<Ann> of Sales",
		"\n::error::gone":                       ": :error::gone",
		"\r\n ::error file=a.tf,line=1::gone":   ": :error file=a.tf,line=1::gone",
		":\u200b:stop-commands::x":              ": :stop-commands::x",
		"::error::::error::":                    ": :error::: :error::",
		"long ::add-mask::x":                    "long : :add-mask::x",
		"##[error]gone ##vso[task.complete] ##": "# #[error]gone # #vso[task.complete] ##",
		"##teamcity[message text='x']":          "# #teamcity[message text='x']",
		"dial tcp [::1]:443: connect: refused":  "dial tcp [::1]:443: connect: refused",
		"[fe80::a] and ::ffff:10.0.0.1":         "[fe80::a] and ::ffff:10.0.0.1",
		"provider::rocketchat::describe":        "provider::rocketchat::describe",
	} {
		if got := sanitize.Line(text); got != want {
			t.Errorf("Line(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestLine_isShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("é", 5000), strings.Repeat("x ", 5000), strings.Repeat("\U0001F600", 500)} {
		got := sanitize.Line("a" + text)
		if len(got) > sanitize.MaxBytes+len("…") || len(got) < sanitize.MaxBytes-4 || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%d bytes: %q", len(got), got)
		}
	}
}

// TestLine_ofManyBytes bounds the work for a megabyte, and shows no part of a secret where the
// text is cut.
func TestLine_ofManyBytes(t *testing.T) {
	t.Parallel()
	const secret = "Tok3n-0123456789"
	r := sanitize.NewRedactor(secret)
	for _, piece := range []string{"::a", "a", "\u200b", " ", secret, secret[:15], "\xff", "##vso[", "é"} {
		for _, text := range []string{strings.Repeat(piece, 1<<20/len(piece)), strings.Repeat(piece, 3990/len(piece)) + secret + strings.Repeat(piece, 4000)} {
			began := time.Now()
			got := r.Line(text)
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("%q took %s", piece, took)
			}
			if len(got) > sanitize.MaxBytes+len("…") || !utf8.ValidString(got) || piece != secret[:15] && strings.Contains(got, "Tok3") {
				t.Errorf("%q: %q", piece, got)
			}
		}
	}
	for before := 3900; before < 4200; before++ {
		if got := r.Line("a" + strings.Repeat(" ", before) + secret + strings.Repeat("\u200b", 500)); strings.Contains(got, "T") {
			t.Errorf("%d spaces before a secret: %q", before, got)
		}
	}
}

func TestLines_keepsParagraphs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("word ", 500)
	if got, want := sanitize.Lines("one\x1b[0m\r\n\n::error::two\n  "+long), "one [0m \n\n: :error::two\n  "+long; got != want {
		t.Errorf("Lines = %q, want %q", got, want)
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	r := sanitize.NewRedactor("secret & more")
	for page, want := range map[string]string{
		"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>": "502 Bad Gateway",
		"\uFEFF\r\n<HTML><TITLE lang=en>\n Sign\n in </TITLE>":               "Sign in",
		"<html><body><h1>503 <b>Service</b> Unavailable</h1>\nNo server":     "503 Service Unavailable",
		"<html><title></title><h1>no title</h1>":                             "no title",
		"<?xml version='1.0'?><Error><Message>Access Denied</Message>":       "Access Denied",
		"<html><body>nothing</body>":                                         "",
		"<html><title>without end":                                           "",
		"<html><title>Fish &amp; chips &lt;b&gt;</title>":                    "Fish & chips <b>",
		"<html><title>a secret &amp; more, &#27;[2J::error::x</title>":       "a (redacted), [2J::error::x",
		"<html><title>" + strings.Repeat("é", 200) + "</title>":              strings.Repeat("é", 50) + "…",
	} {
		if got := r.Title(page); got != want || !sanitize.IsPage(page) {
			t.Errorf("Title(%q) = %q, want %q; a page: %v", page, got, want, sanitize.IsPage(page))
		}
	}
	for _, text := range []string{"", "<Ann>", "< html", "<b>", "{}", "<titled>", "text <html>"} {
		if sanitize.IsPage(text) {
			t.Errorf("IsPage(%q)", text)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	const secret = `Tok+en/4711=" ü`
	r := sanitize.NewRedactor(secret, "abc", "part", "part-and-more", "\xff\xfe\xfd\xfc\xfb", "")
	escaped, _ := json.Marshal(secret)
	for name, text := range map[string]string{
		"as it is":               secret,
		"upper case":             strings.ToUpper(secret),
		"lower case":             strings.ToLower(secret),
		"in a query":             url.QueryEscape(secret),
		"in a path":              url.PathEscape(secret),
		"encoded in lower case":  strings.ToLower(url.QueryEscape(secret)),
		"encoded more than need": "%54%6F%6b" + secret[3:],
		"in JSON":                strings.Trim(string(escaped), `"`),
		"in JSON, escaped":       `\u0054` + secret[1:],
	} {
		if got, want := r.Redact("a "+text+" b"), "a "+sanitize.Redacted+" b"; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := r.Line("a Tok\u200b+en/4711=\"\x00ü b"); got != "a "+sanitize.Redacted+" b" {
		t.Errorf("a secret with what is not seen between its letters: %q", got)
	}
	if got := r.Redact(
		"abc PART-and-more, part 123456 12",
		"123456",
		"12",
	); got != "abc "+sanitize.Redacted+", "+sanitize.Redacted+" "+sanitize.Redacted+" 12" {
		t.Errorf("short ones stay, long ones go whole: %q", got)
	}
	if got := sanitize.NewRedactor("abc").Redact("abc"); got != "abc" {
		t.Errorf("without a secret that is long enough: %q", got)
	}
}

func FuzzLine(f *testing.F) {
	for _, seed := range []string{
		"::error::x", "##[x]", "::a ::b::", "\x1b]0;x\a", "se\u200bcret-0123", "%73ecret-0123", "::" + strings.Repeat("e", 600) + "::",
	} {
		f.Add(seed)
	}
	r := sanitize.NewRedactor("secret-0123")
	f.Fuzz(func(t *testing.T, text string) {
		got := r.Line(text)
		if len(got) > sanitize.MaxBytes+len("…") || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x1b\u202e\u200b") {
			t.Errorf("Line(%q) = %q", text, got)
		}
		for _, bad := range []string{"::error::", "##[", "##vso["} {
			if strings.HasPrefix(got, bad) || strings.Contains(got, " "+bad) {
				t.Errorf("Line(%q) = %q, which a runner obeys", text, got)
			}
		}
		if strings.Contains(strings.ToLower(got), "secret-0123") {
			t.Errorf("Line(%q) = %q", text, got)
		}
	})
}
