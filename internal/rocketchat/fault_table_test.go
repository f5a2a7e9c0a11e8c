// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// The read that faults happen to: three pages without one.
const (
	faultRows  = 250
	faultPages = 3
	// readTimeout bounds each read.
	readTimeout = 20 * time.Minute
	// slowTimeout is the request timeout where a response does not end. Responses without a
	// fault take no time.
	slowTimeout = 10 * time.Millisecond
)

type outcome struct {
	// errs are the types of the error, more than one where the network decides;
	// none for the complete result.
	errs []string
	// calls are the requests for the list: of the whole read where it is
	// complete, of the page that failed otherwise; 0 where it is nobody's concern.
	calls int
	// wait is how long was waited between them, to the second.
	wait time.Duration
}

func (o outcome) String() string {
	what := "complete"
	if len(o.errs) > 0 {
		what = "`" + strings.Join(o.errs, "` or `") + "`"
	}
	calls := "1 call"
	if o.calls != 1 {
		calls = strconv.Itoa(o.calls) + " calls"
	}
	what += ", " + calls
	if o.wait > 0 {
		what += ", waits " + o.wait.String()
	}
	return what
}

func complete(more int, wait time.Duration) outcome {
	return outcome{calls: faultPages + more, wait: wait}
}

func fails(calls int, wait time.Duration, errs ...string) outcome {
	return outcome{errs: errs, calls: calls, wait: wait}
}

// faultRow is a row of the table: a fault, and what it leads to when it happens
// once, and when it happens from then on.
type faultRow struct {
	what string
	// strike is what happens to the connection of a request, connect what happens
	// before there is one.
	strike  strike
	connect func(t *testing.T, s *faultStage)
	// workspace is another one than that of faultList, and what a read of it returns.
	workspace func() (*rocketchattest.Workspace, []*sessions.Session)
	// once and always are the outcomes.
	once, always outcome
	// slow rows run with a short request timeout and one repetition.
	slow bool
	// fromTheFirst is for a row whose waits count the pages that follow.
	fromTheFirst bool
}

type faultGroup struct {
	title string
	rows  []faultRow
}

// retried is the outcome of a fault that is worth a repetition.
func retried(row faultRow, errs ...string) faultRow {
	row.once, row.always = complete(1, time.Second), fails(attempts, 15*time.Second, errs...)
	if row.slow {
		row.always = fails(2, time.Second, errs...)
	}
	return row
}

// final is the outcome of a fault that no repetition would mend.
func final(row faultRow, err string) faultRow {
	row.once, row.always = fails(1, 0, err), fails(1, 0, err)
	return row
}

func text(response string) strike { return func(w *wire) { w.say(response) } }

// halfAPage is a strike that breaks off as end does.
func halfAPage(end strike) strike {
	return func(w *wire) {
		page := w.page()
		w.say(w.head(200, "Content-Type: application/json") + page[:len(page)/2])
		end(w)
	}
}

// wrongLength is a strike whose Content-Length is off.
func wrongLength(by int) strike {
	return func(w *wire) {
		page := w.page()
		w.say(w.head(200, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(page)+by)) + page)
	}
}

func withJSON(status int, body string, header ...string) strike {
	return func(w *wire) { w.json(status, body, header...) }
}

