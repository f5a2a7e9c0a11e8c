// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// attempts is how often a request is made that may be repeated.
const attempts = rocketchat.DefaultMaxRetries + 1

const listRequest = "GET https://chat.example.invalid/api/v1/sessions/list.all"

// TestJudge_refusals has a server refuse in ways that no simulated workspace does, and that
// the table of faults does not distinguish.
func TestJudge_refusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		response response
		want     rocketchat.ResponseError
	}{
		"no license, some 7.x": {
			jsonResponse(401, `{"success":false,"error":"unauthorized"}`),
			rocketchat.ResponseError{Status: 401, Message: "unauthorized", Reason: rocketchat.ErrNoLicense},
		},
		"no license, text alone": {
			jsonResponse(418, `{"success":false,"error":"This is an enterprise feature"}`),
			rocketchat.ResponseError{Status: 418, Message: "This is an enterprise feature", Reason: rocketchat.ErrNoLicense},
		},
		"bad query": {
			jsonResponse(400, `{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`),
			rocketchat.ResponseError{Status: 400, Type: "invalid-params", Message: "must NOT have additional properties [invalid-params]", Reason: rocketchat.ErrInvalidParameters},
		},
		"bad query, 8.8": {
			jsonResponse(400, `{"success":false,"error":"must NOT have additional properties","errorType":"error-invalid-params"}`),
			rocketchat.ResponseError{Status: 400, Type: "error-invalid-params", Message: "must NOT have additional properties", Reason: rocketchat.ErrInvalidParameters},
		},
		"bad count": {
			jsonResponse(400, `{"success":false,"error":"the limit must be positive"}`),
			rocketchat.ResponseError{Status: 400, Message: "the limit must be positive"},
		},
		"success:false with 200": {
			jsonResponse(200, `{"success":false,"error":"Something went wrong [error-odd]"}`),
			rocketchat.ResponseError{Status: 200, Type: "error-odd", Message: "Something went wrong [error-odd]"},
		},
		"success:false with 200 and nothing else": {
			jsonResponse(200, `{"success":false}`),
			rocketchat.ResponseError{Status: 200},
		},
		"a type and another one in brackets": {
			jsonResponse(400, `{"success":false,"error":"No [error-unauthorized]","errorType":"error-other"}`),
			rocketchat.ResponseError{Status: 400, Type: "error-other", Message: "No [error-unauthorized]"},
		},
		"a bracket that is not at the end": {
			jsonResponse(400, `{"success":false,"error":"field [x] is odd"}`),
			rocketchat.ResponseError{Status: 400, Message: "field [x] is odd"},
		},
		"error text on several lines, with controls": {
			jsonResponse(400, `{"success":false,"error":"one\n\ttwo\u001b[31m  three\u0000"}`),
			rocketchat.ResponseError{Status: 400, Message: "one two [31m three"},
		},
		"a list of settings": {
			jsonResponse(400, `{"success":false}`),
			rocketchat.ResponseError{Status: 400},
		},
		"a key in another case": {
			jsonResponse(403, `{"success":false,"error":"no [error-unauthorized]","Error":"yes","ERRORTYPE":"error-other"}`),
			rocketchat.ResponseError{Status: 403, Type: "error-unauthorized", Message: "no [error-unauthorized]", Reason: rocketchat.ErrNoPermission},
		},
		"an error text that is a page": {
			jsonResponse(400, `{"success":false,"error":"<html><title>Sorry &amp; bye</title>"}`),
			rocketchat.ResponseError{Status: 400, Message: "Sorry & bye"},
		},
		"an error text that begins as a tag": {
			jsonResponse(400, `{"success":false,"error":"<Ann> is not a user"}`),
			rocketchat.ResponseError{Status: 400, Message: "<Ann> is not a user"},
		},
		"database down, 8.x": {
			response{status: 500, contentType: "text/plain", body: "Internal Server Error"},
			rocketchat.ResponseError{Status: 500, Message: "Internal Server Error", Attempts: attempts},
		},
		"database down, 6.14": {
			response{status: 500, contentType: "text/html", body: "Server error."},
			rocketchat.ResponseError{Status: 500, Message: "Server error.", Attempts: attempts},
		},
		"error text without end": {
			jsonResponse(400, `{"success":false,"error":"`+strings.Repeat("é", 10_000)+`"}`),
			rocketchat.ResponseError{Status: 400, Message: strings.Repeat("é", 250) + "…"},
		},
		"error of another type than text": {
			jsonResponse(400, `{"success":false,"error":{"code":7}}`),
			rocketchat.ResponseError{Status: 400, Message: `{"success":false,"error":{"code":7}}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(tc.response)
				_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
				got := as[*rocketchat.ResponseError](t, err)
				want := tc.want
				want.Request, want.Permission = listRequest, "view-device-management"
				want.Attempts = max(want.Attempts, 1)
				if *got != want {
					t.Errorf("got  %+v\nwant %+v", *got, want)
				}
				if want.Reason != nil && !errors.Is(err, want.Reason) {
					t.Errorf("errors.Is(%v, %v) = false", err, want.Reason)
				}
				if server.count() != want.Attempts || len(server.infos) != 0 {
					t.Errorf("%d requests and %d to /api/info, want %d and none", server.count(), len(server.infos), want.Attempts)
				}
				if text := err.Error(); !strings.Contains(text, got.Message) || !strings.Contains(text, listRequest) {
					t.Errorf("text %q", text)
				}
			})
		})
	}
}

// TestJudge_gatewayRefusals: a refusal that is not in Rocket.Chat's form is a gateway's, whatever it
// says. What users read about it is in the table of TestDiagnostics_whoseResponseItIs.
func TestJudge_gatewayRefusals(t *testing.T) {
	t.Parallel()
	page := func(status int, body string) response {
		return response{status: status, contentType: "text/html", body: body}
	}
	text := func(status int, body string) response {
		return response{status: status, contentType: "text/plain", body: body}
	}
	long := strings.Repeat("é", 1<<20)
	for name, tc := range map[string]struct {
		response response
		want     rocketchat.GatewayError
	}{
		"redirect without a location": {text(302, "moved"), rocketchat.GatewayError{Status: 302, Message: "moved"}},
		"no body":                     {text(503, ""), rocketchat.GatewayError{Status: 503, Attempts: attempts}},
		"not implemented":             {text(501, ""), rocketchat.GatewayError{Status: 501}},
		"body beyond the bound":       {text(400, long), rocketchat.GatewayError{Status: 400, Message: strings.Repeat("é", 250) + "…"}},
		"invalid UTF-8":               {text(400, "a\xff\xfeb"), rocketchat.GatewayError{Status: 400, Message: "a\uFFFDb"}},
		"text of Rocket.Chat":         {text(403, "unauthorized"), rocketchat.GatewayError{Status: 403, Message: "unauthorized"}},
		"text with a code":            {text(400, "TOTP Required [totp-required]"), rocketchat.GatewayError{Status: 400, Message: "TOTP Required [totp-required]"}},
		"JSON with a message":         {jsonResponse(401, `{"message":"Unauthorized"}`), rocketchat.GatewayError{Status: 401, Message: "Unauthorized"}},
		"JSON with another status":    {jsonResponse(400, `{"status":400,"error":"Bad Request"}`), rocketchat.GatewayError{Status: 400, Message: "Bad Request"}},
		"JSON with keys in upper case": {
			jsonResponse(403, `{"Success":false,"Error":"unauthorized"}`), rocketchat.GatewayError{Status: 403, Message: "unauthorized"},
		},
		"page with a title":             {page(403, "<html><head><title>\n Just a moment&hellip;\u001b[2J </title>"), rocketchat.GatewayError{Status: 403, Page: true, Title: "Just a moment… [2J"}},
		"page without one":              {page(403, "<html><body><p>no</p></body></html>"), rocketchat.GatewayError{Status: 403, Page: true}},
		"page with a title without end": {page(403, "<html><title>"+long), rocketchat.GatewayError{Status: 403, Page: true}},
		"page with a secret for a title": {
			page(403, "<html><title>"+gatewayKey+"</title>"), rocketchat.GatewayError{Status: 403, Page: true, Title: "(redacted)"},
		},
		"TLS expected behind the gateway": {
			text(400, "Client sent an HTTP request to an HTTPS server."), // the configured address is https
			rocketchat.GatewayError{Status: 400, Message: "Client sent an HTTP request to an HTTPS server."},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(tc.response)
				_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
				got := as[*rocketchat.GatewayError](t, err)
				want := tc.want
				want.Request, want.Attempts = listRequest, max(want.Attempts, 1)
				if *got != want || server.count() != want.Attempts || len(server.infos) != 0 {
					t.Errorf("%d requests and %d to /api/info\ngot  %+v\nwant %+v", server.count(), len(server.infos), *got, want)
				}
				if text := err.Error(); !strings.Contains(text, got.Message+got.Title) || !strings.Contains(text, listRequest) {
					t.Errorf("text %q", text)
				}
			})
		})
	}
}

// TestJudge_refusalsOfTheWorkspace has each release refuse as it was recorded.
func TestJudge_refusalsOfTheWorkspace(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		account string
		options rocketchattest.Options
		fault   rocketchattest.FaultFunc
		reason  error
		// requests is how many it takes.
		requests int
	}{
		"wrong token": {
			account: "nobody", reason: rocketchat.ErrNotLoggedIn, requests: 1,
		},
		"no permission": {
			account: "noperm", reason: rocketchat.ErrNoPermission, requests: 1,
		},
		"no license": {
			account: "none", options: rocketchattest.Options{NoLicense: true}, reason: rocketchat.ErrNoLicense, requests: 1,
		},
		"database down": {
			account: "none", fault: rocketchattest.FaultDatabaseDown, requests: attempts,
		},
		"sessions query fails": {
			account: "none", fault: rocketchattest.FaultSessionsQuery, requests: 1,
		},
	} {
		for _, release := range releases() {
			t.Run(name+"/"+string(release), func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					options := tc.options
					options.Release = release
					w := rocketchattest.New(options)
					w.Fault(tc.fault)
					client := newClient(t, w.Transport(), func(config *rocketchat.Config) {
						if tc.account != "nobody" {
							account(w, tc.account)(config)
						}
					})
					_, err := client.WorkspaceSessions(t.Context(), "", everything)
					got := as[*rocketchat.ResponseError](t, err)
					sent := statuses(w)
					if got.Status != sent[len(sent)-1] || !errors.Is(got.Reason, tc.reason) || len(sent) != tc.requests {
						t.Errorf("status %d, reason %v; want one of %v, %v, in %d requests",
							got.Status, got.Reason, sent, tc.reason, tc.requests)
					}
				})
			})
		}
	}
}

func TestJudge_secondFactorRefusals(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want rocketchat.SecondFactorError
	}{
		"before 6.3": {
			`{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"totp"}}`,
			rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorInvalid, Demanded: "totp"},
		},
		"e-mail, before 6.6": {
			`{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"email",` +
				`"codeGenerated":false,"codeCount":1,"codeExpires":["2026-11-22T21:33:11.000Z"],"availableMethods":["email"]}}`,
			rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorRequired, Demanded: "email", Available: []rocketchat.Method{"email"}},
		},
		"the code in brackets alone": {
			`{"success":false,"error":"TOTP Required [totp-required]","details":{"method":"totp","availableMethods":null}}`,
			rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorRequired, Demanded: "totp"},
		},
		"without details": {
			`{"success":false,"error":"TOTP Maximun Failed Attempts Reached [totp-max-attempts]","errorType":"totp-max-attempts"}`,
			rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorMaxAttempts},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(jsonResponse(400, tc.body))
				_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
				got := as[*rocketchat.SecondFactorError](t, err)
				tc.want.Request, tc.want.At = listRequest, start
				if diff := cmp.Diff(tc.want, *got); diff != "" {
					t.Errorf("error (-want +got):\n%s", diff)
				}
				if server.count() != 1 || !strings.Contains(got.Error(), string(tc.want.Problem)) {
					t.Errorf("%d requests, text %q", server.count(), got)
				}
			})
		})
	}
}

func TestJudge_notRocketChat(t *testing.T) {
	t.Parallel()
	page := response{status: 200, contentType: "text/html; charset=utf-8", body: "<!DOCTYPE html><html><head><title>Sign in</title></html>"}
	client := response{status: 200, contentType: "text/html; charset=utf-8", body: `<!DOCTYPE html><html><head><link class="__meteor-css__"></html>`}
	notFound := response{status: 404, contentType: "text/plain; charset=UTF-8", body: "404 Not Found"}
	version := func(v string) response { return jsonResponse(200, `{"version":"`+v+`","success":true}`) }
	for name, tc := range map[string]struct {
		response, about response
		// old is the release of a TooOldError, version that of a NotRocketChatError.
		old, version string
		contentType  string
		// title is that of a page, message the text of another refusal.
		title, message string
	}{
		"login page":                          {response: page, about: page, title: "Sign in", contentType: "text/html"},
		"JSON of a gateway":                   {response: jsonResponse(404, `{"message":"no Route matched"}`), about: notFound, message: "no Route matched", contentType: applicationJSON},
		"a list in Rocket.Chat's own words":   {response: jsonResponse(404, `{"success":false,"error":"Session not found"}`), about: version("8.6"), version: "8.6", message: "Session not found", contentType: applicationJSON},
		"web client":                          {response: client, about: client, contentType: "text/html"},
		"web client, of a workspace":          {response: client, about: version("8.6"), version: "8.6", contentType: "text/html"},
		"web client, of an old workspace":     {response: client, about: version("4.8.7"), old: "4.8.7"},
		"no such route":                       {response: notFound, about: notFound, contentType: "text/plain", message: "404 Not Found"},
		"no such route, old workspace":        {response: notFound, about: version("0.74"), old: "0.74"},
		"no such route, workspace":            {response: notFound, about: version("5.0"), version: "5.0", contentType: "text/plain", message: "404 Not Found"},
		"page not found":                      {response: response{status: 404, contentType: "text/html", body: "<html>"}, about: notFound, contentType: "text/html"},
		"method not allowed, as 6.14 says":    {response: jsonResponse(405, `{"status":"error","message":"API endpoint does not exist"}`), about: version("6.14"), version: "6.14", message: "API endpoint does not exist", contentType: applicationJSON},
		"method not allowed, by a gateway":    {response: response{status: 405, contentType: "text/html", body: "<html>"}, about: notFound, contentType: "text/html"},
		"another API":                         {response: jsonResponse(200, `[{"id":1}]`), about: notFound, contentType: applicationJSON},
		"text":                                {response: response{status: 200, contentType: "text/plain", body: "OK"}, about: response{err: io.ErrUnexpectedEOF}, contentType: "text/plain"},
		"info that is not a version":          {response: notFound, about: version("latest"), contentType: "text/plain", message: "404 Not Found"},
		"info without a version":              {response: notFound, about: jsonResponse(200, `{"success":true}`), contentType: "text/plain", message: "404 Not Found"},
		"info that is broken":                 {response: notFound, about: jsonResponse(200, `{"version":"8.`), contentType: "text/plain", message: "404 Not Found"},
		"info behind the limit of a gateway":  {response: notFound, about: jsonResponse(429, `{}`), contentType: "text/plain", message: "404 Not Found"},
		"info of a workspace that has failed": {response: notFound, about: response{status: 500, contentType: "text/plain"}, contentType: "text/plain", message: "404 Not Found"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(tc.response)
				server.about = tc.about
				_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
				if tc.old != "" {
					got := as[*rocketchat.TooOldError](t, err)
					if want := (rocketchat.TooOldError{Request: listRequest, Version: tc.old}); *got != want || !strings.Contains(got.Error(), tc.old) {
						t.Errorf("%+v, want %+v", *got, want)
					}
				} else {
					got := as[*rocketchat.NotRocketChatError](t, err)
					want := rocketchat.NotRocketChatError{Request: listRequest, Status: tc.response.status, ContentType: tc.contentType, Version: tc.version, Title: tc.title}
					want.Message = tc.message
					want.Page, want.WebClient = strings.HasPrefix(tc.response.body, "<"), strings.Contains(tc.response.body, "meteor")
					if *got != want || !strings.Contains(got.Error(), tc.contentType) {
						t.Errorf("%+v, want %+v", *got, want)
					}
				}
				if server.count() != 1 || len(server.infos) != 1 {
					t.Errorf("%d requests and %d to /api/info, want one each", server.count(), len(server.infos))
				}
				for _, r := range server.infos {
					for _, name := range []string{"X-User-Id", "X-Auth-Token", "X-2fa-Code", "X-2fa-Method"} {
						if r.Header.Get(name) != "" {
							t.Errorf("/api/info was sent %s", name)
						}
					}
					if r.Header.Get(gatewayName) != gatewayKey || r.UserAgent() != userAgent {
						t.Errorf("/api/info was sent the headers %v", r.Header)
					}
				}
			})
		})
	}
}

