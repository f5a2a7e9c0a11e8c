// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

const (
	// maxBodyBytes bounds a successful response: 10,000 rows take about six megabytes.
	maxBodyBytes = 32 << 20
	// maxErrorBodyBytes bounds a refusal, whatever its status: only its text matters.
	maxErrorBodyBytes = 64 << 10

	minBackoff = time.Second
	maxBackoff = 30 * time.Second
	// maxRetryAfter bounds the wait that a 503 can require. A longer one is an error, because
	// a run that waits in silence looks as if it hung.
	maxRetryAfter = 2 * time.Minute
	// maxRedirects bounds the redirects followed within the workspace.
	maxRedirects = 5
)

// request is one call of an endpoint, from its arguments to the server and back. This file has
// all of its way:
//
//	do       has go-retryablehttp repeat (checkRetry) and back off (backoff)
//	attempt  limiter, second factor, slot, send, judge
//	send     redirects within the workspace, one timeout, the bound of the body
//
// What it calls elsewhere returns a value and calls nothing here. It belongs to one goroutine.
type request struct {
	client   *Client
	endpoint endpoint
	// id is a further part of the path; empty if there is none.
	id    string
	query url.Values
	// body is JSON, or nil.
	body any
	// decode reads the body of a successful response; its errors are worth a repetition.
	decode func(body []byte) error
	// audience waits for the response.
	audience *audience

	// name is the method and the address without its query.
	name string
	// submitted is the second factor that was sent last, tried are those before.
	submitted submission
	tried     []credential
	// attempts counts those with the current credential, refused the 429 among them.
	attempts, refused int
	// response is that of the last attempt, nil if there was none.
	response *apiResponse
}

// apiResponse is a response, read to its end or to its bound.
type apiResponse struct {
	// sent is when the request went out, by our clock.
	sent   time.Time
	status int
	header http.Header
	body   []byte
	// broken is why the body could not be read to its end; nil when it could.
	broken error
	// trial reports a refusal of a call that only tested whether the window is over. It is
	// not an attempt.
	trial bool
}

// callAlone makes a request for one caller, whose deadline is that of ctx, and who has waited
// so far.
func (c *Client) callAlone(ctx context.Context, r request, waited *limitWaits) error {
	r.client, r.audience = c, &audience{c.announceTo(ctx), waited}
	defer c.longWaits.keep(waited)
	return r.do(ctx)
}

// do makes attempts until one succeeds or no further one is worth it.
func (r *request) do(ctx context.Context) error {
	c := r.client
	address := c.config.URL.JoinPath(r.endpoint.path, r.id)
	r.name = r.endpoint.method + " " + address.String()
	address.RawQuery = r.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, r.endpoint.method, address.String(), r.body)
	if err != nil {
		return fmt.Errorf("%s: %w", r.name, c.shower().error(err))
	}
	r.setHeaders(req.Header)
	retries := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: r},
		RetryWaitMin: minBackoff, RetryWaitMax: maxBackoff,
		RetryMax:   math.MaxInt, // checkRetry counts
		CheckRetry: r.checkRetry, Backoff: r.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	_, err = retries.Do(req) //nolint:bodyclose // RoundTrip returns none
	if ctx.Err() != nil {
		return c.contextError(ctx, r.endpoint, 0, 0)
	}
	if unknown, ok := errors.AsType[*NotRocketChatError](err); ok && !r.endpoint.public {
		return r.identify(ctx, unknown)
	}
	return err
}

func (r *request) setHeaders(header http.Header) {
	if r.body != nil {
		header.Set("Content-Type", "application/json")
	}
	header.Set("Accept", "application/json")
	for name, value := range r.client.config.Headers {
		header.Set(name, value)
	}
	header.Set("User-Agent", r.client.config.UserAgent)
	if !r.endpoint.public {
		header.Set("X-User-Id", r.client.config.UserID)
		header.Set("X-Auth-Token", r.client.config.AuthToken)
	}
}

