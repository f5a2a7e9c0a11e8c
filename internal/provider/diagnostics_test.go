// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
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

type failure struct {
	name     string
	err      error
	summary  string
	words    []string
	not      []string
	argument argument
	// doing is readingList unless set.
	doing task
}

func responseFailures() []failure {
	refusal := func(status int, code, text string, reason error) error {
		return &rocketchat.ResponseError{
			Request: called, Status: status, Type: code, Message: text, Attempts: 1,
			Permission: "view-device-management", Reason: reason,
		}
	}
	return []failure{
		{
			name: "wrong token", err: refusal(401, "", "You must be logged in to do this.", rocketchat.ErrNotLoggedIn),
			summary: "Rocket.Chat does not accept the user ID and token",
			words: []string{
				called, "HTTP status 401", "You must be logged in to do this.", "`auth_token`", "ROCKETCHAT_AUTH_TOKEN", "`user_id`", "ROCKETCHAT_USER_ID",
				"avatar → Profile → Personal Access Tokens", "not the username",
			},
		},
		{
			name: "no permission", err: refusal(403, "error-unauthorized", "User does not have the permissions required for this action [error-unauthorized]", rocketchat.ErrNoPermission),
			summary: "The account lacks a permission",
			words:   []string{called, "HTTP status 403", "`view-device-management`", "Workspace → Permissions", "role"},
		},
		{
			name: "no permission of an endpoint without one", err: &rocketchat.ResponseError{Request: called, Status: 403, Reason: rocketchat.ErrNoPermission},
			summary: "The account lacks a permission",
			words:   []string{"HTTP status 403.", "Workspace → Permissions"},
		},
		{
			name: "no license, 8.6.1", err: refusal(400, "error-action-not-allowed", "This is an enterprise feature [error-action-not-allowed]", rocketchat.ErrNoLicense),
			summary: "The workspace has no license for device management",
			words:   []string{called, "HTTP status 400", "This is an enterprise feature", "premium", "device management", "Subscription"},
		},
		{
			name: "no session", err: refusal(404, "", "Session not found", rocketchat.ErrNotFound),
			summary: "There is no such session", argument: sessionArgument,
			words: []string{"Session not found", "ended", "rocketchat_workspace_sessions"},
		},
		{
			name: "another session", err: fmt.Errorf("GET /api/v1/sessions/info.admin: %w", rocketchat.ErrNotFound),
			summary: "There is no such session", argument: sessionArgument,
			words: []string{"sessions/info.admin", "ended"},
		},
		{
			name: "parameters", err: refusal(400, "invalid-params", "must NOT have additional properties [invalid-params]", rocketchat.ErrInvalidParameters),
			summary: "Rocket.Chat refused the parameters of the request", argument: searchArgument,
			words: []string{"must NOT have additional properties", "`search`"},
		},
		{
			name: "server down", err: &rocketchat.ResponseError{Request: called, Status: 500, Message: "Internal Server Error", Attempts: 5},
			summary: "The workspace returned a server error",
			words:   []string{"HTTP status 500", "Internal Server Error", "5 attempts", "`max_retries`"}, not: []string{"gateway"},
		},
		{
			name: "maintenance", err: &rocketchat.ResponseError{
				Request: called, Status: 503, Message: "(an HTML page)", Attempts: 1, Until: time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC),
			},
			summary: "The workspace is temporarily unavailable",
			words:   []string{"HTTP status 503", "2026-03-01T13:00:00Z", "Maintenance", "announced"},
		},
		{
			name: "gateway", err: &rocketchat.GatewayError{Request: called, Status: 403, Page: true, Attempts: 1},
			summary: "Access was refused before Rocket.Chat",
			words:   []string{"gateway", "`headers`", "`tls.client_certificate_pem`"},
			not:     []string{"attempts"},
		},
		{
			name: "database", err: refusal(400, "", "Executor error during find command", nil),
			summary: "Rocket.Chat refused the request",
			words:   []string{"HTTP status 400", "Executor error during find command", "from the server"},
		},
	}
}

