// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// reconnected is a workspace of three clients, of which that of Ann's first
// session has connected twice more.
func reconnected(t *testing.T) *rocketchattest.Workspace {
	t.Helper()
	row := func(id, user string, ago time.Duration) rocketchattest.Session {
		return rocketchattest.Session{
			SessionID: rocketchattest.Some(id), ID: rocketchattest.Some(id), UserID: rocketchattest.Some(user),
			LoginAt: rocketchattest.Some(noon.Add(-ago)),
		}
	}
	w := rocketchattest.New(rocketchattest.Options{Clock: clocktest.NewFake(noon), Sessions: []rocketchattest.Session{
		row("ann1", "ann", 3*time.Hour), row("ann2", "ann", 4*time.Hour), row("bob1", "bob", 2*time.Hour),
	}})
	for i, id := range []string{"ann1b", "ann1c"} {
		if !w.Relogin("ann1", id, noon.Add(time.Duration(i-2)*time.Minute)) {
			t.Fatal("the client is not found by the ID of its first connection")
		}
	}
	return w
}

// TestReconnections_oldConnectionsAreFound: filter and info.admin search all connections of a
// token, and return the newest of those that match.
func TestReconnections_oldConnectionsAreFound(t *testing.T) {
	t.Parallel()
	w := reconnected(t)
	for filter, want := range map[string][]string{
		"":      {"ann1c", "bob1", "ann2"},
		"ann":   {"ann1c", "ann2"}, // the user ID
		"ann1":  {"ann1c"},
		"ann1b": {"ann1b"},
		"bob1":  {"bob1"},
	} {
		if got := ids(get(t, w, "filter="+filter).Sessions); !slices.Equal(got, want) {
			t.Errorf("filter=%s returns %v, want %v", filter, got, want)
		}
	}
	for pattern, want := range map[string]string{"ann1b": "ann1b", "ann1%5E?": "ann1c", "^ann": "ann1c", "bob": "bob1"} {
		var got rocketchattest.Session
		if err := json.Unmarshal([]byte(call(t, w, "sessions/info.admin?sessionId="+pattern, "none").body), &got); err != nil {
			t.Fatal(err)
		}
		if got.SessionID.Value != want {
			t.Errorf("info.admin of %s returns %q, want %q", pattern, got.SessionID.Value, want)
		}
	}
}

// TestConnections_order: a client found by an old connection has
// that one's place.
func TestConnections_order(t *testing.T) {
	t.Parallel()
	w := reconnected(t)
	device := rocketchattest.Some(rocketchattest.Device{Name: rocketchattest.Some("Rare")})
	login := func(id, token string, ago time.Duration, device rocketchattest.Optional[rocketchattest.Device]) {
		w.Login(rocketchattest.Session{
			SessionID: rocketchattest.Some(id), LoginToken: token, Device: device, LoginAt: rocketchattest.Some(noon.Add(-ago)),
		})
	}
	login("old", "token", 3*time.Hour, device)
	login("other", "", 2*time.Hour, device)
	login("present", "token", time.Second, rocketchattest.None[rocketchattest.Device]())
	if got, want := ids(get(t, w, "filter=rare").Sessions), []string{"other", "old"}; !slices.Equal(got, want) {
		t.Errorf("the filter returns %v, want %v", got, want)
	}
	if got, want := ids(get(t, w, "count=1").Sessions), []string{"present"}; !slices.Equal(got, want) {
		t.Errorf("the list begins with %v, want %v", got, want)
	}
}

// TestLogout_byAnOldConnection ends what the token has now.
func TestLogout_byAnOldConnection(t *testing.T) {
	t.Parallel()
	w := reconnected(t)
	logout := func(id string) int {
		r := request(t, w, "http://workspace.invalid/api/v1/sessions/logout", "none")
		r.Method, r.Body = http.MethodPost, io.NopCloser(strings.NewReader(fmt.Sprintf(`{"sessionId":%q}`, id)))
		r.Header.Set("Content-Type", "application/json")
		got, err := do(w.Transport(), r)
		if err != nil {
			t.Fatal(err)
		}
		return got.status
	}
	for range 2 { // ending it again is no error
		if got := logout("ann1"); got != http.StatusOK {
			t.Errorf("logout returns %d", got)
		}
	}
	if got, want := ids(w.Sessions()), []string{"bob1", "ann2"}; !slices.Equal(got, want) {
		t.Errorf("%v are left, want %v", got, want)
	}
	for _, id := range []string{"ann1", "ann1b", "ann1c"} {
		if got := call(t, w, "sessions/info.admin?sessionId="+id, "none").status; got != http.StatusNotFound {
			t.Errorf("info.admin of %s returns %d after the logout", id, got)
		}
	}
}

