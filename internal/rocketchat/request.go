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

// request is one call of an endpoint, from the first attempt to the response or the error
// that is reported. It is a loop with three names:
//
//	do             with one credential after the other
//	retryablehttp  repeats (checkRetry) and backs off (backoff)
//	attempt        limiter, second factor, slot, send, bound, judge
//
// It belongs to one goroutine.
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

	// submitted is the second factor that was sent last.
	submitted submission
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

// do meets demands for a second factor with the configured credentials, each once,
// and returns the final error.
func (r *request) do(ctx context.Context) error {
	c := r.client
	for tried := []credential{}; ; {
		err := r.repeat(ctx)
		var demand *SecondFactorError
		var unknown *NotRocketChatError
		switch {
		case errors.As(err, &demand) && r.endpoint.secondFactor:
			tried = append(tried, r.submitted.credential)
			next, refusal := c.factor.peek()
			if refusal != nil || slices.Contains(tried, next.credential) {
				return err
			}
			c.log.InfoContext(ctx, "meeting the demand for a second factor in another way",
				slog.String("demanded", string(demand.Demanded)), slog.Bool("server_time", next.serverTime))
		case errors.As(err, &unknown) && !r.endpoint.public:
			return r.identify(ctx, unknown)
		default:
			return err
		}
	}
}

// name is the method and the address without its query.
func (r *request) name() string { return r.endpoint.method + " " + r.address().String() }

func (r *request) address() *url.URL { return r.client.config.URL.JoinPath(r.endpoint.path, r.id) }

func (c *Client) name(ep endpoint) string {
	return ep.method + " " + c.config.URL.JoinPath(ep.path).String()
}

// repeat makes attempts with one credential until one succeeds or no further one is
// worth it.
func (r *request) repeat(ctx context.Context) error {
	r.attempts, r.refused = 0, 0
	retries := &retryablehttp.Client{
		HTTPClient: &http.Client{
			Transport:     r,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // send follows
		},
		RetryWaitMin: minBackoff, RetryWaitMax: maxBackoff,
		RetryMax:   2*r.client.config.MaxRetries + 1, // checkRetry counts: a trial can precede each attempt
		CheckRetry: r.checkRetry, Backoff: r.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	u := r.address()
	u.RawQuery = r.query.Encode()
	req, err := retryablehttp.NewRequestWithContext(ctx, r.endpoint.method, u.String(), r.body)
	if err != nil {
		return fmt.Errorf("%s: %w", r.name(), r.showError(err))
	}
	r.setHeaders(req.Header)
	req.SetResponseHandler(func(resp *http.Response) error {
		_, err := io.Copy(io.Discard, resp.Body)
		return err
	})
	_, err = retries.Do(req) //nolint:bodyclose // its body is a judgment
	if ctx.Err() != nil {
		return r.client.contextError(ctx, r.endpoint, 0, 0)
	}
	return cause(err)
}

// cause is an error without what net/http wraps around it.
func cause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
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
func (r *request) checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if err == nil || ctx.Err() != nil {
		return false, ctx.Err()
	}
	repeatable := r.endpoint.method == http.MethodGet || r.endpoint.idempotent
	if r.endpoint.public || !repeatable || !worthRepeating(err) || r.attempts > r.client.config.MaxRetries {
		return false, nil
	}
	wait := r.backoff(minBackoff, maxBackoff, r.attempts, resp)
	if r.audience.announce(wait, func(time.Duration) error { return cause(err) }) != nil {
		return false, nil //nolint:nilerr // go-retryablehttp returns err itself
	}
	if wait > 0 {
		r.client.log.InfoContext(ctx, "waiting before trying again", slog.String("request", r.name()),
			slog.Duration("wait", wait), slog.String("reason", cause(err).Error()))
	}
	return true, nil
}

// backoff is the wait before the next attempt; the limiter waits after a 429. It counts
// the attempts without the trials that go-retryablehttp counts as well.
func (r *request) backoff(lo, hi time.Duration, _ int, resp *http.Response) time.Duration {
	if resp != nil && resp.StatusCode == http.StatusTooManyRequests {
		return 0
	}
	return min(max(retryablehttp.DefaultBackoff(lo, hi, r.attempts-1, resp), 0), maxRetryAfter)
}

