// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// roundTrip is an http.RoundTripper of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// canned is a response that a test writes.
type canned struct {
	status            int
	contentType, body string
	header            http.Header
}

func (c canned) response(r *http.Request) *http.Response {
	header := c.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", c.contentType)
	return &http.Response{
		StatusCode: c.status, Header: header, Body: io.NopCloser(strings.NewReader(c.body)),
		ContentLength: -1, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
	}
}

// reading reads the sessions where every request but /api/info gets one response.
func (c canned) reading(t *testing.T, about canned, config attributes) string {
	t.Helper()
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/api/info") {
			return about.response(r), nil
		}
		return c.response(r), nil
	})
	var got []*tfprotov6.Diagnostic
	bubble(t, func(t *testing.T) {
		s := newServer(t, WithTransport(transport))
		s.configure(t, config)
		_, got = s.readSessions(t.Context(), t, nil)
	})
	if len(got) != 1 {
		t.Fatalf("%d diagnostics: %s", len(got), details(got))
	}
	return got[0].Summary + "\n" + got[0].Detail
}

// ownership are the words by which an error says whose a response is, and those of other
// owners, which it must not have.
var ownership = map[string]struct{ says, not []string }{
	"gateway": {
		[]string{"gateway"},
		[]string{"`auth_token`", "`user_id`", "lacks the permission", "license", "`api-bypass-rate-limit`", "Rocket.Chat refused", "Rocket.Chat's own"},
	},
	"proxy":         {[]string{"proxy", "NO_PROXY"}, []string{"`auth_token`", "`headers`"}},
	"workspace":     {[]string{"orkspace"}, []string{"gateway", "`auth_token`"}},
	"account":       {[]string{"account"}, []string{"gateway"}},
	"token":         {[]string{"`auth_token`", "`user_id`"}, []string{"gateway"}},
	"configuration": {[]string{"`url`", "ROCKETCHAT_URL"}, []string{"`auth_token`", "lacks the permission", "license"}},
}

