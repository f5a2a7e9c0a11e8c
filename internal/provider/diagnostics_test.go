// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

const called = "GET https://chat.example.com/api/v1/sessions/list.all"

type says = []string

// failure is an error, and what a diagnostic says of it and does not.
type failure struct {
	err   error
	want  string
	words says
	not   says
}

func responseFailures() map[string]failure {
	refusal := func(status int, code, text string, reason error) error {
		return &rocketchat.ResponseError{
			Request: called, Status: status, Type: code, Message: text, Attempts: 1,
			Permission: "view-device-management", Reason: reason,
		}
	}
	return map[string]failure{
		"wrong token": {
			refusal(401, "", "You must be logged in to do this.", rocketchat.ErrNotLoggedIn),
			"error at -: Rocket.Chat does not accept the user ID and token",
			says{called, "HTTP status 401", "You must be logged in to do this.", "`auth_token`", "ROCKETCHAT_AUTH_TOKEN", "`user_id`", "ROCKETCHAT_USER_ID", "avatar → Profile → Personal Access Tokens", "not the username"},
			nil,
		},
		"no permission": {refusal(403, "error-unauthorized", "User does not have the permissions required for this action [error-unauthorized]", rocketchat.ErrNoPermission), "error at -: The account lacks a permission", says{called, "HTTP status 403", "`view-device-management`", "Workspace → Permissions", "role"}, nil},
		"no permission of an endpoint without one": {&rocketchat.ResponseError{Request: called, Status: 403, Reason: rocketchat.ErrNoPermission}, "error at -: The account lacks a permission", says{"HTTP status 403.", "Workspace → Permissions"}, nil},
		"no license, 8.6.1": {
			refusal(400, "error-action-not-allowed", "This is an enterprise feature [error-action-not-allowed]", rocketchat.ErrNoLicense),
			"error at -: The workspace has no license for device management",
			says{called, "HTTP status 400", "This is an enterprise feature", "premium", "device management", "Subscription"},
			nil,
		},
		"no session":      {refusal(404, "", "Session not found", rocketchat.ErrNotFound), "error at session_id: There is no such session", says{"Session not found", "ended", "rocketchat_workspace_sessions"}, nil},
		"another session": {fmt.Errorf("GET /api/v1/sessions/info.admin: %w", rocketchat.ErrNotFound), "error at session_id: There is no such session", says{"sessions/info.admin", "ended"}, nil},
		"parameters":      {refusal(400, "invalid-params", "must NOT have additional properties [invalid-params]", rocketchat.ErrInvalidParameters), "error at search: Rocket.Chat refused the parameters of the request", says{"must NOT have additional properties", "`search`"}, nil},
		"server down":     {&rocketchat.ResponseError{Request: called, Status: 500, Message: "Internal Server Error", Attempts: 5}, "error at -: The workspace returned a server error", says{"HTTP status 500", "Internal Server Error", "5 attempts", "`max_retries`"}, says{"gateway"}},
		"maintenance":     {&rocketchat.ResponseError{Request: called, Status: 503, Message: "(an HTML page)", Attempts: 1, Until: time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)}, "error at -: The workspace is temporarily unavailable", says{"HTTP status 503", "2026-03-01T13:00:00Z", "Maintenance", "announced"}, nil},
		"gateway":         {&rocketchat.GatewayError{Request: called, Status: 403, Page: true, Attempts: 1}, "error at -: Access was refused before Rocket.Chat", says{"gateway", "`headers`", "`tls.client_certificate_pem`"}, says{"attempts"}},
		"database":        {refusal(400, "", "Executor error during find command", nil), "error at -: Rocket.Chat refused the request", says{"HTTP status 400", "Executor error during find command", "from the server"}, nil},
	}
}

