// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions

import (
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// Query is what a user asked for. Its zero value asks for every session,
// newest first. It may be shared between goroutines as long as none changes it.
type Query struct {
	// Filter keeps a session when any of its fields matches.
	Filter *Pattern
	// Match keeps a session when every field named matches, by [table.MatchKeys];
	// Exclude leaves out a session when any does.
	Match, Exclude map[string]*Pattern
	// Within keeps the sessions whose address is inside one of the networks.
	// Nil asks nothing; an empty list keeps no session.
	Within *[]netip.Prefix
	// Outside keeps the sessions that the same networks as Within would not.
	// Nil asks nothing; an empty list keeps every session.
	Outside *[]netip.Prefix
	// After and Before bound the login time, exclusively. A session without
	// one counts as the oldest: before everything, after nothing.
	After, Before *time.Time
	// OlderThan and NewerThan bound how long ago the login time is, exclusively,
	// as seen from the instant given to [Query.AsOf]; zero asks nothing. They take
	// the place of Before and After.
	OlderThan, NewerThan time.Duration
	// DeviceVersionBelow and OSVersionBelow keep the sessions whose version is
	// lower, see [Version.Below]. Nil asks nothing.
	DeviceVersionBelow, OSVersionBelow *Version
	// UserDeleted keeps the sessions of deleted users when true, those of all
	// others when false. Nil asks nothing.
	UserDeleted *bool
	// AccountFilter keeps the sessions whose user, looked up in Accounts, is one
	// of those; a deleted user is none.
	AccountFilter
	// Details adds their accounts to the sessions of the result.
	Details bool
	// Accounts are the users of the workspace by their ids.
	Accounts map[string]*Account
	// BeyondPerUser leaves out, of the sessions that pass everything else, the
	// newest of each user, that many of them in [DefaultOrder]; what remains is one
	// too many. Sessions without a user id count as those of one user. Nil asks
	// nothing.
	BeyondPerUser *int
	// Sort is the order of the result; empty means [DefaultOrder].
	Sort []Order
	// Offset is how many sessions of the sorted result to leave out.
	Offset int
	// Limit is how many sessions to keep from there; nil keeps all.
	Limit *int
}

// Result is the answer to a [Query].
type Result struct {
	// Sessions is never nil.
	Sessions []*Session
	// Matched counts the sessions that passed, before Offset and Limit.
	Matched int
	// Unknown are the sessions that need the account of their user, whom the row
	// names and [Query].Accounts lacks: those that passed everything but the
	// AccountFilter, and are left out, and those without the details asked for.
	Unknown []*Session
}

// Apply answers the query. It neither changes all nor depends on its order;
// the result shares its sessions, unless Details has them copied.
func (q *Query) Apply(all []*Session) Result {
	var result Result
	keep := table.All(q.tests())
	kept := make([]*Session, 0, len(all))
	for _, session := range all {
		if keep(session) && (!q.AccountFilter.asks() || q.Keeps(q.accountOf(session, &result.Unknown))) {
			kept = append(kept, session)
		}
	}
	if q.BeyondPerUser != nil {
		kept = beyond(kept, *q.BeyondPerUser)
	}
	Sort(kept, q.Sort)
	result.Sessions, result.Matched = table.Cut(kept, q.Offset, q.Limit), len(kept)
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

// accountOf finds the owner of a session; nil for a deleted user, and for one
// whom the row names and the accounts lack, which makes the session unknown.
func (q *Query) accountOf(s *Session, unknown *[]*Session) *Account {
	if s.User == nil {
		return nil
	}
	var account *Account
	if s.UserID != nil {
		account = q.Accounts[*s.UserID]
	}
	if account == nil {
		*unknown = append(*unknown, s)
	}
	return account
}

// AsOf returns the query with its ages as times before now, which is the
// workspace's time at the read.
func (q Query) AsOf(now time.Time) *Query {
	if q.OlderThan > 0 {
		q.Before = new(now.Add(-q.OlderThan))
	}
	if q.NewerThan > 0 {
		q.After = new(now.Add(-q.NewerThan))
	}
	return &q
}

// beyond returns the sessions after the newest n of each user.
func beyond(all []*Session, n int) []*Session {
	Sort(all, nil)
	seen := make(map[string]int)
	return slices.DeleteFunc(all, func(s *Session) bool {
		id := ""
		if s.UserID != nil {
			id = *s.UserID
		}
		seen[id]++
		return seen[id] <= n
	})
}

// tests are what can be told from a session alone, cheapest first.
func (q *Query) tests() []func(*Session) bool {
	var tests []func(*Session) bool
	if q.After != nil || q.Before != nil {
		tests = append(tests, q.duringWindow)
	}
	if q.Within != nil || q.Outside != nil {
		// Thousands of sessions come from a few offices.
		tests = append(tests, remembering(func(s *Session) *string { return s.IP }, q.locate))
	}
	if q.UserDeleted != nil {
		tests = append(tests, func(s *Session) bool { return (s.User == nil) == *q.UserDeleted })
	}
	fields := everyField()
	if q.DeviceVersionBelow != nil {
		tests = append(tests, remembering(table.ByKey(fields, "device_version")[0].Text, q.DeviceVersionBelow.Below))
	}
	if q.OSVersionBelow != nil {
		tests = append(tests, remembering(table.ByKey(fields, "os_version")[0].Text, q.OSVersionBelow.Below))
	}
	tests = append(tests, table.Tests(fields, q.Match, q.Exclude)...)
	if q.Filter != nil && !q.Filter.MatchesEverything() {
		tests = append(tests, table.Matcher(q.Filter, table.Matchable(fields)...))
	}
	return tests
}

func (q *Query) duringWindow(s *Session) bool {
	if s.LoginAt == nil {
		return q.After == nil
	}
	return (q.After == nil || s.LoginAt.After(*q.After)) &&
		(q.Before == nil || s.LoginAt.Before(*q.Before))
}

// remembering tests every distinct text once: a list has few addresses and versions.
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

// Need tells a reader of the newest-first list how much of it can matter to a
// query.
type Need struct {
	// All means the whole list.
	All bool
	// After means the sessions that logged in later than this, whatever
	// their number; set only when All is not.
	After *time.Time
	// Age is After as long before the workspace's time at the read; zero when it
	// is not set. See [Need.AsOf].
	Age time.Duration
	// Newest is how many sessions, counted in [DefaultOrder], are enough when
	// neither All nor After is set; it may be zero. Since sessions of one login
	// time come in no order, whoever stops reading must have seen all that tie
	// with the last of these. [Result.Matched] then counts only what was
	// read; the whole list is what the query matches.
	Newest int
}

// Need returns how much of the list decides the query.
func (q *Query) Need() Need {
	switch {
	case q.After != nil:
		return Need{After: q.After}
	case q.NewerThan > 0:
		return Need{Age: q.NewerThan}
	case q.Limit == nil || q.selects() || !q.newestFirst():
		return Need{All: true}
	}
	offset, limit := max(q.Offset, 0), max(*q.Limit, 0)
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

// selects tells whether anything but After may leave a session out.
func (q *Query) selects() bool {
	return q.OlderThan > 0 || q.BeyondPerUser != nil || q.AccountFilter.asks() || len(q.tests()) > 0
}

func (q *Query) newestFirst() bool {
	return len(q.Sort) == 0 || len(q.Sort) == 1 && q.Sort[0] == DefaultOrder()[0]
}
