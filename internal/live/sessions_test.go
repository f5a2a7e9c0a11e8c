// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"encoding/base32"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	listRoute = "sessions/list.all"
	ownRoute  = "sessions/list"
)

func decodeSession(document map[string]any) row { return sessionWhere.decode(document) }

// checkSessions checks the second factor, then the list of the workspace and what is made of it.
func (s *suite) checkSessions(ctx context.Context) {
	s.checkSecondFactor(ctx, s.raw.prepare(ctx, listRoute, query("count", "1")))
	b, refused := s.checkList(ctx, ofWorkspace, func() (listing, *refusal) {
		return s.raw.list(ctx, listRoute, "sessions", nil, decodeSession)
	}, func(b *bracket) []listCase {
		s.estimate(listRoute, b.before, 3)
		return slices.Concat(s.sessionCases(ofWorkspace, b), s.casesByUser(b.before.rows), earlyCases(b.before), []listCase{{
			name: "ephemeral", selects: all, read: func(arguments config) *result { return s.main.open(ctx, arguments) },
		}})
	})
	if refused != nil {
		s.checkRefused(ctx, refused)
		return
	}
	s.checkSingle(ctx, b)
}

// checkSecondFactor: a missing and a wrong second factor are refused, and the provider says what to do.
// refused is the workspace's response to a call without one; nil if it needs none.
func (s *suite) checkSecondFactor(ctx context.Context, refused *refusal) {
	if s.raw.method != "totp" {
		why := "the workspace does not ask for one (the token ignores it, it is off, or the workspace remembers one)"
		switch {
		case refused != nil && refused.asksForFactor():
			why = "the workspace asks for one that the suite does not have, or for another than TOTP"
		case refused != nil:
			why = "the workspace refuses before it asks for one"
		}
		s.skip("second factor, missing and wrong", "%s", why)
		return
	}
	const refusal = "Rocket.Chat refused the TOTP code"
	wrong := map[string]string{"ROCKETCHAT_TOTP_SECRET": s.wrongSecret()}
	missing := s.newInstance(ctx, map[string]string{"ROCKETCHAT_TOTP_SECRET": ""}).read(ctx, workspaceSessions, nil)
	s.verify("second factor: missing", missing.fails("A TOTP code is required", "ROCKETCHAT_TOTP_SECRET"))
	s.verify("second factor: wrong", s.newInstance(ctx, wrong).read(ctx, workspaceSessions, nil).fails(refusal))
	if s.cli != "" {
		// Now, because the workspace may remember the right one.
		s.runCLI(ctx, "CLI: wrong second factor", wrong, []block{{source: workspaceSessions}}, refusal)
	}
}

// wrongSecret is a TOTP secret of which no code is right for the next hours.
func (s *suite) wrongSecret() string {
	for n := range 100 {
		secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(fmt.Appendf(nil, "wrong secret, no. %02d", n))
		same := false
		for step := -10; step < 240; step++ {
			at := s.clock.Now().Add(time.Duration(step) * 30 * time.Second)
			same = same || codeAt(secret, at) == codeAt(s.raw.totpSecret, at)
		}
		if !same {
			return secret
		}
	}
	return ""
}

// checkRefused: the workspace refuses the list, and the provider says why in every way to read it.
func (s *suite) checkRefused(ctx context.Context, refused *refusal) {
	const permission = "view-device-management"
	var why string
	s.refused, why = refused.explanation(permission)
	s.skip("sessions of the workspace", "%s", why)
	s.checkRefusal(ctx, "sessions", refused, permission, workspaceSessions, nil)
	s.checkRefusal(ctx, "one session", refused, permission, workspaceSession, config{"session_id": "any"})
	s.verify("ephemeral sessions: refused, "+why, s.newInstance(ctx, nil).open(ctx, nil).fails(s.refused...))
}

