// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"net/http"
	"time"
)

// clockTolerance is the difference from which two clocks contradict each other: more
// than the instances of one workspace differ, and less than any age that means something.
const clockTolerance = 2 * time.Minute

// ClockConflict says that the clocks which could date a read contradict each other.
// All times are of the instant of the read's first response.
type ClockConflict struct {
	// Counted is the time that ages are counted from; zero if every clock is contradicted.
	Counted time.Time
	// Date is the time by the header Date; zero without one.
	Date time.Time
	// Machine is the time by this machine's clock.
	Machine time.Time
	// NewestLogin is the newest login that the workspace lists: its time is not before it.
	NewestLogin time.Time
	// Reset is when the window of the rate limit ends by the workspace's clock; zero
	// without a limit.
	Reset time.Time
}

// statements are what the latest responses say about the server's time minus ours.
type statements struct {
	// date is by the header Date, and reset by that of the limiter, which the server's
	// clock has not reached; nil without one.
	date, reset *time.Duration
}

func (s *statements) note(header http.Header, received time.Time) {
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		s.date = new(date.Sub(received))
	}
	if reset, ok := resetOf(header); ok {
		s.reset = new(reset.Sub(received))
	}
}

// timeOfRead is the workspace's time at the instant now of our clock, given the newest
// login that it lists; zero for none, which has no age. If the header Date and our clock
// contradict each other, Date counts, because a machine in CI is more likely to be wrong,
// unless a login or the limiter shows that Date is wrong, which a proxy may set by a
// clock of its own. Then our clock counts if they do not contradict it as well.
func (s *serverClock) timeOfRead(now, newest time.Time) (time.Time, *ClockConflict) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &ClockConflict{Machine: now, NewestLogin: newest}
	switch {
	case s.source == timeByDate || s.source == timeByLimiter:
		c.Date = now.Add(s.middle())
	case s.said.date != nil:
		c.Date = now.Add(*s.said.date)
	}
	if s.said.reset != nil {
		c.Reset = now.Add(*s.said.reset)
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
