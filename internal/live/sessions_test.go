// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"encoding/base32"
	"fmt"
	"net/http"
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
func (s *suite) checkSessions(ctx context.Context) error {
	asked, err := s.raw.prepare(ctx, listRoute, query("count", "1"))
	if err != nil {
		return err
	}
	if err := s.checkSecondFactor(ctx, asked); err != nil {
		return err
	}
	before, err := s.raw.list(ctx, listRoute, "sessions", nil, decodeSession)
	if refused, ok := isRefused(err); ok {
		return s.checkRefused(ctx, refused)
	}
	if err != nil {
		return err
	}
	s.estimate(listRoute, before, 3)
	var after listing
	from, to := func() time.Time { return before.from.Add(-2 * time.Second) }, func() time.Time { return after.to.Add(2 * time.Second) }
	cases := s.sessionCases(ofWorkspace, before, from, to)
	cases = append(cases, s.casesByUser(before.rows)...)
	cases = s.chosenCases(cases)
	if err := s.readAll(ctx, ofWorkspace, cases); err != nil {
		return err
	}
	whole := s.main.calls.of(listRoute)
	early, err := s.readEarly(ctx, before)
	if err != nil {
		return err
	}
	ephemeral := listCase{name: "ephemeral", selects: all}
	if ephemeral.result, err = s.main.open(ctx, config{}); err != nil {
		return err
	}
	if after, err = s.raw.list(ctx, listRoute, "sessions", nil, decodeSession); err != nil {
		return err
	}
	b := newBracket(before, after)
	s.compare("sessions", ofWorkspace, append(cases, ephemeral), b)
	s.compareEarly(early, b, whole)
	s.chosen = append(s.chosen, block{workspaceSessions, "all", "", func(object map[string]any) []string {
		return judged(ofWorkspace, &listCase{selects: all}, b, object)
	}})
	return s.checkSingle(ctx, b)
}

