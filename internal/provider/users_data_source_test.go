// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

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

func usernames(t *testing.T, result map[string]tftypes.Value) string {
	t.Helper()
	var rows []tftypes.Value
	if err := result["users"].As(&rows); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range rows {
		var name string
		if err := object(t, row)["username"].As(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
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
			if got := usernames(t, result); got != c.want {
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

func TestAccUsers_basic(t *testing.T) {
	t.Parallel()
	w := village(t)
	const eve = "data.rocketchat_users.all"
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Config: w.provider("none") + example(t, "data-sources/rocketchat_users/data-source.tf") + `
data "rocketchat_users" "all" {
  match = { username = "^(eve|ida)$" }
}
`,
			Check: resource.ComposeTestCheckFunc(
				resource.TestCheckResourceAttr(eve, "total", "9"),
				resource.TestCheckResourceAttr(eve, "matched", "2"),
				resource.TestCheckResourceAttr(eve, "users.0.role_names.0", "Équipe sécurité"),
				resource.TestCheckResourceAttr(eve, "users.0.roles.0", rocketchattest.RoleDeviceAuditor),
				resource.TestCheckResourceAttr(eve, "users.1.role_names.0", rocketchattest.RoleGone),
				resource.TestCheckResourceAttr(eve, "users.0.last_login_at", "2023-05-30T11:00:00.000Z"),
				resource.TestCheckResourceAttr("data.rocketchat_users.dormant", "matched", "2"),
			),
		}},
	})
}

// TestUsersDataSource_encoding compares the bytes of both ways to Terraform,
// for users of every odd shape.
func TestUsersDataSource_encoding(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 300, SyntheticUsers: 300})
	read := func(s tfprotov6.ProviderServer) []byte {
		schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		a := w.Account("none")
		if _, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
			Config: dynamic(t, schema.Provider.ValueType(), attributes{"url": w.url, "user_id": a.UserID, "auth_token": a.Token}),
		}); err != nil {
			t.Fatal(err)
		}
		resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: usersName, Config: dynamic(t, schema.DataSourceSchemas[usersName].ValueType(), attributes{}),
		})
		if err != nil || len(resp.Diagnostics) > 0 {
			t.Fatal(err, details(resp.Diagnostics))
		}
		return resp.State.MsgPack
	}
	opts := []Option{WithEnv(noEnv), WithClock(w.clock)}
	want := read(frameworkServer(t, opts...))
	if got := read(NewServer("test", opts...)()); !bytes.Equal(got, want) || len(got) < 40_000 {
		t.Errorf("%d bytes differ from the framework's %d", len(got), len(want))
	}
	if bytes.Contains(want, []byte("@example")) || bytes.Contains(want, []byte("emails")) {
		t.Error("the result has an e-mail address")
	}
}

func TestUsersDataSource_refused(t *testing.T) {
	t.Parallel()
	const hidden = ": The account cannot see the roles and last logins of users"
	for name, c := range map[string]struct {
		account string
		old     bool
		config  attributes
		want    string
		says    string
	}{
		"no permission":       {"deviceonly", false, attributes{}, "error at -: The account lacks a permission", "`view-d-room`"},
		"roles":               {"viewonly", true, attributes{"roles": []any{"admin"}}, "error at roles" + hidden, "view-full-other-user-info"},
		"permissions":         {"viewonly", true, attributes{"user_permissions": []any{"manage-apps"}}, "error at user_permissions" + hidden, "view-full-other-user-info"},
		"match by role":       {"viewonly", true, attributes{"match": attributes{"role": "admin"}}, "error at match.role" + hidden, ""},
		"exclude by role":     {"viewonly", true, attributes{"exclude": attributes{"role": "admin"}}, "error at exclude.role" + hidden, ""},
		"inactive":            {"viewonly", true, attributes{"inactive_for": "1d"}, "error at inactive_for" + hidden, ""},
		"sorted by login":     {"viewonly", true, attributes{"sort": []any{"-last_login_at"}}, "error at sort.0" + hidden, ""},
		"nothing that needs":  {"viewonly", true, attributes{"active": true}, "warning at users" + hidden, "can pass by mistake"},
		"seen before 6.8":     {"auditor", true, attributes{"roles": []any{"admin"}}, "", ""},
		"an unknown role":     {"none", false, attributes{"roles": []any{"admin", "Équipe"}}, "error at roles.1: Unknown role", `did you mean "Équipe sécurité"?`},
		"a timeout too short": {"none", false, attributes{"timeouts": attributes{"read": "0s"}}, "error at timeouts.read: Unusable duration", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := village(t)
			var opts []Option
			if c.old {
				opts = append(opts, WithTransport(roundTripper(withoutListByStatus)))
			}
			s := inTown(t, w, c.account, opts...)
			diags := s.validateData(t, usersName, c.config)
			if len(diags) == 0 {
				_, diags = s.readData(t.Context(), t, usersName, c.config)
			}
			if got := strings.Join(report(diags), "\n"); got != c.want {
				t.Fatalf("got %s, want %s\n%s", got, c.want, details(diags))
			}
			mustContain(t, details(diags), c.says)
		})
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

func TestUsersDataSource_validated(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, c := range map[string]struct {
		config     attributes
		want, says string
	}{
		"a misspelled key": {attributes{"match": attributes{"user_name": "a"}}, "error at match.user_name: Unknown key", `did you mean "username"?`},
		"roles":            {attributes{"exclude": attributes{"roles": "a"}}, "error at exclude.roles: Unknown key", `did you mean "role"?`},
		"an expression":    {attributes{"match": attributes{"role": "("}}, "error at match.role: Unusable regular expression", ""},
		"a sort key":       {attributes{"sort": []any{"-lastLogin"}}, "error at sort.0: Unknown sort key", `users cannot be sorted by "-lastLogin"; did you mean "-last_login_at"?`},
		"sorted by roles":  {attributes{"sort": []any{"role"}}, "error at sort.0: Unknown sort key", "The keys are `username`, `name`, `type` and `last_login_at`."},
		"an age":           {attributes{"inactive_for": "a year"}, "error at inactive_for: Unusable duration", ""},
		"a type":           {attributes{"types": []any{"human"}}, "error at types.0: Invalid Attribute Value Match", ""},
		"usable":           {attributes{"match": attributes{"role": "a", "type": "b"}, "sort": []any{"type", "-username"}, "inactive_for": "90d"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diags := s.validateData(t, usersName, c.config)
			if got := strings.Join(report(diags), "\n"); got != c.want {
				t.Fatalf("got %s, want %s\n%s", got, c.want, details(diags))
			}
			mustContain(t, details(diags), c.says)
		})
	}
}
