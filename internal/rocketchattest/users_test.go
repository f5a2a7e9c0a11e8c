// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// userList is the JSON of users.list and users.listByStatus.
type userList struct {
	Users                []rocketchattest.DirectoryUser
	Total, Count, Offset int
	Success              bool
}

const inOrder = "&sort=%7B%22_id%22%3A1%7D"

// getUsers reads a page of users as the account none.
func getUsers(t testing.TB, w *rocketchattest.Workspace, route string) userList {
	t.Helper()
	got := call(t, w, route, "none")
	var page userList
	if err := json.Unmarshal([]byte(got.body), &page); err != nil || !page.Success {
		t.Fatalf("%s: %d %s, %v", route, got.status, got.body, err)
	}
	return page
}

func userIDs(users []rocketchattest.DirectoryUser) []string {
	ids := make([]string, len(users))
	for i, u := range users {
		ids[i] = u.ID
	}
	return ids
}

// TestDirectory_pagesAddUp reads everybody at once and page by page.
func TestDirectory_pagesAddUp(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		w := rocketchattest.New(rocketchattest.Options{
			Release: release, Synthetic: 1000, Clock: clocktest.NewFake(noon), Seed: 3, SwapTies: true,
		})
		everybody := getUsers(t, w, "users.listByStatus?count=0"+inOrder)
		want := w.Directory()
		if release == rocketchattest.Release614 {
			want = slices.DeleteFunc(want, func(u rocketchattest.DirectoryUser) bool {
				return u.Username.State == rocketchattest.Absent && u.Name.State == rocketchattest.Absent &&
					u.Emails.State == rocketchattest.Absent
			})
		}
		if diff := cmp.Diff(want, everybody.Users); diff != "" {
			t.Errorf("%s (-directory +served):\n%s", release, diff)
		}
		if n := len(want); everybody.Total != n || everybody.Count != n || n < 250 {
			t.Errorf("%s: %d users, total %d, count %d", release, n, everybody.Total, everybody.Count)
		}
		var read []string
		for page := (userList{Total: 1}); len(read) < page.Total; {
			page = getUsers(t, w, "users.listByStatus?count=100000&offset="+itoa(len(read))+inOrder)
			read = append(read, userIDs(page.Users)...)
			if page.Count != len(page.Users) || page.Count > 100 || page.Count == 0 {
				t.Fatalf("%s: a page of %d users has count %d", release, len(page.Users), page.Count)
			}
		}
		if diff := cmp.Diff(userIDs(want), read); diff != "" {
			t.Errorf("%s (-directory +pages):\n%s", release, diff)
		}
	}
}

func itoa(n int) string { return string(must(json.Marshal(n))) }

// TestDirectory_fieldsFollowThePermissions looks at the names of the fields on the wire.
func TestDirectory_fieldsFollowThePermissions(t *testing.T) {
	t.Parallel()
	const everybody = "_id active avatarETag name nameInsensitive status type username"
	const full = "_id active avatarETag emails lastLogin name nameInsensitive roles status type username"
	const byStatus = "_id active avatarETag emails federated lastLogin name reason roles status type username"
	for _, test := range []struct{ account, route, fields string }{
		{"viewonly", "users.list", everybody},
		{"auditor", "users.list", full},
		{"none", "users.list", full},
		{"viewonly", "users.listByStatus", byStatus},
		{"none", "users.listByStatus", byStatus},
	} {
		for _, release := range rocketchattest.Releases() {
			w := rocketchattest.New(rocketchattest.Options{Release: release, Synthetic: 1000})
			got := call(t, w, test.route+"?count=0", test.account)
			var page struct{ Users []map[string]any }
			if err := json.Unmarshal([]byte(got.body), &page); err != nil {
				t.Fatal(err)
			}
			names := map[string]bool{}
			for _, u := range page.Users {
				for name := range u {
					names[name] = true
				}
			}
			if fields := strings.Join(slices.Sorted(maps.Keys(names)), " "); fields != test.fields {
				t.Errorf("%s %s as %s: fields %s, want %s", release, test.route, test.account, fields, test.fields)
			}
		}
	}
}

// TestDirectory_refusals goes through who may not list users, on the oldest and the
// newest releases.
func TestDirectory_refusals(t *testing.T) {
	t.Parallel()
	const unauthorized = `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`
	const bare614, bare90 = `{"success":false,"error":"unauthorized"}`, `{"success":false,"error":"forbidden"}`
	for _, test := range []struct {
		release              rocketchattest.Release
		outside              bool
		account, route, body string
		status               int
		counted              bool
	}{
		{rocketchattest.Release614, false, "deviceonly", "users.list", bare614, http.StatusForbidden, true},
		{rocketchattest.Release614, false, "deviceonly", "users.listByStatus", unauthorized, http.StatusForbidden, true},
		{rocketchattest.Release861, false, "deviceonly", "users.list", unauthorized, http.StatusForbidden, false},
		{rocketchattest.Release90, false, "deviceonly", "users.listByStatus", unauthorized, http.StatusForbidden, false},
		{rocketchattest.Release861, true, "guest", "users.list", bare614, http.StatusForbidden, true},
		{rocketchattest.Release90, true, "guest", "users.listByStatus", bare90, http.StatusForbidden, true},
		{rocketchattest.Release90, false, "guest", "users.listByStatus", "", http.StatusOK, true},
		{rocketchattest.Release90, true, "viewonly", "users.listByStatus", "", http.StatusOK, true},
		{
			rocketchattest.Release90, false, "nobody", "roles.list",
			`{"success":false,"error":"You must be logged in to do this."}`, http.StatusUnauthorized, false,
		},
		{rocketchattest.Release861, false, "noperm", "roles.list", "", http.StatusOK, true},
		{rocketchattest.Release614, false, "viewonly", "users.list?unknown=1", "", http.StatusOK, true},
		{
			rocketchattest.Release861, false, "viewonly", "users.list?unknown=1",
			`{"success":false,"error":"must NOT have additional properties","errorType":"error-invalid-params"}`, http.StatusBadRequest, false,
		},
		{
			rocketchattest.Release614, false, "viewonly", "users.listByStatus?unknown=1",
			`{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`,
			http.StatusBadRequest, true,
		},
	} {
		w := rocketchattest.New(rocketchattest.Options{Release: test.release, ViewOutsideRoomForUsers: test.outside})
		got := call(t, w, test.route, test.account)
		if got.status != test.status || test.body != "" && got.body != test.body {
			t.Errorf("%s %s as %s: %d %s, want %d %s", test.release, test.route, test.account, got.status, got.body, test.status, test.body)
		}
		if counted := got.header.Get("X-RateLimit-Limit") != ""; counted != test.counted {
			t.Errorf("%s %s as %s counts on the limiter: %t", test.release, test.route, test.account, counted)
		}
	}
}

// TestDirectory_routesHaveLimitsOfTheirOwn uses up one and then calls the others.
func TestDirectory_routesHaveLimitsOfTheirOwn(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{Clock: clocktest.NewFake(noon), RateLimit: rocketchattest.RateLimit{Calls: 2}})
	for i, want := range []int{http.StatusOK, http.StatusOK, http.StatusTooManyRequests} {
		if got := call(t, w, "users.list", "viewonly").status; got != want {
			t.Errorf("call %d: %d, want %d", i, got, want)
		}
	}
	for _, route := range []string{"users.listByStatus", "roles.list", "sessions/list.all", "sessions/list"} {
		if got := call(t, w, route, "viewonly").status; got != http.StatusOK {
			t.Errorf("%s after users.list was used up: %d", route, got)
		}
	}
	if got := call(t, w, "users.list", "none"); got.status != http.StatusOK || got.header.Get("X-RateLimit-Limit") != "" {
		t.Errorf("an account that bypasses the limit gets %d", got.status)
	}
}