func readFailures() map[string]failure {
	return map[string]failure{
		"rate limit, no time": {
			&rocketchat.RateLimitError{Request: called, Wait: 59600 * time.Millisecond, Left: time.Second, Limit: 10},
			"error at timeouts.read: The rate limit does not let the read finish in time",
			says{called, "60 seconds", "leaves 1 second.", "10 calls", "`timeouts`", "`api-bypass-rate-limit`", "API_Upper_Count_Limit", "`search`", "Rate Limiter"},
			nil,
		},
		"rate limit, refused":       {&rocketchat.RateLimitError{Request: called, Attempts: 5}, "error at timeouts.read: The rate limit refused every attempt", says{called, "5 times", "429", "`api-bypass-rate-limit`", "API_Upper_Count_Limit"}, nil},
		"rate limit, refused once":  {&rocketchat.RateLimitError{Request: called, Attempts: 1, Limit: 10}, "error at timeouts.read: The rate limit refused every attempt", says{"refused once", "10 calls"}, nil},
		"timeout":                   {&rocketchat.TimeoutError{Request: called, Rows: 300, Total: 743, Err: context.DeadlineExceeded}, "error at timeouts.read: The timeout ended the read", says{called, "300 of 743", "`timeouts`", "`search`", "`limit`"}, nil},
		"too old":                   {&rocketchat.TooOldError{Request: called, Version: "4.8"}, "error at -: The workspace is too old", says{called, "4.8", "5.0", "Update"}, nil},
		"HTML":                      {&rocketchat.NotRocketChatError{Request: called, Status: 200, ContentType: "text/html", Page: true, WebClient: true}, "error at -: There is no Rocket.Chat API at this address", says{called, "HTTP status 200", "\"text/html\"", "`url`", "ROCKETCHAT_URL", "/api/v1", "sub-path"}, nil},
		"route blocked":             {&rocketchat.NotRocketChatError{Request: called, Status: 404, ContentType: "text/html", Version: "8.6"}, "error at -: The workspace does not respond on this route", says{called, "Rocket.Chat 8.6", "gateway", "/api/v1/sessions/"}, nil},
		"redirect":                  {&rocketchat.RedirectError{From: "http://chat.example.com:80", To: "https://chat.example.com:443"}, "error at -: The workspace redirects to another address", says{"http://chat.example.com:80", "https://chat.example.com:443", "ROCKETCHAT_URL", "token"}, nil},
		"redirect with a user name": {&rocketchat.RedirectError{From: "https://chat.example.com:443", To: "https://chat.example.com:443", Credentials: true}, "error at -: The workspace redirects to an address with a user name", says{"https://chat.example.com:443", "password", "`headers`"}, nil},
		"redirect without end":      {&rocketchat.RedirectError{From: "https://chat.example.com:443", To: "https://chat.example.com:443"}, "error at -: A gateway redirects in a loop", says{"https://chat.example.com:443", "`headers`", "ROCKETCHAT_URL"}, nil},
		"text of somebody else":     {&rocketchat.MalformedError{Request: called, Status: 200, Err: errors.New("\x1b[2J\n::error::gone\u202e")}, "error at -: The response is truncated or malformed", says{": :error::gone"}, says{"\x1b", "\u202e", "\n::"}},
		"incomplete":                {&rocketchat.IncompleteError{Request: called, Why: "the list kept changing", Rows: 99, Total: 120}, "error at -: The list of sessions could not be read completely", says{called, "the list kept changing", "99 sessions", "reported 120", "Try again", "API_Upper_Count_Limit"}, nil},
		"malformed":                 {&rocketchat.MalformedError{Request: called, Status: 200, Attempts: 5, Err: errors.New("unexpected EOF")}, "error at -: The response is truncated or malformed", says{called, "HTTP status 200", "unexpected EOF", "5 attempts", "gateway", "report"}, nil},
		"canceled":                  {fmt.Errorf("reading: %w", context.Canceled), "error at -: The read was canceled", says{"Ctrl-C"}, nil},
		"deadline":                  {context.DeadlineExceeded, "error at timeouts.read: The timeout ended the read", says{"`timeouts`"}, nil},
		"something else":            {errors.New("the dog ate it"), "error at -: The workspace could not be read", says{"the dog ate it.", "TF_LOG=DEBUG", "report"}, nil},
	}
}

