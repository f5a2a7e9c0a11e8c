// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"cmp"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// Workspace is a simulated Rocket.Chat workspace. It is an [http.Handler] for
// all paths, and safe for concurrent use.
type Workspace struct {
	options  Options
	behavior *behavior

	mu      sync.Mutex
	store   *store
	started time.Time
	// windows are the present ones of the rate limit, by the name of the route.
	windows map[string]window
	// accounts are found by their user ids.
	accounts    map[string]*user
	rng         *rand.Rand
	mails       []Mail
	requests    []*RecordedRequest
	onAsked     func(n int, r *http.Request)
	fault       FaultFunc
	roles       []Role
	permissions []Permission
	settings    []Setting
	// reconnections are those of [Options.Reconnections].
	reconnections reconnections
}

// RecordedRequest is a request that has arrived, and its response.
type RecordedRequest struct {
	Method, Path string
	// Query is the raw query.
	Query  string
	Header http.Header
	Body   []byte
	// Status is zero while the request is being served, and for a connection
	// that was broken off before the response.
	Status int
	// Account is the username of whoever was logged in, empty for nobody.
	Account string
	// At is the arrival by the server's clock.
	At time.Time
}

// New builds a workspace. The first windows of its rate limiter begin now.
func New(options Options) *Workspace {
	options = options.withDefaults()
	w := &Workspace{
		options:  options,
		behavior: behaviorOf(options.Release),
		accounts: make(map[string]*user, len(options.Accounts)),
		roles:    options.roles(), permissions: options.permissions(), settings: options.settings(),
		rng: rand.New(rand.NewPCG(options.Seed, 1)), //nolint:gosec // reproducible, not secret
	}
	now := w.now()
	w.started, w.windows = now, map[string]window{}
	for _, a := range options.Accounts {
		u := &user{Account: a, remembered: map[string]remembered{}}
		u.BackupCodes = slices.Clone(a.BackupCodes) // those not used yet
		if a.CreatedAgo > 0 {
			u.created = now.Add(-a.CreatedAgo)
		}
		w.accounts[a.UserID] = u
	}
	sessions := options.rows(now)
	w.store = newStore(newDirectory(options, sessions, now), sessions)
	w.reconnections = newReconnections(options, now)
	return w
}

// now is the server's clock, which counts milliseconds.
func (w *Workspace) now() time.Time {
	return w.options.Clock.Now().Add(w.options.ClockSkew).UTC().Truncate(time.Millisecond)
}

// OnRequest has f called before the n-th request, counted from 0, is served.
// f may change the workspace. A later call replaces f; nil ends it.
func (w *Workspace) OnRequest(f func(n int, r *http.Request)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.onAsked = f
}

// Fault has f decide the response to each request, see [FaultFunc]. A later
// call replaces f; nil ends it.
func (w *Workspace) Fault(f func(n int, r *http.Request, next http.Handler) http.Handler) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = f
}

// Requests are the requests that have arrived so far, in order.
func (w *Workspace) Requests() []RecordedRequest {
	w.mu.Lock()
	defer w.mu.Unlock()
	requests := make([]RecordedRequest, len(w.requests))
	for i, r := range w.requests {
		requests[i] = *r
	}
	return requests
}

// Mails are the e-mails sent so far, in order.
func (w *Workspace) Mails() []Mail {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.mails)
}

// Account is the account of that username; the zero value when there is none.
func (w *Workspace) Account(username string) Account {
	for _, a := range w.options.Accounts {
		if a.Username == username {
			return a
		}
	}
	return Account{}
}

// Sessions are the rows listed, newest first, those of equal login time by id.
func (w *Workspace) Sessions() []Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reconnect(w.now(), 0)
	sessions := make([]Session, len(w.store.rows))
	for i, r := range w.store.rows {
		sessions[i] = r.Session
	}
	return sessions
}

// Login lists a session.
func (w *Workspace) Login(s Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.store.login(s)
}

// Logout ends a session and all that share its token; false when there is none.
func (w *Workspace) Logout(sessionID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.store.logout(sessionID)
}

// Relogin has the client of a session connect again: a row under a new id takes
// the place of the listed one, logged in at the given time, or now by the server's
// clock. The older connections stay known to filter, info.admin and logout, and
// any of their ids names the client. False when there is none.
func (w *Workspace) Relogin(sessionID, newID string, at ...time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	place := w.store.find(sessionID)
	if place < 0 {
		return false
	}
	w.store.relogin(place, newID, append(at, w.now())[0])
	return true
}

// exchange is one request while it is served.
type exchange struct {
	request *http.Request
	record  *RecordedRequest
	number  int
	header  http.Header
	now     time.Time
	// name is that of the route.
	name  string
	route route
	// token, user and bypass are set by the login check.
	token  string
	user   *user
	bypass bool
	params url.Values
}

// ServeHTTP implements [http.Handler].
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		return // the client has gone
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	record := &RecordedRequest{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Header: r.Header.Clone(), Body: body, At: w.now(),
	}
	number, asked, fault := len(w.requests), w.onAsked, w.fault
	w.requests = append(w.requests, record)
	w.mu.Unlock()

	status := &statusWriter{ResponseWriter: rw}
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		record.Status = status.status
	}()
	if asked != nil {
		asked(number, r)
	}
	status.Header().Set("Date", w.now().Format(http.TimeFormat))
	var handler http.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.serve(&exchange{request: r, record: record, number: number, header: rw.Header()}, rw)
	})
	if fault != nil {
		if other := fault(number, r, handler); other != nil {
			handler = other
		}
	}
	handler.ServeHTTP(status, r)
	status.status = cmp.Or(status.status, http.StatusOK)
}

// serve responds as the workspace does.
func (w *Workspace) serve(x *exchange, rw http.ResponseWriter) {
	w.mu.Lock()
	x.now = w.now()
	w.reconnect(x.now, 0)
	response := w.response(x)
	w.mu.Unlock()
	response.write(rw, x.request, w.behavior.compresses)
}

// clientAddress is X-Real-IP or the address of the connection.
func clientAddress(r *http.Request) string {
	if address := r.Header.Get("X-Real-Ip"); address != "" {
		return address
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// statusWriter notes the status that goes out.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements [http.ResponseWriter].
func (s *statusWriter) WriteHeader(status int) {
	s.status = cmp.Or(s.status, status)
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets [http.ResponseController] flush.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }
