// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"sync"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

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

// announce is an [announcer] to all waiters. The read goes on for those with the time.
func (s *sharing[T]) announce(wait time.Duration, problem error) (last error) {
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

// latest keeps the last value and serves it for a minute. Callers that arrive during a
// read wait for it, and get its value or its error. A failure is not kept.
type latest[T any] struct {
	client   *Client
	endpoint endpoint

	mu    sync.Mutex
	value T
	// readAt is when the value was read; zero if there is none.
	readAt time.Time
	// running is the latest read, nil before the first.
	running *sharing[T]
}

func newLatest[T any](client *Client, ep endpoint) *latest[T] {
	return &latest[T]{client: client, endpoint: ep}
}

// get returns the value if it is fresh and serves the caller, as any does without serves, or
// else that of a read which ends after the call. The value of a read that is under way serves
// everybody: it is newer than each value that a caller knows.
func (l *latest[T]) get(ctx context.Context, serves func(T) bool, read func(context.Context, *audience) (T, error)) (T, error) {
	w := newWaiter[T](ctx)
	l.mu.Lock()
	if l.fresh() && (serves == nil || serves(l.value)) {
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
	return l.get(ctx, nil, func(ctx context.Context, audience *audience) (value T, err error) {
		r := &request{client: l.client, endpoint: l.endpoint, audience: audience, decode: func(body []byte) (err error) {
			value, err = decode(body)
			return err
		}}
		err = r.do(ctx)
		return value, err
	})
}

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
	running.over = true
	for w := range running.waiters {
		running.send(w, value, err)
	}
}
