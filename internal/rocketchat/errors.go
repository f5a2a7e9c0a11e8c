// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"fmt"
	"time"
)

// The errors of this package are safe to print. The client judges the text of a
// server, a proxy or a certificate as received, and then cleans and shortens it
// ([sanitize.Line]) and removes the secrets of the configuration. errors.Is and
// errors.As find the causes, which Unwrap does not return.
//
// In all of them, Request is the method and address that was called, without its query; Status
// is the HTTP status; Attempts counts the calls with this outcome, including the last one.

// The reasons of a [ResponseError], for errors.Is.
var (
	// ErrNotLoggedIn: the user id and token are missing, wrong, or expired.
	ErrNotLoggedIn = errors.New("not logged in")
	// ErrNoPermission: the account lacks [ResponseError].Permission.
	ErrNoPermission = errors.New("permission missing")
	// ErrNoLicense: the workspace has no license for device management. The status
	// is 403 up to 6.x, 401 in some 7.x, and 400 from 8.x on; if a gateway rewrites
	// the status, only the text shows it.
	ErrNoLicense = errors.New("premium license missing")
	// ErrNotFound: the session is unknown or has ended.
	ErrNotFound = errors.New("session not found")
	// ErrNoSetting: the workspace does not have the setting, or hides it.
	ErrNoSetting = errors.New("no such setting")
	// ErrInvalidParameters: a query or body that the release does not accept.
	// errorType invalid-params, from 8.8 error-invalid-params.
	ErrInvalidParameters = errors.New("invalid parameters")
)

// ResponseError is a refusal in Rocket.Chat's own words.
type ResponseError struct {
	Request string
	// Status can be 200 if the body has success:false.
	Status int
	// Type is errorType, or the code in brackets at the end of the text.
	Type    string
	Message string
	// Permission is the one that the endpoint requires; empty if none.
	Permission string
	// Setting is the workspace's setting by which the endpoint needs view-outside-room
	// as well: it is on where Permission is that one, and may be on where it is
	// another. Empty when no setting has to do with the refusal.
	Setting  string
	Attempts int
	// Until is the end of a long wait that a 503 requires by Retry-After, by the client's
	// clock; else zero.
	Until time.Time
	// Reason is one of the Err values above, or nil.
	Reason error
}

func (e *ResponseError) Error() string {
	return fmt.Sprintf("%s: HTTP status %d: %s", e.Request, e.Status, e.Message)
}

// Unwrap makes errors.Is see the reason.
func (e *ResponseError) Unwrap() error { return e.Reason }

// SecondFactorProblem says why the second factor was not enough.
type SecondFactorProblem string

// The problems, by the server's errorType.
const (
	SecondFactorRequired    SecondFactorProblem = "totp-required"
	SecondFactorInvalid     SecondFactorProblem = "totp-invalid"
	SecondFactorMaxAttempts SecondFactorProblem = "totp-max-attempts"
)

// SecondFactorError is a demand for a second factor that could not be met with
// what is configured. Rocket.Chat says so with HTTP status 400.
type SecondFactorError struct {
	Request string
	Problem SecondFactorProblem
	// Demanded is the method that the server asked for.
	Demanded Method
	// Sent is the method of the last code that was sent; empty when none was, or
	// when a one-time code went without a method.
	Sent Method
	// CodeSent reports whether the request had a code, Computed whether from a secret.
	CodeSent, Computed bool
	// Available are the methods that the account has set up. Nil means that the
	// server did not say (totp-invalid before 6.3); empty, that there is none.
	Available []Method
	// MailSentTo is the address or username that a new e-mail code was sent to; empty
	// if none was mailed. CodeExpires is when that code expires; zero if unknown.
	MailSentTo  string
	CodeExpires time.Time
	// At is this machine's time when the demand arrived.
	At time.Time
	// ClockDifference is the server's clock minus this machine's, to about a second, as
	// far as responses show it: a proxy may set the header Date by its own.
	ClockDifference time.Duration
}

func (e *SecondFactorError) Error() string {
	return fmt.Sprintf("%s: %s, method %q", e.Request, e.Problem, e.Demanded)
}

// RateLimitError is a wait for the rate limit that the deadline does not allow,
// or a limiter that refused every attempt.
type RateLimitError struct {
	Request string
	// Wait is how long the next call must wait, Left what remains of the read's timeout.
	Wait, Left time.Duration
	// Limit is the number of calls in a window; 0 when the server did not say.
	Limit int
	// Attempts counts the 429 responses; 0 when no call was refused.
	Attempts int
	// Gateway reports that the limit is that of a gateway in front of the workspace.
	Gateway bool
	// trial reports that the limiter let the call go to learn the time, and was wrong.
	trial bool
}

