// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// maxReset bounds how far away a plausible reset is.
	maxReset = 24 * time.Hour
	// resetMargin covers the server's own inaccuracy of about a millisecond.
	resetMargin = 50 * time.Millisecond
	// datePrecision is how much later the header Date can make a reset appear.
	datePrecision = time.Second
	// clocksAgree is the maximum difference at which the server's clock counts as ours.
	clocksAgree = 2 * time.Second
)

// serverClock is the difference of the server's clock from ours. A proxy may set the header
// Date by its own clock, which the server's limiter does not use. Therefore:
//
// Date counts until the limiter gives its own time, which alone counts from then on, or
// contradicts Date, which then never counts again. Until the limiter gives its time, the end
// of a window is only certain if Date and our clock agree on it; else one call is tried at the
// earliest end by either clock, and after a minute at the latest.
type serverClock struct {
	mu     sync.Mutex
	source timeSource
	// low and high bound the server's time minus ours; zero without a source.
	low, high time.Duration
	// date and reset are what the latest responses say about it: by the header Date, and by that of
	// the limiter, which the server's clock has not reached; nil without one.
	date, reset *time.Duration
}

// timeSource is what the difference of the clocks is known from.
type timeSource int

const (
	timeUnknown timeSource = iota
	timeByDate
	// timeByLimiter: a refusal had both the reset and the time until it.
	timeByLimiter
	// timeDisputed: the limiter has contradicted Date, and has not given its own time.
	timeDisputed
)

// windowEnd is how much is known of when a window ends by our clock.
type windowEnd int

const (
	// endUnsaid: no headers say when.
	endUnsaid windowEnd = iota
	// endOver: it is past, by the limiter's own clock.
	endOver
	// endImpossible: it would be past, or too far away, by any clock.
	endImpossible
	// endGuessed: it can be later.
	endGuessed
	endCertain
)

func (e windowEnd) isUsable() bool { return e == endGuessed || e == endCertain }

func (e windowEnd) isDoubtful() bool { return e == endGuessed || e == endImpossible }

// observe records the header Date of a response, if it is a time. Date is truncated to the second,
// so it gives a range: the server wrote it between the sending of the request and the arrival of
// the response, at an instant in [Date, Date+1s).
func (s *serverClock) observe(header http.Header, sent, received time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if reset, ok := resetOf(header); ok {
		s.reset = new(reset.Sub(received))
	}
	date, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return
	}
	s.date = new(date.Sub(received))
	if s.source == timeUnknown || s.source == timeByDate {
		s.narrow(timeByDate, *s.date, date.Add(time.Second).Sub(sent))
	}
}

// observeRefusal records a refusal that gives the reset and the time until it, rounded up to a
// second.
func (s *serverClock) observeRefusal(reset time.Time, away time.Duration, sent, received time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.narrow(timeByLimiter, reset.Add(-away).Sub(received), reset.Add(time.Second-away).Sub(sent))
}

// narrow intersects the range that is known with another, or replaces it if they have nothing
// in common, as that of another clock. s.mu is held.
func (s *serverClock) narrow(by timeSource, low, high time.Duration) {
	known := s.source == timeByDate || s.source == timeByLimiter
	if known && low <= s.high && high >= s.low {
		low, high = max(low, s.low), min(high, s.high)
	}
	s.source, s.low, s.high = by, low, high
}

// observeTime records that the server's clock has reached t by now.
func (s *serverClock) observeTime(t, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.source == timeByDate && s.high < t.Sub(now)-datePrecision {
		s.dispute()
	}
}

// dispute discards a Date that the limiter contradicts. s.mu is held.
func (s *serverClock) dispute() { s.source, s.low, s.high = timeDisputed, 0, 0 }

