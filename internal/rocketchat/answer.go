// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// messageMost bounds a server's text in an error, in characters.
const messageMost = 500

// refusal is the body of an answer that says no. Before 8.x the login check
// answers with status and message instead of success and error.
type refusal struct {
	Success   *bool  `json:"success"`
	Error     string `json:"error"`
	ErrorType string `json:"errorType"`
	Message   string `json:"message"`
	Details   struct {
		Method           string   `json:"method"`
		CodeGenerated    bool     `json:"codeGenerated"`
		EmailOrUsername  string   `json:"emailOrUsername"`
		AvailableMethods []Method `json:"availableMethods"`
		// CodeExpires is a time, before about 6.6 an array of times.
		CodeExpires json.RawMessage `json:"codeExpires"`
	} `json:"details"`
}

// judge turns the outcome of an attempt into an error, or into nil when decode
// took the body.
func (c *Client) judge(ctx context.Context, ex *exchange, err error) error {
	if err != nil {
		return c.judgeTransport(ex, err)
	}
	r := ex.reply
	isJSON := startsLike(r.body, '{')
	switch {
	case r.status < http.StatusMultipleChoices && (isJSON || r.broken != nil || len(bytes.TrimSpace(r.body)) == 0):
		return c.judgeBody(ex)
	case r.status < http.StatusMultipleChoices, !isJSON && isMissingRoute(r.status):
		return c.notRocketChat(ctx, ex)
	default:
		return c.judgeRefusal(ctx, ex)
	}
}

// judgeTransport wraps what prevented an answer.
func (c *Client) judgeTransport(ex *exchange, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var limit *RateLimitError
	var redirect *RedirectError
	if errors.As(err, &limit) || errors.As(err, &redirect) {
		return err
	}
	failed := &TransportError{Request: ex.request, Attempts: ex.attempts, Err: c.cleanError(ex, err)}
	if errors.Is(err, errRequestTimeout) {
		failed.Timeout = c.requestTimeout
	}
	return failed
}

// judgeBody reads an answer with a good status.
func (c *Client) judgeBody(ex *exchange) error {
	if ex.reply.broken != nil { //mutate:broken-off
		return c.unreadable(ex, ex.reply.broken)
	}
	err := ex.decode(ex.reply.body)
	if errors.Is(err, errNoSuccess) {
		var no refusal
		if json.Unmarshal(ex.reply.body, &no) == nil {
			return c.refused(ex, no)
		}
	}
	if err != nil {
		return c.unreadable(ex, err)
	}
	return nil
}

func (c *Client) unreadable(ex *exchange, err error) error {
	return &UnreadableError{Request: ex.request, Status: ex.reply.status, Attempts: ex.attempts, Err: c.cleanError(ex, err)}
}

// judgeRefusal reads an answer with a bad status, whatever its body is: a
// gateway's page says little, its status says enough.
func (c *Client) judgeRefusal(ctx context.Context, ex *exchange) error {
	r := ex.reply
	var no refusal
	if err := json.Unmarshal(r.body, &no); err != nil {
		no.Message = string(r.body)
	}
	switch {
	case r.status == http.StatusTooManyRequests:
		ex.refused++
		return &RateLimitError{
			Request: ex.request, Attempts: ex.refused,
			Wait:  waitAsked(r.header, r.body, c.clock.Now()),
			Limit: c.limiterOf(ex.endpoint).knownLimit(),
		}
	case r.status == http.StatusMethodNotAllowed && no.Message == "API endpoint does not exist":
		return c.notRocketChat(ctx, ex)
	default:
		return c.refused(ex, no)
	}
}

// refused names the refusal. Releases differ in status and form, so that the
// code decides where there is one.
func (c *Client) refused(ex *exchange, no refusal) error {
	text := no.Error
	if text == "" {
		text = no.Message
	}
	code := no.ErrorType
	if code == "" {
		code = bracketed(text)
	}
	code = c.clean(ex, code)
	switch problem := SecondFactorProblem(code); problem {
	case SecondFactorRequired, SecondFactorInvalid, SecondFactorMaxAttempts:
		return c.demand(ex, problem, no)
	}
	e := &ResponseError{
		Request: ex.request, Status: ex.reply.status, Type: code,
		Message: c.clean(ex, text), Permission: ex.endpoint.permission, Attempts: ex.attempts,
	}
	status := ex.reply.status
	switch {
	case code == "error-action-not-allowed", strings.Contains(text, "This is an enterprise feature"),
		text == "unauthorized" && (status == http.StatusForbidden || status == http.StatusUnauthorized):
		e.Reason = ErrNoLicence
	case status == http.StatusUnauthorized && (no.Success != nil || no.Message != "" && startsLike(ex.reply.body, '{')):
		e.Reason = ErrNotLoggedIn
	case code == "error-unauthorized":
		e.Reason = ErrNoPermission
	case status == http.StatusNotFound && text == "Session not found":
		e.Reason = ErrNotFound
	}
	return e
}

