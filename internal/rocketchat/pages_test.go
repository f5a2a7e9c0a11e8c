// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// history is a list of sessions that changes between one request and the next,
// by the dice of one seed.
type history struct {
	random *rand.Rand
	// rows are alive, newest first; rows of one time lie in any order.
	rows []*sessions.Session
	// lived are those that have been alive since the start.
	lived map[string]*sessions.Session
	// succeeded maps a session that logged in again to its successor.
	succeeded map[string]string

	size     int
	restless float64 // moves a request, on average
	swaps    bool
	clock    int64 // seconds
	next     int
	requests int
}

func newHistory(seed uint64) *history {
	random := rand.New(rand.NewPCG(seed, 2))
	h := &history{
		random: random, lived: map[string]*sessions.Session{}, succeeded: map[string]string{},
		size: 6 + random.IntN(10), restless: []float64{0, 0.1, 0.5, 2}[random.IntN(4)],
		swaps: random.IntN(2) == 0, clock: 1000,
	}
	tied := random.IntN(3) == 0
	for range random.IntN(8 * h.size) {
		if !tied || random.IntN(2) == 0 {
			h.clock++
		}
		h.login()
	}
	for _, s := range h.rows {
		h.lived[*s.SessionID] = s
	}
	return h
}

func (h *history) login() *sessions.Session {
	h.next++
	id := fmt.Sprintf("s%04d", h.next)
	at := time.Unix(h.clock, 0)
	s := &sessions.Session{SessionID: &id, LoginAt: &at}
	h.rows = append([]*sessions.Session{s}, h.rows...)
	return s
}

func (h *history) end(i int) *sessions.Session {
	s := h.rows[i]
	h.rows = slices.Delete(h.rows, i, i+1)
	delete(h.lived, *s.SessionID)
	return s
}

func (h *history) move() {
	switch kind := h.random.IntN(4); {
	case kind == 0:
		h.clock += int64(h.random.IntN(2))
		h.login()
	case len(h.rows) == 0:
	case kind == 1:
		h.clock++
		old := h.end(h.random.IntN(len(h.rows)))
		h.succeeded[*old.SessionID] = *h.login().SessionID
	default:
		h.end(h.random.IntN(len(h.rows)))
	}
}

// fetch answers as the server does: a cut of the list as it is just now, in
// which rows of one login time may have changed places.
func (h *history) fetch(_ context.Context, offset int) (*page, error) {
	if h.requests > 0 {
		for h.random.Float64() < h.restless/(1+h.restless) {
			h.move()
		}
	}
	h.requests++
	if h.swaps {
		for i := range h.rows {
			for j := i; j > 0 && h.rows[j-1].LoginAt.Equal(*h.rows[j].LoginAt) && h.random.IntN(2) == 0; j-- {
				h.rows[j-1], h.rows[j] = h.rows[j], h.rows[j-1]
			}
		}
	}
	from := min(offset, len(h.rows))
	to := min(from+h.size, len(h.rows))
	return &page{offset: offset, rows: slices.Clone(h.rows[from:to]), total: len(h.rows)}, nil
}

// missed are the sessions that were alive throughout and are not in rows, and
// twice those that are there more than once.
func (h *history) missed(rows []*sessions.Session) (missed, twice []string) {
	got := map[string]int{}
	for _, s := range rows {
		got[*s.SessionID]++
		if got[*s.SessionID] == 2 {
			twice = append(twice, *s.SessionID)
		}
	}
	for id := range h.lived {
		if got[id] == 0 {
			missed = append(missed, id)
		}
	}
	return missed, twice
}

func (w *walk) all(ctx context.Context, need sessions.Need) error {
	for range maxLooks {
		for !w.satisfies(need) {
			if err := w.advance(ctx, need); err != nil {
				return err
			}
		}
		if err := w.finish(ctx); err != nil {
			return err
		}
		if w.satisfies(need) {
			return nil
		}
	}
	return w.incomplete(tooFast)
}

// histories are how many lists are read that change meanwhile.
func histories() uint64 {
	if testing.Short() {
		return 300
	}
	return 10_000
}

func TestWalkIsCompleteOverRandomHistories(t *testing.T) {
	t.Parallel()
	var given uint64
	var steps int
	for seed := range histories() {
		h := newHistory(seed)
		w := newWalk(h.fetch, 1)
		err := w.all(t.Context(), sessions.Need{All: true})
		var incomplete *IncompleteError
		switch {
		case errors.As(err, &incomplete):
			given++
			continue
		case err != nil:
			t.Fatalf("seed %d: %v", seed, err)
		}
		missed, twice := h.missed(w.rows)
		if len(missed) > 0 || len(twice) > 0 {
			t.Fatalf("seed %d: missed %v, twice %v", seed, missed, twice)
		}
		steps += h.requests
	}
	t.Logf("%d histories, %d requests, %d given up", histories(), steps, given)
	if given > histories()/20 {
		t.Errorf("%d of %d histories were given up as incomplete, want few", given, histories())
	}
}

// TestRowSeenBeforeIsNoProof shows why the walk asks for more than a row that
// comes again: over the same histories, that rule misses sessions.
func TestRowSeenBeforeIsNoProof(t *testing.T) {
	t.Parallel()
	var wrong int
	for seed := range histories() {
		h := newHistory(seed)
		if rows, ok := readBySeenRow(h); ok {
			if missed, _ := h.missed(rows); len(missed) > 0 {
				wrong++
			}
		}
	}
	t.Logf("%d of %d histories have sessions missing under the weaker rule", wrong, histories())
	if wrong == 0 {
		t.Error("the weaker rule missed nothing: the histories are too tame to test the stronger one")
	}
}

// readBySeenRow goes on when a page begins with a row that was seen before, and
// steps back a row when it does not.
func readBySeenRow(h *history) ([]*sessions.Session, bool) {
	seen := map[string]bool{}
	var rows []*sessions.Session
	for offset := 0; h.requests < 1000; {
		p, err := h.fetch(context.Background(), offset)
		if err != nil {
			return nil, false
		}
		if offset > 0 && (len(p.rows) == 0 || !seen[*p.rows[0].SessionID]) {
			offset = max(offset-1, 0)
			continue
		}
		for _, s := range p.rows {
			if !seen[*s.SessionID] {
				seen[*s.SessionID] = true
				rows = append(rows, s)
			}
		}
		if p.reachesEnd() {
			return rows, true
		}
		offset = p.offset + len(p.rows) - 1
	}
	return nil, false
}
