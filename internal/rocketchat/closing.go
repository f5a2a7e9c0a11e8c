// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"time"
)

const (
	// clockSkew is how far the clocks of the instances of one workspace may differ: each
	// stamps the logins of its own clients.
	clockSkew = 10 * time.Second
	// maxPasses bounds the passes of a read.
	maxPasses = 32
)

// closing finds the clients that reconnect while a list is read. Such a client has a new
// row at the top and no old one, so that a descent misses it if the old row was below
// the pages read before, and the new one above those read after.
//
// A client has one row at a time, and a connection is newer than everything listed
// before it. Therefore, who reconnects after the first page of a descent is above
// everything on that page, and a pass over the list, from the top down to there, finds
// all of them but those that reconnect during the pass. The next pass finds these, again
// except for some, and covers a shorter time. A pass of one page is a single snapshot:
// nobody escapes it, and the read is over.
type closing struct {
	// newest is the newest login time on the first page of the latest pass; before the
	// first pass, on that of the read.
	newest instant
	// pass is the pass under way, nil between two. It must get below floor. pages are
	// its pages so far.
	pass  *descent
	floor instant
	pages int
	// passes counts all of them; first reports that the next one follows the read.
	passes int
	first  bool
	// done reports that the latest pass took one page, and nothing was read since.
	done bool
}

// advance reads a few pages of a pass.
func (c *closing) advance(ctx context.Context, w *walk) error {
	if c.pass == nil {
		if c.passes == maxPasses { //mutate:passes
			return w.incomplete(tooFast)
		}
		c.begin()
	}
	if err := w.step(ctx, c.pass, c.reader(w)); err != nil {
		return err
	}
	if c.pass.reached < c.floor || c.pass.reached == bottom { //mutate:floor
		c.pass, c.done = nil, c.pages == 1 //mutate:one-page
	}
	return nil
}

// begin starts a pass. The first one goes further down by what the clocks of instances
// may differ. The later ones do not, because a fast read would then never end.
func (c *closing) begin() {
	c.pass, c.floor, c.pages = &descent{reached: newest}, c.newest, 0
	if c.first { //mutate:skew
		c.floor = c.floor.before(clockSkew)
	}
	c.first = false
	c.passes++
}

// reader reads the pages of a pass, and drops the rows that these prove to have ended,
// so that they take no existing row's place among the newest.
func (c *closing) reader(w *walk) fetch {
	return func(ctx context.Context, offset int) (*page, error) {
		p, err := w.read(ctx, offset)
		if err != nil {
			return nil, err
		}
		if c.pages == 0 {
			c.newest = p.newest()
		}
		c.pages++
		c.pass.take(p)
		if of, ok := proofOf(p); ok { //mutate:drop-ended
			w.dropEnded(of)
		}
		return p, nil
	}
}

// callsLeft is the minimum number of further pages: a pass that did not end with its
// first page needs another one, and a pass after it.
func (c *closing) callsLeft(w *walk) int {
	switch {
	case w.closed():
		return 0
	case c.pass == nil:
		return 1
	default:
		return 2
	}
}
