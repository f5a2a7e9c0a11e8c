// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

const (
	// maxOverlap is how many rows of a page the next one repeats. At 1,000 sessions,
	// four cost no more calls than one, and they survive most logouts in between. Pages
	// of fewer than eight rows overlap by half, but at least by minOverlap.
	maxOverlap, minOverlap = 4, 2
	// maxSteps bounds the pages read in a row without progress: 4, 8, … 512 rows back.
	maxSteps = 8
	// maxReadAhead bounds the pages requested before the rows of any are processed.
	maxReadAhead = 16
	// maxRows bounds the rows of a read: more than Terraform takes in one message.
	maxRows = 500_000
)

// fetch reads the rows from offset on; the server cuts them to its own maximum.
type fetch func(ctx context.Context, offset int) (*page, error)

// walk reads a list that changes during the read, newest login first: down as far as
// it must ([descent]), and from the top again if the list has moved ([closing]). If one
// login time fills a page, which then proves nothing, [recount] takes over.
type walk struct {
	fetch      fetch
	concurrent int

	rowSet
	descent
	closing closing
	// recount is nil unless a login time fills a page; recounted reports that it has
	// finished, so that the rows are those of one instant.
	recount   *recount
	recounted bool

	// size is the number of rows of the first page, total what the latest page reported, and
	// began the newest login time of the first page.
	size, total int
	began       instant
	// moved reports that the list has changed between two pages; positions are the
	// login times found at each position.
	moved     bool
	positions []instant
}

func newWalk(fetch fetch, concurrent int) *walk {
	return &walk{fetch: fetch, concurrent: max(concurrent, 1), rowSet: newRowSet(), descent: descent{reached: newest}}
}

// absorb adds the rows of a page and its proof.
func (w *walk) absorb(p *page) {
	if w.pages == 0 {
		w.size, w.began = len(p.rows), p.newest()
		w.closing.newest = w.began
	} else if p.total != w.total {
		w.moved = true
	}
	w.total = p.total
	for i, s := range p.rows {
		w.note(p.offset+i, instantOf(s))
	}
	w.add(p)
	w.take(p)
}

// note records the login time at a position. The list has moved if it was another one before.
func (w *walk) note(position int, at instant) {
	for len(w.positions) <= position {
		w.positions = append(w.positions, top)
	}
	if before := w.positions[position]; before != top && before != at { //mutate:movement
		w.moved = true
	}
	w.positions[position] = at
}

// complete reports whether the walk is over for need: it has read far enough, and
// nobody has escaped it to the top.
func (w *walk) complete(need sessions.Need) bool { return w.satisfies(need) && w.closed() }

// closed reports whether every client whose row is proven is among the rows, by that
// row or by another. If the list has not moved, no client has moved from below a seam
// to above it: at each seam, as many rows were above it on both pages. If the list was
// recounted, the rows are those of one instant.
func (w *walk) closed() bool { return !w.moved || w.recounted || w.closing.done } //mutate:closing

// satisfies reports whether the rows read so far extend as far down as need requires.
func (w *walk) satisfies(need sessions.Need) bool {
	switch {
	case w.pages == 0:
		return false
	case w.reached == bottom:
		return true
	case need.All:
		return false
	case need.After != nil:
		return w.reached <= instant(need.After.UnixMicro())
	default:
		return w.proven() >= need.Newest
	}
}

// proven counts the rows that are certainly the newest.
func (w *walk) proven() int {
	n := 0
	for _, s := range w.rows {
		if instantOf(s) > w.reached { //mutate:proven-row
			n++
		}
	}
	return n
}

// callsLeft is the minimum number of further pages for need.
func (w *walk) callsLeft(need sessions.Need) int {
	if w.recount != nil {
		return w.recount.callsLeft(w)
	}
	left, stride := w.closing.callsLeft(w), w.stride()
	if w.frontier == nil || stride <= 0 || need.After != nil {
		return left
	}
	rows := w.total
	if !need.All {
		rows = min(rows, need.Newest)
	}
	rest := rows - w.frontier.offset - len(w.frontier.rows)
	return left + max(rest+stride-1, 0)/stride
}

// overlap is how many rows of a page the next one repeats.
func (w *walk) overlap() int { return min(max(w.size/2, minOverlap), maxOverlap) }

// stride is the distance between the beginnings of pages, or not positive if they have too few
// rows to prove anything.
func (w *walk) stride() int { return w.size - w.overlap() }

// run reads until need is satisfied, which can grow meanwhile. before is called with the
// minimum number of further pages.
func (w *walk) run(ctx context.Context, need func() sessions.Need, before func(calls int) error) error {
	for now := need(); !w.complete(now); now = need() {
		if err := before(w.callsLeft(now)); err != nil {
			return err
		}
		if err := w.advance(ctx, now); err != nil {
			return err
		}
	}
	return nil
}

