// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// refusal is the body of a refusal. Before 8.x, the login check answers with status
// and message instead of success and error.
type refusal struct {
	Success   *bool  `json:"success"`
	Error     string `json:"error"`
	ErrorType string `json:"errorType"`
	Message   string `json:"message"`
	Details   struct {
		Method           string   `json:"method"`
		CodeGenerated    bool     `json:"codeGenerated"`
		EmailOrUsername  string   `json:"emailOrUsername"`
		AvailableMethods []string `json:"availableMethods"`
		// CodeExpires is a time, before about 6.6 an array of times.
		CodeExpires json.RawMessage `json:"codeExpires"`
	} `json:"details"`
}

// judge turns the outcome of an attempt into an error, or into nil when decode
// took the body.
func (r *request) judge(err error) error {
	if err != nil {
		return r.judgeTransport(err)
	}
	status, body := r.reply.status, r.reply.body
	isJSON := isObject(body)
	switch {
	case status < http.StatusMultipleChoices && (isJSON || r.reply.broken != nil || len(bytes.TrimSpace(body)) == 0):
		return r.judgeBody()
	case status < http.StatusMultipleChoices, !isJSON && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed):
		return r.notRocketChat()
	default:
		return r.judgeRefusal()
	}
}

// judgeTransport wraps the cause of a missing answer.
func (r *request) judgeTransport(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	var limit *RateLimitError
	var redirect *RedirectError
	if errors.As(err, &limit) || errors.As(err, &redirect) {
		return err
	}
	if demand, ok := errors.AsType[*SecondFactorError](err); ok { // it was refused before, and not sent again
		again := *demand
		again.Request = r.name()
		return &again
	}
	failed := &TransportError{Request: r.name(), Attempts: r.attempts, Err: r.showError(err)}
	if errors.Is(err, errRequestTimeout) {
		failed.Timeout = r.client.config.RequestTimeout
	}
	return failed
}

// judgeBody reads an answer with a good status.
func (r *request) judgeBody() error {
	if r.reply.broken != nil { //mutate:broken-off
		return r.unreadable(r.reply.broken)
	}
	err := r.decode(r.reply.body)
	if errors.Is(err, errNoSuccess) {
		if len(r.reply.body) > maxErrorBodyBytes { //mutate:refusal-bound
			return r.unreadable(errRefusalTooLarge)
		}
		var no refusal
		if json.Unmarshal(r.reply.body, &no) == nil {
			return r.refusal(no)
		}
	}
	if err != nil {
		return r.unreadable(err)
	}
	return nil
}

func (r *request) unreadable(err error) error {
	return &UnreadableError{Request: r.name(), Status: r.reply.status, Attempts: r.attempts, Err: r.showError(err)}
}

// judgeRefusal reads an answer with a bad status, whatever its body: for a gateway's
// page, the status is enough.
func (r *request) judgeRefusal() error {
	var no refusal
	if err := json.Unmarshal(r.reply.body, &no); err != nil {
		no.Message = string(r.reply.body)
	}
	switch {
	case r.reply.status == http.StatusTooManyRequests:
		r.refused++
		return &RateLimitError{
			Request: r.name(), Attempts: r.refused,
			Wait:  waitAsked(r.reply, r.client.clock.Now()),
			Limit: r.client.limiterOf(r.endpoint).knownLimit(),
		}
	case r.reply.status == http.StatusMethodNotAllowed && no.Message == "API endpoint does not exist":
		return r.notRocketChat()
	default:
		return r.refusal(no)
	}
}

// refusal classifies a refusal. Releases differ in status and form, so the code
// decides if there is one. It uses the text as received, because redaction can remove
// parts that happen to equal a secret.
func (r *request) refusal(no refusal) error {
	text := cmp.Or(no.Error, no.Message)
	code := cmp.Or(no.ErrorType, bracketed(text))
	switch problem := SecondFactorProblem(code); problem {
	case SecondFactorRequired, SecondFactorInvalid, SecondFactorMaxAttempts:
		return r.demand(problem, no)
	}
	e := &ResponseError{
		Request: r.name(), Status: r.reply.status, Type: r.show(code),
		Message: r.show(text), Permission: r.endpoint.permission, Attempts: r.attempts,
	}
	status := r.reply.status
	// The default text of a 403, from 9.0 "forbidden".
	bare := status == http.StatusForbidden && (text == "unauthorized" || text == "forbidden")
	switch {
	case bare && r.endpoint.bare != nil:
		e.Reason, e.Permission, e.Setting = ErrNoPermission, r.endpoint.bare.permission, r.endpoint.bare.setting
	case code == "error-action-not-allowed", strings.Contains(text, "This is an enterprise feature"),
		r.endpoint.licensed && text == "unauthorized" && (status == http.StatusForbidden || status == http.StatusUnauthorized):
		e.Reason = ErrNoLicense
	case status == http.StatusUnauthorized && (no.Success != nil || no.Message != "" && isObject(r.reply.body)):
		e.Reason = ErrNotLoggedIn
	case code == "error-unauthorized":
		e.Reason = ErrNoPermission
	case status == http.StatusNotFound && text == "Session not found":
		e.Reason = ErrNotFound
	case code == "invalid-params", code == "error-invalid-params":
		e.Reason = ErrInvalidParameters
	}
	return e
}

// demand is a refusal for lack of a second factor.
func (r *request) demand(problem SecondFactorProblem, no refusal) error {
	d := no.Details
	e := &SecondFactorError{
		Request: r.name(), Problem: problem, Demanded: r.method(d.Method),
		Sent: r.use.method, CodeSent: r.use.kind != kindNone,
		ClockDifference: r.client.server.difference(),
	}
	if d.AvailableMethods != nil {
		e.Available = []Method{}
	}
	for _, m := range d.AvailableMethods {
		e.Available = append(e.Available, r.method(m))
	}
	if d.CodeGenerated {
		e.MailSentTo = r.show(d.EmailOrUsername)
	}
	var expires time.Time
	if json.Unmarshal(d.CodeExpires, &expires) == nil {
		e.CodeExpires = expires
	}
	return e
}

// method is a method that a server names: a known one, or a text for display only.
func (r *request) method(name string) Method {
	switch m := Method(name); m {
	case MethodTOTP, MethodEmail, MethodPassword:
		return m
	default:
		return Method(r.show(name))
	}
}

// notRocketChat is an answer that no API of Rocket.Chat gives.
func (r *request) notRocketChat() error {
	contentType, _, _ := strings.Cut(r.reply.header.Get("Content-Type"), ";")
	return &NotRocketChatError{Request: r.name(), Status: r.reply.status, ContentType: r.show(contentType)}
}

// worthRepeating reports whether a repetition of the request can succeed.
func worthRepeating(err error) bool {
	var transport *TransportError
	var unreadable *UnreadableError
	var limit *RateLimitError
	var response *ResponseError
	switch {
	case errors.As(err, &transport):
		return !isCertificateProblem(transport.Err) //mutate:certificate
	case errors.As(err, &unreadable):
		_, tooLarge := errors.AsType[sizeError](unreadable.Err)
		return !tooLarge
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
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// isObject reports whether a body begins as a JSON object does.
func isObject(body []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) }

// bracketed is the code in brackets at the end of a server's text.
func bracketed(text string) string {
	open := strings.LastIndexByte(text, '[')
	if open < 0 || !strings.HasSuffix(text, "]") {
		return ""
	}
	return text[open+1 : len(text)-1]
}