// checkRetry reports whether another attempt can help, and whether the wait before it fits
// the deadline.
func (r *request) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if err == nil || ctx.Err() != nil {
		return false, err
	}
	err = errors.Unwrap(err) // net/http wraps it
	if demand, ok := errors.AsType[*SecondFactorError](err); ok && r.endpoint.secondFactor {
		return r.meets(ctx, demand), err
	}
	repeatable := r.endpoint.method == http.MethodGet || r.endpoint.idempotent
	if r.endpoint.public || !repeatable || !worthRepeating(err) || r.attempts > r.client.config.MaxRetries {
		return false, err
	}
	wait := r.backoff(minBackoff, maxBackoff, 0, nil)
	if r.audience.announce(wait, err) != nil {
		return false, err
	}
	if wait > 0 {
		r.client.log.InfoContext(ctx, "waiting before trying again", slog.String("request", r.name),
			slog.Duration("wait", wait), slog.String("reason", err.Error()))
	}
	return true, nil
}

// meets reports whether another configured credential can meet a demand for a second factor;
// each is tried once.
func (r *request) meets(ctx context.Context, demand *SecondFactorError) bool {
	r.tried = append(r.tried, r.submitted.credential)
	next, refusal := r.client.factor.peek()
	if refusal != nil || slices.Contains(r.tried, next.credential) {
		return false
	}
	r.client.log.InfoContext(ctx, "meeting the demand for a second factor in another way",
		slog.String("demanded", string(demand.Demanded)), slog.Bool("server_time", next.serverTime))
	r.attempts, r.refused = 0, 0
	return true
}

// backoff is the wait before the next attempt. There is none with another credential, and
// after a 429, when the limiter waits.
func (r *request) backoff(lo, hi time.Duration, _ int, _ *http.Response) time.Duration {
	last := &http.Response{}
	if r.response != nil {
		last.StatusCode, last.Header = r.response.status, r.response.header
	}
	if r.attempts == 0 || last.StatusCode == http.StatusTooManyRequests {
		return 0
	}
	return min(max(retryablehttp.DefaultBackoff(lo, hi, r.attempts-1, last), 0), maxRetryAfter)
}

// RoundTrip is an attempt as the transport of go-retryablehttp. Of a response, it only returns
// the error: decode has taken the rest.
func (r *request) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := r.attempt(req); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

// attempt waits until a call may be made, makes it, and returns a typed error unless
// decode took the response.
func (r *request) attempt(req *http.Request) (err error) {
	c, ctx := r.client, req.Context()
	r.response = nil
	if r.endpoint.secondFactor {
		if _, err := c.factor.peek(); err != nil {
			return r.judge(err)
		}
	}
	limit := c.limiterOf(r.endpoint)
	if err := r.waitFor(ctx, limit); err != nil {
		return err
	}
	if r.endpoint.secondFactor { // only now, so that the code is as fresh as possible
		r.submitted, err = c.factor.acquire(ctx)
		if err != nil {
			limit.giveBack()
			return r.judge(err)
		}
		defer func() { c.factor.release(r.submitted, err) }()
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
		limit.giveBack()
		return ctx.Err()
	}
	r.response, err = r.send(req)
	limit.release(r.response)
	if r.response == nil || !r.response.trial {
		r.attempts++
		if r.response != nil && r.response.status == http.StatusTooManyRequests {
			r.refused++
		}
	}
	if err = r.judge(err); err != nil {
		c.log.DebugContext(ctx, "request failed", slog.String("request", r.name),
			slog.Int("attempt", r.attempts), slog.String("error", err.Error()))
	}
	return err
}

