// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// nine is a small workspace; the session ids are one letter each, in default order.
func nine() []*sessions.Session {
	at := func(hour int) *time.Time { return new(time.Date(2026, 3, 1, hour, 0, 0, 0, time.UTC)) }
	alice := &sessions.User{Username: table.Some("alice"), Name: table.Some("Alice Liddell")}
	chrome := &sessions.Device{
		Type: table.Some("browser"), Name: table.Some("Chrome"), Version: table.Some("120.0"),
		OS: table.Some(sessions.OS{Name: table.Some("Windows"), Version: table.Some("10")}),
	}
	app := &sessions.Device{
		Type: table.Some("mobile-app"), Name: table.Some("Rocket.Chat"), OS: table.Some(sessions.OS{Name: table.Some("iOS")}),
	}
	const host = "chat.example.com"
	return []*sessions.Session{
		{SessionID: new("a"), UserID: new("u1"), LoginAt: at(18), IP: new("10.0.0.1"), Host: new(host), User: alice, Device: chrome},
		{SessionID: new("b"), UserID: new("u1"), LoginAt: at(17), IP: new("::ffff:10.0.0.2"), Host: new(host), User: alice, Device: app},
		{
			SessionID: new("c"), UserID: new("u2"), LoginAt: at(16), IP: new("10.0.0.3, 198.51.100.7"),
			User: &sessions.User{Username: table.Some("Bob")},
		},
		{SessionID: new("d"), UserID: new("u3"), LoginAt: at(15), IP: new("10.0.0.4, 10.9.9.9:443")},
		{SessionID: new("e"), LoginAt: at(14), IP: new("[2001:db8::5]:443"), Device: &sessions.Device{Type: table.Some("")}},
		{SessionID: new("f"), LoginAt: at(13), IP: new("unknown"), Device: &sessions.Device{Name: table.Some("Chrome")}},
		{SessionID: new("g"), LoginAt: at(12), Host: new("")},
		{SessionID: new("h"), LoginAt: at(12), IP: new("198.51.100.8")},
		{SessionID: new("i"), IP: new("10.0.0.9, ")},
	}
}

func mustCompile(t testing.TB, expr string) *table.Pattern {
	t.Helper()
	p, err := table.CompilePattern(expr)
	if err != nil {
		t.Fatalf("CompilePattern(%q): %v", expr, err)
	}
	return p
}