// advance reads a few pages towards need, which can grow meanwhile. If all rows are known and
// are fewer than the total, the server is wrong, for example with one page for every offset.
func (w *walk) advance(ctx context.Context, need sessions.Need) error {
	if err := w.readSome(ctx, need); err != nil {
		return err
	}
	if w.reached == bottom && w.closed() && len(w.rows) < w.total { //mutate:too-few
		return w.incomplete(tooFewRows)
	}
	return nil
}

func (w *walk) readSome(ctx context.Context, need sessions.Need) error {
	switch {
	case w.pages == 0:
		_, err := w.read(ctx, 0)
		return err
	case len(w.rows) > maxRows, w.pages == 1 && need.All && w.total > maxRows: //mutate:too-long
		return w.incomplete(tooLong)
	case w.recount != nil:
		return w.recount.advance(ctx, w)
	case w.satisfies(need):
		return w.closing.advance(ctx, w)
	}
	w.closing.first, w.closing.done = true, false // the read goes on
	if w.pages == 1 && need.After == nil {
		if err := w.readAhead(ctx, need); err != nil {
			return err
		}
		if w.satisfies(need) {
			return nil
		}
	}
	return w.step(ctx, &w.descent, w.read)
}

// readAhead concurrently reads the pages that need certainly requires. It relies on
// the total, which is only a claim of the workspace: if pages bring nothing new, it
// leaves the rest to step.
func (w *walk) readAhead(ctx context.Context, need sessions.Need) error {
	end := w.total - w.overlap()
	if !need.All {
		end = min(end, need.Newest)
	}
	stride := w.stride()
	for offset, known := stride, 0; stride > 0 && offset < end && known < len(w.rows); offset += maxReadAhead * stride {
		known = len(w.rows)
		var pages [maxReadAhead]*page
		group, groupCtx := errgroup.WithContext(ctx)
		group.SetLimit(w.concurrent)
		for i := range pages {
			at := offset + i*stride
			if at >= end {
				break
			}
			group.Go(func() (err error) {
				pages[i], err = w.fetch(groupCtx, at)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		for _, p := range pages {
			if p != nil {
				w.absorb(p)
			}
		}
	}
	return nil
}

func (w *walk) read(ctx context.Context, offset int) (*page, error) {
	p, err := w.fetch(ctx, offset)
	if err != nil {
		return nil, err
	}
	w.absorb(p)
	return p, nil
}

// step reads pages until a descent gets further down. read must have it take their proofs.
func (w *walk) step(ctx context.Context, d *descent, read fetch) error {
	from := d.reached
	if d.frontier != nil && len(d.frontier.rows) >= w.size && tie(d.frontier) <= 1 {
		w.recount = newRecount(w)
		return nil
	}
	offset, back := w.next(d), w.overlap()
	for range maxSteps {
		offset = max(offset, 0)
		p, err := read(ctx, offset)
		switch {
		case err != nil:
			return err
		case d.reached < from:
			return nil
		case len(p.rows) == 0 && offset == 0:
			return w.incomplete("the workspace returns no rows")
		case len(p.rows) == 0, p.newest() <= from && offset > 0:
			// The seam is open: rows above have gone, or the page begins within a tie.
			offset = min(offset-back, w.next(d))
			back *= 2
		case p.oldest() > from:
			// Logins have pushed the rows down.
			offset += max(len(p.rows)-w.overlap(), 1)
		case len(p.rows) < w.size:
			return w.incomplete(tooFewRows)
		case tie(p) <= 1:
			w.recount = newRecount(w)
			return nil
		default:
			offset += tie(p) - 1
		}
	}
	return w.incomplete(tooFast)
}

// next is the offset of the page after the frontier of a descent: a few rows above those
// that share its last login time, and further up by as much as the list has shrunk since.
func (w *walk) next(d *descent) int {
	if p := d.frontier; p != nil {
		return p.offset + tie(p) - (w.overlap() - 1) - max(p.total-w.total, 0)
	}
	return 0
}

// What an [IncompleteError] says.
const (
	tooFast    = "the list changes faster than its pages can be read"
	tooFewRows = "the workspace returns fewer rows than it reports"
	tooLong    = "the list is longer than 500,000 sessions, the maximum of one read; " +
		"select a part of it by search, login time, or number"
	tieTooLong = "more sessions share one login time than fit on a page, " +
		"and the list changed or came in another order when it was read again"
)

func (w *walk) incomplete(why string) error {
	return &IncompleteError{Why: why, Rows: len(w.rows), Total: w.total}
}

// newestFirst returns all rows in the order of the list: repeated pages have put rows
// behind older ones.
func (w *walk) newestFirst() []*sessions.Session {
	slices.SortStableFunc(w.rows, newestFirst)
	return w.rows
}

// release drops everything that only further reading would need.
func (w *walk) release() {
	w.fetch, w.seen, w.positions, w.pending, w.frontier, w.recount, w.closing.pass = nil, nil, nil, nil, nil, nil, nil
}