// TestJudge_malformedResponses are those that the table of faults does not have.
func TestJudge_malformedResponses(t *testing.T) {
	t.Parallel()
	row := func(fields string) string { return `{"sessions":[{` + fields + `}],"total":1,"success":true}` }
	for name, body := range map[string]string{
		"white space":                "\n \n",
		"total negative":             `{"sessions":[],"total":-1}`,
		"a row that is a list":       `{"sessions":[[]],"total":1}`,
		"ip a list":                  row(`"ip":["10.0.0.1"]`),
		"loginAt an object":          row(`"loginAt":{"$date":"2023-05-24T00:25:54.234Z"}`),
		"loginAt in the year 1e9":    row(`"loginAt":"1000000000-01-01T00:00:00Z"`),
		"current a text":             row(`"current":"yes"`),
		"nested deeper than allowed": `{"sessions":[],"total":0,"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				bad := play(jsonResponse(200, body))
				_, err := newClient(t, bad).WorkspaceSessions(t.Context(), "", everything)
				got := as[*rocketchat.MalformedError](t, err)
				if got.Request != listRequest || got.Status != 200 || got.Attempts != attempts || bad.count() != attempts || got.Unwrap() == nil {
					t.Errorf("%d requests, %+v", bad.count(), *got)
				}
				if time.Since(start) != 15*time.Second {
					t.Errorf("waited %v between %d attempts, want 1+2+4+8 seconds", time.Since(start), attempts)
				}

				once := play(jsonResponse(200, body), emptyList)
				if _, err := newClient(t, once).WorkspaceSessions(t.Context(), "", everything); err != nil || once.count() != 2 {
					t.Errorf("malformed once: %v after %d requests, want the second to serve", err, once.count())
				}
			})
		})
	}
}

// TestJudge_oddResponses are odd, but no reason to fail.
func TestJudge_oddResponses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"everything null":     `{"sessions":[{"sessionId":null,"_id":null,"userId":null,"host":null,"ip":null,"loginAt":null,"device":null,"_user":null,"current":null}],"total":1,"success":null}`,
		"unknown fields":      `{"sessions":[{"sessionId":"a","more":{"x":[1e400]}}],"total":1,"also":[null]}`,
		"half of a surrogate": `{"sessions":[{"sessionId":"a","host":"\ud83d"}],"total":1}`,
		"white space before":  "\r\n {\"sessions\":[{}],\"total\":1}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(jsonResponse(200, body))
				listing := read(t, newClient(t, server))
				if len(listing.Sessions) != 1 || listing.Total != 1 || server.count() != 1 {
					t.Errorf("%d sessions of %d after %d requests", len(listing.Sessions), listing.Total, server.count())
				}
			})
		})
	}
}

func TestJudge_rateLimitRefusals(t *testing.T) {
	t.Parallel()
	refused := jsonResponse(429, `{"success":false,"error":"Error, too many requests. Please slow down. You must wait 42 seconds before trying this endpoint again. [error-too-many-requests]"}`)

	t.Run("until the retries are used up", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			server := play(refused)
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.RateLimitError](t, err)
			want := rocketchat.RateLimitError{Request: listRequest, Wait: 42 * time.Second, Attempts: attempts}
			if *got != want || server.count() != attempts {
				t.Errorf("%d requests, %+v; want %d, %+v", server.count(), *got, attempts, want)
			}
			if time.Since(start) != 4*42*time.Second {
				t.Errorf("waited %v, want four times what the text asks for", time.Since(start))
			}
			if !strings.Contains(err.Error(), "5 times") {
				t.Errorf("text %q", err)
			}
		})
	})

	t.Run("for longer than there is time", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			server := play(refused)
			ctx, cancel := context.WithTimeout(t.Context(), 41*time.Second)
			defer cancel()
			_, err := newClient(t, server).WorkspaceSessions(ctx, "", everything)
			got := as[*rocketchat.RateLimitError](t, err)
			want := rocketchat.RateLimitError{Request: listRequest, Wait: 42 * time.Second, Left: 41 * time.Second}
			if *got != want || server.count() != 1 || time.Since(start) != 0 {
				t.Errorf("%d requests, %v waited, %+v; want %+v at once", server.count(), time.Since(start), *got, want)
			}
			if !strings.Contains(err.Error(), "42s") || !strings.Contains(err.Error(), "41s") {
				t.Errorf("text %q", err)
			}
		})
	})

	t.Run("no retries allowed", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			server := play(refused)
			client := newClient(t, server, func(c *rocketchat.Config) { c.MaxRetries = 0 })
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			if got := as[*rocketchat.RateLimitError](t, err); got.Attempts != 1 || server.count() != 1 || time.Since(start) != 0 {
				t.Errorf("%d requests, %v waited, %+v", server.count(), time.Since(start), *got)
			}
		})
	})
}

func TestRetry_serverErrorThenSuccess(t *testing.T) {
	t.Parallel()
	failing := func(status int, after string) response {
		a := response{status: status, contentType: "text/plain", body: "busy", header: http.Header{}}
		if after != "" {
			a.header.Set("Retry-After", after)
		}
		return a
	}
	for name, tc := range map[string]struct {
		responses []response
		slept     time.Duration
	}{
		"500, 502":                       {[]response{failing(500, ""), failing(502, "")}, 3 * time.Second},
		"503 with Retry-After of a date": {[]response{failing(503, "Mon, 01 Jan 2001 00:00:00 GMT")}, 0},
		"503 with Retry-After of zero":   {[]response{failing(503, "0")}, 0},
		"four times":                     {[]response{failing(500, ""), failing(500, ""), failing(500, ""), failing(500, "")}, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(append(tc.responses, emptyList)...)
				read(t, newClient(t, server))
				if server.count() != len(tc.responses)+1 || time.Since(start) != tc.slept {
					t.Errorf("%d requests, %v waited; want %d, %v", server.count(), time.Since(start), len(tc.responses)+1, tc.slept)
				}
			})
		})
	}
}

// TestRetry_thatDoesNotFit: the last failure is returned immediately.
func TestRetry_thatDoesNotFit(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(response{status: 503, contentType: "text/plain", body: "busy", header: http.Header{"Retry-After": {"30"}}})
		client := newClient(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		_, err := client.WorkspaceSessions(ctx, "", everything)
		if got := as[*rocketchat.GatewayError](t, err); got.Status != 503 || server.count() != 1 || time.Since(start) != 0 {
			t.Errorf("shared read: %d requests, %v waited, %v", server.count(), time.Since(start), err)
		}
		_, err = client.WorkspaceSession(ctx, "a")
		if got := as[*rocketchat.GatewayError](t, err); got.Status != 503 || server.count() != 2 || time.Since(start) != 0 {
			t.Errorf("call of its own: %d requests, %v waited, %v", server.count(), time.Since(start), err)
		}
	})
}
