// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"context"
	"math"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

const (
	// maxOverlap is how many rows of a page the next one repeats. At 1,000 sessions,
	// four cost no more calls than one, and they survive most logouts in between. Pages
	// of fewer than eight rows overlap by half, but at least by two.
	maxOverlap, minOverlap = 4, 2
	// maxSteps bounds the pages read in a row without progress: strides of
	// 4, 8, … 512 rows back.
	maxSteps = 8
	// maxReadAhead bounds the pages requested before the rows of any are processed.
	maxReadAhead = 16
	// maxRows bounds the rows of a read: more than Terraform takes in one message.
	maxRows = 500_000
	// maxLooks bounds how often a read continues because the last look at the list has
	// found that too many rows are gone.
	maxLooks = 8
)

// page is one answer to a request for rows from an offset.
type page struct {
	offset int
	rows   []*sessions.Session
	// total is the number that the server reported with these rows.
	total int
}

// reachesEnd reports whether no row follows the page.
func (p *page) reachesEnd() bool { return p.offset+len(p.rows) >= p.total } //mutate:reaches-end

// instant is a login time in microseconds, with values for a missing one, which the
// server lists last, and for both ends of the list.
type instant int64

const (
	top     instant = math.MaxInt64
	newest  instant = math.MaxInt64 - 1
	missing instant = math.MinInt64 + 1
	bottom  instant = math.MinInt64
)

func instantOf(s *sessions.Session) instant {
	if s.LoginAt == nil {
		return missing
	}
	return instant(s.LoginAt.UnixMicro())
}

// newestFirst is the order of the list.
func newestFirst(a, b *sessions.Session) int { return cmp.Compare(instantOf(b), instantOf(a)) }

// proof is what a page proves: that it contains every session that existed throughout
// the read and whose login time is strictly between low and high. Rows with the login
// time of the first or the last row may be cut off.
type proof struct{ low, high instant }

func proofOf(p *page) (proof, bool) {
	if len(p.rows) == 0 {
		return proof{low: bottom, high: top}, p.offset == 0 && p.total == 0 //mutate:empty-page
	}
	of := proof{low: instantOf(p.rows[len(p.rows)-1]), high: instantOf(p.rows[0])}
	if p.offset == 0 {
		of.high = top
	}
	if p.reachesEnd() {
		of.low = bottom
	}
	return of, true
}

// fetch reads the rows from offset on; the server cuts them to its own maximum.
type fetch func(ctx context.Context, offset int) (*page, error)

// walk reads a list that changes during the read, newest login first. It is complete
// down to reached when the proofs of its pages overlap from the top down to there. A
// repeated row is no proof (rows with one login time swap places), and neither are as
// many rows as the total (a login hides a missed row). The order in which pages were
// fetched does not matter, so they may be fetched concurrently and more than once. If
// one login time fills a page, which then proves nothing, [recount] takes over.
type walk struct {
	fetch      fetch
	concurrent int

	rowSet
	// reached is how far the proofs extend, frontier the page that extended them to
	// there, and pending are pages further down.
	reached  instant
	frontier *page
	pending  []*page
	// recount is nil unless a login time fills a page; recounted reports that it has
	// finished, so that the rows are those of one instant.
	recount   *recount
	recounted bool

	// size is the page size: the number of rows of the first page, whatever its count
	// says.
	size int
	// total is the one that the latest page reported, began the newest login time of the
	// first page.
	total int
	began instant
	// moved reports that the list has changed between two pages; positions are the
	// login times found at each position.
	moved     bool
	positions []instant
}

func newWalk(fetch fetch, concurrent int) *walk {
	return &walk{fetch: fetch, concurrent: max(concurrent, 1), rowSet: newRowSet(), reached: newest}
}

// absorb adds the rows of a page and its proof.
func (w *walk) absorb(p *page) {
	if w.pages == 0 {
		w.size = len(p.rows)
		if w.size > 0 {
			w.began = instantOf(p.rows[0])
		}
	} else if p.total != w.total {
		w.moved = true
	}
	w.total = p.total
	for i, s := range p.rows {
		w.note(p.offset+i, instantOf(s))
	}
	w.add(p)
	w.pending = append(w.pending, p)
	w.extend()
}

// note records the login time at a position, and that the list has moved if another
// one was there before.
func (w *walk) note(position int, at instant) {
	for len(w.positions) <= position {
		w.positions = append(w.positions, top)
	}
	if before := w.positions[position]; before != top && before != at { //mutate:movement
		w.moved = true
	}
	w.positions[position] = at
}

// extend moves reached down as far as the pending proofs overlap.
func (w *walk) extend() {
	for again := true; again; {
		again = false
		w.pending = slices.DeleteFunc(w.pending, func(p *page) bool {
			of, ok := proofOf(p)
			if !ok || of.low >= w.reached {
				return true
			}
			if of.high > w.reached { //mutate:seam
				w.reached, w.frontier, again = of.low, p, true
				return true
			}
			return false
		})
	}
}