// demand is a refusal for want of a second factor.
func (c *Client) demand(ex *exchange, problem SecondFactorProblem, no refusal) error {
	d := no.Details
	e := &SecondFactorError{
		Request: ex.request, Problem: problem, Demanded: Method(c.clean(ex, d.Method)),
		Sent: ex.credential.method, CodeSent: ex.credential.kind != kindNone,
		Available: d.AvailableMethods, ClockDifference: c.server.difference(),
	}
	for i, m := range e.Available {
		e.Available[i] = Method(c.clean(ex, string(m)))
	}
	if d.CodeGenerated {
		e.MailSentTo = c.clean(ex, d.EmailOrUsername)
	}
	var expires time.Time
	if json.Unmarshal(d.CodeExpires, &expires) == nil {
		e.CodeExpires = expires
	}
	return e
}

// notRocketChat tells a workspace that is too old from an address that is none.
// /api/info answers without a login and is asked only here, once something is
// wrong already.
func (c *Client) notRocketChat(ctx context.Context, ex *exchange) error {
	contentType, _, _ := strings.Cut(ex.reply.header.Get("Content-Type"), ";")
	e := &NotRocketChatError{Request: ex.request, Status: ex.reply.status, ContentType: c.clean(ex, contentType)}
	if ex.endpoint == info {
		return e
	}
	var about struct {
		Version string `json:"version"`
	}
	if err := c.call(ctx, info, nil, nil, func(body []byte) error { return json.Unmarshal(body, &about) }); err != nil {
		return e
	}
	var major int
	if _, err := fmt.Sscanf(about.Version, "%d.", &major); err == nil {
		e.Version = c.clean(ex, about.Version)
		if major < firstMajor {
			return &TooOldError{Request: ex.request, Version: e.Version}
		}
	}
	return e
}

// firstMajor is the first release with sessions/list.all.
const firstMajor = 5

// worthRepeating tells whether the same request may have another outcome.
func worthRepeating(err error) bool {
	var transport *TransportError
	var unreadable *UnreadableError
	var limit *RateLimitError
	var response *ResponseError
	switch {
	case errors.As(err, &transport):
		return !isCertificateProblem(transport.Err) //mutate:certificate
	case errors.As(err, &unreadable):
		return !errors.Is(unreadable.Err, errTooLarge)
	case errors.As(err, &limit):
		return limit.Attempts > 0
	case errors.As(err, &response):
		return response.Status >= http.StatusInternalServerError && response.Status != http.StatusNotImplemented
	default:
		return false
	}
}

func isCertificateProblem(err error) bool {
	var verification *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &authority) ||
		errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &record) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// isMissingRoute tells the statuses by which a server says that it has no such
// route, once the body is not Rocket.Chat's.
func isMissingRoute(status int) bool {
	return status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// startsLike tells whether the first byte of body that is no white space is b.
func startsLike(body []byte, b byte) bool {
	trimmed := bytes.TrimSpace(body)
	return len(trimmed) > 0 && trimmed[0] == b
}

// bracketed is the code in brackets at the end of a server's text.
func bracketed(text string) string {
	open := strings.LastIndexByte(text, '[')
	if open < 0 || !strings.HasSuffix(text, "]") {
		return ""
	}
	return text[open+1 : len(text)-1]
}

// clean makes a text from elsewhere fit for an error: bounded, on one line, and
// without a secret that a gateway may have sent back. Of a page only the fact
// remains.
func (c *Client) clean(ex *exchange, text string) string {
	text = c.hide(ex, strings.ToValidUTF8(text, "\uFFFD"))
	if startsLike([]byte(text), '<') {
		return "(an HTML page)"
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if runes := []rune(text); len(runes) > messageMost {
		return string(runes[:messageMost]) + "…"
	}
	return text
}

// cleanError leaves of an error that holds a secret the clean text: net/http and
// encoding/json quote what they cannot read. Errors of the network and of
// certificates do not, and their types are wanted.
func (c *Client) cleanError(ex *exchange, err error) error {
	var network net.Error
	if errors.As(err, &network) || isCertificateProblem(err) || errors.Is(err, errTooLarge) {
		return err
	}
	if text := err.Error(); c.hide(ex, text) != text {
		return errors.New(c.clean(ex, text))
	}
	return err
}

// hide takes the secrets out of a text from elsewhere, with the code that the
// exchange has sent.
func (c *Client) hide(ex *exchange, text string) string {
	text = c.redact.Replace(text) //mutate:redact
	if ex.code != "" {
		text = strings.ReplaceAll(text, ex.code, redacted)
	}
	return text
}
