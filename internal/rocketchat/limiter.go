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
	// defaultWindow is the length of the limiter's window when no header tells.
	defaultWindow = time.Minute
	// maxWait bounds a wait that a Retry-After or a text asks for.
	maxWait = 15 * time.Minute
	// maxReset is the furthest reset that is believed.
	maxReset = 24 * time.Hour
	// resetMargin covers the server's own inaccuracy of about a millisecond.
	resetMargin = 50 * time.Millisecond
	// datePrecision is by how much the header Date may make a reset seem later.
	datePrecision = time.Second
)

// limiter spends the calls that the workspace allows on one route, and no more.
// Rocket.Chat counts calls for each client address and route in fixed windows
// and says in three headers what is left; whoever holds the permission
// api-bypass-rate-limit gets no headers and has no limit.
type limiter struct {
	clock *serverClock
	now   func() time.Time
	mu    sync.Mutex
	state limitState
	// limit and remaining are those of the window that ends at reset, by our clock.
	limit, remaining int
	reset            time.Time
	// window is how long a window lasts at least: the longest way to a reset seen.
	window time.Duration
	// blocked is set by a refusal that no header explains.
	blocked  time.Time
	inFlight int
	// changed is closed when a call that others wait for has come back.
	changed chan struct{}
}

// limitState says what is known of the limiter.
type limitState int

const (
	// limitUnknown: nothing yet, or the window is over. One call goes alone.
	limitUnknown limitState = iota
	limitNone
	limitKnown
)

func newLimiter(clock *serverClock, now func() time.Time) *limiter {
	return &limiter{clock: clock, now: now, changed: make(chan struct{})}
}

// acquire returns when one call may be made; release must follow. pause waits
// and returns an error when the wait cannot be had.
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

// try takes a call, or tells how long to wait, or what to wait for.
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
	l.remaining--
	l.inFlight++
	return 0, nil, true
}

// release takes the figures of the answer; answer is nil when there was none.
func (l *limiter) release(answer *reply) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	close(l.changed)
	l.changed = make(chan struct{})
	if answer == nil {
		return
	}
	now := l.now()
	remaining, err := strconv.Atoi(answer.header.Get("X-RateLimit-Remaining"))
	reset, plausible := l.resetOf(answer.header, now)
	limited := err == nil && plausible
	refused := answer.status == http.StatusTooManyRequests

	switch {
	case limited:
		l.observe(max(remaining, 0), reset)
		if limit, err := strconv.Atoi(answer.header.Get("X-RateLimit-Limit")); err == nil {
			l.limit = limit
		}
	case !refused && answer.status < http.StatusMultipleChoices:
		l.state = limitNone
	}
	switch {
	case refused && limited && answer.header.Get("Retry-After") == "":
		l.remaining = 0
	case refused:
		l.blocked = now.Add(waitAsked(answer, now))
		l.state = limitUnknown
	}
}

// giveBack returns a call that was not made.
func (l *limiter) giveBack() {
	l.mu.Lock()
	l.remaining++
	l.mu.Unlock()
	l.release(nil)
}

// observe takes the figures of one window. Answers of calls in flight together
// arrive in any order: within a window the lower figure holds, and the answer
// of a window that is over says nothing.
func (l *limiter) observe(remaining int, reset time.Time) {
	const sameWindow = time.Second
	switch {
	case l.state != limitKnown || reset.Sub(l.reset) > sameWindow:
		l.remaining = remaining - l.inFlight
	case l.reset.Sub(reset) > sameWindow:
		return
	default:
		l.remaining = min(l.remaining, remaining)
	}
	l.state, l.reset = limitKnown, reset
	l.window = max(l.window, reset.Sub(l.now())-resetMargin-datePrecision)
}

// resetOf reads X-RateLimit-Reset, epoch milliseconds of the server's clock
// (seconds are understood, too), as an instant of ours.
func (l *limiter) resetOf(header http.Header, now time.Time) (time.Time, bool) {
	n, err := strconv.ParseInt(header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}, false
	}
	const latestInSeconds = 100_000_000_000
	at := time.UnixMilli(n)
	if n < latestInSeconds {
		at = time.Unix(n, 0)
	}
	reset := l.clock.local(at).Add(resetMargin)
	wait := reset.Sub(now)
	return reset, wait > 0 && wait < maxReset
}

// leastWait is how long that many calls more have to wait in all, at least.
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

var waitText = regexp.MustCompile(`(?i)wait (\d{1,9}) seconds?`)

// waitAsked is how long a refusal without usable headers asks to wait: its
// Retry-After, in seconds or as a date, or its text; else one window.
func waitAsked(answer *reply, now time.Time) time.Duration {
	wait := defaultWindow
	after := answer.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(after, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(after); err == nil {
		wait = date.Sub(now)
		if server, err := http.ParseTime(answer.header.Get("Date")); err == nil {
			wait = date.Sub(server)
		}
	} else if m := waitText.FindSubmatch(answer.body); m != nil {
		if seconds, err := strconv.Atoi(string(m[1])); err == nil {
			wait = time.Duration(seconds) * time.Second
		}
	}
	return min(max(wait, time.Second), maxWait)
}

// serverClock knows how far the server's clock is from ours. The header Date
// is cut to the second, so each answer gives a range: the server wrote it
// between the sending of the request and the arrival of the answer, at an
// instant in [Date, Date+1s). The ranges of several answers intersect.
type serverClock struct {
	mu        sync.Mutex
	known     bool
	low, high time.Duration // bounds of the server's time minus ours
}

// observe takes the header Date of an answer; one that is not a time is ignored.
func (s *serverClock) observe(header http.Header, sent, received time.Time) {
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	low, high := date.Sub(received), date.Add(time.Second).Sub(sent)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known && low <= s.high && high >= s.low {
		low, high = max(low, s.low), min(high, s.high)
	}
	s.known, s.low, s.high = true, low, high
}

// difference is the server's time minus ours, to about a second; 0 if unknown.
func (s *serverClock) difference() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.low + (s.high-s.low)/2 // the sum of both could overflow
}

// local is the first instant of ours at which the server's clock has surely
// reached t.
func (s *serverClock) local(t time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.Add(-s.low)
}
