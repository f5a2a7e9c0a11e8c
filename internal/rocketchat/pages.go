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
	// maxOverlap is how many rows of a page the next one repeats. Four cost no call
	// more than one at 1,000 sessions, and survive most logouts in between. Pages
	// of fewer than eight rows overlap by half, and by two at least.
	maxOverlap, minOverlap = 4, 2
	// maxSteps bounds the pages read in a row without getting on: strides of
	// 4, 8, … 512 rows back.
	maxSteps = 8
	// maxReadAhead bounds the pages asked for before the rows of any are looked at.
	maxReadAhead = 16
	// maxRows bounds the rows of a read: more than Terraform takes in one message.
	maxRows = 500_000
	// maxLooks bounds how often a need is read for anew because the last look at
	// the list has found too many of its rows gone.
	maxLooks = 8
)

// page is one answer to a request for rows from an offset.
type page struct {
	offset int
	rows   []*sessions.Session
	// total is what the server reported with these rows.
	total int
}

// reachesEnd tells whether no row follows the page.
func (p *page) reachesEnd() bool { return p.offset+len(p.rows) >= p.total } //mutate:reaches-end

// instant is a login time in microseconds, with room for a missing one, which
// the server lists last, and for what lies beyond both ends of the list.
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

// proof is what a page proves: that it holds every session that was alive
// throughout and whose login time lies strictly between low and high. Rows of
// the same login time as the first or the last may have been cut off.
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

// walk reads a list that changes while it is read, newest login first. It is
// complete down to reached once the proofs of its pages overlap from the top
// down to there. Neither a row that comes again proves it (rows of one login
// time swap places) nor as many rows as the total (a login hides a row that was
// missed). The order in which pages were fetched does not matter, so they may be
// fetched at the same time, and more than once. What no page can prove, because
// one login time fills it, [recount] does.
type walk struct {
	fetch      fetch
	concurrent int

	rowSet
	// reached is where the proofs have got to, frontier the page that took them
	// there, and pending are pages that lie further down.
	reached  instant
	frontier *page
	pending  []*page
	// recount is nil unless a login time fills a page; recounted tells that it has
	// come to an end, so that the rows are those of one instant.
	recount   *recount
	recounted bool

	// size is the page size in force: the number of rows of the first page, which
	// is the truth whatever its count says.
	size int
	// total is what the latest page reported, began the newest login time that
	// the first one held.
	total int
	began instant
	// moved tells that the list has changed between two pages; positions are the
	// login times found at each place.
	moved     bool
	positions []instant
}

func newWalk(fetch fetch, concurrent int) *walk {
	return &walk{fetch: fetch, concurrent: max(concurrent, 1), rowSet: newRowSet(), reached: newest}
}

// absorb takes the rows of a page and what it proves.
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

// note remembers what lies where, and that the list has moved when something
// else lay there before.
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

// satisfies tells whether what was read decides everything that need asks for.
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

// proven counts the rows that are surely the newest.
func (w *walk) proven() int {
	n := 0
	for _, s := range w.rows {
		if instantOf(s) > w.reached { //mutate:proven-row
			n++
		}
	}
	return n
}

// callsLeft is how many pages more need takes at least.
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

// stride is how far apart pages begin. It is not positive where pages hold too
// few rows to prove anything.
func (w *walk) stride() int { return w.size - w.overlap() }

// advance reads until need is satisfied, a few pages at a time, so that a need
// that grows meanwhile is noticed.
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

// readAhead reads the pages that need will surely take, at the same time. It
// goes by the total, which is only what the workspace says: where pages bring
// nothing new, it leaves the rest to step.
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

// readAll reads the pages from offsets on, at the same time.
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

// step reads pages one by one until it has got below reached.
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

// next is where the page after the frontier begins: a few rows above those
// that share its last login time, and further up by as much as the list has
// shrunk since.
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

// finish looks once more at the top of a list that moved. It drops the rows that
// have ended, as far down as the page proves it, so that need may no longer be
// satisfied. It finds those who logged in again while the list was read: their
// old row may have gone before its page was. If that page reaches down to what
// was there at first, all who are listed now are known, so that fewer rows than
// the total are a server's lie, such as one page for every offset.
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

// newestFirst is all that was read, in the order of the list: pages that were
// read again have put rows behind older ones.
func (w *walk) newestFirst() []*sessions.Session {
	slices.SortStableFunc(w.rows, newestFirst)
	return w.rows
}

// release drops what only further reading would need.
func (w *walk) release() {
	w.fetch, w.seen, w.positions, w.pending, w.frontier, w.recount = nil, nil, nil, nil, nil, nil
}