func readFailures() []failure {
	return []failure{
		{
			name: "rate limit, no time", err: &rocketchat.RateLimitError{Request: called, Wait: 59600 * time.Millisecond, Left: time.Second, Limit: 10},
			summary: "The rate limit does not let the read finish in time", argument: timeoutArgument,
			words: []string{called, "60 seconds", "leaves 1 second.", "10 calls", "`timeouts`", "`api-bypass-rate-limit`", "API_Upper_Count_Limit", "`search`", "Rate Limiter"},
		},
		{
			name: "rate limit, refused", err: &rocketchat.RateLimitError{Request: called, Attempts: 5},
			summary: "The rate limit refused every attempt", argument: timeoutArgument,
			words: []string{called, "5 times", "429", "`api-bypass-rate-limit`", "API_Upper_Count_Limit"},
		},
		{
			name: "rate limit, refused once", err: &rocketchat.RateLimitError{Request: called, Attempts: 1, Limit: 10},
			summary: "The rate limit refused every attempt", argument: timeoutArgument,
			words: []string{"refused once", "10 calls"},
		},
		{
			name: "timeout", err: &rocketchat.TimeoutError{Request: called, Rows: 300, Total: 743, Err: context.DeadlineExceeded},
			summary: "The timeout ended the read", argument: timeoutArgument,
			words: []string{called, "300 of 743", "`timeouts`", "`search`", "`limit`"},
		},
		{
			name: "too old", err: &rocketchat.TooOldError{Request: called, Version: "4.8"},
			summary: "The workspace is too old", words: []string{called, "4.8", "5.0", "Update"},
		},
		{
			name: "HTML", err: &rocketchat.NotRocketChatError{Request: called, Status: 200, ContentType: "text/html", Page: true, WebClient: true},
			summary: "There is no Rocket.Chat API at this address",
			words:   []string{called, "HTTP status 200", "\"text/html\"", "`url`", "ROCKETCHAT_URL", "/api/v1", "sub-path"},
		},
		{
			name: "route blocked", err: &rocketchat.NotRocketChatError{Request: called, Status: 404, ContentType: "text/html", Version: "8.6"},
			summary: "The workspace does not respond on this route", words: []string{called, "Rocket.Chat 8.6", "gateway", "/api/v1/sessions/"},
		},
		{
			name: "redirect", err: &rocketchat.RedirectError{From: "http://chat.example.com:80", To: "https://chat.example.com:443"},
			summary: "The workspace redirects to another address",
			words:   []string{"http://chat.example.com:80", "https://chat.example.com:443", "ROCKETCHAT_URL", "token"},
		},
		{
			name: "redirect with a user name", err: &rocketchat.RedirectError{From: "https://chat.example.com:443", To: "https://chat.example.com:443", Credentials: true},
			summary: "The workspace redirects to an address with a user name",
			words:   []string{"https://chat.example.com:443", "password", "`headers`"},
		},
		{
			name: "redirect without end", err: &rocketchat.RedirectError{From: "https://chat.example.com:443", To: "https://chat.example.com:443"},
			summary: "A gateway redirects in a loop",
			words:   []string{"https://chat.example.com:443", "`headers`", "ROCKETCHAT_URL"},
		},
		{
			name: "text of somebody else", err: &rocketchat.MalformedError{Request: called, Status: 200, Err: errors.New("\x1b[2J\n::error::gone\u202e")},
			summary: "The response is truncated or malformed",
			words:   []string{": :error::gone"}, not: []string{"\x1b", "\u202e", "\n::"},
		},
		{
			name: "incomplete", err: &rocketchat.IncompleteError{Request: called, Why: "the list kept changing", Rows: 99, Total: 120},
			summary: "The list of sessions could not be read completely",
			words:   []string{called, "the list kept changing", "99 sessions", "reported 120", "Try again", "API_Upper_Count_Limit"},
		},
		{
			name: "malformed", err: &rocketchat.MalformedError{Request: called, Status: 200, Attempts: 5, Err: errors.New("unexpected EOF")},
			summary: "The response is truncated or malformed",
			words:   []string{called, "HTTP status 200", "unexpected EOF", "5 attempts", "gateway", "report"},
		},
		{
			name: "canceled", err: fmt.Errorf("reading: %w", context.Canceled),
			summary: "The read was canceled", words: []string{"Ctrl-C"},
		},
		{
			name: "deadline", err: context.DeadlineExceeded,
			summary: "The timeout ended the read", argument: timeoutArgument, words: []string{"`timeouts`"},
		},
		{
			name: "something else", err: errors.New("the dog ate it"),
			summary: "The workspace could not be read", words: []string{"the dog ate it.", "TF_LOG=DEBUG", "report"},
		},
	}
}