// Where one session is read, or sessions are ended, other remedies help, and
// not the same has happened.
func otherTasks() map[task]map[string]failure {
	const info, logout = "GET https://chat.example.com/api/v1/sessions/info.admin", "POST https://chat.example.com/api/v1/sessions/logout"
	const setting, roles = "GET https://chat.example.com/api/v1/settings/Site_Url", "GET https://chat.example.com/api/v1/roles.list"
	listOnly := []string{"`search`", "`limit`", "Max Record Amount", "of 0 sessions"}
	return map[task]map[string]failure{
		readingOne: {
			"rate limit, one session": {&rocketchat.RateLimitError{Request: info, Wait: time.Minute, Left: time.Second}, "error at timeouts.read: The rate limit does not let the read finish in time", says{info, "`timeouts`", "`api-bypass-rate-limit`", "Rate Limiter"}, listOnly},
			"timeout, one session":    {&rocketchat.TimeoutError{Request: info, Err: context.DeadlineExceeded}, "error at timeouts.read: The timeout ended the read", says{info, "no response before", "`timeouts`"}, listOnly},
		},
		endingSessions: {
			"rate limit, logout":     {&rocketchat.RateLimitError{Request: logout, Wait: time.Minute, Left: time.Second}, "error at timeouts.read: The rate limit does not let the logout finish in time", says{logout, "`timeouts`", "`api-bypass-rate-limit`"}, listOnly},
			"timeout, logout":        {&rocketchat.TimeoutError{Request: logout, Err: context.DeadlineExceeded}, "error at timeouts.read: The timeout ended the logout", says{logout, "no response before", "`timeouts`"}, listOnly},
			"malformed, logout":      {&rocketchat.MalformedError{Request: logout, Status: 200, Attempts: 5, Err: errors.New("unexpected EOF")}, "error at -: The response is truncated or malformed", says{logout, "unexpected EOF", "gateway"}, listOnly},
			"canceled, logout":       {context.Canceled, "error at -: The logout was canceled", says{"Ctrl-C"}, says{"changed nothing"}},
			"deadline, logout":       {context.DeadlineExceeded, "error at timeouts.read: The timeout ended the logout", says{"`timeouts`"}, nil},
			"no permission, logout":  {&rocketchat.ResponseError{Request: logout, Status: 403, Permission: "logout-device-management", Reason: rocketchat.ErrNoPermission}, "error at -: The account lacks a permission", says{logout, "`logout-device-management`", "Workspace → Permissions"}, says{"view-device-management"}},
			"something else, logout": {errors.New("the dog ate it"), "error at -: The sessions could not be ended", says{"the dog ate it."}, nil},
		},
		readingSettings: {
			"no permission, settings": {&rocketchat.ResponseError{Request: setting, Status: 403, Permission: "view-privileged-setting", Reason: rocketchat.ErrNoPermission}, "error at -: The account lacks a permission", says{setting, "`view-privileged-setting`", "Workspace → Permissions"}, listOnly},
			"rate limit, settings":    {&rocketchat.RateLimitError{Request: setting, Wait: time.Minute, Left: time.Second}, "error at timeouts.read: The rate limit does not let the read finish in time", says{setting, "`timeouts`", "Rate Limiter"}, listOnly},
			"incomplete, settings":    {&rocketchat.IncompleteError{Request: setting, Why: "the workspace lists no public settings"}, "error at -: The list of settings could not be read completely", says{"0 settings were read", "no public settings"}, says{"sessions", "`search`", "Try again"}},
			"settings blocked":        {&rocketchat.NotRocketChatError{Request: setting, Status: 404, Version: "8.6"}, "error at -: The workspace does not respond on this route", says{"/api/v1/settings.public", "/api/v1/settings/"}, says{"/sessions/"}},
		},
		readingRoles: {
			"no roles":          {&rocketchat.IncompleteError{Request: roles, Why: "the workspace lists no roles, not even the default ones"}, "error at -: The list of roles could not be read completely", says{"not even the default ones", "pass by mistake", "gateway", "administrator"}, says{"Try again"}},
			"roles blocked":     {&rocketchat.NotRocketChatError{Request: roles, Status: 404, Version: "8.6"}, "error at -: The workspace does not respond on this route", says{"/api/v1/roles.list and /api/v1/permissions.listAll"}, says{"/sessions/", "users"}},
			"parameters, roles": {&rocketchat.ResponseError{Request: roles, Status: 400, Message: "must NOT have additional properties", Reason: rocketchat.ErrInvalidParameters}, "error at search: Rocket.Chat refused the parameters of the request", says{"must NOT have"}, listOnly},
		},
	}
}

