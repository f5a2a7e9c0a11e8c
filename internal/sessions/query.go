// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// Arguments are what a query says by itself, before anything is read.
type Arguments struct {
	// Filter selects a session if any of its fields matches.
	Filter *table.Pattern
	// Match selects a session if every given field matches, by [table.MatchKeys]; Exclude
	// omits a session if any does.
	Match, Exclude map[string]*table.Pattern
	// Within selects the sessions whose address is in one of the networks. Nil selects all;
	// an empty list selects none.
	Within *[]netip.Prefix
	// Outside selects the sessions that Within with the same networks omits. Nil and an
	// empty list select all.
	Outside *[]netip.Prefix
	// After and Before bound the login time, exclusively. A session without
	// one counts as the oldest: before everything, after nothing.
	After, Before *time.Time
	// OlderThan and NewerThan bound the age of the login time, exclusively; zero is no
	// bound. They replace Before and After, see [Arguments.Bounds].
	OlderThan, NewerThan time.Duration
	// DeviceVersionBelow and OSVersionBelow select the sessions whose version is lower, see
	// [table.Version.Below]. Nil selects all.
	DeviceVersionBelow, OSVersionBelow *table.Version
	// UserDeleted selects the sessions of deleted users if true, those of all others if
	// false. Nil selects all.
	UserDeleted *bool
	// BeyondPerUser omits this many sessions of each user, the newest in [DefaultOrder]
	// of those that pass everything else; what remains is one too many. Sessions without
	// a user ID count as those of one user. Nil omits none.
	BeyondPerUser *int
	// Sort is the order of the result; empty means [DefaultOrder].
	Sort []Order
	// Offset is how many sessions of the sorted result to skip.
	Offset int
	// Limit is how many sessions to return from there; nil returns all.
	Limit *int
}

// Query selects and sorts the sessions of a read. Its zero value selects every session,
// newest first. Goroutines may share it as long as none changes it.
type Query struct {
	Arguments
	// Now is the workspace's time at the read, from which ages count.
	Now time.Time
	// ConnectedAfter is when the list began to be read, nil if that does not matter: the
	// client of a session that connected later can be listed twice.
	ConnectedAfter *time.Time
	// AccountFilter selects the sessions whose user's account in Accounts it selects; it
	// omits those of deleted users. Its roles are IDs.
	users.AccountFilter
	// Accounts are the users of the workspace by ID.
	Accounts map[string]*users.Account
	// Details adds their accounts to the sessions of the result.
	Details bool
}

// Result is the result of a [Query].
type Result struct {
	// Sessions is never nil.
	Sessions []*Session
	// Matched counts the sessions that passed, before Offset and Limit.
	Matched int
	// Unknown are the sessions whose user's account is needed but missing in
	// [Query].Accounts: those that passed everything but the AccountFilter, which the
	// result omits, and those that lack the requested details.
	Unknown []*Session
	// Reconnected are the sessions that BeyondPerUser counted, which connected after
	// ConnectedAfter, of users with a session in the result. It may have counted one
	// client twice.
	Reconnected []*Session
}

// Apply returns the result of the query. It neither changes all nor depends on its
// order; the result shares its sessions, unless Details requires copies.
func (q *Query) Apply(all []*Session) Result {
	var result Result
	selected := table.Select(all, q.tests(q.Bounds(q.Now)))
	if q.IsSet() {
		selected = slices.DeleteFunc(selected, func(s *Session) bool { return !q.Selects(q.accountOf(s, &result.Unknown)) })
	}
	if q.BeyondPerUser != nil {
		selected, result.Reconnected = q.beyond(selected)
	}
	Sort(selected, q.Sort)
	result.Sessions, result.Matched = table.Cut(selected, q.Offset, q.Limit), len(selected)
	if q.Details {
		copies := make([]Session, len(result.Sessions))
		for i, session := range result.Sessions {
			copies[i] = *session
			copies[i].Account = q.accountOf(session, &result.Unknown)
			result.Sessions[i] = &copies[i]
		}
	}
	return result
}

// accountOf returns the account of a session's user; nil for a deleted user, and for a
// user whom the accounts lack, which makes the session unknown.
func (q *Query) accountOf(s *Session, unknown *[]*Session) *users.Account {
	if s.User == nil {
		return nil
	}
	var account *users.Account
	if s.UserID != nil {
		account = q.Accounts[*s.UserID]
	}
	if account == nil {
		*unknown = append(*unknown, s)
	}
	return account
}

// Bounds returns the bounds of the login time, with ages as times before now; nil for none.
func (a *Arguments) Bounds(now time.Time) (after, before *time.Time) {
	after, before = a.After, a.Before
	if a.NewerThan > 0 {
		after = new(now.Add(-a.NewerThan))
	}
	if a.OlderThan > 0 {
		before = new(now.Add(-a.OlderThan))
	}
	return after, before
}