// Where one session is read, or sessions are ended, other remedies help, and
// not the same has happened.
func otherTasks() []failure {
	const info, logout = "GET https://chat.example.com/api/v1/sessions/info.admin", "POST https://chat.example.com/api/v1/sessions/logout"
	const setting, roles = "GET https://chat.example.com/api/v1/settings/Site_Url", "GET https://chat.example.com/api/v1/roles.list"
	listOnly := []string{"`search`", "`limit`", "Max Record Amount", "of 0 sessions"}
	return []failure{
		{
			name: "rate limit, one session", doing: readingOne, err: &rocketchat.RateLimitError{Request: info, Wait: time.Minute, Left: time.Second},
			summary: "The rate limit does not let the read finish in time", argument: timeoutArgument,
			words: []string{info, "`timeouts`", "`api-bypass-rate-limit`", "Rate Limiter"}, not: listOnly,
		},
		{
			name: "rate limit, logout", doing: endingSessions, err: &rocketchat.RateLimitError{Request: logout, Wait: time.Minute, Left: time.Second},
			summary: "The rate limit does not let the logout finish in time", argument: timeoutArgument,
			words: []string{logout, "`timeouts`", "`api-bypass-rate-limit`"}, not: listOnly,
		},
		{
			name: "timeout, one session", doing: readingOne, err: &rocketchat.TimeoutError{Request: info, Err: context.DeadlineExceeded},
			summary: "The timeout ended the read", argument: timeoutArgument, words: []string{info, "no response before", "`timeouts`"}, not: listOnly,
		},
		{
			name: "timeout, logout", doing: endingSessions, err: &rocketchat.TimeoutError{Request: logout, Err: context.DeadlineExceeded},
			summary: "The timeout ended the logout", argument: timeoutArgument, words: []string{logout, "no response before", "`timeouts`"}, not: listOnly,
		},
		{
			name: "malformed, logout", doing: endingSessions, err: &rocketchat.MalformedError{Request: logout, Status: 200, Attempts: 5, Err: errors.New("unexpected EOF")},
			summary: "The response is truncated or malformed", words: []string{logout, "unexpected EOF", "gateway"}, not: listOnly,
		},
		{
			name: "canceled, logout", doing: endingSessions, err: context.Canceled,
			summary: "The logout was canceled", words: []string{"Ctrl-C"}, not: []string{"changed nothing"},
		},
		{
			name: "deadline, logout", doing: endingSessions, err: context.DeadlineExceeded,
			summary: "The timeout ended the logout", argument: timeoutArgument, words: []string{"`timeouts`"},
		},
		{
			name: "no permission, logout", doing: endingSessions,
			err:     &rocketchat.ResponseError{Request: logout, Status: 403, Permission: "logout-device-management", Reason: rocketchat.ErrNoPermission},
			summary: "The account lacks a permission", words: []string{logout, "`logout-device-management`", "Workspace → Permissions"}, not: []string{"view-device-management"},
		},
		{
			name: "no permission, settings", doing: readingSettings,
			err:     &rocketchat.ResponseError{Request: setting, Status: 403, Permission: "view-privileged-setting", Reason: rocketchat.ErrNoPermission},
			summary: "The account lacks a permission", words: []string{setting, "`view-privileged-setting`", "Workspace → Permissions"}, not: listOnly,
		},
		{
			name: "rate limit, settings", doing: readingSettings, err: &rocketchat.RateLimitError{Request: setting, Wait: time.Minute, Left: time.Second},
			summary: "The rate limit does not let the read finish in time", argument: timeoutArgument,
			words: []string{setting, "`timeouts`", "Rate Limiter"}, not: listOnly,
		},
		{
			name: "incomplete, settings", doing: readingSettings,
			err:     &rocketchat.IncompleteError{Request: setting, Why: "the workspace lists no public settings"},
			summary: "The list of settings could not be read completely", words: []string{"0 settings were read", "no public settings"}, not: []string{"sessions", "`search`", "Try again"},
		},
		{
			name: "no roles", doing: readingRoles, err: &rocketchat.IncompleteError{Request: roles, Why: "the workspace lists no roles, not even the default ones"},
			summary: "The list of roles could not be read completely", words: []string{"not even the default ones", "pass by mistake", "gateway", "administrator"}, not: []string{"Try again"},
		},
		{
			name: "settings blocked", doing: readingSettings, err: &rocketchat.NotRocketChatError{Request: setting, Status: 404, Version: "8.6"},
			summary: "The workspace does not respond on this route", words: []string{"/api/v1/settings.public", "/api/v1/settings/"}, not: []string{"/sessions/"},
		},
		{
			name: "roles blocked", doing: readingRoles, err: &rocketchat.NotRocketChatError{Request: roles, Status: 404, Version: "8.6"},
			summary: "The workspace does not respond on this route", words: []string{"/api/v1/roles.list and /api/v1/permissions.listAll"}, not: []string{"/sessions/", "users"},
		},
		{
			name: "parameters, roles", doing: readingRoles,
			err:     &rocketchat.ResponseError{Request: roles, Status: 400, Message: "must NOT have additional properties", Reason: rocketchat.ErrInvalidParameters},
			summary: "Rocket.Chat refused the parameters of the request", argument: searchArgument, words: []string{"must NOT have"}, not: listOnly,
		},
		{
			name: "something else, logout", doing: endingSessions, err: errors.New("the dog ate it"),
			summary: "The sessions could not be ended", words: []string{"the dog ate it."},
		},
	}
}