// sessionCases are those of both lists of sessions.
func (s *suite) sessionCases(k kind, b *bracket) []listCase {
	rows := b.before.rows
	cases := k.listCases(rows)
	if len(rows) == 0 {
		return cases
	}
	part := func(text string) string { return quoted(text[:(len(text)+1)/2]) }
	anywhere := func(text string) selector { return matches(part(text), k.paths(k.matchKeys...)...) }
	text, hasText := pick(rows, slices.DeleteFunc(candidates(rows, "device.name", "ip", "user_id"), func(text string) bool {
		return strings.ContainsFunc(text, func(c rune) bool { return c > 127 })
	}), anywhere)

	named := func(name string) selector { return matches(exactly(name), "device.name") }
	name, hasName := pick(rows, candidates(rows, "device.name"), named)
	upper := strings.ToUpper(name)
	hasName = hasName && upper != name
	network, hasNetwork := pick(rows, networks(rows), within)

	// An ID is in no name, of which the workspace searches only some.
	path := "user_id"
	id, hasID := pick(rows, candidates(rows, path), func(id string) selector { return is(path, id) })
	if !hasID {
		path = "session_id"
		id, hasID = pick(rows, candidates(rows, path), func(id string) selector { return is(path, id) })
	}
	users := len(candidates(rows, "user_id"))

	// The bounds of the login time are the exact time of a session, with others before and after it, and
	// an age at which there is none.
	var at time.Time
	times := timesOf(rows, "login_at")
	if len(times) >= 3 {
		at = times[len(times)/2]
	}
	age, hasAge := quietAge(rows, "login_at", b.before.to)
	older := olderThan("login_at", age, b)
	cases = append(cases,
		when(hasText, listCase{name: "filter", arguments: config{"filter": part(text)}, selects: anywhere(text)}),
		when(hasName, listCase{name: "match in another case", arguments: config{"match": config{"device_name": exactly(upper)}}, selects: named(upper)}),
		when(hasName, listCase{
			name: "match with (?-i)", arguments: config{"match": config{"device_name": "(?-i)" + exactly(upper)}},
			selects: matches("(?-i)"+exactly(upper), "device.name"),
		}),
		when(hasNetwork, listCase{name: "within_cidrs", arguments: config{"within_cidrs": []string{network}}, selects: within(network)}),
		when(hasNetwork, listCase{name: "outside_cidrs", arguments: config{"outside_cidrs": []string{network}}, selects: not(within(network))}),
		when(!at.IsZero(), since(at)),
		when(!at.IsZero(), listCase{
			name: "logged_in_before", arguments: config{"logged_in_before": at.Format(time.RFC3339Nano)},
			selects: selects(func(r row) bool { return r.time("login_at").Before(at) }),
		}),
		when(hasAge, listCase{name: "older_than", arguments: config{"older_than": age.String()}, selects: older}),
		when(hasAge, listCase{name: "newer_than", arguments: config{"newer_than": age.String()}, selects: not(older)}),
		when(hasID, listCase{name: "search", arguments: config{"search": id}, selects: is(path, id)}),
		when(users > 0 && len(rows) > users, listCase{name: "beyond_per_user", arguments: config{"beyond_per_user": 1}, selects: all}),
		when(len(rows) > 1, listCase{
			name: "offset", arguments: config{"offset": 1, "limit": 3, "sort": []string{"host", "-ip"}}, selects: all,
		}),
	)
	for _, of := range []string{"device", "os"} {
		nameKey, versionKey := k.paths(of + "_name")[0], k.paths(of + "_version")[0]
		name, bound, ok := versionBound(rows, nameKey, versionKey)
		cases = append(cases, when(ok, listCase{
			name: of + "_version_below", arguments: config{of + "_version_below": bound, "match": config{of + "_name": exactly(name)}},
			selects: both(matches(exactly(name), nameKey), below(versionKey, bound)),
		}))
	}
	return cases
}

// since selects the sessions after a time.
func since(at time.Time) listCase {
	return listCase{
		name: "logged_in_after", arguments: config{"logged_in_after": at.Format(time.RFC3339Nano)},
		selects: selects(func(r row) bool { return r.time("login_at").After(at) }),
	}
}

