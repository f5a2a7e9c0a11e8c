// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

const (
	fuzzToken   = "canary-token-synthetic-00000000000000000000"
	fuzzGateway = "gateway-key-0123456789"
)

// fixed is an [http.RoundTripper] of one function.
type fixed func(*http.Request) (*http.Response, error)

func (f fixed) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// fuzzClient returns the same bytes for every request, /api/info included.
func fuzzClient(t *testing.T, status int, header http.Header, body string) *Client {
	t.Helper()
	client, err := New(Config{
		URL: &url.URL{Scheme: "https", Host: "chat.example.invalid"}, UserID: "u", AuthToken: fuzzToken,
		Headers: map[string]string{"X-Gateway-Key": fuzzGateway},
		Transport: fixed(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)),
				ContentLength: -1, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
			}, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// checkError asserts what holds for every error: a text of some length, on one
// line, without a secret, and of a known type.
func checkError(t *testing.T, err error) {
	t.Helper()
	const most = 4000
	text := err.Error()
	if len(text) > most || strings.ContainsAny(text, "\r\x00\x1b") {
		t.Errorf("an error text of %d bytes: %q", len(text), text)
	}
	shown := text
	var response *ResponseError
	var gateway *GatewayError
	var factor *SecondFactorError
	var malformed *MalformedError
	var limit *RateLimitError
	var not *NotRocketChatError
	var old *TooOldError
	var redirect *RedirectError
	var transport *TransportError
	var incomplete *IncompleteError
	switch {
	case errors.As(err, &response):
		shown += fmt.Sprintf("%+v", *response)
	case errors.As(err, &gateway):
		shown += fmt.Sprintf("%+v", *gateway)
	case errors.As(err, &factor):
		shown += fmt.Sprintf("%+v", *factor)
	case errors.As(err, &not):
		shown += fmt.Sprintf("%+v", *not)
	case errors.As(err, &old):
		shown += fmt.Sprintf("%+v", *old)
	case errors.As(err, &malformed), errors.As(err, &limit), errors.As(err, &redirect),
		errors.As(err, &transport), errors.As(err, &incomplete):
	default:
		t.Errorf("an error of no known type: %T %v", err, err)
	}
	for _, secret := range []string{fuzzToken, fuzzGateway} {
		if strings.Contains(shown, secret) {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"sessions":[],"total":0,"count":50,"offset":0,"success":true}`,
		`{"sessions":[{"sessionId":"o94SveQp6fyPsoiNC","userId":"2tTEqR7ZNMJ4HGGNa","device":{"type":"browser","name":"Chrome","longVersion":"113.0.0.0","os":{"name":"Windows","version":"10"},"version":"113.0.0"},"host":"localhost:3000","ip":"172.20.0.2","loginAt":"2023-05-24T00:25:54.234Z","_user":{"username":"testroxie","name":"Test"},"_id":"o94SveQp6fyPsoiNC"}],"total":13,"count":50,"offset":0,"success":true}`,
		`{"sessions":[{"loginAt":null,"device":null,"_user":null,"ip":null}],"total":1}`,
		`{"sessions":[null],"total":1}`,
		`{"sessions":null,"total":null}`,
		`{"sessions":[{}],"total":9223372036854775807}`,
		`{"sessions":[{"loginAt":"0000-01-01T00:00:00Z"},{"loginAt":"9999-12-31T23:59:59.999Z"}],"total":2}`,
		`{"sessions":[{"loginAt":"` + fuzzToken + `"}],"total":1}`,
		`{"success":false,"error":"` + fuzzGateway + `"}`,
		`[]`, `"`, ``, `{`, "<!DOCTYPE html>",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		synctest.Test(t, func(t *testing.T) {
			client := fuzzClient(t, http.StatusOK, http.Header{"Content-Type": {"application/json"}}, body)
			listing, err := client.WorkspaceSessions(t.Context(), "", sessions.Need{All: true})
			if err != nil {
				checkError(t, err)
				return
			}
			var response map[string]jsontext.Value
			var rows []*sessions.Session
			if err := json.Unmarshal([]byte(body), &response); err != nil || response["sessions"] == nil || response["total"] == nil {
				t.Fatalf("took a page that is none: %v", err)
			}
			if err := json.Unmarshal(response["sessions"], &rows); err != nil {
				t.Fatalf("took rows that are none: %v", err)
			}
			// The page is one snapshot: rows that nothing distinguishes are several.
			count := map[sessions.Identity]int{}
			for _, s := range rows {
				count[sessions.IdentityOf(s)]++
			}
			for _, s := range listing.Sessions {
				count[sessions.IdentityOf(s)]--
			}
			for id, n := range count {
				if n != 0 {
					t.Errorf("%+v: %d rows of the page are missing", id, n)
				}
			}
		})
	})
}

func FuzzRefusal(f *testing.F) {
	for _, seed := range []struct {
		status            int
		contentType, body string
	}{
		{400, "application/json", `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"totp","codeGenerated":false,"availableMethods":["totp"]}}`},
		{400, "application/json", `{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"email","codeGenerated":true,"emailOrUsername":"a@example.invalid","codeExpires":["2026-11-22T20:33:11.000Z"]}}`},
		{401, "application/json", `{"status":"error","message":"You must be logged in to do this."}`},
		{403, "application/json", `{"success":false,"error":"unauthorized"}`},
		{404, "text/plain; charset=UTF-8", "404 Not Found"},
		{405, "application/json", `{"status":"error","message":"API endpoint does not exist"}`},
		{429, "application/json", `{"success":false,"error":"Error, too many requests. You must wait 60 seconds before trying this endpoint again. [error-too-many-requests]"}`},
		{500, "text/html", "<html>" + fuzzToken},
		{200, "text/html", "<!DOCTYPE html>"},
		{200, "application/json", `{"version":"4.8"}`},
		{200, fuzzToken, `{"success":false,"error":"` + fuzzToken + ` [` + fuzzToken + `]"}`},
		{400, "text/plain", "\x1b[31m" + fuzzGateway + "\r\n[x]"},
		{302, "", ""},
		{99, "", "]["},
	} {
		f.Add(seed.status, seed.contentType, seed.body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		header := http.Header{"Content-Type": {contentType}}
		client := fuzzClient(t, status, header, body)
		decoded := errors.New("not decoded")
		r := &request{
			client: client, endpoint: listAll, attempts: 1,
			response: &apiResponse{status: status, header: header, body: []byte(body)},
			decode: func(body []byte) error {
				_, _, decoded = decodePage(body, 0)
				return decoded
			},
		}
		err := r.judge(nil)
		if err == nil {
			if decoded != nil || status >= http.StatusMultipleChoices {
				t.Fatalf("status %d with %q is taken for success", status, body)
			}
			return
		}
		checkError(t, err)
		if repeat := worthRepeating(err); repeat && status >= 300 && status < 500 && status != http.StatusTooManyRequests {
			t.Errorf("status %d is repeated: %v", status, err)
		}
	})
}

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
