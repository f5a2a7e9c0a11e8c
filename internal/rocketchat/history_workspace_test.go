// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// history is a workspace whose list changes between one request and the next,
// and during waits, while several callers read it. All of it follows from the
// seed: requests in flight at the same time are served one by one, in an
// order by the dice.
type history struct {
	t      *testing.T
	seed   uint64
	random *rand.Rand
	w      *rocketchattest.Workspace
	size   int
	// restless is how many moves come before a response on average, faulty the
	// share of responses that fail.
	restless, faulty float64
	// reconnecting is how many clients connect anew before a response on average, and step
	// the time between two of them.
	reconnecting int
	step         time.Duration

	// odd means that pages are tiny or a login time fills one, so that a read may
	// well be given up.
	odd bool
	// ever are all sessions by their keys, with their login times, alive those
	// that are listed, lived those of them that have been since the start.
	ever  map[string]time.Time
	alive []string
	lived map[string]bool
	// copies are how many rows there are of a key, where it is not one.
	copies map[string]int
	// roots maps a session to the one, alive at the start, of the same client: each
	// connection replaces the one before. heirs are the present ones, by root, of the
	// clients that have been there since the start.
	roots map[string]string
	heirs map[string]string
	now   time.Time

	pending   chan *pendingRequest
	waiting   []*pendingRequest
	finished  chan finishedRead
	responses int
	// snapshot is the first page when that was the last response.
	snapshot []rocketchattest.Session
	// told has the log say what happens.
	told bool
}

type pendingRequest struct {
	request  *http.Request
	offset   int
	response chan func() (*http.Response, error)
}

type finishedRead struct {
	need    sessions.Need
	listing *rocketchat.Listing
	err     error
}

func newRandomHistory(t *testing.T, seed uint64) *history {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 7))
	h := &history{
		t: t, seed: seed, random: random,
		size: pageSize(random), copies: map[string]int{}, restless: []float64{0, 0.2, 0.5, 1.5}[random.IntN(4)], faulty: []float64{0, 0, 0.05, 0.15}[random.IntN(4)],
		ever: map[string]time.Time{}, lived: map[string]bool{}, roots: map[string]string{}, heirs: map[string]string{},
		now: start.Truncate(time.Second), pending: make(chan *pendingRequest, 64), finished: make(chan finishedRead, 8),
	}
	var rows []rocketchattest.Session
	tied := random.IntN(3) == 0
	count := random.IntN(6 * max(h.size, 4))
	tie := 0
	if random.IntN(4) == 0 {
		tie = h.size + random.IntN(2*h.size) // longer than a page
	}
	h.odd = h.size < 6 || tie > 0
	if random.IntN(3) > 0 { // none in every third history, up to half of a page in the others
		h.reconnecting = 1 + random.IntN(max(h.size/2, 1))
	}
	h.step = []time.Duration{time.Millisecond, 40 * time.Millisecond, time.Second}[random.IntN(3)]
	from := random.IntN(count + 1)
	for i := range count {
		if tie > 0 && i >= from && i < from+tie {
			rows = append(rows, h.session())
			continue
		}
		if !tied || random.IntN(2) == 0 {
			h.now = h.now.Add(time.Second)
		}
		if random.IntN(8) == 0 {
			rows = append(rows, h.twins()...)
			continue
		}
		rows = append(rows, h.session())
	}
	limit := rocketchattest.RateLimit{Calls: 3 + random.IntN(8)}
	limit.Off = random.IntN(2) == 0
	h.w = rocketchattest.New(rocketchattest.Options{
		Sessions: append([]rocketchattest.Session{}, rows...), UpperCount: h.size, RateLimit: limit,
		SwapTies: random.IntN(2) == 0, Seed: seed, ClockSkew: time.Duration(random.IntN(5)-2) * time.Minute,
	})
	for _, id := range h.alive {
		h.lived[id], h.roots[id], h.heirs[id] = true, id, id
	}
	return h
}

func (h *history) note(format string, args ...any) {
	if h.told {
		h.t.Logf(format, args...)
	}
}

// session is a new one, logged in now.
func (h *history) session() rocketchattest.Session {
	id := fmt.Sprintf("s%04d", len(h.ever))
	h.ever[id] = h.now
	h.alive = append(h.alive, id)
	return rocketchattest.Session{SessionID: rocketchattest.Some(id), LoginAt: rocketchattest.Some(h.now)}
}