// waitFor returns when the limiter has admitted a call. It fails immediately if a wait does
// not fit into the deadline.
func (r *request) waitFor(ctx context.Context, limit *limiter) error {
	c := r.client
	for {
		wait, err := limit.acquire(ctx)
		if err != nil || wait == 0 {
			return err
		}
		of := limit.current()
		if err := r.audience.announce(wait, c.rateLimitError(r.endpoint, of, wait)); err != nil {
			return err
		}
		r.audience.waited.add(of, r.name, c.clock.Now(), wait)
		c.log.InfoContext(ctx, "waiting for a rate limit", slog.String("request", r.name),
			slog.Duration("wait", wait), slog.String("limit", of.String()))
		if err := c.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// judge is the meaning of the last attempt: nil when decode took the response. err is why there
// is none.
func (r *request) judge(err error) error {
	c := r.client
	return judge(&outcome{
		apiResponse: r.response, err: err,
		request: r.name, endpoint: r.endpoint, config: &c.config, shower: c.shower(), decode: r.decode,
		attempts: r.attempts, refused: r.refused, submitted: r.submitted,
		now: c.clock.Now(), serverAhead: c.server.difference(), limit: c.limiterOf(r.endpoint).current().Calls,
	})
}

// send sends the request, follows redirects within the workspace, and reads the response to
// its end or its bound. One timeout covers all of it.
func (r *request) send(req *http.Request) (*apiResponse, error) {
	c := r.client
	ctx, cancel := context.WithTimeoutCause(req.Context(), c.config.RequestTimeout, errRequestTimeout)
	defer cancel()
	req = req.Clone(ctx)
	r.submitted.addTo(req.Header)
	hops := &http.Client{Transport: c.config.Transport, CheckRedirect: r.checkRedirect}
	sent := c.clock.Now()
	resp, err := hops.Do(req) //nolint:gosec // the address is that of the configuration
	if err != nil {
		return nil, cmp.Or(context.Cause(ctx), errors.Unwrap(err)) // net/http wraps it
	}
	defer resp.Body.Close() //nolint:errcheck // only read from

	bound, tooLarge := int64(maxErrorBodyBytes), errRefusalTooLarge
	if resp.StatusCode < http.StatusMultipleChoices {
		bound, tooLarge = maxBodyBytes, errTooLarge
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, bound+1))
	c.server.observe(resp.Header, sent, c.clock.Now())
	if int64(len(body)) > bound { //mutate:bound
		body, err = body[:bound], tooLarge
	}
	response := &apiResponse{sent: sent, status: resp.StatusCode, header: resp.Header, body: body, broken: err}
	if err != nil && ctx.Err() != nil {
		return response, context.Cause(ctx)
	}
	c.log.DebugContext(ctx, "response", slog.String("request", r.name), slog.String("query", c.shower().line(req.URL.RawQuery)),
		slog.Int("status", response.status), slog.Int("bytes", len(body)),
		slog.String("rate_limit_remaining", response.header.Get("X-RateLimit-Remaining")))
	return response, nil
}

// checkRedirect only follows a redirect of a GET within the workspace. To other hosts,
// net/http would send X-Auth-Token and the code; and it would convert a user name in
// the address to a header Authorization, even for the same host.
func (r *request) checkRedirect(req *http.Request, via []*http.Request) error {
	from, to := origin(via[0].URL), origin(req.URL)
	credentials := req.URL.User != nil
	if from == to && !credentials && via[0].Method == http.MethodGet && len(via) <= maxRedirects { //mutate:redirect
		return nil
	}
	return &RedirectError{From: from, To: r.client.shower().line(to), Credentials: credentials}
}

// identify distinguishes a workspace that is too old from an address without a
// workspace, by /api/info, which responds without a login. It is only called after a
// request has failed.
func (r *request) identify(ctx context.Context, e *NotRocketChatError) error {
	// firstMajor is the first release with sessions/list.all.
	const firstMajor = 5
	var about struct {
		Version string `json:"version"`
	}
	asked := &request{
		client: r.client, endpoint: info, audience: r.audience,
		decode: func(body []byte) error { return unmarshal(body, &about) },
	}
	var major int
	if asked.do(ctx) != nil {
		return e
	}
	if _, err := fmt.Sscanf(about.Version, "%d.", &major); err != nil {
		return e // not a version of Rocket.Chat
	}
	e.Version = r.client.shower().line(about.Version)
	if major < firstMajor {
		return &TooOldError{Request: e.Request, Version: e.Version}
	}
	return e
}
