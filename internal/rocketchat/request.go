// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	// bodyMost bounds a good answer: 10,000 rows take about six megabytes.
	bodyMost = 64 << 20
	// errorBodyMost bounds a refusal, whose text is all that matters.
	errorBodyMost = 64 << 10

	backoffLeast = time.Second
	backoffMost  = 30 * time.Second
	// retryAfterMost bounds what a 503 may ask to wait.
	retryAfterMost = 5 * time.Minute
)

// reply is an answer, read to its end or to its bound.
type reply struct {
	status int
	header http.Header
	body   []byte
	// broken is why the body could not be read to its end; nil when it could.
	broken error
}

// exchange is one request with its repetitions. It travels in the context, so
// that what go-retryablehttp calls back can find it.
type exchange struct {
	endpoint   endpoint
	request    string
	credential credential
	// decode reads a good answer's body; what it finds amiss is worth a repetition.
	decode   func(body []byte) error
	attempts int
	refused  int
	// code is the second factor that went along last.
	code  string
	reply *reply
	err   error
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	ex, _ := ctx.Value(exchangeKey{}).(*exchange)
	return ex
}

// errNoTime ends the repetitions when the wait before the next does not fit.
var errNoTime = errors.New("no time left to try again")

// call makes a request, answers demands for a second factor with what is
// configured, and has decode read the body.
func (c *Client) call(ctx context.Context, ep endpoint, query url.Values, body []byte, decode func([]byte) error) error {
	if !ep.secondFactor {
		return c.exchange(ctx, ep, credential{}, query, body, decode)
	}
	cred := c.factor.first()
	tried := []credential{cred}
	for {
		err := c.exchange(ctx, ep, cred, query, body, decode)
		if err == nil {
			c.factor.accepted(cred)
			return nil
		}
		var demand *SecondFactorError
		if !errors.As(err, &demand) {
			return err
		}
		next, ok := c.factor.next(demand, cred, tried, c.clock.Now())
		if !ok {
			return err
		}
		c.log.InfoContext(ctx, "answering the demand for a second factor in another way",
			slog.String("demanded", string(demand.Demanded)),
			slog.Bool("server_time", next.serverTime))
		cred, tried = next, append(tried, next)
	}
}

// exchange makes one request with its repetitions.
func (c *Client) exchange(ctx context.Context, ep endpoint, cred credential, query url.Values, body []byte, decode func([]byte) error) error {
	u := c.url.JoinPath(ep.path)
	ex := &exchange{
		endpoint: ep, request: ep.method + " " + u.String(),
		credential: cred, decode: decode,
	}
	u.RawQuery = query.Encode()

	var payload any
	if body != nil {
		payload = body
	}
	req, err := retryablehttp.NewRequestWithContext(context.WithValue(ctx, exchangeKey{}, ex), ep.method, u.String(), payload)
	if err != nil {
		return fmt.Errorf("%s: %w", ex.request, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := c.http.Do(req)
	if resp != nil {
		defer resp.Body.Close() //nolint:errcheck // the body is in memory
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &TimeoutError{Request: ex.request, Err: ctx.Err()}
	case ctx.Err() != nil:
		return ctx.Err()
	case ex.attempts == 0 && err != nil:
		return &TransportError{Request: ex.request, Err: err}
	default:
		return ex.err
	}
}

// checkRetry judges an attempt and tells whether another one may help.
// Repeating a logout is safe: a session that has ended is ended again with 200.
func (c *Client) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	ex := exchangeOf(ctx)
	ex.attempts++
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	ex.err = c.judge(ctx, ex, err)
	if ex.err != nil {
		c.log.DebugContext(ctx, "request failed", slog.String("request", ex.request),
			slog.Int("attempt", ex.attempts), slog.String("error", c.hide(ex, ex.err.Error())))
	}
	return ex.endpoint != info && worthRepeating(ex.err), nil
}

// prepareRetry waits before a repetition, by the client's clock, which
// go-retryablehttp does not know. The limiter waits for itself after a 429.
func (c *Client) prepareRetry(req *http.Request) error {
	ctx := req.Context()
	ex := exchangeOf(ctx)
	if ex.reply != nil && ex.reply.status == http.StatusTooManyRequests {
		return nil
	}
	var last *http.Response
	if ex.reply != nil {
		last = &http.Response{StatusCode: ex.reply.status, Header: ex.reply.header}
	}
	wait := retryablehttp.DefaultBackoff(backoffLeast, backoffMost, ex.attempts-1, last)
	wait = min(max(wait, 0), retryAfterMost)
	if c.mayWait(ctx, wait, func(time.Duration) error { return ex.err }) != nil {
		return errNoTime
	}
	c.log.InfoContext(ctx, "waiting before trying again", slog.String("request", ex.request), slog.Duration("wait", wait))
	return c.clock.Sleep(ctx, wait)
}

// attempt is the http.RoundTripper below go-retryablehttp: it spends the rate
// limit, computes a fresh second factor, bounds the time and the size, and
// reads the body, so that an answer that breaks off is an attempt that failed.
type attempt struct{ client *Client }

// RoundTrip implements [http.RoundTripper].
func (a attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	c, parent := a.client, req.Context()
	ex := exchangeOf(parent)
	ex.reply = nil
	limit := c.limiterOf(ex.endpoint)
	err := limit.acquire(parent, func(wait time.Duration, calls int) error {
		return c.waitForLimit(parent, ex, wait, calls)
	})
	if err != nil {
		return nil, err
	}

	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-parent.Done():
		limit.release(nil, nil)
		return nil, parent.Err()
	}
	ctx, cancel := context.WithTimeoutCause(parent, c.requestTimeout, errRequestTimeout)
	defer cancel()
	req = req.Clone(ctx)
	sent := c.clock.Now()
	resp, body, err := a.send(req, ex, sent)
	limit.release(resp, body)
	if timedOut := errors.Is(context.Cause(ctx), errRequestTimeout); err != nil || timedOut && ex.reply.broken != nil {
		if timedOut {
			err = errRequestTimeout
		}
		return nil, err
	}
	c.log.DebugContext(ctx, "answer", slog.String("request", ex.request), slog.String("query", c.hide(ex, req.URL.RawQuery)),
		slog.Int("status", resp.StatusCode), slog.Int("bytes", len(body)),
		slog.String("rate_limit_remaining", resp.Header.Get("X-RateLimit-Remaining")))
	return resp, nil
}

