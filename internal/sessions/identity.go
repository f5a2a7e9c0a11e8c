// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"strconv"
	"strings"
	"time"
)

// Identity returns what tells one session from another, to drop the
// duplicates that a list read in pages contains: the session id, or else the
// id, or else, for the rows without either that releases before 6.6 list, the
// user with login time and device.
func Identity(s *Session) string {
	for _, id := range []*string{s.SessionID, s.ID} {
		if id != nil && *id != "" {
			return *id
		}
	}
	return describe(s)
}

// describe starts with a space, which no id has, and quotes every part, so
// that neither an id nor a differently divided text can equal it.
func describe(s *Session) string {
	var b strings.Builder
	for _, field := range table() {
		if field.identifies() {
			b.WriteString(" " + field.quote(s))
		}
	}
	return b.String()
}

// identifies leaves out what the server joins to a row as it answers, such as
// the user's name, which may change between two pages.
func (f *Field) identifies() bool {
	return f.Path == "user_id" || f.Path == "login_at" || f.Path == "device" || strings.HasPrefix(f.Path, "device.")
}

// quote writes a value, or - for a missing one, without any space that a text
// of the server's could move.
func (f *Field) quote(s *Session) string {
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
