// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// kind is a list that the provider returns.
type kind struct {
	source, rows string
	// pathOf says which field a key of match, exclude and sort is, where the two have other names.
	pathOf              map[string]string
	matchKeys, sortKeys []string
	// order is the one without sort; tie breaks ties in every one.
	order, tie string
	// seen is the field that says since when a row is there.
	seen string
}

var sessionPaths = map[string]string{
	"device_type": "device.type", "device_name": "device.name", "device_version": "device.version",
	"os_name": "device.os.name", "os_version": "device.os.version", "username": "user.username", "name": "user.name",
}

var ownKeys = []string{"session_id", "user_id", "host", "ip", "device_type", "device_name", "device_version", "os_name", "os_version"}

var ofWorkspace = kind{
	source: workspaceSessions, rows: "sessions", pathOf: sessionPaths,
	matchKeys: append(slices.Clone(ownKeys), "username", "name"), sortKeys: append(slices.Clone(ownKeys), "username", "name", "login_at"),
	order: "-login_at", tie: "session_id", seen: "login_at",
}

var ofAccount = kind{
	source: ownSessions, rows: "sessions", pathOf: sessionPaths, matchKeys: ownKeys, sortKeys: append(slices.Clone(ownKeys), "login_at"),
	order: "-login_at", tie: "session_id", seen: "login_at",
}

var ofUsers = kind{
	source: usersSource, rows: "users", matchKeys: []string{"username", "name", "type", "role"},
	sortKeys: []string{"username", "name", "type", "last_login_at"}, order: "username", tie: "id",
}

func (k kind) path(key string) string { return cmp.Or(k.pathOf[key], key) }

// listCase is a read with arguments, and what it must return.
type listCase struct {
	name      string
	arguments config
	// selects is nil for a case that the data of the workspace do not allow; why says so.
	selects selector
	why     string
	// beyond is how many rows of each user are omitted; none if nil.
	beyond *int
	sort   []string
	offset int
	limit  *int
	// searches has the workspace itself select.
	searches bool
	// adds completes what a session must say about its user; nil if nobody knows.
	adds func(row) row

	result *result
}

const nothingDistinguishes = "no value of theirs distinguishes the rows"

// listCases are cases for what all lists have: arguments made of the values in the list.
func (k kind) listCases(rows []row, fields func(key string) []string) []listCase {
	cases := []listCase{{name: "all", arguments: config{}, selects: all}}
	for _, key := range k.matchKeys {
		of := func(text string) selector { return matches("^"+quoted(text)+"$", fields(key)...) }
		var values []string
		for _, path := range fields(key) {
			values = append(values, candidates(rows, path)...)
		}
		value, ok := pick(rows, values, of)
		if !ok {
			why := nothingDistinguishes
			cases = append(cases, listCase{name: "match." + key, why: why}, listCase{name: "exclude." + key, why: why})
			continue
		}
		expression := config{key: "^" + quoted(value) + "$"}
		cases = append(cases,
			listCase{name: "match." + key, arguments: config{"match": expression}, selects: of(value)},
			listCase{name: "exclude." + key, arguments: config{"exclude": expression}, selects: func(r row) verdict { return not(of(value)(r)) }})
	}
	for _, key := range k.sortKeys {
		for _, order := range []string{key, "-" + key} {
			cases = append(cases, listCase{name: "sort " + order, arguments: config{"sort": []string{order}}, selects: all, sort: []string{order}})
		}
	}
	if len(rows) == 0 {
		return []listCase{cases[0], {name: "arguments", why: "the list is empty"}}
	}
	if len(rows) < 2 {
		return append(cases, listCase{name: "limit", why: "there are fewer than two rows"})
	}
	half := max(len(rows)/2, 1)
	return append(cases,
		listCase{name: "limit", arguments: config{"limit": half}, selects: all, limit: &half},
		listCase{name: "limit 0", arguments: config{"limit": 0}, selects: all, limit: new(int)})
}

// ordered are the keys by which a result is in order.
func (k kind) ordered(c *listCase) []string {
	if len(c.sort) > 0 {
		return append(slices.Clone(c.sort), k.tie)
	}
	return []string{k.order, k.tie}
}

// bracket is the same list, read before and after the provider.
type bracket struct {
	before, after listing
	// stable are the rows that were there all the time.
	stable []row
	// quiet means that nothing moved: every number must be right.
	quiet bool
}

func newBracket(before, after listing) *bracket {
	quiet := before.whole && after.whole && maps.Equal(counted(before.rows), counted(after.rows))
	return &bracket{before, after, common(before.rows, after.rows), quiet}
}

