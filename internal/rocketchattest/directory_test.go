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

// TestDirectory_refusals goes through who may not see users, roles, permissions and settings, as the
// releases word it.
func TestDirectory_refusals(t *testing.T) {
	t.Parallel()
	const (
		coded    = `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`
		bare614  = `{"success":false,"error":"unauthorized"}`
		bare90   = `{"success":false,"error":"forbidden"}`
		wordless = `{"success":false}`
		unknown  = `{"success":false,"error":"must NOT have additional properties","errorType":"error-invalid-params"}`
		unknown6 = `{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`
		login    = `{"success":false,"error":"You must be logged in to do this."}`
		r614     = rocketchattest.Release614
		r861     = rocketchattest.Release861
		r90      = rocketchattest.Release90
	)
	for _, test := range []struct {
		release              rocketchattest.Release
		outside              bool
		account, route, body string
		status               int
		counted              bool
	}{
		{r614, false, "deviceonly", "users.list", bare614, 403, true},
		{r614, false, "deviceonly", "users.listByStatus", coded, 403, true},
		{r861, false, "deviceonly", "users.list", coded, 403, false},
		{r90, false, "deviceonly", "users.listByStatus", coded, 403, false},
		{r861, true, "guest", "users.list", bare614, 403, true},
		{r90, true, "guest", "users.listByStatus", bare90, 403, true},
		{r90, false, "guest", "users.listByStatus", "", 200, true},
		{r90, true, "viewonly", "users.listByStatus", "", 200, true},
		{r90, false, "nobody", "roles.list", login, 401, false},
		{r861, false, "noperm", "roles.list", "", 200, true},
		{r614, false, "viewonly", "users.list?unknown=1", "", 200, true},
		{r861, false, "viewonly", "users.list?unknown=1", unknown, 400, false},
		{r614, false, "viewonly", "users.listByStatus?unknown=1", unknown6, 400, true},

		{r614, false, "viewonly", "settings/Site_Url", bare614, 403, true},
		{r861, false, "viewonly", "settings/Site_Url", coded, 403, false},
		{r90, false, "viewonly", "settings/Site_Url", coded, 403, false},
		{r861, false, "none", "settings/nosuch", wordless, 400, false},
		{r614, false, "none", "settings/Cloud_Workspace_Access_Token", wordless, 400, false},
		{r861, false, "none", "settings/Site_Url/more", "404 Not Found", 404, false},
		{r861, false, "viewonly", "permissions.listAll?count=1", unknown, 400, false},
		{r614, false, "viewonly", "permissions.listAll?count=1", "", 200, true},
		{r861, false, "viewonly", "settings?_id=Site_Url", unknown, 400, false},
		{r614, false, "viewonly", "settings?_id=Site_Url", "", 200, true},
		{r90, false, "nobody", "permissions.listAll", login, 401, false},
		{r90, false, "nobody", "settings", login, 401, false},
		{r90, false, "nobody", "me", login, 401, false},
		{r861, false, "nousername", "me", "", 200, false},
		{r861, false, "nousername", "permissions.listAll", "Internal Server Error", 500, false},
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

// TestRateLimit_ofEachRoute: each route has its own calls, and all settings/:_id share theirs.
func TestRateLimit_ofEachRoute(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{
		RateLimit:       rocketchattest.RateLimit{Calls: 1},
		PermissionRoles: map[string][]string{rocketchattest.PermissionViewSettings: {rocketchattest.RoleUser}},
	})
	for _, route := range []string{
		"users.list", "users.listByStatus", "roles.list", "sessions/list.all", "sessions/list",
		"settings.public", "settings", "permissions.listAll", "me", "settings/Site_Url",
	} {
		if got := call(t, w, route, "viewonly"); got.status != http.StatusOK || got.header.Get("X-RateLimit-Remaining") != "0" {
			t.Errorf("%s: %d %s", route, got.status, got.body)
		}
		again := strings.Replace(route, "Site_Url", "Accounts_LoginExpiration", 1)
		if got := call(t, w, again, "viewer2"); got.status != http.StatusTooManyRequests {
			t.Errorf("%s again: %d %s", again, got.status, got.body)
		}
		if got := call(t, w, again, "none"); got.status != http.StatusOK || got.header.Get("X-RateLimit-Limit") != "" {
			t.Errorf("%s as an account that bypasses the limit: %d", again, got.status)
		}
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

// settingList is the JSON of settings.public and settings.
type settingList struct {
	Settings []struct {
		ID    string `json:"_id"`
		Value any
	}
	Total, Count, Offset int
	Success              bool
}

func (l settingList) values() map[string]any {
	values := map[string]any{}
	for _, s := range l.Settings {
		values[s.ID] = s.Value
	}
	return values
}

func getSettings(t *testing.T, w *rocketchattest.Workspace, route, account string) settingList {
	t.Helper()
	got := call(t, w, route, account)
	var page settingList
	if err := json.Unmarshal([]byte(got.body), &page); err != nil || !page.Success || page.Count != len(page.Settings) {
		t.Fatalf("%s: %d %s, %v", route, got.status, got.body, err)
	}
	return page
}

// TestPosture_settings compares what everybody, every account, and those with the
// permission get to see. Secrets come in clear to the last, and what is hidden to nobody.
func TestPosture_settings(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		public, private := map[string]any{}, map[string]any{}
		for _, s := range rocketchattest.DefaultSettings(release) {
			switch value := must(json.Marshal(s.Value)); {
			case s.Hidden:
			case s.Public:
				public[s.ID] = string(value)
			default:
				private[s.ID] = string(value)
			}
		}
		for _, id := range []string{"SMTP_Password", "LDAP_Authentication_Password", "Accounts_OAuth_Google_secret"} {
			if text, _ := private[id].(string); len(text) < 10 {
				t.Errorf("%s: the secret %s is not private, or empty: %s", release, id, text)
			}
		}
		if len(public) <= 50 || len(private) < 20 {
			t.Errorf("%s: %d public and %d private settings do not fill a page", release, len(public), len(private))
		}
		all := maps.Clone(public)
		maps.Copy(all, private)
		w := rocketchattest.New(rocketchattest.Options{Release: release})
		for _, test := range []struct {
			route, account string
			want           map[string]any
		}{
			{"settings.public?count=0", "nobody", public},
			{"settings.public?count=0", "none", public},
			{"settings?count=0", "viewonly", public},
			{"settings?count=0", "none", all},
		} {
			got := map[string]any{}
			for id, value := range getSettings(t, w, test.route, test.account).values() {
				got[id] = string(must(json.Marshal(value)))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s: %s as %s (-want +got):\n%s", release, test.route, test.account, diff)
			}
		}
	}
}

// TestWorkspace_permissionsAreEnforced: what permissions.listAll shows is what the accounts may do.
func TestWorkspace_permissionsAreEnforced(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		w := rocketchattest.New(rocketchattest.Options{Release: release, PermissionRoles: map[string][]string{
			rocketchattest.PermissionView:   {rocketchattest.RoleGuest},
			rocketchattest.PermissionLogout: nil,
		}})
		var list struct {
			Update []struct {
				ID    string `json:"_id"`
				Roles []string
			}
			Remove []any
		}
		if err := json.Unmarshal([]byte(call(t, w, "permissions.listAll", "noperm").body), &list); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, p := range list.Update {
			got[p.ID] = p.Roles
		}
		want := map[string][]string{
			rocketchattest.PermissionView: {rocketchattest.RoleGuest}, rocketchattest.PermissionLogout: {},
			rocketchattest.PermissionViewRoom: {"admin", "user", "federated-external", "bot", "app", "guest"},
		}
		for id, roles := range want {
			if diff := cmp.Diff(roles, got[id]); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", release, id, diff)
			}
		}
		if list.Remove == nil || len(got) < 30 || !slices.Contains(got["manage-apps"], rocketchattest.RoleAdmin) {
			t.Errorf("%s: remove is %v, and %d permissions", release, list.Remove, len(got))
		}
		for account, status := range map[string]int{"none": http.StatusForbidden, "viewonly": http.StatusForbidden, "guest": http.StatusOK} {
			asked := call(t, w, "sessions/list?count=1", account) // needs none
			if asked.status != http.StatusOK {
				t.Errorf("%s: %s: %d %s", release, account, asked.status, asked.body)
			}
			asked = call(t, w, "sessions/info.admin?sessionId=.*", account)
			if asked.status != status {
				t.Errorf("%s: info.admin as %s: %d %s", release, account, asked.status, asked.body)
			}
		}
		w.CreateUser(rocketchattest.DirectoryUser{
			ID: w.Account("viewonly").UserID, Username: rocketchattest.Some("viewonly"), Roles: rocketchattest.Some([]string{rocketchattest.RoleGuest}),
		})
		if call(t, w, "sessions/list.all", "viewonly").status != http.StatusOK {
			t.Errorf("%s: a new role changes nothing", release)
		}
	}
}