func transportFailures() []failure {
	transport := func(err error) error {
		return &rocketchat.TransportError{Request: called, Attempts: 5, Err: err}
	}
	verification := func(err error) error {
		return transport(&tls.CertificateVerificationError{Err: err})
	}
	return []failure{
		{
			name: "slow", err: &rocketchat.TransportError{Request: called, Attempts: 5, Timeout: 30 * time.Second, Err: context.DeadlineExceeded},
			summary: "The workspace did not respond in time",
			words:   []string{called, "30 seconds", "5 attempts", "`request_timeout`", "ROCKETCHAT_URL", "HTTPS_PROXY"},
		},
		{
			name: "authority", err: verification(x509.UnknownAuthorityError{}),
			summary: "The workspace's certificate is signed by an unknown CA",
			words:   []string{called, "`tls.ca_certificate_pem`", "intermediate"}, not: []string{"attempts"},
		},
		{
			name: "host", err: verification(x509.HostnameError{Certificate: &x509.Certificate{DNSNames: []string{"other.example.com"}}, Host: "chat.example.com"}),
			summary: "The workspace's certificate is for another host",
			words:   []string{"other.example.com", "chat.example.com", "`url`", "ROCKETCHAT_URL"},
		},
		{
			name: "expired", err: verification(x509.CertificateInvalidError{Reason: x509.Expired, Detail: "current time is after 2023-05-30T12:00:00Z"}),
			summary: "The workspace's certificate is not valid", words: []string{"expired", "renew it", "clock", "`tls.ca_certificate_pem`"},
		},
		{
			name: "certificate", err: verification(errors.New("x509: something new")),
			summary: "The workspace's certificate cannot be verified", words: []string{"something new", "`tls.ca_certificate_pem`"},
		},
		{
			name: "refused", err: transport(&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}),
			summary: "The connection was refused",
			words:   []string{called, "connection refused", "5 attempts", "port", "ROCKETCHAT_URL", "NO_PROXY"},
		},
		{
			name: "DNS", err: transport(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "chat.example.com", IsNotFound: true}}),
			summary: "The workspace's host name cannot be resolved", words: []string{"no such host", "spelling", "ROCKETCHAT_URL", "VPN"},
		},
		{
			name: "proxy that refuses", err: transport(&rocketchat.ProxyError{Status: 407, Text: "407 Proxy Authentication Required"}),
			summary: "The proxy does not connect to the workspace",
			words:   []string{"CONNECT", "407 Proxy Authentication Required", "credentials", "NO_PROXY"},
		},
		{
			name: "proxy", err: transport(&net.OpError{Op: "proxyconnect", Net: "tcp", Err: syscall.ECONNREFUSED}),
			summary: "The proxy cannot be reached", words: []string{"HTTPS_PROXY", "NO_PROXY"},
		},
		{
			name: "plain http", err: transport(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}),
			summary: "The address begins with https, but the server speaks plain http", words: []string{"ROCKETCHAT_URL", "TLS"},
		},
		{
			name: "plain http, as net/http says", err: transport(http.ErrSchemeMismatch),
			summary: "The address begins with https, but the server speaks plain http", words: []string{"ROCKETCHAT_URL"},
		},
		{
			name: "TLS where plain http is expected", err: transport(errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x15\x03\x01\x00\x02\x02"`)),
			summary: "The address begins with http, but the server expects https", words: []string{"https://", "ROCKETCHAT_URL"},
		},
		{
			name: "client certificate", err: transport(&net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}),
			summary: "The server refused the TLS connection",
			words:   []string{"certificate required", "`tls.client_certificate_pem`", "`tls.client_key_pem`"},
		},
		{
			name: "broken connection", err: transport(syscall.ECONNRESET),
			summary: "The connection to the workspace failed", words: []string{"connection reset", "5 attempts", "`max_retries`", "ROCKETCHAT_URL"},
		},
		{
			name: "no reason", err: &rocketchat.TransportError{Request: called, Attempts: 1, Err: errors.New("EOF")},
			summary: "The connection to the workspace failed", words: []string{"no response: EOF."}, not: []string{"attempts"},
		},
	}
}

