// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// page is one response to a request for rows from an offset.
type page struct {
	offset int
	rows   []*sessions.Session
	// total is the number that the server reported with these rows.
	total int
}

// reachesEnd reports whether no row follows the page.
func (p *page) reachesEnd() bool { return p.offset+len(p.rows) >= p.total } //mutate:reaches-end

// tie is the index of the first of the rows at the end of p that share one
// login time.
func tie(p *page) int {
	i := len(p.rows) - 1
	for i > 0 && instantOf(p.rows[i-1]) == instantOf(p.rows[i]) {
		i--
	}
	return i
}

// newest is the login time of the first row, oldest that of the last.
func (p *page) newest() instant {
	if len(p.rows) == 0 {
		return bottom
	}
	return instantOf(p.rows[0])
}

func (p *page) oldest() instant { return instantOf(p.rows[len(p.rows)-1]) }

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

// before is the instant that lies d before i. A missing time has none before it.
func (i instant) before(d time.Duration) instant {
	if i <= missing {
		return i
	}
	return i - instant(d.Microseconds())
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
	of := proof{low: p.oldest(), high: p.newest()}
	if p.offset == 0 {
		of.high = top
	}
	if p.reachesEnd() {
		of.low = bottom
	}
	return of, true
}

// descent is how far down from the top of the list pages prove it. The list is
// complete down to reached when the proofs of the pages overlap from the top down to
// there. A repeated row is no proof (rows with one login time swap places), and neither
// are as many rows as the total (a login hides a missed row). The order in which pages
// were fetched does not matter, so they may be fetched concurrently and more than once.
type descent struct {
	// reached is how far the proofs extend, frontier the page that extended them to
	// there, and pending are pages further down.
	reached  instant
	frontier *page
	pending  []*page
}

// take adds the proof of a page, and moves reached down as far as the proofs overlap.
func (d *descent) take(p *page) {
	d.pending = append(d.pending, p)
	for again := true; again; {
		again = false
		d.pending = slices.DeleteFunc(d.pending, func(p *page) bool {
			of, ok := proofOf(p)
			if !ok || of.low >= d.reached {
				return true
			}
			if of.high > d.reached { //mutate:seam
				d.reached, d.frontier, again = of.low, p, true
				return true
			}
			return false
		})
	}
}