// endOf converts the end of a window from the server's clock to ours, or gives the time to try
// a call.
func (s *serverClock) endOf(resetAt, now time.Time) (time.Time, windowEnd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours, theirs := resetAt.Add(resetMargin), resetAt.Add(resetMargin-s.low)
	try := now.Add(defaultWindow + datePrecision + resetMargin)
	possible := func(t time.Time) bool { return t.After(now) && t.Sub(now) < maxReset }
	agree := s.source == timeByDate && s.low <= clocksAgree && s.high >= -clocksAgree
	switch certain := s.source == timeByLimiter || agree && theirs.Sub(now) <= maxWait; {
	case certain && possible(theirs):
		return theirs, endCertain
	case s.source == timeByLimiter:
		return time.Time{}, endOver
	case certain:
		return time.Time{}, endImpossible
	case possible(theirs) && possible(ours):
		return earliestOf(theirs, ours, try), endGuessed
	case possible(theirs):
		return earliestOf(theirs, try), endGuessed
	case possible(ours):
		s.dispute()
		return earliestOf(ours, try), endGuessed
	default:
		return time.Time{}, endImpossible
	}
}

// difference is the server's time minus ours, to about a second; 0 if unknown.
func (s *serverClock) difference() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.middle()
}

// middle is that of the range, 0 if none is known. s.mu is held.
func (s *serverClock) middle() time.Duration { return s.low + (s.high-s.low)/2 } // the sum of both could overflow

func earliestOf(times ...time.Time) time.Time { return slices.MinFunc(times, time.Time.Compare) }

func latestOf(times ...time.Time) time.Time { return slices.MaxFunc(times, time.Time.Compare) }

// clockTolerance is the difference from which two clocks contradict each other: more
// than the instances of one workspace differ, and less than any age that means something.
const clockTolerance = 2 * time.Minute

// ClockConflict says that the clocks which could date a read contradict each other, at the
// instant of its first response.
type ClockConflict struct {
	// Counted is the time that ages are counted from; zero if every clock is contradicted.
	Counted time.Time
	// Date is the time by the header Date, zero without one, Machine that by this machine's clock.
	Date, Machine time.Time
	// NewestLogin is the newest login that the workspace lists: its time is not before it.
	NewestLogin time.Time
	// Reset is when the window of the rate limit ends by the workspace's clock; zero
	// without a limit.
	Reset time.Time
}

// timeOfRead is the workspace's time at the instant now of our clock, given the newest
// login that it lists, or zero for none. Between the header Date and our clock, Date counts,
// because a machine in CI is more likely to be wrong, unless a login or the limiter shows that
// Date is wrong. Then our clock counts if they do not contradict it as well.
func (s *serverClock) timeOfRead(now, newest time.Time) (time.Time, *ClockConflict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &ClockConflict{Machine: now, NewestLogin: newest}
	switch {
	case s.source == timeByDate || s.source == timeByLimiter:
		c.Date = now.Add(s.middle())
	case s.date != nil:
		c.Date = now.Add(*s.date)
	}
	if s.reset != nil {
		c.Reset = now.Add(*s.reset)
	}
	if newest.IsZero() {
		return now.Add(s.middle()), nil
	}
	if newest.Sub(c.Reset) > clockTolerance {
		c.Reset = time.Time{} // not of the clock that dates logins: that of a gateway, or no time
	}
	switch {
	case s.source != timeDisputed && c.possible(c.Date) && (!c.possible(now) || c.inWindow(c.Date) || !c.inWindow(now)):
		c.Counted = c.Date
	case c.possible(now):
		c.Counted = now
	default:
		return latestOf(c.Date, now, newest), c
	}
	at := latestOf(c.Counted, newest)
	if c.Date.IsZero() || c.Date.Sub(now).Abs() <= clockTolerance { //mutate:clock-conflict
		return at, nil
	}
	return at, c
}

// possible reports whether neither the logins nor the limiter contradict a clock.
func (c *ClockConflict) possible(t time.Time) bool {
	return !t.IsZero() && c.NewestLogin.Sub(t) <= clockTolerance &&
		(c.Reset.IsZero() || t.Sub(c.Reset) <= clockTolerance && c.Reset.Sub(t) < maxReset)
}

// inWindow reports whether a possible clock gives the limiter's window a usual length.
func (c *ClockConflict) inWindow(t time.Time) bool {
	return !c.Reset.IsZero() && c.Reset.Sub(t) <= maxWait
}
