// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// kind is a list that the provider returns.
type kind struct {
	name, source string
	// pathsOf says which fields a key of match, exclude and sort is, where they have other names.
	pathsOf             map[string][]string
	matchKeys, sortKeys []string
	// order is the one without sort; tie breaks ties in every one.
	order, tie string
	// seen is the field that says since when a row is there.
	seen string
}

var sessionPaths = map[string][]string{
	"device_type": {"device.type"}, "device_name": {"device.name"}, "device_version": {"device.version"},
	"os_name": {"device.os.name"}, "os_version": {"device.os.version"}, "username": {"user.username"}, "name": {"user.name"},
}

var ownKeys = []string{"session_id", "user_id", "host", "ip", "device_type", "device_name", "device_version", "os_name", "os_version"}

var ofWorkspace = kind{
	name: "sessions", source: workspaceSessions, pathsOf: sessionPaths,
	matchKeys: append(slices.Clone(ownKeys), "username", "name"), sortKeys: append(slices.Clone(ownKeys), "username", "name", "login_at"),
	order: "-login_at", tie: "session_id", seen: "login_at",
}

var ofAccount = kind{
	name: "own sessions", source: ownSessions, pathsOf: sessionPaths, matchKeys: ownKeys, sortKeys: append(slices.Clone(ownKeys), "login_at"),
	order: "-login_at", tie: "session_id", seen: "login_at",
}

var ofUsers = kind{
	name: "users", source: usersSource, pathsOf: map[string][]string{"role": {"roles", "role_names"}},
	matchKeys: []string{"username", "name", "type", "role"}, sortKeys: []string{"username", "name", "type", "last_login_at"},
	order: "username", tie: "id",
}

func (k kind) paths(keys ...string) (paths []string) {
	for _, key := range keys {
		if others, ok := k.pathsOf[key]; ok {
			paths = append(paths, others...)
		} else {
			paths = append(paths, key)
		}
	}
	return paths
}