// satisfies reports whether the rows read so far satisfy need.
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
	stride := w.stride()
	if w.frontier == nil || stride <= 0 || need.After != nil {
		return 0
	}
	rows := w.total
	if !need.All {
		rows = min(rows, need.Newest)
	}
	rest := rows - w.frontier.offset - len(w.frontier.rows)
	return max(rest+stride-1, 0) / stride
}

// overlap is how many rows of a page the next one repeats.
func (w *walk) overlap() int { return min(max(w.size/2, minOverlap), maxOverlap) }

// stride is the distance between the beginnings of pages. It is not positive if pages
// have too few rows to prove anything.
func (w *walk) stride() int { return w.size - w.overlap() }

// advance reads a few pages towards need, so that the caller notices a need that
// grows meanwhile.
func (w *walk) advance(ctx context.Context, need sessions.Need) error {
	switch {
	case w.pages == 0:
		_, err := w.read(ctx, 0)
		return err
	case len(w.rows) > maxRows, w.pages == 1 && need.All && w.total > maxRows: //mutate:too-long
		return w.incomplete(tooLong)
	case w.recount != nil:
		return w.recount.advance(ctx, w)
	}
	if w.pages == 1 && need.After == nil {
		if err := w.readAhead(ctx, need); err != nil {
			return err
		}
		if w.satisfies(need) {
			return nil
		}
	}
	return w.step(ctx)
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
	if stride <= 0 {
		return nil
	}
	for offset, known := stride, 0; offset < end && known < len(w.rows); {
		known = len(w.rows)
		var offsets []int
		for ; offset < end && len(offsets) < maxReadAhead; offset += stride {
			offsets = append(offsets, offset)
		}
		if err := w.readAll(ctx, offsets); err != nil {
			return err
		}
	}
	return nil
}

// readAll concurrently reads the pages at offsets.
func (w *walk) readAll(ctx context.Context, offsets []int) error {
	pages := make([]*page, len(offsets))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(w.concurrent)
	for i, offset := range offsets {
		group.Go(func() (err error) {
			pages[i], err = w.fetch(ctx, offset)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, p := range pages {
		w.absorb(p)
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

// step reads pages one by one until it gets below reached.
func (w *walk) step(ctx context.Context) error {
	from := w.reached
	if w.frontier != nil && len(w.frontier.rows) >= w.size && tie(w.frontier) <= 1 {
		w.recount = newRecount(w)
		return nil
	}
	offset, back := w.next(), w.overlap()
	for range maxSteps {
		offset = max(offset, 0)
		p, err := w.read(ctx, offset)
		switch {
		case err != nil:
			return err
		case w.reached < from:
			return nil
		case len(p.rows) == 0 && offset == 0:
			return w.incomplete("the workspace returns no rows")
		case len(p.rows) == 0, instantOf(p.rows[0]) <= from && offset > 0:
			// The seam is open: rows above have gone, or the page begins within a tie.
			offset = min(offset-back, w.next())
			back *= 2
		case instantOf(p.rows[len(p.rows)-1]) > from:
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

// next is the offset of the page after the frontier: a few rows above those that share
// its last login time, and further up by as much as the list has shrunk since.
func (w *walk) next() int {
	p := w.frontier
	if p == nil {
		return 0
	}
	return p.offset + tie(p) - (w.overlap() - 1) - max(p.total-w.total, 0)
}

// tie is the index of the first of the rows at the end of p that share one
// login time.
func tie(p *page) int {
	i := len(p.rows) - 1
	for i > 0 && instantOf(p.rows[i-1]) == instantOf(p.rows[i]) {
		i--
	}
	return i
}

// finish reads the top of a list that moved once more. It drops the rows that have
// ended, as far down as the page proves it, so that need may no longer be satisfied.
// It finds users who logged in again during the read, whose old row may have gone
// before its page was read. If that page reaches down to the first page's newest row,
// all sessions that are listed now are known. If there are then fewer rows than the
// total, the server is wrong, for example with one page for every offset.
func (w *walk) finish(ctx context.Context) error {
	whole := w.reached == bottom
	if w.moved && w.pages > 1 && !w.recounted { //mutate:last-look
		p, err := w.read(ctx, 0)
		if err != nil {
			return err
		}
		of, ok := proofOf(p)
		if ok { //mutate:drop-ended
			w.dropEnded(of)
		}
		whole = whole && ok && of.low < w.began
	}
	if whole && len(w.rows) < w.total { //mutate:too-few
		return w.incomplete(tooFewRows)
	}
	return nil
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
	w.fetch, w.seen, w.positions, w.pending, w.frontier, w.recount = nil, nil, nil, nil, nil, nil
}