// TestPosture_options: what an option sets is shown, and misspelled IDs do not pass.
func TestPosture_options(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{
		TwoFactorOff: true, UpperCount: 20,
		SettingValues: map[string]any{"Accounts_LoginExpiration": 30, "Accounts_RegistrationForm": "Disabled"},
		Mandatory2FA:  []string{rocketchattest.RoleAdmin},
	})
	got := getSettings(t, w, "settings?count=0", "none").values()
	for id, want := range map[string]any{
		"Accounts_LoginExpiration": 30.0, "Accounts_RegistrationForm": "Disabled", "Accounts_TwoFactorAuthentication_Enabled": false,
		"API_Upper_Count_Limit": 20.0, "Accounts_TwoFactorAuthentication_RememberFor": 1800.0,
	} {
		if diff := cmp.Diff(want, got[id]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	var list struct{ Roles []rocketchattest.Role }
	if err := json.Unmarshal([]byte(call(t, w, "roles.list", "none").body), &list); err != nil {
		t.Fatal(err)
	}
	for _, role := range list.Roles {
		if role.Mandatory2FA != (role.ID == rocketchattest.RoleAdmin) {
			t.Errorf("a second factor is mandatory for %s: %t", role.ID, role.Mandatory2FA)
		}
	}
	for name, options := range map[string]rocketchattest.Options{
		"setting":              {SettingValues: map[string]any{"nosuch": 1}},
		"setting of an option": {SettingValues: map[string]any{"API_Upper_Count_Limit": 1}},
		"permission":           {PermissionRoles: map[string][]string{"nosuch": nil}},
		"role":                 {Mandatory2FA: []string{"nosuch"}},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: a misspelled ID passes", name)
				}
			}()
			rocketchattest.New(options)
		}()
	}
}

// TestPosture_meShowsNoSecrets: the account learns its own roles, and nothing that others could
// log in with.
func TestPosture_meShowsNoSecrets(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		w := rocketchattest.New(rocketchattest.Options{Release: release})
		for _, account := range rocketchattest.DefaultAccounts() {
			got := call(t, w, "me", account.Username)
			var me struct {
				ID    string `json:"_id"`
				Roles []string
			}
			if err := json.Unmarshal([]byte(got.body), &me); err != nil || me.ID != account.UserID {
				t.Fatalf("%s as %s: %d %s, %v", release, account.Username, got.status, got.body, err)
			}
			if diff := cmp.Diff(account.Roles, me.Roles); diff != "" && len(account.Roles)+len(me.Roles) > 0 {
				t.Errorf("%s as %s (-account +me):\n%s", release, account.Username, diff)
			}
			for _, secret := range []string{account.Token, account.TOTPSecret, account.Password} {
				if secret != "" && strings.Contains(got.body, secret) {
					t.Errorf("%s as %s: me shows %s", release, account.Username, secret)
				}
			}
		}
	}
}
