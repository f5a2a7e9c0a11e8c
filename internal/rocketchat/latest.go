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
	// running is nil if nobody reads.
	running *latestRead[T]
}

// latestRead is a read under way and those who wait for it. It ends with the last of
// them.
type latestRead[T any] struct {
	cancel  context.CancelFunc
	waiters waiters[T]
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
	if running == nil { //mutate:users-under-way
		base, cancel := context.WithCancel(l.client.clock.Detach(ctx)) //nolint:gosec // run calls it
		running = &latestRead[T]{cancel: cancel, waiters: waiters[T]{}}
		l.running = running
		go l.run(base, running, read)
	}
	running.waiters[w] = struct{}{}
	l.mu.Unlock()
	return w.wait(func() error { return l.abandon(running, w) })
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
func (l *latest[T]) run(ctx context.Context, running *latestRead[T], read func(context.Context, *audience) (T, error)) {
	defer running.cancel()
	audience := &audience{waited: &limitWaits{}, announce: func(wait time.Duration, problem func(left time.Duration) error) error {
		return l.announce(running, wait, problem)
	}}
	value, err := read(ctx, audience)
	l.client.longWaits.keep(audience.waited)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running == running {
		l.running = nil
		if err == nil {
			l.value, l.readAt = value, l.client.clock.Now()
		}
	}
	for w := range running.waiters {
		running.waiters.send(w, value, err)
	}
}

// abandon removes a waiter whose context has ended. The read goes on for the others, and
// ends with the last.
func (l *latest[T]) abandon(running *latestRead[T], w *waiter[T]) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(running.waiters, w)
	if len(running.waiters) == 0 && l.running == running {
		l.running = nil
		running.cancel()
	}
	return l.client.contextError(w.ctx, l.endpoint, 0, 0)
}

// announce announces a wait to the waiters.
func (l *latest[T]) announce(running *latestRead[T], wait time.Duration, problem func(left time.Duration) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := running.waiters.announce(l.client, wait, problem)
	if err != nil && l.running == running { // later callers need another read
		l.running = nil
	}
	return err
}
