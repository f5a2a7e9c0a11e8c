// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// midnight is when the time of a bubble begins.
var midnight = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)

// limiterBench is a limiter and the responses of a server whose clock agrees with ours.
type limiterBench struct {
	*limiter
}

func newLimiterBench() limiterBench {
	server := &serverClock{}
	server.observe(http.Header{"Date": {midnight.Format(http.TimeFormat)}}, midnight, midnight)
	return limiterBench{newLimiter(server, time.Now)}
}

// limited runs a test of a limiter, in a bubble.
func limited(t *testing.T, test func(t *testing.T, b limiterBench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newLimiterBench()) })
}

// limitHeader are the three headers of a limit of ten.
func limitHeader(remaining int, reset time.Time) http.Header {
	return http.Header{
		"X-Ratelimit-Limit":     {"10"},
		"X-Ratelimit-Remaining": {strconv.Itoa(remaining)},
		"X-Ratelimit-Reset":     {strconv.FormatInt(reset.UnixMilli(), 10)},
	}
}

// take starts a call that has to be possible at once.
func (b limiterBench) take(t *testing.T) {
	t.Helper()
	if wait, changed, ok := b.try(); !ok {
		t.Fatalf("no call possible: wait %v, for another %v", wait, changed != nil)
	}
}

// wantWait asserts that the next call has to wait for that long.
func (b limiterBench) wantWait(t *testing.T, want time.Duration) {
	t.Helper()
	if wait, _, ok := b.try(); ok || wait != want {
		t.Fatalf("a call now: wait %v, possible %v; want a wait of %v", wait, ok, want)
	}
}

// wantTurn asserts that the next call has to wait for one that is under way.
func (b limiterBench) wantTurn(t *testing.T) <-chan struct{} {
	t.Helper()
	wait, changed, ok := b.try()
	if ok || wait != 0 || changed == nil {
		t.Fatalf("a call now: wait %v, possible %v; want to wait for the call under way", wait, ok)
	}
	return changed
}

func (b limiterBench) response(status int, header http.Header) {
	b.release(&apiResponse{status: status, header: header})
}

// TestLimiter_goesAloneUntilItKnows, to which failures add nothing.
func TestLimiter_goesAloneUntilItKnows(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		b.take(t)
		b.release(nil)
		b.take(t)
		b.wantTurn(t)
		b.response(http.StatusBadGateway, http.Header{})
		b.take(t)
		changed := b.wantTurn(t)
		b.response(http.StatusOK, http.Header{})
		select {
		case <-changed:
		default:
			t.Fatal("those who wait were not notified of the response")
		}
		for range 100 {
			b.take(t)
		}
	})
}

func TestLimiter_spendsWhatIsLeft(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		reset := midnight.Add(40 * time.Second)
		b.take(t)
		b.response(http.StatusOK, limitHeader(3, reset))
		for range 3 {
			b.take(t)
		}
		b.wantWait(t, 40*time.Second+resetMargin)
		if b.current().Calls != 10 {
			t.Errorf("current().Calls = %d, want 10", b.current().Calls)
		}
		time.Sleep(40*time.Second + resetMargin)
		b.wantTurn(t) // three calls of the window before are under way
		for range 3 {
			b.release(nil)
		}
		b.take(t)
		b.wantTurn(t)
	})
}

func TestLimiter_resetHeader(t *testing.T) {
	t.Parallel()
	at := midnight.Add
	for name, tc := range map[string]struct {
		reset string
		// wait is what a window without a call left has to wait for; 0 for figures that are not believed.
		wait time.Duration
	}{
		"milliseconds":                {strconv.FormatInt(at(30*time.Second).UnixMilli(), 10), 30*time.Second + resetMargin},
		"milliseconds, not whole":     {strconv.FormatInt(at(1234*time.Millisecond).UnixMilli(), 10), 1234*time.Millisecond + resetMargin},
		"seconds":                     {strconv.FormatInt(at(30*time.Second).Unix(), 10), 30*time.Second + resetMargin},
		"now":                         {strconv.FormatInt(midnight.UnixMilli(), 10), resetMargin},
		"past":                        {strconv.FormatInt(at(-time.Second).UnixMilli(), 10), 0},
		"ten years ahead":             {strconv.FormatInt(midnight.AddDate(10, 0, 0).UnixMilli(), 10), 0},
		"a day ahead":                 {strconv.FormatInt(at(24*time.Hour).UnixMilli(), 10), 0},
		"just under a day ahead":      {strconv.FormatInt(at(23*time.Hour).UnixMilli(), 10), defaultWindow + datePrecision + resetMargin},
		"seconds from now":            {"30", 0},
		"zero":                        {"0", 0},
		"negative":                    {"-1", 0},
		"not a number":                {"soon", 0},
		"empty":                       {"", 0},
		"a fraction":                  {"1795000000.5", 0},
		"larger than any instant":     {"9223372036854775807", 0},
		"larger than sixty-four bits": {"92233720368547758070", 0},
	} {
		limited(t, func(t *testing.T, b limiterBench) {
			header := limitHeader(0, midnight)
			header.Set("X-RateLimit-Reset", tc.reset)
			b.take(t)
			b.response(http.StatusOK, header)
			if wait, _, ok := b.try(); wait != tc.wait || ok != (tc.wait == 0) {
				t.Errorf("%s: wait %v, possible %t; want a wait of %v", name, wait, ok, tc.wait)
			}
		})
	}
}

