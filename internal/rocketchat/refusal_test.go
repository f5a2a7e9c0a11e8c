// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// attempts is how often a request is made that may be repeated.
const attempts = rocketchat.DefaultMaxRetries + 1

const listRequest = "GET https://chat.example.invalid/api/v1/sessions/list.all"

// refusal is a response and the error that it leads to, less what is the same for all.
type refusal struct {
	response response
	want     any
}

func testRefusal(t *testing.T, r refusal) {
	t.Helper()
	server := play(r.response)
	_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
	requests, says := 1, ""
	switch want := r.want.(type) {
	case *rocketchat.ResponseError:
		requests, says = max(want.Attempts, 1), want.Message
		want.Request, want.Permission, want.Attempts = listRequest, "view-device-management", requests
		if want.Reason != nil && !errors.Is(err, want.Reason) {
			t.Errorf("errors.Is(%v, %v) = false", err, want.Reason)
		}
	case *rocketchat.GatewayError:
		requests, says = max(want.Attempts, 1), want.Message+want.Title
		want.Request, want.Attempts = listRequest, requests
	case *rocketchat.SecondFactorError:
		got := as[*rocketchat.SecondFactorError](t, err)
		if !got.At.Equal(start) {
			t.Errorf("demanded at %v", got.At)
		}
		says, want.Request, want.At = string(want.Problem), listRequest, got.At
	}
	wantError(t, err, r.want)
	if server.count() != requests || len(server.infos) != 0 {
		t.Errorf("%d requests and %d to /api/info, want %d and none", server.count(), len(server.infos), requests)
	}
	if text := err.Error(); !strings.Contains(text, says) || !strings.Contains(text, listRequest) {
		t.Errorf("text %q", text)
	}
}

