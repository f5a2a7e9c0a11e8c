// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import "time"

// limiter counts calls as Meteor's rate limiter does: one rule a route, with a
// counter for each client address, and windows that all addresses share.
type limiter struct {
	limit   RateLimit
	started time.Time
	rules   map[string]*rule
}

type rule struct {
	began time.Time
	calls map[string]int
}

// call counts a call. It returns how many more the window has room for, less
// than none if this one is refused, and when the window ends.
func (l *limiter) call(route, address string, now time.Time) (left int, reset time.Time) {
	r, ok := l.rules[route]
	if !ok {
		r = &rule{began: l.started, calls: map[string]int{}}
		l.rules[route] = r
	}
	if now.Sub(r.began) > l.limit.Window {
		r.began, r.calls = now, map[string]int{}
	}
	r.calls[address]++
	return l.limit.Calls - r.calls[address], r.began.Add(l.limit.Window)
}
