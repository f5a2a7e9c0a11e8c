// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// accountCases are the arguments that select users, or sessions by their users: ofUser has a selector of
// users select those. prefix is before the names of arguments, in lists of sessions.
func (s *suite) accountCases(rows []row, prefix string, ofUser func(selector) selector) []listCase {
	hasRole := func(ids []string) selector {
		return ofUser(selects(func(user row) bool {
			return slices.ContainsFunc(user.texts("roles"), func(id string) bool { return slices.Contains(ids, id) })
		}))
	}
	byRole := func(asked string) selector { return hasRole(s.rolesOf(asked)) }
	byPermission := func(permission string) selector { return hasRole(s.permissions[permission]) }
	byType := func(kind string) selector { return ofUser(is("type", kind)) }
	var ids, names []string
	for _, role := range s.roles {
		id, name := role.text("id"), role.text("name")
		if s.ofWorkspace([]string{id}) {
			ids = append(ids, id)
		}
		if name != id && !slices.ContainsFunc(s.rolesOf(name), func(id string) bool { return !s.ofWorkspace([]string{id}) }) {
			names = append(names, name)
		}
	}
	permissions := slices.DeleteFunc(slices.Sorted(maps.Keys(s.permissions)), func(id string) bool { return !s.ofWorkspace(s.permissions[id]) })
	var cases []listCase
	for _, c := range []struct {
		name, argument string
		candidates     []string
		of             func(string) selector
	}{
		{prefix + "roles by id", prefix + "roles", ids, byRole},
		{prefix + "roles by name", prefix + "roles", names, byRole},
		{prefix + "types", prefix + "types", []string{"user", "bot", "app"}, byType},
		{"user_permissions", "user_permissions", permissions, byPermission},
	} {
		found, ok := pick(rows, c.candidates, c.of)
		cases = append(cases, when(ok, listCase{name: c.name, arguments: config{c.argument: []string{found}}, selects: c.of(found)}))
	}
	for _, active := range []bool{true, false} {
		of := ofUser(selects(func(user row) bool { return (user.fields["active"] == true) == active }))
		cases = append(cases, when(discriminates(rows, of), listCase{name: prefix + "active", arguments: config{prefix + "active": active}, selects: of}))
	}
	return cases
}

// readUsers reads the users in as few calls as possible.
func (s *suite) readUsers(ctx context.Context) (listing, *refusal) {
	names := map[string]string{}
	for _, role := range s.roles {
		names[role.text("id")] = role.text("name")
	}
	decode := func(document map[string]any) row {
		r := userWhere.decode(document)
		r.fields["active"] = r.fields["active"] == true
		if ids, ok := r.fields["roles"].([]string); ok {
			roleNames := []string{}
			for _, id := range ids {
				roleNames = append(roleNames, cmp.Or(names[id], id)) // the id of a role that is gone
			}
			r.fields["role_names"] = roleNames
		}
		return r
	}
	everybody := url.Values{"count": {"0"}, "sort": {`{"_id":1}`}}
	l, refused := s.raw.list(ctx, "users.listByStatus", "users", everybody, decode)
	if refused != nil && refused.status == http.StatusNotFound {
		return s.raw.list(ctx, "users.list", "users", everybody, decode)
	}
	return l, refused
}

// checkUsers compares the list of users.
func (s *suite) checkUsers(ctx context.Context) {
	b, refused := s.checkList(ctx, ofUsers, func() (listing, *refusal) { return s.readUsers(ctx) }, func(b *bracket) []listCase {
		rows := b.before.rows
		cases := append(ofUsers.listCases(rows), s.accountCases(rows, "", func(of selector) selector { return of })...)
		age, ok := quietAge(rows, "last_login_at", b.before.to)
		return append(cases, when(ok, listCase{
			name: "inactive_for", arguments: config{"inactive_for": age.String()}, selects: olderThan("last_login_at", age, b),
		}))
	})
	if refused != nil {
		_, s.usersGone = refused.explanation("view-d-room")
		s.checkRefusal(ctx, "users", refused, "view-d-room", usersSource, nil)
		return
	}
	// Nil is a user whose account has changed.
	account := func(user row) string {
		return encoded([]any{user.fields["roles"], user.fields["type"], user.fields["active"]})
	}
	s.users = map[string]row{}
	for _, user := range slices.Concat(b.before.rows, b.after.rows) {
		id := user.text("id")
		if other, known := s.users[id]; known && (other == nil || account(other) != account(user)) {
			user = nil
		}
		s.users[id] = user
	}
}

// secretNames are the ids that the provider documents to refuse.
var secretNames = regexp.MustCompile(`(?i)secret|credential|private|salt|pass|token|key`)

// checkSettings compares settings of each type, a private one, an unknown one and a secret.
func (s *suite) checkSettings(ctx context.Context) {
	read := func(ids ...string) *result { return s.main.read(ctx, settingsSource, config{"ids": ids}) }
	public := granted(s.raw.list(ctx, "settings.public", "settings", url.Values{"count": {"0"}}, func(document map[string]any) row {
		return newRow(map[string]any{"id": document["_id"], "value": document["value"]})
	}))
	want := map[string]any{}
	for _, fits := range []func(any) bool{
		func(value any) bool { _, ok := value.(bool); return ok },
		func(value any) bool { _, ok := value.(float64); return ok },
		func(value any) bool { text, ok := value.(string); return ok && text != "" },
	} {
		at := slices.IndexFunc(public.rows, func(setting row) bool {
			id := setting.text("id")
			return fits(setting.fields["value"]) && strings.HasPrefix(id, "Accounts_") && !secretNames.MatchString(id)
		})
		if at >= 0 {
			want[public.rows[at].text("id")] = public.rows[at].fields["value"]
		}
	}
	if ids := slices.Sorted(maps.Keys(want)); len(ids) == 0 {
		s.skip("settings: public", "no public setting begins with Accounts_")
	} else {
		same := func(r *result) []string { return append(r.errors, differs(r.values["values"], want)) }
		s.verify("settings: public", same(read(ids...))...)
		s.chosen = append(s.chosen, block{settingsSource, config{"ids": ids}, same})
	}

	const private, unknown, secret = "API_Upper_Count_Limit", "Accounts_LoginExpiry_of_the_suite", "SMTP_Password"
	if raw, refused := s.raw.get(ctx, "settings/"+private, nil); refused != nil {
		s.checkRefusal(ctx, "settings: private", refused, "view-privileged-setting", settingsSource, config{"ids": []string{private}})
	} else {
		r := read(private)
		s.verify("settings: private", append(r.errors, differs(r.values["values"], config{private: raw.fields["value"]}))...)
		s.verify("settings: an unknown id", read(unknown).fails(unknown))
	}
	s.verify("settings: a secret", read(secret).fails("The setting is a secret"))
}
