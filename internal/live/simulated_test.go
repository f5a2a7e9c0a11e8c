// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// simulated is a target that is a simulated workspace of a few pages, with sessions of every shape, of
// the account among others. Its clock is turned.
func simulated(t *testing.T, account string, options rocketchattest.Options) (target, *rocketchattest.Workspace) {
	t.Helper()
	turned := clocktest.NewFake(time.Now().Truncate(time.Millisecond))
	options.Clock = turned
	w := withSessions(account, options)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	a := w.Account(account)
	return target{
		env: map[string]string{
			"ROCKETCHAT_URL": server.URL, "ROCKETCHAT_USER_ID": a.UserID, "ROCKETCHAT_AUTH_TOKEN": a.Token, "ROCKETCHAT_TOTP_SECRET": a.TOTPSecret,
		},
		transport: http.DefaultTransport, clock: turned,
		nextWindow: func() { turned.Advance(61 * time.Second) },
		say:        t.Logf,
	}, w
}

// withSessions is a workspace with sessions of every shape, some of them of the account.
func withSessions(account string, options rocketchattest.Options) *rocketchattest.Workspace {
	const many = 150
	now := options.Clock.Now()
	options.Accounts = rocketchattest.DefaultAccounts()
	options.Users = rocketchattest.SyntheticUsers(many/4, 60, now)
	options.Sessions = rocketchattest.SyntheticSessions(many, 1, now)
	// Two tokens used on one connection share its ID, and some rows before 6.6 have none.
	for i := 36; i < many; i += 37 {
		options.Sessions[i].SessionID, options.Sessions[i].ID = options.Sessions[i-1].SessionID, options.Sessions[i-1].ID
	}
	if options.MissingIDs {
		options.Sessions = rocketchattest.MissingIDs(options.Sessions)
	}
	for _, a := range options.Accounts {
		options.Users = append(options.Users, rocketchattest.DirectoryUser{
			ID: a.UserID, Username: rocketchattest.Some(a.Username), Name: rocketchattest.Some(a.Name), Type: rocketchattest.Some("user"),
			Active: rocketchattest.Some(true), Roles: rocketchattest.Some(slices.Clone(a.Roles)),
		})
		for i := 3; a.Username == account && i < many; i += 12 {
			options.Sessions[i].UserID = rocketchattest.Some(a.UserID)
			options.Sessions[i].User = rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some(a.Username), Name: rocketchattest.Some(a.Name)})
		}
	}
	return rocketchattest.New(options)
}

// passes runs the suite, and wants no failure. It returns the report.
func passes(t *testing.T, to target) *report {
	t.Helper()
	s := newSuite(to)
	if err := s.run(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, s.String())
	}
	for _, failure := range s.failed {
		t.Error(failure)
	}
	t.Logf("%s%d calls of its own", s.String(), s.raw.calls)
	return &s.report
}

// everySkip is what the suite cannot check of an account's own sessions: they are all of one user.
var everySkip = []string{"logout of a session of the suite's own", "own sessions: match.user_id", "own sessions: exclude.user_id"}

// skips wants these checks to be skipped, and no others.
func (r *report) skips(t *testing.T, want ...string) {
	t.Helper()
	var names []string
	for _, line := range r.skipped {
		name, _ := cutLast(line)
		names = append(names, name)
	}
	if diff := cmp.Diff(sortedTexts(want), sortedTexts(names)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s\n%s", diff, strings.Join(r.skipped, "\n"))
	}
}

// testReleases runs the suite against every release.
func testReleases(t *testing.T) {
	t.Helper()
	releases := rocketchattest.Releases()
	slices.Reverse(releases)
	for _, release := range clitest.Few(1, releases) {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			to, w := simulated(t, "viewtotp", rocketchattest.Options{Release: release})
			to.cli, to.folder = clitest.Path(t, "../.."), os.Getenv(folderVariable)
			r := passes(t, to)
			r.skips(t, everySkip...)
			onlyReads(t, w)
			const least = 160
			if len(r.checked) < least {
				t.Errorf("%d checks, want at least %d", len(r.checked), least)
			}
		})
	}
}

// onlyReads wants every request to be a read, and the rate limit to have refused only the one that
// is to be refused.
func onlyReads(t *testing.T, w *rocketchattest.Workspace) {
	t.Helper()
	var refused []string
	for _, r := range w.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s", r.Method, r.Path)
		}
		if r.Status == http.StatusTooManyRequests {
			refused = append(refused, r.Path)
		}
	}
	if diff := cmp.Diff([]string{"/api/v1/roles.list"}, refused); diff != "" {
		t.Errorf("refused by the rate limit (-want +got):\n%s", diff)
	}
}

