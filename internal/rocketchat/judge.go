// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	jsonv1 "github.com/go-json-experiment/json/v1"

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
	if _, odd := errors.AsType[*jsonv1.UnmarshalTypeError](err); err != nil && !odd {
		return refusal{}, false
	}
	if no.Error == "" && no.Message == "" && err != nil {
		no.Message = string(body)
	}
	return no, no.Success != nil || no.Status == "error"
}

// outcome is what an attempt came to, and all that its meaning depends on.
type outcome struct {
	// apiResponse is nil if there is none. err is why, or why its body did not come in time.
	*apiResponse
	err error
	// request names the call in errors.
	request  string
	endpoint endpoint
	config   *Config
	shower   shower
	decode   func(body []byte) error
	// attempts, refused and submitted are those of [request].
	attempts, refused int
	submitted         submission
	now               time.Time
	serverAhead       time.Duration
	// limit is the number of calls in a window, 0 if unknown.
	limit int
}

// judge returns a typed error, or nil when decode took the body.
func judge(o *outcome) error {
	if o.err != nil {
		return o.transportError()
	}
	switch {
	case o.status >= http.StatusMultipleChoices:
		return o.refusalError()
	case isObject(o.body), o.broken != nil, len(bytes.TrimSpace(o.body)) == 0:
		return o.bodyError()
	default:
		return o.notRocketChatError()
	}
}

// transportError is about a missing response.
func (o *outcome) transportError() error {
	if redirect, ok := errors.AsType[*RedirectError](o.err); ok {
		return redirect
	}
	if demand, ok := errors.AsType[*SecondFactorError](o.err); ok { // it was refused before, and not sent again
		again := *demand
		again.Request = o.request
		return &again
	}
	failed := &TransportError{Request: o.request, Attempts: o.attempts, Err: o.shower.error(o.err)}
	if errors.Is(o.err, errRequestTimeout) {
		failed.Timeout = o.config.RequestTimeout
	}
	return failed
}

// bodyError is about a response with a good status.
func (o *outcome) bodyError() error {
	if o.broken != nil { //mutate:broken-off
		return o.malformedError(o.broken)
	}
	err := o.decode(o.body)
	if err == nil {
		return nil
	}
	if incomplete, ok := errors.AsType[*IncompleteError](err); ok {
		incomplete.Request = o.request
		return incomplete
	}
	if errors.Is(err, errNoSuccess) {
		if len(o.body) > maxErrorBodyBytes { //mutate:refusal-bound
			return o.malformedError(errRefusalTooLarge)
		}
		if no, ours := readRefusal(o.body); ours {
			return o.responseError(no)
		}
	}
	return o.malformedError(err)
}

func (o *outcome) malformedError(err error) error {
	return &MalformedError{Request: o.request, Status: o.status, Attempts: o.attempts, Err: o.shower.error(err)}
}

// refusalError is about a response with a bad status. Only the form of its body shows whose
// it is: a gateway responds with any status.
func (o *outcome) refusalError() error {
	no, ours := readRefusal(o.body)
	switch {
	case o.status == http.StatusTooManyRequests:
		asked, _ := waitAsked(o.apiResponse, o.now)
		return &RateLimitError{
			Request: o.request, Attempts: o.refused, Gateway: !ours, trial: o.trial,
			Wait: withinReason(asked), Limit: o.limit,
		}
	case o.status == http.StatusNotFound && (!ours || !o.endpoint.oneSession),
		o.status == http.StatusMethodNotAllowed && (!ours || no.Message == "API endpoint does not exist"):
		return o.notRocketChatError()
	case ours:
		return o.responseError(no)
	case o.broken != nil && isObject(o.body): // perhaps in Rocket.Chat's form
		return o.malformedError(o.broken)
	case o.status == http.StatusInternalServerError && serverFailures[string(bytes.TrimSpace(o.body))]:
		return o.responseError(refusal{Message: string(o.body)})
	default:
		return o.gatewayError()
	}
}

