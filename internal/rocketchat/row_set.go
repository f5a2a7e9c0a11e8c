// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"slices"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// rowSet is the set of rows of overlapping pages. Each row counts as often as on the
// page that has it most often: a page is one snapshot, so equal rows on it are
// different sessions, but equal rows on two pages may be the same session.
type rowSet struct {
	rows  []*sessions.Session
	seen  map[sessions.Identity]tally
	pages int
}

// tally counts the rows of one identity.
type tally struct {
	// rows is how many there are in the set, here how many the latest page had
	// that had any.
	rows, here int
	// page is the number of that page, counted from 1.
	page int
}

func newRowSet() rowSet { return rowSet{seen: map[sessions.Identity]tally{}} }

// add takes the rows of a page.
func (r *rowSet) add(p *page) {
	r.pages++
	for _, s := range p.rows {
		id := sessions.IdentityOf(s)
		t := r.seen[id]
		if t.page != r.pages {
			t.page, t.here = r.pages, 0
		}
		t.here++
		if t.here > t.rows { //mutate:duplicate
			t.rows++
			r.rows = append(r.rows, s)
		}
		r.seen[id] = t
	}
}

// dropEnded removes the rows that the latest page proves to have ended: those that it
// would contain, but does not.
func (r *rowSet) dropEnded(of proof) {
	r.rows = slices.DeleteFunc(r.rows, func(s *sessions.Session) bool {
		if at := instantOf(s); at <= of.low || at >= of.high {
			return false
		}
		id := sessions.IdentityOf(s)
		t := r.seen[id]
		if t.page == r.pages && t.rows <= t.here {
			return false
		}
		if t.page != r.pages {
			t.page, t.here = r.pages, 0
		}
		t.rows--
		r.seen[id] = t
		return true
	})
}

// sameAs reports whether two sets contain the same rows, each as often.
func (r *rowSet) sameAs(other *rowSet) bool {
	if len(r.rows) != len(other.rows) {
		return false
	}
	for id, t := range r.seen {
		if other.seen[id].rows != t.rows {
			return false
		}
	}
	return true
}

// recount reads the whole list again from the top if pages cannot prove anything: if
// more rows have one login time than fit on a page, or if pages have one or two rows.
// Rows that were read both before and after an instant all existed at that instant,
// and if they are as many as the total that the workspace reported then, there were no
// others. The instant is the response to the first page of a verification pass. The rows before it
// are those of the previous pass; the first pass is what the walk has read.
type recount struct {
	// before is the previous pass, nil while the walk is the current one.
	before *rowSet
	// now is the current pass.
	now *rowSet
	// offset is that of its next page, total the one that its first page reported.
	offset, total int
	// passes is the number of finished passes, idle that of the latest pages without a
	// new row.
	passes, idle int
}

// maxRecounts bounds the verification passes over a list that is not the same twice in a row.
const maxRecounts = 3

func newRecount(w *walk) *recount {
	c := &recount{now: &w.rowSet}
	if p := w.frontier; p != nil && len(w.rows) < w.total {
		c.offset = p.offset + len(p.rows)
	} else {
		c.begin()
	}
	return c
}

// begin starts another verification pass.
func (c *recount) begin() {
	set := newRowSet()
	c.before, c.now = c.now, &set
	c.offset, c.idle = 0, 0
}

// advance reads a page.
func (c *recount) advance(ctx context.Context, w *walk) error {
	p, err := w.fetch(ctx, c.offset)
	if err != nil {
		return err
	}
	if c.offset == 0 {
		c.total = p.total
	}
	known := len(c.now.rows)
	c.now.add(p)
	w.total = p.total
	c.idle++
	if len(c.now.rows) > known {
		c.idle = 0
	}
	switch {
	case p.reachesEnd():
		return c.compare(w)
	case len(p.rows) == 0, c.idle > maxSteps:
		return w.incomplete(tooFewRows)
	case len(c.now.rows) > maxRows:
		return w.incomplete(tooLong)
	}
	c.offset += len(p.rows)
	return nil
}

// compare ends a verification pass.
func (c *recount) compare(w *walk) error {
	same := c.before != nil && c.now.sameAs(c.before) //mutate:recount
	switch {
	case same && len(c.now.rows) == c.total: //mutate:tie
		w.rowSet, w.total, w.reached, w.recounted = *c.now, c.total, bottom, true
		return nil
	case same:
		return w.incomplete(tooFewRows)
	case c.passes == maxRecounts:
		return w.incomplete(tieTooLong)
	}
	c.passes++
	c.begin()
	return nil
}

// callsLeft is how many pages more it takes at least.
func (c *recount) callsLeft(w *walk) int {
	rows := w.total - c.offset
	if c.before == nil {
		rows += w.total
	}
	return (max(rows, 0) + w.size - 1) / max(w.size, 1)
}
