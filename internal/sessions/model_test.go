// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// question is a query. The model reads expressions, networks and versions of it as texts, so that it shares no
// code with the package.
type question struct {
	sessions.Query
	deviceBelow, osBelow string
}

// paths says where the server keeps each field. The model goes through JSON.
func paths() map[string]string {
	return map[string]string{
		"session_id": "sessionId", "user_id": "userId", "username": "_user.username", "name": "_user.name",
		"device_type": "device.type", "device_name": "device.name", "device_version": "device.version",
		"os_name": "device.os.name", "os_version": "device.os.version", "host": "host", "ip": "ip", "login_at": "loginAt",
	}
}

// accounts are users as the server lists them, by ids that sessions draw from.
func accounts() map[string]string {
	return map[string]string{
		"":           `{"roles":["admin"],"type":"user","active":true}`,
		"a":          `{"roles":["admin","user"],"type":"user","active":true}`,
		"A":          `{"roles":["user"],"type":"bot","active":false}`,
		"b":          `{"roles":[],"type":"app","active":true}`,
		"ab":         `{"type":"user","active":null}`,
		"Chrome":     `{"roles":["bot"],"type":null,"active":true}`,
		"chrome 1":   `{}`,
		"\U0001F600": `{"roles":["auditor","bot"],"type":"unknown","active":false}`,
	}
}

