// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// question is a query as a user writes it; the model reads this form, so that
// it shares no parser with the package.
type question struct {
	filter          *string
	match, exclude  map[string]string
	within, outside *[]string
	after, before   *time.Time
	older, newer    time.Duration
	deviceBelow     string
	osBelow         string
	deleted         *bool
	beyond          *int
	roles, types    []string
	active          *bool
	sort            []sessions.Order
	offset          int
	limit           *int
}

func (q question) compile(t testing.TB) *sessions.Query {
	query := &sessions.Query{
		Arguments: sessions.Arguments{
			Match: map[string]*table.Pattern{}, Exclude: map[string]*table.Pattern{},
			After: q.after, Before: q.before, OlderThan: q.older, NewerThan: q.newer, UserDeleted: q.deleted, BeyondPerUser: q.beyond,
			Sort: q.sort, Offset: q.offset, Limit: q.limit,
		},
		Now:           readAt(),
		AccountFilter: users.AccountFilter{Roles: q.roles, Types: q.types, Active: q.active}, Accounts: compileAccounts(t),
	}
	if q.deviceBelow != "" {
		query.DeviceVersionBelow = mustParseVersion(t, q.deviceBelow)
	}
	if q.osBelow != "" {
		query.OSVersionBelow = mustParseVersion(t, q.osBelow)
	}
	if q.filter != nil {
		query.Filter = mustCompile(t, *q.filter)
	}
	for field, expr := range q.match {
		query.Match[field] = mustCompile(t, expr)
	}
	for field, expr := range q.exclude {
		query.Exclude[field] = mustCompile(t, expr)
	}
	if q.within != nil {
		query.Within = mustParseNetworks(t, *q.within...)
	}
	if q.outside != nil {
		query.Outside = mustParseNetworks(t, *q.outside...)
	}
	return query
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

func compileAccounts(t testing.TB) map[string]*users.Account {
	all := map[string]*users.Account{}
	for id, document := range accounts() {
		var account users.Account
		if err := json.Unmarshal([]byte(document), &account); err != nil {
			t.Fatal(err)
		}
		all[id] = &account
	}
	return all
}

// ofAccount is what the model says of a session's owner: whether it is one who
// was asked for, and whether nobody knows.
func (q question) ofAccount(r row) (kept, unknown bool) {
	if q.roles == nil && q.types == nil && q.active == nil {
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
	var document map[string]any
	_ = json.Unmarshal([]byte(text), &document)
	held, _ := document["roles"].([]any)
	hasRole := q.roles == nil
	for _, role := range held {
		for _, asked := range q.roles {
			hasRole = hasRole || role == asked
		}
	}
	hasType := q.types == nil
	for _, asked := range q.types {
		hasType = hasType || document["type"] == asked
	}
	return hasRole && hasType && (q.active == nil || (document["active"] == true) == *q.active), false
}

// row is a session as the model knows it: the texts that are there.
type row struct {
	session *sessions.Session
	hasUser bool
	texts   map[string]string
}

func flatten(t testing.TB, s *sessions.Session) row {
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(encoded, &document); err != nil {
		t.Fatal(err)
	}
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

func modelInside(ip string, networks []string) bool {
	meant := addresses()[ip]
	for _, addr := range meant {
		if !slices.ContainsFunc(networks, func(network string) bool {
			_, block, err := net.ParseCIDR(network)
			return err == nil && block.Contains(net.ParseIP(addr))
		}) {
			return false
		}
	}
	return len(meant) > 0
}

// compiled are the expressions of the model: there are few, and each is asked of thousands of rows.
var compiled sync.Map

func modelExpression(expr string) *regexp.Regexp {
	if re, ok := compiled.Load(expr); ok {
		if re, ok := re.(*regexp.Regexp); ok {
			return re
		}
	}
	re := regexp.MustCompile("(?i:" + cty.NormalizeString(expr) + ")")
	compiled.Store(expr, re)
	return re
}

func modelMatches(expr string, r row, fields ...string) bool {
	if expr == "" {
		return true
	}
	re := modelExpression(expr)
	return slices.ContainsFunc(fields, func(field string) bool {
		text, ok := r.texts[field]
		return ok && re.MatchString(cty.NormalizeString(text))
	})
}

func (q question) selects(r row) bool {
	fields := slices.DeleteFunc(slices.Collect(maps.Keys(paths())), func(name string) bool { return name == "login_at" })
	if q.filter != nil && !modelMatches(*q.filter, r, fields...) {
		return false
	}
	for field, expr := range q.match {
		if !modelMatches(expr, r, field) {
			return false
		}
	}
	for field, expr := range q.exclude {
		if modelMatches(expr, r, field) {
			return false
		}
	}
	if q.within != nil && !modelInside(r.texts["ip"], *q.within) {
		return false
	}
	if q.outside != nil && modelInside(r.texts["ip"], *q.outside) {
		return false
	}
	if q.deviceBelow != "" && !modelBelow(r.texts["device_version"], q.deviceBelow) ||
		q.osBelow != "" && !modelBelow(r.texts["os_version"], q.osBelow) {
		return false
	}
	if q.deleted != nil && r.hasUser == *q.deleted {
		return false
	}
	login := time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC)
	if r.session.LoginAt != nil {
		login = *r.session.LoginAt
	}
	if q.older > 0 && readAt().Sub(login) <= q.older || q.newer > 0 && readAt().Sub(login) >= q.newer {
		return false
	}
	return (q.after == nil || login.Compare(*q.after) > 0) && (q.before == nil || login.Compare(*q.before) < 0)
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
	if q.beyond == nil {
		return kept
	}
	newest := question{}
	return slices.DeleteFunc(slices.Clone(kept), func(r row) bool {
		newer := 0
		for _, other := range kept {
			if other.texts["user_id"] != r.texts["user_id"] {
				continue
			}
			c := newest.compareRanks(newest.rank(other), newest.rank(r))
			if c < 0 || c == 0 && sessions.Comparison(nil)(other.session, r.session) < 0 {
				newer++
			}
		}
		return newer < *q.beyond
	})
}

// rank is what the documentation sorts by. What is missing is empty, what is
// there starts with a number above it.
func (q question) rank(r row) [][]rune {
	keys := []string{}
	for _, order := range q.sort {
		keys = append(keys, order.Key)
	}
	if len(keys) == 0 {
		keys = []string{"login_at"}
	}
	var rank [][]rune
	for _, key := range append(keys, "session_id") {
		text, ok := r.texts[key]
		if key == "login_at" && ok {
			text = r.session.LoginAt.UTC().Format("2006-01-02T15:04:05.000000000")
		}
		var part []rune
		if ok {
			part = append([]rune{1}, []rune(text)...)
		}
		rank = append(rank, part)
	}
	return rank
}

func (q question) compareRanks(a, b [][]rune) int {
	for i := range a {
		c := slices.Compare(a[i], b[i])
		if len(q.sort) == 0 && i == 0 || i < len(q.sort) && q.sort[i].Descending {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// response is the model's whole result before offset and limit.
func (q question) response(all []row) []row {
	var kept []row
	for _, r := range all {
		if passes, _ := q.ofAccount(r); passes && q.selects(r) {
			kept = append(kept, r)
		}
	}
	kept = q.surplus(kept)
	slices.SortStableFunc(kept, func(a, b row) int { return q.compareRanks(q.rank(a), q.rank(b)) })
	return kept
}

func (q question) cut(n int) (from, to int) {
	for i := range n {
		switch {
		case i < q.offset:
			from, to = i+1, i+1
		case q.limit == nil || i < q.offset+*q.limit:
			to = i + 1
		}
	}
	return from, to
}

// check compares the package with the model, with itself over another input
// order, and with itself over only that part of the list that it says it needs.
func check(t *testing.T, random *rand.Rand, q question, all []*sessions.Session) {
	t.Helper()
	query := q.compile(t)
	result := query.Apply(all)
	rows := make([]row, len(all))
	of := map[*sessions.Session]row{}
	for i, s := range all {
		rows[i] = flatten(t, s)
		of[s] = rows[i]
	}
	want := q.response(rows)
	if result.Matched != len(want) {
		t.Fatalf("matched %d, model %d: %s", result.Matched, len(want), q)
	}
	from, to := q.cut(len(want))
	if result.Sessions == nil || len(result.Sessions) != to-from {
		t.Fatalf("%d sessions, model %d: %s", len(result.Sessions), to-from, q)
	}
	unknown := slices.DeleteFunc(slices.Clone(all), func(s *sessions.Session) bool {
		r := of[s]
		_, missing := q.ofAccount(r)
		return !missing || !q.selects(r)
	})
	if list(result.Unknown) != list(unknown) {
		t.Fatalf("unknown %s, model %s: %s", list(result.Unknown), list(unknown), q)
	}
	kept := map[*sessions.Session]bool{}
	for _, r := range want {
		kept[r.session] = true
	}
	for i, s := range result.Sessions {
		if q.compareRanks(q.rank(of[s]), q.rank(want[from+i])) != 0 {
			t.Fatalf("place %d is %s, model %s: %s", i, describe(s), describe(want[from+i].session), q)
		}
		if !kept[s] {
			t.Fatalf("place %d is %s, which is there twice or should not be: %s", i, describe(s), q)
		}
		delete(kept, s)
	}

	shuffled := slices.Clone(all)
	random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	if again := query.Apply(shuffled); list(again.Sessions) != list(result.Sessions) {
		t.Fatalf("the order of the input shows: %s", q)
	}
	need := query.Need(query.IsSet()).AsOf(readAt())
	part := needed(need, shuffled)
	if again := query.Apply(part); list(again.Sessions) != list(result.Sessions) {
		t.Fatalf("%d of %d sessions are not enough: %s", len(part), len(all), q)
	} else if need.After != nil && again.Matched != result.Matched {
		t.Fatalf("%d of %d sessions matched %d, not %d: %s", len(part), len(all), again.Matched, result.Matched, q)
	}
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

func (q question) String() string {
	text := fmt.Sprintf("match %q exclude %q older %v newer %v device below %q os below %q sort %v offset %d",
		q.match, q.exclude, q.older, q.newer, q.deviceBelow, q.osBelow, q.sort, q.offset)
	for name, value := range map[string]any{
		"filter": q.filter, "within": q.within, "outside": q.outside, "after": q.after, "before": q.before, "limit": q.limit,
		"deleted": q.deleted, "beyond": q.beyond, "roles": q.roles, "types": q.types, "active": q.active,
	} {
		encoded, _ := json.Marshal(value)
		text += fmt.Sprintf(" %s %s", name, encoded)
	}
	return text
}

func describe(s *sessions.Session) string {
	encoded, _ := json.Marshal(s)
	return string(encoded)
}

func list(all []*sessions.Session) string {
	var text strings.Builder
	for _, s := range all {
		text.WriteString(describe(s) + "\n")
	}
	return text.String()
}

// dice draws sessions and questions from pools so small that ties, nulls,
// duplicates and boundaries are common.
type dice struct {
	*rand.Rand
	texts, exprs, networks []string
}

func newDice(seed uint64) dice {
	return dice{
		Rand:  rand.New(rand.NewPCG(seed, 0)),
		texts: []string{"", "a", "A", "b", "ab", "Chrome", "chrome 1", "é", "e\u0301", "\uFFFD", "\U0001F600", "-"},
		exprs: []string{"", ".*", "a", "^a$", "(?-i)A", "chrome|b", "^$", ".", "É", "^e\u0301$", "^10\\.", "x"},
		networks: []string{
			"10.0.0.0/24", "10.0.0.0/8", "10.0.0.0/9", "0.0.0.0/0", "::/0", "2001:db8::/48", "2001:db8::/32",
			"::ffff:10.0.0.0/120", "::ffff:203.0.113.0/120", "fe80::/10", "192.0.2.9/32",
		},
	}
}

// one is true in one of n throws.
func (d dice) one(n int) bool { return d.IntN(n) == 0 }

func pick[T any](d dice, pool []T) T { return pool[d.IntN(len(pool))] }

func (d dice) text() *string {
	if d.one(4) {
		return nil
	}
	return new(pick(d, d.texts))
}

func (d dice) optional() table.Text {
	if text := d.text(); text != nil {
		return table.Some(*text)
	}
	return table.Text{}
}

func (d dice) time() *time.Time {
	if d.one(6) {
		return nil
	}
	return new(time.UnixMilli(1_700_000_000_000 + int64(d.IntN(6))).UTC())
}

// version is of every kind that a table of versions knows, and missing ones.
func (d dice) version() table.Text {
	if d.one(6) {
		return table.Text{}
	}
	return table.Some(pick(d, []string{"9", "113", "113.0.0", "113.0.5672.63", "10.15.7", "10.9", "XP", "", "a"}))
}

func (d dice) session() *sessions.Session {
	s := &sessions.Session{ID: d.text(), SessionID: d.text(), UserID: d.text(), Host: d.text(), LoginAt: d.time()}
	if !d.one(6) {
		s.IP = new(pick(d, slices.Sorted(maps.Keys(addresses()))))
	}
	if !d.one(4) {
		s.Device = &sessions.Device{Type: d.optional(), Name: d.optional(), Version: d.version(), LongVersion: d.optional()}
		if !d.one(4) {
			s.Device.OS = table.Some(sessions.OS{Name: d.optional(), Version: d.version()})
		}
	}
	if !d.one(4) {
		s.User = &sessions.User{Username: d.optional(), Name: d.optional(), AvatarETag: d.optional()}
	}
	if d.one(4) {
		s.Current = new(d.one(2))
	}
	return s
}

func (d dice) sessions() []*sessions.Session {
	all := make([]*sessions.Session, d.IntN(30))
	for i := range all {
		all[i] = d.session()
	}
	return all
}

func (d dice) patterns() map[string]string {
	patterns := map[string]string{}
	for !d.one(2) {
		patterns[pick(d, table.MatchKeys(sessions.Fields()))] = pick(d, d.exprs)
	}
	return patterns
}

func (d dice) list() *[]string {
	if !d.one(4) {
		return nil
	}
	networks := make([]string, d.IntN(4))
	for i := range networks {
		networks[i] = pick(d, d.networks)
	}
	return &networks
}

// some is a part of a pool, perhaps none.
func (d dice) some(pool []string) []string {
	return slices.DeleteFunc(slices.Clone(pool), func(string) bool { return d.one(2) })
}

func (d dice) question() question {
	q := question{within: d.list(), outside: d.list()}
	if d.one(3) {
		q.filter = new(pick(d, d.exprs))
	}
	if d.one(3) {
		q.match = d.patterns()
	}
	if d.one(3) {
		q.exclude = d.patterns()
	}
	if d.one(5) {
		q.after = d.time()
	}
	if d.one(5) {
		q.before = d.time()
	}
	if q.after == nil && d.one(5) {
		q.newer = time.Duration(d.IntN(12)) * time.Millisecond
	}
	if q.before == nil && d.one(5) {
		q.older = time.Duration(d.IntN(12)) * time.Millisecond
	}
	if d.one(5) {
		q.deviceBelow = pick(d, []string{"9", "10.10", "113", "113.0.1"})
	}
	if d.one(5) {
		q.osBelow = pick(d, []string{"9", "10.10", "113", "113.0.1"})
	}
	if d.one(5) {
		q.deleted = new(d.one(2))
	}
	if d.one(4) {
		q.beyond = new(d.IntN(4))
	}
	if d.one(5) {
		q.roles = d.some([]string{"admin", "user", "bot", "auditor", "none"})
	}
	if d.one(5) {
		q.types = d.some([]string{"user", "bot", "app"})
	}
	if d.one(5) {
		q.active = new(d.one(2))
	}
	for d.one(2) {
		q.sort = append(q.sort, sessions.Order{Key: pick(d, table.SortKeys(sessions.Fields())), Descending: d.one(2)})
	}
	if d.one(2) {
		q.offset = d.IntN(10)
	}
	if d.one(2) {
		q.limit = new(d.IntN(20))
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
		d := newDice(seed)
		all, q := d.sessions(), d.question()
		check(t, d.Rand, q, all)
		query := q.compile(t)
		if !query.Need(query.IsSet()).All {
			parts++
		}
		kept += len(query.Apply(all).Sessions)
	}
	// Draws that never reach a rule would agree about it.
	if _, replayed := randtest.Replayed(t); !replayed && (parts < rounds/25 || kept < rounds) {
		t.Errorf("%d queries needed a part of the list, %d sessions were kept: too few to show anything", parts, kept)
	}
}

// TestModel_diceKnowTheirNetworks keeps the model's tables honest.
func TestModel_diceKnowTheirNetworks(t *testing.T) {
	t.Parallel()
	for _, network := range newDice(0).networks {
		if _, _, err := net.ParseCIDR(network); err != nil {
			t.Error(err)
		}
	}
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
		d := newDice(seed)
		d.exprs = append(d.exprs, expr, expr, expr)
		// JSON carries no other text from the server either.
		text = strings.ToValidUTF8(text, "")
		d.texts = append(d.texts, text, text, text)
		if prefix, err := netip.ParsePrefix(network); err == nil && (!prefix.Addr().Is4In6() || prefix.Bits() >= 96) {
			d.networks = append(d.networks, network, network)
		}
		all := d.sessions()
		for range 4 {
			check(t, d.Rand, d.question(), all)
		}
	})
}