// pageSize is mostly some rows, sometimes very few, and rarely many.
func pageSize(random *rand.Rand) int {
	switch random.IntN(12) {
	case 0, 1:
		return 1 + random.IntN(5)
	case 2:
		return 14 + random.IntN(87)
	default:
		return 6 + random.IntN(8)
	}
}

// key distinguishes the rows of a history, as far as anything does.
func key(s *sessions.Session) string {
	if s.UserID == nil {
		return *s.SessionID
	}
	return fmt.Sprint(*s.SessionID, " ", *s.UserID, " ", s.LoginAt.Unix())
}

// twins are rows of one session id, which stay: two tokens on one connection, of
// one user or two, at one time or two; or two rows that nothing distinguishes.
func (h *history) twins() []rocketchattest.Session {
	id := fmt.Sprintf("t%04d", len(h.ever))
	kind := h.random.IntN(4)
	var rows []rocketchattest.Session
	for i := range 2 {
		if i == 1 && kind == 0 {
			h.now = h.now.Add(time.Duration(1+h.random.IntN(3*h.size)) * time.Second)
		}
		user := "u"
		if kind == 1 {
			user = fmt.Sprint("u", i)
		}
		rows = append(rows, rocketchattest.Session{
			SessionID: rocketchattest.Some(id), UserID: rocketchattest.Some(user), LoginAt: rocketchattest.Some(h.now),
		})
		row := key(truth(&rows[i]))
		h.ever[row], h.lived[row] = h.now, true
		h.copies[row]++
	}
	return rows
}

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
			h.relogin(h.end(), time.Second)
		default:
			id := h.end()
			h.w.Logout(id)
			delete(h.heirs, h.roots[id])
			h.note("%s logs out", id)
		}
	}
	for range h.random.IntN(2*h.reconnecting + 1) {
		if len(h.alive) > 0 {
			h.relogin(h.end(), h.step*time.Duration(h.random.IntN(3)))
		}
	}
}

func (h *history) end() string {
	i := h.random.IntN(len(h.alive))
	id := h.alive[i]
	h.alive = slices.Delete(h.alive, i, i+1)
	delete(h.lived, id)
	return id
}

func (h *history) relogin(old string, after time.Duration) {
	h.now = h.now.Add(after)
	id := h.session().SessionID.Value
	if root, ok := h.roots[old]; ok {
		h.roots[id], h.heirs[root] = root, id
	}
	h.w.Relogin(old, id, h.now)
	h.note("%s logs in anew as %s", old, id)
}

// RoundTrip implements [http.RoundTripper]: it has the request wait its turn.
func (h *history) RoundTrip(r *http.Request) (*http.Response, error) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	p := &pendingRequest{request: r, offset: offset, response: make(chan func() (*http.Response, error), 1)}
	h.pending <- p
	select {
	case response := <-p.response:
		return response()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// next serves one of the requests that wait, picked by the dice.
func (h *history) next() {
	slices.SortFunc(h.waiting, func(a, b *pendingRequest) int { return cmp.Compare(a.offset, b.offset) })
	i := h.random.IntN(len(h.waiting))
	p := h.waiting[i]
	h.waiting = slices.Delete(h.waiting, i, i+1)
	if p.request.Context().Err() != nil {
		return
	}
	if h.responses > 0 {
		h.move()
	}
	h.responses++
	fault := h.random.Float64() < h.faulty
	kind := h.random.IntN(len(historyFaults))
	if fault {
		h.w.Fault(historyFaults[kind])
	}
	resp, err := h.w.Transport().RoundTrip(p.request) //nolint:bodyclose // the client closes it
	h.w.Fault(nil)
	h.note("offset %d is served, of %d rows, fault %v", p.offset, len(h.alive), fault)
	h.snapshot = nil
	if rows := h.w.Sessions(); p.offset == 0 && !fault && err == nil && resp.StatusCode == http.StatusOK {
		h.snapshot = rows[:min(h.size, len(rows))]
	}
	p.response <- func() (*http.Response, error) { return resp, err }
}

var historyFaults = []rocketchattest.FaultFunc{
	rocketchattest.FaultHangUp, rocketchattest.FaultTruncated,
	rocketchattest.FaultResponse(http.StatusBadGateway, http.Header{"Content-Type": {"text/html"}}, "<html>"),
	rocketchattest.FaultResponse(http.StatusServiceUnavailable, http.Header{"Retry-After": {"3"}}, ""),
	rocketchattest.FaultResponse(http.StatusTooManyRequests, http.Header{"Retry-After": {"5"}}, ""),
	rocketchattest.FaultResponse(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, `{"sessions":[],"to`),
}
