// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// announcer reports a wait to those who wait for the response, and the problem to those with
// less time. If nobody remains, it returns the problem.
type announcer func(wait time.Duration, problem error) error

// announceTo announces waits to a caller whose deadline is that of ctx.
func (c *Client) announceTo(ctx context.Context) announcer {
	return func(wait time.Duration, problem error) error {
		deadline, ok := c.clock.Deadline(ctx)
		left := deadline.Sub(c.clock.Now())
		if !ok || wait < left {
			return nil
		}
		if limit, ok := errors.AsType[*RateLimitError](problem); ok {
			late := *limit
			late.Left = left
			return &late
		}
		return problem
	}
}

// audience is who waits for a read, and how long the read has waited.
type audience struct {
	announce announcer
	waited   *limitWaits
}

// rateLimitError is a wait for a rate limit that does not fit into the deadline.
func (c *Client) rateLimitError(ep endpoint, of Limit, wait time.Duration) error {
	return &RateLimitError{Request: c.name(ep), Wait: wait, Limit: of.Calls, Gateway: of.Gateway}
}

// checkWaits ends a read before its first wait for the rate limit if not all of its waits
// for at least that many calls fit into the deadline.
func (c *Client) checkWaits(ep endpoint, calls int, announce announcer) error {
	limit := c.limiterOf(ep)
	if wait := limit.leastWait(calls); wait > 0 {
		return announce(wait, c.rateLimitError(ep, limit.current(), wait))
	}
	return nil
}

// contextError is the error of a call whose context has ended, after that many rows of a list.
func (c *Client) contextError(ctx context.Context, ep endpoint, rows, total int) error {
	if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &TimeoutError{Request: c.name(ep), Rows: rows, Total: total, Err: ctx.Err()}
}

// Limit is a rate limit that calls wait for.
type Limit struct {
	// Calls is the number of calls in a window; 0 if the workspace did not say, and for the
	// limit of a gateway.
	Calls int
	// Gateway reports that the limit is that of a gateway in front of the workspace.
	Gateway bool
}

func (l Limit) String() string {
	switch {
	case l.Gateway:
		return "a gateway in front of the workspace"
	case l.Calls > 0:
		return fmt.Sprintf("%d calls per window of this route", l.Calls)
	default:
		return "the workspace"
	}
}

// LongWait is how long a read waited for a rate limit, in total.
type LongWait struct {
	Limit
	// Request is the method and address of the call that waited first, without its query.
	Request string
	Wait    time.Duration
}

// longWait is what a wait for one window of a minute can take at most.
const longWait = defaultWindow + datePrecision + resetMargin

// longWaits are those that the caller was not told yet, and the limits that it was told of.
type longWaits struct {
	mu     sync.Mutex
	untold map[Limit]LongWait
	told   map[Limit]bool
}

// LongWaits returns the longest wait for each limit, of the reads that have ended and waited
// for more than a minute, and each limit only once: further reads wait for it, too.
func (c *Client) LongWaits() []LongWait {
	l := &c.longWaits
	l.mu.Lock()
	defer l.mu.Unlock()
	untold := slices.SortedFunc(maps.Values(l.untold), func(a, b LongWait) int { return cmp.Compare(b.Wait, a.Wait) })
	for _, longest := range untold {
		l.told[longest.Limit] = true
	}
	clear(l.untold)
	return untold
}

// keep keeps the waits of a read that has ended.
func (l *longWaits) keep(of *limitWaits) {
	all := of.all()
	l.mu.Lock()
	defer l.mu.Unlock()
	for limit, w := range all {
		if w.Wait > longWait && w.Wait > l.untold[limit].Wait && !l.told[limit] { //mutate:long-wait
			l.untold[limit] = w
		}
	}
}

// limitWaits adds up how long a read waits for rate limits. Its requests can wait at the same
// time, which counts once.
type limitWaits struct {
	mu    sync.Mutex
	total map[Limit]LongWait
	until time.Time
}

func (w *limitWaits) add(limit Limit, request string, now time.Time, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := now.Add(wait)
	if !end.After(w.until) {
		return
	}
	if w.total == nil {
		w.total = map[Limit]LongWait{}
	}
	before := w.total[limit]
	w.total[limit] = LongWait{limit, cmp.Or(before.Request, request), before.Wait + end.Sub(latestOf(now, w.until))}
	w.until = end
}

func (w *limitWaits) all() map[Limit]LongWait {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.total)
}
