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
	// maxHeaderBytes bounds the headers of a response.
	maxHeaderBytes = 256 << 10

	minBackoff = time.Second
	maxBackoff = 30 * time.Second
	// maxRetryAfter bounds the wait that a 503 can require. A longer one is an error, because
	// a run that waits in silence looks as if it hung.
	maxRetryAfter = 2 * time.Minute
	// maxRedirects bounds the redirects followed within the workspace.
	maxRedirects = 5
)

// request is one call of an endpoint, from the first attempt to the response or
// the error that is reported. Its methods stand in the order in which they run:
//
//	do            again with another credential, and report what failed in the end
//	exchange      one credential: attempts, repeated by go-retryablehttp
//	roundTrip     one attempt, again where the limiter let it go too early
//	attempt       limiter, place in the queue, timeout
//	send          credential, HTTP, bound
//	checkRetry    judge, and decide whether to repeat
//	prepareRetry  wait before the repetition
//
// It belongs to one goroutine.
type request struct {
	client   *Client
	endpoint endpoint
	query    url.Values
	// body is JSON, or nil.
	body []byte
	// decode reads the body of a successful response; its errors are worth a repetition.
	decode func(body []byte) error
	// announce reports each wait to the waiters.
	announce announcer

	// use is the second factor that was sent last; began reports that its outcome is not
	// known yet.
	use   use
	began bool
	// attempts counts those with the current credential, refused the 429 among them.
	attempts, refused int
	// reply is the response of the last attempt, nil if there was none; err is its error.
	reply *reply
	err   error
}

// reply is a response, read to its end or to its bound.
type reply struct {
	// sent is when the request went out, by our clock.
	sent   time.Time
	status int
	header http.Header
	body   []byte
	// broken is why the body could not be read to its end; nil when it could.
	broken error
}

// announcer reports a wait to those who wait for the response. Waiters with less time get
// the error that problem returns for the time left; if nobody remains, the announcer
// returns that error.
type announcer func(wait time.Duration, problem func(left time.Duration) error) error

// call makes a request for one caller, whose deadline is that of ctx.
func (c *Client) call(ctx context.Context, ep endpoint, query url.Values, body []byte, decode func([]byte) error) error {
	r := &request{client: c, endpoint: ep, query: query, body: body, decode: decode, announce: c.within(ctx)}
	return r.do(ctx)
}

// within announces waits to a caller whose deadline is that of ctx.
func (c *Client) within(ctx context.Context) announcer {
	return func(wait time.Duration, problem func(left time.Duration) error) error {
		if deadline, ok := c.clock.Deadline(ctx); ok {
			if left := deadline.Sub(c.clock.Now()); wait >= left {
				return problem(left)
			}
		}
		return nil
	}
}

// limitedFor returns the error of a wait for the rate limit that does not fit into the time left.
func (c *Client) limitedFor(ep endpoint, wait time.Duration) func(left time.Duration) error {
	limit, gateway := c.limiterOf(ep).knownLimit(), c.limiterOf(ep).isBlockedByGateway()
	return func(left time.Duration) error {
		return &RateLimitError{Request: c.name(ep), Wait: wait, Left: left, Limit: limit, Gateway: gateway}
	}
}

// checkWaits ends a read before its first wait for the rate limit if not all of its waits
// for at least that many calls fit into the deadline.
func (c *Client) checkWaits(ep endpoint, calls int, announce announcer) error {
	if wait := c.limiterOf(ep).leastWait(calls); wait > 0 {
		return announce(wait, c.limitedFor(ep, wait))
	}
	return nil
}

// do meets demands for a second factor with the configured credentials, each once,
// and returns the final error.
func (r *request) do(ctx context.Context) error {
	c := r.client
	for tried := []credential{}; ; {
		err := r.exchange(ctx)
		var demand *SecondFactorError
		var unknown *NotRocketChatError
		switch {
		case errors.As(err, &demand) && r.endpoint.secondFactor:
			tried = append(tried, r.use.credential)
			next, refusal := c.factor.pick(c.clock.Now())
			if refusal != nil || slices.Contains(tried, next.credential) {
				return err
			}
			c.log.InfoContext(ctx, "meeting the demand for a second factor in another way",
				slog.String("demanded", string(demand.Demanded)),
				slog.Bool("server_time", next.serverTime))
		case errors.As(err, &unknown) && !r.endpoint.public:
			return r.identify(ctx, unknown)
		default:
			return err
		}
	}
}

