// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
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

// TestOrder_isTotal has a ladder of sessions without ids, each of which differs
// from the one before in one thing only, lowest first.
func TestOrder_isTotal(t *testing.T) {
	t.Parallel()
	type S = sessions.Session
	type D = sessions.Device
	at, later := time.Unix(1, 0), time.Unix(2, 0)
	os := func(os sessions.OS) *D { return &D{OS: table.Some(os)} }
	ladder := []*S{
		{LoginAt: &at},
		{LoginAt: &at, Current: new(false)},
		{LoginAt: &at, Current: new(true)},
		{LoginAt: &at, User: &sessions.User{}},
		{LoginAt: &at, User: &sessions.User{AvatarETag: table.Some("a")}},
		{LoginAt: &at, User: &sessions.User{Name: table.Some("a")}},
		{LoginAt: &at, User: &sessions.User{Username: table.Some("a")}},
		{LoginAt: &at, Device: &D{}},
		{LoginAt: &at, Device: os(sessions.OS{})},
		{LoginAt: &at, Device: os(sessions.OS{Version: table.Some("1")})},
		{LoginAt: &at, Device: os(sessions.OS{Name: table.Some("a")})},
		{LoginAt: &at, Device: &D{LongVersion: table.Some("1")}},
		{LoginAt: &at, Device: &D{Version: table.Some("1")}},
		{LoginAt: &at, Device: &D{Name: table.Some("a")}},
		{LoginAt: &at, Device: &D{Type: table.Some("a")}},
		{LoginAt: &at, IP: new("")},
		{LoginAt: &at, IP: new("::1")},
		{LoginAt: &at, Host: new("a")},
		{LoginAt: &at, UserID: new("a")},
		{LoginAt: &at, ID: new("a")},
		{LoginAt: &at, SessionID: new("a")},
	}
	newest, byName := sessions.Comparison(nil), sessions.Comparison([]sessions.Order{{Key: "nickname"}})
	for i, a := range ladder {
		for j, b := range ladder {
			want := min(max(i-j, -1), 1)
			copied := *b
			if got := newest(a, &copied); got != want {
				t.Errorf("rungs %d and %d compare as %d", i, j, got)
			}
			if got := byName(a, &copied); got != want {
				t.Errorf("rungs %d and %d compare as %d by no key", i, j, got)
			}
		}
	}
	if newest(&S{LoginAt: &later}, &S{LoginAt: &at}) != -1 {
		t.Error("the later login is not first")
	}
	if byName(&S{LoginAt: &later}, &S{LoginAt: &at}) != 1 {
		t.Error("where no key decides, the login time does not")
	}
	for seed := range randtest.Seeds(t, 1) {
		sorted := slices.Clone(ladder)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(sorted), func(i, j int) { sorted[i], sorted[j] = sorted[j], sorted[i] })
		sessions.Sort(sorted, nil)
		if !slices.Equal(sorted, ladder) {
			t.Error("a shuffled ladder did not sort back")
		}
	}
}
