// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"testing"
	"time"
)

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