func mustParseVersion(t testing.TB, text string) *table.Version {
	t.Helper()
	version, err := table.ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func TestApply_selects(t *testing.T) {
	t.Parallel()
	type Q = sessions.Arguments
	type patterns = map[string]*table.Pattern
	re := func(expr string) *table.Pattern { return mustCompile(t, expr) }
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		query   Q
		want    string
		matched int
	}{
		"everything": {Q{}, "abcdefghi", 9},

		"filter: any field":              {Q{Filter: re("alice|^198|^c$|chrome")}, "abcfh", 5},
		"filter: user id":                {Q{Filter: re("^u[23]$")}, "cd", 2},
		"filter: not across fields":      {Q{Filter: re("chrome.*windows")}, "", 0},
		"filter: without case":           {Q{Filter: re("^BOB$")}, "c", 1},
		"filter: with case":              {Q{Filter: re("(?-i)^bob$")}, "", 0},
		"filter: all but null":           {Q{Filter: re(".*")}, "abcdefghi", 9},
		"filter: empty":                  {Q{Filter: re("")}, "abcdefghi", 9},
		"filter: login time is no field": {Q{Filter: re("2026")}, "", 0},

		"match: one field":           {Q{Match: patterns{"username": re("alice")}}, "ab", 2},
		"match: all fields":          {Q{Match: patterns{"username": re("alice"), "os_name": re("ios")}}, "b", 1},
		"match: null matches no .*":  {Q{Match: patterns{"device_type": re(".*")}}, "abe", 3},
		"match: null matches no |":   {Q{Match: patterns{"device_type": re("|")}}, "abe", 3},
		"match: null matches no ^$":  {Q{Match: patterns{"device_type": re("^$")}}, "e", 1},
		"match: empty text is text":  {Q{Match: patterns{"host": re("^$")}}, "g", 1},
		"match: empty matches null":  {Q{Match: patterns{"name": re("")}}, "abcdefghi", 9},
		"match: os version":          {Q{Match: patterns{"os_version": re("^10$")}}, "a", 1},
		"match: empty and not empty": {Q{Match: patterns{"name": re(""), "user_id": re("2")}}, "c", 1},

		"exclude: one field":        {Q{Exclude: patterns{"username": re("alice")}}, "cdefghi", 7},
		"exclude: any field":        {Q{Exclude: patterns{"username": re("bob"), "device_name": re("chrome")}}, "bdeghi", 6},
		"exclude: null is not .*":   {Q{Exclude: patterns{"device_name": re(".*")}}, "cdeghi", 6},
		"exclude: empty leaves out": {Q{Exclude: patterns{"device_name": re("")}}, "", 0},
		"exclude beats match":       {Q{Match: patterns{"username": re("")}, Exclude: patterns{"device_type": re("app")}}, "acdefghi", 8},

		"within":              {Q{Within: mustParseNetworks(t, "10.0.0.0/24")}, "abi", 3},
		"within: whole lists": {Q{Within: mustParseNetworks(t, "10.0.0.0/24", "10.9.0.0/16")}, "abdi", 4},
		"within: mapped":      {Q{Within: mustParseNetworks(t, "::ffff:10.0.0.2/128")}, "b", 1},
		"within: IPv6":        {Q{Within: mustParseNetworks(t, "::/0")}, "e", 1},
		"within: everything":  {Q{Within: mustParseNetworks(t, "::/0", "0.0.0.0/0")}, "abcdehi", 7},
		"within: nothing":     {Q{Within: mustParseNetworks(t)}, "", 0},

		"outside":             {Q{Outside: mustParseNetworks(t, "10.0.0.0/24")}, "cdefgh", 6},
		"outside: everything": {Q{Outside: mustParseNetworks(t, "::/0", "0.0.0.0/0")}, "fg", 2},
		"outside: nothing":    {Q{Outside: mustParseNetworks(t)}, "abcdefghi", 9},
		"within and outside":  {Q{Within: mustParseNetworks(t, "10.0.0.0/8"), Outside: mustParseNetworks(t, "10.0.0.0/24")}, "d", 1},

		"after is exclusive":  {Q{After: &noon}, "abcdef", 6},
		"before is exclusive": {Q{Before: &noon}, "i", 1},
		"between":             {Q{After: &noon, Before: new(noon.Add(3 * time.Hour))}, "ef", 2},
		"before all":          {Q{Before: new(noon.Add(time.Millisecond))}, "ghi", 3},
		"another zone":        {Q{Before: new(noon.In(time.FixedZone("", -3600)))}, "i", 1},

		"limit":                {Q{Limit: new(2)}, "ab", 9},
		"limit of none":        {Q{Limit: new(0)}, "", 9},
		"limit beyond the end": {Q{Limit: new(math.MaxInt)}, "abcdefghi", 9},
		"offset":               {Q{Offset: 7}, "hi", 9},
		"offset to the end":    {Q{Offset: 9}, "", 9},
		"offset beyond":        {Q{Offset: math.MaxInt, Limit: new(math.MaxInt)}, "", 9},
		"offset and limit":     {Q{Offset: 3, Limit: new(2)}, "de", 9},
		"a limit that reaches": {Q{Offset: 8, Limit: new(2)}, "i", 9},
		"negative counts as 0": {Q{Offset: -1, Limit: new(-1)}, "", 9},
		"after the filter":     {Q{Filter: re("chrome"), Offset: 1, Limit: new(1)}, "f", 2},
		"after the sort":       {Q{Sort: []sessions.Order{{Key: "session_id", Descending: true}}, Offset: 1, Limit: new(2)}, "hg", 9},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := nine()
			slices.Reverse(all)
			before := slices.Clone(all)
			query := sessions.Query{Arguments: c.query}
			result := query.Apply(all)
			if got := ids(result.Sessions); got != c.want || result.Matched != c.matched {
				t.Errorf("%q of %d, want %q of %d", got, result.Matched, c.want, c.matched)
			}
			// It holds no room for the rest of the list.
			if result.Sessions == nil || cap(result.Sessions) != len(result.Sessions) {
				t.Errorf("the sessions are nil, or have room for %d", cap(result.Sessions))
			}
			if !slices.Equal(all, before) {
				t.Error("the input changed")
			}
		})
	}
}

