// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchattest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// recordedDirectory is the file of the users and roles of the recorded processes.
type recordedDirectory struct {
	// Fields are those that a list shows of a user.
	Fields map[string][]string `json:"fields"`
	Roles  []recordedRole      `json:"roles"`
	// Users are in the order they came to be in.
	Users []recordedUser `json:"users"`
	// Permissions and Settings are those that a recorded response shows, in the order of the
	// responses; there were so many more.
	Permissions       []rocketchattest.Permission    `json:"permissions"`
	UnseenPermissions map[rocketchattest.Release]int `json:"unseenPermissions"`
	Settings          []recordedSetting              `json:"settings"`
	UnseenSettings    map[rocketchattest.Release]int `json:"unseenSettings"`
}

type recordedSetting struct {
	rocketchattest.Setting

	Public bool `json:"public"`
	// Absent is the release that lacks the setting.
	Absent rocketchattest.Release `json:"absent"`
}

type recordedRole struct {
	Role rocketchattest.Role `json:"role"`
	// Absent is the release that lacks the role.
	Absent rocketchattest.Release `json:"absent"`
}

type recordedUser struct {
	User    json.RawMessage `json:"user"`
	Differs differing       `json:"differs"`
	// Unseen stands for a user whom no recorded response shows: the username is known,
	// the id has the place that the others leave it.
	Unseen bool `json:"unseen"`
}

// differing is what releases list that differ from the others.
type differing map[rocketchattest.Release]json.RawMessage

func (d differing) in(release rocketchattest.Release, usual json.RawMessage) json.RawMessage {
	if other, ok := d[release]; ok {
		return other
	}
	return usual
}

// recordedUserResponses is how many responses were recorded when this was written. 46 of roles.getUsersInRole and 30
// of users.info are not kept, because the provider never calls them. More may come with a release; none may get lost.
const recordedUserResponses = 652 - 46 - 30

// unsentQueries are the recorded requests for users, roles and settings that are not replayed; the first that covers
// a request counts.
func unsentQueries() []exception {
	has := func(names ...string) func(url.Values) bool {
		return func(q url.Values) bool {
			return slices.ContainsFunc(names, func(name string) bool { return q.Has(name) || q.Has(name+"[]") })
		}
	}
	const unsent = "the provider never sends it"
	return []exception{
		{why: "query, fields: " + unsent, sends: has("query", "fields")},
		{
			why:   "status, type, hasLoggedIn, roles, searchTerm, inactiveReason, email: the provider reads all users",
			sends: has("status", "type", "hasLoggedIn", "roles", "searchTerm", "inactiveReason", "email"),
		},
		{why: "sort by something else than _id, ascending: " + unsent, sends: func(q url.Values) bool {
			return strings.HasPrefix(q.Get("sort"), "{") && q.Get("sort") != `{"_id":1}` && q.Get("sort") != `{"_id":2}`
		}},
		{why: "an empty count: " + unsent, sends: func(q url.Values) bool { return q.Has("count") && q.Get("count") == "" }},
		{why: "updatedSince: the provider reads all permissions", path: "/permissions.listAll", sends: has("updatedSince")},
		{why: "a parameter given twice: " + unsent, sends: func(q url.Values) bool { return len(q["count"]) > 1 }},
	}
}

// TestReplay_users sends every recorded request for users, roles and settings, as far as the
// provider sends such requests, and compares the responses.
func TestReplay_users(t *testing.T) {
	t.Parallel()
	var people recordedDirectory
	readTestdata(t, "users.json", &people)
	releases := []rocketchattest.Release{rocketchattest.Release614, rocketchattest.Release861}
	all := replay(t, "recorded-users-", releases, unsentQueries(), func(t *testing.T, g group, release rocketchattest.Release) {
		t.Helper()
		shown := people.documents(t, release)
		play(t, g, people.options(t, g, rocketchattest.Options{Release: release}),
			func(c recordedCase) outcome { return people.expected(t, c, shown) })
	})
	if all < recordedUserResponses {
		t.Errorf("testdata holds %d recorded responses, want at least %d", all, recordedUserResponses)
	}
}

// options set a workspace up as a recorded process was.
func (people recordedDirectory) options(t *testing.T, g group, o rocketchattest.Options) rocketchattest.Options {
	t.Helper()
	o = g.settings(o)
	o.Accounts = recordedAccounts()
	for _, u := range people.Users {
		var user rocketchattest.DirectoryUser
		if err := json.Unmarshal(u.Differs.in(o.Release, u.User), &user); err != nil {
			t.Fatal(err)
		}
		o.Users = append(o.Users, user)
	}
	for _, r := range people.Roles {
		if r.Absent != o.Release {
			o.Roles = append(o.Roles, r.Role)
		}
	}
	o.Permissions, o.Settings = people.posture(o.Release)
	return o
}

