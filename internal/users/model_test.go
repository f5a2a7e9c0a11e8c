// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// document is a user as the server lists one. The model reads this form, so that
// it shares no code with the package.
type document map[string]any

// question is a query as the model knows it.
type question struct {
	match, exclude map[string]string
	active         *bool
	roles, types   []string
	since          *time.Time
	sort           []table.Order
	limit          *int
}

// roleNames are the model's roles: one has no name, one is not listed.
func roleNames() map[string]string {
	return map[string]string{"admin": "admin", "x1": "Auditor", "x2": "admin", "x3": ""}
}

// texts are what a key means for a user.
func (d document) texts(key string) []string {
	if key == "role" {
		held, _ := d["roles"].([]string)
		texts := slices.Clone(held)
		for _, id := range held {
			if name := roleNames()[id]; name != "" {
				texts = append(texts, name)
			}
		}
		return texts
	}
	if text, ok := d[key].(string); ok {
		return []string{text}
	}
	return nil
}

func (d document) matches(key, expr string) bool {
	return expr == "" || slices.ContainsFunc(d.texts(key), regexp.MustCompile("(?i:"+expr+")").MatchString)
}

func (q question) keeps(d document) bool {
	for key, expr := range q.match {
		if !d.matches(key, expr) {
			return false
		}
	}
	for key, expr := range q.exclude {
		if d.matches(key, expr) {
			return false
		}
	}
	held, _ := d["roles"].([]string)
	if q.roles != nil && !slices.ContainsFunc(q.roles, func(id string) bool { return slices.Contains(held, id) }) {
		return false
	}
	kind, ok := d["type"].(string)
	if q.types != nil && (!ok || !slices.Contains(q.types, kind)) {
		return false
	}
	if q.active != nil && (d["active"] == true) != *q.active {
		return false
	}
	if text, ok := d["lastLogin"].(string); ok && q.since != nil {
		at, _ := time.Parse(time.RFC3339Nano, text)
		return at.Sub(*q.since) < 0
	}
	return true
}

