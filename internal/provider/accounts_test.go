// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// person is a user with a session, as a test writes one down.
type person struct {
	id, ip string
	// deleted users have a session and are in no list; unlisted ones have a session
	// that names them, and are in no list either.
	deleted, unlisted bool
	user              rocketchattest.DirectoryUser
}

func somebody(id, ip string, change ...func(*rocketchattest.DirectoryUser)) person {
	p := person{id: id, ip: ip, user: rocketchattest.DirectoryUser{
		ID: id, Username: present(id), Type: present("user"), Active: present(true), Roles: present([]string{"user"}),
		Emails: present([]rocketchattest.Email{{Address: id + ".canary@example.invalid"}}),
	}}
	for _, f := range change {
		f(&p.user)
	}
	return p
}

func withRoles(ids ...string) func(*rocketchattest.DirectoryUser) {
	return func(u *rocketchattest.DirectoryUser) { u.Roles = present(ids) }
}

func deactivated(u *rocketchattest.DirectoryUser) { u.Active = present(false) }

func ofType(kind string) func(*rocketchattest.DirectoryUser) {
	return func(u *rocketchattest.DirectoryUser) { u.Type = present(kind) }
}

// town has everybody that a rule may be about.
func town() []person {
	people := []person{
		somebody("ann", "203.0.113.7", withRoles("user", "admin")),
		somebody("ben", "10.1.2.3", withRoles("admin")),
		somebody("cyd", "203.0.113.8"),
		somebody("dan", "198.51.100.1", withRoles("admin"), deactivated),
		somebody("eve", "203.0.113.9", withRoles(rocketchattest.RoleDeviceAuditor)),
		somebody("fay", "203.0.113.9", withRoles("bot"), ofType("bot")),
		somebody("gus", "203.0.113.9", withRoles("app"), ofType("app")),
		somebody("hal", "203.0.113.9", func(u *rocketchattest.DirectoryUser) {
			u.Type, u.Active, u.Roles = rocketchattest.Optional[string]{}, rocketchattest.Optional[bool]{}, rocketchattest.Optional[[]string]{}
		}),
		somebody("ida", "203.0.113.9", withRoles(rocketchattest.RoleGone)),
	}
	gone := somebody("jim", "203.0.113.9", withRoles("admin"))
	gone.deleted = true
	return append(people, gone)
}

// settle is the options of a workspace where these people live.
func settle(people []person, accounts []rocketchattest.Account) rocketchattest.Options {
	options := rocketchattest.Options{Sessions: []rocketchattest.Session{}, Users: []rocketchattest.DirectoryUser{}}
	for i, p := range people {
		s := sessionBy("session-of-"+p.id, p.id, startOfTests().Add(-time.Duration(i+1)*time.Minute))
		s.IP, s.User.Value.Username = present(p.ip), p.user.Username
		if p.deleted {
			s.User = rocketchattest.Optional[rocketchattest.User]{}
		}
		if !p.deleted && !p.unlisted {
			options.Users = append(options.Users, p.user)
		}
		options.Sessions = append(options.Sessions, s)
	}
	for _, a := range accounts {
		options.Users = append(options.Users, rocketchattest.DirectoryUser{ID: a.UserID, Username: present(a.Username), Active: present(true), Type: present("user")})
	}
	return options
}

// inTown is a provider that reads the workspace as an account, once.
func inTown(t *testing.T, w *workspace, account string, opts ...Option) *server {
	t.Helper()
	return configured(t, w, account, attributes{"max_retries": 0}, opts...)
}

// owners are the user ids of the sessions of a result.
func owners(t *testing.T, result map[string]tftypes.Value) []string {
	t.Helper()
	ids := column(t, result, "sessions", "user_id")
	slices.Sort(ids)
	return ids
}

// routes counts the requests of the workspace by route.
func routes(w *workspace) map[string]int {
	count := map[string]int{}
	for _, r := range w.Requests() {
		count[strings.TrimPrefix(r.Path, "/api/v1/")]++
	}
	return count
}

