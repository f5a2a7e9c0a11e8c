// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// accountArgument is an argument that selects users, or sessions by their users.
type accountArgument struct {
	name string
	// value is nil if none distinguishes users; why says so.
	value   any
	selects selector
	why     string
}

// accountArguments are made of the users that judge is asked about. prefix is before the names of
// arguments, in lists of sessions.
func (s *suite) accountArguments(rows []row, prefix string, ofUser func(selector) selector) []accountArgument {
	hasRole := func(ids []string) selector {
		return ofUser(func(user row) verdict {
			return verdictOf(slices.ContainsFunc(user.texts("roles"), func(id string) bool { return slices.Contains(ids, id) }))
		})
	}
	byRole := func(asked string) selector { return hasRole(s.rolesOf(asked)) }
	byPermission := func(permission string) selector { return hasRole(s.permissions[permission]) }
	byType := func(kind string) selector {
		return ofUser(func(user row) verdict { return verdictOf(user.fields["type"] == kind) })
	}
	byActive := func(active bool) selector {
		return ofUser(func(user row) verdict { return verdictOf((user.fields["active"] == true) == active) })
	}
	var ids, names, permissions []string
	for _, role := range s.roles {
		id, _ := role.text("id")
		name, _ := role.text("name")
		if role.fields["scope"] != "Subscriptions" {
			ids = append(ids, id)
		}
		if name != id && !slices.ContainsFunc(s.rolesOf(name), func(id string) bool { return !s.ofWorkspace([]string{id}) }) {
			names = append(names, name)
		}
	}
	for _, permission := range slices.Sorted(maps.Keys(s.permissions)) {
		if s.ofWorkspace(s.permissions[permission]) {
			permissions = append(permissions, permission)
		}
	}
	var arguments []accountArgument
	add := func(name, argument string, candidates []string, of func(string) selector) {
		found, ok := pick(rows, candidates, of)
		if !ok {
			arguments = append(arguments, accountArgument{name: name, why: nothingDistinguishes})
			return
		}
		arguments = append(arguments, accountArgument{argument, []string{found}, of(found), name})
	}
	add(prefix+"roles by id", prefix+"roles", ids, byRole)
	add(prefix+"roles by name", prefix+"roles", names, byRole)
	add(prefix+"types", prefix+"types", []string{"user", "bot", "app"}, byType)
	add("user_permissions", "user_permissions", permissions, byPermission)
	for _, active := range []bool{true, false} {
		if of := byActive(active); discriminates(rows, of) {
			arguments = append(arguments, accountArgument{prefix + "active", active, of, prefix + "active"})
		} else {
			arguments = append(arguments, accountArgument{name: prefix + "active", why: nothingDistinguishes})
		}
	}
	return arguments
}

func (a accountArgument) listCase() listCase {
	if a.value == nil {
		return listCase{name: a.name, why: a.why}
	}
	return listCase{name: a.why, arguments: config{a.name: a.value}, selects: a.selects}
}

// readUsers reads the users in as few calls as possible.
func (s *suite) readUsers(ctx context.Context) (listing, error) {
	decode := func(document map[string]any) row {
		r := userWhere.decode(document)
		r.fields["active"] = r.fields["active"] == true
		if ids, ok := r.fields["roles"].([]string); ok {
			r.fields["role_names"] = s.namesOf(ids)
		}
		return r
	}
	everybody := url.Values{"count": {"0"}, "sort": {`{"_id":1}`}}
	l, err := s.raw.list(ctx, "users.listByStatus", "users", everybody, decode)
	if refused, ok := isRefused(err); ok && refused.status == 404 {
		return s.raw.list(ctx, "users.list", "users", everybody, decode)
	}
	return l, err
}

// checkUsers compares the list of users.
func (s *suite) checkUsers(ctx context.Context) error {
	before, err := s.readUsers(ctx)
	if refused, ok := isRefused(err); ok {
		_, s.usersGone = refused.explanation("view-d-room")
		return s.checkRefusal(ctx, "users", refused, "view-d-room", func(i *instance) (*result, error) {
			return i.read(ctx, usersSource, "users", config{})
		})
	}
	if err != nil {
		return err
	}
	var after listing
	from, to := func() time.Time { return before.from.Add(-2 * time.Second) }, func() time.Time { return after.to.Add(2 * time.Second) }
	fields := func(key string) []string {
		if key == "role" {
			return []string{"roles", "role_names"}
		}
		return []string{key}
	}
	cases := ofUsers.listCases(before.rows, fields)
	for _, a := range s.accountArguments(before.rows, "", func(of selector) selector { return of }) {
		cases = append(cases, a.listCase())
	}
	if age, ok := quietAge(before.rows, "last_login_at", before.to); ok {
		cases = append(cases, listCase{
			name: "inactive_for", arguments: config{"inactive_for": age.String()}, selects: olderThan("last_login_at", age, from, to),
		})
	} else {
		cases = append(cases, listCase{name: "inactive_for", why: nothingDistinguishes})
	}
	cases = s.chosenCases(cases)
	if err := s.readAll(ctx, ofUsers, cases); err != nil {
		return err
	}
	if after, err = s.readUsers(ctx); err != nil {
		return err
	}
	b := newBracket(before, after)
	s.compare("users", ofUsers, cases, b)
	s.users = accountsOf(b)
	s.chosen = append(s.chosen, block{usersSource, "all", "", func(object map[string]any) []string {
		return judged(ofUsers, &listCase{selects: all}, b, object)
	}})
	return nil
}

