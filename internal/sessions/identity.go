// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"strconv"
	"strings"
	"time"
)

// Identity tells one row of the list from another, when the list is read in
// pages that overlap. It is comparable. Rows that one answer holds are always
// different sessions, even if their identities are equal: an answer is one
// snapshot.
type Identity struct {
	// id is the session id or else the id. It is that of a connection, and two
	// login tokens used on one connection give two rows with one session id, so
	// that user and login time belong to the identity.
	id, user string
	// login is the login time in microseconds.
	login int64
	// fields is everything that the server keeps of a row without ids, which
	// releases before 6.6 list.
	fields string
}

// IdentityOf returns the identity of a row.
func IdentityOf(s *Session) Identity {
	var of Identity
	for _, id := range []*string{s.SessionID, s.ID} {
		if id != nil && *id != "" {
			of.id = *id
			break
		}
	}
	if of.id == "" {
		of.fields = describe(s)
		return of
	}
	if s.UserID != nil {
		of.user = *s.UserID
	}
	if s.LoginAt != nil {
		of.login = s.LoginAt.UnixMicro()
	}
	return of
}

// describe quotes every part, so that a differently divided text cannot equal it.
func describe(s *Session) string {
	var b strings.Builder
	for _, field := range everyField() {
		if identifies(&field) {
			b.WriteString(" " + quote(&field, s))
		}
	}
	return b.String()
}

// identifies leaves out the ids, which are missing or empty, and what the server
// joins to a row as it answers: the user's name may change between two pages.
func identifies(f *Field) bool {
	switch f.Path {
	case "id", "session_id", "user", "current":
		return false
	default:
		return !strings.HasPrefix(f.Path, "user.")
	}
}

// quote writes a value, or - for a missing one, without any space that a text
// of the server's could move.
func quote(f *Field, s *Session) string {
	switch {
	case f.Text != nil:
		if text := f.Text(s); text != nil {
			return strconv.Quote(*text)
		}
	case f.Time != nil:
		if at := f.Time(s); at != nil {
			return at.UTC().Format(time.RFC3339Nano)
		}
	case f.Bool != nil:
		if truth := f.Bool(s); truth != nil {
			return strconv.FormatBool(*truth)
		}
	default:
		return strconv.FormatBool(f.Object(s))
	}
	return "-"
}
