// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

// TestTimeOfRead states what the responses before a read have shown of the clocks; the
// clocks themselves are compared in the provider, through every list.
func TestTimeOfRead(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	dated := func(ahead time.Duration) http.Header {
		return http.Header{"Date": {midnight.Add(ahead).Format(http.TimeFormat)}}
	}
	limited := func(header http.Header, reset time.Time) http.Header {
		header.Set("X-Ratelimit-Reset", strconv.FormatInt(reset.UnixMilli(), 10))
		return header
	}
	yesterday := midnight.Add(-day)
	for name, c := range map[string]struct {
		// before happens before the read.
		before func(*serverClock)
		newest time.Time
		// at is the time that counts, ahead of this machine's; conflict, whether there is one.
		at       time.Duration
		conflict bool
	}{
		"nothing known":                  {func(*serverClock) {}, yesterday, 0, false},
		"nothing known, a login to come": {func(*serverClock) {}, midnight.Add(day), day, true},
		"a login within the tolerance": {
			func(s *serverClock) { s.observe(dated(0), midnight, midnight) }, midnight.Add(time.Minute), time.Minute, false,
		},
		"no login":                {func(s *serverClock) { s.observe(dated(-9*day), midnight, midnight) }, time.Time{}, -9 * day, false},
		"a proxy behind":          {func(s *serverClock) { s.observe(dated(-9*day), midnight, midnight) }, yesterday, 0, true},
		"a proxy or this machine": {func(s *serverClock) { s.observe(dated(9*day), midnight, midnight) }, yesterday, 9 * day, true},
		"a reset of another kind, ignored": {
			func(s *serverClock) {
				header := dated(0)
				header.Set("X-Ratelimit-Reset", "30")
				s.observe(header, midnight, midnight)
			}, yesterday, 0, false,
		},
		"a reset that no clock fits": {
			func(s *serverClock) { s.observe(limited(dated(0), midnight.Add(3*day)), midnight, midnight) }, yesterday, 0, true,
		},
		"a reset of a response before": {
			func(s *serverClock) {
				s.observe(limited(dated(9*day), midnight.Add(time.Minute)), midnight, midnight)
				s.observe(dated(9*day), midnight, midnight)
			}, yesterday, 0, true,
		},
		"the limiter gave the time": {
			func(s *serverClock) {
				s.observe(limited(dated(9*day), midnight.Add(time.Minute)), midnight, midnight)
				s.observeRefusal(midnight.Add(time.Minute), time.Minute, midnight, midnight)
			}, yesterday, 0, false,
		},
		"the limiter gave the time, and this machine is wrong": {
			func(s *serverClock) { s.observeRefusal(midnight.Add(day), time.Minute, midnight, midnight) }, yesterday, day - time.Minute, true,
		},
		"the limiter contradicted Date": {
			func(s *serverClock) {
				s.observe(dated(-12*time.Hour), midnight, midnight)
				s.observeTime(midnight, midnight)
			}, yesterday, 0, true,
		},
	} {
		var s serverClock
		c.before(&s)
		at, conflict := s.timeOfRead(midnight, c.newest)
		if off := at.Sub(midnight.Add(c.at)).Abs(); off > time.Second || (conflict != nil) != c.conflict {
			t.Errorf("%s: %v, %+v; want %v", name, at, conflict, midnight.Add(c.at))
		}
	}
}
