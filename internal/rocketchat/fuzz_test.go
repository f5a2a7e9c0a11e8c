// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func FuzzParseTOTPSecret(f *testing.F) {
	for _, seed := range []string{
		rfcSecret, strings.ToLower(rfcSecret), "GEZD GNBV-GY3T====", "", "A", "HUNTER2!", "222222222",
		"otpauth://totp/a?secret=" + rfcSecret, "otpauth://totp/a?secret=" + rfcSecret + "&digits=8&period=60&algorithm=SHA512",
		"otpauth://hotp/a?secret=" + rfcSecret, "otpauth:", "otpauth://totp/%zz", "otpauth://totp/a?secret=%20&period=-1",
	} {
		f.Add(seed, int64(59))
	}
	texts := []string{
		"is not a readable otpauth URI", "is an otpauth URI of another type than totp", "contains no secret",
		"is an otpauth URI whose period is not 30, as that of Rocket.Chat",
		"is an otpauth URI whose digits are not 6, as those of Rocket.Chat",
		"is an otpauth URI whose algorithm is not SHA1, as that of Rocket.Chat",
		"is not base32 (the letters A to Z and the digits 2 to 7)",
	}
	f.Fuzz(func(t *testing.T, raw string, at int64) {
		secret, err := ParseTOTPSecret(raw)
		if err != nil {
			if !slices.Contains(texts, err.Error()) {
				t.Errorf("ParseTOTPSecret(%q): the text %q may quote it", raw, err)
			}
			return
		}
		code := secret.code(time.Unix(at, 0))
		if len(code) != 6 || strings.Trim(code, "0123456789") != "" {
			t.Errorf("the code of %q at %d is %q", raw, at, code)
		}
		if again, err := ParseTOTPSecret(secret.secret); err != nil || again.secret != secret.secret {
			t.Errorf("the secret of %q is %q, which is not one: %v", raw, secret.secret, err)
		}
	})
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"https://chat.example.invalid", "http://localhost:3000/", "https://a:b@example.invalid", "https://example.invalid/x//?q#f",
		"https://[2001:db8::1]:443/a%2Fb/", "//x", "https:", "https://example.invalid:99999", "https://example.invalid/%2F/", " https://x ",
		"https://x/../..", "https://x/%2e%2e/", "https://x:", "https://x/;a=b", "https://%41/", "http://::1:80", "127.0.0.1:3000",
	} {
		f.Add(seed)
	}
	texts := []string{
		"is empty", errNoURL.Error(), errUser.Error(), errNoScheme.Error(), errIPv6.Error(),
		"has no host", "must not contain a query", "must not contain a fragment", "has a port that does not exist",
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := ParseURL(raw)
		if err != nil {
			if !slices.Contains(texts, err.Error()) {
				t.Errorf("ParseURL(%q): the text %q may quote it", raw, err)
			}
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(u.Path, "/") {
			t.Errorf("ParseURL(%q) = %+v", raw, *u)
		}
		called, err := url.Parse(u.JoinPath(listAll.path).String())
		if err != nil || origin(called) != origin(u) || !strings.HasSuffix(called.Path, listAll.path) || called.RawQuery != "" {
			t.Errorf("of %q the list is at %v, %v", raw, called, err)
		}
		if again, err := ParseURL(u.String()); err != nil || again.String() != u.String() {
			t.Errorf("ParseURL(%q) = %q, which reads as %v, %v", raw, u, again, err)
		}
	})
}

func FuzzRateLimitHeaders(f *testing.F) {
	for _, seed := range [][6]string{
		{"10", "3", fmt.Sprint(midnight.Add(time.Minute).UnixMilli()), "", "", ""},
		{"10", "0", fmt.Sprint(midnight.Add(time.Minute).Unix()), "", midnight.Format(http.TimeFormat), ""},
		{"", "0", "1", "7", "", ""},
		{"x", "-1", "9223372036854775807", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", ""},
		{"", "", "", "", "Mon, 01 Jan 0001 00:00:00 GMT", "wait 999999999 seconds"},
		{"1", "1", "1e3", "4294967296", "", "wait 0 seconds"},
	} {
		for _, status := range []int{200, 400, 429, 503} {
			f.Add(status, seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
		}
	}
	f.Fuzz(func(t *testing.T, status int, limit, remaining, reset, after, date, body string) {
		synctest.Test(t, func(t *testing.T) {
			b := newLimiterBench()
			header := http.Header{}
			for name, value := range map[string]string{
				"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset, "Retry-After": after, "Date": date,
			} {
				header.Set(name, value)
			}
			b.clock.observe(header, midnight, midnight)
			if d := b.clock.difference(); d < b.clock.low || d > b.clock.high {
				t.Errorf("difference %v, not between %v and %v", d, b.clock.low, b.clock.high)
			}
			b.take(t)
			b.release(&apiResponse{status: status, header: header, body: []byte(body)})
			wait, _, ok := b.try()
			if ok {
				if status == http.StatusTooManyRequests {
					t.Error("a refusal is followed by a call at once")
				}
				return
			}
			if wait <= 0 || wait > maxReset {
				t.Fatalf("wait %v", wait)
			}
			time.Sleep(wait)
			if _, _, ok := b.try(); !ok {
				t.Errorf("no call after the wait of %v", wait)
			}
		})
	})
}