var (
	errRequestTimeout        = errors.New("the request timeout has passed")
	errTooLarge        error = sizeError(fmt.Sprintf("the response is larger than %d MiB", maxBodyBytes>>20))
	errRefusalTooLarge error = sizeError(fmt.Sprintf("the response is a refusal of more than %d KiB", maxErrorBodyBytes>>10))
)

// sizeError is a response, or a part of one, that is too large. It is not worth a repetition.
type sizeError string

func (e sizeError) Error() string { return string(e) }

// serverFailures are the bodies of a 500 that Rocket.Chat itself sends, from 8.x on and
// before, for example if its database is down.
var serverFailures = map[string]bool{"Internal Server Error": true, "Server error.": true}

// plainHTTP is how nginx, Go and Apache refuse plain HTTP on a port for TLS.
var plainHTTP = regexp.MustCompile(`(?i)plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|` +
	`speaking plain HTTP to an SSL-enabled server`)

// retryTime is the end of a wait that a 503 requires, if it is too long to wait; else zero.
func (o *outcome) retryTime() time.Time {
	wait, ok := retryAfter(o.header, o.now)
	if !ok || wait <= maxRetryAfter || o.status != http.StatusServiceUnavailable {
		return time.Time{}
	}
	return o.now.Add(wait)
}

// gatewayError is a refusal that is not in Rocket.Chat's form.
func (o *outcome) gatewayError() error {
	e := &GatewayError{Request: o.request, Status: o.status, Attempts: o.attempts, Until: o.retryTime()}
	e.PlainHTTP = o.config.URL.Scheme == "http" && plainHTTP.Match(o.body)
	e.Page, e.Title, e.Message = o.content()
	return e
}

// content is what the body of a response shows about its origin: a page its title, JSON
// its message, anything else its text.
func (o *outcome) content() (page bool, title, message string) {
	body := string(o.body[:min(len(o.body), maxErrorBodyBytes)])
	if sanitize.IsPage(body) {
		return true, o.shower.title(body), ""
	}
	var said struct{ Message, Error string }
	// A field of another type counts as missing.
	_ = json.Unmarshal([]byte(body), &said)
	return false, "", o.shower.line(cmp.Or(said.Message, said.Error, body))
}

// responseError classifies a refusal. Releases differ in status and form, so the code
// decides if there is one. It uses the text as received, because redaction can remove
// parts that happen to equal a secret.
func (o *outcome) responseError(no refusal) error {
	text := cmp.Or(no.Error, no.Message)
	code := cmp.Or(no.ErrorType, bracketed(text))
	switch problem := SecondFactorProblem(code); problem {
	case SecondFactorRequired, SecondFactorInvalid, SecondFactorMaxAttempts:
		return o.secondFactorError(problem, no)
	}
	e := &ResponseError{
		Request: o.request, Status: o.status, Type: o.shower.line(code),
		Message: o.shower.quote(text), Permission: o.endpoint.permission, Attempts: o.attempts,
		Until: o.retryTime(),
	}
	// The default text of a 403, from 9.0 "forbidden".
	bare := o.status == http.StatusForbidden && (text == "unauthorized" || text == "forbidden")
	switch {
	case bare && o.endpoint.bare != nil:
		e.Reason, e.Permission, e.Setting = ErrNoPermission, o.endpoint.bare.permission, o.endpoint.bare.setting
	case code == "error-action-not-allowed", strings.Contains(text, "This is an enterprise feature"),
		o.endpoint.licensed && text == "unauthorized" && (o.status == http.StatusForbidden || o.status == http.StatusUnauthorized):
		e.Reason = ErrNoLicense
	case o.status == http.StatusUnauthorized:
		e.Reason = ErrNotLoggedIn
	case code == "error-unauthorized":
		e.Reason = ErrNoPermission
	case o.status == http.StatusNotFound && text == "Session not found":
		e.Reason = ErrNotFound
	case o.endpoint.oneSetting && o.status == http.StatusBadRequest && text == "":
		e.Reason = ErrNoSetting
	case code == "invalid-params", code == "error-invalid-params":
		e.Reason = ErrInvalidParameters
	}
	return e
}

