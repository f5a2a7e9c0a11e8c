// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"time"
)

// announcer reports a wait to those who wait for the response. Waiters with less time get
// the error that problem returns for the time left; if nobody remains, the announcer
// returns that error.
type announcer func(wait time.Duration, problem func(left time.Duration) error) error

// within announces waits to a caller whose deadline is that of ctx.
func (c *Client) within(ctx context.Context) announcer {
	return func(wait time.Duration, problem func(left time.Duration) error) error {
		if deadline, ok := c.clock.Deadline(ctx); ok {
			if left := deadline.Sub(c.clock.Now()); wait >= left {
				return problem(left)
			}
		}
		return nil
	}
}

// limitedFor returns the error of a wait for the rate limit that does not fit into the time left.
func (c *Client) limitedFor(ep endpoint, wait time.Duration) func(left time.Duration) error {
	limit, gateway := c.limiterOf(ep).knownLimit(), c.limiterOf(ep).isBlockedByGateway()
	return func(left time.Duration) error {
		return &RateLimitError{Request: c.name(ep), Wait: wait, Left: left, Limit: limit, Gateway: gateway}
	}
}

// checkWaits ends a read before its first wait for the rate limit if not all of its waits
// for at least that many calls fit into the deadline.
func (c *Client) checkWaits(ep endpoint, calls int, announce announcer) error {
	if wait := c.limiterOf(ep).leastWait(calls); wait > 0 {
		return announce(wait, c.limitedFor(ep, wait))
	}
	return nil
}

// ended is the error of a call whose context has ended, after that many rows of a list.
func (c *Client) ended(ctx context.Context, ep endpoint, rows, total int) error {
	if err := ctx.Err(); !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &TimeoutError{Request: c.name(ep), Rows: rows, Total: total, Err: ctx.Err()}
}