// TestJudge_refusals has a server refuse in ways that no simulated workspace does, and that
// the table of faults does not distinguish.
func TestJudge_refusals(t *testing.T) {
	t.Parallel()
	each(t, map[string]refusal{
		"no license, some 7.x":   {jsonResponse(401, `{"success":false,"error":"unauthorized"}`), &rocketchat.ResponseError{Status: 401, Message: "unauthorized", Reason: rocketchat.ErrNoLicense}},
		"no license, text alone": {jsonResponse(418, `{"success":false,"error":"This is an enterprise feature"}`), &rocketchat.ResponseError{Status: 418, Message: "This is an enterprise feature", Reason: rocketchat.ErrNoLicense}},
		"bad query":              {jsonResponse(400, `{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`), &rocketchat.ResponseError{Status: 400, Type: "invalid-params", Message: "must NOT have additional properties [invalid-params]", Reason: rocketchat.ErrInvalidParameters}},
		"bad query, 8.8":         {jsonResponse(400, `{"success":false,"error":"must NOT have additional properties","errorType":"error-invalid-params"}`), &rocketchat.ResponseError{Status: 400, Type: "error-invalid-params", Message: "must NOT have additional properties", Reason: rocketchat.ErrInvalidParameters}},
		"bad count":              {jsonResponse(400, `{"success":false,"error":"the limit must be positive"}`), &rocketchat.ResponseError{Status: 400, Message: "the limit must be positive"}},
		"success:false with 200": {jsonResponse(200, `{"success":false,"error":"Something went wrong [error-odd]"}`), &rocketchat.ResponseError{Status: 200, Type: "error-odd", Message: "Something went wrong [error-odd]"}},

		"success:false with 200 and nothing else":    {jsonResponse(200, `{"success":false}`), &rocketchat.ResponseError{Status: 200}},
		"a type and another one in brackets":         {jsonResponse(400, `{"success":false,"error":"No [error-unauthorized]","errorType":"error-other"}`), &rocketchat.ResponseError{Status: 400, Type: "error-other", Message: "No [error-unauthorized]"}},
		"a bracket that is not at the end":           {jsonResponse(400, `{"success":false,"error":"field [x] is odd"}`), &rocketchat.ResponseError{Status: 400, Message: "field [x] is odd"}},
		"error text on several lines, with controls": {jsonResponse(400, `{"success":false,"error":"one\n\ttwo\u001b[31m  three\u0000"}`), &rocketchat.ResponseError{Status: 400, Message: "one two [31m three"}},
		"a list of settings":                         {jsonResponse(400, `{"success":false}`), &rocketchat.ResponseError{Status: 400}},
		"a key in another case":                      {jsonResponse(403, `{"success":false,"error":"no [error-unauthorized]","Success":true,"Error":"yes","ERRORTYPE":"error-other"}`), &rocketchat.ResponseError{Status: 403, Type: "error-unauthorized", Message: "no [error-unauthorized]", Reason: rocketchat.ErrNoPermission}},
		"an error text that is a page":               {jsonResponse(400, `{"success":false,"error":"<html><title>Sorry &amp; bye</title>"}`), &rocketchat.ResponseError{Status: 400, Message: "Sorry & bye"}},
		"an error text that begins as a tag":         {jsonResponse(400, `{"success":false,"error":"<Ann> is not a user"}`), &rocketchat.ResponseError{Status: 400, Message: "<Ann> is not a user"}},
		"database down, 8.x":                         {response{status: 500, contentType: "text/plain", body: "Internal Server Error"}, &rocketchat.ResponseError{Status: 500, Message: "Internal Server Error", Attempts: attempts}},
		"database down, 6.14":                        {response{status: 500, contentType: "text/html", body: "Server error."}, &rocketchat.ResponseError{Status: 500, Message: "Server error.", Attempts: attempts}},
		"error text without end":                     {jsonResponse(400, `{"success":false,"error":"`+strings.Repeat("é", 10_000)+`"}`), &rocketchat.ResponseError{Status: 400, Message: strings.Repeat("é", 250) + "…"}},
		"error of another type than text":            {jsonResponse(400, `{"success":false,"error":{"code":7}}`), &rocketchat.ResponseError{Status: 400, Message: `{"success":false,"error":{"code":7}}`}},

		"second factor, before 6.3":                 {jsonResponse(400, `{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"totp"}}`), &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorInvalid, Demanded: "totp"}},
		"second factor by e-mail, before 6.6":       {jsonResponse(400, `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"email","codeGenerated":false,"codeCount":1,"codeExpires":["2026-11-22T21:33:11.000Z"],"availableMethods":["email"]}}`), &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorRequired, Demanded: "email", Available: []rocketchat.Method{"email"}}},
		"second factor, the code in brackets alone": {jsonResponse(400, `{"success":false,"error":"TOTP Required [totp-required]","details":{"method":"totp","availableMethods":null}}`), &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorRequired, Demanded: "totp"}},
		"second factor, without details":            {jsonResponse(400, `{"success":false,"error":"TOTP Maximun Failed Attempts Reached [totp-max-attempts]","errorType":"totp-max-attempts"}`), &rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorMaxAttempts}},
	}, testRefusal)
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
	each(t, map[string]refusal{
		"redirect without a location":     {text(302, "moved"), &rocketchat.GatewayError{Status: 302, Message: "moved"}},
		"no body":                         {text(503, ""), &rocketchat.GatewayError{Status: 503, Attempts: attempts}},
		"not implemented":                 {text(501, ""), &rocketchat.GatewayError{Status: 501}},
		"body beyond the bound":           {text(400, long), &rocketchat.GatewayError{Status: 400, Message: strings.Repeat("é", 250) + "…"}},
		"invalid UTF-8":                   {text(400, "a\xff\xfeb"), &rocketchat.GatewayError{Status: 400, Message: "a\uFFFDb"}},
		"text of Rocket.Chat":             {text(403, "unauthorized"), &rocketchat.GatewayError{Status: 403, Message: "unauthorized"}},
		"text with a code":                {text(400, "TOTP Required [totp-required]"), &rocketchat.GatewayError{Status: 400, Message: "TOTP Required [totp-required]"}},
		"JSON with a message":             {jsonResponse(401, `{"message":"Unauthorized"}`), &rocketchat.GatewayError{Status: 401, Message: "Unauthorized"}},
		"JSON with another status":        {jsonResponse(400, `{"status":400,"error":"Bad Request"}`), &rocketchat.GatewayError{Status: 400, Message: "Bad Request"}},
		"JSON with keys in upper case":    {jsonResponse(403, `{"Success":false,"Error":"unauthorized"}`), &rocketchat.GatewayError{Status: 403, Message: "unauthorized"}},
		"page with a title":               {page(403, "<html><head><title>\n Just a moment&hellip;\u001b[2J </title>"), &rocketchat.GatewayError{Status: 403, Page: true, Title: "Just a moment… [2J"}},
		"page without one":                {page(403, "<html><body><p>no</p></body></html>"), &rocketchat.GatewayError{Status: 403, Page: true}},
		"page with a title without end":   {page(403, "<html><title>"+long), &rocketchat.GatewayError{Status: 403, Page: true}},
		"page with a secret for a title":  {page(403, "<html><title>"+gatewayKey+"</title>"), &rocketchat.GatewayError{Status: 403, Page: true, Title: "(redacted)"}},
		"TLS expected behind the gateway": {text(400, "Client sent an HTTP request to an HTTPS server."), &rocketchat.GatewayError{Status: 400, Message: "Client sent an HTTP request to an HTTPS server."}},
	}, testRefusal)
}

