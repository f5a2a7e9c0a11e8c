// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// lanes are the tests that share the histories.
const lanes = 8

// histories are how many lists are read that change meanwhile.
func histories() uint64 {
	if testing.Short() {
		return 800
	}
	return 10_000
}

var oneHistory = flag.String("history", "", "replay the history of this seed alone, and tell what happened")

// history is a workspace whose list changes between one request and the next,
// and during waits, while several callers read it. All of it follows from the
// seed: requests in flight at the same time are answered one by one, in an
// order by the dice.
type history struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	clock  *clocktest.Fake
	w      *rocketchattest.Workspace
	size   int
	// restless is how many moves come before an answer on average, faulty the
	// share of answers that fail.
	restless, faulty float64

	// ever are all sessions that there were, with their login times, alive those
	// that are listed, lived those of them that have been since the start.
	ever  map[string]time.Time
	alive []string
	lived map[string]bool
	// roots maps a session to the one, alive at the start, that it succeeded by
	// logins anew; heirs are the latest of them, by root.
	roots map[string]string
	heirs map[string]string
	now   time.Time

	sleeping sync.Mutex
	pending  chan *pendingRequest
	waiting  []*pendingRequest
	finished chan finishedRead
	answered int
	// began is the newest login time of the first page; looked tells that the
	// last request was for the first page again, and reached below that.
	began   time.Time
	answers int
	looked  bool
	journal []string
}

// pendingRequest waits for its answer.
type pendingRequest struct {
	request *http.Request
	offset  int
	reply   chan func() (*http.Response, error)
}

// finishedRead is what one caller got.
type finishedRead struct {
	need    sessions.Need
	early   bool
	listing *rocketchat.Listing
	err     error
}

func newRandomHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	h := &history{
		t: t, seed: seed, random: random, clock: clocktest.NewFake(start),
		size: 6 + random.IntN(8), restless: []float64{0, 0.2, 0.5, 1.5}[random.IntN(4)], faulty: []float64{0, 0, 0.05, 0.15}[random.IntN(4)],
		ever: map[string]time.Time{}, lived: map[string]bool{}, roots: map[string]string{}, heirs: map[string]string{},
		now: start.Truncate(time.Second), pending: make(chan *pendingRequest, 64), finished: make(chan finishedRead, 8),
	}
	var rows []rocketchattest.Session
	tied := random.IntN(3) == 0
	for range random.IntN(6 * h.size) {
		if !tied || random.IntN(2) == 0 {
			h.now = h.now.Add(time.Second)
		}
		rows = append(rows, h.session())
	}
	limit := rocketchattest.RateLimit{Calls: 3 + random.IntN(8)}
	limit.Off = random.IntN(2) == 0
	h.w = rocketchattest.New(rocketchattest.Options{
		Clock: h.clock, Sessions: append([]rocketchattest.Session{}, rows...), UpperCount: h.size, RateLimit: limit,
		SwapTies: random.IntN(2) == 0, Seed: seed, ClockSkew: time.Duration(random.IntN(5)-2) * time.Minute,
	})
	for _, id := range h.alive {
		h.lived[id], h.roots[id], h.heirs[id] = true, id, id
	}
	h.clock.OnSleep(func(d time.Duration) {
		// Requests that wait at the same time are alike, so that their order changes nothing.
		h.sleeping.Lock()
		defer h.sleeping.Unlock()
		h.note("waits %s", d)
		h.move()
	})
	return h
}

func (h *history) note(format string, args ...any) {
	if *oneHistory != "" {
		h.journal = append(h.journal, fmt.Sprintf(format, args...))
	}
}

// session is a new one, logged in now.
func (h *history) session() rocketchattest.Session {
	id := fmt.Sprintf("s%04d", len(h.ever))
	h.ever[id] = h.now
	h.alive = append(h.alive, id)
	return rocketchattest.Session{SessionID: rocketchattest.Some(id), LoginAt: rocketchattest.Some(h.now)}
}