// TestDiagnostics_whoseResponseItIs: gateways and servers respond with any status and in any form, and the
// error says whose the response is.
func TestDiagnostics_whoseResponseItIs(t *testing.T) {
	t.Parallel()
	page := func(status int, body string) canned {
		return canned{status: status, contentType: "text/html", body: body}
	}
	text := func(status int, body string) canned {
		return canned{status: status, contentType: "text/plain; charset=utf-8", body: body}
	}
	json := func(status int, body string) canned {
		return canned{status: status, contentType: "application/json", body: body}
	}
	nginx := func(status int, title string) canned {
		return page(status, "<html>\r\n<head><title>"+title+"</title></head>\r\n<body>\r\n<center><h1>"+title+"</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>")
	}
	const (
		refused, request  = "Access was refused before Rocket.Chat", "The gateway refused the request"
		down, failed      = "The gateway cannot reach the workspace", "The gateway returned a server error"
		large, limited    = "The request is too large for the gateway", "The rate limit of a gateway refused every attempt"
		nothing, webpage  = "There is no Rocket.Chat API at this address", "A web page was returned instead of a Rocket.Chat response"
		blocked, tls      = "The workspace does not respond on this route", "The address begins with http, but the server expects https"
		token, permission = "Rocket.Chat does not accept the user ID and token", "The account lacks a permission"
	)
	workspace := json(200, `{"version":"8.6","success":true}`)
	unencrypted := minimal(attributes{"url": "http://chat.example.com"})
	for name, c := range map[string]struct {
		response canned
		// about is the response of /api/info, by default the same.
		about   *canned
		config  attributes
		owner   string
		summary string
		words   []string
	}{
		"nginx: http sent to https":            {nginx(400, "400 The plain HTTP request was sent to HTTPS port"), nil, unencrypted, "configuration", tls, []string{"https://", "The plain HTTP request was sent to HTTPS port"}},
		"Go: http sent to https":               {text(400, "Client sent an HTTP request to an HTTPS server.\n"), nil, unencrypted, "configuration", tls, []string{"https://"}},
		"Apache: http sent to https":           {page(400, "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>400 Bad Request</title>\n</head><body>\n<h1>Bad Request</h1>\n<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"), nil, unencrypted, "configuration", tls, []string{"400 Bad Request"}},
		"nginx: http sent to https, behind it": {nginx(400, "400 The plain HTTP request was sent to HTTPS port"), nil, nil, "gateway", request, []string{"The plain HTTP request was sent to HTTPS port"}},
		"nginx: bad request":                   {nginx(400, "400 Bad Request"), nil, nil, "gateway", request, []string{`"400 Bad Request"`, "log"}},
		"nginx: header too large":              {nginx(400, "400 Request Header Or Cookie Too Large"), nil, nil, "gateway", large, []string{"`headers`"}},
		"nginx: access denied":                 {nginx(403, "403 Forbidden"), nil, nil, "gateway", refused, []string{`"403 Forbidden"`, "`headers`"}},
		"nginx: too large":                     {nginx(413, "413 Request Entity Too Large"), nil, nil, "gateway", large, nil},
		"nginx: address too long":              {nginx(414, "414 Request-URI Too Large"), nil, nil, "gateway", large, []string{"`search`"}},
		"nginx: down":                          {nginx(502, "502 Bad Gateway"), nil, nil, "gateway", down, []string{`"502 Bad Gateway"`, "5 attempts", "`max_retries`"}},
		"nginx: slow":                          {nginx(504, "504 Gateway Time-out"), nil, nil, "gateway", down, nil},
		"nginx: its own failure":               {nginx(500, "500 Internal Server Error"), nil, nil, "gateway", failed, []string{"log"}},
		"nginx: another site":                  {nginx(404, "404 Not Found"), nil, nil, "configuration", nothing, []string{`"404 Not Found"`}},
		"HAProxy: down":                        {page(503, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n"), nil, nil, "gateway", down, []string{`"503 Service Unavailable"`}},
		"Caddy: down":                          {text(502, ""), nil, nil, "gateway", down, nil},
		"Envoy: down":                          {text(503, "upstream connect error or disconnect/reset before headers. reset reason: connection failure"), nil, nil, "gateway", down, []string{"upstream connect error"}},
		"Envoy: access denied":                 {text(403, "RBAC: access denied"), nil, nil, "gateway", refused, []string{"RBAC: access denied"}},
		"Traefik: no route":                    {text(404, "404 page not found\n"), nil, nil, "configuration", nothing, []string{"404 page not found"}},
		"oauth2-proxy: not logged in":          {page(403, "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Sign In</title>"), nil, nil, "gateway", refused, []string{`"Sign In"`, "`headers`"}},
		"AWS: forbidden":                       {json(403, `{"message":"Forbidden"}`), nil, nil, "gateway", refused, []string{`"Forbidden"`}},
		"AWS: explicit deny":                   {json(403, `{"Message":"User is not authorized to access this resource with an explicit deny"}`), nil, nil, "gateway", refused, []string{"explicit deny"}},
		"AWS: unauthorized":                    {json(401, `{"message":"Unauthorized"}`), nil, nil, "gateway", refused, []string{`"Unauthorized"`, "`headers`"}},
		"AWS: limit":                           {json(429, `{"message":"Too Many Requests"}`), nil, nil, "gateway", limited, []string{"`timeouts`"}},
		"AWS: load balancer":                   {page(503, "<html>\n<head><title>503 Service Temporarily Unavailable</title></head>"), nil, nil, "gateway", down, nil},
		"AWS: storage":                         {canned{status: 403, contentType: "application/xml", body: `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`}, nil, nil, "gateway", refused, []string{`"Access Denied"`}},
		"Kong: no route":                       {json(404, `{"message":"no Route matched with those values"}`), nil, nil, "configuration", nothing, []string{"no Route matched"}},
		"Kong: no route, but a workspace":      {json(404, `{"message":"no Route matched with those values"}`), &workspace, nil, "gateway", blocked, []string{"no Route matched", "8.6", "/api/v1/sessions/"}},
		"Kong: no key":                         {json(401, `{"message":"No API key found in request"}`), nil, nil, "gateway", refused, []string{"No API key found"}},
		"Kong: limit":                          {json(429, `{"message":"API rate limit exceeded"}`), nil, nil, "gateway", limited, nil},
		"Azure: no key":                        {json(401, `{ "statusCode": 401, "message": "Access denied due to missing subscription key." }`), nil, nil, "gateway", refused, []string{"subscription key"}},
		"Apigee: no key":                       {json(401, `{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}`), nil, nil, "gateway", refused, []string{"Invalid ApiKey"}},
		"Google: denied":                       {json(403, `{"error":{"code":403,"message":"denied","status":"PERMISSION_DENIED"}}`), nil, nil, "gateway", refused, []string{"PERMISSION_DENIED"}},
		"Tyk: no key":                          {json(401, `{"error": "Authorization field missing"}`), nil, nil, "gateway", refused, []string{"Authorization field missing"}},
		"Spring: bad request":                  {json(400, `{"timestamp":"2026-01-31T12:00:00Z","status":400,"error":"Bad Request","path":"/"}`), nil, nil, "gateway", request, []string{`"Bad Request"`}},
		"Cloudflare: challenge":                {page(403, "<!DOCTYPE html><html lang=\"en-US\"><head><title>Just a moment...</title>"), nil, nil, "gateway", refused, []string{`"Just a moment..."`}},
		"Cloudflare: blocked":                  {text(403, "error code: 1020"), nil, nil, "gateway", refused, []string{"error code: 1020"}},
		"Cloudflare: down":                     {page(521, "<!DOCTYPE html><title>chat.example.com | 521: Web server is down</title>"), nil, nil, "gateway", failed, []string{"521: Web server is down"}},
		"Cloudflare: limit":                    {text(429, "error code: 1015"), nil, nil, "gateway", limited, nil},
		"firewall: page with 200":              {page(200, "<html><head><title>Request Rejected</title></head>"), nil, nil, "gateway", webpage, []string{`"Request Rejected"`}},
		"firewall: page with 406":              {page(406, "<head><title>Not Acceptable!</title></head>"), nil, nil, "gateway", request, []string{"firewall", `"Not Acceptable!"`}},
		"firewall: 418":                        {page(418, "<html><title>I'm a teapot</title>"), nil, nil, "gateway", request, nil},
		"gateway: another host":                {text(421, "Misdirected Request"), nil, nil, "gateway", "The gateway does not serve this host name", []string{"`url`", "host name"}},
		"gateway: headers too large":           {text(431, ""), nil, nil, "gateway", large, nil},
		"gateway: unavailable for reasons":     {page(451, "<html><title>Unavailable For Legal Reasons</title>"), nil, nil, "gateway", request, nil},
		"gateway: not implemented":             {text(501, "Unsupported method"), nil, nil, "gateway", failed, nil},
		"gateway: network login":               {page(511, "<html><title>Wi-Fi login</title>"), nil, nil, "gateway", refused, []string{`"Wi-Fi login"`}},
		"gateway: login page":                  {page(200, "<!DOCTYPE html><html><head><title>Company SSO</title></head>"), nil, nil, "gateway", webpage, []string{`"Company SSO"`, "`headers`", "`url`"}},
		"gateway: login page, but a workspace": {page(200, "<!DOCTYPE html><html><head><title>Company SSO</title></head>"), &workspace, nil, "gateway", blocked, []string{`"Company SSO"`, "`headers`"}},
		"gateway: redirect in a loop":          {canned{status: 302, header: http.Header{"Location": {"/login"}}}, nil, nil, "gateway", "A gateway redirects in a loop", []string{"`headers`"}},
		"gateway: redirect without a target":   {text(302, ""), nil, nil, "gateway", "The gateway redirects without a target", []string{"`headers`"}},
		"gateway: redirect to a login":         {canned{status: 302, header: http.Header{"Location": {"https://login.example.com/"}}}, nil, nil, "gateway", "The workspace redirects to another address", []string{"`headers`", "login.example.com"}},
		"gateway: redirect to https":           {canned{status: 301, header: http.Header{"Location": {"https://chat.example.com/"}}}, nil, unencrypted, "configuration", "The workspace redirects to another address", []string{"https://chat.example.com"}},
		"gateway: words of Rocket.Chat":        {text(403, "unauthorized"), nil, nil, "gateway", refused, []string{`"unauthorized"`}},
		"gateway: keys in another case":        {json(401, `{"Success":false,"Error":"unauthorized"}`), nil, nil, "gateway", refused, nil},
		"gateway: limit without time":          {canned{status: 429, contentType: "application/json", body: `{"message":"slow down"}`, header: http.Header{"Retry-After": {"900"}}}, nil, nil, "gateway", "The rate limit of a gateway does not let the read finish in time", []string{"900 seconds", "`timeouts`"}},
		"Squid: login":                         {page(407, "<!DOCTYPE html><html><head><title>ERROR: Cache Access Denied</title>"), nil, nil, "proxy", "The proxy requires a login", []string{"HTTPS_PROXY", "Cache Access Denied"}},

		"8.6: wrong token":     {json(401, `{"success":false,"error":"You must be logged in to do this.","status":"error","message":"You must be logged in to do this."}`), nil, nil, "token", token, nil},
		"6.14: wrong token":    {json(401, `{"status":"error","message":"You must be logged in to do this."}`), nil, nil, "token", token, nil},
		"9.0: wrong token":     {json(401, `{"success":false,"error":"You must be logged in to do this."}`), nil, nil, "token", token, nil},
		"8.6: no permission":   {json(403, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`), nil, nil, "account", permission, []string{"`view-device-management`"}},
		"8.6: no license":      {json(400, `{"success":false,"error":"This is an enterprise feature [error-action-not-allowed]","errorType":"error-action-not-allowed"}`), nil, nil, "workspace", "The workspace has no license for device management", nil},
		"6.14: no license":     {json(403, `{"success":false,"error":"unauthorized"}`), nil, nil, "workspace", "The workspace has no license for device management", nil},
		"8.6: second factor":   {json(400, `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"totp","codeGenerated":false,"availableMethods":["totp"]}}`), nil, nil, "account", "A TOTP code is required", nil},
		"8.6: limit":           {json(429, `{"success":false,"error":"Error, too many requests. Please slow down. You must wait 60 seconds before trying this endpoint again. [error-too-many-requests]"}`), nil, nil, "workspace", "The rate limit refused every attempt", []string{"`api-bypass-rate-limit`"}},
		"8.6: database down":   {text(500, "Internal Server Error"), nil, nil, "workspace", "The workspace returned a server error", []string{"database"}},
		"6.14: database down":  {page(500, "Server error."), nil, nil, "workspace", "The workspace returned a server error", []string{"database"}},
		"8.6: database error":  {json(400, `{"success":false,"error":"Executor error during find command"}`), nil, nil, "workspace", "Rocket.Chat refused the request", nil},
		"8.6: no text":         {json(400, `{"success":false}`), nil, nil, "workspace", "Rocket.Chat refused the request", nil},
		"8.6: no such route":   {text(404, "404 Not Found"), nil, nil, "configuration", nothing, nil},
		"6.14: no such method": {json(405, `{"status":"error","message":"API endpoint does not exist"}`), nil, nil, "configuration", nothing, nil},
		"6.14: web client":     {page(200, `<!DOCTYPE html><html><head><link rel="stylesheet" type="text/css" class="__meteor-css__" href="/x.css">`), nil, nil, "configuration", nothing, nil},
		"another API":          {json(200, `[{"id":1}]`), nil, nil, "configuration", nothing, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			about, config := c.response, c.config
			if c.about != nil {
				about = *c.about
			}
			if config == nil {
				config = minimal(nil)
			}
			got := c.response.reading(t, about, config)
			owner := ownership[c.owner]
			mustContain(t, got, append(c.words, c.summary+"\n")...)
			mustContain(t, got, owner.says...)
			mustNotContain(t, got, append(owner.not, "%!")...)
			if strings.Contains(strings.Join(c.words, " "), "`headers`") && strings.Contains(got, "`url`") &&
				strings.Index(got, "`url`") < strings.Index(got, "`headers`") {
				t.Errorf("`url` is named before `headers`:\n%s", got)
			}
		})
	}
}

const referring = "Another error of this run with the same title says what to do."

// TestDiagnostics_oneFailureIsExplainedOnce: five data sources meet the same failure at the same time. One
// error has the whole text, whichever comes first, and each of the others is one sentence.
func TestDiagnostics_oneFailureIsExplainedOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	a := w.Account("noperm")
	unreachable := roundTrip(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED })
	for name, c := range map[string]struct {
		transport     http.RoundTripper
		userID, token string
		summary       string
		words         []string
	}{
		"wrong token":   {w.Transport(), a.UserID, "wrong", "Rocket.Chat does not accept the user ID and token", []string{"`auth_token`"}},
		"no permission": {w.Transport(), a.UserID, a.Token, "The account lacks a permission", []string{"`view-device-management`"}},
		"unreachable":   {unreachable, a.UserID, a.Token, "The connection was refused", []string{"ROCKETCHAT_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := newServer(t, WithTransport(c.transport))
				s.configure(t, minimal(attributes{"url": w.url, "user_id": c.userID, "auth_token": c.token}))
				var texts [5]string
				var reads sync.WaitGroup
				for i := range texts {
					reads.Go(func() {
						_, got := s.readSessions(t.Context(), t, attributes{"search": strings.Repeat("a", i)})
						texts[i] = details(got)
					})
				}
				reads.Wait()
				whole := slices.DeleteFunc(slices.Clone(texts[:]), func(text string) bool { return text == c.summary+"\n"+referring+"\n" })
				if len(whole) != 1 {
					t.Fatalf("%d errors are not a reference:\n%s", len(whole), strings.Join(whole, "\n"))
				}
				mustContain(t, whole[0], append(c.words, c.summary)...)
				mustNotContain(t, whole[0], referring)
			})
		})
	}
}

// Another data source whose request differs says which request failed, and only the remedy is
// left to the first; another failure has its own text.
func TestDiagnostics_otherFailuresAreExplained(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	a := w.Account("noperm")
	s := newServer(t, WithClock(w.clock), WithTransport(w.Transport()))
	s.configure(t, minimal(attributes{"url": w.url, "user_id": a.UserID, "auth_token": "wrong"}))
	read := func(name string, config attributes) string {
		_, got := s.readData(t.Context(), t, name, config)
		return details(got)
	}
	mustNotContain(t, read(dataSourceName, nil), referring)
	users := read("rocketchat_users", nil)
	mustContain(t, users, "HTTP status 401", referring)
	mustNotContain(t, users, "`auth_token`")

	s.configure(t, minimal(attributes{"url": w.url, "user_id": a.UserID, "auth_token": a.Token}))
	mustContain(t, read(dataSourceName, nil), "`view-device-management`")
	mustContain(t, read("rocketchat_users", nil), "`view-d-room`")
}