// maxMethods bounds the methods of a second factor that are named: there are three.
const maxMethods = 10

// secondFactorError is a refusal for lack of a second factor.
func (o *outcome) secondFactorError(problem SecondFactorProblem, no refusal) error {
	d := no.Details
	e := &SecondFactorError{
		Request: o.request, Problem: problem, Demanded: o.methodNamed(d.Method),
		Sent: o.submitted.method, CodeSent: o.submitted.kind != kindNone, Computed: o.submitted.kind == kindTOTP,
		At: o.now, ClockDifference: o.serverAhead,
	}
	if d.AvailableMethods != nil {
		e.Available = []Method{}
	}
	for _, m := range d.AvailableMethods[:min(len(d.AvailableMethods), maxMethods)] {
		e.Available = append(e.Available, o.methodNamed(m))
	}
	if d.CodeGenerated {
		e.MailSentTo = o.shower.line(d.EmailOrUsername)
	}
	var expires time.Time
	if json.Unmarshal(d.CodeExpires, &expires) == nil {
		e.CodeExpires = expires
	}
	return e
}

// methodNamed is a method that a server names: a known one, or a text for display only.
func (o *outcome) methodNamed(name string) Method {
	if m := Method(name); m == MethodTOTP || m == MethodEmail || m == MethodPassword {
		return m
	}
	return Method(o.shower.line(name))
}

// webClient is in the head of Rocket.Chat's own page, which Meteor writes.
var webClient = regexp.MustCompile(`(?i)meteor`)

// notRocketChatError is a response that no API of Rocket.Chat gives.
func (o *outcome) notRocketChatError() error {
	contentType, _, _ := strings.Cut(o.header.Get("Content-Type"), ";")
	e := &NotRocketChatError{Request: o.request, Status: o.status, ContentType: o.shower.line(contentType)}
	e.Page, e.Title, e.Message = o.content()
	e.WebClient = e.Page && webClient.Match(o.body)
	if e.Status < http.StatusMultipleChoices {
		e.Message = "" // the data of another service
	}
	return e
}

// worthRepeating reports whether a repetition of the request can succeed.
func worthRepeating(err error) bool {
	if e, ok := errors.AsType[*TransportError](err); ok {
		return !isFinal(e.Err) //mutate:certificate
	}
	if e, ok := errors.AsType[*MalformedError](err); ok {
		_, tooLarge := errors.AsType[sizeError](e.Err)
		return !tooLarge
	}
	if e, ok := errors.AsType[*RateLimitError](err); ok {
		return e.Attempts > 0 || e.trial
	}
	if e, ok := errors.AsType[*ResponseError](err); ok {
		return e.Until.IsZero() && isTemporary(e.Status)
	}
	e, ok := errors.AsType[*GatewayError](err)
	return ok && e.Until.IsZero() && isTemporary(e.Status)
}

func isTemporary(status int) bool {
	return status >= http.StatusInternalServerError && status != http.StatusNotImplemented
}

// isFinal reports whether a connection fails for good: the host does not exist, a proxy refuses
// to connect to it, or its certificate or protocol is wrong.
func isFinal(err error) bool {
	if host, ok := errors.AsType[*net.DNSError](err); ok {
		return host.IsNotFound && !host.Temporary()
	}
	if proxy, ok := errors.AsType[*ProxyError](err); ok {
		return proxy.Status < http.StatusInternalServerError &&
			proxy.Status != http.StatusRequestTimeout && proxy.Status != http.StatusTooManyRequests
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return certificate || noTLS || errors.Is(err, http.ErrSchemeMismatch)
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