var errRequestTimeout = errors.New("the request timeout has passed")

// send makes the attempt and reads its answer. The second factor is put on the
// request here and nowhere earlier, so that it is as fresh as can be.
func (a attempt) send(req *http.Request, ex *exchange, now time.Time) (*http.Response, []byte, error) {
	c := a.client
	for name, value := range c.headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", c.userAgent)
	if ex.endpoint != info {
		req.Header.Set("X-User-Id", c.userID)
		req.Header.Set("X-Auth-Token", c.authToken)
	}
	if err := c.factor.apply(req.Header, ex.credential, now); err != nil {
		return nil, nil, err
	}
	ex.code = req.Header.Get(headerCode)
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // only read from

	bound := int64(errorBodyMost)
	if resp.StatusCode < http.StatusMultipleChoices {
		bound = bodyMost
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bound+1))
	received := c.clock.Now()
	c.server.observe(resp.Header, now, received)
	if int64(len(body)) > bound { //mutate:bound
		body, err = body[:bound], errTooLarge
	}
	ex.reply = &reply{status: resp.StatusCode, header: resp.Header, body: body, broken: err}
	resp.Body = io.NopCloser(bytes.NewReader(nil))
	return resp, body, nil
}

var errTooLarge = fmt.Errorf("the answer is larger than %d MiB", bodyMost>>20)

// waitForLimit waits for the rate limit, says so, and fails at once where the
// wait does not fit into the deadline.
func (c *Client) waitForLimit(ctx context.Context, ex *exchange, wait time.Duration, calls int) error {
	err := c.mayWait(ctx, wait, func(left time.Duration) error {
		return &RateLimitError{Request: ex.request, Wait: wait, Left: left, Limit: calls}
	})
	if err != nil {
		return err
	}
	c.log.InfoContext(ctx, "waiting for the rate limit of the workspace",
		slog.String("request", ex.request), slog.Duration("wait", wait), slog.Int("calls_per_window", calls))
	return c.clock.Sleep(ctx, wait)
}

// checkRedirect follows a redirect of a GET within the workspace. Anywhere else
// net/http would carry X-Auth-Token and the code along.
func checkRedirect(req *http.Request, via []*http.Request) error {
	const most = 5
	first := via[0]
	from, to := origin(first.URL), origin(req.URL)
	if from == to && first.Method == http.MethodGet && len(via) <= most { //mutate:redirect
		return nil
	}
	return &RedirectError{From: from, To: to}
}

// origin is the scheme, host and port of u in one form.
func origin(u *url.URL) string {
	scheme, port := strings.ToLower(u.Scheme), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[scheme]
	}
	return scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
