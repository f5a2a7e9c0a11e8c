// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"math/rand/v2"
	"time"
)

// reconnections make the connections that [Reconnections] ask for.
type reconnections struct {
	Reconnections
	generator generator
	// until is up to when those per second have been made.
	until time.Time
	// due is how many per page, or parts of one, have not been made yet.
	due float64
}

func newReconnections(o Options, now time.Time) reconnections {
	rng := rand.New(rand.NewPCG(o.Seed, 2)) //nolint:gosec // reproducible, not secret
	return reconnections{Reconnections: o.Reconnections, generator: generator{rng: rng}, until: now}
}

// reconnectUntil makes the reconnections that are due by the server's clock. Of
// those that nobody saw, as many as there are clients leave nothing to distinguish.
func (w *Workspace) reconnectUntil(now time.Time) {
	c := &w.reconnections
	if c.PerSecond <= 0 || now.Before(c.until) {
		return
	}
	interval := time.Duration(float64(time.Second) / c.PerSecond)
	overdue := now.Sub(c.until)
	c.until = now.Add(-overdue % interval)
	seen := min(int(overdue/interval), len(w.store.rows))
	for left := seen - 1; left >= 0; left-- {
		w.reconnect(c.until.Add(-time.Duration(left) * interval))
	}
}

// reconnectForPage makes the reconnections that are due before a page is cut.
func (w *Workspace) reconnectForPage(now time.Time) {
	c := &w.reconnections
	for c.due += c.PerPage; c.due >= 1; c.due-- {
		w.reconnect(now)
	}
}

// reconnect has a client connect again, later than all others: at the same
// millisecond, which tests whose clock stands still would always meet, the
// connections of a page would be one tie.
func (w *Workspace) reconnect(at time.Time) {
	rows, c := w.store.rows, &w.reconnections
	if len(rows) == 0 {
		return
	}
	at = at.Truncate(time.Millisecond)
	if newest := rows[0].LoginAt.Value; !at.After(newest) {
		at = newest.Add(time.Millisecond)
	}
	w.store.relogin(c.generator.rng.IntN(len(rows)), c.generator.id(), at)
}