// TestDirectory_countZero is everybody, whatever the upper limit, unless infinite
// counts are switched off.
func TestDirectory_countZero(t *testing.T) {
	t.Parallel()
	options := rocketchattest.Options{Synthetic: 1000, UpperCount: 20, DefaultCount: 30}
	w := rocketchattest.New(options)
	for query, want := range map[string]int{"count=0": len(w.Directory()), "": 20, "count=21": 20, "count=7": 7} {
		if got := getUsers(t, w, "users.listByStatus?"+query); len(got.Users) != want || got.Total != len(w.Directory()) {
			t.Errorf("%q: %d users of %d, want %d of %d", query, len(got.Users), got.Total, want, len(w.Directory()))
		}
	}
	options.DisallowInfiniteCount = true
	if got := getUsers(t, rocketchattest.New(options), "users.list?count=0"); len(got.Users) != 30 || got.Count != 30 {
		t.Errorf("without infinite counts count=0 is %d users, count %d, want 30", len(got.Users), got.Count)
	}
}

// TestDirectory_changes: sessions have the names of the users of their ids.
func TestDirectory_changes(t *testing.T) {
	t.Parallel()
	some := rocketchattest.Some[string]
	session := rocketchattest.Session{
		SessionID: some("s1"), ID: some("s1"), UserID: some("u1"), LoginAt: rocketchattest.Some(noon),
	}
	w := rocketchattest.New(rocketchattest.Options{
		Sessions: []rocketchattest.Session{session}, Users: []rocketchattest.DirectoryUser{},
	})
	type state struct{ inSession, listed string }
	now := func() state {
		s := state{inSession: "none"}
		if u, ok := get(t, w, "").Sessions[0].User.Get(); ok {
			s.inSession = u.Username.Value + "," + u.Name.Value
		}
		for _, u := range getUsers(t, w, "users.listByStatus?count=0").Users {
			s.listed += u.Username.Value + "," + u.Name.Value + "," + strings.Join(u.Roles.Value, "+") + "," +
				string(must(json.Marshal(u.Active.Value)))
		}
		return s
	}
	check := func(what string, want state) {
		t.Helper()
		if got := now(); got != want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	check("before", state{"none", ""})
	w.CreateUser(rocketchattest.DirectoryUser{ID: "u1", Username: some("ann"), Name: some("Ann"), Active: rocketchattest.Some(true)})
	check("created", state{"ann,Ann", "ann,Ann,,true"})
	w.CreateUser(rocketchattest.DirectoryUser{
		ID: "u1", Username: some("anna"), Name: some("Anna"), Roles: rocketchattest.Some([]string{"user", "admin"}),
		Active: rocketchattest.Some(false),
	})
	check("replaced", state{"anna,Anna", "anna,Anna,user+admin,false"})
	w.Login(rocketchattest.Session{
		SessionID: some("s2"), UserID: some("u2"), User: rocketchattest.Some(rocketchattest.User{Username: some("bob")}),
	})
	if got := w.Directory(); len(got) != 1 {
		t.Errorf("a login adds %v to users that were given", got)
	}
}

// TestDirectory_followsTheSessions: every session's user is in the directory under
// the same names, and nobody whom the sessions show as deleted.
func TestDirectory_followsTheSessions(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]rocketchattest.Options{
		"documented": {},
		"synthetic":  {Synthetic: 1000, Clock: clocktest.NewFake(noon)},
	} {
		w := rocketchattest.New(options)
		byID := map[string]rocketchattest.DirectoryUser{}
		for _, u := range w.Directory() {
			byID[u.ID] = u
		}
		for _, s := range w.Sessions() {
			u, listed := byID[s.UserID.Value]
			owner, alive := s.User.Get()
			if listed != alive || u.Username != owner.Username || u.Name != owner.Name {
				t.Errorf("%s: session of %+v, listed (%t) as %+v", name, owner, listed, u)
			}
			if listed && u.LastLogin.Value.Before(s.LoginAt.Value) {
				t.Errorf("%s: %s logged in last at %s, and has a session of %s", name, u.ID, u.LastLogin.Value, s.LoginAt.Value)
			}
		}
		for _, a := range rocketchattest.DefaultAccounts() {
			if _, ok := byID[a.UserID]; !ok {
				t.Errorf("%s: the account %s is not in the directory", name, a.Username)
			}
		}
	}
}
