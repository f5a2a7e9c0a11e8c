// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
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

// report is what the suite has found.
type report struct {
	// checked are names; skipped and failed are names with reasons.
	checked         []string
	skipped, failed []string
}

// String implements [fmt.Stringer].
func (r *report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d checks passed, %d failed, %d skipped.\n", len(r.checked), len(r.failed), len(r.skipped))
	fmt.Fprintf(&b, "Passed: %s.\n", strings.Join(r.checked, ", "))
	byReason := map[string][]string{}
	for _, line := range r.skipped {
		name, reason := cutLast(line)
		byReason[reason] = append(byReason[reason], name)
	}
	for _, reason := range slices.Sorted(maps.Keys(byReason)) {
		fmt.Fprintf(&b, "Skipped, because %s: %s.\n", reason, strings.Join(byReason[reason], ", "))
	}
	return b.String()
}

// cutLast cuts a reason off.
func cutLast(line string) (name, reason string) {
	at := strings.LastIndex(line, ": ")
	return line[:at], line[at+2:]
}

func (r *report) pass(name string) { r.checked = append(r.checked, name) }

func (r *report) skip(name, format string, args ...any) {
	r.skipped = append(r.skipped, name+": "+fmt.Sprintf(format, args...))
}

func (r *report) fail(name, format string, args ...any) {
	r.failed = append(r.failed, name+": "+fmt.Sprintf(format, args...))
}

// verify passes a check for which there is no problem, and otherwise fails it with the first ones.
func (r *report) verify(name string, problems ...string) {
	problems = slices.DeleteFunc(problems, func(p string) bool { return p == "" })
	if len(problems) == 0 {
		r.pass(name)
		return
	}
	const most = 3
	more := ""
	if len(problems) > most {
		more = fmt.Sprintf(" … and %d more", len(problems)-most)
	}
	r.fail(name, "%s%s", strings.Join(problems[:min(most, len(problems))], "; "), more)
}

// suite holds the provider against one workspace.
type suite struct {
	target
	report
	raw *api
	// said is every text of the provider's.
	said strings.Builder
	// began is when the suite began, by its clock.
	began time.Time
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
	// chosen are blocks for the CLI, and how to judge what they return.
	chosen []block
}

// block is a data source for the CLI to read.
type block struct {
	source, name, arguments string
	judge                   func(object map[string]any) (problems []string)
}

func newSuite(t target) *suite {
	header := http.Header{"X-User-Id": {t.env["ROCKETCHAT_USER_ID"]}, "X-Auth-Token": {t.env["ROCKETCHAT_AUTH_TOKEN"]}}
	for name, value := range headersOf(t.env["ROCKETCHAT_HEADERS"]) {
		header.Set(name, value)
	}
	return &suite{target: t, began: t.clock.Now(), raw: &api{
		base: strings.TrimRight(t.env["ROCKETCHAT_URL"], "/"), header: header, client: &http.Client{Transport: t.transport},
		clock: t.clock, say: t.say, windows: map[string]window{},
		totpSecret: secretOf(t.env["ROCKETCHAT_TOTP_SECRET"]), password: t.env["ROCKETCHAT_PASSWORD"],
	}}
}

func (s *suite) throughFault(next http.RoundTripper) http.RoundTripper {
	if s.fault.transport == nil {
		return next
	}
	return s.fault.transport(next)
}