// checkSecondFactor: a missing and a wrong second factor are refused, and the provider says what to do.
// asked is the workspace's response to a call without one.
func (s *suite) checkSecondFactor(ctx context.Context, asked *reply) error {
	if s.raw.method != "totp" {
		why := "the workspace does not ask for one (the token ignores it, it is off, or the workspace remembers one)"
		switch {
		case strings.HasPrefix(asked.text("errorType"), "totp-"):
			why = "the workspace asks for one that the suite does not have, or for another than TOTP"
		case asked.status != http.StatusOK:
			why = "the workspace refuses before it asks for one"
		}
		s.skip("second factor, missing and wrong", "%s", why)
		return nil
	}
	for _, c := range []struct {
		name  string
		other map[string]string
		words []string
	}{
		{"second factor: missing", map[string]string{"ROCKETCHAT_TOTP_SECRET": ""}, []string{"A TOTP code is required", "ROCKETCHAT_TOTP_SECRET"}},
		{"second factor: wrong", map[string]string{"ROCKETCHAT_TOTP_SECRET": s.wrongSecret()}, []string{"Rocket.Chat refused the TOTP code"}},
	} {
		i, err := s.newInstance(ctx, c.other)
		if err != nil {
			return err
		}
		r, err := i.read(ctx, workspaceSessions, "sessions", config{})
		if err != nil {
			return err
		}
		s.verify(c.name, r.fails(c.words...))
	}
	if s.cli == "" {
		return nil
	}
	// Now, because the workspace may remember the right one.
	return s.runCLI(ctx, "CLI: wrong second factor", map[string]string{"ROCKETCHAT_TOTP_SECRET": s.wrongSecret()},
		[]block{{source: workspaceSessions, name: "refused"}}, "Rocket.Chat refused the TOTP code")
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
func (s *suite) checkRefused(ctx context.Context, refused *refusal) error {
	words, why := refused.explanation("view-device-management")
	if words == nil {
		return refused
	}
	s.refused = words
	s.skip("sessions of the workspace", "%s", why)
	for name, read := range map[string]func(*instance) (*result, error){
		"sessions": func(i *instance) (*result, error) { return i.read(ctx, workspaceSessions, "sessions", config{}) },
		"one session": func(i *instance) (*result, error) {
			return i.read(ctx, workspaceSession, "", config{"session_id": "any"})
		},
		"ephemeral sessions": func(i *instance) (*result, error) { return i.open(ctx, config{}) },
	} {
		if err := s.checkRefusal(ctx, name, refused, "view-device-management", read); err != nil {
			return err
		}
	}
	return nil
}

// sessionCases are those of both lists of sessions.
func (s *suite) sessionCases(k kind, before listing, from, to func() time.Time) []listCase {
	rows := before.rows
	cases := k.listCases(rows, func(key string) []string { return []string{k.path(key)} })
	if len(rows) == 0 {
		return cases
	}
	add := func(name string, ok bool, c listCase) {
		if c.name = name; !ok {
			c = listCase{name: name, why: nothingDistinguishes}
		}
		cases = append(cases, c)
	}
	var paths []string
	for _, key := range k.matchKeys {
		paths = append(paths, k.path(key))
	}
	part := func(text string) string { return quoted(text[:(len(text)+1)/2]) }
	texts := slices.DeleteFunc(slices.Concat(candidates(rows, "device.name"), candidates(rows, "ip"), candidates(rows, "user_id")), func(text string) bool {
		return strings.ContainsFunc(text, func(c rune) bool { return c > 127 })
	})
	anywhere := func(text string) selector { return matches(part(text), paths...) }
	text, ok := pick(rows, texts, anywhere)
	add("filter", ok, listCase{arguments: config{"filter": part(text)}, selects: anywhere(text)})

	cased := func(prefix string) func(string) selector {
		return func(text string) selector { return matches(prefix+"^"+quoted(text)+"$", "device.name") }
	}
	name, ok := pick(rows, candidates(rows, "device.name"), cased(""))
	upper := strings.ToUpper(name)
	add("match in another case", ok && upper != name, listCase{
		arguments: config{"match": config{"device_name": "^" + quoted(upper) + "$"}}, selects: cased("")(upper),
	})
	add("match with (?-i)", ok && upper != name, listCase{
		arguments: config{"match": config{"device_name": "(?-i)^" + quoted(upper) + "$"}}, selects: cased("(?-i)")(upper),
	})
	network, ok := pick(rows, networks(rows), within)
	add("within_cidrs", ok, listCase{arguments: config{"within_cidrs": []string{network}}, selects: within(network)})
	add("outside_cidrs", ok, listCase{arguments: config{"outside_cidrs": []string{network}}, selects: func(r row) verdict { return not(within(network)(r)) }})

	cases = append(cases, timeCases(rows, before.to, from, to)...)
	for argument, p := range map[string][3]string{
		"device_version_below": {"device.name", "device.version", "device_name"},
		"os_version_below":     {"device.os.name", "device.os.version", "os_name"},
	} {
		name, bound, ok := versionBound(rows, p[0], p[1])
		expression := "^" + quoted(name) + "$"
		add(argument, ok, listCase{
			arguments: config{argument: bound, "match": config{p[2]: expression}}, selects: both(matches(expression, p[0]), below(p[1], bound)),
		})
	}
	// An ID is in no name, of which the workspace searches only some.
	id, path := "", ""
	found := false
	for _, path = range []string{"user_id", "session_id"} {
		if id, found = pick(rows, candidates(rows, path), func(id string) selector { return is(path, id) }); found {
			break
		}
	}
	add("search", found, listCase{arguments: config{"search": id}, selects: is(path, id), searches: true})
	mine := candidates(rows, "user_id")
	add("beyond_per_user", len(mine) > 0 && len(rows) > len(mine), listCase{arguments: config{"beyond_per_user": 1}, selects: all, beyond: new(1)})
	add("offset", len(rows) > 1, listCase{
		arguments: config{"offset": 1, "limit": 3, "sort": []string{"host", "-ip"}}, selects: all, offset: 1, limit: new(3), sort: []string{"host", "-ip"},
	})
	return cases
}

// is selects the rows with a value.
func is(path, value string) selector {
	return func(r row) verdict { return verdictOf(r.fields[path] == value) }
}

// timeCases are bounds of the login time, the exact time of a session among them.
func timeCases(rows []row, now time.Time, from, to func() time.Time) []listCase {
	var cases []listCase
	const why = nothingDistinguishes
	if at, ok := middle(rows, "login_at"); ok {
		text := at.Format(time.RFC3339Nano)
		cases = append(cases,
			listCase{name: "logged_in_after", arguments: config{"logged_in_after": text}, selects: func(r row) verdict { return verdictOf(r.time("login_at").After(at)) }},
			listCase{name: "logged_in_before", arguments: config{"logged_in_before": text}, selects: func(r row) verdict { return verdictOf(r.time("login_at").Before(at)) }})
	} else {
		cases = append(cases, listCase{name: "logged_in_after", why: why}, listCase{name: "logged_in_before", why: why})
	}
	if age, ok := quietAge(rows, "login_at", now); ok {
		older := olderThan("login_at", age, from, to)
		cases = append(cases,
			listCase{name: "older_than", arguments: config{"older_than": age.String()}, selects: older},
			listCase{name: "newer_than", arguments: config{"newer_than": age.String()}, selects: func(r row) verdict { return not(older(r)) }})
	} else {
		cases = append(cases, listCase{name: "older_than", why: why}, listCase{name: "newer_than", why: why})
	}
	return cases
}

// casesByUser are the arguments about the users of sessions.
func (s *suite) casesByUser(rows []row) []listCase {
	var cases []listCase
	for _, deleted := range []bool{true, false} {
		of := func(r row) verdict { return verdictOf((r.fields["user"] == nil) == deleted) }
		c := listCase{name: "user_deleted", arguments: config{"user_deleted": deleted}, selects: of}
		if !discriminates(rows, of) {
			c = listCase{name: "user_deleted", why: nothingDistinguishes}
		}
		cases = append(cases, c)
	}
	why := s.usersGone
	if s.users != nil && slices.ContainsFunc(rows, func(r row) bool {
		id, _ := r.text("user_id")
		_, known := s.users[id]
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
	ofUser := func(of selector) selector {
		return func(r row) verdict {
			id, _ := r.text("user_id")
			switch user := s.users[id]; {
			case r.fields["user"] == nil:
				return no
			case user == nil:
				return unsure
			default:
				return of(user)
			}
		}
	}
	for _, a := range s.accountArguments(rows, "user_", ofUser) {
		cases = append(cases, a.listCase())
	}
	return append(cases, listCase{
		name: "user_details", arguments: config{"user_details": true}, selects: all,
		adds: func(r row) row {
			id, _ := r.text("user_id")
			user := s.users[id]
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

// earlyCase is a read that needs only the newest sessions, by a provider that has read nothing yet.
type earlyCase struct {
	listCase
	calls int
}

// readEarly reads the newest sessions, by their number and by their time.
func (s *suite) readEarly(ctx context.Context, before listing) ([]earlyCase, error) {
	times := timesOf(before.rows, "login_at")
	if before.pages < 2 || len(times) < 12 {
		return nil, nil
	}
	at := times[len(times)-10]
	early := []earlyCase{
		{listCase: listCase{name: "limit 1 stops early", arguments: config{"limit": 1}, selects: all, limit: new(1)}},
		{listCase: listCase{
			name: "logged_in_after stops early", arguments: config{"logged_in_after": at.Format(time.RFC3339Nano)},
			selects: func(r row) verdict { return verdictOf(r.time("login_at").After(at)) },
		}},
	}
	for n := range early {
		i, err := s.newInstance(ctx, nil)
		if err != nil {
			return nil, err
		}
		if early[n].result, err = i.read(ctx, workspaceSessions, "sessions", early[n].arguments); err != nil {
			return nil, err
		}
		early[n].calls = i.calls.of(listRoute)
	}
	return early, nil
}

func (s *suite) compareEarly(early []earlyCase, b *bracket, whole int) {
	if early == nil {
		s.skip("sessions: early stops", "the list fits on one page")
	}
	for i := range early {
		c := &early[i]
		problems, moved := ofWorkspace.problems(&c.listCase, b)
		moved = moved || c.calls >= whole && !b.quiet
		if c.calls >= whole && b.quiet {
			problems = append(problems, fmt.Sprintf("it took %d calls, and the whole list took %d", c.calls, whole))
		}
		if moved && len(problems) == 0 {
			s.skip("sessions: "+c.name, "the list moved")
			continue
		}
		s.verify("sessions: "+c.name, problems...)
	}
}

// checkSingle reads one session by its id, and one that does not exist.
func (s *suite) checkSingle(ctx context.Context, b *bracket) error {
	const name = "one session"
	once := map[string]int{}
	for _, r := range b.stable {
		id, _ := r.text("session_id")
		once[id]++
	}
	stable := slices.DeleteFunc(slices.Clone(b.stable), func(r row) bool {
		id, _ := r.text("session_id")
		return id == "" || once[id] > 1
	})
	if len(stable) == 0 {
		s.skip(name, "no session has an id of its own")
		return nil
	}
	id, _ := stable[len(stable)/2].text("session_id")
	// The workspace takes the id as a regular expression.
	raw, err := s.raw.get(ctx, "sessions/info.admin", url.Values{"sessionId": {regexp.QuoteMeta(id)}})
	if err != nil {
		return err
	}
	want := decodeSession(raw.fields)
	r, err := s.main.read(ctx, workspaceSession, "", config{"session_id": id})
	if err != nil {
		return err
	}
	same := func(object map[string]any, errs []string) []string {
		got := rowOf(object).but(func(path string) bool { return strings.HasPrefix(path, "timeouts") || path == "user_details" })
		if encoded(got.fields) != encoded(want.fields) && len(errs) == 0 {
			errs = append(errs, encoded(got.fields)+" instead of "+encoded(want.fields))
		}
		return errs
	}
	s.verify(name, same(r.values, r.errors)...)
	s.chosen = append(s.chosen, block{workspaceSession, "one", fmt.Sprintf("session_id = %q", id), func(object map[string]any) []string {
		return same(object, nil)
	}})
	if r, err = s.main.read(ctx, workspaceSession, "", config{"session_id": "no-session-of-the-suite"}); err != nil {
		return err
	}
	s.verify("a session that does not exist", r.fails("There is no such session"))
	return nil
}

// checkOwnSessions compares the sessions of the account.
func (s *suite) checkOwnSessions(ctx context.Context) error {
	// The second factor is not asked for here.
	decode := func(document map[string]any) row {
		return decodeSession(document).but(ofOwner)
	}
	before, err := s.raw.list(ctx, ownRoute, "sessions", nil, decode)
	if refused, ok := isRefused(err); ok {
		return s.checkRefusal(ctx, "own sessions", refused, "view-device-management", func(i *instance) (*result, error) {
			return i.read(ctx, ownSessions, "sessions", config{})
		})
	}
	if err != nil {
		return err
	}
	var after listing
	from, to := func() time.Time { return before.from.Add(-2 * time.Second) }, func() time.Time { return after.to.Add(2 * time.Second) }
	cases := s.sessionCases(ofAccount, before, from, to)
	cases = s.chosenCases(cases)
	if err := s.readAll(ctx, ofAccount, cases); err != nil {
		return err
	}
	if after, err = s.raw.list(ctx, ownRoute, "sessions", nil, decode); err != nil {
		return err
	}
	b := newBracket(before, after)
	s.compare("own sessions", ofAccount, cases, b)
	s.chosen = append(s.chosen, block{ownSessions, "own", "", func(object map[string]any) []string {
		return judged(ofAccount, &listCase{selects: all}, b, object)
	}})
	return nil
}
