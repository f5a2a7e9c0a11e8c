// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// row is a listed session, encoded before anybody measures how long a list takes.
type row struct {
	Session
	json []byte
	// older are the earlier connections of a listed row's token, newest first.
	older []*row
}

// at is the login time in milliseconds. A row without one is older than all
// others, as MongoDB sorts null.
func (r *row) at() int64 { return r.LoginAt.Value.UnixMilli() }

// searchTerm is the string that the server builds at login and filters by:
// device name, device type, name of the operating system, session id and user
// id, with nothing between them.
func (r *row) searchTerm() string {
	d := r.Device.Value
	return d.Name.Value + d.Type.Value + d.OS.Value.Name.Value + r.SessionID.Value + r.UserID.Value
}

// newest is the newest connection of a listed row's token that matches, or nil.
func (r *row) newest(matches func(*row) bool) *row {
	if matches(r) {
		return r
	}
	if at := slices.IndexFunc(r.older, matches); at >= 0 {
		return r.older[at]
	}
	return nil
}

// store is the list of sessions, kept in the order that pages are cut from.
type store struct {
	rows []*row
	// ended are the ids of all connections that were alive.
	ended map[string]bool
	users directory
	// found is the last filter's result; its rows are nil after a change.
	found struct {
		filter string
		rows   []*row
	}
}

func newStore(users directory, sessions []Session) *store {
	s := &store{rows: make([]*row, 0, len(sessions)), ended: map[string]bool{}, users: users}
	for _, session := range sessions {
		s.login(session)
	}
	return s
}

func newestFirst(a, b *row) int { return cmp.Compare(b.at(), a.at()) }

// compareRows puts the newest login first; ties go by session id.
func compareRows(a, b *row) int {
	return cmp.Or(newestFirst(a, b), strings.Compare(a.SessionID.Value, b.SessionID.Value))
}

// login lists a session, as a connection of its token.
func (s *store) login(session Session) {
	if user, ok := session.User.Get(); ok {
		s.users.learn(session.UserID.Value, user)
	}
	at := -1
	if session.LoginToken != "" {
		at = slices.IndexFunc(s.rows, func(r *row) bool { return r.LoginToken == session.LoginToken })
	}
	s.connect(at, session)
}

// connect adds a connection to the token at a place of the list, or a token at
// place -1. The list shows the newest connection alone.
func (s *store) connect(place int, session Session) {
	s.found.rows = nil
	r := &row{Session: session, json: encodeJSON(session)}
	if place >= 0 {
		listed := s.rows[place]
		s.rows = slices.Delete(s.rows, place, place+1)
		connections := slices.Concat([]*row{r, listed}, listed.older)
		slices.SortStableFunc(connections, newestFirst)
		listed.older = nil
		r = connections[0]
		r.older = connections[1:]
	}
	place, _ = slices.BinarySearchFunc(s.rows, r, compareRows)
	s.rows = slices.Insert(s.rows, place, r)
}

// find is the place of the token that a connection belongs to: the first, where
// tokens share a connection. It is -1 when there is none.
func (s *store) find(id string) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(s.rows, func(r *row) bool {
		return r.newest(func(connection *row) bool { return connection.SessionID.Value == id }) != nil
	})
}

// logout ends all sessions of the token that a connection belongs to, and reports
// whether there was one to end.
func (s *store) logout(id string) bool {
	at := s.find(id)
	if at < 0 {
		return false
	}
	r := s.rows[at]
	s.rows = slices.Delete(s.rows, at, at+1)
	s.found.rows = nil
	s.ended[r.SessionID.Value] = true
	for _, connection := range r.older {
		s.ended[connection.SessionID.Value] = true
	}
	return true
}

// relogin connects the token at a place of the list again, under a new id.
func (s *store) relogin(place int, newID string, at time.Time) {
	session := s.rows[place].Session
	session.SessionID, session.ID = Some(newID), Some(newID)
	session.LoginAt, session.LogoutAt = Some(at), None[time.Time]()
	s.connect(place, session)
}

// fold is one spelling of all texts that differ in case alone, as PCRE ignores
// case: K, k and the Kelvin sign are one.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// search lists of each token the newest connection that matches. The server
// searches all connections, and groups those that it has found by token.
func (s *store) search(matches func(*row) bool) []*row {
	rows := []*row{}
	for _, listed := range s.rows {
		if r := listed.newest(matches); r != nil {
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, compareRows)
	return rows
}

// filter lists the sessions whose search term contains a text, or whose user is
// one of the five that do.
func (s *store) filter(text string) []*row {
	if text == "" {
		return s.rows
	}
	if s.found.filter == text && s.found.rows != nil {
		return s.found.rows
	}
	folded := fold(text)
	users := s.users.find(folded)
	s.found.filter, s.found.rows = text, s.search(func(r *row) bool {
		return users[r.UserID.Value] || strings.Contains(fold(r.searchTerm()), folded)
	})
	return s.found.rows
}

// own lists a user's sessions whose search term contains a text.
func (s *store) own(userID, text string) []*row {
	folded := fold(text)
	return s.search(func(r *row) bool { return r.UserID.Value == userID && strings.Contains(fold(r.searchTerm()), folded) })
}

// page cuts rows from a list; swap, when not nil, shuffles the rows of equal
// login time first.
func page(rows []*row, offset, count int, swap *rand.Rand) []*row {
	from, to := bounds(len(rows), offset, count)
	if swap == nil || from == to {
		return rows[from:to]
	}
	first, last := from, to // with the ties that reach beyond the page
	for first > 0 && rows[first-1].at() == rows[first].at() {
		first--
	}
	for last < len(rows) && rows[last].at() == rows[last-1].at() {
		last++
	}
	shuffled := slices.Clone(rows[first:last])
	swap.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	slices.SortStableFunc(shuffled, newestFirst)
	return shuffled[from-first : to-first]
}

// bounds are those of a page of a list of n.
func bounds(n, offset, count int) (from, to int) {
	from = min(max(offset, 0), n)
	return from, min(from+count, n)
}
