// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users_test

import (
	"cmp"
	"fmt"
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

func (d document) text(key string) string {
	text, _ := d[key].(string)
	return text
}

func (d document) roles() []string {
	held, _ := d["roles"].([]string)
	return held
}

// roleNames are the model's roles: one has no name, one is not listed.
func roleNames() map[string]string {
	return map[string]string{"admin": "admin", "x1": "Auditor", "x2": "admin", "x3": ""}
}

func (d document) matches(key string, pattern *table.Pattern) bool {
	var texts []string
	if text, ok := d[key].(string); ok {
		texts = append(texts, text)
	}
	if key == "role" {
		for _, id := range d.roles() {
			texts = append(texts, id, cmp.Or(roleNames()[id], id))
		}
	}
	expr := pattern.String()
	return expr == "" || slices.ContainsFunc(texts, regexp.MustCompile("(?i:"+expr+")").MatchString)
}

// selects is what the documentation says of a query.
func selects(q *users.Query, d document) bool {
	for key, pattern := range q.Match {
		if !d.matches(key, pattern) {
			return false
		}
	}
	for key, pattern := range q.Exclude {
		if d.matches(key, pattern) {
			return false
		}
	}
	_, hasType := d["type"].(string)
	at, _ := time.Parse(time.RFC3339Nano, d.text("lastLogin"))
	return (q.Roles == nil || slices.ContainsFunc(q.Roles, func(id string) bool { return slices.Contains(d.roles(), id) })) &&
		(q.Types == nil || hasType && slices.Contains(q.Types, d.text("type"))) &&
		(q.Active == nil || (d["active"] == true) == *q.Active) &&
		(q.InactiveSince == nil || d["lastLogin"] == nil || at.Sub(*q.InactiveSince) < 0)
}

// compare is the documented order: missing below everything, then ids.
func compare(orders []table.Order, a, b document) int {
	if len(orders) == 0 {
		orders = []table.Order{{Key: "username"}}
	}
	rank := func(d document, key string) string {
		if key == "last_login_at" {
			key = "lastLogin"
		}
		if _, ok := d[key].(string); !ok {
			return ""
		}
		return "+" + d.text(key)
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
	return strings.Compare(a.text("_id"), b.text("_id"))
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
	part := func(n int, pool ...string) []string {
		if !one(n) {
			return nil
		}
		return slices.DeleteFunc(pool, func(string) bool { return one(2) })
	}
	patterns := func() map[string]*table.Pattern {
		drawn := map[string]*table.Pattern{}
		for one(3) {
			pattern, err := table.CompilePattern(pick("", "a", "^a$", ".*", "bot", "auditor|x3", "gone", "^admin$"))
			if err != nil {
				t.Fatal(err)
			}
			drawn[pick("username", "name", "role", "type")] = pattern
		}
		return drawn
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
				d["roles"] = part(1, "admin", "x1", "x2", "x3", "gone")
			}
			if !one(3) {
				d["lastLogin"] = instant().Format("2006-01-02T15:04:05.000Z07:00")
			}
			documents = append(documents, d)
		}
		q := &users.Query{
			Match: patterns(), Exclude: patterns(),
			AccountFilter: users.AccountFilter{Roles: part(4, "admin", "x1", "gone", "none"), Types: part(4, "user", "bot", "app")},
		}
		if one(4) {
			q.Active = new(one(2))
		}
		if one(3) {
			q.InactiveSince = new(instant())
		}
		for one(2) {
			q.Sort = append(q.Sort, table.Order{Key: pick("username", "name", "type", "last_login_at"), Descending: one(2)})
		}
		if one(3) {
			q.Limit = new(random.IntN(20))
		}

		var want []string
		selected := slices.DeleteFunc(slices.Clone(documents), func(d document) bool { return !selects(q, d) })
		slices.SortFunc(selected, func(a, b document) int { return compare(q.Sort, a, b) })
		for i, d := range selected {
			if q.Limit == nil || i < *q.Limit {
				want = append(want, d.text("_id"))
			}
		}

		random.Shuffle(len(documents), func(i, j int) { documents[i], documents[j] = documents[j], documents[i] })
		result := q.Apply(decode(t, documents, roles))
		var got []string
		for _, row := range result.Users {
			got = append(got, row.ID)
		}
		if result.Matched != len(selected) || result.Users == nil || !slices.Equal(got, want) {
			t.Fatalf("got %d: %s, want %d: %s\n%+v\n%v", result.Matched, got, len(selected), want, q, documents)
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
