// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package clocktest has the clock of the tests: a minute waited for on it takes no
// time.
package clocktest

import (
	"context"
	"sync"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
)

// Fake is a clock for tests. It stands still until somebody sleeps on it or
// advances it; a sleeper advances it to the end of its sleep and goes on at once.
// It is safe for concurrent use.
type Fake struct {
	mu    sync.Mutex
	now   time.Time
	slept time.Duration
}

var _ clock.Clock = (*Fake)(nil)

// NewFake returns a clock that stands at now.
func NewFake(now time.Time) *Fake { return &Fake{now: now} }

// Now implements [clock.Clock].
func (c *Fake) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d.
func (c *Fake) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Slept is the sum of all that sleepers have waited for.
func (c *Fake) Slept() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.slept
}

// Sleep implements [clock.Clock].
func (c *Fake) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.now.Add(d)
	var err error
	if deadline, ok := c.Deadline(ctx); ok && deadline.Before(end) {
		end, err = deadline, context.DeadlineExceeded
	}
	if end.After(c.now) {
		c.slept += end.Sub(c.now)
		c.now = end
	}
	return err
}

// deadlineKey holds a deadline by one fake clock. The context's own Deadline
// stays unset: net/http would compare it with the machine's clock.
type deadlineKey struct{ clock *Fake }

// WithTimeout implements [clock.Clock]. The context ends when a sleep on this clock
// would pass the deadline, not by itself.
func (c *Fake) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	end := c.Now().Add(d)
	if earlier, ok := c.Deadline(ctx); ok && earlier.Before(end) {
		end = earlier
	}
	return context.WithCancel(context.WithValue(ctx, deadlineKey{c}, end))
}

// Deadline implements [clock.Clock].
func (c *Fake) Deadline(ctx context.Context) (time.Time, bool) {
	end, _ := ctx.Value(deadlineKey{c}).(time.Time)
	return end, !end.IsZero()
}

// Detach implements [clock.Clock].
func (c *Fake) Detach(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), deadlineKey{c}, time.Time{})
}