// accountsOf are the users by id; nil for one whose account has changed.
func accountsOf(b *bracket) map[string]row {
	account := func(user row) string {
		return encoded([]any{user.fields["roles"], user.fields["type"], user.fields["active"]})
	}
	users := map[string]row{}
	for _, user := range slices.Concat(b.before.rows, b.after.rows) {
		id, _ := user.text("id")
		if other, known := users[id]; known && (other == nil || account(other) != account(user)) {
			user = nil
		}
		users[id] = user
	}
	return users
}

// judged compares what a CLI has read with a list of before.
func judged(k kind, c *listCase, b *bracket, object map[string]any) []string {
	c.result = resultOf(object, k.rows)
	problems, _ := k.problems(c, b)
	return problems
}

// secretNames are the ids that the provider documents to refuse.
var secretNames = regexp.MustCompile(`(?i)secret|credential|private|salt|pass|token|key`)

// checkSettings compares settings of each type, a private one, an unknown one and a secret.
func (s *suite) checkSettings(ctx context.Context) error {
	public, err := s.raw.list(ctx, "settings.public", "settings", url.Values{"count": {"0"}}, func(document map[string]any) row {
		return newRow(map[string]any{"id": document["_id"], "value": document["value"]})
	})
	if err != nil {
		return err
	}
	want := map[string]any{}
	for _, what := range []string{"bool", "number", "string"} {
		for _, setting := range public.rows {
			id, _ := setting.text("id")
			value := setting.fields["value"]
			_, isBool := value.(bool)
			_, isNumber := value.(float64)
			text, isText := value.(string)
			fits := map[string]bool{"bool": isBool, "number": isNumber, "string": isText && text != ""}[what]
			if fits && strings.HasPrefix(id, "Accounts_") && !secretNames.MatchString(id) {
				want[id] = value
				break
			}
		}
	}
	ids := slices.Sorted(maps.Keys(want))
	if len(ids) == 0 {
		s.skip("settings: public", "no public setting begins with Accounts_")
	} else {
		r, err := s.main.read(ctx, settingsSource, "", config{"ids": ids})
		if err != nil {
			return err
		}
		s.verify("settings: public", sameSettings(r, want)...)
		s.chosen = append(s.chosen, block{settingsSource, "public", `ids = ["` + strings.Join(ids, `", "`) + `"]`, func(object map[string]any) []string {
			return sameSettings(&result{values: object}, want)
		}})
	}
	if err := s.checkPrivateSetting(ctx); err != nil {
		return err
	}
	r, err := s.main.read(ctx, settingsSource, "", config{"ids": []string{"SMTP_Password"}})
	if err != nil {
		return err
	}
	s.verify("settings: a secret", r.fails("The setting is a secret"))
	return nil
}

func sameSettings(r *result, want map[string]any) []string {
	problems := slices.Clone(r.errors)
	values, _ := r.values["values"].(map[string]any)
	if encoded(values) != encoded(want) {
		problems = append(problems, encoded(values)+" instead of "+encoded(want))
	}
	return problems
}

func (s *suite) checkPrivateSetting(ctx context.Context) error {
	const name, id = "settings: private", "API_Upper_Count_Limit"
	read := func(i *instance) (*result, error) {
		return i.read(ctx, settingsSource, "", config{"ids": []string{id}})
	}
	raw, err := s.raw.get(ctx, "settings/"+id, nil)
	if refused, ok := isRefused(err); ok {
		return s.checkRefusal(ctx, name, refused, "view-privileged-setting", read)
	}
	if err != nil {
		return err
	}
	r, err := read(s.main)
	if err != nil {
		return err
	}
	s.verify(name, sameSettings(r, map[string]any{id: raw.fields["value"]})...)
	const unknown = "Accounts_LoginExpiry_of_the_suite"
	if r, err = s.main.read(ctx, settingsSource, "", config{"ids": []string{unknown}}); err != nil {
		return err
	}
	s.verify("settings: an unknown id", r.fails(unknown))
	return nil
}
