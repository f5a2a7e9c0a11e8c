// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package clock is the provider's source of time. Production code uses [System];
// tests use clocktest.Fake, which only moves when a test waits on it or advances it,
// so that a test of a wait does not take that long.
package clock

import (
	"context"
	"time"
)

// Clock returns the time, waits, and sets deadlines.
type Clock interface {
	// Now is the current time.
	Now() time.Time
	// Sleep returns nil after d, or the context's error as soon as ctx ends.
	// A duration of zero or less returns at once.
	Sleep(ctx context.Context, d time.Duration) error
	// WithTimeout returns a copy of ctx that ends d from now by this clock.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	// Deadline is when ctx ends by this clock; false if it never does.
	Deadline(ctx context.Context) (time.Time, bool)
	// Detach returns a copy of ctx that keeps its values and never ends.
	Detach(ctx context.Context) context.Context
}

// System is the machine's own clock.
type System struct{}

var _ Clock = System{}

// Now implements [Clock].
func (System) Now() time.Time { return time.Now() }

// Sleep implements [Clock].
func (System) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// WithTimeout implements [Clock].
func (System) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Deadline implements [Clock].
func (System) Deadline(ctx context.Context) (time.Time, bool) { return ctx.Deadline() }

// Detach implements [Clock].
func (System) Detach(ctx context.Context) context.Context { return context.WithoutCancel(ctx) }