func faultGroups(t *testing.T) []faultGroup {
	t.Helper()
	const malformed, transport, gateway = "MalformedError", "TransportError", "GatewayError"
	bomb := sync.OnceValue(func() string { return bomb(t, 4) })
	return []faultGroup{
		{"The connection", []faultRow{
			retried(faultRow{what: "connection refused", connect: refusedDial}, transport),
			final(faultRow{what: "a host name that does not exist", connect: unresolved(net.DNSError{IsNotFound: true})}, transport),
			retried(faultRow{what: "a host name that cannot be resolved for now", connect: unresolved(net.DNSError{IsTemporary: true})}, transport),
			retried(faultRow{what: "reset before the response", strike: (*wire).reset}, transport),
			retried(faultRow{what: "closed before the response", strike: text("")}, transport),
			retried(faultRow{what: "closed within the status line", strike: text("HTTP/1.1 2")}, transport),
			retried(faultRow{what: "reset within the headers", strike: func(w *wire) {
				w.say("HTTP/1.1 200 OK\r\nContent-Ty")
				w.reset()
			}}, transport),
			retried(faultRow{what: "reset within the body", strike: halfAPage((*wire).reset)}, malformed, transport),
			retried(faultRow{what: "closed within the body", strike: halfAPage(func(*wire) {})}, malformed),
			retried(faultRow{what: "closed within a chunk", strike: func(w *wire) {
				page := w.page()
				w.say(w.head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n", len(page)) + page[:len(page)/2])
			}}, malformed),
			retried(faultRow{what: "all chunks but the last", strike: func(w *wire) {
				page := w.page()
				w.say(w.head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + fmt.Sprintf("%x\r\n%s\r\n", len(page), page))
			}}, malformed),
			retried(faultRow{what: "a chunk without a size", strike: func(w *wire) {
				w.say(w.head(200, "Content-Type: application/json", "Transfer-Encoding: chunked") + "zz\r\n" + w.page())
			}}, malformed),
			retried(faultRow{what: "no response at all", slow: true, strike: (*wire).stall}, transport),
			retried(faultRow{what: "headers byte by byte", slow: true, strike: func(w *wire) { w.drip(w.head(200, "X-Long: "+strings.Repeat("x", 10_000))) }}, transport),
			retried(faultRow{what: "body that stops half-way", slow: true, strike: halfAPage((*wire).stall)}, transport),
			retried(faultRow{what: "body byte by byte", slow: true, strike: func(w *wire) {
				w.say(w.head(200, "Content-Type: application/json"))
				w.drip(w.page())
			}}, transport),
			retried(faultRow{what: "refusal that stops half-way", slow: true, strike: func(w *wire) {
				w.say(w.head(400, "Content-Type: application/json") + `{"success":fal`)
				w.stall()
			}}, transport),
			retried(faultRow{what: "`Content-Length` longer than the body", strike: wrongLength(+1)}, malformed),
			retried(faultRow{what: "`Content-Length` shorter than the body", strike: wrongLength(-1)}, malformed),
			retried(faultRow{what: "`Content-Length: 0`", strike: func(w *wire) { w.say(w.head(200, "Content-Type: application/json", "Content-Length: 0") + w.page()) }}, malformed),
			retried(faultRow{what: "`Content-Length` that is not a number", strike: func(w *wire) { w.say(w.head(200, "Content-Length: many") + w.page()) }}, transport),
			retried(faultRow{what: "two different `Content-Length`", strike: func(w *wire) {
				w.say(w.head(200, "Content-Length: 10", "Content-Length: 20") + w.page())
			}}, transport),
			retried(faultRow{what: "endless headers", strike: func(w *wire) { w.say(w.head(200, "X-Long: "+strings.Repeat("x", 300<<10)) + w.page()) }}, transport),
			retried(faultRow{what: "endless `103 Early Hints`", strike: func(w *wire) { w.say(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 1000)) }}, transport),
			retried(faultRow{what: "another protocol", strike: text("SSH-2.0-OpenSSH_9.9\r\n")}, transport),
		}},
		{"Compression", []faultRow{
			retried(faultRow{what: "declared as gzip, but is not", strike: func(w *wire) { w.json(200, w.page(), "Content-Encoding: gzip") }}, malformed),
			retried(faultRow{what: "gzip that breaks off", strike: func(w *wire) {
				zip := zipped(t, w.page())
				w.json(200, zip[:len(zip)/2], "Content-Encoding: gzip")
			}}, malformed),
			retried(faultRow{what: "gzip with a wrong checksum", strike: func(w *wire) {
				zip := []byte(zipped(t, w.page()))
				zip[len(zip)-8] ^= 1
				w.json(200, string(zip), "Content-Encoding: gzip")
			}}, malformed),
			final(faultRow{what: "gzip that expands to four gigabytes", strike: func(w *wire) { w.json(200, bomb(), "Content-Encoding: gzip") }}, malformed),
			final(faultRow{what: "an encoding that was not asked for", strike: func(w *wire) { w.json(200, "\x1b\x03\x00\xf8"+w.page(), "Content-Encoding: br") }}, "NotRocketChatError"),
		}},
		{"The body", []faultRow{
			final(faultRow{what: "HTML with 200", strike: func(w *wire) { w.html(200) }}, "NotRocketChatError"),
			final(faultRow{what: "HTML with 404", strike: func(w *wire) { w.html(404) }}, "NotRocketChatError"),
			final(faultRow{what: "JSON of a gateway with 404", strike: withJSON(404, `{"message":"no Route matched with those values"}`)}, "NotRocketChatError"),
			final(faultRow{what: "`success:false` with 404, for a list", strike: withJSON(404, `{"success":false,"error":"Not Found"}`)}, "NotRocketChatError"),
			final(faultRow{what: "a JSON list instead of an object", strike: withJSON(200, `[{"sessionId":"a"}]`)}, "NotRocketChatError"),
			final(faultRow{what: "`null`", strike: withJSON(200, "null")}, "NotRocketChatError"),
			retried(faultRow{what: "no body", strike: withJSON(200, "")}, malformed),
			retried(faultRow{what: "204 without a body", strike: text("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")}, malformed),
			retried(faultRow{what: "half of the JSON in a complete body", strike: func(w *wire) { page := w.page(); w.json(200, page[:len(page)/2]) }}, malformed),
			retried(faultRow{what: "an empty object", strike: withJSON(200, "{}")}, malformed),
			retried(faultRow{what: "two objects", strike: func(w *wire) { w.json(200, w.page()+w.page()) }}, malformed),
			retried(faultRow{what: "a comment after the object", strike: func(w *wire) { w.json(200, w.page()+"<!-- cached -->") }}, malformed),
			retried(faultRow{what: "endlessly nested objects", strike: withJSON(200, strings.Repeat(`{"sessions":`, 100_000))}, malformed),
			final(faultRow{what: "`success:false` with 200", strike: withJSON(200, `{"success":false,"error":"no"}`)}, "ResponseError"),
			final(faultRow{what: "`success:false` with 200 and a good list", strike: func(w *wire) {
				w.json(200, strings.Replace(w.page(), `"success":true`, `"success":false`, 1))
			}}, "ResponseError"),
			final(faultRow{what: "a second factor demanded with 200", strike: withJSON(200, `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"totp"}}`)}, "SecondFactorError"),
		}},
		{"The rate limit", rateLimitFaults()},
		{"Statuses", []faultRow{
			retried(faultRow{what: "500 with text", strike: func(w *wire) { w.say(w.head(500, "Content-Type: text/plain") + "Internal Server Error") }}, "ResponseError"),
			retried(faultRow{what: "500 with JSON", strike: withJSON(500, `{"success":false,"error":"MongoServerSelectionError"}`)}, "ResponseError"),
			retried(faultRow{what: "500 without a body", strike: withJSON(500, "")}, gateway),
			final(faultRow{what: "501", strike: withJSON(501, "")}, gateway),
			retried(faultRow{what: "502 with HTML", strike: func(w *wire) { w.html(502) }}, gateway),
			{
				what: "503 with `Retry-After: 7`", strike: func(w *wire) { w.html(503, "Retry-After: 7") },
				once: complete(1, 7*time.Second), always: fails(attempts, 28*time.Second, gateway),
			},
			{
				what: "503 with a `Retry-After` of two minutes", strike: func(w *wire) { w.html(503, "Retry-After: 120") },
				once: complete(1, 2*time.Minute), always: fails(attempts, 8*time.Minute, gateway),
			},
			final(faultRow{what: "503 with a `Retry-After` of an hour", strike: func(w *wire) { w.html(503, "Retry-After: 3600") }}, gateway),
			final(faultRow{what: "503 with a `Retry-After` that is a time in an hour", strike: func(w *wire) {
				w.html(503, "Retry-After: "+time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			}}, gateway),
			final(faultRow{what: "503 with a `Retry-After` of a year", strike: func(w *wire) { w.html(503, "Retry-After: 31536000") }}, gateway),
			final(faultRow{what: "503 with JSON of Rocket.Chat and a `Retry-After` of an hour", strike: withJSON(503, `{"success":false,"error":"maintenance"}`, "Retry-After: 3600")}, "ResponseError"),
			retried(faultRow{what: "503 with a `Retry-After` that is not a number", strike: func(w *wire) { w.html(503, "Retry-After: soon") }}, gateway),
			retried(faultRow{what: "504 with HTML", strike: func(w *wire) { w.html(504) }}, gateway),
			final(faultRow{what: "400 with HTML, because the server expects TLS", strike: func(w *wire) {
				w.say(w.head(400, "Content-Type: text/html") + "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>")
			}}, gateway),
			final(faultRow{what: "400 with HTML", strike: func(w *wire) { w.html(400) }}, gateway),
			final(faultRow{what: "401 from a gateway", strike: func(w *wire) { w.html(401) }}, gateway),
			final(faultRow{what: "401 from a gateway, with JSON", strike: withJSON(401, `{"message":"Unauthorized"}`)}, gateway),
			final(faultRow{what: "403 from a gateway", strike: func(w *wire) { w.html(403) }}, gateway),
			final(faultRow{what: "400 whose text contains commands to the terminal and the pipeline", strike: withJSON(400, `{"success":false,"error":"\u001b[2J\n::error::gone ##[error]\u202e"}`)}, "ResponseError"),
			final(faultRow{what: "403 whose code equals a configured header", strike: withJSON(403, `{"success":false,"error":"`+gatewayKey+` [error-unauthorized]"}`)}, "ResponseError"),
			final(faultRow{what: "403 from a gateway, with JSON", strike: withJSON(403, `{"message":"Forbidden"}`)}, gateway),
			final(faultRow{what: "403 from a gateway, with text", strike: func(w *wire) { w.say(w.head(403, "Content-Type: text/plain") + "unauthorized") }}, gateway),
			final(faultRow{what: "413 with HTML", strike: func(w *wire) { w.html(413) }}, gateway),
			final(faultRow{what: "421 with text", strike: func(w *wire) { w.say(w.head(421, "Content-Type: text/plain") + "Misdirected Request") }}, gateway),
			final(faultRow{what: "431 without a body", strike: func(w *wire) { w.say(w.head(431, "Content-Length: 0")) }}, gateway),
			final(faultRow{what: "451 with HTML", strike: func(w *wire) { w.html(451) }}, gateway),
			retried(faultRow{what: "500 with text that Rocket.Chat does not send", strike: func(w *wire) { w.say(w.head(500, "Content-Type: text/plain") + "upstream failed") }}, gateway),
			retried(faultRow{what: "400 whose JSON breaks off", strike: func(w *wire) {
				w.say(w.head(400, "Content-Type: application/json", "Content-Length: 99") + `{"success":fal`)
			}}, malformed),
			final(faultRow{what: "a status that does not exist", strike: func(w *wire) { w.html(418) }}, gateway),
		}},
		{"Redirects", redirectFaults(t)},
		{"TLS", []faultRow{
			final(faultRow{what: "certificate expired", connect: badCertificate(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }, true)}, transport),
			final(faultRow{what: "certificate not valid yet", connect: badCertificate(func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Hour) }, true)}, transport),
			final(faultRow{what: "certificate self-signed", connect: badCertificate(func(*x509.Certificate) {}, false)}, transport),
			final(faultRow{what: "certificate for a name that contains terminal commands", connect: badCertificate(func(c *x509.Certificate) {
				c.IPAddresses, c.DNSNames = nil, []string{"x\n::error::gone\x1b[2J"}
			}, true)}, transport),
			final(faultRow{what: "certificate for another name", connect: badCertificate(func(c *x509.Certificate) {
				c.IPAddresses, c.DNSNames = nil, []string{"other.example.invalid"}
			}, true)}, transport),
			final(faultRow{what: "plain HTTP where TLS is expected", connect: plainInsteadOfTLS}, transport),
		}},
		{"Proxies", []faultRow{
			retried(faultRow{what: "the proxy refuses the connection", connect: refusedProxy}, transport),
			final(faultRow{what: "the proxy returns 407 with HTML", strike: func(w *wire) { w.html(407, "Proxy-Authenticate: Basic") }}, gateway),
			final(faultRow{what: "the proxy returns every header that it received", strike: func(w *wire) {
				w.json(407, fmt.Sprintf("%q", w.request.Header))
			}}, gateway),
			final(faultRow{what: "the proxy responds to `CONNECT` with a status line that contains terminal commands", connect: refusedTunnel("HTTP/1.1 403 \x1b[2J::error::gone\u202e\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")}, transport),
			final(faultRow{what: "the proxy responds to `CONNECT` with 403", connect: refusedTunnel("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")}, transport),
			final(faultRow{what: "the proxy responds to `CONNECT` with 407", connect: refusedTunnel("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")}, transport),
			retried(faultRow{what: "the proxy responds to `CONNECT` with 502", connect: refusedTunnel("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")}, transport),
		}},
	}
}

