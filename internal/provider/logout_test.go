// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// What the action and the resource share is tested with both.

type logoutForm struct {
	plan func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic
	// end is an apply of what was planned at any time before.
	end func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic
}

func logoutForms() map[string]logoutForm {
	return map[string]logoutForm{
		"action": {
			plan: func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic {
				t.Helper()
				return s.planAction(t, config)
			},
			end: func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic {
				t.Helper()
				_, diagnostics := s.invoke(t.Context(), t, config)
				return diagnostics
			},
		},
		"resource": {
			plan: func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic {
				t.Helper()
				_, diagnostics := s.logoutResource(t).plan(config)
				return diagnostics
			},
			end: func(t *testing.T, s *server, config attributes) []*tfprotov6.Diagnostic {
				t.Helper()
				l, config := s.logoutResource(t), maps.Clone(config)
				config["max_logouts"] = 1000
				return l.apply(build(t, l.typ, config), config)
			},
		},
	}
}

func TestLogout_unlessReconnected(t *testing.T) {
	t.Parallel()
	again := "warning at session_ids: Some clients have connected again"
	for name, c := range map[string]struct {
		unless      any
		want, alive []string
	}{
		"true":  {true, []string{again, "warning at session_ids: The workspace does not know some of the sessions"}, []string{"sAnn2", "sGone"}},
		"false": {false, []string{}, []string{"sGone"}},
		"null":  {nil, []string{}, []string{"sGone"}},
	} {
		for form, f := range logoutForms() {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()
				w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
				w.Relogin("sAnn", "sAnn2")
				w.Logout("sSvc")
				got := f.end(t, w.behindTOTP(t), attributes{"session_ids": []any{"sAnn", "sBob", "sSvc"}, "unless_reconnected": c.unless})
				wantReport(t, c.want, got)
				wantIDs(t, "alive", c.alive, alive(w))
				if c.unless == true {
					mustContain(t, details(got), "Left alone: sAnn of ann.", "`unless_reconnected` is true", "Not known: sSvc.")
				}
			})
		}
	}
}

// A check that fails is not a logout that failed.
func TestLogout_failedCheckEndsNothing(t *testing.T) {
	t.Parallel()
	for form, f := range logoutForms() {
		w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
		checks := 0
		w.Fault(func(n int, r *http.Request, _ http.Handler) http.Handler {
			if !strings.HasSuffix(r.URL.Path, "list.all") {
				return nil
			}
			checks++
			if checks < 4 { // two calls each: the second one for sBob fails
				return nil
			}
			return rocketchattest.FaultResponse(http.StatusBadGateway, nil, "")(n, r, nil)
		})
		got := f.end(t, configured(t, w, "none", attributes{"max_retries": 0}), attributes{"session_ids": []any{"sAnn", "sBob", "sSvc"}, "unless_reconnected": true})
		wantReport(t, []string{"error at -: The gateway cannot reach the workspace"}, got)
		mustContain(t, details(got), "Ended before that: sAnn.", "Not tried: sBob, sSvc.")
		mustNotContain(t, details(got), "Refused", "perhaps")
		wantIDs(t, form+": alive", []string{"sBob", "sSvc", "sGone"}, alive(w))
	}
}

// The session of the provider's own token is refused where Rocket.Chat marks it, and nothing
// is ended.
func TestLogout_refusesItsOwnSession(t *testing.T) {
	t.Parallel()
	account := accountOf("none")
	own := []string{"error at session_ids: The provider's own session"}
	for _, release := range releases() {
		want, left := []string{}, []string{"sSvc", "sGone"}
		if release.MarksCurrent() {
			want, left = own, []string{"sAnn", "sBob", "sSvc", "sGone"}
		}
		for form, f := range logoutForms() {
			rows := ownedBy(account)
			rows[1].LoginToken = account.Token
			w := newWorkspace(t, rocketchattest.Options{Release: release, Sessions: rows})
			config := attributes{"session_ids": []any{"sAnn", "sBob"}}
			wantReport(t, want, f.plan(t, configured(t, w, "none", nil), config))
			got := f.end(t, configured(t, w, "none", nil), config)
			wantReport(t, want, got)
			if len(want) > 0 {
				mustContain(t, details(got), "Session sBob belongs", "rocketchat_current_user_sessions", "personal access token")
			}
			wantIDs(t, fmt.Sprint(release, ", ", form, ": alive"), left, alive(w))
			wantReport(t, []string{}, f.end(t, configured(t, newWorkspace(t, rocketchattest.Options{Release: release, Sessions: rows}), "none", nil),
				attributes{"session_ids": []any{"sAnn", "sSvc"}}))
		}
	}
}