// earlyCases need only the newest sessions, by their number and by their time.
func earlyCases(before listing) []listCase {
	times := timesOf(before.rows, "login_at")
	if before.pages < 2 || len(times) < 12 {
		return []listCase{{name: "early stops", why: "the list fits on one page"}}
	}
	newest := since(times[len(times)-10])
	newest.name, newest.early = "logged_in_after stops early", true
	return []listCase{{name: "limit 1 stops early", arguments: config{"limit": 1}, selects: all, early: true}, newest}
}

// casesByUser are the arguments about the users of sessions.
func (s *suite) casesByUser(rows []row) []listCase {
	var cases []listCase
	for _, deleted := range []bool{true, false} {
		of := selects(func(r row) bool { return (r.fields["user"] == nil) == deleted })
		cases = append(cases, when(discriminates(rows, of), listCase{name: "user_deleted", arguments: config{"user_deleted": deleted}, selects: of}))
	}
	why := s.usersGone
	if s.users != nil && slices.ContainsFunc(rows, func(r row) bool {
		_, known := s.users[r.text("user_id")]
		return r.fields["user"] != nil && !known
	}) {
		why = "the user of a session is not in the list of users"
	}
	if why != "" {
		for _, name := range []string{"user_roles", "user_types", "user_permissions", "user_active", "user_details"} {
			cases = append(cases, listCase{name: name, why: why})
		}
		return cases
	}
	cases = append(cases, s.accountCases(rows, "user_", func(of selector) selector {
		return func(r row) verdict {
			switch user := s.users[r.text("user_id")]; {
			case r.fields["user"] == nil:
				return no
			case user == nil:
				return unsure
			default:
				return of(user)
			}
		}
	})...)
	return append(cases, listCase{
		name: "user_details", arguments: config{"user_details": true}, selects: all,
		adds: func(r row) row {
			user := s.users[r.text("user_id")]
			switch {
			case r.fields["user"] == nil:
				return r
			case user == nil:
				return nil
			}
			details := map[string]any{}
			for _, field := range []string{"roles", "type", "active"} {
				if value, ok := user.fields[field]; ok {
					details["user."+field] = value
				}
			}
			return r.with(details)
		},
	})
}

// checkSingle reads one session by its id, and one that does not exist.
func (s *suite) checkSingle(ctx context.Context, b *bracket) {
	const name = "one session"
	once := map[string]int{}
	for _, r := range b.stable {
		once[r.text("session_id")]++
	}
	stable := slices.DeleteFunc(slices.Clone(b.stable), func(r row) bool {
		return r.text("session_id") == "" || once[r.text("session_id")] > 1
	})
	if len(stable) == 0 {
		s.skip(name, "no session has an id of its own")
		return
	}
	id := stable[len(stable)/2].text("session_id")
	// The workspace takes the id as a regular expression.
	raw := granted(s.raw.get(ctx, "sessions/info.admin", url.Values{"sessionId": {regexp.QuoteMeta(id)}}))
	want := decodeSession(raw.fields)
	same := func(r *result) []string {
		got := rowOf(r.values).but(func(path string) bool { return strings.HasPrefix(path, "timeouts") || path == "user_details" })
		return append(r.errors, differs(got.fields, want.fields))
	}
	s.verify(name, same(s.main.read(ctx, workspaceSession, config{"session_id": id}))...)
	s.chosen = append(s.chosen, block{workspaceSession, config{"session_id": id}, same})
	none := s.main.read(ctx, workspaceSession, config{"session_id": "no-session-of-the-suite"})
	s.verify("a session that does not exist", none.fails("There is no such session"))
}

// checkOwnSessions compares the sessions of the account.
func (s *suite) checkOwnSessions(ctx context.Context) {
	// The second factor is not asked for here.
	_, refused := s.checkList(ctx, ofAccount, func() (listing, *refusal) {
		return s.raw.list(ctx, ownRoute, "sessions", nil, func(document map[string]any) row { return decodeSession(document).but(ofOwner) })
	}, func(b *bracket) []listCase { return s.sessionCases(ofAccount, b) })
	if refused != nil {
		s.checkRefusal(ctx, "own sessions", refused, "view-device-management", ownSessions, nil)
	}
}