func rateLimitFaults() []faultRow {
	limit := func(remaining int, reset string) []string {
		return []string{"X-RateLimit-Limit: 10", fmt.Sprintf("X-RateLimit-Remaining: %d", remaining), "X-RateLimit-Reset: " + reset}
	}
	const body = `{"success":false,"error":"Error, too many requests. Please slow down. You must wait 42 seconds before trying this endpoint again. [error-too-many-requests]"}`
	// refused returns 429; good responds with a page and the same headers.
	refused := func(reset func(now time.Time) string, more ...string) strike {
		return func(w *wire) { w.json(429, body, append(limit(0, reset(time.Now())), more...)...) }
	}
	good := func(remaining int, reset func(now time.Time) string) strike {
		return func(w *wire) { w.json(200, w.page(), limit(remaining, reset(time.Now()))...) }
	}
	in := func(d, unit time.Duration) func(time.Time) string {
		return func(now time.Time) string { return strconv.FormatInt(now.Add(d).UnixNano()/int64(unit), 10) }
	}
	gibberish := func(time.Time) string { return "soon" }
	const tenYears = 10 * 365 * 24 * time.Hour
	const err = "RateLimitError"
	s := time.Second
	return []faultRow{
		{what: "429 with a reset in 20 s, whose text says 42 seconds", strike: refused(in(20*s, time.Millisecond)), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 with a reset in seconds instead of milliseconds", strike: refused(in(20*s, time.Second)), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 with a reset in the past", strike: refused(in(-time.Hour, time.Millisecond)), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 with a reset in ten years", strike: refused(in(tenYears, time.Millisecond)), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 with a reset that is not a number", strike: refused(gibberish), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 with a reset and `Retry-After: 9`", strike: refused(in(20*s, time.Millisecond), "Retry-After: 9"), once: complete(1, 9*s), always: fails(attempts, 36*s, err)},
		{what: "429 without headers, whose text says 42 seconds", strike: withJSON(429, body), once: complete(1, 42*s), always: fails(attempts, 168*s, err)},
		{what: "429 without headers or text", strike: withJSON(429, "{}"), once: complete(1, 60*s), always: fails(attempts, 240*s, err)},
		{what: "429 from a gateway, with HTML", strike: func(w *wire) { w.html(429) }, once: complete(1, 60*s), always: fails(attempts, 240*s, err)},
		{what: "429 from a gateway, with JSON and `Retry-After: 9`", strike: withJSON(429, `{"message":"API rate limit exceeded"}`, "Retry-After: 9"), once: complete(1, 9*s), always: fails(attempts, 36*s, err)},
		{what: "429 with `Retry-After: 0`", strike: withJSON(429, "{}", "Retry-After: 0"), once: complete(1, s), always: fails(attempts, 4*s, err)},
		{what: "429 with a `Retry-After` of a year", strike: withJSON(429, "{}", "Retry-After: 31536000"), once: complete(1, 15*time.Minute), always: fails(2, 15*time.Minute, err)},
		{what: "200 with a reset in the past", strike: good(0, in(-time.Hour, time.Millisecond)), once: complete(0, 0), always: complete(0, 0)},
		{what: "200 with a reset in ten years", strike: good(0, in(tenYears, time.Millisecond)), once: complete(0, 0), always: complete(0, 0)},
		{what: "200 with a reset that is not a number", strike: good(0, gibberish), once: complete(0, 0), always: complete(0, 0)},
		{what: "200 with no calls left until a reset in 20 s", fromTheFirst: true, strike: good(0, in(20*s, time.Millisecond)), once: complete(0, 21*s), always: complete(0, 41*s)},
		{what: "200 with a negative number of calls left", fromTheFirst: true, strike: good(-5, in(20*s, time.Millisecond)), once: complete(0, 21*s), always: complete(0, 41*s)},
	}
}

func redirectFaults(t *testing.T) []faultRow {
	t.Helper()
	to := func(status int, location func(w *wire) string) strike {
		return func(w *wire) { w.say(w.head(status, "Content-Length: 0", "Location: "+location(w))) }
	}
	const err = "RedirectError"
	return []faultRow{
		{
			what: "to another path of the same host", strike: to(302, func(w *wire) string {
				return strings.Replace(w.request.URL.RequestURI(), "count=10000", "count=9999", 1)
			}),
			once: complete(1, 0), always: fails(6, 0, err),
		},
		{
			what: "in a loop", strike: to(307, func(w *wire) string { return w.request.URL.RequestURI() }),
			once: complete(1, 0), always: fails(6, 0, err),
		},
		final(faultRow{what: "to another port", strike: to(302, func(w *wire) string { return "http://" + otherAddress + w.request.URL.RequestURI() })}, err),
		final(faultRow{what: "to another host", strike: to(308, func(w *wire) string {
			return strings.Replace("http://"+otherAddress, "127.0.0.1", "localhost", 1) + w.request.URL.RequestURI()
		})}, err),
		final(faultRow{what: "to another scheme", strike: to(301, func(w *wire) string { return "https://" + proxyAddress + w.request.URL.RequestURI() })}, err),
		final(faultRow{what: "to an address with a password", strike: to(302, func(*wire) string { return "http://a:b@" + otherAddress + "/" })}, err),
		final(faultRow{what: "to the same host with a user name and password", strike: to(302, func(w *wire) string {
			return "http://a:b@" + proxyAddress + w.request.URL.RequestURI()
		})}, err),
		final(faultRow{what: "to a host whose name is the token", strike: to(302, func(w *wire) string {
			return "http://" + w.request.Header.Get("X-Auth-Token") + ".invalid/"
		})}, err),
		final(faultRow{what: "to a page of the same host", strike: to(302, func(*wire) string { return "/login" })}, "NotRocketChatError"),
		final(faultRow{what: "without a target", strike: func(w *wire) { w.say(w.head(302, "Content-Length: 0")) }}, "GatewayError"),
	}
}

func reading(t *testing.T, client *rocketchat.Client) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), readTimeout)
	defer cancel()
	listing, err := client.WorkspaceSessions(ctx, "", everything)
	return result{listing, err}
}