// A plan needs neither settings nor a workspace that responds, and asks nothing while no ID is known.
func TestLogout_plansWithoutTheWorkspace(t *testing.T) {
	t.Parallel()
	for _, f := range logoutForms() {
		w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
		for _, account := range []string{"noperm", "viewonly"} {
			for _, ids := range []any{[]any{unknown{}}, unknown{}} {
				wantReport(t, nil, f.plan(t, configured(t, w, account, nil), attributes{"session_ids": ids}))
			}
		}
		if len(w.Requests()) > 0 {
			t.Errorf("the workspace was asked: %v", w.Requests())
		}
		unset := newServer(t)
		unset.configure(t, nil)
		wantReport(t, nil, f.plan(t, unset, attributes{"session_ids": []any{"sAnn"}}))
	}
}

// A plan reports a missing permission, and nothing where the workspace does not say.
func TestLogout_planTellsAMissingPermission(t *testing.T) {
	t.Parallel()
	missing := []string{"error at -: The account lacks a permission"}
	mute := rocketchattest.FaultResponse(502, nil, "")
	second := rocketchattest.OnlyRequests(mute, 1)
	guests := rocketchattest.Options{PermissionRoles: map[string][]string{rocketchattest.PermissionLogout: {rocketchattest.RoleGuest}}}
	for _, release := range releases() {
		for name, c := range map[string]struct {
			account string
			options rocketchattest.Options
			fault   rocketchattest.FaultFunc
			want    []string
		}{
			"held":                  {account: "none"},
			"held, behind TOTP":     {account: "totp"},
			"missing":               {account: "viewonly", want: missing},
			"missing, no roles":     {account: "noperm", want: missing},
			"missing, another role": {account: "none", options: guests, want: missing},
			"held by another role":  {account: "guest", options: guests},
			"no such permission":    {account: "viewonly", options: rocketchattest.Options{Permissions: []rocketchattest.Permission{{ID: "other"}}}},
			"workspace fails":       {account: "viewonly", fault: mute},
			"workspace fails later": {account: "viewonly", fault: second},
			"wrong token":           {account: "nobody"},
			"calls are used up":     {account: "viewonly", options: rocketchattest.Options{RateLimit: rocketchattest.RateLimit{Calls: 1}}, want: missing},
		} {
			for form, f := range logoutForms() {
				c.options.Release = release
				w := newWorkspace(t, c.options)
				w.Fault(c.fault)
				account, settings := c.account, attributes{"max_retries": 0}
				if account == "nobody" {
					account, settings["auth_token"] = "viewonly", "wrong"
				}
				got := f.plan(t, configured(t, w, account, settings), attributes{"session_ids": []any{"sAnn", unknown{}}})
				wantReport(t, c.want, got)
				if len(c.want) > 0 {
					mustContain(t, details(got), "`logout-device-management`", "Workspace → Permissions")
				}
				for _, r := range w.Requests() {
					if r.Method != http.MethodGet || r.Header.Get("X-2fa-Code") != "" {
						t.Errorf("%s, %s, %s: a plan sent %s %s", form, release, name, r.Method, r.Path)
					}
				}
				if w.clock.Slept() != 0 {
					t.Errorf("%s, %s, %s: a plan waited for %s", form, release, name, w.clock.Slept())
				}
			}
		}
	}
}

var logoutHistories = flag.Int("logouthistories", 300, "how many histories TestLogout_histories goes through")

