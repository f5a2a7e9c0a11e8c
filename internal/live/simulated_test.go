// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"encoding/pem"
	"fmt"
	"maps"
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
	options.Clock, options.Seed = turned, 1
	options.Synthetic, options.SyntheticUsers, options.SharedConnections = 150, 60, true
	w := rocketchattest.New(options)
	a := w.Account(account)
	for i, s := range w.Sessions() {
		if i%12 == 3 {
			s.SessionID = rocketchattest.Some(fmt.Sprint("own", i))
			s.ID, s.UserID = s.SessionID, rocketchattest.Some(a.UserID)
			s.User = rocketchattest.Some(rocketchattest.User{Username: rocketchattest.Some(a.Username), Name: rocketchattest.Some(a.Name)})
			w.Login(s)
		}
	}
	return target{
		env: map[string]string{
			"ROCKETCHAT_URL": "https://chat.example.invalid", "ROCKETCHAT_USER_ID": a.UserID, "ROCKETCHAT_AUTH_TOKEN": a.Token,
			"ROCKETCHAT_TOTP_SECRET": a.TOTPSecret,
		},
		transport: w.Transport(), clock: turned,
		nextWindow: func() { turned.Advance(61 * time.Second) },
		say:        t.Logf,
	}, w
}

// withCLI has a CLI read the workspace as well, by a socket.
func (to *target) withCLI(t *testing.T, w http.Handler) {
	t.Helper()
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	to.env["ROCKETCHAT_URL"], to.cli, to.folder = server.URL, clitest.Path(t, "../.."), os.Getenv(folderVariable)
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
var everySkip = []string{logoutName, "own sessions: match.user_id", "own sessions: exclude.user_id"}

// skips wants these checks to be skipped, and no others.
func (r *report) skips(t *testing.T, want ...string) {
	t.Helper()
	var names []string
	for _, f := range r.skipped {
		names = append(names, f.name)
	}
	if diff := cmp.Diff(sortedTexts(want), sortedTexts(names)); diff != "" {
		t.Errorf("skipped (-want +got):\n%s\n%s", diff, r.skipped)
	}
}

// has wants these checks to have passed.
func (r *report) has(t *testing.T, checks ...string) {
	t.Helper()
	for _, check := range checks {
		if !slices.Contains(r.checked, check) {
			t.Errorf("%q was not checked: %q", check, r.checked)
		}
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
			to.withCLI(t, w)
			r := passes(t, to)
			r.skips(t, everySkip...)
			onlyReads(t, w, "/api/v1/roles.list")
			const least = 172
			if len(r.checked) < least {
				t.Errorf("%d checks, want at least %d", len(r.checked), least)
			}
		})
	}
}

// onlyReads wants every request to be a read, and the rate limit to have refused only those that are to be
// refused.
func onlyReads(t *testing.T, w *rocketchattest.Workspace, limited ...string) {
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
	if diff := cmp.Diff(limited, refused); diff != "" {
		t.Errorf("refused by the rate limit (-want +got):\n%s", diff)
	}
}

// circumstance is a workspace or an account that may do less, or more.
type circumstance struct {
	account, password string
	options           rocketchattest.Options
	// checks are some that must have passed, skips all that are skipped beside everySkip and the CLI.
	checks, skips []string
}

func circumstances() map[string]circumstance {
	const noTOTP, noLimit, noList = "second factor, missing and wrong", "a timeout below the rate limit", "sessions of the workspace"
	const license = "refused, the workspace has no license for device management"
	all := map[string]circumstance{
		"administrator": {
			account: "totp", checks: []string{"settings: private", "settings: an unknown id", "second factor: wrong"}, skips: []string{noLimit},
		},
		"no second factor": {account: "none", skips: []string{noTOTP, noLimit}},
		"password":         {account: "password", password: rocketchattest.DefaultPassword, skips: []string{noTOTP, noLimit}},
		"password that is not given": {
			account: "password", skips: []string{noTOTP, noLimit, noList},
			checks: []string{"sessions: refused, the workspace asks for a second factor that the suite does not have"},
		},
		"device permission only": {
			account: "deviceonly", checks: []string{"users: refused, the account lacks view-d-room", "sessions: match.ip"},
			skips: []string{
				noTOTP, "sessions: user_roles", "sessions: user_types", "sessions: user_permissions", "sessions: user_active", "sessions: user_details",
			},
		},
		"no permission": {
			account: "noperm", skips: []string{noTOTP, noList},
			checks: []string{"sessions: refused, the account lacks view-device-management", "one session: refused, the account lacks view-device-management"},
		},
		"rows without IDs": {account: "viewtotp", options: rocketchattest.Options{MissingIDs: true}},
		"small pages": {
			account: "viewtotp", options: rocketchattest.Options{UpperCount: 25}, checks: []string{"sessions: limit 1 stops early"},
		},
	}
	for _, release := range rocketchattest.Releases() {
		c := circumstance{account: "viewtotp", options: rocketchattest.Options{Release: release, NoLicense: true}, skips: []string{noList}, checks: []string{
			"sessions: " + license, "one session: " + license, "ephemeral sessions: " + license, "own sessions: " + license,
			"users: all", "roles: all", "settings: public",
		}}
		if release != rocketchattest.Release614 { // which asks for the second factor first
			c.skips = append(c.skips, noTOTP)
		}
		all["no license, "+string(release)] = c
	}
	return all
}

// TestLive_circumstances runs the suite with accounts that may do less or more, and without a license.
func TestLive_circumstances(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	for name, c := range circumstances() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			to, w := simulated(t, c.account, c.options)
			to.env["ROCKETCHAT_PASSWORD"] = c.password
			r := passes(t, to)
			skips := everySkip
			if c.options.NoLicense {
				skips = []string{logoutName}
			}
			r.skips(t, slices.Concat(c.skips, skips, []string{"the CLI"})...)
			r.has(t, c.checks...)
			for _, request := range w.Requests() {
				if request.Method != http.MethodGet {
					t.Errorf("%s %s", request.Method, request.Path)
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
			passes(t, to).has(t, "sessions: all", "sessions: match.ip", "sessions: beyond_per_user", "own sessions: all")
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
	if err := newSuite(to).run(t.Context()); err == nil || !strings.Contains(err.Error(), "does not let the account in") {
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
	to.withCLI(t, w)
	inside, err := url.Parse(to.env["ROCKETCHAT_URL"])
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(inside)
		r.Out.URL.Path, r.Out.URL.RawPath = strings.TrimPrefix(r.In.URL.Path, "/chat"), ""
	}})
	t.Cleanup(server.Close)
	maps.Copy(to.env, map[string]string{
		"ROCKETCHAT_URL":            server.URL + "/chat/",
		"ROCKETCHAT_CA_CERTIFICATE": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
	})
	given, err := targetOfEnvironment(func(name string) string { return to.env[name] })
	if err != nil {
		t.Fatal(err)
	}
	to.env, to.transport = given.env, given.transport
	passes(t, to).skips(t, everySkip...)
	onlyReads(t, w, "/api/v1/roles.list")
}