// comparison orders rows by keys of sort: missing values first, text by code point.
func (k kind) comparison(keys ...string) func(a, b row) int {
	return func(a, b row) int {
		for _, key := range keys {
			name, descending := strings.CutPrefix(key, "-")
			path := k.paths(name)[0]
			// What is there is above what is missing, even if it is empty.
			order := slices.Compare(a.texts(path), b.texts(path))
			if descending {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	}
}

// listCase is a read with arguments, and what it must return.
type listCase struct {
	name      string
	arguments config
	// selects is nil for a case that the data of the workspace do not allow; why says so.
	selects selector
	why     string
	// adds completes what a session must say about its user; nil if nobody knows.
	adds func(row) row
	// early is read by a provider that has read nothing yet, with fewer calls than the whole list takes.
	early bool
	// read replaces the data source.
	read func(config) *result

	result *result
}

const nothingDistinguishes = "no value of theirs distinguishes the rows"

// when skips a case that the rows do not allow.
func when(allowed bool, c listCase) listCase {
	if !allowed {
		return listCase{name: c.name, why: nothingDistinguishes}
	}
	return c
}

// number is an argument that is a number.
func (c *listCase) number(argument string) (n int, ok bool) {
	n, ok = c.arguments[argument].(int)
	return n, ok
}

// listCases are cases for what all lists have: arguments made of the values in the list.
func (k kind) listCases(rows []row) []listCase {
	cases := []listCase{{name: "all", arguments: config{}, selects: all}}
	if len(rows) == 0 {
		return append(cases, listCase{name: "arguments", why: "the list is empty"})
	}
	for _, key := range k.matchKeys {
		of := func(text string) selector { return matches(exactly(text), k.paths(key)...) }
		value, ok := pick(rows, candidates(rows, k.paths(key)...), of)
		expression := config{key: exactly(value)}
		cases = append(cases,
			when(ok, listCase{name: "match." + key, arguments: config{"match": expression}, selects: of(value)}),
			when(ok, listCase{name: "exclude." + key, arguments: config{"exclude": expression}, selects: not(of(value))}))
	}
	for _, key := range k.sortKeys {
		for _, order := range []string{key, "-" + key} {
			cases = append(cases, listCase{name: "sort " + order, arguments: config{"sort": []string{order}}, selects: all})
		}
	}
	if len(rows) < 2 {
		return append(cases, listCase{name: "limit", why: "there are fewer than two rows"})
	}
	return append(cases,
		listCase{name: "limit", arguments: config{"limit": len(rows) / 2}, selects: all},
		listCase{name: "limit 0", arguments: config{"limit": 0}, selects: all})
}

// ordered is the order of a result.
func (k kind) ordered(c *listCase) func(a, b row) int {
	if keys, ok := c.arguments["sort"].([]string); ok {
		return k.comparison(append(slices.Clone(keys), k.tie)...)
	}
	return k.comparison(k.order, k.tie)
}

// bracket is the same list, read before and after the provider.
type bracket struct {
	before, after listing
	// stable are the rows that were there all the time.
	stable []row
	// quiet means that nothing moved: every number must be right.
	quiet bool
	// calls are those that the whole list takes the provider.
	calls int
}

// checkList compares what the provider makes of a list with what the suite has read before and after.
func (s *suite) checkList(
	ctx context.Context, k kind, read func() (listing, *refusal), casesOf func(*bracket) []listCase,
) (b *bracket, refused *refusal) {
	b = &bracket{}
	if b.before, refused = read(); refused != nil {
		return nil, refused
	}
	cases := s.chosenCases(casesOf(b))
	for i := range cases {
		c := &cases[i]
		switch {
		case c.selects == nil:
		case c.early:
			c.result = s.newInstance(ctx, nil).read(ctx, k.source, c.arguments)
		case c.read != nil:
			c.result = c.read(c.arguments)
		default:
			c.result = s.main.read(ctx, k.source, c.arguments)
			b.calls = c.result.calls[listRoute]
		}
	}
	b.after = granted(read())
	b.quiet = b.before.whole && b.after.whole && maps.Equal(counted(b.before.rows), counted(b.after.rows))
	b.stable = common(b.before.rows, b.after.rows)
	for i := range cases {
		s.verifyCase(k, &cases[i], b)
	}
	s.chosen = append(s.chosen, block{k.source, config{}, func(r *result) []string {
		problems, _ := k.problems(&listCase{selects: all, result: r}, b)
		return problems
	}})
	return b, nil
}

// chosenCases are some of the argument that only names.
func (s *suite) chosenCases(cases []listCase) []listCase {
	if s.only == "" {
		return cases
	}
	const enough = 4
	chosen := cases[:1] // all
	for _, c := range cases[1:] {
		if _, has := c.arguments[s.only]; has && len(chosen) <= enough {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

func (s *suite) verifyCase(k kind, c *listCase, b *bracket) {
	name := k.name + ": " + c.name
	if c.selects == nil {
		s.skip(name, "%s", c.why)
		return
	}
	problems, moved := k.problems(c, b)
	if calls := c.result.calls[listRoute]; c.early && calls >= b.calls {
		moved = moved || !b.quiet
		if b.quiet {
			problems = append(problems, fmt.Sprintf("it took %d calls, and the whole list took %d", calls, b.calls))
		}
	}
	if moved && len(problems) == 0 {
		s.skip(name, "the list moved")
		return
	}
	s.verify(name, problems...)
}

// problems compares the result of a case with the two lists. moved reports that the comparison needs a
// list that does not move.
func (k kind) problems(c *listCase, b *bracket) (problems []string, moved bool) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if len(c.result.errors) > 0 {
		return []string{"the read failed: " + c.result.errors[0]}, false
	}
	got := c.result.rows
	if !slices.IsSortedFunc(got, k.ordered(c)) {
		say("the result is not in its order")
	}
	wanted := map[string]verdict{}
	for _, r := range b.stable {
		wanted[r.key()] = c.selects(r)
	}
	if most, ok := c.number("beyond_per_user"); ok {
		b.omitNewest(wanted, most)
	}
	_, limited := c.number("limit")
	switch {
	case !limited:
		compareSelected(got, b.stable, wanted, say)
		if c.result.matched != len(got) {
			say("matched is %d, and there are %d rows", c.result.matched, len(got))
		}
	case !b.quiet || slices.Contains(slices.Collect(maps.Values(wanted)), unsure):
		return problems, true
	default:
		k.compareCut(c, b.stable, wanted, say)
	}
	if _, searches := c.arguments["search"]; b.quiet && !searches && c.result.total != b.before.total {
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
		want := map[verdict]int{no: 0, unsure: counts[key], yes: there[key]}[wanted[key]]
		if counts[key] != want {
			say("%d times instead of %d: %s", counts[key], want, key)
		}
	}
}

// compareCut wants the part of the selected rows that offset and limit leave.
func (k kind) compareCut(c *listCase, stable []row, wanted map[string]verdict, say func(string, ...any)) {
	compare := k.ordered(c)
	selected := slices.DeleteFunc(slices.Clone(stable), func(r row) bool { return wanted[r.key()] != yes })
	slices.SortStableFunc(selected, compare)
	if c.result.matched != len(selected) {
		say("matched is %d, and the suite finds %d", c.result.matched, len(selected))
	}
	offset, _ := c.number("offset")
	limit, _ := c.number("limit")
	part := selected[min(offset, len(selected)):]
	part = part[:min(limit, len(part))]
	if !slices.EqualFunc(part, c.result.rows, func(x, y row) bool { return compare(x, y) == 0 }) {
		say("%d rows, and the suite finds %d, or others", len(c.result.rows), len(part))
	}
}

// compareOthers wants a row that was not there all the time to be explained by what moves.
func (k kind) compareOthers(c *listCase, b *bracket, wanted map[string]verdict, say func(string, ...any)) {
	known := counted(slices.Concat(b.before.rows, b.after.rows))
	_, beyond := c.number("beyond_per_user")
	for _, r := range c.result.rows {
		key := r.key()
		if _, ok := wanted[key]; ok {
			continue
		}
		isNew := k.seen == "" || r.time(k.seen).After(b.before.from.Add(-time.Minute))
		switch {
		case known[key] == 0 && (b.quiet || !isNew):
			say("a row that the workspace does not list: %s", key)
		case known[key] > 0 && !beyond && c.selects(r) == no:
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

// omitNewest leaves out so many rows of each user, and does not judge users of whom a row moved, or
// rows that tie.
func (b *bracket) omitNewest(wanted map[string]verdict, most int) {
	moving := map[string]bool{}
	there := counted(b.stable)
	for _, list := range [][]row{b.before.rows, b.after.rows} {
		counts := counted(list)
		for _, r := range list {
			if counts[r.key()] != there[r.key()] {
				moving[r.text("user_id")] = true
			}
		}
	}
	// tied are the rows of a user that nothing puts in order.
	tied := map[string]int{}
	place := func(r row) string {
		return encoded([]any{r.fields["user_id"], r.fields["login_at"], r.fields["session_id"]})
	}
	for _, r := range b.stable {
		tied[place(r)]++
	}
	newest := slices.Clone(b.stable)
	slices.SortStableFunc(newest, kind{}.comparison("-login_at", "session_id"))
	rank := map[string]int{}
	for _, r := range newest {
		user, before := r.text("user_id"), wanted[r.key()]
		if before == no {
			continue
		}
		moving[user] = moving[user] || before == unsure
		rank[user]++
		wanted[r.key()] = verdictOf(rank[user] > most)
		if moving[user] || tied[place(r)] > 1 {
			wanted[r.key()] = unsure
		}
	}
}
