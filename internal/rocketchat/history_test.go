// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// lanes are the tests that share the histories, shortHistories how many of these
// are read with -short.
const (
	lanes          = 4
	shortHistories = 120
)

var manyHistories = flag.Uint64("histories", 2_500, "how many lists to read that change meanwhile")

func (h *history) caller(client *rocketchat.Client, need sessions.Need) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	go func() {
		defer cancel()
		listing, err := client.WorkspaceSessions(ctx, "", need)
		h.finished <- finishedRead{need, listing, err}
	}()
}

// need is what a caller asks for, by the dice.
func (h *history) need() sessions.Need {
	switch h.random.IntN(3) {
	case 0:
		return everything
	case 1:
		return sessions.Need{Newest: 1 + h.random.IntN(3*h.size)}
	default:
		after := h.now.Add(-time.Duration(h.random.IntN(3*h.size)) * time.Second)
		return sessions.Need{After: &after}
	}
}

// run reads the list with one to three callers, one of whom may come late.
func (h *history) run() (gaveUp bool) {
	account := h.w.Account([]string{"none", "viewonly"}[h.random.IntN(2)])
	client, err := rocketchat.New(rocketchat.Config{
		URL: &url.URL{Scheme: "https", Host: "chat.example.invalid"}, UserID: account.UserID, AuthToken: account.Token,
		UserAgent: userAgent, Transport: h, MaxRetries: rocketchat.DefaultMaxRetries,
		MaxConcurrentRequests: 1 + h.random.IntN(8),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	callers := 1 + h.random.IntN(3)
	late := h.random.IntN(12)
	started := max(callers-1, 1)
	first := everything
	if h.random.IntN(3) == 0 {
		first = h.need()
	}
	h.caller(client, first)
	for range started - 1 {
		h.caller(client, h.need())
	}
	for done := 0; done < callers; {
		synctest.Wait()
		for len(h.pending) > 0 {
			h.waiting = append(h.waiting, <-h.pending)
		}
		switch {
		case len(h.finished) > 0:
			r := <-h.finished
			done++
			if _, ok := errors.AsType[*rocketchat.IncompleteError](r.err); ok {
				gaveUp = true
			}
			h.check(r)
			if callers == 1 {
				h.checkNewest(r)
				h.checkSnapshot(r)
			}
		case started < callers && (h.responses >= late || done == started):
			started++
			h.caller(client, h.need())
		case len(h.waiting) > 0:
			h.next()
		default:
			began := time.Now()
			h.move() // the list changes while everybody waits
			select {
			case p := <-h.pending:
				h.waiting = append(h.waiting, p)
			case r := <-h.finished:
				h.finished <- r
			}
			h.note("waited %s", time.Since(began))
		}
	}
	return gaveUp
}

func (h *history) check(r finishedRead) {
	if r.err != nil {
		h.checkError(r)
		return
	}
	got := map[string]int{}
	for i, s := range r.listing.Sessions {
		id := key(s)
		got[id]++
		if got[id] > max(h.copies[id], 1) {
			h.fail("%s is there %d times", id, got[id])
		}
		if at, ok := h.ever[id]; !ok || !at.Equal(*s.LoginAt) {
			h.fail("%s never was", id)
		}
		if i > 0 && s.LoginAt.After(*r.listing.Sessions[i-1].LoginAt) {
			h.fail("%s is newer than the one before it", id)
		}
	}
	for id := range h.lived {
		if got[id] < max(h.copies[id], 1) && h.asked(r.need, id) {
			h.fail("%s was alive throughout and is missing", id)
		}
	}
	h.checkClients(r)
}

// checkClients asserts that every client that was there throughout is among the
// sessions that are asked for, by one connection or another.
func (h *history) checkClients(r finishedRead) {
	rows := r.listing.Sessions
	if !r.need.All && r.need.After == nil {
		rows = rows[:min(r.need.Newest, len(rows))]
	}
	represented := map[string]bool{}
	for _, s := range rows {
		represented[h.roots[key(s)]] = true
	}
	for root, heir := range h.heirs {
		if !represented[root] && h.asked(r.need, root) {
			h.fail("the client of %s, at last %s, was there throughout and is missing", root, heir)
		}
	}
}

// checkSnapshot asserts more of a read that ends with its first page: what is listed
// then is there, as far as it is asked for.
func (h *history) checkSnapshot(r finishedRead) {
	if r.err != nil || h.snapshot == nil {
		return
	}
	got := map[string]bool{}
	for _, s := range r.listing.Sessions {
		got[key(s)] = true
	}
	for _, id := range h.alive {
		if !got[id] && h.asked(r.need, id) {
			h.fail("%s was listed at the end of the read and is missing", id)
		}
	}
}

// checkNewest asserts what is promised to one who asks for the newest N of a list
// that moves: what the last verification pass over the first page covers is what it lists.
func (h *history) checkNewest(r finishedRead) {
	if r.err != nil || r.need.All || r.need.After != nil {
		return
	}
	got := r.listing.Sessions[:min(r.need.Newest, len(r.listing.Sessions))]
	if n := len(h.snapshot); n > 0 {
		last := h.snapshot[n-1].LoginAt.Value
		var want, have []string
		for i := range h.snapshot {
			if s := truth(&h.snapshot[i]); s.LoginAt.After(last) && len(want) < len(got) {
				want = append(want, s.LoginAt.String())
			}
		}
		for _, s := range got[:min(len(want), len(got))] {
			have = append(have, s.LoginAt.String())
		}
		if !slices.Equal(have, want) {
			h.fail("the newest are from %v, and the last verification pass listed %v", have, want)
		}
	}
}

// asked reports whether a session belongs to what is needed, whatever else there
// has been.
func (h *history) asked(need sessions.Need, id string) bool {
	switch {
	case need.All:
		return true
	case need.After != nil:
		return h.ever[id].After(*need.After)
	}
	newer := 0
	for other, at := range h.ever {
		if !at.Before(h.ever[id]) {
			newer += max(h.copies[other], 1)
		}
	}
	return newer <= need.Newest
}

func (h *history) checkError(r finishedRead) {
	if r.listing != nil {
		h.fail("a listing beside the error %v", r.err)
	}
	possible := []string{"IncompleteError", "RateLimitError"}
	if h.faulty > 0 {
		possible = append(possible, "TransportError", "MalformedError", "ResponseError", "GatewayError")
	}
	if !slices.Contains(possible, typeName(r.err)) {
		h.fail("the error %T %v, where responses fail with a share of %v", r.err, r.err, h.faulty)
	}
}

func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	h.t.Errorf("%s; %s", fmt.Sprintf(format, args...), randtest.Repeat(h.t, h.seed))
}

// TestHistories reads lists that change, page by page and several pages at the
// same time, with ties, logins anew, waits for the rate limit, failing
// requests, and several callers who share a read.
func TestHistories(t *testing.T) {
	t.Parallel()
	if seed, ok := randtest.Replayed(t); ok {
		bubble(t, func(t *testing.T) {
			h := newRandomHistory(t, seed)
			h.told = true
			h.run()
		})
		return
	}
	histories := *manyHistories
	if testing.Short() {
		histories = min(histories, shortHistories)
	}
	// A read may be given up where pages prove little, or many reconnect before each response.
	var ordinary, givenUp atomic.Int64
	t.Cleanup(func() {
		if failed, of := givenUp.Load(), ordinary.Load(); failed*10 > of {
			t.Errorf("%d of %d ordinary histories were given up, want at most a tenth", failed, of)
		}
	})
	for lane := range uint64(lanes) {
		t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
			t.Parallel()
			for seed := lane; seed < histories && !t.Failed(); seed += lanes {
				bubble(t, func(t *testing.T) {
					h := newRandomHistory(t, seed)
					gaveUp := h.run()
					if h.reconnecting > 0 || h.odd {
						return
					}
					ordinary.Add(1)
					if gaveUp {
						givenUp.Add(1)
					}
				})
			}
		})
	}
}