func secondFactorFailures() []failure {
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
	return []failure{
		{
			name: "TOTP required", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: totp, Available: methods{totp}}),
			summary: "A TOTP code is required",
			words: []string{
				called, "totp-required", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "Security → Two Factor Authentication", "Ignore Two Factor", "ROCKETCHAT_TWO_FACTOR_CODE",
				"8.5 to 8.6.0",
			},
		},
		{
			name: "e-mail required, mailed", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: email, Available: methods{email}, MailSentTo: "email@example.invalid"}),
			summary: "A code from an e-mail is required",
			words:   []string{"mailed to email@example.invalid", "ROCKETCHAT_TWO_FACTOR_CODE", "`two_factor.code`", "pipeline"},
		},
		{
			name: "e-mail required, mailed before", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: email, CodeExpires: later}),
			summary: "A code from an e-mail is required",
			words:   []string{"No new code was mailed.", "2026-01-31T13:00:00Z", "ROCKETCHAT_TWO_FACTOR_CODE"}, not: []string{"run once"},
		},
		{
			name: "password required", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: password, Available: methods{}}),
			summary: "The account's password is required",
			words:   []string{"`two_factor.password`", "ROCKETCHAT_PASSWORD", "neither TOTP nor e-mail"},
		},
		{
			name: "unknown method required", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: "passkey", Available: methods{"passkey"}}),
			summary: "The workspace requires an unknown second factor", words: []string{"\"passkey\"", "Ignore Two Factor"},
		},
		{
			name: "code lost on the way", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: totp, Sent: totp, CodeSent: true, Available: methods{totp}}),
			summary: "The second factor did not arrive", words: []string{"gateway", "x-2fa-code", "x-2fa-method"},
		},
		{
			name: "password for TOTP", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: password, CodeSent: true, Available: methods{totp}}),
			summary: "The account uses another second factor",
			words:   []string{"sent the second factor password", "account uses totp", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET"},
		},
		{
			name: "password named back for e-mail", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: password, Sent: password, CodeSent: true, Available: methods{email}, MailSentTo: "ann"}),
			summary: "The account uses another second factor",
			words:   []string{"account uses email", "mailed to ann", "ROCKETCHAT_TWO_FACTOR_CODE"},
		},
		{
			name: "TOTP for a password", err: refused(rocketchat.SecondFactorError{Problem: required, Demanded: password, Sent: totp, CodeSent: true, Available: methods{}}),
			summary: "The account uses another second factor", words: []string{"ROCKETCHAT_PASSWORD"},
		},
		{
			name: "TOTP for an account without any", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Available: methods{}}),
			summary: "The account has no such second factor",
			words:   []string{"neither TOTP nor e-mail", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "`two_factor.password`", "Two Factor Authentication"},
		},
		{
			name: "TOTP refused", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, At: startOfTests(), ClockDifference: 30 * time.Second}),
			summary: "Rocket.Chat refused the TOTP code",
			words: []string{
				"totp-invalid", "`two_factor.totp_secret`", "ROCKETCHAT_TOTP_SECRET", "another account", "Two Factor Authentication",
				"machine's clock says 2023-05-30T12:00:00Z", "Date of the response says 2023-05-30T12:00:30Z", "proxy", "NTP",
			},
			not: []string{"two_factor.code"},
		},
		{
			name: "code alone refused", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, CodeSent: true, Available: methods{totp}, ClockDifference: time.Hour}),
			summary: "Rocket.Chat refused the TOTP code",
			words:   []string{"totp-invalid", "`two_factor.code`", "ROCKETCHAT_TWO_FACTOR_CODE", "a backup code works once"}, not: []string{"secret", "SECRET", "must not contain spaces", "clock"},
		},
		{
			name: "TOTP for an account with e-mail", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{email}}),
			summary: "The account uses another second factor",
			words:   []string{"account uses email", "No new code was mailed.", "`two_factor.method` set to `email`", "ROCKETCHAT_TWO_FACTOR_METHOD", "ROCKETCHAT_TWO_FACTOR_CODE"},
		},
		{
			name: "TOTP refused before 6.3", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true}),
			summary: "Rocket.Chat refused the TOTP code", words: []string{"totp-invalid"},
		},
		{
			name: "TOTP refused, clock behind", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, At: startOfTests(), ClockDifference: -31 * time.Second}),
			summary: "Rocket.Chat refused the TOTP code",
			words:   []string{"31 seconds behind this machine's", "clock says 2023-05-30T12:00:00Z", "Date of the response says 2023-05-30T11:59:29Z", "NTP"},
		},
		{
			name: "TOTP refused, clock ahead", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: totp, Sent: totp, CodeSent: true, Computed: true, Available: methods{totp}, ClockDifference: 3 * time.Minute}),
			summary: "Rocket.Chat refused the TOTP code", words: []string{"180 seconds ahead of this machine's"},
		},
		{
			name: "e-mail refused", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: email, CodeSent: true, Available: methods{email}, MailSentTo: "email@example.invalid"}),
			summary: "Rocket.Chat refused the code from the e-mail",
			words:   []string{"works once", "mailed to email@example.invalid", "ROCKETCHAT_TWO_FACTOR_CODE"},
		},
		{
			name: "password refused", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: password, Sent: password, CodeSent: true, Available: methods{}}),
			summary: "Rocket.Chat refused the password", words: []string{"`two_factor.password`", "ROCKETCHAT_PASSWORD", "SHA-256", "quotation marks"},
		},
		{
			name: "unknown method refused", err: refused(rocketchat.SecondFactorError{Problem: invalid, Demanded: "passkey", CodeSent: true, Available: methods{"passkey"}}),
			summary: "Rocket.Chat refused the second factor", words: []string{"\"passkey\""},
		},
		{
			name: "too many", err: refused(rocketchat.SecondFactorError{Problem: rocketchat.SecondFactorMaxAttempts, Demanded: email, Sent: email, CodeSent: true, CodeExpires: later}),
			summary: "Too many wrong codes", words: []string{"five", "2026-01-31T13:00:00Z", "ROCKETCHAT_TWO_FACTOR_CODE"},
		},
	}
}

