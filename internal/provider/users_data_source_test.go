// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const usersName = "rocketchat_users"

// village has the people of the town, with last logins, and nobody else.
func village(t *testing.T) *workspace {
	t.Helper()
	people := town()
	for i := range people {
		switch people[i].id {
		case "ann":
			people[i].user.LastLogin = present(startOfTests().Add(-90*24*time.Hour + 5*time.Second))
		case "ben":
			people[i].user.LastLogin = present(startOfTests().Add(-90*24*time.Hour - 5*time.Second))
		case "cyd": // never
		default:
			people[i].user.LastLogin = present(startOfTests().Add(-time.Hour))
		}
	}
	options := settle(people, nil)
	options.Release = rocketchattest.Release861
	return newWorkspace(t, options)
}

func TestUsersDataSource_reads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config attributes
		want   string
	}{
		"all":                          {attributes{}, "ann ben cyd dan eve fay gus hal ida"},
		"administrators":               {attributes{"roles": []any{"admin"}}, "ann ben dan"},
		"holders of a permission":      {attributes{"user_permissions": []any{"view-device-management"}}, "ann ben dan eve"},
		"deactivated":                  {attributes{"active": false}, "dan hal"},
		"service accounts":             {attributes{"types": []any{"bot", "app"}}, "fay gus"},
		"inactive for 90 days":         {attributes{"inactive_for": "90d"}, "ben cyd"},
		"a role by an expression":      {attributes{"match": attributes{"role": "^équipe"}}, "eve"},
		"all but some roles":           {attributes{"exclude": attributes{"role": "^(user|admin)$"}}, "eve fay gus hal ida"},
		"the one who is longest away":  {attributes{"sort": []any{"last_login_at"}, "limit": int64(2)}, "cyd ben"},
		"the last of those by a limit": {attributes{"sort": []any{"-username"}, "limit": int64(1)}, "ida"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := village(t)
			result, diags := inTown(t, w, "viewonly").readData(t.Context(), t, usersName, c.config)
			if len(diags) > 0 {
				t.Fatal(details(diags))
			}
			if got := strings.Join(column(t, result, "users", "username"), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			want := map[string]int{"users.listByStatus": 2, "roles.list": 1}
			if c.config["user_permissions"] != nil {
				want["permissions.listAll"] = 1
			}
			if diff := cmp.Diff(want, routes(w)); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// The rule that every workspace wants first, by the real CLI, in four lines, and others about users.
func TestAccUsers_basic(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	user := func(id, role, roleName string) any {
		return map[string]any{
			"id": id, "username": id, "name": nil, "type": "user", "active": true, "roles": []any{role}, "role_names": []any{roleName},
			"last_login_at": "2023-05-30T11:00:00.000Z",
		}
	}
	newCLI(t, village(t)).wantValues(`
data "rocketchat_workspace_sessions" "administrators" {
  user_roles    = ["admin"]
  outside_cidrs = ["10.0.0.0/8"]
  user_details  = true
}
data "rocketchat_workspace_sessions" "settings_readers" {
  user_permissions = ["view-privileged-setting"]
  outside_cidrs    = ["10.0.0.0/8"]
}
data "rocketchat_workspace_session" "one" {
  session_id   = "session-of-dan"
  user_details = true
}
data "rocketchat_users" "all" {
  match = { username = "^(eve|ida)$" }
}
`, map[string]expression{
		"administrators": {
			"[for s in data.rocketchat_workspace_sessions.administrators.sessions : [s.user.roles, s.user.active]]",
			[]any{[]any{[]any{"user", "admin"}, true}, []any{[]any{"admin"}, false}},
		},
		"settings_readers": {"data.rocketchat_workspace_sessions.settings_readers.matched", float64(2)},
		"one": {"data.rocketchat_workspace_session.one.user", map[string]any{
			"username": "dan", "name": nil, "avatar_etag": nil, "roles": []any{"admin"}, "type": "user", "active": false,
		}},
		"counts": {"[data.rocketchat_users.all.total, data.rocketchat_users.all.matched]", []any{float64(9), float64(2)}},
		"users": {"data.rocketchat_users.all.users", []any{
			user("eve", rocketchattest.RoleDeviceAuditor, "Équipe sécurité"), user("ida", rocketchattest.RoleGone, rocketchattest.RoleGone),
		}},
	})
}

func TestUsersDataSource_validated(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateData(usersName), map[string]mistake{
		"a misspelled key": {attributes{"match": attributes{"user_name": "a"}}, []string{"error at match.user_name: Unknown key"}, []string{`did you mean "username"?`}},
		"roles":            {attributes{"exclude": attributes{"roles": "a"}}, []string{"error at exclude.roles: Unknown key"}, []string{`did you mean "role"?`}},
		"an expression":    {attributes{"match": attributes{"role": "("}}, []string{"error at match.role: Unusable regular expression"}, nil},
		"a sort key":       {attributes{"sort": []any{"-lastLogin"}}, []string{"error at sort.0: Unknown sort key"}, []string{`users cannot be sorted by "-lastLogin"; did you mean "-last_login_at"?`}},
		"sorted by roles":  {attributes{"sort": []any{"role"}}, []string{"error at sort.0: Unknown sort key"}, []string{"The keys are `username`, `name`, `type` and `last_login_at`."}},
		"an age":           {attributes{"inactive_for": "a year"}, []string{"error at inactive_for: Unusable duration"}, nil},
		"a type":           {attributes{"types": []any{"human"}}, []string{"error at types.0: Invalid Attribute Value Match"}, nil},
		"a short timeout":  {attributes{"timeouts": attributes{"read": "0s"}}, []string{"error at timeouts.read: Unusable duration"}, nil},
		"usable":           {attributes{"match": attributes{"role": "a", "type": "b"}, "sort": []any{"type", "-username"}, "inactive_for": "90d"}, nil, nil},
	})
}
