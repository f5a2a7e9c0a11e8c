// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"testing"
	"time"
)

// TestJSNumber compares with what a JavaScript console prints.
func TestJSNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text   string
		ok     bool
		parsed int64 // the integer that String and parseInt make of the number
	}{
		{"12", true, 12},
		{" 1", true, 1},
		{"-1", true, -1},
		{"1.9", true, 1},
		{"-0.5", true, 0},
		{"1e2", true, 100},
		{".5e1", true, 5},
		{"0x10", true, 16},
		{"0b11", true, 3},
		{"0o17", true, 15},
		{" ", true, 0},
		{"017", true, 17},
		{"1e21", true, 1},
		{"5e-7", true, 5},
		{"123456789012345680000", true, 1 << 62},
		{"-0x10", false, 0},
		{"1_000", false, 0},
		{"0x", false, 0},
		{"abc", false, 0},
		{"null", false, 0},
		{"1e400", false, 0},
		{"Infinity", false, 0},
		{"1 2", false, 0},
	} {
		number, ok := jsNumber(test.text)
		if ok != test.ok {
			t.Errorf("jsNumber(%q) reads as a number: %t, want %t", test.text, ok, test.ok)
			continue
		}
		if got := jsParseInt(number); ok && got != test.parsed {
			t.Errorf("jsParseInt(jsNumber(%q)) = %d, want %d", test.text, got, test.parsed)
		}
	}
}

func TestFoldIgnoresCaseAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"Chrome", "cHROME", true},
		{"ZOË", "zoë", true},
		{"kK", "K\u212a", true},
		{"Łukasz", "łukasz", true},
		{"ς", "Σ", true},
		{"e", "é", false},
		{"ss", "ß", false},
	} {
		if got := fold(test.a) == fold(test.b); got != test.same {
			t.Errorf("%q and %q are one: %t, want %t", test.a, test.b, got, test.same)
		}
	}
}

// TestTOTPVectors are those of RFC 6238, appendix B, for SHA-1, of which six
// digits of eight are taken.
func TestTOTPVectors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   int64
		code string
	}{
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	} {
		got, err := totp(DefaultTOTPSecret, time.Unix(test.at, 0), 0)
		if err != nil || got != test.code {
			t.Errorf("code at %d is %s, %v; want %s", test.at, got, err, test.code)
		}
	}
	if _, err := totp("not base32!", time.Unix(0, 0), 0); err == nil {
		t.Error("a secret that is no base32 gives a code")
	}
}

func TestLimiterWindows(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := newLimiter(RateLimit{Calls: 2, Window: time.Minute}, start)
	for _, step := range []struct {
		after     time.Duration
		route, ip string
		allowed   bool
		remaining int
		reset     time.Duration
	}{
		{50 * time.Second, "list.all", "a", true, 1, time.Minute},
		{51 * time.Second, "list.all", "a", true, 0, time.Minute},
		{52 * time.Second, "list.all", "a", false, 0, time.Minute},
		{53 * time.Second, "list.all", "b", true, 1, time.Minute},
		{54 * time.Second, "list", "a", true, 1, time.Minute},
		// The window ends after, not at, its last instant.
		{60 * time.Second, "list.all", "a", false, 0, time.Minute},
		{75 * time.Second, "list.all", "b", true, 1, 135 * time.Second},
		{76 * time.Second, "list.all", "a", true, 1, 135 * time.Second},
	} {
		v := l.call(step.route, step.ip, start.Add(step.after))
		if v.allowed != step.allowed || v.remaining != step.remaining || !v.reset.Equal(start.Add(step.reset)) {
			t.Errorf("%s by %s after %s: %+v", step.route, step.ip, step.after, v)
		}
	}
}
