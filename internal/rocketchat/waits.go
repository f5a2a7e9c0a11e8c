// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// announcer reports a wait to those who wait for the response. Waiters with less time get
// the error that problem returns for the time left; if nobody remains, the announcer
// returns that error.
type announcer func(wait time.Duration, problem func(left time.Duration) error) error

// announceTo announces waits to a caller whose deadline is that of ctx.
func (c *Client) announceTo(ctx context.Context) announcer {
	return func(wait time.Duration, problem func(left time.Duration) error) error {
		if deadline, ok := c.clock.Deadline(ctx); ok {
			if left := deadline.Sub(c.clock.Now()); wait >= left {
				return problem(left)
			}
		}
		return nil
	}
}

// audience is who waits for a read, and how long the read has waited.
type audience struct {
	announce announcer
	waited   *limitWaits
}

// rateLimitError returns the error of a wait for the rate limit that does not fit into the time left.
func (c *Client) rateLimitError(ep endpoint, wait time.Duration) func(left time.Duration) error {
	limit := c.limiterOf(ep).current()
	return func(left time.Duration) error {
		return &RateLimitError{Request: c.name(ep), Wait: wait, Left: left, Limit: limit.Calls, Gateway: limit.Gateway}
	}
}

// checkWaits ends a read before its first wait for the rate limit if not all of its waits
// for at least that many calls fit into the deadline.
func (c *Client) checkWaits(ep endpoint, calls int, announce announcer) error {
	if wait := c.limiterOf(ep).leastWait(calls); wait > 0 {
		return announce(wait, c.rateLimitError(ep, wait))
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

// waiter is a caller that waits for a read that others may wait for as well.
type waiter[T any] struct {
	ctx context.Context
	// need is that of a caller for sessions.
	need   sessions.Need
	result chan readResult[T]
}

type readResult[T any] struct {
	value T
	err   error
}

func newWaiter[T any](ctx context.Context) *waiter[T] {
	return &waiter[T]{ctx: ctx, result: make(chan readResult[T], 1)}
}

// wait returns the result of the read, or the error of abandon if the context ends before.
func (w *waiter[T]) wait(abandon func() error) (T, error) {
	select {
	case r := <-w.result:
		return r.value, r.err
	case <-w.ctx.Done():
		var none T
		return none, abandon()
	}
}

// waiters are the callers that wait for one read.
type waiters[T any] map[*waiter[T]]struct{}

// send sends a result to a waiter, which then waits no more.
func (all waiters[T]) send(w *waiter[T], value T, err error) {
	w.result <- readResult[T]{value, err}
	delete(all, w)
}

// announce sends an error to the waiters whose deadline comes before the end of a wait, and
// returns it if nobody remains; the read goes on for the others.
func (all waiters[T]) announce(c *Client, wait time.Duration, problem func(left time.Duration) error) (last error) {
	for w := range all {
		if err := c.announceTo(w.ctx)(wait, problem); err != nil {
			var none T
			all.send(w, none, err)
			last = err
		}
	}
	if len(all) > 0 {
		return nil
	}
	return last
}
