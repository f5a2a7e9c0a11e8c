// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"context"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

const (
	// defaultWindow is the length of the limiter's window when no header says.
	defaultWindow = time.Minute
	// maxWait bounds a wait that a Retry-After or a text requires.
	maxWait = 15 * time.Minute
	// sameWindow is the maximum difference of the resets of one window.
	sameWindow = time.Second
)

// limiter spends the calls that the workspace allows on one route, and no more.
// Rocket.Chat counts calls for each client address and route in fixed windows, and
// reports the rest in three headers. An account with the permission
// api-bypass-rate-limit gets no headers and has no limit.
type limiter struct {
	clock *serverClock
	now   func() time.Time

	mu    sync.Mutex
	state limitState
	// alone is the state of the next call alone: limitTrial if the window may go on.
	alone limitState
	// limit and remaining are those of the window that ends at reset by our clock, and at resetAt
	// by the server's, which identifies it.
	limit, remaining int
	reset, resetAt   time.Time
	// length is the minimum length of a window: the longest time to a reset so far.
	length time.Duration
	// blocked is the end of the wait that a refusal asks for, byGateway that it was not
	// Rocket.Chat's own.
	blocked   time.Time
	byGateway bool
	inFlight  int
	// changed is closed when a call that others wait for has come back.
	changed chan struct{}
}

// limitState is the client's knowledge of the server's limiter.
type limitState int

const (
	// limitUnknown: nothing is known yet, or the window is over. One call goes alone.
	limitUnknown limitState = iota
	// limitTrial: one call goes alone, to learn whether the window is over.
	limitTrial
	// limitNone: the route has no limit.
	limitNone
	// limitWindow: so many calls remain until the reset.
	limitWindow
)

func newLimiter(clock *serverClock, now func() time.Time) *limiter {
	return &limiter{clock: clock, now: now, changed: make(chan struct{})}
}

// acquire takes a call, which release must follow, or returns how long to wait before the
// next try. It waits for calls under way on which the limit depends.
func (l *limiter) acquire(ctx context.Context) (wait time.Duration, err error) {
	for {
		wait, changed, ok := l.try()
		if ok || wait > 0 {
			return wait, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-changed:
		}
	}
}

// try takes a call, or returns how long to wait, or what to wait for.
func (l *limiter) try() (wait time.Duration, changed <-chan struct{}, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if l.blocked.After(now) {
		return l.blocked.Sub(now), nil, false
	}
	if l.state == limitWindow && !now.Before(l.reset) {
		l.state = limitUnknown
	}
	switch goesAlone := l.state == limitUnknown || l.state == limitTrial; {
	case l.state == limitWindow && l.remaining <= 0:
		return l.reset.Sub(now), nil, false
	case goesAlone && l.inFlight > 0:
		return 0, l.changed, false
	case goesAlone:
		l.state = l.alone
	}
	l.remaining--
	l.inFlight++
	return 0, nil, true
}