func transportFailures() map[string]failure {
	transport := func(err error) error {
		return &rocketchat.TransportError{Request: called, Attempts: 5, Err: err}
	}
	verification := func(err error) error {
		return transport(&tls.CertificateVerificationError{Err: err})
	}
	return map[string]failure{
		"slow":                             {&rocketchat.TransportError{Request: called, Attempts: 5, Timeout: 30 * time.Second, Err: context.DeadlineExceeded}, "error at -: The workspace did not respond in time", says{called, "30 seconds", "5 attempts", "`request_timeout`", "ROCKETCHAT_URL", "HTTPS_PROXY"}, nil},
		"authority":                        {verification(x509.UnknownAuthorityError{}), "error at -: The workspace's certificate is signed by an unknown CA", says{called, "`tls.ca_certificate_pem`", "intermediate"}, says{"attempts"}},
		"host":                             {verification(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"other.example.com"}}, Host: "chat.example.com"}), "error at -: The workspace's certificate is for another host", says{"other.example.com", "chat.example.com", "`url`", "ROCKETCHAT_URL"}, nil},
		"expired":                          {verification(x509.CertificateInvalidError{Reason: x509.Expired, Detail: "current time is after 2023-05-30T12:00:00Z"}), "error at -: The workspace's certificate is not valid", says{"expired", "renew it", "clock", "`tls.ca_certificate_pem`"}, nil},
		"certificate":                      {verification(errors.New("x509: something new")), "error at -: The workspace's certificate cannot be verified", says{"something new", "`tls.ca_certificate_pem`"}, nil},
		"refused":                          {transport(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}), "error at -: The connection was refused", says{called, "connection refused", "5 attempts", "port", "ROCKETCHAT_URL", "NO_PROXY"}, nil},
		"DNS":                              {transport(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "chat.example.com", IsNotFound: true}}), "error at -: The workspace's host name cannot be resolved", says{"no such host", "spelling", "ROCKETCHAT_URL", "VPN"}, nil},
		"proxy that refuses":               {transport(&rocketchat.ProxyError{Status: 407, Text: "407 Proxy Authentication Required"}), "error at -: The proxy does not connect to the workspace", says{"CONNECT", "407 Proxy Authentication Required", "credentials", "NO_PROXY"}, nil},
		"proxy":                            {transport(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}), "error at -: The proxy cannot be reached", says{"HTTPS_PROXY", "NO_PROXY"}, nil},
		"plain http":                       {transport(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), "error at -: The address begins with https, but the server speaks plain http", says{"ROCKETCHAT_URL", "TLS"}, nil},
		"plain http, as net/http says":     {transport(http.ErrSchemeMismatch), "error at -: The address begins with https, but the server speaks plain http", says{"ROCKETCHAT_URL"}, nil},
		"TLS where plain http is expected": {transport(errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x15\x03\x01\x00\x02\x02"`)), "error at -: The address begins with http, but the server expects https", says{"https://", "ROCKETCHAT_URL"}, nil},
		"client certificate":               {transport(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}), "error at -: The server refused the TLS connection", says{"certificate required", "`tls.client_certificate_pem`", "`tls.client_key_pem`"}, nil},
		"broken connection":                {transport(syscall.ECONNRESET), "error at -: The connection to the workspace failed", says{"connection reset", "5 attempts", "`max_retries`", "ROCKETCHAT_URL"}, nil},
		"no reason":                        {&rocketchat.TransportError{Request: called, Attempts: 1, Err: errors.New("EOF")}, "error at -: The connection to the workspace failed", says{"no response: EOF."}, says{"attempts"}},
	}
}