func TestLimiter_remainingHeader(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, remaining := range []string{"", "none", "1.5", "99999999999999999999"} {
			b := newLimiterBench()
			header := limitHeader(0, midnight.Add(time.Minute))
			header.Set("X-RateLimit-Remaining", remaining)
			b.take(t)
			b.response(http.StatusOK, header)
			b.take(t)
		}
		b := newLimiterBench()
		header := limitHeader(-3, midnight.Add(time.Minute))
		header.Set("X-RateLimit-Limit", "many")
		b.take(t)
		b.response(http.StatusOK, header)
		b.wantWait(t, time.Minute+resetMargin)
		if b.current().Calls != 0 {
			t.Errorf("current().Calls = %d, want 0 for a header that is no number", b.current().Calls)
		}
	})
}

func TestLimiter_responsesOutOfOrder(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		reset := midnight.Add(time.Minute)
		b.take(t)
		b.response(http.StatusOK, limitHeader(5, reset))
		for range 3 {
			b.take(t)
		}
		for _, remaining := range []int{2, 4, 3} { // the last to get a response comes first
			b.response(http.StatusOK, limitHeader(remaining, reset.Add(time.Duration(remaining)*time.Millisecond)))
		}
		b.take(t)
		b.take(t)
		if wait, _, ok := b.try(); ok || wait < time.Minute {
			t.Errorf("a sixth call: wait %v, possible %v", wait, ok)
		}
	})
}

func TestLimiter_sharedWithOthers(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		b.take(t)
		b.response(http.StatusOK, limitHeader(5, midnight.Add(time.Minute)))
		b.take(t)
		b.response(http.StatusOK, limitHeader(1, midnight.Add(time.Minute)))
		b.take(t)
		b.wantWait(t, time.Minute+resetMargin)
	})
}

func TestLimiter_windowChanges(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		first, second := midnight.Add(10*time.Second), midnight.Add(70*time.Second)
		b.take(t)
		b.response(http.StatusOK, limitHeader(3, first))
		for range 3 {
			b.take(t)
		}
		// Of the three in flight, one gets its response in the next window.
		time.Sleep(10*time.Second + resetMargin)
		b.response(http.StatusOK, limitHeader(9, second))
		b.response(http.StatusOK, limitHeader(1, first))
		b.response(http.StatusOK, limitHeader(0, first))
		for range 7 { // nine, less the two that were thought to be spent in it
			b.take(t)
		}
		b.wantWait(t, 60*time.Second)
	})
}

func TestLimiter_refused(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) string { return midnight.Add(d).Format(http.TimeFormat) }
	inAMinute := limitHeader(0, midnight.Add(time.Minute)).Get("X-Ratelimit-Reset")
	for name, tc := range map[string]struct {
		header http.Header
		body   string
		want   time.Duration
	}{
		"Retry-After in seconds":              {http.Header{"Retry-After": {"7"}}, "", 7 * time.Second},
		"Retry-After of zero":                 {http.Header{"Retry-After": {"0"}}, "", time.Second},
		"Retry-After beyond reason":           {http.Header{"Retry-After": {"86400"}}, "", maxWait},
		"Retry-After as a date":               {http.Header{"Retry-After": {date(20 * time.Second)}}, "", 20 * time.Second},
		"a date, and the server's clock":      {http.Header{"Retry-After": {date(time.Hour)}, "Date": {date(time.Hour - 5*time.Second)}}, "", 5 * time.Second},
		"a date in the past":                  {http.Header{"Retry-After": {date(-time.Hour)}}, "", time.Second},
		"Retry-After beats the text":          {http.Header{"Retry-After": {"7"}}, "You must wait 42 seconds before", 7 * time.Second},
		"the text":                            {nil, "You must wait 42 seconds before trying this endpoint again.", 42 * time.Second},
		"the text, one second":                {nil, "You must wait 1 second before", time.Second},
		"the text, zero":                      {nil, "You must wait 0 seconds before", time.Second},
		"the text, beyond reason":             {nil, "You must wait 999999999 seconds before", maxWait},
		"the text, too long to be a number":   {nil, "You must wait 99999999999999 seconds before", defaultWindow},
		"malformed Retry-After":               {http.Header{"Retry-After": {"soon"}}, "", defaultWindow},
		"negative Retry-After":                {http.Header{"Retry-After": {"-1"}}, "", defaultWindow},
		"nothing":                             {nil, "slow down", defaultWindow},
		"Retry-After beside limiter's own":    {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {inAMinute}, "Retry-After": {"90"}}, "", 90 * time.Second},
		"the limiter's own headers":           {limitHeader(0, midnight.Add(30*time.Second)), "You must wait 42 seconds", 42*time.Second + resetMargin},
		"the limiter's own, wrongly positive": {limitHeader(4, midnight.Add(30*time.Second)), "", 30*time.Second + resetMargin},
	} {
		limited(t, func(t *testing.T, b limiterBench) {
			b.take(t)
			b.release(&apiResponse{status: http.StatusTooManyRequests, header: tc.header, body: []byte(tc.body)})
			if wait, _, ok := b.try(); ok || wait != tc.want {
				t.Fatalf("%s: wait %v, possible %t; want a wait of %v", name, wait, ok, tc.want)
			}
			time.Sleep(tc.want)
			b.take(t)
			b.wantTurn(t)
		})
	}
}