// release records what the response says; it is nil if there was none. It marks the refusal
// of a trial: the limiter was wrong, and the call must be repeated.
func (l *limiter) release(response *apiResponse) {
	var s statement
	if response != nil {
		s = l.read(response)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	close(l.changed)
	l.changed = make(chan struct{})
	if response == nil {
		return
	}
	response.trial = s.wait != waitNone && l.state == limitTrial
	l.alone = limitUnknown
	// With a Retry-After, there is nothing to guess. A trial follows no refused trial: that
	// would repeat the call for ever.
	if s.end.isDoubtful() && s.wait != waitByHeader && !response.trial {
		l.alone = limitTrial
	}
	switch {
	case s.end.isUsable():
		l.count(s)
	case s.end == endUnsaid && response.status < http.StatusMultipleChoices:
		l.state = limitNone
	case s.end != endUnsaid && (l.state != limitWindow || s.resetAt.After(l.resetAt)):
		l.state = limitUnknown // a past window says nothing about the present one
	}
	switch {
	case s.wait == waitNone:
	case s.wait == waitUnsaid && s.end.isUsable():
		l.remaining = 0
	default:
		_, ours := readRefusal(response.body)
		l.blocked, l.byGateway, l.state = s.until, !ours, limitUnknown
	}
}

// giveBack returns a call that was not made.
func (l *limiter) giveBack() {
	l.mu.Lock()
	l.remaining++
	l.mu.Unlock()
	l.release(nil)
}

// count records the figures of one window. Responses of concurrent calls arrive in any
// order: within a window, the lower figure holds; a past window is ignored.
func (l *limiter) count(s statement) {
	l.limit = cmp.Or(s.limit, l.limit)
	switch {
	case l.state != limitWindow || s.resetAt.Sub(l.resetAt) > sameWindow:
		l.remaining = s.remaining - l.inFlight
	case l.resetAt.Sub(s.resetAt) > sameWindow:
		return
	default:
		l.remaining = min(l.remaining, s.remaining)
	}
	l.state, l.reset, l.resetAt = limitWindow, s.reset, s.resetAt
	l.length = max(l.length, s.reset.Sub(l.now())-resetMargin-datePrecision)
}

// statement is what a response says about the limit.
type statement struct {
	// limit and remaining are those of a window, limit is 0 if malformed. The window ends at
	// resetAt by the server's clock, and at reset by ours, if end says so.
	limit, remaining int
	resetAt, reset   time.Time
	end              windowEnd
	// until is the end of the wait that a refusal asks for.
	until time.Time
	wait  waitSource
}

// waitSource is where a response says how long to wait.
type waitSource int

const (
	// waitNone: it is no refusal.
	waitNone waitSource = iota
	// waitUnsaid: a refusal does not say; one window is meant.
	waitUnsaid
	// waitByHeader is Retry-After, in seconds or as a date, of a server or of a gateway.
	waitByHeader
	// waitInText is the text of Rocket.Chat's own refusal.
	waitInText
)

// read returns what a response says, and has the server's clock learn from it.
func (l *limiter) read(response *apiResponse) (s statement) {
	now := l.now()
	var asked time.Duration
	if response.status == http.StatusTooManyRequests { // only it has the text; a good response is megabytes long
		asked, s.wait = waitAsked(response, now)
		s.until = now.Add(withinReason(asked))
	}
	remaining, err := strconv.Atoi(response.header.Get("X-RateLimit-Remaining"))
	resetAt, ok := resetOf(response.header)
	if err != nil || !ok {
		return s
	}
	s.resetAt, s.remaining = resetAt, max(remaining, 0)
	s.limit, _ = strconv.Atoi(response.header.Get("X-RateLimit-Limit"))
	if s.wait == waitInText {
		l.clock.observeRefusal(resetAt, asked, response.sent, now)
		s.until = s.until.Add(resetMargin) // the server's window includes its last instant
	}
	if before, ok := l.windowBefore(resetAt); ok {
		l.clock.observeTime(before, now)
	}
	s.reset, s.end = l.clock.endOf(resetAt, now)
	return s
}

// windowBefore is the reset of the window before the one that ends at resetAt, both by the
// server's clock.
func (l *limiter) windowBefore(resetAt time.Time) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.resetAt, l.state != limitNone && !l.resetAt.IsZero() && resetAt.Sub(l.resetAt) > sameWindow
}

// resetOf reads X-RateLimit-Reset, epoch milliseconds of the server's clock. It also
// accepts seconds.
func resetOf(header http.Header) (time.Time, bool) {
	n, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}, false
	}
	const latestInSeconds = 100_000_000_000
	if n < latestInSeconds {
		return time.Unix(n, 0), true
	}
	return time.UnixMilli(n), true
}

// leastWait is the minimum total wait of that many further calls.
func (l *limiter) leastWait(calls int) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state != limitWindow || l.limit <= 0 || calls <= l.remaining {
		return 0
	}
	windows := (calls - l.remaining + l.limit - 1) / l.limit
	return max(l.reset.Sub(l.now()), 0) + time.Duration(windows-1)*l.length
}

// current is the limit that a call waits for now.
func (l *limiter) current() Limit {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byGateway && l.blocked.After(l.now()) {
		return Limit{Gateway: true}
	}
	return Limit{Calls: l.limit}
}

var waitText = regexp.MustCompile(`(?i)wait (\d{1,9}) seconds?`)

// waitAsked is the wait that a refusal asks for. The text gives it in whole seconds, rounded
// up by the server, and needs no clock.
func waitAsked(response *apiResponse, now time.Time) (time.Duration, waitSource) {
	if after, ok := retryAfter(response.header, now); ok {
		return after, waitByHeader
	}
	if m := waitText.FindSubmatch(response.body); m != nil {
		seconds, _ := strconv.Atoi(string(m[1])) // of nine digits at most
		return time.Duration(seconds) * time.Second, waitInText
	}
	return defaultWindow, waitUnsaid
}

func withinReason(wait time.Duration) time.Duration { return min(max(wait, time.Second), maxWait) }

// retryAfter is the wait that the header Retry-After requires, in seconds or until a time.
func retryAfter(header http.Header, now time.Time) (time.Duration, bool) {
	after := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(after, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	date, err := http.ParseTime(after)
	if err != nil {
		return 0, false
	}
	if server, err := http.ParseTime(header.Get("Date")); err == nil {
		now = server
	}
	return date.Sub(now), true
}
