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
	// seen are responses; refused is one of a limiter by whose time a window ends.
	seen := func(responses ...http.Header) func(*serverClock) {
		return func(s *serverClock) {
			for _, header := range responses {
				s.observe(header, midnight, midnight)
			}
		}
	}
	refused := func(end time.Time) func(*serverClock) {
		return func(s *serverClock) { s.observeRefusal(end, time.Minute, midnight, midnight) }
	}
	both := func(first, second func(*serverClock)) func(*serverClock) {
		return func(s *serverClock) { first(s); second(s) }
	}
	known := func(s *serverClock) { s.observeTime(midnight, midnight) }
	inAMinute := midnight.Add(time.Minute)
	ofAnotherKind := dated(0)
	ofAnotherKind.Set("X-Ratelimit-Reset", "30")
	for name, c := range map[string]struct {
		// before happens before the read.
		before func(*serverClock)
		newest time.Time
		// at is the time that counts, ahead of this machine's; conflict, whether there is one.
		at       time.Duration
		conflict bool
	}{
		"nothing known":                                        {seen(), yesterday, 0, false},
		"nothing known, a login to come":                       {seen(), midnight.Add(day), day, true},
		"a login within the tolerance":                         {seen(dated(0)), inAMinute, time.Minute, false},
		"no login":                                             {seen(dated(-9 * day)), time.Time{}, -9 * day, false},
		"a proxy behind":                                       {seen(dated(-9 * day)), yesterday, 0, true},
		"a proxy or this machine":                              {seen(dated(9 * day)), yesterday, 9 * day, true},
		"a reset of another kind, ignored":                     {seen(ofAnotherKind), yesterday, 0, false},
		"a reset that no clock fits":                           {seen(limited(dated(0), midnight.Add(3*day))), yesterday, 0, true},
		"a reset of a response before":                         {seen(limited(dated(9*day), inAMinute), dated(9*day)), yesterday, 0, true},
		"the limiter gave the time":                            {both(seen(limited(dated(9*day), inAMinute)), refused(inAMinute)), yesterday, 0, false},
		"the limiter gave the time, and this machine is wrong": {refused(midnight.Add(day)), yesterday, day - time.Minute, true},
		"the limiter contradicted Date":                        {both(seen(dated(-12*time.Hour)), known), yesterday, 0, true},
	} {
		var s serverClock
		c.before(&s)
		at, conflict := s.timeOfRead(midnight, c.newest)
		if off := at.Sub(midnight.Add(c.at)).Abs(); off > time.Second || (conflict != nil) != c.conflict {
			t.Errorf("%s: %v, %+v; want %v", name, at, conflict, midnight.Add(c.at))
		}
	}
}

func TestServerClock_ranges(t *testing.T) {
	t.Parallel()
	date := func(at time.Time) http.Header { return http.Header{"Date": {at.Format(http.TimeFormat)}} }

	// Unknown.
	var unknown serverClock
	unknown.observe(http.Header{"Date": {"yesterday"}}, midnight, midnight)
	unknown.observe(http.Header{}, midnight, midnight)
	if unknown.difference() != 0 || unknown.source != timeUnknown {
		t.Errorf("difference %v, want none", unknown.difference())
	}

	// Within a second.
	for _, ahead := range []time.Duration{0, 999 * time.Millisecond, -180 * time.Second, 3*time.Minute + 250*time.Millisecond} {
		var s serverClock
		server := midnight.Add(ahead)
		s.observe(date(server), midnight.Add(-10*time.Millisecond), midnight.Add(10*time.Millisecond))
		if off := s.difference() - ahead; off.Abs() > 510*time.Millisecond {
			t.Errorf("%v ahead: difference = %v", ahead, s.difference())
		}
		if local := server.Add(-s.low); local.Before(midnight) || local.After(midnight.Add(1010*time.Millisecond)) {
			t.Errorf("%v ahead: local = %v, want no earlier than %v and a second later at most", ahead, local, midnight)
		}
	}

	// Closer with every response.
	var s serverClock
	const ahead = 90*time.Second + 430*time.Millisecond
	for i := range 50 {
		ours := midnight.Add(time.Duration(i) * 370 * time.Millisecond)
		s.observe(date(ours.Add(ahead)), ours, ours)
	}
	if off := (s.difference() - ahead).Abs(); off > 20*time.Millisecond {
		t.Errorf("after 50 responses off by %v", off)
	}
	if local := midnight.Add(ahead - s.low); local.Before(midnight) {
		t.Errorf("local = %v, earlier than %v", local, midnight)
	}

	// A clock that was set.
	var set serverClock
	set.observe(date(midnight.Add(time.Hour)), midnight, midnight)
	set.observe(date(midnight), midnight, midnight)
	if d := set.difference().Abs(); d > time.Second {
		t.Errorf("difference = %v, want that of the last response", d)
	}
}
