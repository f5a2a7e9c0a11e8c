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
	var device Device
	if s.Device != nil {
		device = *s.Device
	}
	login := "-"
	if s.LoginAt != nil {
		login = s.LoginAt.UTC().Format(time.RFC3339Nano)
	}
	parts := []string{"", quote(s.UserID), login}
	for _, text := range []Text{
		device.Type, device.Name, device.Version, device.LongVersion, device.OS.Value.Name, device.OS.Value.Version,
	} {
		parts = append(parts, quote(text.Pointer()))
	}
	return strings.Join(parts, " ")
}

func quote(text *string) string {
	if text == nil {
		return "-"
	}
	return strconv.Quote(*text)
}
