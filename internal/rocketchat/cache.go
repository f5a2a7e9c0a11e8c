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
// that data sources with the same search share one: each takes a minute of the rate limit for a
// thousand sessions.
type cache struct {
	client *Client
	// mu guards all reads, except for what belongs to their own goroutines.
	mu    sync.Mutex
	reads map[readKey]*sharedRead
}

// readKey identifies a read.
type readKey struct {
	endpoint endpoint
	search   string
}

// sharedRead is one read and those who wait for it.
type sharedRead struct {
	sharing[*Listing]
	search string
	// list belongs to the goroutine that reads, until the read is over.
	list *walk
	need sessions.Need
	// at is the workspace's time at the first response, zero before that; conflict is
	// that of the clocks that could determine it.
	at       time.Time
	conflict *ClockConflict
	// listing was complete at the time finished, nil if it is not.
	listing  *Listing
	finished time.Time
}

// get returns the sessions that need requires, from a fresh read, a running read, or
// a new one.
func (c *cache) get(ctx context.Context, ep endpoint, search string, need sessions.Need) (*Listing, error) {
	w := newWaiter[*Listing](ctx)
	read, listing := c.find(ctx, readKey{ep, search}, need, w)
	if listing != nil {
		return listing, nil
	}
	return read.wait(w)
}

// find returns the listing of a finished read that satisfies need, or adds w to the waiters
// of another read, which it may start.
func (c *cache) find(ctx context.Context, key readKey, need sessions.Need, w *waiter[*Listing]) (*sharedRead, *Listing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if read := c.reads[key]; read != nil {
		if listing, ok := read.serve(need, w); ok {
			return read, listing
		}
	}
	w.need = need
	base, cancel := context.WithCancel(c.client.clock.Detach(ctx))
	read := &sharedRead{search: key.search, need: need, sharing: sharing[*Listing]{
		client: c.client, endpoint: key.endpoint, cancel: cancel, mu: &c.mu, waiters: map[*waiter[*Listing]]struct{}{w: {}},
	}}
	shared := newSharedValues()
	read.list = newWalk(func(ctx context.Context, offset int) (*page, error) {
		return c.client.readPage(ctx, read, offset, shared)
	}, c.client.config.MaxConcurrentRequests)
	c.reads[key] = read
	go read.run(base)
	return read, nil
}

// serve adds a waiter to a running read, or returns the listing of one that is
// finished, fresh and large enough. It returns false for a read that cannot serve
// need, such as a failed one. The cache's lock is held.
func (r *sharedRead) serve(need sessions.Need, w *waiter[*Listing]) (*Listing, bool) {
	if !r.at.IsZero() {
		need = need.AsOf(r.at)
	}
	if !r.over { //mutate:under-way
		w.need = need
		r.need = union(r.need, need)
		r.waiters[w] = struct{}{}
		return nil, true
	}
	fresh := r.client.clock.Now().Sub(r.finished) < freshFor //mutate:fresh
	return r.listing, r.listing != nil && fresh && r.list.satisfies(need)
}

// union is a need that covers all needs; for none, only the first page. Convert needs
// with an age to those of an instant before: see [sharedRead.countAges].
func union(needs ...sessions.Need) (all sessions.Need) {
	for i, need := range needs {
		switch {
		case i == 0:
			all = need
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

// forgetAll is for changes of the list by the provider itself.
func (c *cache) forgetAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.reads)
}

// forget has the next caller read anew; the read under way goes on for those who wait for it.
func (c *cache) forget(key readKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.reads, key)
}

// run reads until every waiter has what it needs.
func (r *sharedRead) run(ctx context.Context) {
	defer r.cancel()
	for done := false; !done; {
		err := r.list.run(ctx, r.deliverEarly, func(calls int) error {
			return r.client.checkWaits(r.endpoint, calls, r.announce)
		})
		r.client.longWaits.keep(&r.waited)
		done = r.deliver(err)
	}
}

// deliverEarly sends the listing to the waiters whose need is satisfied, and returns the
// need of the others: a waiter for the newest five does not wait for somebody else's five
// thousand. If the list moved, all wait until it is closed.
func (r *sharedRead) deliverEarly() sessions.Need {
	if r.at.IsZero() && r.list.pages > 0 {
		r.countAges()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows, r.total = len(r.list.rows), r.list.total
	if !r.list.closed() { //mutate:served-early
		return r.need
	}
	if r.list.satisfies(r.need) {
		return r.need
	}
	var rest []sessions.Need
	for w := range r.waiters {
		if r.list.satisfies(w.need) {
			r.send(w, r.listed(slices.Clone(r.list.newestFirst())), nil)
		} else {
			rest = append(rest, w.need)
		}
	}
	r.need = union(rest...)
	return r.need
}

// countAges has the ages of all who share the read count from the workspace's time at the
// first response.
func (r *sharedRead) countAges() {
	var newest time.Time
	if rows := r.list.newestFirst(); len(rows) > 0 && rows[0].LoginAt != nil {
		newest = *rows[0].LoginAt
	}
	at, conflict := r.client.server.timeOfRead(r.client.clock.Now(), newest)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at, r.conflict = at, conflict
	var needs []sessions.Need
	for w := range r.waiters {
		w.need = w.need.AsOf(at)
		needs = append(needs, w.need)
	}
	r.need = union(needs...)
}

// deliver sends the listing, or why there is none, to the waiters, and ends the read. It
// returns false if one that needs more has come.
func (r *sharedRead) deliver(err error) bool {
	if incomplete, ok := errors.AsType[*IncompleteError](err); ok {
		incomplete.Request = r.client.name(r.endpoint)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && !r.list.complete(r.need) {
		return false
	}
	if err == nil {
		r.listing = r.listed(r.list.newestFirst())
		r.list.release()
	}
	r.over, r.finished = true, r.client.clock.Now()
	for w := range r.waiters {
		r.send(w, r.listing, err)
	}
	return true
}

// listed is the listing of the rows that have been read.
func (r *sharedRead) listed(rows []*sessions.Session) *Listing {
	listing := &Listing{Sessions: rows, Total: r.list.total, At: r.at, Clocks: r.conflict}
	if r.list.moved && !r.list.recounted {
		listing.ConnectedAfter = new(time.UnixMicro(int64(r.list.began)).UTC())
	}
	return listing
}