// TestLogout_histories has clients connect again, log in and out at any time after a list was
// read, and during the logout of sessions on it. No client is ended that had used the connection
// at the first search before its logout, and connected again before the last: the check.
func TestLogout_histories(t *testing.T) {
	t.Parallel()
	rounds := *logoutHistories
	if testing.Short() {
		rounds = min(rounds, 60)
	}
	var ended, left, without int
	for seed := range randtest.Seeds(t, rounds) {
		synctest.Test(t, func(t *testing.T) {
			h := newLogoutHistory(seed)
			h.run(t, true)
			ended, left = ended+h.ended, left+h.left
			if len(h.wrong) > 0 {
				t.Errorf("these had connected again before the check: %v", h.wrong)
			}
			other := newLogoutHistory(seed)
			other.run(t, false)
			without += len(other.wrong)
		})
	}
	t.Logf("%d sessions were ended, and %d left alone; without unless_reconnected, %d clients were ended that had connected again", ended, left, without)
	if _, replayed := randtest.Replayed(t); !replayed && (ended == 0 || left == 0 || without == 0) {
		t.Error("the histories are too tame")
	}
}

// logoutHistory is a workspace whose clients are followed by their tokens.
type logoutHistory struct {
	rng  *rand.Rand
	w    *rocketchattest.Workspace
	a    rocketchattest.Account
	rows []rocketchattest.Session
	// listed are the IDs that were listed at some time.
	listed []string
	// newest is the ID of the present connection of each token that is logged in, used are all
	// of its connections, and users those of the tokens.
	newest map[string]string
	used   map[string][]string
	users  map[string]string
	names  int
	// searched are the tokens that had used a session at the latest search for its ID, checked is
	// what newest was at the latest search for the token's user, touched who has done something
	// since the logout began, and asked the session of the latest logout.
	searched map[string][]string
	checked  map[string]string
	touched  map[string]bool
	asked    string
	// ended and left count sessions, and wrong are the tokens ended by an old connection.
	ended, left int
	wrong       []string
}

func newLogoutHistory(seed uint64) *logoutHistory {
	h := &logoutHistory{
		rng:    rand.New(rand.NewPCG(seed, 0)),
		newest: map[string]string{}, used: map[string][]string{}, users: map[string]string{},
		searched: map[string][]string{}, checked: map[string]string{}, touched: map[string]bool{},
	}
	for range 2 + h.rng.IntN(8) {
		h.rows = append(h.rows, h.client(time.Now().Add(-time.Duration(h.rng.IntN(60))*time.Minute)))
	}
	releases := rocketchattest.Releases()
	h.w = rocketchattest.New(rocketchattest.Options{
		Release: releases[h.rng.IntN(len(releases))], Sessions: h.rows, RateLimit: rocketchattest.RateLimit{Off: true},
	})
	h.a = h.w.Account("none")
	return h
}

// client is a new client, one in three on a connection that another one uses.
func (h *logoutHistory) client(at time.Time) rocketchattest.Session {
	h.names++
	token, id := fmt.Sprint("token", h.names), h.id()
	if tokens := h.tokens(); len(tokens) > 0 && h.rng.IntN(3) == 0 {
		id = h.newest[tokens[h.rng.IntN(len(tokens))]]
	}
	h.users[token] = fmt.Sprint("id-of-user", h.rng.IntN(3))
	return h.connection(token, id, at)
}

// connection is a new one of a token.
func (h *logoutHistory) connection(token, id string, at time.Time) rocketchattest.Session {
	h.newest[token], h.used[token], h.touched[token] = id, append(h.used[token], id), true
	session := sessionBy(id, h.users[token], at)
	session.LoginToken, session.User.Value.Username = token, present(strings.TrimPrefix(h.users[token], "id-of-"))
	return session
}

// id is a new one, one in eight an old one with something added.
func (h *logoutHistory) id() string {
	h.names++
	if len(h.listed) > 0 && h.rng.IntN(8) == 0 {
		return fmt.Sprint(h.listed[h.rng.IntN(len(h.listed))], "x", h.names)
	}
	return fmt.Sprintf("%08x-%d", h.rng.Uint32(), h.names)
}