// posture are the permissions and settings of a recorded process. Those that no recorded
// response shows stand at the end and in the middle, as many as there were.
func (people recordedDirectory) posture(release rocketchattest.Release) ([]rocketchattest.Permission, []rocketchattest.Setting) {
	permissions := slices.Clone(people.Permissions)
	for i := range people.UnseenPermissions[release] {
		permissions = append(permissions, rocketchattest.Permission{ID: fmt.Sprintf("unseen-%d", i)})
	}
	var settings []rocketchattest.Setting
	for _, s := range people.Settings {
		if s.Absent != release {
			s.Setting.Public = s.Public
			settings = append(settings, s.Setting)
		}
	}
	for i := range people.UnseenSettings[release] {
		settings = append(settings, rocketchattest.Setting{ID: fmt.Sprintf("Layout_Unseen_%d", i), Public: true})
	}
	return permissions, settings
}

// recordedAccounts are the accounts that sent the recorded requests.
func recordedAccounts() []rocketchattest.Account {
	const (
		settings     = rocketchattest.PermissionViewSettings
		room, full   = rocketchattest.PermissionViewRoom, rocketchattest.PermissionViewFullInfo
		outside      = rocketchattest.PermissionViewOutsideRoom
		view, bypass = rocketchattest.PermissionView, rocketchattest.PermissionBypassLimit
	)
	var accounts []rocketchattest.Account
	for name, permissions := range map[string][]string{
		"Admin":      {room, full, outside, view, bypass, settings},
		"DevOnly":    {view},
		"DevUser":    {room, outside, view},
		"DevFull":    {room, full, outside, view},
		"DRoom":      {room},
		"Guest":      {room},
		"Bypass":     {room, outside, bypass},
		"RoleReader": {room, outside},
		"Plain":      {room, outside},
		"NoUsername": {room, outside},
		"Inactive":   {room, outside},
		"NoRoles":    nil,
	} {
		token := func(kind string) string {
			return (name + "." + kind + "-synthetic-token-" + strings.Repeat("0", 43))[:43]
		}
		a := rocketchattest.Account{
			UserID: ("synth" + name + "000000000000")[:17], Username: "synth." + strings.ToLower(name), Permissions: permissions,
			Token: token("login"), Tokens: []rocketchattest.AuthToken{{Name: "pat", Token: token("pat")}},
			NoUsername: name == "NoUsername", Password: rocketchattest.DefaultPassword,
		}
		if name == "Admin" {
			a.TOTPSecret = rocketchattest.DefaultTOTPSecret
		}
		accounts = append(accounts, a)
	}
	return accounts
}

// expected is the recorded response, with the users and roles in place of their
// ids. Those that were not recorded are compared by their number alone.
func (people recordedDirectory) expected(t *testing.T, c recordedCase, shown map[string]map[string]any) outcome {
	t.Helper()
	if body, ok := c.Response.Body.(map[string]any); ok {
		if ids, ok := body["users"].([]any); ok {
			fields := people.Fields[fmt.Sprint(body["fields"])]
			body["users"] = withRows(ids, func(id string) any {
				if shown[id] == nil {
					t.Fatalf("no recorded user is %s", id)
				}
				document := maps.Clone(shown[id])
				maps.DeleteFunc(document, func(name string, _ any) bool { return !slices.Contains(fields, name) })
				return document
			})
			delete(body, "fields")
		}
		for _, list := range []string{"update", "settings"} {
			if rows, ok := body[list].([]any); ok {
				body[list] = withRows(rows, nil)
			}
		}
		if strings.HasSuffix(c.Path, "/me") { // its preferences were not recorded whole
			withoutPersonal(body)
		} else if ids, ok := body["roles"].([]any); ok {
			body["roles"] = withRows(ids, func(id string) any { return people.role(t, id) })
		}
	}
	return outcome{Status: c.Response.Status, Type: c.Response.Type, Limit: c.Response.Limit, Body: c.Response.Body}
}

// withRows replaces ids by what they stand for, and a number by so many of
// anything. Whole rows stand for themselves.
func withRows(ids []any, find func(id string) any) []any {
	rows := []any{}
	for _, id := range ids {
		switch id := id.(type) {
		case float64:
			rows = append(rows, slices.Repeat([]any{anything}, int(id))...)
		case string:
			rows = append(rows, find(id))
		default:
			rows = append(rows, id)
		}
	}
	return rows
}

// withoutPersonal takes out of a recorded me what people set up for themselves, which is
// not simulated.
func withoutPersonal(me map[string]any) {
	delete(me, "customFields")
	delete(me, "banners")
	if me["settings"] != nil {
		me["settings"] = anything
	}
}

// documents are the users whom a release shows, with all that it shows of them.
func (people recordedDirectory) documents(t *testing.T, release rocketchattest.Release) map[string]map[string]any {
	t.Helper()
	shown := map[string]map[string]any{}
	for _, u := range people.Users {
		if u.Unseen {
			continue
		}
		var document map[string]any
		if err := json.Unmarshal(u.Differs.in(release, u.User), &document); err != nil {
			t.Fatal(err)
		}
		shown[fmt.Sprint(document["_id"])] = document
	}
	return shown
}

func (people recordedDirectory) role(t *testing.T, id string) any {
	t.Helper()
	for _, r := range people.Roles {
		if r.Role.ID == id {
			var document any
			if err := json.Unmarshal(must(json.Marshal(r.Role)), &document); err != nil {
				t.Fatal(err)
			}
			return document
		}
	}
	t.Fatalf("no recorded role is %s", id)
	return nil
}