func (e *RateLimitError) Error() string {
	if e.Attempts > 0 {
		return fmt.Sprintf("%s: refused by the rate limit %d times", e.Request, e.Attempts)
	}
	return fmt.Sprintf("%s: the rate limit asks for a wait of %s, and %s are left",
		e.Request, e.Wait.Round(time.Second), e.Left.Round(time.Second))
}

// GatewayError is a refusal that is not in Rocket.Chat's form. It comes from a gateway
// or proxy in front of the workspace, whatever its status.
type GatewayError struct {
	Request string
	Status  int
	// Page reports that the body is a page. Title is then its title, or empty; Message is the
	// text of any other body.
	Page           bool
	Title, Message string
	// PlainHTTP reports that the server at an http:// address expects TLS.
	PlainHTTP bool
	Attempts  int
	// Until is as in [ResponseError].
	Until time.Time
}

func (e *GatewayError) Error() string {
	return fmt.Sprintf("%s: HTTP status %d, not in Rocket.Chat's form: %s", e.Request, e.Status, e.Title+e.Message)
}

// NotRocketChatError is a response that no Rocket.Chat API gives: the web client
// or a gateway's page instead of JSON, or no such route.
type NotRocketChatError struct {
	Request     string
	Status      int
	ContentType string
	// Page, Title and Message are as in [GatewayError]; a good status has no message.
	Page           bool
	Title, Message string
	// WebClient reports that the page is Rocket.Chat's own web client.
	WebClient bool
	// Version is the workspace's release from /api/info, such as "8.6"; empty if
	// /api/info did not respond like Rocket.Chat either.
	Version string
}

func (e *NotRocketChatError) Error() string {
	return fmt.Sprintf("%s: HTTP status %d with content type %q is not a response of the Rocket.Chat API",
		e.Request, e.Status, e.ContentType)
}

// TooOldError is a workspace from before 5.0, which has no list of sessions and
// is not supported. Version is as in [NotRocketChatError].
type TooOldError struct{ Request, Version string }

func (e *TooOldError) Error() string {
	return fmt.Sprintf("%s: Rocket.Chat %s has no such route", e.Request, e.Version)
}

// RedirectError is a redirect that would send the token to another place, or, if From
// and To are equal, one that the client does not follow.
type RedirectError struct {
	// From and To are scheme, host and port, without path and query.
	From, To string
	// Credentials reports whether the address contains a user name or a password.
	Credentials bool
}

func (e *RedirectError) Error() string {
	return fmt.Sprintf("refused to follow a redirect from %s to %s", e.From, e.To)
}

// TransportError is a request without a response.
type TransportError struct {
	Request  string
	Attempts int
	// Timeout is the request timeout if it ended the last attempt, else zero.
	Timeout time.Duration
	Err     error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s: no response after %d attempts: %v", e.Request, e.Attempts, e.Err)
}

func (e *TransportError) Unwrap() error { return e.Err }

// ProxyError is the cause of a [TransportError] if a proxy does not connect to the
// workspace: its response to CONNECT, of which Text is the status line.
type ProxyError struct {
	Status int
	Text   string
}

func (e *ProxyError) Error() string { return "the proxy responded to CONNECT with " + e.Text }

// MalformedError is a response that is truncated, too large, or not in the API's
// format.
type MalformedError struct {
	Request  string
	Status   int
	Attempts int
	Err      error
}

func (e *MalformedError) Error() string {
	return fmt.Sprintf("%s: malformed response with HTTP status %d: %v", e.Request, e.Status, e.Err)
}

func (e *MalformedError) Unwrap() error { return e.Err }

// IncompleteError is a list that could not be proven complete.
type IncompleteError struct {
	Request string
	// Why names the obstacle.
	Why string
	// Rows were read; Total is what the workspace reported last.
	Rows, Total int
}

func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%s: cannot prove the list complete: %s (%d rows read, %d reported)",
		e.Request, e.Why, e.Rows, e.Total)
}

// TimeoutError is a read that reached its deadline. Err is context.DeadlineExceeded.
type TimeoutError struct {
	Request     string
	Rows, Total int
	Err         error
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: the timeout ended the read after %d of %d rows", e.Request, e.Rows, e.Total)
}

func (e *TimeoutError) Unwrap() error { return e.Err }