// problems compares the result of a case with the two lists. moved reports that the comparison needs a
// list that does not move.
func (k kind) problems(c *listCase, b *bracket) (problems []string, moved bool) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if len(c.result.errors) > 0 {
		return []string{"the read failed: " + c.result.errors[0]}, false
	}
	got := c.result.rows
	keys := k.ordered(c)
	if !slices.IsSortedFunc(got, func(x, y row) int { return compareRows(x, y, keys, k.pathOf) }) {
		say("the result is not in the order %v", keys)
	}
	stable := b.stable
	wanted := map[string]verdict{}
	for _, r := range stable {
		wanted[r.key()] = c.selects(r)
	}
	if c.beyond != nil {
		b.omitNewest(wanted, stable, *c.beyond)
	}
	sure := !slices.Contains(slices.Collect(maps.Values(wanted)), unsure)
	if cut := c.limit != nil || c.offset > 0; cut {
		if !b.quiet || !sure {
			return problems, true
		}
		k.compareCut(c, stable, wanted, say)
	} else {
		compareSelected(got, stable, wanted, say)
		if c.result.matched != len(got) {
			say("matched is %d, and there are %d rows", c.result.matched, len(got))
		}
	}
	if b.quiet && !c.searches && c.result.total != b.before.total {
		say("total is %d, and the workspace reports %d", c.result.total, b.before.total)
	}
	k.compareOthers(c, b, wanted, say)
	compareOwners(c, b, say)
	return problems, false
}

// compareSelected wants every stable row in the result as often as it is selected.
func compareSelected(got, stable []row, wanted map[string]verdict, say func(string, ...any)) {
	counts, there := counted(got), counted(stable)
	for _, key := range slices.Sorted(maps.Keys(there)) {
		want := 0
		switch wanted[key] {
		case unsure:
			continue
		case yes:
			want = there[key]
		}
		if counts[key] != want {
			say("%d times instead of %d: %s", counts[key], want, key)
		}
	}
}

// compareCut wants the part of the selected rows that offset and limit leave.
func (k kind) compareCut(c *listCase, stable []row, wanted map[string]verdict, say func(string, ...any)) {
	keys := k.ordered(c)
	compare := func(x, y row) int { return compareRows(x, y, keys, k.pathOf) }
	selected := slices.DeleteFunc(slices.Clone(stable), func(r row) bool { return wanted[r.key()] != yes })
	slices.SortStableFunc(selected, compare)
	if c.result.matched != len(selected) {
		say("matched is %d, and the suite finds %d", c.result.matched, len(selected))
	}
	part := selected[min(c.offset, len(selected)):]
	if c.limit != nil {
		part = part[:min(*c.limit, len(part))]
	}
	if !slices.EqualFunc(part, c.result.rows, func(x, y row) bool { return compare(x, y) == 0 }) {
		say("%d rows, and the suite finds %d, or others", len(c.result.rows), len(part))
	}
}

// compareOthers wants a row that was not there all the time to be explained by what moves.
func (k kind) compareOthers(c *listCase, b *bracket, wanted map[string]verdict, say func(string, ...any)) {
	known := counted(append(slices.Clone(b.before.rows), b.after.rows...))
	for _, r := range c.result.rows {
		key := r.key()
		if _, ok := wanted[key]; ok {
			continue
		}
		isNew := k.seen == "" || r.time(k.seen).After(b.before.from.Add(-time.Minute))
		switch {
		case known[key] == 0 && (b.quiet || !isNew):
			say("a row that the workspace does not list: %s", key)
		case known[key] > 0 && c.beyond == nil && c.selects(r) == no:
			say("a row that the arguments omit: %s", key)
		}
	}
}

// compareOwners wants sessions to say about their users what both lists say.
func compareOwners(c *listCase, b *bracket, say func(string, ...any)) {
	owners := map[string]string{}
	for _, r := range slices.Concat(b.before.rows, b.after.rows) {
		owner := ""
		if c.adds == nil {
			owner = r.owner()
		} else if whole := c.adds(r); whole != nil {
			owner = whole.owner()
		}
		if other, ok := owners[r.key()]; ok && other != owner {
			owner = "" // it has changed, or rows are equal
		}
		owners[r.key()] = owner
	}
	for _, r := range c.result.rows {
		if want := owners[r.key()]; want != "" && want != r.owner() {
			say("the user of %s is %s instead of %s", r.key(), r.owner(), want)
		}
	}
}

// omitNewest leaves out so many rows of each user, and does not judge users of whom a row moved.
func (b *bracket) omitNewest(wanted map[string]verdict, stable []row, most int) {
	moving := map[string]bool{}
	there := counted(stable)
	for _, list := range [][]row{b.before.rows, b.after.rows} {
		for key, n := range counted(list) {
			if n != there[key] {
				for _, r := range list {
					if user, _ := r.text("user_id"); r.key() == key {
						moving[user] = true
					}
				}
			}
		}
	}
	newest := slices.Clone(stable)
	slices.SortStableFunc(newest, func(x, y row) int { return compareRows(x, y, []string{"-login_at", "session_id"}, nil) })
	rank := map[string]int{}
	for i, r := range newest {
		user, _ := r.text("user_id")
		tied := func(other row) bool {
			return other.key() != r.key() && other.fields["user_id"] == r.fields["user_id"] && compareRows(other, r, []string{"login_at", "session_id"}, nil) == 0
		}
		if wanted[r.key()] == no {
			continue
		}
		if wanted[r.key()] == unsure {
			moving[user] = true
		}
		rank[user]++
		if moving[user] || there[r.key()] > 1 || i > 0 && tied(newest[i-1]) || i+1 < len(newest) && tied(newest[i+1]) {
			wanted[r.key()] = unsure
		} else {
			wanted[r.key()] = verdictOf(rank[user] > most)
		}
	}
}
