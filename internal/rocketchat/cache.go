// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// freshFor is how long a finished read serves others: one window of the rate limit.
const freshFor = time.Minute

// cache contains the running reads and the finished ones that are still fresh, so
// that data sources with the same search share one. With the rate limit, a read of
// a thousand sessions takes a minute; without the cache, three would take three.
type cache struct {
	client *Client
	mu     sync.Mutex
	reads  map[readKey]*sharedRead
}

// readKey identifies a read.
type readKey struct {
	endpoint endpoint
	search   string
}

// sharedRead is one read and those who wait for it.
type sharedRead struct {
	client  *Client
	key     readKey
	cancel  context.CancelFunc
	walk    *walk
	mu      sync.Mutex
	need    sessions.Need
	waiters map[*waiter]struct{}
	// at is the workspace's time at the first response, zero before that; conflict is
	// that of the clocks that could determine it.
	at       time.Time
	conflict *ClockConflict
	// rows and total are the progress of the read.
	rows, total int
	done        bool
	finished    time.Time
	listing     *Listing
}

// waiter is a caller of a shared read.
type waiter struct {
	ctx    context.Context
	need   sessions.Need
	result chan outcome
}

type outcome struct {
	listing *Listing
	err     error
}

// list returns the sessions that need requires, from a fresh read, a running read, or
// a new one.
func (c *cache) list(ctx context.Context, ep endpoint, search string, need sessions.Need) (*Listing, error) {
	w := &waiter{ctx: ctx, result: make(chan outcome, 1)}
	read, listing := c.join(ctx, readKey{ep, search}, need, w)
	if listing != nil {
		return listing, nil
	}
	select {
	case out := <-w.result:
		return out.listing, out.err
	case <-ctx.Done():
		return nil, c.leave(read, w)
	}
}

// join finds or starts a read and adds w to its waiters; it returns the listing if a
// finished read satisfies need.
func (c *cache) join(ctx context.Context, key readKey, need sessions.Need, w *waiter) (*sharedRead, *Listing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if read := c.reads[key]; read != nil {
		if listing, ok := read.join(need, w); ok {
			return read, listing
		}
	}
	w.need = need
	base, cancel := context.WithCancel(c.client.clock.Detach(ctx))
	read := &sharedRead{
		client: c.client, key: key, cancel: cancel, need: need,
		waiters: map[*waiter]struct{}{w: {}},
	}
	shared := newSharedValues()
	read.walk = newWalk(func(ctx context.Context, offset int) (*page, error) {
		return c.client.page(ctx, read, offset, shared)
	}, c.client.config.MaxConcurrentRequests)
	c.reads[key] = read
	go read.run(base)
	return read, nil
}

// join adds a waiter to a running read, or returns the listing of one that is
// finished, fresh and large enough. It returns false for a read that cannot serve
// need, such as a failed one.
func (r *sharedRead) join(need sessions.Need, w *waiter) (*Listing, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() {
		need = need.AsOf(r.at)
	}
	if !r.done { //mutate:under-way
		w.need = need
		r.need = union(r.need, need)
		r.waiters[w] = struct{}{}
		return nil, true
	}
	fresh := r.client.clock.Now().Sub(r.finished) < freshFor //mutate:fresh
	return r.listing, r.listing != nil && fresh && r.walk.satisfies(need)
}

// union is a need that covers all needs; for none, only the first page. Convert needs
// with an age to those of an instant before: see [sharedRead.date].
func union(needs ...sessions.Need) sessions.Need {
	if len(needs) == 0 {
		return sessions.Need{}
	}
	all := needs[0]
	for _, need := range needs[1:] {
		switch {
		case all.All || need.All, all.Age > 0 || need.Age > 0, (all.After == nil) != (need.After == nil):
			return sessions.Need{All: true}
		case need.After != nil && need.After.Before(*all.After):
			all = need
		case need.After == nil:
			all.Newest = max(all.Newest, need.Newest)
		}
	}
	return all
}

// leave removes a waiter whose context has ended. The read goes on for the others,
// and ends with the last.
func (c *cache) leave(read *sharedRead, w *waiter) error {
	// Both locks are held, so that nobody joins a read that is about to be ended.
	c.mu.Lock()
	read.mu.Lock()
	delete(read.waiters, w)
	rows, total, alone := read.rows, read.total, len(read.waiters) == 0 && !read.done
	if alone && c.reads[read.key] == read {
		delete(c.reads, read.key)
	}
	read.mu.Unlock()
	c.mu.Unlock()
	if alone {
		read.cancel()
	}
	return c.client.ended(w.ctx, read.key.endpoint, rows, total)
}

