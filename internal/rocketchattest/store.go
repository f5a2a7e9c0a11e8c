// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// row is a listed session, encoded once.
type row struct {
	// at is the login time in milliseconds; a row without one sorts as MongoDB
	// sorts null, after all others in descending order.
	at     int64
	id     string
	userID string
	token  string
	json   []byte
	// search is the folded search string.
	search string
	// connections are the ids of the token's sessions that are not listed.
	connections []string
}

// store is the list of sessions, kept in the order that pages are cut from.
type store struct {
	rows []*row
	// byID finds the listed row of a session id, which may be that of a newer
	// connection of the same token; the newest where tokens share a connection.
	byID map[string]*row
	// shared are ids that more than one row may have.
	shared  map[string]bool
	byToken map[string]*row
	ended   map[string]bool
	users   directory
	scratch []byte

	// version changes with the list; found is the last filter's result.
	version uint64
	found   struct {
		filter  string
		version uint64
		rows    []*row
	}
}

func newStore(users directory, sessions []Session) *store {
	s := &store{
		rows:    make([]*row, 0, len(sessions)),
		byID:    make(map[string]*row, len(sessions)),
		shared:  map[string]bool{},
		byToken: map[string]*row{},
		ended:   map[string]bool{},
		users:   users,
	}
	for i := range sessions {
		if r, ok := s.admit(&sessions[i]); ok {
			s.rows = append(s.rows, r)
		}
	}
	slices.SortFunc(s.rows, compareRows)
	return s
}

// compareRows puts the newest login first; ties go by session id.
func compareRows(a, b *row) int {
	return cmp.Or(cmp.Compare(b.at, a.at), strings.Compare(a.id, b.id))
}

// login lists a session.
func (s *store) login(session *Session) {
	s.version++
	r, ok := s.admit(session)
	if !ok {
		return
	}
	at, _ := slices.BinarySearchFunc(s.rows, r, compareRows)
	s.rows = slices.Insert(s.rows, at, r)
}

// admit makes a session known and returns its row, which is false when a newer
// connection of its token is the one that is listed.
func (s *store) admit(session *Session) (*row, bool) {
	s.scratch = session.appendJSON(s.scratch[:0])
	r := &row{
		at:     math.MinInt64,
		id:     session.SessionID.Value,
		userID: session.UserID.Value,
		token:  session.LoginToken,
		json:   bytes.Clone(s.scratch),
		search: fold(session.searchTerm()),
	}
	if at, ok := session.LoginAt.Get(); ok {
		r.at = at.UnixMilli()
	}
	if user, ok := session.User.Get(); ok {
		s.users.learn(r.userID, user)
	}
	if r.token != "" {
		if other, ok := s.byToken[r.token]; ok {
			return s.connect(other, r)
		}
		s.byToken[r.token] = r
	}
	s.know(r, r.id)
	return r, true
}

// connect joins a further connection to its token's row.
func (s *store) connect(listed, r *row) (*row, bool) {
	if r.at < listed.at {
		listed.connections = append(listed.connections, r.id)
		s.know(listed, r.id)
		return nil, false
	}
	s.drop(listed)
	s.byToken[r.token] = r
	r.connections = slices.Concat(listed.connections, []string{listed.id})
	s.know(r, r.id)
	for _, id := range r.connections {
		s.know(r, id)
	}
	return r, true
}

func (s *store) know(r *row, id string) {
	if id == "" {
		return
	}
	delete(s.ended, id)
	if other, ok := s.byID[id]; ok && other != r && other.id == r.id {
		s.shared[id] = true
		if other.at > r.at {
			return
		}
	}
	s.byID[id] = r
}

// drop takes a row off the list.
func (s *store) drop(r *row) {
	if at := slices.Index(s.rows, r); at >= 0 {
		s.rows = slices.Delete(s.rows, at, at+1)
	}
}

// logout ends all sessions of the token that a session belongs to, and reports
// whether there was one to end.
func (s *store) logout(id string) bool {
	r, ok := s.byID[id]
	if !ok {
		return false
	}
	s.version++
	at, found := slices.BinarySearchFunc(s.rows, r, compareRows)
	if found && s.rows[at] == r {
		s.rows = slices.Delete(s.rows, at, at+1)
	} else {
		s.drop(r)
	}
	for _, connection := range slices.Concat(r.connections, []string{r.id}) {
		delete(s.byID, connection)
		s.ended[connection] = true
		if s.shared[connection] {
			s.uncover(connection)
		}
	}
	delete(s.byToken, r.token)
	return true
}

// uncover finds the row of another token that shares a connection, now that
// the newest of them is gone.
func (s *store) uncover(id string) {
	for _, r := range s.rows {
		if r.id == id {
			s.know(r, id)
			return
		}
	}
}

// relogin moves a session to the top under a new id.
func (s *store) relogin(id, newID string, at time.Time) bool {
	r, ok := s.byID[id]
	if !ok {
		return false
	}
	session := r.session()
	s.logout(id)
	session.SessionID, session.ID, session.LoginToken = Some(newID), Some(newID), ""
	session.LoginAt = Some(at)
	s.login(&session)
	return true
}

// editSessions changes the listed sessions of a user.
func (s *store) editSessions(userID string, edit func(*Session)) {
	s.version++
	for _, r := range s.rows {
		if r.userID != userID {
			continue
		}
		session := r.session()
		edit(&session)
		r.json = session.appendJSON(nil)
	}
}

// knows tells whether a session id is or was alive.
func (s *store) knows(id string) bool {
	_, alive := s.byID[id]
	return alive || s.ended[id]
}

// session decodes a row. What was encoded here decodes without error.
func (r *row) session() Session {
	var s Session
	_ = json.Unmarshal(r.json, &s)
	s.LoginToken = r.token
	return s
}

// page cuts rows from a list; swap, when not nil, shuffles the rows of equal
// login time first.
func page(rows []*row, offset, count int64, swap *rand.Rand) []*row {
	from := min(max(offset, 0), int64(len(rows)))
	to := min(from+count, int64(len(rows)))
	if swap == nil || from == to {
		return rows[from:to]
	}
	first, last := from, to
	for first > 0 && rows[first-1].at == rows[first].at {
		first--
	}
	for last < int64(len(rows)) && rows[last].at == rows[last-1].at {
		last++
	}
	shuffled := slices.Clone(rows[first:last])
	shuffleTies(shuffled, swap, func(a, b *row) bool { return a.at == b.at })
	return shuffled[from-first : to-first]
}