// run makes all checks. An error means that the suite itself could not go on.
func (s *suite) run(ctx context.Context) error {
	var err error
	if s.main, err = s.newInstance(ctx, nil); err != nil {
		return err
	}
	roles, err := s.raw.get(ctx, "roles.list", nil)
	if err != nil {
		return fmt.Errorf("the workspace does not let the account in: %w", err)
	}
	for _, each := range roles.rows("roles") {
		s.roles = append(s.roles, roleWhere.decode(each))
	}
	steps := []func(context.Context) error{s.checkRoles, s.checkUsers, s.checkSessions, s.checkOwnSessions, s.checkSettings, s.checkWrongToken}
	if s.cli != "" {
		steps = append(steps, s.checkCLI)
	} else {
		s.skip("the CLI", "there is none")
	}
	for _, step := range append(steps, s.checkLogout, s.checkRateLimit) {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.verify("no secret in a diagnostic", s.secretsIn("a diagnostic", s.said.String())...)
	return nil
}

// estimate says how long a list will take.
func (s *suite) estimate(route string, l listing, reads int) {
	w, ok := s.raw.windows[route]
	if !ok || w.limit == 0 {
		s.say("%s lists %d rows on %d pages, without a rate limit", route, l.total, l.pages)
		return
	}
	calls := l.pages*reads + 8
	s.say("%s lists %d rows on %d pages: about %d more calls, at %d a window, so about %d minutes",
		route, l.total, l.pages, calls, w.limit, calls/w.limit+1)
}

// isRefused returns the refusal, if an error is one.
func isRefused(err error) (*refusal, bool) {
	return errors.AsType[*refusal](err)
}

// explanation is what the provider must say about a refusal of a route that needs a permission.
func (r *refusal) explanation(permission string) (words []string, why string) {
	switch text := r.text("error"); {
	case r.text("errorType") == "error-action-not-allowed", r.status != http.StatusNotFound && (text == "unauthorized" || text == "forbidden") &&
		strings.HasPrefix(r.route, "sessions/"):
		return []string{"The workspace has no license for device management"}, "the workspace has no license for device management"
	case r.status == http.StatusForbidden:
		return []string{"The account lacks a permission", permission}, "the account lacks " + permission
	case strings.HasPrefix(r.text("errorType"), "totp-"):
		return []string{"required"}, "the workspace asks for a second factor that the suite does not have"
	case r.status == http.StatusNotFound:
		return []string{"release"}, "the workspace does not have " + r.route
	default:
		return nil, r.Error()
	}
}

// checkRefusal has a provider that has said nothing yet read what the workspace refuses.
func (s *suite) checkRefusal(ctx context.Context, name string, refused *refusal, permission string, read func(*instance) (*result, error)) error {
	words, why := refused.explanation(permission)
	if words == nil {
		return refused
	}
	i, err := s.newInstance(ctx, nil)
	if err != nil {
		return err
	}
	r, err := read(i)
	if err != nil {
		return err
	}
	s.verify(name+": refused, "+why, r.fails(words...))
	return nil
}

// compare judges the cases of a list that was read before and after them.
func (s *suite) compare(prefix string, k kind, cases []listCase, b *bracket) {
	for i := range cases {
		c := &cases[i]
		name := prefix + ": " + c.name
		if c.selects == nil {
			s.skip(name, "%s", c.why)
			continue
		}
		problems, moved := k.problems(c, b)
		if moved && len(problems) == 0 {
			s.skip(name, "the list moved")
			continue
		}
		s.verify(name, problems...)
	}
}

// chosenCases are those of the argument that only names.
func (s *suite) chosenCases(cases []listCase) []listCase {
	return slices.DeleteFunc(cases, func(c listCase) bool {
		_, has := c.arguments[s.only]
		has = has || c.name == "all"
		return s.only != "" && !has
	})
}

// readAll reads all cases.
func (s *suite) readAll(ctx context.Context, k kind, cases []listCase) (err error) {
	for i := range cases {
		if cases[i].selects == nil {
			continue
		}
		if cases[i].result, err = s.main.read(ctx, k.source, k.rows, cases[i].arguments); err != nil {
			return err
		}
	}
	return nil
}

// checkWrongToken: another token is refused, and the provider says so.
func (s *suite) checkWrongToken(ctx context.Context) error {
	i, err := s.newInstance(ctx, map[string]string{"ROCKETCHAT_AUTH_TOKEN": wrongToken})
	if err != nil {
		return err
	}
	r, err := i.read(ctx, rolesSource, "roles", config{})
	if err != nil {
		return err
	}
	s.verify("wrong token", r.fails("does not accept the user ID and token", "ROCKETCHAT_AUTH_TOKEN"))
	return nil
}

const wrongToken = "wrong-token-of-the-suite-0123456789abcdefghi"

// checkRateLimit uses a window up, and gives the provider less time than is left of it.
func (s *suite) checkRateLimit(ctx context.Context) error {
	const name, route, most = "a timeout below the rate limit", "roles.list", 30
	if _, err := s.raw.get(ctx, route, nil); err != nil {
		return err
	}
	w, limited := s.raw.windows[route]
	if !limited {
		s.skip(name, "the account bypasses the rate limit, or it is off")
		return nil
	}
	if w.limit > most {
		s.skip(name, "the workspace allows %d calls in a window", w.limit)
		return nil
	}
	// From the beginning of a window, so that there is time left at its end.
	if w.left < w.limit-1 {
		w.left = 0
		s.raw.windows[route] = w
		if _, err := s.raw.get(ctx, route, nil); err != nil {
			return err
		}
	}
	for s.raw.windows[route].left > 0 {
		if _, err := s.raw.get(ctx, route, nil); err != nil {
			return err
		}
	}
	left := s.raw.windows[route].ends.Sub(s.clock.Now())
	if left < 10*time.Second {
		s.skip(name, "the calls took nearly the whole window")
		return nil
	}
	i, err := s.newInstance(ctx, nil)
	if err != nil {
		return err
	}
	began := s.clock.Now()
	r, err := i.read(ctx, rolesSource, "roles", config{"timeouts": config{"read": "5s"}})
	if err != nil {
		return err
	}
	problems := []string{r.fails("rate limit does not let", "finish in time", "timeouts")}
	if took := s.clock.Now().Sub(began); took > 5*time.Second {
		problems = append(problems, fmt.Sprintf("it waited %v", took))
	}
	s.verify(name, problems...)
	return nil
}

// checkRoles compares roles and permissions with the suite's own calls.
func (s *suite) checkRoles(ctx context.Context) error {
	asked, err := s.raw.get(ctx, "permissions.listAll", nil)
	if err != nil {
		return err
	}
	s.permissions = map[string][]string{}
	held := map[string][]string{}
	for _, each := range asked.rows("update") {
		r := where{"id": "_id", "roles": "roles"}.decode(each)
		id, _ := r.text("id")
		s.permissions[id] = r.texts("roles")
		for _, role := range r.texts("roles") {
			if !slices.Contains(held[role], id) {
				held[role] = append(held[role], id)
			}
		}
	}
	for _, withPermissions := range []bool{false, true} {
		name, arguments := "roles: all", config{}
		var want []row
		for _, role := range s.roles {
			r := newRow(map[string]any{"protected": false, "mandatory_2fa": false}).with(role.fields)
			if id, _ := r.text("id"); withPermissions {
				r.fields["permissions"] = append([]string{}, sortedTexts(held[id])...)
			}
			want = append(want, r)
		}
		if withPermissions {
			name, arguments = "roles: permissions", config{"permissions": true}
		}
		slices.SortStableFunc(want, func(a, b row) int { return compareRows(a, b, []string{"id"}, nil) })
		r, err := s.main.read(ctx, rolesSource, "roles", arguments)
		if err != nil {
			return err
		}
		s.verify(name, s.sameRows(r, want)...)
		if withPermissions {
			s.chosen = append(s.chosen, block{rolesSource, "all", "permissions = true", func(object map[string]any) []string {
				return s.sameRows(resultOf(object, "roles"), want)
			}})
		}
	}
	return nil
}

func (s *suite) sameRows(r *result, want []row) []string {
	problems := slices.Clone(r.errors)
	if len(r.rows) != len(want) {
		return append(problems, fmt.Sprintf("%d rows instead of %d", len(r.rows), len(want)))
	}
	for i := range want {
		if encoded(r.rows[i].fields) != encoded(want[i].fields) {
			problems = append(problems, fmt.Sprintf("%s instead of %s", encoded(r.rows[i].fields), encoded(want[i].fields)))
		}
	}
	return problems
}

// rolesOf are the ids of the roles that a user means by an id or a name.
func (s *suite) rolesOf(asked string) []string {
	var ids []string
	for _, role := range s.roles {
		id, _ := role.text("id")
		if name, _ := role.text("name"); id == asked || name == asked {
			ids = append(ids, id)
		}
	}
	return ids
}

// ofWorkspace reports whether some of the roles are not within rooms, which the list of users does not
// show.
func (s *suite) ofWorkspace(ids []string) bool {
	return slices.ContainsFunc(s.roles, func(role row) bool {
		id, _ := role.text("id")
		return slices.Contains(ids, id) && role.fields["scope"] != "Subscriptions"
	})
}

// namesOf are the names of roles by their ids; the id of one that is gone.
func (s *suite) namesOf(ids []string) []string {
	names := []string{}
	for _, id := range ids {
		name := id
		for _, role := range s.roles {
			if each, _ := role.text("id"); each == id {
				text, _ := role.text("name")
				name = cmp.Or(text, id)
			}
		}
		names = append(names, name)
	}
	return names
}

// query is a query of one parameter.
func query(name, value string) url.Values { return url.Values{name: {value}} }