// move changes the list a few times.
func (h *history) move() {
	for h.random.Float64() < h.restless/(1+h.restless) {
		switch kind := h.random.IntN(4); {
		case kind == 0:
			h.now = h.now.Add(time.Duration(h.random.IntN(2)) * time.Second)
			s := h.session()
			h.w.Login(s)
			h.note("%s logs in", s.SessionID.Value)
		case len(h.alive) == 0:
		case kind == 1:
			h.relogin(h.end())
		default:
			id := h.end()
			h.w.Logout(id)
			delete(h.heirs, h.roots[id])
			h.note("%s logs out", id)
		}
	}
}

// end takes a session off the list.
func (h *history) end() string {
	i := h.random.IntN(len(h.alive))
	id := h.alive[i]
	h.alive = slices.Delete(h.alive, i, i+1)
	delete(h.lived, id)
	return id
}

func (h *history) relogin(old string) {
	h.now = h.now.Add(time.Second)
	id := fmt.Sprintf("s%04d", len(h.ever))
	h.ever[id] = h.now
	h.alive = append(h.alive, id)
	if root, ok := h.roots[old]; ok {
		h.roots[id], h.heirs[root] = root, id
	}
	h.w.Relogin(old, id, h.now)
	h.note("%s logs in anew as %s", old, id)
}