// TestLive_accounts runs the suite with accounts that may do less, or more.
func TestLive_accounts(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	noTOTP, noLimit := "second factor, missing and wrong", "a timeout below the rate limit"
	noUsers := []string{"sessions: user_roles", "sessions: user_types", "sessions: user_permissions", "sessions: user_active", "sessions: user_details"}
	for name, c := range some(map[string]struct {
		account string
		options rocketchattest.Options
		// checks are some that must have passed, skips all that are skipped beside everySkip.
		checks, skips []string
		password      string
	}{
		"administrator": {
			account: "totp", checks: []string{"settings: private", "settings: an unknown id", "second factor: wrong"}, skips: []string{noLimit},
		},
		"no second factor": {account: "none", skips: []string{noTOTP, noLimit}},
		"password":         {account: "password", password: rocketchattest.DefaultPassword, skips: []string{noTOTP, noLimit}},
		"password that is not given": {
			account: "password", skips: []string{noTOTP, noLimit, "sessions of the workspace"},
			checks: []string{"sessions: refused, the workspace asks for a second factor that the suite does not have"},
		},
		"device permission only": {
			account: "deviceonly", checks: []string{"users: refused, the account lacks view-d-room", "sessions: match.ip"}, skips: append(noUsers, noTOTP),
		},
		"no permission": {
			account: "noperm", skips: []string{noTOTP, "sessions of the workspace"},
			checks: []string{"sessions: refused, the account lacks view-device-management", "one session: refused, the account lacks view-device-management"},
		},
		"rows without IDs": {account: "viewtotp", options: rocketchattest.Options{MissingIDs: true}},
		"small pages": {
			account: "viewtotp", options: rocketchattest.Options{UpperCount: 25}, checks: []string{"sessions: limit 1 stops early"},
		},
	}) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, w := simulated(t, c.account, c.options)
			to.env["ROCKETCHAT_PASSWORD"] = c.password
			r := passes(t, to)
			r.skips(t, append(c.skips, append([]string{"the CLI"}, everySkip...)...)...)
			for _, check := range c.checks {
				if !slices.Contains(r.checked, check) {
					t.Errorf("%q was not checked: %q", check, r.checked)
				}
			}
			for _, request := range w.Requests() {
				if request.Method != http.MethodGet {
					t.Errorf("%s %s", request.Method, request.Path)
				}
			}
		})
	}
}

// TestLive_community runs the suite against every release without a license.
func TestLive_community(t *testing.T) {
	t.Parallel()
	for _, release := range clitest.Few(1, rocketchattest.Releases()) {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			to, _ := simulated(t, "viewtotp", rocketchattest.Options{Release: release, NoLicense: true})
			r := passes(t, to)
			skips := []string{"sessions of the workspace", "the CLI", "logout of a session of the suite's own"}
			if release != rocketchattest.Release614 { // which asks for the second factor first
				skips = append(skips, "second factor, missing and wrong")
			}
			r.skips(t, skips...)
			const why = "refused, the workspace has no license for device management"
			for _, check := range []string{"sessions: " + why, "one session: " + why, "ephemeral sessions: " + why, "own sessions: " + why, "users: all", "roles: all", "settings: public"} {
				if !slices.Contains(r.checked, check) {
					t.Errorf("%q was not checked: %q", check, r.checked)
				}
			}
		})
	}
}

// TestLive_movingList runs the suite while clients connect again.
func TestLive_movingList(t *testing.T) {
	t.Parallel()
	for _, perPage := range clitest.Few(1, []float64{0.3, 2}) {
		t.Run(fmt.Sprint(perPage), func(t *testing.T) {
			t.Parallel()
			to, _ := simulated(t, "viewtotp", rocketchattest.Options{Reconnections: rocketchattest.Reconnections{PerPage: perPage}})
			r := passes(t, to)
			for _, check := range []string{"sessions: all", "sessions: match.ip", "sessions: beyond_per_user", "own sessions: all"} {
				if !slices.Contains(r.checked, check) {
					t.Errorf("%q was not checked: %q", check, r.checked)
				}
			}
		})
	}
}

// TestLive_nothing: a suite that cannot check anything fails.
func TestLive_nothing(t *testing.T) {
	t.Parallel()
	if err := new(report).nothing(); err == nil {
		t.Error("an empty report passes")
	}
	to, _ := simulated(t, "viewtotp", rocketchattest.Options{})
	to.env["ROCKETCHAT_AUTH_TOKEN"] = "another"
	s := newSuite(to)
	if err := s.run(t.Context()); err == nil || !strings.Contains(err.Error(), "does not let the account in") {
		t.Errorf("with another token: %v", err)
	}
	none := func(string) string { return "" }
	if _, err := targetOfEnvironment(none); err == nil || !strings.Contains(err.Error(), "ROCKETCHAT_URL, ROCKETCHAT_USER_ID, ROCKETCHAT_AUTH_TOKEN") {
		t.Errorf("without variables: %v", err)
	}
}

// TestAccLive_behindAProxy runs the suite against a workspace in a folder of a reverse proxy that speaks
// TLS with a CA of its own.
func TestAccLive_behindAProxy(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	to, w := simulated(t, "viewtotp", rocketchattest.Options{})
	inside, err := url.Parse(to.env["ROCKETCHAT_URL"])
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(inside)
		r.Out.URL.Path, r.Out.URL.RawPath = strings.TrimPrefix(r.In.URL.Path, "/chat"), ""
	}}
	server := httptest.NewTLSServer(proxy)
	t.Cleanup(server.Close)
	to.env["ROCKETCHAT_URL"] = server.URL + "/chat/"
	to.env["ROCKETCHAT_CA_CERTIFICATE"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	given, err := targetOfEnvironment(func(name string) string { return to.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	to.env, to.transport = given.env, given.transport
	to.cli, to.folder = clitest.Path(t, "../.."), os.Getenv(folderVariable)
	passes(t, to).skips(t, everySkip...)
	onlyReads(t, w)
}