// compare is the documented order: missing below everything, then ids.
func (q question) compare(a, b document) int {
	orders := q.sort
	if len(orders) == 0 {
		orders = []table.Order{{Key: "username"}}
	}
	rank := func(d document, key string) string {
		if key == "last_login_at" {
			key = "lastLogin"
		}
		text, ok := d[key].(string)
		if !ok {
			return ""
		}
		return "+" + text
	}
	for _, order := range orders {
		c := strings.Compare(rank(a, order.Key), rank(b, order.Key))
		if order.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return strings.Compare(value[string](a, "_id"), value[string](b, "_id"))
}

func TestUsers_agreeWithTheModel(t *testing.T) {
	t.Parallel()
	rounds := 10_000
	if testing.Short() {
		rounds = 1000
	}
	var random *rand.Rand
	one := func(n int) bool { return random.IntN(n) == 0 }
	pick := func(pool ...string) string { return pool[random.IntN(len(pool))] }
	part := func(pool ...string) []string {
		return slices.DeleteFunc(pool, func(string) bool { return one(2) })
	}
	instant := func() time.Time { return time.UnixMilli(1_700_000_000_000 + random.Int64N(5)).UTC() }
	roles := []*users.Role{}
	for id, name := range roleNames() {
		roles = append(roles, &users.Role{ID: id, Name: name, Scope: "Users"})
	}
	kept := 0
	for seed := range randtest.Seeds(t, rounds) {
		random = rand.New(rand.NewPCG(seed, 0))
		documents := []document{}
		for n := range random.IntN(20) {
			d := document{"_id": fmt.Sprintf("u%02d", n), "emails": []string{"canary"}}
			for _, key := range []string{"username", "name", "type"} {
				switch random.IntN(5) {
				case 0:
				case 1:
					d[key] = nil
				default:
					d[key] = pick("", "a", "A", "b", "bot", "user", "é")
				}
			}
			if !one(4) {
				d["active"] = one(2)
			}
			if !one(4) {
				d["roles"] = part("admin", "x1", "x2", "x3", "gone")
			}
			if !one(3) {
				d["lastLogin"] = instant().Format("2006-01-02T15:04:05.000Z07:00")
			}
			documents = append(documents, d)
		}
		q := question{match: map[string]string{}, exclude: map[string]string{}}
		for _, patterns := range []map[string]string{q.match, q.exclude} {
			for one(3) {
				patterns[pick("username", "name", "role", "type")] = pick("", "a", "^a$", ".*", "bot", "auditor|x3", "gone", "^admin$")
			}
		}
		if one(4) {
			q.active = new(one(2))
		}
		if one(4) {
			q.roles = part("admin", "x1", "gone", "none")
		}
		if one(4) {
			q.types = part("user", "bot", "app")
		}
		if one(3) {
			q.since = new(instant())
		}
		for one(2) {
			q.sort = append(q.sort, table.Order{Key: pick("username", "name", "type", "last_login_at"), Descending: one(2)})
		}
		if one(3) {
			q.limit = new(random.IntN(20))
		}

		want := slices.DeleteFunc(slices.Clone(documents), func(d document) bool { return !q.keeps(d) })
		slices.SortFunc(want, q.compare)
		matched := len(want)
		if q.limit != nil {
			want = want[:min(*q.limit, len(want))]
		}

		random.Shuffle(len(documents), func(i, j int) { documents[i], documents[j] = documents[j], documents[i] })
		got := q.compile(t).Apply(decode(t, documents, roles))
		if got.Matched != matched || got.Users == nil || ids(got.Users) != idsOf(want) {
			encoded, _ := json.Marshal(documents)
			t.Fatalf("got %d: %s, want %d: %s\n%+v\n%s", got.Matched, ids(got.Users), matched, idsOf(want), q, encoded)
		}
		kept += len(want)
	}
	if _, replayed := randtest.Replayed(t); !replayed && kept < rounds {
		t.Errorf("%d users were kept: too few to show anything", kept)
	}
}

func decode(t *testing.T, documents []document, roles []*users.Role) []*users.Row {
	t.Helper()
	encoded, err := json.Marshal(documents)
	if err != nil {
		t.Fatal(err)
	}
	d := users.Directory{Roles: roles}
	if err := json.Unmarshal(encoded, &d.Users); err != nil {
		t.Fatal(err)
	}
	return d.Rows()
}

func (q question) compile(t *testing.T) *users.Query {
	t.Helper()
	query := &users.Query{
		Match: map[string]*table.Pattern{}, Exclude: map[string]*table.Pattern{}, InactiveSince: q.since, Sort: q.sort, Limit: q.limit,
		AccountFilter: users.AccountFilter{Roles: q.roles, Types: q.types, Active: q.active},
	}
	for to, from := range map[*map[string]*table.Pattern]map[string]string{&query.Match: q.match, &query.Exclude: q.exclude} {
		for key, expr := range maps.All(from) {
			pattern, err := table.CompilePattern(expr)
			if err != nil {
				t.Fatal(err)
			}
			(*to)[key] = pattern
		}
	}
	return query
}

func ids(rows []*users.Row) string {
	var all []string
	for _, row := range rows {
		all = append(all, row.ID)
	}
	return strings.Join(all, " ")
}

func idsOf(documents []document) string {
	var all []string
	for _, d := range documents {
		all = append(all, value[string](d, "_id"))
	}
	return strings.Join(all, " ")
}

// TestFields_ofUsers names roles, gone ones by their ids, and none where none are seen.
func TestFields_ofUsers(t *testing.T) {
	t.Parallel()
	rows := decode(t, []document{
		{"_id": "a", "roles": []string{"x1", "gone", "x3"}}, {"_id": "b"}, {"_id": "c", "roles": []string{}},
	}, []*users.Role{{ID: "x1", Name: "Auditor"}, {ID: "x3"}})
	if got := rows[0].RoleNames; !slices.Equal(got, []string{"Auditor", "gone", "x3"}) {
		t.Errorf("got %q", got)
	}
	if rows[1].RoleNames != nil || rows[2].RoleNames == nil {
		t.Error("no roles and roles that are not seen are not distinguished")
	}
}

// value is what a row has below a key, the zero value where it has none of the type.
func value[T any](row map[string]any, key string) T {
	v, _ := row[key].(T)
	return v
}