// name is the method and the address without its query.
func (r *request) name() string { return r.client.name(r.endpoint) }

func (c *Client) name(ep endpoint) string {
	return ep.method + " " + c.config.URL.JoinPath(ep.path).String()
}

// errNoTime ends the repetitions if the next wait does not fit into the deadline.
var errNoTime = errors.New("no time left to try again")

// roundTripFunc is an [http.RoundTripper] of one function.
type roundTripFunc func(*http.Request) (*http.Response, error)

// RoundTrip implements [http.RoundTripper].
func (f roundTripFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// exchange makes attempts with one credential until one succeeds or no further one is
// worth it. go-retryablehttp counts and repeats. Its Backoff is zero, because it would
// wait by the machine's clock; prepareRetry waits by the client's.
func (r *request) exchange(ctx context.Context) error {
	r.attempts, r.refused = 0, 0
	retry := &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: roundTripFunc(r.roundTrip), CheckRedirect: r.checkRedirect},
		RetryMax:     r.client.config.MaxRetries,
		CheckRetry:   r.checkRetry,
		Backoff:      func(time.Duration, time.Duration, int, *http.Response) time.Duration { return 0 },
		PrepareRetry: r.prepareRetry,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	u := r.client.config.URL.JoinPath(r.endpoint.path)
	u.RawQuery = r.query.Encode()
	var body any
	if r.body != nil {
		body = r.body
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, r.endpoint.method, u.String(), body)
	if err != nil {
		return fmt.Errorf("%s: %w", r.name(), r.showError(err))
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := retry.Do(req)
	if resp != nil {
		defer resp.Body.Close() //nolint:errcheck // the body is in memory
	}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &TimeoutError{Request: r.name(), Err: ctx.Err()}
	case ctx.Err() != nil:
		return ctx.Err()
	case r.attempts == 0 && err != nil:
		return &TransportError{Request: r.name(), Err: r.showError(err)}
	default:
		return r.err
	}
}

// roundTrip is one attempt, as the transport of go-retryablehttp. A refused trial of
// the limiter, which only tested whether the window is over, is not an attempt.
func (r *request) roundTrip(req *http.Request) (*http.Response, error) {
	resp, again, err := r.attempt(req)
	if again {
		resp, _, err = r.attempt(req)
	}
	return resp, err
}

// attempt waits for the rate limit, bounds the time, and reads the body, so that a
// truncated response is a failed attempt. It returns again if the limiter let the call
// go too early; then repeat it once.
func (r *request) attempt(req *http.Request) (resp *http.Response, again bool, err error) {
	c, parent := r.client, req.Context()
	r.reply = nil
	r.endUse(errRedirected)
	if r.endpoint.secondFactor {
		if _, err := c.factor.pick(c.clock.Now()); err != nil {
			return nil, false, err
		}
	}
	limit := c.limiterOf(r.endpoint)
	if err := limit.acquire(parent, func(wait time.Duration) error { return r.waitForLimit(parent, wait) }); err != nil {
		return nil, false, err
	}
	if r.endpoint.secondFactor { // only now, so that the code is as fresh as possible
		chosen, err := c.factor.begin(parent, c.clock.Now)
		if err != nil {
			limit.giveBack()
			return nil, false, err
		}
		r.use, r.began = chosen, true
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-parent.Done():
		limit.giveBack()
		return nil, false, parent.Err()
	}
	ctx, cancel := context.WithTimeoutCause(parent, c.config.RequestTimeout, errRequestTimeout)
	defer cancel()
	req = req.Clone(ctx)
	if r.body != nil {
		req.Body = io.NopCloser(bytes.NewReader(r.body))
	}
	resp, err = r.send(req)
	again = limit.release(r.reply)
	if timedOut := errors.Is(context.Cause(ctx), errRequestTimeout); err != nil || timedOut && r.reply.broken != nil {
		if timedOut {
			err = errRequestTimeout
		}
		return nil, false, err
	}
	c.log.DebugContext(ctx, "response", slog.String("request", r.name()), slog.String("query", r.show(req.URL.RawQuery)),
		slog.Int("status", resp.StatusCode), slog.Int("bytes", len(r.reply.body)),
		slog.String("rate_limit_remaining", resp.Header.Get("X-RateLimit-Remaining")))
	return resp, again, nil
}

var errRequestTimeout = errors.New("the request timeout has passed")

// errRedirected is not an outcome for a second factor: the next address decides.
var errRedirected = errors.New("redirected")