func TestDiagnostics_everyFailureIsExplained(t *testing.T) {
	t.Parallel()
	paths := errorPaths{
		timeoutArgument: path.Root("timeouts").AtName("read"),
		searchArgument:  path.Root("search"),
		sessionArgument: path.Root("session_id"),
	}
	for _, failures := range [][]failure{responseFailures(), readFailures(), otherTasks(), transportFailures(), secondFactorFailures()} {
		for _, f := range failures {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				var diags diag.Diagnostics
				explain(f.err, cmp.Or(f.doing, readingList)).addTo(&diags, paths)
				if len(diags) != 1 || diags[0].Severity() != diag.SeverityError {
					t.Fatalf("got %v, want one error", diags)
				}
				if got := diags[0].Summary(); got != f.summary {
					t.Errorf("summary %q, want %q", got, f.summary)
				}
				detail := diags[0].Detail()
				mustContain(t, detail, f.words...)
				mustNotContain(t, detail, append(f.not, "%!", "\n\n\n", "..", " .")...)
				if !strings.HasSuffix(detail, ".") {
					t.Errorf("the detail does not end as a sentence:\n%s", detail)
				}

				at, _ := diags[0].(diag.DiagnosticWithPath)
				switch want, named := paths[f.argument]; {
				case named && (at == nil || !at.Path().Equal(want)):
					t.Errorf("got %v, want the path %s", diags[0], want)
				case !named && at != nil:
					t.Errorf("got the path %s, want none", at.Path())
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
