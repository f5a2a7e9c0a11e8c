// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Session is one row as the server lists it, with absent and null fields
// distinguished. Its JSON is the server's.
type Session struct {
	SessionID Optional[string] `json:"sessionId,omitzero"`
	UserID    Optional[string] `json:"userId,omitzero"`
	Device    Optional[Device] `json:"device,omitzero"`
	Host      Optional[string] `json:"host,omitzero"`
	IP        Optional[string] `json:"ip,omitzero"`
	// LoginAt has milliseconds.
	LoginAt  Optional[time.Time] `json:"loginAt,omitzero"`
	LogoutAt Optional[time.Time] `json:"logoutAt,omitzero"`
	// User is absent for a user who was deleted.
	User Optional[User]   `json:"_user,omitzero"`
	ID   Optional[string] `json:"_id,omitzero"`
	// Current reports in sessions/list of newer releases whether the session is
	// that of the token that asks: LoginToken is the account's token then.
	Current Optional[bool] `json:"current,omitzero"`

	// LoginToken is never sent in a list. Rows of one token are connections of
	// one client: only the newest is listed, and a logout ends them all. Empty
	// is a token of the row's own.
	LoginToken string `json:"-"`
}

// Device is what the client said of itself as it connected.
type Device struct {
	// Type is browser, mobile, tablet, mobile-app, desktop-app, other, or
	// empty for a browser on macOS.
	Type        Optional[string] `json:"type,omitzero"`
	Name        Optional[string] `json:"name,omitzero"`
	LongVersion Optional[string] `json:"longVersion,omitzero"`
	OS          Optional[OS]     `json:"os,omitzero"`
	Version     Optional[string] `json:"version,omitzero"`
}

// OS is the operating system of a [Device]. Linux comes without a version.
type OS struct {
	Name    Optional[string] `json:"name,omitzero"`
	Version Optional[string] `json:"version,omitzero"`
}

// User is the owner of a row.
type User struct {
	Username     Optional[string] `json:"username,omitzero"`
	Name         Optional[string] `json:"name,omitzero"`
	AvatarETag   Optional[string] `json:"avatarETag,omitzero"`
	AvatarOrigin Optional[string] `json:"avatarOrigin,omitzero"`

	// Inactive is never sent; the server's filter uses it.
	Inactive bool `json:"-"`
}

// listAll responds to sessions/list.all: every session of the workspace.
func (w *Workspace) listAll(x *exchange) *response {
	return w.list(x, w.store.filter, func(r *row) []byte { return r.json })
}

// listOwn responds to sessions/list: the caller's own sessions, without _user,
// and, where the release says so, whether the caller's token is theirs.
func (w *Workspace) listOwn(x *exchange) *response {
	own := func(filter string) []*row { return w.store.own(x.user.UserID, filter) }
	return w.list(x, own, func(r *row) []byte {
		s := r.Session
		s.User = None[User]()
		if w.behavior.marksCurrent {
			s.Current = Some(r.LoginToken == x.token)
		}
		return encodeJSON(s)
	})
}

// list cuts a page from the matching rows in descending order of login.
func (w *Workspace) list(x *exchange, find func(filter string) []*row, encode func(*row) []byte) *response {
	offset, count := w.pagination(x.params)
	filter := x.params.Get("filter")
	switch {
	case x.params.Has("sort"):
		return invalidSort(x.params.Get("sort"))
	case strings.ContainsRune(filter, 0):
		return plainError(http.StatusBadRequest, "Regular expression cannot contain an embedded null byte")
	case count == 0:
		return plainError(http.StatusBadRequest, "the limit must be positive")
	case count < 0:
		return negativeLimit(count)
	}
	w.reconnect(x.now, 1)
	found := find(filter)
	var swap *rand.Rand
	if w.options.SwapTies {
		swap = rand.New(rand.NewPCG(w.options.Seed, uint64(x.number))) //nolint:gosec // reproducible, not secret
	}
	return listResponse("sessions", page(found, offset, count, swap), encode, len(found), offset, count)
}

// infoAdmin responds to sessions/info.admin: the newest connection that the id, taken
// as a regular expression, matches.
func (w *Workspace) infoAdmin(x *exchange) *response {
	pattern, err := regexp.Compile("(?i)" + x.params.Get("sessionId"))
	if err != nil {
		return plainError(http.StatusBadRequest, "Regular expression is invalid: "+err.Error())
	}
	found := w.store.search(func(r *row) bool { return pattern.MatchString(r.searchTerm()) })
	if len(found) == 0 {
		return sessionNotFound
	}
	body := slices.Concat(bytes.TrimSuffix(found[0].json, []byte("}")), []byte(`,"success":true}`))
	return &response{status: http.StatusOK, contentType: typeJSON, body: body}
}

// logout responds to sessions/logout: it ends the sessions of any user's token. An
// id that was ended before is no error.
func (w *Workspace) logout(x *exchange) *response {
	id := x.params.Get("sessionId")
	if !w.store.logout(id) && !w.store.ended[id] {
		return sessionNotFound
	}
	return jsonResponse(http.StatusOK, fields{"sessionId": id, "success": true})
}

var sessionNotFound = plainError(http.StatusNotFound, "Session not found")

// reconnections make the connections that [Reconnections] ask for.
type reconnections struct {
	Reconnections
	generator generator
	// last is when those per second were made.
	last time.Time
	// due is how many, or parts of one, have not been made yet.
	due float64
}

func newReconnections(o Options, now time.Time) reconnections {
	rng := rand.New(rand.NewPCG(o.Seed, 2)) //nolint:gosec // reproducible, not secret
	return reconnections{Reconnections: o.Reconnections, generator: generator{rng: rng}, last: now}
}

// reconnect has clients connect again: so many per second since the last time, and so many per page. Of those that
// nobody saw, as many as there are clients leave nothing to distinguish. Each is later than all others: at the same
// millisecond, which tests whose clock stands still would always meet, the connections of a page would be one tie.
func (w *Workspace) reconnect(now time.Time, pages float64) {
	c, clients := &w.reconnections, len(w.store.rows)
	c.due += min(c.PerSecond*now.Sub(c.last).Seconds(), float64(clients)) + c.PerPage*pages
	c.last = now
	for ; c.due >= 1 && clients > 0; c.due-- {
		at := now.Add(-time.Duration(c.due-1) * time.Millisecond)
		if newest := w.store.rows[0].LoginAt.Value; !at.After(newest) {
			at = newest.Add(time.Millisecond)
		}
		w.store.relogin(c.generator.rng.IntN(clients), c.generator.id(), at)
	}
}