func FuzzHistories(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed + 10_000)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		bubble(t, func(t *testing.T) { newRandomHistory(t, seed).run() })
	})
}

// TestHistories_rowSeenBeforeIsNoProof shows why a read asks for more than a row that comes
// again: over the same histories, that rule misses sessions.
func TestHistories_rowSeenBeforeIsNoProof(t *testing.T) {
	t.Parallel()
	wrong := 0
	for seed := range uint64(shortHistories) {
		h := newRandomHistory(t, seed)
		if seen, ok := h.readBySeenRow(); ok {
			for id := range h.lived {
				if h.copies[id] == 0 && !seen[id] {
					wrong++
					break
				}
			}
		}
	}
	if wrong == 0 {
		t.Error("the weaker rule missed nothing: the histories are too tame to test the stronger one")
	}
}

// readBySeenRow goes on when a page begins with a row that was seen before, and
// steps back a row when it does not.
func (h *history) readBySeenRow() (seen map[string]bool, ok bool) {
	seen = map[string]bool{}
	account := h.w.Account("none")
	for offset, requests := 0, 0; requests < 100; requests++ {
		if requests > 0 {
			h.move()
		}
		r, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, "https://chat.example.invalid/api/v1/sessions/list.all?offset="+strconv.Itoa(offset), http.NoBody)
		if err != nil {
			h.t.Fatal(err)
		}
		r.Header = http.Header{"X-User-Id": {account.UserID}, "X-Auth-Token": {account.Token}}
		resp, err := h.w.Transport().RoundTrip(r)
		if err != nil {
			h.t.Fatal(err)
		}
		var page struct {
			Sessions []*sessions.Session `json:"sessions"`
			Total    int                 `json:"total"`
		}
		err = json.UnmarshalRead(resp.Body, &page)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			h.t.Fatal(err)
		}
		rows := page.Sessions
		if offset > 0 && (len(rows) == 0 || !seen[key(rows[0])]) {
			offset--
			continue
		}
		for _, s := range rows {
			seen[key(s)] = true
		}
		if offset+len(rows) >= page.Total {
			return seen, true
		}
		offset += len(rows) - 1
	}
	return nil, false
}
