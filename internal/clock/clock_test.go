// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
)

func TestSystem_sleep(t *testing.T) {
	t.Parallel()
	c := clock.System{}
	before := c.Now()
	for _, d := range []time.Duration{-time.Hour, 0, time.Millisecond} {
		if err := c.Sleep(t.Context(), d); err != nil {
			t.Errorf("Sleep(%v) = %v", d, err)
		}
	}
	if passed := c.Now().Sub(before); passed < time.Millisecond {
		t.Errorf("a sleep of 1ms took %v", passed)
	}
}

func TestSystem_sleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := clock.System{}
	ctx, cancel := context.WithCancel(t.Context())
	slept := make(chan error)
	go func() { slept <- c.Sleep(ctx, time.Hour) }()
	cancel()
	if err := <-slept; !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep = %v, want context.Canceled", err)
	}
	if err := c.Sleep(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep(0) = %v, want context.Canceled", err)
	}
}

func TestSystem_deadline(t *testing.T) {
	t.Parallel()
	c := clock.System{}
	ctx, cancel := c.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	at, ok := c.Deadline(ctx)
	if left := time.Until(at); !ok || left > time.Hour || left < 59*time.Minute {
		t.Errorf("Deadline = %v from now, %v, want an hour", left, ok)
	}
	if at, ok := c.Deadline(c.Detach(ctx)); ok {
		t.Errorf("a detached context ends at %v", at)
	}
}