func decoded[T any](t testing.TB, document string) (value T) {
	t.Helper()
	if err := json.Unmarshal([]byte(document), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// ofAccount is what the model says of a session's owner: whether it is one who
// was asked for, and whether nobody knows.
func (q question) ofAccount(t testing.TB, r row) (kept, unknown bool) {
	t.Helper()
	if q.Roles == nil && q.Types == nil && q.Active == nil {
		return true, false
	}
	if !r.hasUser {
		return false, false
	}
	id, given := r.texts["user_id"]
	text, listed := accounts()[id]
	if !given || !listed {
		return false, true
	}
	account := decoded[map[string]any](t, text)
	held, _ := account["roles"].([]any)
	hasRole := slices.ContainsFunc(held, func(role any) bool { return slices.Contains(anys(q.Roles), role) })
	return (q.Roles == nil || hasRole) && (q.Types == nil || slices.Contains(anys(q.Types), account["type"])) &&
		(q.Active == nil || (account["active"] == true) == *q.Active), false
}

func anys(texts []string) []any {
	var all []any
	for _, text := range texts {
		all = append(all, text)
	}
	return all
}

// row is a session as the model knows it: the texts that are there.
type row struct {
	session *sessions.Session
	hasUser bool
	texts   map[string]string
}

func flatten(t testing.TB, s *sessions.Session) row {
	t.Helper()
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	document := decoded[map[string]any](t, string(encoded))
	r := row{session: s, hasUser: document["_user"] != nil, texts: map[string]string{}}
	for name, path := range paths() {
		var value any = document
		for step := range strings.SplitSeq(path, ".") {
			object, _ := value.(map[string]any)
			value = object[step]
		}
		if text, ok := value.(string); ok {
			r.texts[name] = text
		}
	}
	return r
}

// addresses maps what sessions carry in the tests to what it means.
func addresses() map[string][]string {
	return map[string][]string{
		"10.0.0.1":                {"10.0.0.1"},
		"10.0.1.1:4711":           {"10.0.1.1"},
		"::ffff:10.0.0.2":         {"10.0.0.2"},
		"10.0.0.3, 192.0.2.9":     {"10.0.0.3", "192.0.2.9"},
		"192.0.2.9,10.200.0.1":    {"192.0.2.9", "10.200.0.1"},
		"2001:db8::1":             {"2001:db8::1"},
		"[2001:db8:1::1]:443":     {"2001:db8:1::1"},
		"fe80::1%eth0":            {"fe80::1"},
		"2001:db8::2 10.0.0.1":    {"2001:db8::2", "10.0.0.1"},
		"unknown":                 nil,
		"10.0.0.1, unknown":       nil,
		"":                        nil,
		"203.0.113.5":             {"203.0.113.5"},
		"[::ffff:203.0.113.6]:80": {"203.0.113.6"},
	}
}

func modelInside(ip string, networks []netip.Prefix) bool {
	meant := addresses()[ip]
	for _, addr := range meant {
		if !slices.ContainsFunc(networks, func(network netip.Prefix) bool {
			_, block, err := net.ParseCIDR(network.String())
			return err == nil && block.Contains(net.ParseIP(addr))
		}) {
			return false
		}
	}
	return len(meant) > 0
}

// modelExpressions are compiled once: there are few, and each is asked of thousands of rows.
var modelExpressions = map[string]*regexp.Regexp{}

func modelMatches(pattern *table.Pattern, r row, fields ...string) bool {
	expr := pattern.String()
	if expr == "" {
		return true
	}
	re := modelExpressions[expr]
	if re == nil {
		re = regexp.MustCompile("(?i:" + cty.NormalizeString(expr) + ")")
		modelExpressions[expr] = re
	}
	return slices.ContainsFunc(fields, func(field string) bool {
		text, ok := r.texts[field]
		return ok && re.MatchString(cty.NormalizeString(text))
	})
}

func (q question) selects(r row) bool {
	fields := slices.DeleteFunc(slices.Collect(maps.Keys(paths())), func(name string) bool { return name == "login_at" })
	if q.Filter != nil && !modelMatches(q.Filter, r, fields...) {
		return false
	}
	for field, pattern := range q.Match {
		if !modelMatches(pattern, r, field) {
			return false
		}
	}
	for field, pattern := range q.Exclude {
		if modelMatches(pattern, r, field) {
			return false
		}
	}
	switch {
	case q.Within != nil && !modelInside(r.texts["ip"], *q.Within),
		q.Outside != nil && modelInside(r.texts["ip"], *q.Outside),
		q.deviceBelow != "" && !modelBelow(r.texts["device_version"], q.deviceBelow),
		q.osBelow != "" && !modelBelow(r.texts["os_version"], q.osBelow),
		q.UserDeleted != nil && r.hasUser == *q.UserDeleted:
		return false
	}
	login := time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if r.session.LoginAt != nil {
		login = *r.session.LoginAt
	}
	age := readAt().Sub(login)
	return (q.OlderThan == 0 || age > q.OlderThan) && (q.NewerThan == 0 || age < q.NewerThan) &&
		(q.After == nil || login.Compare(*q.After) > 0) && (q.Before == nil || login.Compare(*q.Before) < 0)
}

// readAt is the workspace's time at every read of the model, within the times of
// the sessions.
func readAt() time.Time { return time.UnixMilli(1_700_000_000_010).UTC() }

// modelBelow compares numbers with dots; everything else is the lowest.
func modelBelow(version, bound string) bool {
	if !regexp.MustCompile(`^\d+([.]\d+)*$`).MatchString(version) {
		return true
	}
	return slices.Compare(numbersOf(version), numbersOf(bound)) < 0
}

// numbersOf are the numbers of a version without zeros at the end.
func numbersOf(version string) []int {
	var numbers []int
	for number := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(number)
		numbers = append(numbers, n)
	}
	for len(numbers) > 0 && numbers[len(numbers)-1] == 0 {
		numbers = numbers[:len(numbers)-1]
	}
	return numbers
}

// surplus is what each user has beyond the first n, newest first.
func (q question) surplus(kept []row) []row {
	if q.BeyondPerUser == nil {
		return kept
	}
	return slices.DeleteFunc(slices.Clone(kept), func(r row) bool {
		newer := 0
		for _, other := range kept {
			c := compareRanks(nil, other, r)
			if other.texts["user_id"] == r.texts["user_id"] && (c < 0 || c == 0 && sessions.Comparison(nil)(other.session, r.session) < 0) {
				newer++
			}
		}
		return newer < *q.BeyondPerUser
	})
}

// compareRanks is the documented order: what is missing is lower than what is there, and IDs break ties.
func compareRanks(orders []sessions.Order, a, b row) int {
	if len(orders) == 0 {
		orders = []sessions.Order{{Key: "login_at", Descending: true}}
	}
	rank := func(r row, key string) []rune {
		text, ok := r.texts[key]
		if !ok {
			return nil
		}
		if key == "login_at" {
			text = r.session.LoginAt.UTC().Format("2006-01-02T15:04:05.000000000")
		}
		return []rune("+" + text)
	}
	for _, order := range append(slices.Clone(orders), sessions.Order{Key: "session_id"}) {
		c := slices.Compare(rank(a, order.Key), rank(b, order.Key))
		if order.Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// check compares the package with the model, with itself over another input
// order, and with itself over only that part of the list that it says it needs.
func check(t *testing.T, random *rand.Rand, q question, all []*sessions.Session) sessions.Result {
	t.Helper()
	result := q.Apply(all)
	of := map[*sessions.Session]row{}
	var want []row
	var unknown []*sessions.Session
	for _, s := range all {
		of[s] = flatten(t, s)
		switch passes, missing := q.ofAccount(t, of[s]); {
		case !q.selects(of[s]):
		case missing:
			unknown = append(unknown, s)
		case passes:
			want = append(want, of[s])
		}
	}
	want = q.surplus(want)
	slices.SortStableFunc(want, func(a, b row) int { return compareRanks(q.Sort, a, b) })
	if result.Matched != len(want) {
		t.Fatalf("matched %d, model %d: %+v", result.Matched, len(want), q)
	}
	if !slices.Equal(result.Unknown, unknown) {
		t.Fatalf("unknown %v, model %v: %+v", result.Unknown, unknown, q)
	}
	part := want[min(q.Offset, len(want)):]
	if q.Limit != nil {
		part = part[:min(*q.Limit, len(part))]
	}
	if result.Sessions == nil || len(result.Sessions) != len(part) {
		t.Fatalf("%d sessions, model %d: %+v", len(result.Sessions), len(part), q)
	}
	kept := map[*sessions.Session]bool{}
	for _, r := range want {
		kept[r.session] = true
	}
	for i, s := range result.Sessions {
		if compareRanks(q.Sort, of[s], part[i]) != 0 {
			t.Fatalf("place %d is %v, model %v: %+v", i, of[s], part[i], q)
		}
		if !kept[s] {
			t.Fatalf("place %d is %v, which is there twice or should not be: %+v", i, of[s], q)
		}
		delete(kept, s)
	}

	shuffled := slices.Clone(all)
	random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if again := q.Apply(shuffled); !reflect.DeepEqual(again.Sessions, result.Sessions) {
		t.Fatalf("the order of the input shows: %+v", q)
	}
	need := q.Need(q.IsSet()).AsOf(readAt())
	some := needed(need, shuffled)
	if again := q.Apply(some); !reflect.DeepEqual(again.Sessions, result.Sessions) {
		t.Fatalf("%d of %d sessions are not enough: %+v", len(some), len(all), q)
	} else if need.After != nil && again.Matched != result.Matched {
		t.Fatalf("%d of %d sessions matched %d, not %d: %+v", len(some), len(all), again.Matched, result.Matched, q)
	}
	return result
}

// needed is the least that a reader of the newest-first list may return.
func needed(need sessions.Need, all []*sessions.Session) []*sessions.Session {
	sorted := slices.Clone(all)
	sessions.Sort(sorted, nil)
	switch {
	case need.All:
		return sorted
	case need.After != nil:
		return slices.DeleteFunc(sorted, func(s *sessions.Session) bool {
			return s.LoginAt == nil || !s.LoginAt.After(*need.After)
		})
	default:
		return sorted[:min(need.Newest, len(sorted))]
	}
}

// dice draws sessions and questions from pools so small that ties, nulls,
// duplicates and boundaries are common.
type dice struct {
	*rand.Rand
	t            testing.TB
	texts, exprs []string
	networks     []netip.Prefix
}

func newDice(t testing.TB, seed uint64) dice {
	t.Helper()
	return dice{
		Rand: rand.New(rand.NewPCG(seed, 0)), t: t,
		texts: []string{"", "a", "A", "b", "ab", "Chrome", "chrome 1", "é", "e\u0301", "\uFFFD", "\U0001F600", "-"},
		exprs: []string{"", ".*", "a", "^a$", "(?-i)A", "chrome|b", "^$", ".", "É", "^e\u0301$", "^10\\.", "x"},
		networks: *mustParseNetworks(t, "10.0.0.0/24", "10.0.0.0/8", "10.0.0.0/9", "0.0.0.0/0", "::/0", "2001:db8::/48", "2001:db8::/32",
			"::ffff:10.0.0.0/120", "::ffff:203.0.113.0/120", "fe80::/10", "192.0.2.9/32"),
	}
}

// one is true in one of n throws.
func (d dice) one(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dice, pool ...T) T { return pool[d.IntN(len(pool))] }

// maybe is a value in all but one of n throws.
func maybe[T any](d dice, n int, value func() T) *T {
	if d.one(n) {
		return nil
	}
	return new(value())
}

// rarely is a value in one of n throws.
func rarely[T any](d dice, n int, value func() T) *T {
	if !d.one(n) {
		return nil
	}
	return new(value())
}

func (d dice) text() *string { return maybe(d, 4, func() string { return pick(d, d.texts...) }) }

func (d dice) optional() table.Text { return optional(d.text()) }

func optional(text *string) table.Text {
	if text == nil {
		return table.Text{}
	}
	return table.Some(*text)
}

func (d dice) time() time.Time { return time.UnixMilli(1_700_000_000_000 + int64(d.IntN(6))).UTC() }

// version is of every kind that a table of versions knows, and missing ones.
func (d dice) version() table.Text {
	return optional(maybe(d, 6, func() string {
		return pick(d, "9", "113", "113.0.0", "113.0.5672.63", "10.15.7", "10.9", "XP", "", "a")
	}))
}

func (d dice) session() *sessions.Session {
	return &sessions.Session{
		ID: d.text(), SessionID: d.text(), UserID: d.text(), Host: d.text(), LoginAt: maybe(d, 6, d.time),
		IP: maybe(d, 6, func() string { return pick(d, slices.Sorted(maps.Keys(addresses()))...) }),
		Device: maybe(d, 4, func() sessions.Device {
			device := sessions.Device{Type: d.optional(), Name: d.optional(), Version: d.version(), LongVersion: d.optional()}
			if !d.one(4) {
				device.OS = table.Some(sessions.OS{Name: d.optional(), Version: d.version()})
			}
			return device
		}),
		User: maybe(d, 4, func() sessions.User {
			return sessions.User{Username: d.optional(), Name: d.optional(), AvatarETag: d.optional()}
		}),
		Current: rarely(d, 4, func() bool { return d.one(2) }),
	}
}

func (d dice) sessions() []*sessions.Session {
	all := make([]*sessions.Session, d.IntN(30))
	for i := range all {
		all[i] = d.session()
	}
	return all
}

func (d dice) pattern() *table.Pattern { return mustCompile(d.t, pick(d, d.exprs...)) }

func (d dice) patterns() map[string]*table.Pattern {
	patterns := map[string]*table.Pattern{}
	for d.one(6) {
		patterns[pick(d, table.MatchKeys(sessions.Fields())...)] = d.pattern()
	}
	return patterns
}

func (d dice) list() []netip.Prefix {
	networks := make([]netip.Prefix, d.IntN(4))
	for i := range networks {
		networks[i] = pick(d, d.networks...)
	}
	return networks
}

// some is a part of a pool, perhaps none; nil in all but one of five throws.
func (d dice) some(pool ...string) []string {
	if !d.one(5) {
		return nil
	}
	return slices.DeleteFunc(pool, func(string) bool { return d.one(2) })
}

func (d dice) bound() (text string, version *table.Version) {
	if !d.one(5) {
		return "", nil
	}
	text = pick(d, "9", "10.10", "113", "113.0.1")
	return text, mustParseVersion(d.t, text)
}

func (d dice) question() question {
	truth := func() bool { return d.one(2) }
	below := func(n int) func() int { return func() int { return d.IntN(n) } }
	q := question{Query: sessions.Query{
		Arguments: sessions.Arguments{
			Match: d.patterns(), Exclude: d.patterns(), Within: rarely(d, 4, d.list), Outside: rarely(d, 4, d.list),
			After: rarely(d, 5, d.time), Before: rarely(d, 5, d.time), UserDeleted: rarely(d, 5, truth),
			BeyondPerUser: rarely(d, 4, below(4)), Limit: rarely(d, 2, below(20)),
		},
		Now: readAt(), AccountFilter: users.AccountFilter{
			Roles: d.some("admin", "user", "bot", "auditor", "none"), Types: d.some("user", "bot", "app"), Active: rarely(d, 5, truth),
		},
		Accounts: map[string]*users.Account{},
	}}
	for id, document := range accounts() {
		q.Accounts[id] = new(decoded[users.Account](d.t, document))
	}
	if d.one(3) {
		q.Filter = d.pattern()
	}
	if q.After == nil && d.one(5) {
		q.NewerThan = time.Duration(d.IntN(12)) * time.Millisecond
	}
	if q.Before == nil && d.one(5) {
		q.OlderThan = time.Duration(d.IntN(12)) * time.Millisecond
	}
	q.deviceBelow, q.DeviceVersionBelow = d.bound()
	q.osBelow, q.OSVersionBelow = d.bound()
	for d.one(2) {
		q.Sort = append(q.Sort, sessions.Order{Key: pick(d, table.SortKeys(sessions.Fields())...), Descending: d.one(2)})
	}
	if d.one(2) {
		q.Offset = d.IntN(10)
	}
	return q
}

func TestModel_agrees(t *testing.T) {
	t.Parallel()
	var parts, kept int
	rounds := 4000
	if testing.Short() {
		rounds = 1000
	}
	for seed := range randtest.Seeds(t, rounds) {
		d := newDice(t, seed)
		all, q := d.sessions(), d.question()
		kept += len(check(t, d.Rand, q, all).Sessions)
		if !q.Need(q.IsSet()).All {
			parts++
		}
	}
	// Draws that never reach a rule would agree about it.
	if _, replayed := randtest.Replayed(t); !replayed && (parts < rounds/25 || kept < rounds/2) {
		t.Errorf("%d queries needed a part of the list, %d sessions were kept: too few to show anything", parts, kept)
	}
}

// TestModel_diceKnowTheirAddresses keeps the model's table honest.
func TestModel_diceKnowTheirAddresses(t *testing.T) {
	t.Parallel()
	for text, meant := range addresses() {
		addrs, _ := sessions.ParseAddresses(text)
		if got, want := join(addrs, " "), strings.Join(meant, " "); got != want {
			t.Errorf("%q is %q, the table says %q", text, got, want)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for i, expr := range []string{"", ".*", "a|b", "(?-i)Chrome", "^$", "[^a]", `\bchrome\b`, "("} {
		f.Add(uint64(i), expr, "chrome 12", "10.0.0.0/8")
		f.Add(uint64(i)<<32, expr, "", "::/0")
	}
	f.Add(uint64(99), "é|ſ", "\U0001F600", "::ffff:10.0.0.0/104")
	f.Fuzz(func(t *testing.T, seed uint64, expr, text, network string) {
		if _, err := regexp.Compile("(?i:" + cty.NormalizeString(expr) + ")"); err != nil {
			return
		}
		d := newDice(t, seed)
		d.exprs = append(d.exprs, expr, expr, expr)
		// JSON carries no other text from the server either.
		text = strings.ToValidUTF8(text, "")
		d.texts = append(d.texts, text, text, text)
		if prefix, err := sessions.ParseNetwork(network); err == nil {
			d.networks = append(d.networks, prefix, prefix)
		}
		all := d.sessions()
		for range 4 {
			check(t, d.Rand, d.question(), all)
		}
	})
}
