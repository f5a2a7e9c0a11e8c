// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"net/http"
	"sync"
	"time"
)

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