func typeName(err error) string {
	return strings.TrimPrefix(reflect.TypeOf(err).String(), "*rocketchat.")
}

// allOrNothing asserts that a read brought the truth or one error, and within
// the timeout.
func (s *faultStage) allOrNothing(t *testing.T, r result) {
	t.Helper()
	if passed := time.Since(start); passed > readTimeout {
		t.Errorf("the read took %s, and its timeout is %s", passed, readTimeout)
	}
	switch {
	case r.err == nil && s.truth == nil:
		got, before := sessionIDs(r.listing.Sessions), sessionIDs(faultTruth())
		for id := range sessionIDs(truths(s.workspace.Sessions())) {
			if before[id] && !got[id] {
				t.Errorf("%s was there throughout and is missing", id)
			}
		}
	case r.err == nil:
		wantRows(t, r.listing.Sessions, s.truth)
		if r.listing.Total != len(s.truth) {
			t.Errorf("a total of %d, want %d", r.listing.Total, len(s.truth))
		}
	case r.listing != nil:
		t.Errorf("a listing of %d sessions beside the error %v", len(r.listing.Sessions), r.err)
	default:
		searchForSecrets(t, "the error", strings.ToLower(shown(r.err)), fixedSecrets)
		if text := r.err.Error(); strings.ContainsAny(text, "\x1b\n\r\u202e") || strings.Contains(text, " ::error::") || len(text) > 1000 {
			t.Errorf("the error shows %q", text)
		}
	}
}