// Rules about users, by the account with the least permissions; the one that every workspace wants first,
// on every release.
func TestOwners_select(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config attributes
		want   []string
		calls  map[string]int
	}{
		"administrators from outside": {
			attributes{"user_roles": []any{"admin"}, "outside_cidrs": []any{"10.0.0.0/8"}},
			[]string{"ann", "dan"},
			map[string]int{"sessions/list.all": 1, "users.listByStatus": 2, "roles.list": 1},
		},
		"a role by its name":  {config: attributes{"user_roles": []any{"Équipe sécurité", "bot"}}, want: []string{"eve", "fay"}},
		"a role by its id":    {config: attributes{"user_roles": []any{rocketchattest.RoleDeviceAuditor}}, want: []string{"eve"}},
		"a role that is gone": {config: attributes{"user_roles": []any{rocketchattest.RoleGone}}, want: []string{"ida"}},
		"holders of a permission, from outside": {
			attributes{"user_permissions": []any{"view-privileged-setting"}, "outside_cidrs": []any{"10.0.0.0/8"}},
			[]string{"ann", "dan"},
			map[string]int{"sessions/list.all": 1, "users.listByStatus": 2, "roles.list": 1, "permissions.listAll": 1},
		},
		"holders of any permission":  {config: attributes{"user_permissions": []any{"view-device-management", "message-impersonate"}}, want: []string{"ann", "ben", "dan", "eve", "fay", "gus"}},
		"holders, by a role":         {config: attributes{"user_permissions": []any{"view-device-management"}, "user_roles": []any{"user"}}, want: []string{"ann"}},
		"what nobody may":            {config: attributes{"user_permissions": []any{"add-user-to-any-p-room"}}, want: []string{}},
		"deactivated users":          {attributes{"user_active": false}, []string{"dan", "hal"}, map[string]int{"sessions/list.all": 1, "users.listByStatus": 2}},
		"active users":               {config: attributes{"user_active": true}, want: []string{"ann", "ben", "cyd", "eve", "fay", "gus", "ida"}},
		"service accounts":           {config: attributes{"user_types": []any{"bot", "app"}}, want: []string{"fay", "gus"}},
		"all of them":                {config: attributes{"user_types": []any{"user"}, "user_roles": []any{"admin"}, "user_active": true}, want: []string{"ann", "ben"}},
		"the newest of the matching": {config: attributes{"user_roles": []any{"admin"}, "limit": int64(1)}, want: []string{"ann"}},
		"beyond the first":           {config: attributes{"user_roles": []any{"admin"}, "beyond_per_user": int64(1)}, want: []string{}},
		"details of the newest": {
			attributes{"user_details": true, "limit": int64(2)},
			[]string{"ann", "ben"},
			map[string]int{"sessions/list.all": 1, "users.listByStatus": 2},
		},
		"no details": {attributes{"user_details": false, "limit": int64(1)}, []string{"ann"}, map[string]int{"sessions/list.all": 1}},
	} {
		releases := []rocketchattest.Release{rocketchattest.Release861}
		if name == "administrators from outside" {
			releases = rocketchattest.Releases()
		}
		for _, release := range releases {
			t.Run(name+", "+string(release), func(t *testing.T) {
				t.Parallel()
				options := settle(town(), rocketchattest.DefaultAccounts())
				options.Release = release
				w := newWorkspace(t, options)
				for kind, read := range kinds(inTown(t, w, "viewonly")) {
					result, diags := read(t.Context(), t, c.config)
					wantReport(t, nil, diags)
					if diff := cmp.Diff(c.want, owners(t, result)); diff != "" {
						t.Errorf("owners by the %s (-want +got):\n%s", kind, diff)
					}
				}
				if diff := cmp.Diff(c.calls, routes(w)); c.calls != nil && diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestOwners_unknownUsers(t *testing.T) {
	t.Parallel()
	stranger := somebody("kim", "203.0.113.9", withRoles("admin"))
	stranger.unlisted = true
	for name, c := range map[string]struct {
		config attributes
		// late has the stranger listed from the second read of the users on.
		late    bool
		want    []string
		reports []string
		says    string
	}{
		"a rule":              {config: attributes{"user_roles": []any{"admin"}}, reports: []string{"error at user_roles: The list of users lacks users who have sessions"}, says: "users: kim."},
		"a rule on the state": {config: attributes{"user_active": false}, reports: []string{"error at user_active: The list of users lacks users who have sessions"}, says: "exclude"},
		"left out otherwise":  {config: attributes{"user_roles": []any{"admin"}, "exclude": attributes{"user_id": "^kim$"}}, want: []string{"ann", "ben", "dan"}},
		"details": {
			config: attributes{"user_details": true, "match": attributes{"user_id": "^kim$"}}, want: []string{"kim"},
			reports: []string{"warning at user_details: The list of users lacks users who have sessions"}, says: "null for these users: kim.",
		},
		"a login meanwhile": {config: attributes{"user_roles": []any{"admin"}}, late: true, want: []string{"ann", "ben", "dan", "kim"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, settle(append(town(), stranger), rocketchattest.DefaultAccounts()))
			var opts []Option
			if c.late {
				opts = append(opts, WithTransport(roundTrip(func(r *http.Request) (*http.Response, error) {
					resp, err := http.DefaultTransport.RoundTrip(r)
					if strings.HasSuffix(r.URL.Path, "/users.listByStatus") {
						w.CreateUser(stranger.user)
					}
					return resp, err
				})))
			}
			result, diags := inTown(t, w, "none", opts...).readSessions(t.Context(), t, c.config)
			wantReport(t, append([]string{}, c.reports...), diags)
			mustContain(t, details(diags), c.says)
			if c.want != nil {
				if diff := cmp.Diff(c.want, owners(t, result)); diff != "" {
					t.Errorf("owners (-want +got):\n%s", diff)
				}
			}
			if users := routes(w)["users.listByStatus"]; strings.HasPrefix(name, "a ") && users != 4 {
				t.Errorf("%d calls for the users, want two reads of two", users)
			}
		})
	}
}

// What the account may not see is an error at the argument that needs it, in the sessions and in the users.
func TestOwners_refused(t *testing.T) {
	t.Parallel()
	const hidden, lacks = ": The account cannot see the roles and last logins of users", ": The account lacks a permission"
	role := func(ids ...any) attributes { return attributes{"user_roles": ids} }
	for name, c := range map[string]struct {
		account string
		// workspace is one with a setting on, or of before 6.8.
		workspace, kind string
		config          attributes
		want            string
		says            []string
	}{
		"no view-d-room": {"deviceonly", "", dataSourceName, role("admin"), "error at user_roles" + lacks, []string{"`view-d-room`", "Permissions"}},
		"the setting": {
			"guest", "setting", dataSourceName,
			attributes{"user_details": true},
			"error at user_details" + lacks,
			[]string{"API_Apply_permission_view-outside-room_on_users-list` is on", "`view-outside-room`", "General → REST API", "Permissions"},
		},
		"the setting, types": {"guest", "setting", dataSourceName, attributes{"user_types": []any{"bot"}}, "error at user_types" + lacks, []string{"`view-outside-room`"}},
		"an unknown role": {
			"none", "", dataSourceName, role("admin", "Équipe securité"),
			"error at user_roles.1: Unknown role",
			[]string{`did you mean "Équipe sécurité"?`, "The workspace's roles are admin, "},
		},
		"a longer name":          {"none", "", dataSourceName, role("administrator"), "error at user_roles.0: Unknown role", []string{`did you mean "admin"?`}},
		"a role in another case": {"none", "", dataSourceName, role("Admin"), "error at user_roles.0: Unknown role", []string{`"admin"`, "IDs and names are case-sensitive"}},
		"a role of rooms":        {"none", "", dataSourceName, role("owner"), "error at user_roles.0: No user can have this role", []string{"would always pass"}},
		"hidden roles":           {"viewonly", "old", dataSourceName, role("admin"), "error at user_roles" + hidden, []string{"view-full-other-user-info", "Permissions"}},
		"hidden details":         {"viewonly", "old", dataSourceName, attributes{"user_details": true}, "error at user_details" + hidden, nil},

		"users, no permission":      {"deviceonly", "", usersName, nil, "error at -" + lacks, []string{"`view-d-room`"}},
		"users, roles":              {"viewonly", "old", usersName, attributes{"roles": []any{"admin"}}, "error at roles" + hidden, []string{"view-full-other-user-info"}},
		"users, permissions":        {"viewonly", "old", usersName, attributes{"user_permissions": []any{"manage-apps"}}, "error at user_permissions" + hidden, []string{"view-full-other-user-info"}},
		"users, match by role":      {"viewonly", "old", usersName, attributes{"match": attributes{"role": "admin"}}, "error at match.role" + hidden, nil},
		"users, exclude by role":    {"viewonly", "old", usersName, attributes{"exclude": attributes{"role": "admin"}}, "error at exclude.role" + hidden, nil},
		"users, inactive":           {"viewonly", "old", usersName, attributes{"inactive_for": "1d"}, "error at inactive_for" + hidden, nil},
		"users, sorted by login":    {"viewonly", "old", usersName, attributes{"sort": []any{"-last_login_at"}}, "error at sort.0" + hidden, nil},
		"users, nothing that needs": {"viewonly", "old", usersName, attributes{"active": true}, "warning at users" + hidden, []string{"can pass by mistake"}},
		"users, seen before 6.8":    {"auditor", "old", usersName, attributes{"roles": []any{"admin"}}, "", nil},
		"users, an unknown role":    {"none", "", usersName, attributes{"roles": []any{"admin", "Équipe"}}, "error at roles.1: Unknown role", []string{`did you mean "Équipe sécurité"?`}},
	} {
		for _, release := range []rocketchattest.Release{rocketchattest.Release861, rocketchattest.Release90} {
			t.Run(name+", "+string(release), func(t *testing.T) {
				t.Parallel()
				options := settle(town(), rocketchattest.DefaultAccounts())
				options.ViewOutsideRoomForUsers, options.Release = c.workspace == "setting", release
				var opts []Option
				if c.workspace == "old" {
					opts = append(opts, WithTransport(roundTrip(withoutListByStatus)))
				}
				_, diags := inTown(t, newWorkspace(t, options), c.account, opts...).readData(t.Context(), t, c.kind, c.config)
				if got := strings.Join(report(diags), "\n"); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
				mustContain(t, details(diags), c.says...)
				mustNotContain(t, details(diags), "canary@example.invalid")
			})
		}
	}
}

// withoutListByStatus is a workspace of before 6.8.
func withoutListByStatus(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/users.listByStatus") {
		r = r.Clone(r.Context())
		r.URL.Path = "/api/v1/no.such.route"
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestOwners_areValidated(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateSessions, map[string]mistake{
		"a type that is none": {attributes{"user_types": []any{"robot"}}, []string{"error at user_types.0: Invalid Attribute Value Match"}, nil},
		"no permissions":      {attributes{"user_permissions": []any{}}, []string{"error at user_permissions: Invalid Attribute Value"}, nil},
		"a null permission":   {attributes{"user_permissions": []any{nil}}, []string{"error at user_permissions.0: Unusable element"}, nil},
		"no types":            {attributes{"user_types": []any{}}, []string{"error at user_types: Invalid Attribute Value"}, nil},
		"no roles":            {attributes{"user_roles": []any{}}, []string{"error at user_roles: Invalid Attribute Value"}, nil},
		"a role of null":      {attributes{"user_roles": []any{nil}}, []string{"error at user_roles.0: Unusable element"}, nil},
		"deleted users":       {attributes{"user_active": false, "user_deleted": true}, []string{"error at user_active: No session can match"}, nil},
		"unknown":             {attributes{"user_roles": unknown{}, "user_types": []any{unknown{}}, "user_active": unknown{}, "user_deleted": unknown{}}, nil, nil},
		"usable":              {attributes{"user_roles": []any{"admin"}, "user_types": []any{"bot"}, "user_active": true, "user_deleted": false}, nil, nil},
	})
}

// TestOwners_permissions: what only roles within rooms hold, or the workspace does not have, is an
// error in every list, on every release, and so is what nobody's roles can show.
func TestOwners_permissions(t *testing.T) {
	t.Parallel()
	permissions := append(rocketchattest.DefaultPermissions(), rocketchattest.Permission{ID: "rooms-only", Roles: []string{"owner", "moderator"}})
	for name, c := range map[string]struct {
		permission, want string
		says             []string
	}{
		"unknown":              {"view-privileged-settings", "error at user_permissions.1: Unknown permission", []string{`did you mean "view-privileged-setting"?`, "Permissions"}},
		"in another case":      {"Manage-Apps", "error at user_permissions.1: Unknown permission", []string{`did you mean "manage-apps"?`, "case-sensitive"}},
		"like nothing":         {"xyzzy", "error at user_permissions.1: Unknown permission", []string{"of the workspace. IDs"}},
		"roles of rooms alone": {"rooms-only", "error at user_permissions.1: No user can have this permission by a role of the workspace", []string{"owner, moderator"}},
		"roles of rooms, too":  {"set-owner", "warning at user_permissions.1: Roles within rooms hold the permission, too", []string{"owner."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, release := range releases() {
				options := settle(town(), rocketchattest.DefaultAccounts())
				options.Release, options.Permissions = release, permissions
				s := inTown(t, newWorkspace(t, options), "viewonly")
				config := attributes{"user_permissions": []any{"manage-apps", c.permission}}
				_, ofSessions := s.readSessions(t.Context(), t, config)
				_, ofUsers := s.readData(t.Context(), t, usersName, config)
				_, opened := s.open(t.Context(), t, config)
				for kind, diags := range map[string][]*tfprotov6.Diagnostic{"sessions": ofSessions, "users": ofUsers, "ephemeral": opened} {
					if got := strings.Join(report(diags), "\n"); got != c.want {
						t.Errorf("%s, %s: got %s, want %s", release, kind, got, c.want)
					}
					mustContain(t, details(diags), c.says...)
				}
			}
		})
	}
}