// TestJudge_refusalsOfTheWorkspace has each release refuse as it was recorded.
func TestJudge_refusalsOfTheWorkspace(t *testing.T) {
	t.Parallel()
	type row struct {
		account  string
		options  rocketchattest.Options
		fault    rocketchattest.FaultFunc
		reason   error
		requests int
	}
	eachByRelease(t, map[string]row{
		"wrong token":          {reason: rocketchat.ErrNotLoggedIn, requests: 1},
		"no permission":        {account: "noperm", reason: rocketchat.ErrNoPermission, requests: 1},
		"no license":           {account: "none", options: rocketchattest.Options{NoLicense: true}, reason: rocketchat.ErrNoLicense, requests: 1},
		"database down":        {account: "none", fault: rocketchattest.FaultDatabaseDown, requests: attempts},
		"sessions query fails": {account: "none", fault: rocketchattest.FaultSessionsQuery, requests: 1},
	}, func(t *testing.T, tc row, release rocketchattest.Release) {
		tc.options.Release = release
		w := rocketchattest.New(tc.options)
		w.Fault(tc.fault)
		client := newClient(t, w.Transport(), func(config *rocketchat.Config) {
			if tc.account != "" {
				account(w, tc.account)(config)
			}
		})
		_, err := client.WorkspaceSessions(t.Context(), "", everything)
		got := as[*rocketchat.ResponseError](t, err)
		sent := statuses(w)
		if got.Status != sent[len(sent)-1] || !errors.Is(got.Reason, tc.reason) || len(sent) != tc.requests {
			t.Errorf("status %d, reason %v; want one of %v, %v, in %d requests", got.Status, got.Reason, sent, tc.reason, tc.requests)
		}
	})
}

func TestJudge_notRocketChat(t *testing.T) {
	t.Parallel()
	page := response{status: 200, contentType: "text/html; charset=utf-8", body: "<!DOCTYPE html><html><head><title>Sign in</title></html>"}
	client := response{status: 200, contentType: "text/html; charset=utf-8", body: `<!DOCTYPE html><html><head><link class="__meteor-css__"></html>`}
	notFound := response{status: 404, contentType: "text/plain; charset=UTF-8", body: "404 Not Found"}
	version := func(v string) response { return jsonResponse(200, `{"version":"`+v+`","success":true}`) }
	type row struct {
		response, about response
		// old is the release of a TooOldError, version that of a NotRocketChatError.
		old, version string
		contentType  string
		// title is that of a page, message the text of another refusal.
		title, message string
	}
	each(t, map[string]row{
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
	}, func(t *testing.T, tc row) {
		server := play(tc.response)
		server.about = tc.about
		_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
		var want any = &rocketchat.TooOldError{Request: listRequest, Version: tc.old}
		if tc.old == "" {
			want = &rocketchat.NotRocketChatError{
				Request: listRequest, Status: tc.response.status, ContentType: tc.contentType, Version: tc.version, Title: tc.title, Message: tc.message,
				Page: strings.HasPrefix(tc.response.body, "<"), WebClient: strings.Contains(tc.response.body, "meteor"),
			}
		}
		wantError(t, err, want)
		if !strings.Contains(err.Error(), tc.old+tc.contentType) {
			t.Errorf("text %q", err)
		}
		if server.count() != 1 || len(server.infos) != 1 {
			t.Fatalf("%d requests and %d to /api/info, want one each", server.count(), len(server.infos))
		}
		sent := server.infos[0].Header
		for _, name := range []string{"X-User-Id", "X-Auth-Token", "X-2fa-Code", "X-2fa-Method"} {
			if sent.Get(name) != "" {
				t.Errorf("/api/info was sent %s", name)
			}
		}
		if sent.Get(gatewayName) != gatewayKey || sent.Get("User-Agent") != userAgent {
			t.Errorf("/api/info was sent the headers %v", sent)
		}
	})
}