func sessionIDs(rows []*sessions.Session) map[string]bool {
	all := map[string]bool{}
	for _, s := range rows {
		if s.SessionID != nil {
			all[*s.SessionID] = true
		}
	}
	return all
}

// TestFaults_inFlight has each fault happen to several pages at the same time, and to a read
// that is canceled meanwhile; in a short run, every fifth fault.
func TestFaults_inFlight(t *testing.T) {
	t.Parallel()
	for _, group := range faultGroups(t) {
		for i, row := range group.rows {
			if testing.Short() && i%5 > 0 {
				continue
			}
			t.Run(group.title+"/"+row.what, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					s := row.stage(t, func(call int) bool { return call > 0 })
					got := reading(t, s.client(t, &row, 4))
					s.allOrNothing(t, got)
					if got.err == nil != (len(row.always.errs) == 0) {
						t.Errorf("got the error %v, want %s", got.err, row.always)
					}
				})
			})
			if row.always.calls > 1 && len(row.always.errs) > 0 && row.always.errs[0] != "RedirectError" {
				t.Run(group.title+"/"+row.what+"/canceled", func(t *testing.T) {
					t.Parallel()
					bubble(t, row.canceled)
				})
			}
		}
	}
}

func (row *faultRow) canceled(t *testing.T) {
	t.Helper()
	s := row.stage(t, func(int) bool { return true })
	client := s.client(t, row, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := begin(ctx, client, everything)
	synctest.Wait()
	canceled := time.Now()
	cancel()
	if r := <-done; !errors.Is(r.err, context.Canceled) || r.listing != nil {
		t.Errorf("%v, %v; want context.Canceled", r.listing, r.err)
	}
	if took := time.Since(canceled); took > 0 {
		t.Errorf("the canceled read returned after %s, want at once", took)
	}
}
