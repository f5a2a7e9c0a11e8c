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
)

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
	w.reconnectForPage(x.now)
	found := find(filter)
	var rows [][]byte
	for _, r := range page(found, offset, count, w.swap(x)) {
		rows = append(rows, encode(r))
	}
	return listResponse("sessions", rows, len(found), offset, count)
}

// swap is the order of ties for one request, nil for the constant one.
func (w *Workspace) swap(x *exchange) *rand.Rand {
	if !w.options.SwapTies {
		return nil
	}
	return rand.New(rand.NewPCG(w.options.Seed, uint64(x.number))) //nolint:gosec // reproducible, not secret
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
		return sessionNotFound()
	}
	body := slices.Concat(bytes.TrimSuffix(found[0].json, []byte("}")), []byte(`,"success":true}`))
	return &response{status: http.StatusOK, contentType: typeJSON, body: body}
}

// logout responds to sessions/logout: it ends the sessions of any user's token. An
// id that was ended before is no error.
func (w *Workspace) logout(x *exchange) *response {
	id := x.params.Get("sessionId")
	if !w.store.knows(id) {
		return sessionNotFound()
	}
	w.store.logout(id)
	return jsonResponse(http.StatusOK, struct {
		SessionID string `json:"sessionId"`
		Success   bool   `json:"success"`
	}{id, true})
}

func sessionNotFound() *response { return plainError(http.StatusNotFound, "Session not found") }