// RoundTrip is an attempt as the transport of go-retryablehttp. The error of a response is
// that of reading its body, because backoff only gets a response.
func (r *request) RoundTrip(req *http.Request) (*http.Response, error) {
	err := r.attempt(req)
	if r.response == nil {
		return nil, err
	}
	return &http.Response{StatusCode: r.response.status, Header: r.response.header, Body: judgment{err}, Request: req}, nil
}

// judgment is a body that gives an error instead of text, or none.
type judgment struct{ err error }

func (j judgment) Read([]byte) (int, error) { return 0, cmp.Or(j.err, io.EOF) }
func (judgment) Close() error               { return nil } //nolint:revive // of io.ReadCloser

// attempt waits until a call may be made, makes it, and returns a typed error unless
// decode took the response.
func (r *request) attempt(req *http.Request) (err error) {
	c, ctx := r.client, req.Context()
	r.response = nil
	if r.endpoint.secondFactor {
		if _, err := c.factor.peek(); err != nil {
			return r.judgeTransport(err)
		}
	}
	limit := c.limiterOf(r.endpoint)
	if err := limit.acquire(ctx, func(wait time.Duration) error { return r.waitForLimit(ctx, wait) }); err != nil {
		return err
	}
	if r.endpoint.secondFactor { // only now, so that the code is as fresh as possible
		r.submitted, err = c.factor.acquire(ctx)
		if err != nil {
			limit.giveBack()
			return r.judgeTransport(err)
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
	}
	if err = r.judge(err); err != nil {
		c.log.DebugContext(ctx, "request failed", slog.String("request", r.name()),
			slog.Int("attempt", r.attempts), slog.String("error", err.Error()))
	}
	return err
}

// waitForLimit logs a wait for the rate limit and waits. It fails immediately if the
// wait does not fit into the deadline.
func (r *request) waitForLimit(ctx context.Context, wait time.Duration) error {
	if err := r.audience.announce(wait, r.client.rateLimitError(r.endpoint, wait)); err != nil {
		return err
	}
	limit := r.client.limiterOf(r.endpoint).current()
	r.audience.waited.add(limit, r.name(), r.client.clock.Now(), wait)
	r.client.log.InfoContext(ctx, "waiting for a rate limit", slog.String("request", r.name()),
		slog.Duration("wait", wait), slog.String("limit", limit.String()))
	return r.client.clock.Sleep(ctx, wait)
}

// send sends the request, follows redirects within the workspace, and reads the response to
// its end or its bound. One timeout covers all of it.
func (r *request) send(req *http.Request) (*apiResponse, error) {
	c := r.client
	ctx, cancel := context.WithTimeoutCause(req.Context(), c.config.RequestTimeout, errRequestTimeout)
	defer cancel()
	req = req.Clone(ctx)
	c.factor.setHeaders(req.Header, r.submitted)
	hops := &http.Client{Transport: c.config.Transport, CheckRedirect: r.checkRedirect}
	sent := c.clock.Now()
	resp, err := hops.Do(req) //nolint:gosec // the address is that of the configuration
	if err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
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
	c.log.DebugContext(ctx, "response", slog.String("request", r.name()), slog.String("query", r.show(req.URL.RawQuery)),
		slog.Int("status", response.status), slog.Int("bytes", len(body)),
		slog.String("rate_limit_remaining", response.header.Get("X-RateLimit-Remaining")))
	return response, nil
}

var (
	errRequestTimeout        = errors.New("the request timeout has passed")
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
	from, to := origin(via[0].URL), origin(req.URL)
	credentials := req.URL.User != nil
	if from == to && !credentials && via[0].Method == http.MethodGet && len(via) <= maxRedirects { //mutate:redirect
		return nil
	}
	return &RedirectError{From: from, To: r.show(to), Credentials: credentials}
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
