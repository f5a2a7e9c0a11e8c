// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import "time"

// limiter counts calls as Meteor's rate limiter does: one rule a route, with a
// counter for each client address. The windows of a rule are fixed and common
// to all addresses; the first begins as the server starts, each later one with
// the first call after the one before it has passed.
type limiter struct {
	calls   int
	window  time.Duration
	started time.Time
	rules   map[string]*rule
}

type rule struct {
	began time.Time
	calls map[string]int
}

// verdict is what the limiter says of one call.
type verdict struct {
	allowed   bool
	remaining int
	// reset is when the window ends; wait is the time until then.
	reset time.Time
	wait  time.Duration
}

func newLimiter(limit RateLimit, started time.Time) *limiter {
	return &limiter{calls: limit.Calls, window: limit.Window, started: started, rules: map[string]*rule{}}
}

// call counts a call and judges it.
func (l *limiter) call(route, address string, now time.Time) verdict {
	r, ok := l.rules[route]
	if !ok {
		r = &rule{began: l.started, calls: map[string]int{}}
		l.rules[route] = r
	}
	if now.Sub(r.began) > l.window {
		r.began, r.calls = now, map[string]int{}
	}
	r.calls[address]++
	reset := r.began.Add(l.window)
	return verdict{
		allowed:   r.calls[address] <= l.calls,
		remaining: max(0, l.calls-r.calls[address]),
		reset:     reset,
		wait:      reset.Sub(now),
	}
}