// TestLimiter_refusedWhileOthersAreUnderWay: responses that were on their way do
// not lift the wait.
func TestLimiter_refusedWhileOthersAreUnderWay(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		b.take(t)
		b.response(http.StatusOK, http.Header{})
		b.take(t)
		b.take(t)
		b.response(http.StatusTooManyRequests, http.Header{"Retry-After": {"9"}})
		b.response(http.StatusOK, http.Header{})
		b.wantWait(t, 9*time.Second)
	})
}

func TestLimiter_waitsByTheServersClock(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{-7 * time.Minute, -300 * time.Millisecond, 0, 900 * time.Millisecond, 12 * time.Minute, -40 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			b := limiterBench{newLimiter(&serverClock{}, time.Now)}
			server := time.Now().Add(ahead)
			header := limitHeader(0, server.Add(25*time.Second))
			header.Set("Date", server.Format(http.TimeFormat))
			b.clock.observe(header, time.Now(), time.Now())
			b.take(t)
			b.response(http.StatusOK, header)
			if wait, _, ok := b.try(); ok || wait < 25*time.Second || wait > 26*time.Second+resetMargin {
				t.Errorf("%v ahead: wait = %v, possible %v; want 25 to 26 seconds", ahead, wait, ok)
			}
		})
	}
}

func TestLimiter_acquire(t *testing.T) {
	t.Parallel()
	limited(t, func(t *testing.T, b limiterBench) {
		b.take(t)
		results := make(chan error)
		acquire := func(ctx context.Context) {
			_, err := b.acquire(ctx)
			results <- err
		}
		ctx, cancel := context.WithCancel(t.Context())
		go acquire(ctx)
		synctest.Wait()
		cancel()
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("acquire = %v, want context.Canceled", err)
		}
		go acquire(t.Context())
		synctest.Wait()
		b.response(http.StatusOK, http.Header{})
		if err := <-results; err != nil {
			t.Errorf("acquire = %v, though the first has come back", err)
		}
		b.response(http.StatusOK, limitHeader(0, midnight.Add(20*time.Second)))
		wait, err := b.acquire(t.Context())
		if err != nil || wait != 20*time.Second+resetMargin || b.current().Calls != 10 {
			t.Errorf("acquire = %v, %v for %v", wait, err, b.current())
		}
		time.Sleep(wait)
		b.take(t) // the call that was not made is not counted
	})
}

func FuzzRateLimitHeaders(f *testing.F) {
	for _, seed := range [][6]string{
		{"10", "3", fmt.Sprint(midnight.Add(time.Minute).UnixMilli()), "", "", ""},
		{"10", "0", fmt.Sprint(midnight.Add(time.Minute).Unix()), "", midnight.Format(http.TimeFormat), ""},
		{"", "0", "1", "7", "", ""},
		{"x", "-1", "9223372036854775807", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", ""},
		{"", "", "", "", "Mon, 01 Jan 0001 00:00:00 GMT", "wait 999999999 seconds"},
		{"1", "1", "1e3", "4294967296", "", "wait 0 seconds"},
	} {
		for _, status := range []int{200, 400, 429, 503} {
			f.Add(status, seed[0], seed[1], seed[2], seed[3], seed[4], seed[5])
		}
	}
	f.Fuzz(func(t *testing.T, status int, limit, remaining, reset, after, date, body string) {
		limited(t, func(t *testing.T, b limiterBench) {
			header := http.Header{}
			for name, value := range map[string]string{
				"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset, "Retry-After": after, "Date": date,
			} {
				header.Set(name, value)
			}
			b.clock.observe(header, midnight, midnight)
			if d := b.clock.difference(); d < b.clock.low || d > b.clock.high {
				t.Errorf("difference %v, not between %v and %v", d, b.clock.low, b.clock.high)
			}
			b.take(t)
			b.release(&apiResponse{status: status, header: header, body: []byte(body)})
			wait, _, ok := b.try()
			if ok {
				if status == http.StatusTooManyRequests {
					t.Error("a refusal is followed by a call at once")
				}
				return
			}
			if wait <= 0 || wait > maxReset {
				t.Fatalf("wait %v", wait)
			}
			time.Sleep(wait)
			if _, _, ok := b.try(); !ok {
				t.Errorf("no call after the wait of %v", wait)
			}
		})
	})
}