// endUse reports the outcome of the second factor that was sent last.
func (r *request) endUse(err error) {
	if r.began {
		r.began = false
		r.client.factor.end(r.use, err)
	}
}

// waitForLimit logs a wait for the rate limit and waits. It fails immediately if the
// wait does not fit into the deadline.
func (r *request) waitForLimit(ctx context.Context, wait time.Duration) error {
	if err := r.announce(wait, r.client.limitedFor(r.endpoint, wait)); err != nil {
		return err
	}
	calls := r.client.limiterOf(r.endpoint).knownLimit()
	r.client.log.InfoContext(ctx, "waiting for the rate limit of the workspace",
		slog.String("request", r.name()), slog.Duration("wait", wait), slog.Int("calls_per_window", calls))
	return r.client.clock.Sleep(ctx, wait)
}

// send adds the credentials, sends the request, and reads the response to its end or its bound.
func (r *request) send(req *http.Request) (*http.Response, error) {
	c := r.client
	sent := c.clock.Now()
	for name, value := range c.config.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", c.config.UserAgent)
	if !r.endpoint.public {
		req.Header.Set("X-User-Id", c.config.UserID)
		req.Header.Set("X-Auth-Token", c.config.AuthToken)
	}
	c.factor.apply(req.Header, r.use)
	resp, err := c.config.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
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
	r.reply = &reply{sent: sent, status: resp.StatusCode, header: resp.Header, body: body, broken: err}
	resp.Body = io.NopCloser(bytes.NewReader(nil))
	return resp, nil
}

var (
	errTooLarge        error = sizeError(fmt.Sprintf("the response is larger than %d MiB", maxBodyBytes>>20))
	errRefusalTooLarge error = sizeError(fmt.Sprintf("the response is a refusal of more than %d KiB", maxErrorBodyBytes>>10))
)

// sizeError is a response, or a part of one, that is too large. It is not worth a repetition.
type sizeError string

func (e sizeError) Error() string { return string(e) }

// checkRedirect only follows a redirect of a GET within the workspace. To other hosts,
// net/http would send X-Auth-Token and the code; and it would convert a user name in
// the address to a header Authorization, even for the same host.
func (r *request) checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	from, to := origin(first.URL), origin(req.URL)
	credentials := req.URL.User != nil
	if from == to && !credentials && first.Method == http.MethodGet && len(via) <= maxRedirects { //mutate:redirect
		return nil
	}
	return &RedirectError{From: from, To: r.show(to), Credentials: credentials}
}

// checkRetry judges an attempt and returns whether another one can help.
// Repeating a logout is safe: a session that has ended is ended again with 200.
func (r *request) checkRetry(ctx context.Context, _ *http.Response, err error) (bool, error) {
	r.attempts++
	if ctx.Err() != nil {
		r.endUse(ctx.Err())
		return false, ctx.Err()
	}
	r.err = r.judge(err)
	r.endUse(r.err)
	if r.err != nil {
		r.client.log.DebugContext(ctx, "request failed", slog.String("request", r.name()),
			slog.Int("attempt", r.attempts), slog.String("error", r.err.Error()))
	}
	return !r.endpoint.public && worthRepeating(r.err), nil
}

// prepareRetry waits before a repetition, except after a 429, for which the limiter waits.
func (r *request) prepareRetry(req *http.Request) error {
	ctx := req.Context()
	var last *http.Response
	if r.reply != nil {
		if r.reply.status == http.StatusTooManyRequests {
			return nil
		}
		last = &http.Response{StatusCode: r.reply.status, Header: r.reply.header}
	}
	wait := retryablehttp.DefaultBackoff(minBackoff, maxBackoff, r.attempts-1, last)
	wait = min(max(wait, 0), maxRetryAfter)
	if r.announce(wait, func(time.Duration) error { return r.err }) != nil {
		return errNoTime
	}
	r.client.log.InfoContext(ctx, "waiting before trying again", slog.String("request", r.name()), slog.Duration("wait", wait))
	return r.client.clock.Sleep(ctx, wait)
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
		client: r.client, endpoint: info, announce: r.announce,
		decode: func(body []byte) error { return unmarshal(body, &about) },
	}
	if asked.do(ctx) != nil {
		return e
	}
	var major int
	if _, err := fmt.Sscanf(about.Version, "%d.", &major); err == nil {
		e.Version = r.show(about.Version)
		if major < firstMajor {
			return &TooOldError{Request: e.Request, Version: e.Version}
		}
	}
	return e
}