// RoundTrip implements [http.RoundTripper]: it has the request wait its turn.
func (h *history) RoundTrip(r *http.Request) (*http.Response, error) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	p := &pendingRequest{request: r, offset: offset, reply: make(chan func() (*http.Response, error), 1)}
	h.pending <- p
	select {
	case answer := <-p.reply:
		return answer()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// next answers one of the requests that wait, picked by the dice.
func (h *history) next() {
	slices.SortFunc(h.waiting, func(a, b *pendingRequest) int { return cmp.Compare(a.offset, b.offset) })
	i := h.random.IntN(len(h.waiting))
	p := h.waiting[i]
	h.waiting = slices.Delete(h.waiting, i, i+1)
	if p.request.Context().Err() != nil {
		return
	}
	if h.answers > 0 {
		h.move()
	}
	h.answers++
	fault := h.random.Float64() < h.faulty
	kind := h.random.IntN(len(historyFaults))
	if fault {
		h.w.Fault(historyFaults[kind])
	}
	resp, err := h.w.Transport().RoundTrip(p.request) //nolint:bodyclose // the client closes it
	h.w.Fault(nil)
	h.note("offset %d is answered, of %d rows, fault %v", p.offset, len(h.alive), fault)
	h.looks(p, fault || err != nil || resp.StatusCode != http.StatusOK)
	p.reply <- func() (*http.Response, error) { return resp, err }
}

var historyFaults = []rocketchattest.FaultFunc{
	rocketchattest.FaultHangUp, rocketchattest.FaultTruncated,
	rocketchattest.FaultAnswer(http.StatusBadGateway, http.Header{"Content-Type": {"text/html"}}, "<html>"),
	rocketchattest.FaultAnswer(http.StatusServiceUnavailable, http.Header{"Retry-After": {"3"}}, ""),
	rocketchattest.FaultAnswer(http.StatusTooManyRequests, http.Header{"Retry-After": {"5"}}, ""),
	rocketchattest.FaultAnswer(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, `{"sessions":[],"to`),
}

// looks follows whether the read ends with a look at its first page that
// reaches below what was the newest at first.
func (h *history) looks(p *pendingRequest, failed bool) {
	if failed {
		h.looked = false
		return
	}
	rows := h.w.Sessions()
	top := rows[:min(h.size, len(rows))]
	h.answered++
	if h.answered == 1 && len(top) > 0 {
		h.began = top[0].LoginAt.Value
	}
	h.looked = h.answered > 1 && p.offset == 0 &&
		(len(rows) <= h.size || top[len(top)-1].LoginAt.Value.Before(h.began))
}

// caller starts a read.
func (h *history) caller(client *rocketchat.Client, need sessions.Need, early bool) {
	ctx, cancel := h.clock.WithTimeout(context.Background(), 20*time.Minute)
	go func() {
		defer cancel()
		listing, err := client.WorkspaceSessions(ctx, "", need)
		h.finished <- finishedRead{need, early, listing, err}
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
func (h *history) run() (failed int) {
	account := h.w.Account([]string{"none", "viewonly"}[h.random.IntN(2)])
	client, err := rocketchat.New(rocketchat.Config{
		URL: &url.URL{Scheme: "https", Host: "chat.example.invalid"}, UserID: account.UserID, AuthToken: account.Token,
		UserAgent: userAgent, Clock: h.clock, Transport: h, MaxRetries: rocketchat.DefaultMaxRetries,
		MaxConcurrentRequests: 1 + h.random.IntN(4),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	callers := 1 + h.random.IntN(3)
	late := h.random.IntN(12)
	started := max(callers-1, 1)
	h.caller(client, everything, true)
	for range started - 1 {
		h.caller(client, h.need(), true)
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
			if r.err != nil {
				failed++
			}
			h.check(r)
		case started < callers && (h.answers >= late || done == started):
			started++
			h.caller(client, h.need(), false)
		case len(h.waiting) > 0:
			h.next()
		default:
			// Somebody waits by the machine's clock, which stands still until all do.
			select {
			case p := <-h.pending:
				h.waiting = append(h.waiting, p)
			case r := <-h.finished:
				h.finished <- r
			}
		}
	}
	return failed
}

// check asserts what a read promises.
func (h *history) check(r finishedRead) {
	if r.err != nil {
		h.checkError(r)
		return
	}
	got := map[string]bool{}
	for i, s := range r.listing.Sessions {
		id := *s.SessionID
		if got[id] {
			h.fail("%s is there twice", id)
		}
		got[id] = true
		if at, ok := h.ever[id]; !ok || !at.Equal(*s.LoginAt) {
			h.fail("%s never was", id)
		}
		if i > 0 && s.LoginAt.After(*r.listing.Sessions[i-1].LoginAt) {
			h.fail("%s is newer than the one before it", id)
		}
	}
	for id := range h.lived {
		if !got[id] && h.asked(r.need, id) {
			h.fail("%s was alive throughout and is missing", id)
		}
	}
	if !r.need.All || !r.early || !h.looked {
		return
	}
	represented := map[string]bool{}
	for id := range got {
		represented[h.roots[id]] = true
	}
	for root, heir := range h.heirs {
		if !represented[root] {
			h.fail("%s logged in anew, at last as %s, and none of them is there", root, heir)
		}
	}
}

// asked tells whether a session belongs to what is needed, whatever else there
// has been.
func (h *history) asked(need sessions.Need, id string) bool {
	switch {
	case need.All:
		return true
	case need.After != nil:
		return h.ever[id].After(*need.After)
	}
	newer := 0
	for _, at := range h.ever {
		if !at.Before(h.ever[id]) {
			newer++
		}
	}
	return newer <= need.Newest
}

func (h *history) checkError(r finishedRead) {
	var incomplete *rocketchat.IncompleteError
	var transport *rocketchat.TransportError
	var unreadable *rocketchat.UnreadableError
	var response *rocketchat.ResponseError
	var limit *rocketchat.RateLimitError
	if r.listing != nil {
		h.fail("a listing beside the error %v", r.err)
	}
	if !errors.As(r.err, &incomplete) && !errors.As(r.err, &transport) && !errors.As(r.err, &unreadable) &&
		!errors.As(r.err, &response) && !errors.As(r.err, &limit) {
		h.fail("the error %T %v", r.err, r.err)
	}
}

func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	h.t.Errorf("history %d: %s; replay it with -run TestHistories -history %[1]d", h.seed, fmt.Sprintf(format, args...))
}

// TestHistories reads lists that change, page by page and several pages at the
// same time, with ties, logins anew, waits for the rate limit, failing
// requests, and several callers who share a read.
func TestHistories(t *testing.T) {
	t.Parallel()
	if *oneHistory != "" {
		seed, err := strconv.ParseUint(*oneHistory, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Test(t, func(t *testing.T) {
			h := newRandomHistory(t, seed)
			h.run()
			for _, line := range h.journal {
				t.Log(line)
			}
		})
		return
	}
	for lane := range uint64(lanes) {
		t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var failed uint64
				for seed := lane; seed < histories() && !t.Failed(); seed += lanes {
					failed += uint64(newRandomHistory(t, seed).run()) //nolint:gosec // a count
				}
				t.Logf("%d reads failed", failed)
				if most := histories() / lanes / 10; failed > most {
					t.Errorf("%d reads failed, want at most %d", failed, most)
				}
			})
		})
	}
}
