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
	// connections are the ids of the token's sessions that are not listed.
	connections []string
}

// at is the login time in milliseconds. A row without one is older than all
// others, as MongoDB sorts null.
func (r *row) at() int64 { return r.LoginAt.Value.UnixMilli() }

// store is the list of sessions, kept in the order that pages are cut from.
type store struct {
	rows  []*row
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

// compareRows puts the newest login first; ties go by session id.
func compareRows(a, b *row) int {
	return cmp.Or(cmp.Compare(b.at(), a.at()), strings.Compare(a.SessionID.Value, b.SessionID.Value))
}

// login lists a session, and of a token's connections the newest alone.
func (s *store) login(session Session) {
	s.found.rows = nil
	r := &row{Session: session, json: encodeJSON(session)}
	if user, ok := r.User.Get(); ok {
		s.users.learn(r.UserID.Value, user)
	}
	if r.LoginToken != "" {
		same := func(other *row) bool { return other.LoginToken == r.LoginToken }
		if at := slices.IndexFunc(s.rows, same); at >= 0 {
			listed := s.rows[at]
			if r.at() < listed.at() {
				listed.connections = append(listed.connections, r.SessionID.Value)
				return
			}
			r.connections = slices.Concat(listed.connections, []string{listed.SessionID.Value})
			s.rows = slices.Delete(s.rows, at, at+1)
		}
	}
	at, _ := slices.BinarySearchFunc(s.rows, r, compareRows)
	s.rows = slices.Insert(s.rows, at, r)
}

// find is the place of the row that a session id belongs to, as the row's own or
// that of an older connection: the newest, where tokens share a connection. It is
// -1 when there is none.
func (s *store) find(id string) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(s.rows, func(r *row) bool {
		return r.SessionID.Value == id || slices.Contains(r.connections, id)
	})
}

// logout ends all sessions of the token that a session belongs to, and reports
// whether there was one to end.
func (s *store) logout(id string) bool {
	at := s.find(id)
	if at < 0 {
		return false
	}
	r := s.rows[at]
	s.rows = slices.Delete(s.rows, at, at+1)
	s.found.rows = nil
	for _, ended := range append(r.connections, r.SessionID.Value) {
		s.ended[ended] = true
	}
	return true
}

// relogin moves a session to the top under a new id.
func (s *store) relogin(id, newID string, at time.Time) bool {
	old := s.find(id)
	if old < 0 {
		return false
	}
	session := s.rows[old].Session
	s.logout(id)
	session.SessionID, session.ID, session.LoginToken = Some(newID), Some(newID), ""
	session.LoginAt = Some(at)
	s.login(session)
	return true
}

// editSessions changes the listed sessions of a user.
func (s *store) editSessions(userID string, edit func(*Session)) {
	for _, r := range s.rows {
		if r.UserID.Value == userID {
			edit(&r.Session)
			r.json = encodeJSON(r.Session)
		}
	}
	s.found.rows = nil
}

// knows tells whether a session id is or was alive.
func (s *store) knows(id string) bool { return s.ended[id] || s.find(id) >= 0 }

// fold is one spelling of all texts that differ in case alone, as PCRE ignores
// case: K, k and the Kelvin sign are one.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// filter lists the rows whose search term contains a text, or whose user is one
// of the five that do.
func (s *store) filter(text string) []*row {
	if text == "" {
		return s.rows
	}
	if s.found.filter == text && s.found.rows != nil {
		return s.found.rows
	}
	folded := fold(text)
	users := s.users.find(folded)
	rows := []*row{}
	for _, r := range s.rows {
		if users[r.UserID.Value] || strings.Contains(fold(r.searchTerm()), folded) {
			rows = append(rows, r)
		}
	}
	s.found.filter, s.found.rows = text, rows
	return rows
}

// own lists a user's rows whose search term contains a text.
func (s *store) own(userID, text string) []*row {
	folded := fold(text)
	var rows []*row
	for _, r := range s.rows {
		if r.UserID.Value == userID && strings.Contains(fold(r.searchTerm()), folded) {
			rows = append(rows, r)
		}
	}
	return rows
}

// page cuts rows from a list; swap, when not nil, shuffles the rows of equal
// login time first.
func page(rows []*row, offset, count int, swap *rand.Rand) []*row {
	from, to := bounds(len(rows), offset, count)
	if swap == nil || from == to {
		return rows[from:to]
	}
	first, last := from, to
	for first > 0 && rows[first-1].at() == rows[first].at() {
		first--
	}
	for last < len(rows) && rows[last].at() == rows[last-1].at() {
		last++
	}
	shuffled := slices.Clone(rows[first:last])
	for begin := 0; begin < len(shuffled); {
		end := begin + 1
		for end < len(shuffled) && shuffled[begin].at() == shuffled[end].at() {
			end++
		}
		tie := shuffled[begin:end]
		swap.Shuffle(len(tie), func(i, j int) { tie[i], tie[j] = tie[j], tie[i] })
		begin = end
	}
	return shuffled[from-first : to-first]
}

// bounds are those of a page of a list of n.
func bounds(n, offset, count int) (from, to int) {
	from = min(max(offset, 0), n)
	return from, min(from+count, n)
}
