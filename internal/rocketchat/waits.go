// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"sync"
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

// sharing is a read under way and those who wait for it. It ends with the last of them.
type sharing[T any] struct {
	client   *Client
	endpoint endpoint
	cancel   context.CancelFunc
	waited   limitWaits

	// mu is the lock of what keeps the result. It guards the rest.
	mu      *sync.Mutex
	waiters map[*waiter[T]]struct{}
	// rows and total are the progress of the read.
	rows, total int
	// over reports that later callers need another read.
	over bool
}

// wait returns the result, or why w waits no longer. The read goes on for the others.
func (s *sharing[T]) wait(w *waiter[T]) (none T, err error) {
	select {
	case r := <-w.result:
		return r.value, r.err
	case <-w.ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.waiters, w)
	if len(s.waiters) == 0 {
		s.over = true
		s.cancel()
	}
	return none, s.client.contextError(w.ctx, s.endpoint, s.rows, s.total)
}

// send sends a result to a waiter, which then waits no more. The lock is held.
func (s *sharing[T]) send(w *waiter[T], value T, err error) {
	w.result <- readResult[T]{value, err}
	delete(s.waiters, w)
}

// announce sends an error to the waiters whose deadline comes before the end of a wait, and
// returns it if nobody remains; the read goes on for the others.
func (s *sharing[T]) announce(wait time.Duration, problem func(left time.Duration) error) (last error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.waiters {
		if err := s.client.announceTo(w.ctx)(wait, problem); err != nil {
			var none T
			s.send(w, none, err)
			last = err
		}
	}
	if last == nil || len(s.waiters) > 0 {
		return nil
	}
	s.over = true
	return last
}

func (s *sharing[T]) audience() *audience { return &audience{s.announce, &s.waited} }
