// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
)

// target is a workspace, and how to reach it.
type target struct {
	// env are the provider's environment variables.
	env map[string]string
	// transport reaches the workspace for the suite and for a provider in its process.
	transport http.RoundTripper
	tls       *tls.Config
	clock     clock.Clock
	// cli is the path of a CLI, with the provider in folder; without it, only the provider in the
	// suite's process is checked.
	cli, folder string
	// nextWindow starts a new window of the rate limit before a CLI runs, which waits by the machine's
	// clock; nil for a workspace that does so by itself.
	nextWindow func()
	// logout is whose session the suite may make and end; nil for none.
	logout *credentials
	fault  fault
	// only is an argument: the others are left out. Empty is all.
	only string
	say  func(format string, args ...any)
}

// fault is a mistake of the provider's, made up to see that the suite finds it.
type fault struct {
	transport func(http.RoundTripper) http.RoundTripper
	server    func(tfprotov6.ProviderServer) tfprotov6.ProviderServer
}

// finding is a check, and why it failed or was skipped.
type finding struct{ name, reason string }

// String implements [fmt.Stringer].
func (f finding) String() string { return f.name + ": " + f.reason }

// report is what the suite has found.
type report struct {
	checked         []string
	skipped, failed []finding
}

// String implements [fmt.Stringer].
func (r *report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d checks passed, %d failed, %d skipped.\n", len(r.checked), len(r.failed), len(r.skipped))
	fmt.Fprintf(&b, "Passed: %s.\n", strings.Join(r.checked, ", "))
	byReason := map[string][]string{}
	for _, f := range r.skipped {
		byReason[f.reason] = append(byReason[f.reason], f.name)
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		fmt.Fprintf(&b, "Skipped, because %s: %s.\n", reason, strings.Join(byReason[reason], ", "))
	}
	return b.String()
}

func (r *report) skip(name, format string, args ...any) {
	r.skipped = append(r.skipped, finding{name, fmt.Sprintf(format, args...)})
}

// verify passes a check for which there is no problem, and otherwise fails it with the first ones.
func (r *report) verify(name string, problems ...string) {
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" })
	if len(problems) == 0 {
		r.checked = append(r.checked, name)
		return
	}
	const most = 3
	reason := strings.Join(problems[:min(most, len(problems))], "; ")
	if len(problems) > most {
		reason += fmt.Sprintf(" … and %d more", len(problems)-most)
	}
	r.failed = append(r.failed, finding{name, reason})
}

// suite holds the provider against one workspace.
type suite struct {
	target
	report
	raw *api
	// said is every text of the provider's.
	said strings.Builder
	// main is the instance that reads most, so that its reads share calls.
	main *instance

	// what the suite has read by itself
	roles       []row
	permissions map[string][]string
	users       map[string]row
	// usersGone are the reason why arguments about users cannot be checked.
	usersGone string
	// refused are what the provider must say where the workspace refuses its sessions.
	refused []string
	// chosen are blocks for the CLI.
	chosen []block
}

// block is a data source for the CLI to read, and how to judge what it returns.
type block struct {
	source    string
	arguments config
	judge     func(*result) (problems []string)
}

func newSuite(t target) *suite {
	header := http.Header{"X-User-Id": {t.env["ROCKETCHAT_USER_ID"]}, "X-Auth-Token": {t.env["ROCKETCHAT_AUTH_TOKEN"]}}
	for name, value := range headersOf(t.env["ROCKETCHAT_HEADERS"]) {
		header.Set(name, value)
	}
	return &suite{target: t, raw: &api{
		base: strings.TrimRight(t.env["ROCKETCHAT_URL"], "/"), header: header, client: &http.Client{Transport: t.transport},
		clock: t.clock, say: t.say, windows: map[string]window{},
		totpSecret: secretOf(t.env["ROCKETCHAT_TOTP_SECRET"]), password: t.env["ROCKETCHAT_PASSWORD"],
	}}
}

// stopped is what the suite panics with where it cannot go on, as a test does with [testing.T.Fatal].
type stopped struct{ error }

func check(err error) {
	if err != nil {
		panic(stopped{err})
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// run makes all checks. An error means that the suite itself could not go on.
func (s *suite) run(ctx context.Context) (err error) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case stopped:
			err = reason.error
		default:
			panic(reason)
		}
	}()
	s.main = s.newInstance(ctx, nil)
	roles, refused := s.raw.get(ctx, "roles.list", nil)
	if refused != nil {
		return fmt.Errorf("the workspace does not let the account in: %w", refused)
	}
	for _, each := range roles.rows("roles") {
		s.roles = append(s.roles, roleWhere.decode(each))
	}
	for _, step := range []func(context.Context){
		s.checkRoles, s.checkUsers, s.checkSessions, s.checkOwnSessions, s.checkSettings, s.checkWrongToken, s.checkCLI, s.checkLogout,
		s.checkRateLimit,
	} {
		step(ctx)
	}
	s.verify("no secret in a diagnostic", s.secretsIn("a diagnostic", s.said.String())...)
	return nil
}

// estimate says how long a list will take.
func (s *suite) estimate(route string, l listing, reads int) {
	calls, limit := l.pages*reads+8, "any number of them"
	if w := s.raw.windows[route]; w.limit > 0 {
		limit = fmt.Sprintf("%d a window, so about %d minutes", w.limit, calls/w.limit+1)
	}
	s.say("%s lists %d rows on %d pages: about %d more calls, at %s", route, l.total, l.pages, calls, limit)
}