// userID is empty for a session without one.
func userID(s *Session) string {
	if s.UserID == nil {
		return ""
	}
	return *s.UserID
}

// beyond returns the sessions after the newest of each user, and which ones of the same users connected while the
// list was read.
func (q *Query) beyond(all []*Session) (surplus, reconnected []*Session) {
	count, seen := make(map[string]int), make(map[string]int)
	for _, s := range all {
		count[userID(s)]++
	}
	for _, s := range all {
		late := q.ConnectedAfter != nil && s.LoginAt != nil && s.LoginAt.After(*q.ConnectedAfter)
		if late && count[userID(s)] > *q.BeyondPerUser {
			reconnected = append(reconnected, s)
		}
	}
	Sort(all, nil)
	surplus = slices.DeleteFunc(all, func(s *Session) bool {
		id := userID(s)
		seen[id]++
		return seen[id] <= *q.BeyondPerUser
	})
	return surplus, reconnected
}

// tests are those that only need the session, cheapest first.
func (a *Arguments) tests(after, before *time.Time) []func(*Session) bool {
	var tests []func(*Session) bool
	if after != nil || before != nil {
		tests = append(tests, func(s *Session) bool {
			if s.LoginAt == nil {
				return after == nil
			}
			return (after == nil || s.LoginAt.After(*after)) && (before == nil || s.LoginAt.Before(*before))
		})
	}
	if a.Within != nil || a.Outside != nil {
		// Thousands of sessions come from a few offices.
		tests = append(tests, remembering(func(s *Session) *string { return s.IP }, func(ip *string) bool {
			return (a.Within == nil || InNetworks(ip, *a.Within)) && (a.Outside == nil || !InNetworks(ip, *a.Outside))
		}))
	}
	if a.UserDeleted != nil {
		tests = append(tests, func(s *Session) bool { return (s.User == nil) == *a.UserDeleted })
	}
	fields := everyField()
	for key, bound := range map[string]*table.Version{"device_version": a.DeviceVersionBelow, "os_version": a.OSVersionBelow} {
		if bound != nil {
			tests = append(tests, remembering(table.ByKey(fields, key)[0].Text, bound.Below))
		}
	}
	tests = append(tests, table.Tests(fields, a.Match, a.Exclude)...)
	if a.Filter != nil && !a.Filter.MatchesEverything() {
		tests = append(tests, table.Matcher(a.Filter, table.Matchable(fields)...))
	}
	return tests
}

// remembering tests every distinct text only once: a list has few addresses and versions.
func remembering(text func(*Session) *string, test func(*string) bool) func(*Session) bool {
	known := make(map[string]bool)
	return func(s *Session) bool {
		text := text(s)
		if text == nil {
			return test(nil)
		}
		passes, ok := known[*text]
		if !ok {
			passes = test(text)
			known[*text] = passes
		}
		return passes
	}
}

// Need is how much of the newest-first list a query needs.
type Need struct {
	// All means the whole list.
	All bool
	// After means the sessions that logged in later than this, whatever their number;
	// only set if All is not.
	After *time.Time
	// Age is the distance of After from the workspace's time at the read; zero if unset.
	// See [Need.AsOf].
	Age time.Duration
	// Newest is how many sessions, in [DefaultOrder], are enough if neither All nor After
	// is set; it may be zero. Sessions with one login time have no order, so a reader must
	// not stop before it has seen all that tie with the last of these. [Result.Matched]
	// then only counts the sessions that were read; the query matches the whole list.
	Newest int
}

// Need returns how much of the list a query with these arguments needs, which can select
// by account as well.
func (a *Arguments) Need(byAccount bool) Need {
	switch {
	case a.After != nil:
		return Need{After: a.After}
	case a.NewerThan > 0:
		return Need{Age: a.NewerThan}
	case a.Limit == nil || byAccount || a.BeyondPerUser != nil || len(a.tests(a.Bounds(time.Time{}))) > 0 || !a.newestFirst():
		return Need{All: true}
	}
	offset, limit := max(a.Offset, 0), max(*a.Limit, 0)
	if offset > math.MaxInt-limit {
		return Need{All: true}
	}
	return Need{Newest: offset + limit}
}

// AsOf returns the need with its age as a time before now.
func (n Need) AsOf(now time.Time) Need {
	if n.Age > 0 {
		return Need{After: new(now.Add(-n.Age))}
	}
	return n
}

// OnlyNewest reports that the number of sessions is enough, and not all need be read.
func (n Need) OnlyNewest() bool { return !n.All && n.After == nil && n.Age == 0 }

func (a *Arguments) newestFirst() bool {
	return len(a.Sort) == 0 || len(a.Sort) == 1 && a.Sort[0] == DefaultOrder()[0]
}