// TestFilter_looksUpFiveUsers: active users and bots who have a username.
func TestFilter_looksUpFiveUsers(t *testing.T) {
	t.Parallel()
	kind := rocketchattest.Some[string]
	var users []rocketchattest.DirectoryUser
	var rows []rocketchattest.Session
	add := func(id string, kind rocketchattest.Optional[string], edit func(*rocketchattest.DirectoryUser)) {
		u := rocketchattest.DirectoryUser{
			ID: id, Username: rocketchattest.Some("u" + id), Name: rocketchattest.Some("Smith"), Type: kind, Active: rocketchattest.Some(true),
		}
		if edit != nil {
			edit(&u)
		}
		users = append(users, u)
		rows = append(rows, rocketchattest.Session{
			SessionID: rocketchattest.Some("s" + id), UserID: rocketchattest.Some(id),
			LoginAt: rocketchattest.Some(noon.Add(-time.Duration(len(rows)) * time.Minute)),
		})
	}
	add("app", kind("app"), nil)
	add("typeless", rocketchattest.None[string](), nil)
	add("unknown", kind("unknown"), nil)
	add("inactive", kind("user"), func(u *rocketchattest.DirectoryUser) { u.Active = rocketchattest.Some(false) })
	add("activeless", kind("user"), func(u *rocketchattest.DirectoryUser) { u.Active = rocketchattest.None[bool]() })
	add("nameless", kind("user"), func(u *rocketchattest.DirectoryUser) { u.Username = rocketchattest.None[string]() })
	add("0", kind("bot"), nil)
	for i := 1; i < 6; i++ {
		add(fmt.Sprint(i), kind("user"), nil)
	}
	w := rocketchattest.New(rocketchattest.Options{Clock: clocktest.NewFake(noon), Sessions: rows, Users: users})
	if diff := cmp.Diff([]string{"s0", "s1", "s2", "s3", "s4"}, ids(get(t, w, "filter=smith").Sessions)); diff != "" {
		t.Errorf("the filter returns (-want +got):\n%s", diff)
	}
}

// TestReconnections_moveRows turns the clock and reads pages: so many clients connect
// again, and nobody is lost or listed twice.
func TestReconnections_moveRows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rate      rocketchattest.Reconnections
		pages     int
		between   time.Duration
		connected int
	}{
		{rocketchattest.Reconnections{}, 4, time.Minute, 0},
		{rocketchattest.Reconnections{PerPage: 3}, 4, 0, 12},
		{rocketchattest.Reconnections{PerPage: 0.5}, 5, time.Hour, 2},
		{rocketchattest.Reconnections{PerSecond: 0.5}, 4, 5 * time.Second, 10},
		{rocketchattest.Reconnections{PerSecond: 1, PerPage: 1}, 4, 5 * time.Second, 24},
		// A workspace that nobody looked at has no more to make up for than it has clients.
		{rocketchattest.Reconnections{PerSecond: 1}, 1, 24 * time.Hour, 200},
	} {
		hands := clocktest.NewFake(noon)
		w := rocketchattest.New(rocketchattest.Options{Clock: hands, Synthetic: 200, Reconnections: test.rate})
		before := w.Sessions()
		for range test.pages {
			hands.Advance(test.between)
			get(t, w, "count=1")
		}
		after := w.Sessions()
		if len(after) != len(before) {
			t.Errorf("%+v: %d sessions are listed, %d were", test.rate, len(after), len(before))
		}
		owners := func(rows []rocketchattest.Session) []string {
			var owners []string
			for _, s := range rows {
				owners = append(owners, s.UserID.Value)
			}
			slices.Sort(owners)
			return owners
		}
		if diff := cmp.Diff(owners(before), owners(after)); diff != "" {
			t.Errorf("%+v: owners (-before +after):\n%s", test.rate, diff)
		}
		known := ids(before)
		connections := test.connected
		for i, s := range after {
			if slices.Contains(known, s.SessionID.Value) {
				break
			}
			connections--
			if i > 0 && !s.LoginAt.Value.Before(after[i-1].LoginAt.Value) {
				t.Errorf("%+v: row %d connected at the time of the one before", test.rate, i)
			}
		}
		// A client can connect more than once.
		if connections < 0 || test.connected > 0 && connections > test.connected/2 {
			t.Errorf("%+v: %d of %d connections are on top of the list", test.rate, test.connected-connections, test.connected)
		}
		if got := after[0].LoginAt.Value; got.After(hands.Now().Add(time.Second)) {
			t.Errorf("%+v: the newest connection is of %s, and it is %s", test.rate, got, hands.Now())
		}
	}
}