// explanation is what the provider must say about a refusal of a route that needs a permission.
func (r *refusal) explanation(permission string) (words []string, why string) {
	switch text := r.text("error"); {
	case r.text("errorType") == "error-action-not-allowed", r.status != http.StatusNotFound && (text == "unauthorized" || text == "forbidden") &&
		strings.HasPrefix(r.route, "sessions/"):
		return []string{"The workspace has no license for device management"}, "the workspace has no license for device management"
	case r.status == http.StatusForbidden:
		return []string{"The account lacks a permission", permission}, "the account lacks " + permission
	case r.asksForFactor():
		return []string{"required"}, "the workspace asks for a second factor that the suite does not have"
	case r.status == http.StatusNotFound:
		return []string{"release"}, "the workspace does not have " + r.route
	default:
		check(r)
		return nil, ""
	}
}

// checkRefusal has a provider that has said nothing yet read what the workspace refuses.
func (s *suite) checkRefusal(ctx context.Context, name string, refused *refusal, permission, source string, arguments config) {
	words, why := refused.explanation(permission)
	s.verify(name+": refused, "+why, s.newInstance(ctx, nil).read(ctx, source, arguments).fails(words...))
}

// checkWrongToken: another token is refused, and the provider says so.
func (s *suite) checkWrongToken(ctx context.Context) {
	i := s.newInstance(ctx, map[string]string{"ROCKETCHAT_AUTH_TOKEN": wrongToken})
	s.verify("wrong token", i.read(ctx, rolesSource, nil).fails("does not accept the user ID and token", "ROCKETCHAT_AUTH_TOKEN"))
}

const wrongToken = "wrong-token-of-the-suite-0123456789abcdefghi"

// checkRateLimit uses a window up, and gives the provider less time than is left of it.
func (s *suite) checkRateLimit(ctx context.Context) {
	const name, route, most = "a timeout below the rate limit", "roles.list", 30
	granted(s.raw.get(ctx, route, nil))
	w, limited := s.raw.windows[route]
	if !limited {
		s.skip(name, "the account bypasses the rate limit, or it is off")
		return
	}
	if w.limit > most {
		s.skip(name, "the workspace allows %d calls in a window", w.limit)
		return
	}
	// From the beginning of a window, so that there is time left at its end.
	if w.left < w.limit-1 {
		w.left = 0
		s.raw.windows[route] = w
		granted(s.raw.get(ctx, route, nil))
	}
	for s.raw.windows[route].left > 0 {
		granted(s.raw.get(ctx, route, nil))
	}
	if s.raw.windows[route].ends.Sub(s.clock.Now()) < 10*time.Second {
		s.skip(name, "the calls took nearly the whole window")
		return
	}
	began := s.clock.Now()
	r := s.newInstance(ctx, nil).read(ctx, rolesSource, config{"timeouts": config{"read": "5s"}})
	problems := []string{r.fails("rate limit does not let", "finish in time", "timeouts")}
	if took := s.clock.Now().Sub(began); took > 5*time.Second {
		problems = append(problems, fmt.Sprintf("it waited %v", took))
	}
	s.verify(name, problems...)
}

// checkRoles compares roles and permissions with the suite's own calls.
func (s *suite) checkRoles(ctx context.Context) {
	s.permissions = map[string][]string{}
	held := map[string][]string{}
	for _, each := range granted(s.raw.get(ctx, "permissions.listAll", nil)).rows("update") {
		r := where{"id": "_id", "roles": "roles"}.decode(each)
		id := r.text("id")
		s.permissions[id] = r.texts("roles")
		for _, role := range r.texts("roles") {
			held[role] = append(held[role], id)
		}
	}
	var plain, whole []row
	for _, role := range s.roles {
		r := newRow(map[string]any{"protected": false, "mandatory_2fa": false}).with(role.fields)
		permissions := append([]string{}, slices.Compact(sortedTexts(held[role.text("id")]))...)
		plain, whole = append(plain, r), append(whole, r.with(map[string]any{"permissions": permissions}))
	}
	s.checkRows(ctx, "roles: all", config{}, plain)
	s.checkRows(ctx, "roles: permissions", config{"permissions": true}, whole)
}

// checkRows compares the roles.
func (s *suite) checkRows(ctx context.Context, name string, arguments config, want []row) {
	slices.SortStableFunc(want, kind{}.comparison("id"))
	same := func(r *result) []string {
		problems := slices.Clone(r.errors)
		if len(r.rows) != len(want) {
			return append(problems, fmt.Sprintf("%d rows instead of %d", len(r.rows), len(want)))
		}
		for i := range want {
			problems = append(problems, differs(r.rows[i].fields, want[i].fields))
		}
		return problems
	}
	s.verify(name, same(s.main.read(ctx, rolesSource, arguments))...)
	s.chosen = append(s.chosen, block{rolesSource, arguments, same})
}

// differs is the problem with what is not as it must be.
func differs(got, want any) string {
	if encoded(got) == encoded(want) {
		return ""
	}
	return encoded(got) + " instead of " + encoded(want)
}

// rolesOf are the ids of the roles that a user means by an id or a name.
func (s *suite) rolesOf(asked string) []string {
	var ids []string
	for _, role := range s.roles {
		if id := role.text("id"); id == asked || role.text("name") == asked {
			ids = append(ids, id)
		}
	}
	return ids
}

// ofWorkspace reports whether some of the roles are not within rooms, which the list of users does not
// show.
func (s *suite) ofWorkspace(ids []string) bool {
	return slices.ContainsFunc(s.roles, func(role row) bool {
		return slices.Contains(ids, role.text("id")) && role.text("scope") != "Subscriptions"
	})
}

// query is a query of one parameter.
func query(name, value string) url.Values { return url.Values{name: {value}} }
