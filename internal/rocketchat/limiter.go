// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
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
	// maxReset bounds how far away a plausible reset is.
	maxReset = 24 * time.Hour
	// resetMargin covers the server's own inaccuracy of about a millisecond.
	resetMargin = 50 * time.Millisecond
	// datePrecision is how much later the header Date can make a reset appear.
	datePrecision = time.Second
	// sameWindow is the maximum difference of the resets of one window.
	sameWindow = time.Second
	// clocksAgree is the maximum difference at which the server's clock counts as ours.
	clocksAgree = 2 * time.Second
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
	// limit and remaining are those of the window that ends at reset, by our clock.
	limit, remaining int
	reset            time.Time
	// resetAt is the same instant by the server's clock; it identifies the window.
	resetAt time.Time
	// window is the minimum length of a window: the longest time to a reset so far.
	window time.Duration
	// guessed reports that reset is when to try, not when the window has certainly
	// ended; trying that the call in flight is this trial.
	guessed, trying bool
	// blocked is set by a refusal that no header explains; byGateway reports that it was
	// not in Rocket.Chat's form.
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
	limitNone
	limitKnown
)

func newLimiter(clock *serverClock, now func() time.Time) *limiter {
	return &limiter{clock: clock, now: now, changed: make(chan struct{})}
}

// acquire returns when one call may be made; release must follow. pause waits, and
// returns an error if the wait is not possible.
func (l *limiter) acquire(ctx context.Context, pause func(wait time.Duration) error) error {
	for {
		wait, changed, ok := l.try()
		switch {
		case ok:
			return nil
		case wait > 0:
			if err := pause(wait); err != nil {
				return err
			}
		default:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
			}
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
	if l.state == limitKnown && !now.Before(l.reset) {
		l.state = limitUnknown
	}
	switch {
	case l.state == limitUnknown && l.inFlight > 0:
		return 0, l.changed, false
	case l.state == limitKnown && l.remaining <= 0:
		return l.reset.Sub(now), nil, false
	}
	l.trying = l.state == limitUnknown && l.guessed
	l.remaining--
	l.inFlight++
	return 0, nil, true
}

// release records the figures of the response; response is nil if there was none. It marks the
// refusal of a trial: the limiter was wrong, and the call must be repeated.
func (l *limiter) release(response *response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	trial := l.trying
	l.trying = false
	l.inFlight--
	close(l.changed)
	l.changed = make(chan struct{})
	if response == nil {
		return
	}
	now := l.now()
	remaining, err := strconv.Atoi(response.header.Get("X-RateLimit-Remaining"))
	at, readable := resetOf(response.header)
	readable = readable && err == nil
	refused := response.status == http.StatusTooManyRequests
	response.trial = refused && trial
	// Only a refusal can have the text; a good response is megabytes long.
	var asked time.Duration
	var says bool
	if refused && response.header.Get("Retry-After") == "" {
		asked, says = waitInText(response.body)
	}
	if says && readable {
		l.clock.observeRefusal(at, asked, response.sent, now)
	}
	if readable && l.state != limitNone && !l.resetAt.IsZero() && at.Sub(l.resetAt) > sameWindow {
		l.clock.observeTime(l.resetAt, now)
	}
	reset, sure, plausible := l.clock.reset(at, now)
	limited := readable && plausible
	// With a Retry-After, there is nothing to guess. A trial follows no refused trial: that
	// would repeat the call for ever.
	l.guessed = readable && !sure && response.header.Get("Retry-After") == "" && !response.trial

	switch {
	case limited:
		l.observe(max(remaining, 0), at, reset)
		if limit, err := strconv.Atoi(response.header.Get("X-RateLimit-Limit")); err == nil {
			l.limit = limit
		}
	case readable:
		// There is a limit, but no clock fits: one call goes alone. A past window says
		// nothing about the present one.
		if l.state != limitKnown || at.After(l.resetAt) {
			l.state = limitUnknown
		}
	case !refused && response.status < http.StatusMultipleChoices:
		l.state = limitNone
	}
	switch {
	case refused && limited && !says && response.header.Get("Retry-After") == "":
		l.remaining = 0
	case refused:
		wait := waitAsked(response, now)
		if says && readable {
			wait += resetMargin // the server's window includes its last instant
		}
		_, ours := readRefusal(response.body)
		l.blocked, l.byGateway, l.state = now.Add(wait), !ours, limitUnknown
	}
}

// giveBack returns a call that was not made.
func (l *limiter) giveBack() {
	l.mu.Lock()
	l.remaining++
	l.mu.Unlock()
	l.release(nil)
}

// observe records the figures of one window. Responses of concurrent calls arrive in any
// order: within a window, the lower figure holds, and a response of a past window is
// ignored.
func (l *limiter) observe(remaining int, at, reset time.Time) {
	switch {
	case l.state != limitKnown || at.Sub(l.resetAt) > sameWindow:
		l.remaining = remaining - l.inFlight
	case l.resetAt.Sub(at) > sameWindow:
		return
	default:
		l.remaining = min(l.remaining, remaining)
	}
	l.state, l.reset, l.resetAt = limitKnown, reset, at
	l.window = max(l.window, reset.Sub(l.now())-resetMargin-datePrecision)
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
	if l.state != limitKnown || l.limit <= 0 || calls <= l.remaining {
		return 0
	}
	windows := (calls - l.remaining + l.limit - 1) / l.limit
	return max(l.reset.Sub(l.now()), 0) + time.Duration(windows-1)*l.window
}

func (l *limiter) knownLimit() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.limit
}