func (r *sharedRead) name() string {
	return r.client.name(r.key.endpoint)
}

// forgetAll is for changes of the list by the provider itself.
func (c *cache) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.reads)
}

// run reads until every waiter has what it needs, and delivers it.
func (r *sharedRead) run(ctx context.Context) {
	defer r.cancel()
	for {
		if err := r.readOn(ctx); err != nil {
			r.fail(err)
			return
		}
		if r.deliver() {
			return
		}
	}
}

// readOn reads until the waiters' needs are satisfied.
func (r *sharedRead) readOn(ctx context.Context) error {
	for need := r.progress(); !r.walk.complete(need); need = r.progress() {
		if err := r.client.checkWaits(r.key.endpoint, r.walk.callsLeft(need), r.announce); err != nil {
			return err
		}
		if err := r.walk.advance(ctx, need); err != nil {
			return err
		}
	}
	return nil
}

// progress records the progress of the read, serves the waiters whose need is
// satisfied, and returns the need of the others: a waiter for the newest five does
// not wait for somebody else's five thousand. If the list moved, all wait until it is
// closed.
func (r *sharedRead) progress() sessions.Need {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows, r.total = len(r.walk.rows), r.walk.total
	r.date()
	if !r.walk.closed() { //mutate:served-early
		return r.need
	}
	if r.walk.satisfies(r.need) {
		return r.need
	}
	var rest []sessions.Need
	for w := range r.waiters {
		if r.walk.satisfies(w.need) {
			w.result <- outcome{listing: r.listed(slices.Clone(r.walk.newestFirst()))}
			delete(r.waiters, w)
			continue
		}
		rest = append(rest, w.need)
	}
	r.need = union(rest...)
	return r.need
}

// date sets the read's instant when the first response has the workspace's time: ages
// count from there for all who share the read. r.mu is held.
func (r *sharedRead) date() {
	if !r.at.IsZero() || r.walk.pages == 0 {
		return
	}
	var newest time.Time
	if rows := r.walk.newestFirst(); len(rows) > 0 && rows[0].LoginAt != nil {
		newest = *rows[0].LoginAt
	}
	r.at, r.conflict = r.client.server.timeOfRead(r.client.clock.Now(), newest)
	needs := make([]sessions.Need, 0, len(r.waiters))
	for w := range r.waiters {
		w.need = w.need.AsOf(r.at)
		needs = append(needs, w.need)
	}
	r.need = union(needs...)
}

// deliver sends the listing to the waiters, unless one that needs more has joined.
func (r *sharedRead) deliver() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.walk.complete(r.need) {
		return false
	}
	r.listing = r.listed(r.walk.newestFirst())
	r.walk.release()
	r.end(outcome{listing: r.listing})
	return true
}

// listed is the listing of the rows that the walk has read.
func (r *sharedRead) listed(rows []*sessions.Session) *Listing {
	listing := &Listing{Sessions: rows, Total: r.walk.total, At: r.at, Clocks: r.conflict}
	if r.walk.moved && !r.walk.recounted {
		listing.ConnectedAfter = new(time.UnixMicro(int64(r.walk.began)).UTC())
	}
	return listing
}

// fail sends the error to the waiters.
func (r *sharedRead) fail(err error) {
	if incomplete, ok := errors.AsType[*IncompleteError](err); ok {
		incomplete.Request = r.name()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end(outcome{err: err})
}

// end sends an outcome to all waiters; r.mu is held.
func (r *sharedRead) end(out outcome) {
	r.done, r.finished = true, r.client.clock.Now()
	for w := range r.waiters {
		w.result <- out
	}
	clear(r.waiters)
}

// announce sends an error to the waiters whose deadline comes before the end of a
// wait; the read goes on for the others.
func (r *sharedRead) announce(wait time.Duration, problem func(left time.Duration) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var last error
	for w := range r.waiters {
		if err := r.client.within(w.ctx)(wait, problem); err != nil {
			w.result <- outcome{err: err}
			delete(r.waiters, w)
			last = err
		}
	}
	if len(r.waiters) > 0 {
		return nil
	}
	r.done = last != nil // later callers need another read
	return last
}
