// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"strconv"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Identity distinguishes the rows of overlapping pages. It is comparable. Rows of one
// response are always different sessions, even if their identities are equal, because a
// response is one snapshot.
type Identity struct {
	// id is the session ID or else the ID. It identifies a connection, and two login
	// tokens used on one connection give two rows with one session ID, so user and login
	// time belong to the identity.
	id, user string
	// login is the login time in microseconds.
	login int64
	// fields is everything that the server stores of a row without IDs, which releases
	// before 6.6 list.
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

// describe quotes every part, so that text cannot move from one part to another.
func describe(s *Session) string {
	var b strings.Builder
	for _, field := range table.From(everyField(), fromRow) {
		b.WriteString(" " + quote(&field, s))
	}
	return b.String()
}

// quote writes a value, or - for a missing one; quoting keeps the parts separate.
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
