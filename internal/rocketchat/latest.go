// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"sync"
	"time"
)

// latest keeps the last value and serves it for a minute. Callers that arrive during a
// read wait for it, and get its value or its error. A failure is not kept.
type latest[T any] struct {
	client   *Client
	endpoint endpoint

	mu    sync.Mutex
	value T
	// readAt is when the value was read; zero if there is none.
	readAt time.Time
	// running is the latest read, nil if it has ended.
	running *sharing[T]
}

func newLatest[T any](client *Client, ep endpoint) *latest[T] {
	return &latest[T]{client: client, endpoint: ep}
}

// get returns the value if it is fresh and serves the caller, or else that of a read
// which ends after the call. The value of a read that is under way serves everybody: it
// is newer than each value that a caller knows.
func (l *latest[T]) get(ctx context.Context, serves func(T) bool, read func(context.Context, *audience) (T, error)) (T, error) {
	w := newWaiter[T](ctx)
	l.mu.Lock()
	if l.fresh() && serves(l.value) {
		defer l.mu.Unlock()
		return l.value, nil
	}
	running := l.running
	if running == nil || running.over { //mutate:users-under-way
		base, cancel := context.WithCancel(l.client.clock.Detach(ctx)) //nolint:gosec // run calls it
		running = &sharing[T]{client: l.client, endpoint: l.endpoint, cancel: cancel, mu: &l.mu, waiters: map[*waiter[T]]struct{}{}}
		l.running = running
		go l.run(base, running, read)
	}
	running.waiters[w] = struct{}{}
	l.mu.Unlock()
	return running.wait(w)
}

// readOnce returns the value if it is fresh, or else that of one request.
func (l *latest[T]) readOnce(ctx context.Context, decode func(body []byte) (T, error)) (T, error) {
	return l.get(ctx, always[T], func(ctx context.Context, audience *audience) (value T, err error) {
		r := &request{client: l.client, endpoint: l.endpoint, audience: audience, decode: func(body []byte) (err error) {
			value, err = decode(body)
			return err
		}}
		err = r.do(ctx)
		return value, err
	})
}

// always is for a value that serves every caller.
func always[T any](T) bool { return true }

// isFresh reports whether there is a value that serves others.
func (l *latest[T]) isFresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fresh()
}

func (l *latest[T]) fresh() bool {
	return !l.readAt.IsZero() && l.client.clock.Now().Sub(l.readAt) < freshFor
}

// run reads and sends the result to the waiters.
func (l *latest[T]) run(ctx context.Context, running *sharing[T], read func(context.Context, *audience) (T, error)) {
	defer running.cancel()
	value, err := read(ctx, running.audience())
	l.client.longWaits.keep(&running.waited)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && !running.over {
		l.value, l.readAt = value, l.client.clock.Now()
	}
	if l.running == running {
		l.running = nil
	}
	for w := range running.waiters {
		running.send(w, value, err)
	}
}
