// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// refusal is the body of a refusal. Before 8.x, the login check responds with status
// and message instead of success and error.
type refusal struct {
	Success   *bool  `json:"success"`
	Status    string `json:"status"`
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

// readRefusal returns false for a body that is not in Rocket.Chat's form. A field of
// another type counts as missing.
func readRefusal(body []byte) (no refusal, ours bool) {
	err := unmarshal(body, &no)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); err != nil && !odd {
		return refusal{}, false
	}
	if no.Error == "" && no.Message == "" && err != nil {
		no.Message = string(body)
	}
	return no, no.Success != nil || no.Status == "error"
}

// judge turns the outcome of an attempt into an error, or into nil when decode
// took the body.
func (r *request) judge(err error) error {
	if err != nil {
		return r.judgeTransport(err)
	}
	status, body := r.response.status, r.response.body
	isJSON := isObject(body)
	switch {
	case status < http.StatusMultipleChoices && (isJSON || r.response.broken != nil || len(bytes.TrimSpace(body)) == 0):
		return r.judgeBody()
	case status < http.StatusMultipleChoices, !isJSON && (status == http.StatusNotFound || status == http.StatusMethodNotAllowed):
		return r.notRocketChatError()
	default:
		return r.judgeRefusal()
	}
}

// judgeTransport wraps the cause of a missing response.
func (r *request) judgeTransport(err error) error {
	err = cause(err)
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

// judgeBody reads a response with a good status.
func (r *request) judgeBody() error {
	if r.response.broken != nil { //mutate:broken-off
		return r.malformedError(r.response.broken)
	}
	err := r.decode(r.response.body)
	if incomplete, ok := errors.AsType[*IncompleteError](err); ok {
		incomplete.Request = r.name()
		return incomplete
	}
	if errors.Is(err, errNoSuccess) {
		if len(r.response.body) > maxErrorBodyBytes { //mutate:refusal-bound
			return r.malformedError(errRefusalTooLarge)
		}
		if no, ours := readRefusal(r.response.body); ours {
			return r.responseError(no)
		}
	}
	if err != nil {
		return r.malformedError(err)
	}
	return nil
}

func (r *request) malformedError(err error) error {
	return &MalformedError{Request: r.name(), Status: r.response.status, Attempts: r.attempts, Err: r.showError(err)}
}

// judgeRefusal reads a response with a bad status. Only the form of its body shows whose
// it is: a gateway responds with any status.
func (r *request) judgeRefusal() error {
	status, body := r.response.status, r.response.body
	no, ours := readRefusal(body)
	switch {
	case status == http.StatusTooManyRequests:
		if !r.response.trial {
			r.refused++
		}
		asked, _ := waitAsked(r.response, r.client.clock.Now())
		return &RateLimitError{
			Request: r.name(), Attempts: r.refused, Gateway: !ours, trial: r.response.trial,
			Wait:  withinReason(asked),
			Limit: r.client.limiterOf(r.endpoint).current().Calls,
		}
	case status == http.StatusNotFound && (!ours || !r.endpoint.oneSession),
		status == http.StatusMethodNotAllowed && (!ours || no.Message == "API endpoint does not exist"):
		return r.notRocketChatError()
	case ours:
		return r.responseError(no)
	case r.response.broken != nil && isObject(body): // perhaps in Rocket.Chat's form
		return r.malformedError(r.response.broken)
	case status == http.StatusInternalServerError && serverFailures[string(bytes.TrimSpace(body))]:
		return r.responseError(refusal{Message: string(body)})
	default:
		return r.gatewayError()
	}
}

// serverFailures are the bodies of a 500 that Rocket.Chat itself sends, from 8.x on and
// before, for example if its database is down.
var serverFailures = map[string]bool{"Internal Server Error": true, "Server error.": true}

// plainHTTP is how nginx, Go and Apache refuse plain HTTP on a port for TLS.
var plainHTTP = regexp.MustCompile(`(?i)plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|` +
	`speaking plain HTTP to an SSL-enabled server`)

// retryTime is the end of a wait that a 503 requires, if it is too long to wait; else zero.
func (r *request) retryTime() time.Time {
	now := r.client.clock.Now()
	wait, ok := retryAfter(r.response.header, now)
	if !ok || wait <= maxRetryAfter || r.response.status != http.StatusServiceUnavailable {
		return time.Time{}
	}
	return now.Add(wait)
}

// gatewayError is a refusal that is not in Rocket.Chat's form.
func (r *request) gatewayError() error {
	e := &GatewayError{Request: r.name(), Status: r.response.status, Attempts: r.attempts, Until: r.retryTime()}
	e.PlainHTTP = r.client.config.URL.Scheme == "http" && plainHTTP.Match(r.response.body)
	e.Page, e.Title, e.Message = r.content()
	return e
}

// content is what the body of a response shows about its origin: a page its title, JSON
// its message, anything else its text.
func (r *request) content() (page bool, title, message string) {
	body := string(r.response.body[:min(len(r.response.body), maxErrorBodyBytes)])
	if sanitize.IsPage(body) {
		return true, r.title(body), ""
	}
	var said struct{ Message, Error string }
	// A field of another type counts as missing.
	_ = json.Unmarshal([]byte(body), &said)
	return false, "", r.show(cmp.Or(said.Message, said.Error, body))
}

// responseError classifies a refusal. Releases differ in status and form, so the code
// decides if there is one. It uses the text as received, because redaction can remove
// parts that happen to equal a secret.
func (r *request) responseError(no refusal) error {
	text := cmp.Or(no.Error, no.Message)
	code := cmp.Or(no.ErrorType, bracketed(text))
	switch problem := SecondFactorProblem(code); problem {
	case SecondFactorRequired, SecondFactorInvalid, SecondFactorMaxAttempts:
		return r.secondFactorError(problem, no)
	}
	e := &ResponseError{
		Request: r.name(), Status: r.response.status, Type: r.show(code),
		Message: r.quote(text), Permission: r.endpoint.permission, Attempts: r.attempts,
		Until: r.retryTime(),
	}
	status := r.response.status
	// The default text of a 403, from 9.0 "forbidden".
	bare := status == http.StatusForbidden && (text == "unauthorized" || text == "forbidden")
	switch {
	case bare && r.endpoint.bare != nil:
		e.Reason, e.Permission, e.Setting = ErrNoPermission, r.endpoint.bare.permission, r.endpoint.bare.setting
	case code == "error-action-not-allowed", strings.Contains(text, "This is an enterprise feature"),
		r.endpoint.licensed && text == "unauthorized" && (status == http.StatusForbidden || status == http.StatusUnauthorized):
		e.Reason = ErrNoLicense
	case status == http.StatusUnauthorized:
		e.Reason = ErrNotLoggedIn
	case code == "error-unauthorized":
		e.Reason = ErrNoPermission
	case status == http.StatusNotFound && text == "Session not found":
		e.Reason = ErrNotFound
	case r.endpoint.oneSetting && status == http.StatusBadRequest && text == "":
		e.Reason = ErrNoSetting
	case code == "invalid-params", code == "error-invalid-params":
		e.Reason = ErrInvalidParameters
	}
	return e
}

// maxMethods bounds the methods of a second factor that are named: there are three.
const maxMethods = 10

// secondFactorError is a refusal for lack of a second factor.
func (r *request) secondFactorError(problem SecondFactorProblem, no refusal) error {
	d := no.Details
	e := &SecondFactorError{
		Request: r.name(), Problem: problem, Demanded: r.methodNamed(d.Method),
		Sent: r.submitted.method, CodeSent: r.submitted.kind != kindNone, Computed: r.submitted.kind == kindTOTP,
		At: r.client.clock.Now(), ClockDifference: r.client.server.difference(),
	}
	if d.AvailableMethods != nil {
		e.Available = []Method{}
	}
	for _, m := range d.AvailableMethods[:min(len(d.AvailableMethods), maxMethods)] {
		e.Available = append(e.Available, r.methodNamed(m))
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

// methodNamed is a method that a server names: a known one, or a text for display only.
func (r *request) methodNamed(name string) Method {
	switch m := Method(name); m {
	case MethodTOTP, MethodEmail, MethodPassword:
		return m
	default:
		return Method(r.show(name))
	}
}

// webClient is in the head of Rocket.Chat's own page, which Meteor writes.
var webClient = regexp.MustCompile(`(?i)meteor`)

// notRocketChatError is a response that no API of Rocket.Chat gives.
func (r *request) notRocketChatError() error {
	contentType, _, _ := strings.Cut(r.response.header.Get("Content-Type"), ";")
	e := &NotRocketChatError{Request: r.name(), Status: r.response.status, ContentType: r.show(contentType)}
	e.Page, e.Title, e.Message = r.content()
	e.WebClient = e.Page && webClient.Match(r.response.body)
	if e.Status < http.StatusMultipleChoices {
		e.Message = "" // the data of another service
	}
	return e
}

// worthRepeating reports whether a repetition of the request can succeed.
func worthRepeating(err error) bool {
	var transport *TransportError
	var malformed *MalformedError
	var limit *RateLimitError
	var response *ResponseError
	var gateway *GatewayError
	switch {
	case errors.As(err, &transport):
		return !isCertificateProblem(transport.Err) && !isRefusedByProxy(transport.Err) && !isUnknownHost(transport.Err) //mutate:certificate
	case errors.As(err, &malformed):
		_, tooLarge := errors.AsType[sizeError](malformed.Err)
		return !tooLarge
	case errors.As(err, &limit):
		return limit.Attempts > 0 || limit.trial
	case errors.As(err, &response):
		return response.Until.IsZero() && isTemporary(response.Status)
	case errors.As(err, &gateway):
		return gateway.Until.IsZero() && isTemporary(gateway.Status)
	default:
		return false
	}
}

func isTemporary(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

func isCertificateProblem(err error) bool {
	var verification *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	return errors.As(err, &verification) || errors.As(err, &record) || errors.Is(err, http.ErrSchemeMismatch)
}

// isRefusedByProxy reports whether a proxy refused for good to connect to the workspace.
func isRefusedByProxy(err error) bool {
	refused, ok := errors.AsType[*ProxyError](err)
	return ok && refused.Status < http.StatusInternalServerError &&
		refused.Status != http.StatusRequestTimeout && refused.Status != http.StatusTooManyRequests
}

// isUnknownHost reports whether the name of a host does not exist.
func isUnknownHost(err error) bool {
	unknown, ok := errors.AsType[*net.DNSError](err)
	return ok && unknown.IsNotFound && !unknown.Temporary()
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