func secondFactorFailures() map[string]failure {
	const (
		required = rocketchat.SecondFactorRequired
		invalid  = rocketchat.SecondFactorInvalid
		totp     = rocketchat.MethodTOTP
		email    = rocketchat.MethodEmail
		password = rocketchat.MethodPassword
	)
	type methods = []rocketchat.Method
	later := time.Date(2026, time.January, 31, 13, 0, 0, 0, time.UTC)
	refused := func(e rocketchat.SecondFactorError) error { e.Request = called; return &e }
	return map[string]failure{
		"TOTP required": {
			refused(rocketchat.SecondFactorError{Problem: required, Demanded: totp, Available: methods{totp}}),
			"error at -: A TOTP code is required",
			says{called, "totp-required", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "Security → Two Factor Authentication", "Ignore Two Factor", "ROCKETCHAT_TWO_FACTOR_CODE", "8.5 to 8.6.0"},
			nil,
		},
		"e-mail required, mailed":        {refused(rocketchat.SecondFactorError{Problem: required, Demanded: email, Available: methods{email}, MailSentTo: "email@example.invalid"}), "error at -: A code from an e-mail is required", says{"mailed to email@example.invalid", "ROCKETCHAT_TWO_FACTOR_CODE", "`two_factor.code`", "pipeline"}, nil},
		"e-mail required, mailed before": {refused(rocketchat.SecondFactorError{Problem: required, Demanded: email, CodeExpires: later}), "error at -: A code from an e-mail is required", says{"No new code was mailed.", "2026-01-31T13:00:00Z", "ROCKETCHAT_TWO_FACTOR_CODE"}, says{"run once"}},
		"password required":              {refused(rocketchat.SecondFactorError{Problem: required, Demanded: password, Available: methods{}}), "error at -: The account's password is required", says{"`two_factor.password`", "ROCKETCHAT_PASSWORD", "neither TOTP nor e-mail"}, nil},
		"unknown method required":        {refused(rocketchat.SecondFactorError{Problem: required, Demanded: "passkey", Available: methods{"passkey"}}), "error at -: The workspace requires an unknown second factor", says{"\"passkey\"", "Ignore Two Factor"}, nil},
		"code lost on the way":           {refused(rocketchat.SecondFactorError{Problem: required, Demanded: totp, Sent: totp, CodeSent: true, Available: methods{totp}}), "error at -: The second factor did not arrive", says{"gateway", "x-2fa-code", "x-2fa-method"}, nil},
		"password for TOTP": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: password, CodeSent: true, Available: methods{totp}}),
			"error at -: The account uses another second factor",
			says{"sent the second factor password", "account uses totp", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET"},
			nil,
		},
		"password named back for e-mail": {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: password, Sent: password, CodeSent: true, Available: methods{email}, MailSentTo: "ann"}), "error at -: The account uses another second factor", says{"account uses email", "mailed to ann", "ROCKETCHAT_TWO_FACTOR_CODE"}, nil},
		"TOTP for a password":            {refused(rocketchat.SecondFactorError{Problem: required, Demanded: password, Sent: totp, CodeSent: true, Available: methods{}}), "error at -: The account uses another second factor", says{"ROCKETCHAT_PASSWORD"}, nil},
		"TOTP for an account without any": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Available: methods{}}),
			"error at -: The account has no such second factor",
			says{"neither TOTP nor e-mail", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "`two_factor.password`", "Two Factor Authentication"},
			nil,
		},
		"TOTP refused": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, At: startOfTests(), ClockDifference: 30 * time.Second}),
			"error at -: Rocket.Chat refused the TOTP code",
			says{"totp-invalid", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "another account", "Two Factor Authentication", "machine's clock says 2023-05-30T12:00:00Z", "Date of the response says 2023-05-30T12:00:30Z", "proxy", "NTP"},
			says{"two_factor.code"},
		},
		"code alone refused": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, CodeSent: true, Available: methods{totp}, ClockDifference: time.Hour}),
			"error at -: Rocket.Chat refused the TOTP code",
			says{"totp-invalid", "`two_factor.code`", "ROCKETCHAT_TWO_FACTOR_CODE", "a backup code works once"},
			says{"secret", "SECRET", "must not contain spaces", "clock"},
		},
		"TOTP for an account with e-mail": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{email}}),
			"error at -: The account uses another second factor",
			says{"account uses email", "No new code was mailed.", "`two_factor.method` set to `email`", "ROCKETCHAT_TWO_FACTOR_METHOD", "ROCKETCHAT_TWO_FACTOR_CODE"},
			nil,
		},
		"TOTP refused before 6.3": {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true}), "error at -: Rocket.Chat refused the TOTP code", says{"totp-invalid"}, nil},
		"TOTP refused, clock behind": {
			refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, At: startOfTests(), ClockDifference: -31 * time.Second}),
			"error at -: Rocket.Chat refused the TOTP code",
			says{"31 seconds behind this machine's", "clock says 2023-05-30T12:00:00Z", "Date of the response says 2023-05-30T11:59:29Z", "NTP"},
			nil,
		},
		"TOTP refused, clock ahead": {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, ClockDifference: 3 * time.Minute}), "error at -: Rocket.Chat refused the TOTP code", says{"180 seconds ahead of this machine's"}, nil},
		"e-mail refused":            {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: email, CodeSent: true, Available: methods{email}, MailSentTo: "email@example.invalid"}), "error at -: Rocket.Chat refused the code from the e-mail", says{"works once", "mailed to email@example.invalid", "ROCKETCHAT_TWO_FACTOR_CODE"}, nil},
		"password refused":          {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: password, Sent: password, CodeSent: true, Available: methods{}}), "error at -: Rocket.Chat refused the password", says{"`two_factor.password`", "ROCKETCHAT_PASSWORD", "SHA-256", "quotation marks"}, nil},
		"unknown method refused":    {refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: "passkey", CodeSent: true, Available: methods{"passkey"}}), "error at -: Rocket.Chat refused the second factor", says{"\"passkey\""}, nil},
		"too many":                  {refused(rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorMaxAttempts, Demanded: email, Sent: email, CodeSent: true, CodeExpires: later}), "error at -: Too many wrong codes", says{"five", "2026-01-31T13:00:00Z", "ROCKETCHAT_TWO_FACTOR_CODE"}, nil},
	}
}

