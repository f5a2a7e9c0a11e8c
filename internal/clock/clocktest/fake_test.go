// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package clocktest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestFake_sleepEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := clocktest.NewFake(noon)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	ctx, cancel := c.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, sleep := range []struct {
		ctx  context.Context
		d    time.Duration
		err  error
		then time.Duration
	}{
		{canceled, time.Minute, context.Canceled, 0},
		{canceled, 0, context.Canceled, 0},
		{ctx, 20 * time.Second, nil, 20 * time.Second},
		{ctx, time.Minute, context.DeadlineExceeded, 20 * time.Second},
		{t.Context(), time.Hour, nil, 20*time.Second + time.Hour},
		{ctx, time.Minute, context.DeadlineExceeded, 20*time.Second + time.Hour},
	} {
		if err := c.Sleep(sleep.ctx, sleep.d); !errors.Is(err, sleep.err) {
			t.Errorf("Sleep(%v) = %v, want %v", sleep.d, err, sleep.err)
		}
		if c.Slept() != sleep.then || !c.Now().Equal(noon.Add(sleep.then)) {
			t.Errorf("after Sleep(%v), it slept %v, and the time is %v", sleep.d, c.Slept(), c.Now())
		}
	}
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