// TestRetry_waits before it repeats a request, as far as there is time, and returns the last failure otherwise.
func TestRetry_waits(t *testing.T) {
	t.Parallel()
	failing := func(status int, after ...string) response {
		return response{status: status, contentType: "text/plain", body: "busy", header: http.Header{"Retry-After": after}}
	}
	refused := jsonResponse(429, `{"success":false,"error":"Error, too many requests. Please slow down. You must wait 42 seconds before trying this endpoint again. [error-too-many-requests]"}`)
	type row struct {
		responses []response
		timeout   time.Duration
		noRetries bool
		// want is nil for an error after which an empty list is the response.
		want   any
		says   string
		waited time.Duration
		// alone is a call that nobody shares.
		alone bool
	}
	each(t, map[string]row{
		"500, 502":                       {responses: []response{failing(500), failing(502)}, waited: 3 * time.Second},
		"503 with Retry-After of a date": {responses: []response{failing(503, "Mon, 01 Jan 2001 00:00:00 GMT")}},
		"503 with Retry-After of zero":   {responses: []response{failing(503, "0")}},
		"four times":                     {responses: []response{failing(500), failing(500), failing(500), failing(500)}, waited: 15 * time.Second},
		"429, until the retries are used up": {
			responses: []response{refused, refused, refused, refused, refused}, waited: 4 * 42 * time.Second,
			want: &rocketchat.RateLimitError{Request: listRequest, Wait: 42 * time.Second, Attempts: attempts}, says: "5 times",
		},
		"429, for longer than there is time": {
			responses: []response{refused}, timeout: 41 * time.Second,
			want: &rocketchat.RateLimitError{Request: listRequest, Wait: 42 * time.Second, Left: 41 * time.Second}, says: "42s, and 41s",
		},
		"429, no retries allowed": {
			responses: []response{refused}, noRetries: true,
			want: &rocketchat.RateLimitError{Request: listRequest, Wait: 42 * time.Second, Attempts: 1},
		},
		"503, for longer than there is time": {
			responses: []response{failing(503, "30")}, timeout: 29 * time.Second,
			want: &rocketchat.GatewayError{Request: listRequest, Status: 503, Message: "busy", Attempts: 1},
		},
		"503, for longer than there is time, alone": {
			responses: []response{failing(503, "30")}, timeout: 29 * time.Second, alone: true,
			want: &rocketchat.GatewayError{Request: infoRequest, Status: 503, Message: "busy", Attempts: 1},
		},
	}, func(t *testing.T, tc row) {
		server := play(append(tc.responses, emptyList)...)
		client := newClient(t, server, func(c *rocketchat.Config) {
			if tc.noRetries {
				c.MaxRetries = 0
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(tc.timeout, time.Hour))
		defer cancel()
		read := func() (err error) { _, err = client.WorkspaceSessions(ctx, "", everything); return err }
		if tc.alone {
			read = func() (err error) { _, err = client.WorkspaceSession(ctx, "a"); return err }
		}
		err := read()
		requests := len(tc.responses)
		if tc.want == nil {
			requests++
		}
		wantError(t, err, tc.want)
		if server.count() != requests || time.Since(start) != tc.waited {
			t.Errorf("%d requests, %v waited; want %d, %v", server.count(), time.Since(start), requests, tc.waited)
		}
		if err != nil && !strings.Contains(err.Error(), tc.says) {
			t.Errorf("text %q", err)
		}
	})
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
		`{"sessions":[{"loginAt":"` + authToken + `"}],"total":1}`,
		`{"success":false,"error":"` + gatewayKey + `"}`,
		`[]`, `"`, ``, `{`, "<!DOCTYPE html>",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		bubble(t, func(t *testing.T) {
			listing, err := newClient(t, play(jsonResponse(http.StatusOK, body))).WorkspaceSessions(t.Context(), "", everything)
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
		{500, "text/html", "<html>" + authToken},
		{200, "text/html", "<!DOCTYPE html>"},
		{200, "application/json", `{"version":"4.8"}`},
		{200, authToken, `{"success":false,"error":"` + authToken + ` [` + authToken + `]"}`},
		{400, "text/plain", "\x1b[31m" + gatewayKey + "\r\n[x]"},
		{302, "", ""},
		{99, "", "]["},
	} {
		f.Add(seed.status, seed.contentType, seed.body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		bubble(t, func(t *testing.T) {
			server := play(response{status: status, contentType: contentType, body: body})
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			if err == nil {
				if status >= http.StatusMultipleChoices {
					t.Errorf("status %d with %q is taken for success", status, body)
				}
				return
			}
			checkError(t, err)
			if server.count() > 1 && status >= 300 && status < 500 && status != http.StatusTooManyRequests {
				t.Errorf("status %d is repeated: %v", status, err)
			}
		})
	})
}

// checkError asserts what holds for every error: a text of some length, on one
// line, without a secret, and of a known type.
func checkError(t *testing.T, err error) {
	t.Helper()
	const most = 4000
	if text := err.Error(); len(text) > most || strings.ContainsAny(text, "\r\x00\x1b") {
		t.Errorf("an error text of %d bytes: %q", len(text), text)
	}
	if kind := reflect.TypeOf(err).String(); !strings.HasPrefix(kind, "*rocketchat.") {
		t.Errorf("an error of no known type: %s %v", kind, err)
	}
	searchForSecrets(t, "the error", shown(err), []string{authToken, gatewayKey})
}