// isBlockedByGateway reports whether the present wait is for the limit of a gateway.
func (l *limiter) isBlockedByGateway() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byGateway && l.blocked.After(l.now())
}

var waitText = regexp.MustCompile(`(?i)wait (\d{1,9}) seconds?`)

// waitAsked is the wait that a refusal without usable headers requires: its
// Retry-After, in seconds or as a date, or its text; else one window.
func waitAsked(response *response, now time.Time) time.Duration {
	wait := defaultWindow
	if after, ok := retryAfter(response.header, now); ok {
		wait = after
	} else if asked, ok := waitInText(response.body); ok {
		wait = asked
	}
	return min(max(wait, time.Second), maxWait)
}

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

// waitInText is the wait that the text of a refusal requires, in whole seconds, rounded
// up by the server. It needs no clock.
func waitInText(body []byte) (time.Duration, bool) {
	m := waitText.FindSubmatch(body)
	if m == nil {
		return 0, false
	}
	seconds, err := strconv.Atoi(string(m[1]))
	return time.Duration(seconds) * time.Second, err == nil
}

// serverClock is the difference of the server's clock from ours. The header Date is
// truncated to the second, so each response gives a range: the server wrote it between
// the sending of the request and the arrival of the response, at an instant in
// [Date, Date+1s). The ranges of several responses are intersected.
//
// A proxy may set Date by its own clock, which the server's limiter does not use.
// Evidence of the limiter's clock takes precedence over the header: a refusal whose
// text and reset give its time to a second, a window that has ended before its time,
// or a reset that is already past when it is announced.
type serverClock struct {
	mu        sync.Mutex
	known     bool
	low, high time.Duration // bounds of the server's time minus ours
	// settled reports that Date is ignored from now on, because the limiter has given
	// the time or contradicted the header.
	settled bool
	// said is what [serverClock.timeOfRead] compares.
	said statements
}

// observe records the header Date of a response, and ignores one that is not a time.
func (s *serverClock) observe(header http.Header, sent, received time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said.note(header, received)
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil || s.settled {
		return
	}
	low, high := date.Sub(received), date.Add(time.Second).Sub(sent)
	s.narrow(low, high)
}

// narrow intersects the range that is known with another, or replaces it if they have
// nothing in common. s.mu is held.
func (s *serverClock) narrow(low, high time.Duration) {
	if s.known && low <= s.high && high >= s.low {
		low, high = max(low, s.low), min(high, s.high)
	}
	s.known, s.low, s.high = true, low, high
}

// observeRefusal records a refusal that gives the reset and the time until it, rounded up to a
// second.
func (s *serverClock) observeRefusal(reset time.Time, away time.Duration, sent, received time.Time) {
	low, high := reset.Add(-away).Sub(received), reset.Add(time.Second-away).Sub(sent)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.narrow(low, high) // they have something in common if Date is by the limiter's clock
	s.settled = true
}

// observeTime records that the server's clock has reached t by now.
func (s *serverClock) observeTime(t, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && !s.settled && s.high < t.Sub(now)-datePrecision {
		s.drop()
	}
}

// drop discards a Date that the limiter contradicts. s.mu is held.
func (s *serverClock) drop() { s.known, s.low, s.high, s.settled = false, 0, 0, true }

// reset converts the end of a window from the server's clock to ours; ok is false if it
// is plausible by neither clock. Until the limiter has given the time, the result is not
// sure in two cases: if Date differs from our clock, either can be right, and if both
// agree on an implausibly long window, neither is. Then one call is tried at the earlier
// end, or after one window of the default length.
func (s *serverClock) reset(at, now time.Time) (reset time.Time, sure, ok bool) {
	plausible := func(t time.Time) bool { return t.After(now) && t.Sub(now) < maxReset }
	s.mu.Lock()
	defer s.mu.Unlock()
	ours, theirs := at.Add(resetMargin), at.Add(resetMargin-s.low)
	agree := s.known && s.low <= clocksAgree && s.high >= -clocksAgree
	try := now.Add(defaultWindow + datePrecision + resetMargin)
	switch {
	case s.known && s.settled:
		return theirs, true, plausible(theirs)
	case agree && theirs.Sub(now) > maxWait:
		return try, false, plausible(theirs)
	case agree:
		return theirs, plausible(theirs), plausible(theirs)
	case s.known && plausible(theirs):
		if plausible(ours) {
			theirs = earlier(ours, theirs)
		}
		return earlier(theirs, try), false, true
	case plausible(ours):
		if s.known {
			s.drop()
		}
		return earlier(ours, try), false, true
	default:
		return time.Time{}, false, false
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// difference is the server's time minus ours, to about a second; 0 if unknown.
func (s *serverClock) difference() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.middle()
}

// middle is that of the range, 0 if none is known. s.mu is held.
func (s *serverClock) middle() time.Duration { return s.low + (s.high-s.low)/2 } // the sum of both could overflow