func TestDiagnostics_everyFailureIsExplained(t *testing.T) {
	t.Parallel()
	cases := otherTasks()
	cases[readingList] = map[string]failure{}
	for _, failures := range []map[string]failure{responseFailures(), readFailures(), transportFailures(), secondFactorFailures()} {
		maps.Copy(cases[readingList], failures)
	}
	for doing, failures := range cases {
		for name, f := range failures {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var diags diag.Diagnostics
				explain(f.err, doing).addTo(&diags, errorPaths{
					timeoutArgument: path.Root("timeouts").AtName("read"), searchArgument: path.Root("search"), sessionArgument: path.Root("session_id"),
				})
				if len(diags) != 1 || diags[0].Severity() != diag.SeverityError {
					t.Fatalf("got %v, want one error", diags)
				}
				at := "-"
				if located, ok := diags[0].(diag.DiagnosticWithPath); ok {
					at = located.Path().String()
				}
				if got := "error at " + at + ": " + diags[0].Summary(); got != f.want {
					t.Errorf("got %q, want %q", got, f.want)
				}
				detail := diags[0].Detail()
				mustContain(t, detail, f.words...)
				mustNotContain(t, detail, append(f.not, "%!", "\n\n\n", "..", " .")...)
				if !strings.HasSuffix(detail, ".") {
					t.Errorf("the detail does not end as a sentence:\n%s", detail)
				}
			})
		}
	}
}

// A kind without the argument that is at fault reports the failure as a whole.
func TestDiagnostics_withoutAnArgumentToBlame(t *testing.T) {
	t.Parallel()
	var diags diag.Diagnostics
	explain(context.DeadlineExceeded, readingList).addTo(&diags, nil)
	if _, located := diags[0].(diag.DiagnosticWithPath); located {
		t.Errorf("got %v, want no path", diags[0])
	}
}
