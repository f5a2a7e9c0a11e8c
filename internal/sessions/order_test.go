// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func TestSort_keys(t *testing.T) {
	t.Parallel()
	at := func(seconds int64) *time.Time { return new(time.Unix(seconds, 0)) }
	session := func(id string, login *time.Time, host *string) *sessions.Session {
		return &sessions.Session{SessionID: &id, LoginAt: login, Host: host}
	}
	all := []*sessions.Session{
		session("b", at(20), new("Zebra")),
		session("a", at(20), new("apple")),
		session("e", nil, nil),
		session("c", at(30), new("")),
		session("d", at(10), new("\U0001F600")),
		session("f", at(10), new("\uFFFD")),
		session("g", at(15), nil),
	}
	for name, c := range map[string]struct {
		orders []sessions.Order
		want   string
	}{
		"default":                   {nil, "cabgdfe"},
		"empty":                     {[]sessions.Order{}, "cabgdfe"},
		"said default":              {sessions.DefaultOrder(), "cabgdfe"},
		"oldest first":              {[]sessions.Order{{Key: sessions.LoginAt}}, "edfgabc"},
		"null first, by code point": {[]sessions.Order{{Key: "host"}}, "egcbafd"},
		"null last":                 {[]sessions.Order{{Key: "host", Descending: true}}, "dfabceg"},
		"next order breaks ties":    {[]sessions.Order{{Key: sessions.LoginAt}, {Key: "host", Descending: true}}, "edfgabc"},
		"next order, ascending":     {[]sessions.Order{{Key: sessions.LoginAt}, {Key: "host"}}, "efdgbac"},
		"ties by session id":        {[]sessions.Order{{Key: "username", Descending: true}}, "abcdefg"},
		"session id descending":     {[]sessions.Order{{Key: "session_id", Descending: true}}, "gfedcba"},
		"the first of one key wins": {[]sessions.Order{{Key: "session_id"}, {Key: "session_id", Descending: true}}, "abcdefg"},
		"unknown key":               {[]sessions.Order{{Key: "nickname"}}, "abcdefg"},
	} {
		sorted := slices.Clone(all)
		sessions.Sort(sorted, c.orders)
		if got := ids(sorted); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func ids(all []*sessions.Session) string {
	var text string
	for _, s := range all {
		text += *s.SessionID
	}
	return text
}