func TestNeed_ofAQuery(t *testing.T) {
	t.Parallel()
	type Q = sessions.Arguments
	type need = sessions.Need
	type patterns = map[string]*table.Pattern
	at := time.Unix(1, 0)
	all := need{All: true}
	byTime := sessions.Order{Key: sessions.LoginAt, Descending: true}
	some := mustCompile(t, "a")
	for name, c := range map[string]struct {
		query Q
		want  need
	}{
		"everything":           {Q{}, all},
		"limit":                {Q{Limit: new(5)}, need{Newest: 5}},
		"limit of none":        {Q{Limit: new(0)}, need{}},
		"negative limit":       {Q{Limit: new(-5), Offset: -5}, need{}},
		"offset and limit":     {Q{Limit: new(5), Offset: 10}, need{Newest: 15}},
		"offset alone":         {Q{Offset: 10}, all},
		"largest sum":          {Q{Limit: new(5), Offset: math.MaxInt - 5}, need{Newest: math.MaxInt}},
		"sum beyond an int":    {Q{Limit: new(6), Offset: math.MaxInt - 5}, all},
		"both largest":         {Q{Limit: new(math.MaxInt), Offset: math.MaxInt}, all},
		"filter":               {Q{Limit: new(5), Filter: some}, all},
		"empty filter":         {Q{Limit: new(5), Filter: mustCompile(t, "")}, need{Newest: 5}},
		"match":                {Q{Limit: new(5), Match: patterns{"name": some}}, all},
		"match of nothing":     {Q{Limit: new(5), Match: patterns{}}, need{Newest: 5}},
		"exclude":              {Q{Limit: new(5), Exclude: patterns{"name": some}}, all},
		"exclude of all":       {Q{Limit: new(5), Exclude: patterns{"name": mustCompile(t, "")}}, all},
		"within":               {Q{Limit: new(5), Within: mustParseNetworks(t)}, all},
		"outside":              {Q{Limit: new(5), Outside: mustParseNetworks(t)}, all},
		"before":               {Q{Limit: new(5), Before: &at}, all},
		"sort":                 {Q{Limit: new(5), Sort: []sessions.Order{{Key: "name"}}}, all},
		"oldest first":         {Q{Limit: new(5), Sort: []sessions.Order{{Key: sessions.LoginAt}}}, all},
		"said default":         {Q{Limit: new(5), Sort: []sessions.Order{byTime}}, need{Newest: 5}},
		"empty sort":           {Q{Limit: new(5), Sort: []sessions.Order{}}, need{Newest: 5}},
		"more than default":    {Q{Limit: new(5), Sort: []sessions.Order{byTime, {Key: "name"}}}, all},
		"default comes second": {Q{Limit: new(5), Sort: []sessions.Order{{Key: "name"}, byTime}}, all},
		"after":                {Q{After: &at}, need{After: &at}},
		"after and limit":      {Q{After: &at, Limit: new(5)}, need{After: &at}},
		"after and all else": {Q{
			After: &at, Before: &at, Filter: some, Outside: mustParseNetworks(t),
			Sort: []sessions.Order{{Key: "name"}}, Offset: 1,
		}, need{After: &at}},
	} {
		if got := c.query.Need(false); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if got, byTime := c.query.Need(true), c.want.After != nil; got.All == byTime || byTime && got != c.want {
			t.Errorf("%s, by account: %+v", name, got)
		}
	}
}
