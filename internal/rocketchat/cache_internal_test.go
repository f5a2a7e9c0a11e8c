// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"net/url"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// newRead is a read under way that nobody has begun, with those who wait for it.
func newRead(t *testing.T, cancel context.CancelFunc, waiters ...*waiter[*Listing]) *sharedRead {
	t.Helper()
	client, err := New(Config{URL: &url.URL{Scheme: "https", Host: "chat.example.invalid"}, UserID: "u", AuthToken: "t"})
	if err != nil {
		t.Fatal(err)
	}
	read := &sharedRead{list: newWalk(nil, 1), sharing: sharing[*Listing]{
		client: client, cancel: cancel, mu: &client.cache.mu, waiters: map[*waiter[*Listing]]struct{}{},
	}}
	for _, w := range waiters {
		read.waiters[w] = struct{}{}
	}
	return read
}

// TestCache_nobodyJoinsARefusedRead: between the moment that the last waiter is notified
// that its wait does not fit and the end of the read, whoever has time would
// be given a refusal that is not theirs.
func TestCache_nobodyJoinsARefusedRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		short, long := newWaiter[*Listing](ctx), newWaiter[*Listing](t.Context())
		read := newRead(t, nil, short, long)
		errNo := errors.New("no")

		if err := read.announce(40*time.Second, errNo); err != nil {
			t.Fatalf("announce = %v, though one has the time", err)
		}
		if out := <-short.result; !errors.Is(out.err, errNo) {
			t.Errorf("the one without time got %v", out.err)
		}
		if _, ok := read.serve(sessions.Need{}, newWaiter[*Listing](t.Context())); !ok {
			t.Error("a read that goes on takes nobody more")
		}

		read.waiters = map[*waiter[*Listing]]struct{}{short: {}}
		if err := read.announce(40*time.Second, errNo); !errors.Is(err, errNo) {
			t.Fatalf("announce = %v, though nobody has the time", err)
		}
		// Another of its requests can announce a wait before all of them have ended.
		if err := read.announce(40*time.Second, errNo); err != nil {
			t.Fatalf("announce = %v, though nobody waits", err)
		}
		if _, ok := read.serve(sessions.Need{}, long); ok {
			t.Error("somebody joined a read that is about to fail")
		}
	})
}

// TestCache_nobodyJoinsAnAbandonedRead: whoever comes as the last one leaves either
// keeps the read alive or starts another.
func TestCache_nobodyJoinsAnAbandonedRead(t *testing.T) {
	t.Parallel()
	for range 50 {
		key := readKey{endpoint: listAll}
		gone, cancelGone := context.WithCancel(t.Context())
		cancelGone()
		ctx, cancel := context.WithCancel(t.Context())
		lateCtx, cancelLate := context.WithCancel(t.Context())
		last, late := newWaiter[*Listing](gone), newWaiter[*Listing](lateCtx)
		read := newRead(t, cancel, last)
		s := read.client.cache
		s.reads[key] = read

		s.mu.Lock() // as find does
		left := make(chan error)
		go func() {
			_, err := read.wait(last)
			left <- err
		}()
		for range 20 {
			runtime.Gosched()
		}
		_, joined := s.reads[key].serve(sessions.Need{}, late)
		s.mu.Unlock()
		if err := <-left; !errors.Is(err, context.Canceled) {
			t.Fatalf("the one that left: %v", err)
		}
		if !joined || ctx.Err() != nil || s.reads[key] != read {
			t.Fatalf("joined %v, and the read is ended: %v", joined, ctx.Err())
		}
		cancelLate()
		if _, err := read.wait(late); !errors.Is(err, context.Canceled) || ctx.Err() == nil {
			t.Fatalf("%v; want the read ended with the last one", err)
		}
		if _, joined := s.reads[key].serve(sessions.Need{}, newWaiter[*Listing](t.Context())); joined {
			t.Fatal("somebody joined a read that is ended")
		}
	}
}

func TestCache_unionOfNeeds(t *testing.T) {
	t.Parallel()
	early, late := midnight, midnight.Add(time.Hour)
	all := sessions.Need{All: true}
	for _, tc := range []struct{ a, b, want sessions.Need }{
		{all, all, all},
		{all, sessions.Need{Newest: 5}, all},
		{all, sessions.Need{After: &early}, all},
		{sessions.Need{After: &early}, sessions.Need{Newest: 5}, all},
		{sessions.Need{Newest: 3}, sessions.Need{Newest: 5}, sessions.Need{Newest: 5}},
		{sessions.Need{}, sessions.Need{}, sessions.Need{}},
		{sessions.Need{After: &early}, sessions.Need{After: &late}, sessions.Need{After: &early}},
		{sessions.Need{After: &early}, sessions.Need{After: &early}, sessions.Need{After: &early}},
	} {
		for _, got := range []sessions.Need{union(tc.a, tc.b), union(tc.b, tc.a)} {
			if got.All != tc.want.All || got.After != tc.want.After || got.Newest != tc.want.Newest {
				t.Errorf("union of %+v and %+v = %+v, want %+v", tc.a, tc.b, got, tc.want)
			}
		}
	}
}
