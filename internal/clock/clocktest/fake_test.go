// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package clocktest_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestFake_sleepersShareTheTime(t *testing.T) {
	t.Parallel()
	c := clocktest.NewFake(noon)
	var once sync.Once
	c.OnSleep(func(d time.Duration) {
		if d != time.Minute {
			return
		}
		once.Do(func() {
			if err := c.Sleep(t.Context(), 40*time.Second); err != nil {
				t.Errorf("the sleeper within: %v", err)
			}
		})
	})
	if err := c.Sleep(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if c.Slept() != time.Minute || !c.Now().Equal(noon.Add(time.Minute)) {
		t.Errorf("two sleepers at once slept %v until %v, want one minute", c.Slept(), c.Now())
	}
}

func TestFake_sleepEndsWithItsContext(t *testing.T) {
	t.Parallel()

	t.Run("before", func(t *testing.T) {
		t.Parallel()
		c := clocktest.NewFake(noon)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, d := range []time.Duration{time.Minute, 0} {
			if err := c.Sleep(ctx, d); !errors.Is(err, context.Canceled) {
				t.Errorf("Sleep(%v) = %v, want context.Canceled", d, err)
			}
		}
		if c.Slept() != 0 {
			t.Errorf("slept %v", c.Slept())
		}
	})

	t.Run("meanwhile", func(t *testing.T) {
		t.Parallel()
		c := clocktest.NewFake(noon)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c.OnSleep(func(time.Duration) { cancel() })
		if err := c.Sleep(ctx, time.Minute); !errors.Is(err, context.Canceled) {
			t.Errorf("Sleep = %v, want context.Canceled", err)
		}
		if !c.Now().Equal(noon) {
			t.Errorf("the hands moved to %v", c.Now())
		}
	})

	t.Run("deadline", func(t *testing.T) {
		t.Parallel()
		c := clocktest.NewFake(noon)
		ctx, cancel := c.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := c.Sleep(ctx, 20*time.Second); err != nil {
			t.Errorf("Sleep up to the deadline = %v", err)
		}
		if err := c.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sleep past the deadline = %v, want context.DeadlineExceeded", err)
		}
		c.Advance(time.Hour)
		if err := c.Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Sleep after the deadline = %v, want context.DeadlineExceeded", err)
		}
		if want := noon.Add(20*time.Second + time.Hour); !c.Now().Equal(want) {
			t.Errorf("the hands are at %v, want %v", c.Now(), want)
		}
	})
}

func TestFake_deadline(t *testing.T) {
	t.Parallel()
	c := clocktest.NewFake(noon)
	if at, ok := c.Deadline(t.Context()); ok {
		t.Errorf("a plain context ends at %v", at)
	}
	long, cancelLong := c.WithTimeout(t.Context(), time.Hour)
	defer cancelLong()
	short, cancelShort := c.WithTimeout(long, time.Minute)
	defer cancelShort()
	same, cancelSame := c.WithTimeout(short, time.Hour)
	defer cancelSame()
	for name, tc := range map[string]struct {
		ctx  context.Context
		want time.Time
	}{
		"the timeout":              {long, noon.Add(time.Hour)},
		"the shorter of the two":   {short, noon.Add(time.Minute)},
		"a longer one changes not": {same, noon.Add(time.Minute)},
	} {
		if at, ok := c.Deadline(tc.ctx); !ok || !at.Equal(tc.want) {
			t.Errorf("%s: Deadline = %v, %v, want %v", name, at, ok, tc.want)
		}
		if _, ok := tc.ctx.Deadline(); ok {
			t.Errorf("%s: the machine's clock would end the context", name)
		}
	}
	if at, ok := clocktest.NewFake(noon).Deadline(long); ok {
		t.Errorf("another clock sees the deadline %v", at)
	}
	if at, ok := c.Deadline(c.Detach(short)); ok {
		t.Errorf("a detached context ends at %v", at)
	}
}