// tokens are those that are logged in.
func (h *logoutHistory) tokens() []string { return slices.Sorted(maps.Keys(h.newest)) }

// usedBy counts the tokens that have used a connection.
func (h *logoutHistory) usedBy(id string) (n int) {
	for _, used := range h.used {
		if slices.Contains(used, id) {
			n++
		}
	}
	return n
}

// live has something happen.
func (h *logoutHistory) live() {
	time.Sleep(time.Duration(h.rng.IntN(3)) * time.Second)
	tokens := h.tokens()
	if len(tokens) == 0 || h.rng.IntN(6) == 0 {
		h.w.Login(h.client(time.Now()))
		return
	}
	token := tokens[h.rng.IntN(len(tokens))]
	if h.rng.IntN(6) > 0 {
		h.w.Login(h.connection(token, h.id(), time.Now()))
	} else if h.usedBy(h.newest[token]) == 1 {
		h.w.Logout(h.newest[token])
		delete(h.newest, token)
	}
}

// settle finds whom the latest logout has ended.
func (h *logoutHistory) settle(unless bool) {
	present := map[string]bool{}
	for _, s := range h.w.Sessions() {
		present[s.LoginToken] = true
	}
	for _, token := range h.tokens() {
		if present[token] {
			continue
		}
		known, there := h.newest[token], true
		if unless {
			known, there = h.checked[token], slices.Contains(h.searched[h.asked], token)
		}
		if there && known != h.asked {
			h.wrong = append(h.wrong, fmt.Sprintf("%s by %s", token, h.asked))
		}
		h.ended++
		delete(h.newest, token)
	}
}

// run lets the workspace live, has sessions that were listed at any time ended while it lives
// on, and looks at whom this ended.
func (h *logoutHistory) run(t *testing.T, unless bool) {
	t.Helper()
	for range 1 + h.rng.IntN(4) {
		for _, s := range h.w.Sessions() {
			if id := s.SessionID.Value; !slices.Contains(h.listed, id) {
				h.listed = append(h.listed, id)
			}
		}
		for range h.rng.IntN(4) {
			h.live()
		}
	}
	h.rng.Shuffle(len(h.listed), func(i, j int) { h.listed[i], h.listed[j] = h.listed[j], h.listed[i] })
	ids := slices.Clone(h.listed[:1+h.rng.IntN(len(h.listed))])
	h.touched = map[string]bool{}
	busy := h.rng.IntN(4)
	h.w.OnRequest(func(n int, r *http.Request) {
		h.settle(unless)
		for range h.rng.IntN(1 + busy) {
			h.live()
		}
		if strings.HasSuffix(r.URL.Path, "/logout") {
			h.asked = strings.TrimSuffix(strings.TrimPrefix(string(h.w.Requests()[n].Body), `{"sessionId":"`), `"}`)
			return
		}
		filter := r.URL.Query().Get("filter")
		h.searched[filter] = nil
		for token, user := range h.users {
			if _, there := h.newest[token]; there && slices.Contains(h.used[token], filter) {
				h.searched[filter] = append(h.searched[filter], token)
			}
			if user == filter {
				h.checked[token] = h.newest[token]
			}
		}
	})
	s := newServer(t, WithTransport(h.w.Transport()))
	s.configure(t, minimal(attributes{"user_id": h.a.UserID, "auth_token": h.a.Token}))
	form := []string{"action", "resource"}[h.rng.IntN(2)]
	got := logoutForms()[form].end(t, s, attributes{"session_ids": anyOf(ids), "unless_reconnected": unless})
	if hasError(got) {
		t.Fatal(details(got))
	}
	h.settle(unless)
	h.left = strings.Count(details(got), " of user")
	for token, id := range h.newest {
		if slices.Contains(ids, id) && h.usedBy(id) == 1 && !h.touched[token] {
			t.Errorf("%s is still there on %s", token, id)
		}
	}
}
