// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// list is the JSON of sessions/list.all.
type list struct {
	Sessions             []rocketchattest.Session
	Total, Count, Offset int
	Success              bool
}

func request(t testing.TB, w *rocketchattest.Workspace, address, account string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	a := w.Account(account)
	r.Header.Set("X-User-Id", a.UserID)
	r.Header.Set("X-Auth-Token", a.Token)
	return r
}

// received is a response, read to its end.
type received struct {
	status   int
	header   http.Header
	encoding []string
	body     string
}

func do(transport http.RoundTripper, r *http.Request) (received, error) {
	response, err := transport.RoundTrip(r)
	if err != nil {
		return received{}, err
	}
	body, err := io.ReadAll(response.Body)
	return received{response.StatusCode, response.Header, response.TransferEncoding, string(body)},
		errors.Join(err, response.Body.Close())
}

// call sends a GET below /api/v1, in process.
func call(t testing.TB, w *rocketchattest.Workspace, route, account string) received {
	t.Helper()
	got, err := do(w.Transport(), request(t, w, "http://workspace.invalid/api/v1/"+route, account))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// get reads a page of sessions/list.all as the account none, in process.
func get(t testing.TB, w *rocketchattest.Workspace, query string) list {
	t.Helper()
	got := call(t, w, "sessions/list.all?"+query, "none")
	var page list
	if err := json.Unmarshal([]byte(got.body), &page); err != nil {
		t.Fatal(err)
	}
	if !page.Success {
		t.Fatalf("list.all?%s: status %d", query, got.status)
	}
	return page
}

func ids(sessions []rocketchattest.Session) []string {
	var ids []string
	for _, s := range sessions {
		ids = append(ids, s.SessionID.Value)
	}
	return ids
}

func TestWorkspace_zeroOptionsServeTheDocumentedSessions(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	page := get(t, w, "")
	if diff := cmp.Diff(rocketchattest.DocumentedSessions(), page.Sessions); diff != "" {
		t.Errorf("sessions (-documented +served):\n%s", diff)
	}
	if page.Total != 9 || page.Count != 50 || page.Offset != 0 {
		t.Errorf("total, count, offset are %d, %d, %d", page.Total, page.Count, page.Offset)
	}
}

func TestPages_tiesSwapBetweenRequestsOnly(t *testing.T) {
	t.Parallel()
	var rows []rocketchattest.Session
	for i := range 12 {
		id := rocketchattest.Some(fmt.Sprintf("session%02d", i))
		rows = append(rows, rocketchattest.Session{
			SessionID: id, ID: id, LoginAt: rocketchattest.Some(noon.Add(-time.Duration(i/4) * time.Hour)),
		})
	}
	orders := func(seed uint64) []string {
		w := rocketchattest.New(rocketchattest.Options{Sessions: rows, SwapTies: true, Seed: seed})
		var orders []string
		for range 20 {
			page := ids(get(t, w, "offset=2&count=8").Sessions)
			whole := ids(get(t, w, "").Sessions)
			if got := slices.Sorted(slices.Values(whole)); !slices.Equal(got, ids(rows)) {
				t.Fatalf("a shuffled list holds %v", got)
			}
			for i, id := range page {
				if tie := (i + 2) / 4; id < fmt.Sprintf("session%02d", 4*tie) || id > fmt.Sprintf("session%02d", 4*tie+3) {
					t.Fatalf("%s left its tie: %v", id, page)
				}
			}
			orders = append(orders, strings.Join(page, " "))
		}
		return orders
	}
	first := orders(1)
	if slices.Equal(slices.Compact(slices.Clone(first)), first[:1]) {
		t.Errorf("ties never swapped: %v", first)
	}
	if again := orders(1); !slices.Equal(first, again) {
		t.Error("the same seed gave another order")
	}
	if other := orders(2); slices.Equal(first, other) {
		t.Error("another seed gave the same order")
	}
}

// TestInfo calls /api/info as the provider does: without a login.
func TestInfo(t *testing.T) {
	t.Parallel()
	for release, version := range map[rocketchattest.Release]string{
		rocketchattest.Release614: "6.14", rocketchattest.Release861: "8.6", rocketchattest.Release90: "9.0",
	} {
		w := rocketchattest.New(rocketchattest.Options{Release: release})
		got, err := do(w.Transport(), request(t, w, "http://workspace.invalid/api/info", "nobody"))
		if want := `{"success":true,"version":"` + version + `"}`; err != nil || got.body != want || got.status != http.StatusOK {
			t.Errorf("%s: %+v, %v, want %s", release, got, err, want)
		}
	}
}

// TestPages_theListMoves logs in, out and in again between two requests, from the
// hook where tests of the client do.
func TestPages_theListMoves(t *testing.T) {
	t.Parallel()
	hands := clocktest.NewFake(noon)
	w := rocketchattest.New(rocketchattest.Options{Clock: hands})
	before := ids(w.Sessions())
	w.OnRequest(func(n int, _ *http.Request) {
		if n != 1 {
			return
		}
		id := rocketchattest.Some("newcomer")
		w.Login(rocketchattest.Session{
			SessionID: id, ID: id, UserID: id, User: rocketchattest.Some(rocketchattest.User{Username: id}),
			LoginAt: rocketchattest.Some(noon.Add(-time.Hour)),
		})
		if !w.Logout(before[3]) || w.Logout("nobody") {
			t.Error("Logout reports the wrong thing")
		}
		if !w.Relogin(before[5], "again") || w.Relogin("nobody", "else") {
			t.Error("Relogin reports the wrong thing")
		}
	})
	if got := ids(get(t, w, "").Sessions); !slices.Equal(got, before) {
		t.Errorf("request 0 got %v", got)
	}
	want := append([]string{"again", "newcomer"}, before[0], before[1], before[2], before[4], before[6], before[7], before[8])
	page := get(t, w, "")
	if got := ids(page.Sessions); !slices.Equal(got, want) {
		t.Errorf("request 1 got %v, want %v", got, want)
	}
	again := page.Sessions[0]
	if !again.LoginAt.Value.Equal(noon) || again.ID.Value != "again" || again.User.State != rocketchattest.Present {
		t.Errorf("the session that logged in again is %+v", again)
	}
	if got := ids(get(t, w, "filter=newcomer").Sessions); !slices.Equal(got, []string{"newcomer"}) {
		t.Errorf("filter found %v", got)
	}
	if users := w.Directory(); !slices.ContainsFunc(users, func(u rocketchattest.DirectoryUser) bool { return u.ID == "newcomer" }) {
		t.Errorf("the newcomer is not among the users %v", users)
	}
	if requests := w.Requests(); len(requests) != 3 || requests[2].Query != "filter=newcomer" ||
		requests[2].Status != http.StatusOK || requests[2].Account != "none" || !requests[2].At.Equal(noon) {
		t.Errorf("recorded %+v", requests)
	}
}

// TestFilter_ignoresCaseAlone: as PCRE does, which takes K, k and the Kelvin sign
// for one.
func TestFilter_ignoresCaseAlone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, filter string
		found        int
	}{
		{"Chrome", "cHROME", 1},
		{"ZOË", "zoë", 1},
		{"kK", "K\u212a", 1},
		{"Łukasz", "łukasz", 1},
		{"ς", "Σ", 1},
		{"e", "é", 0},
		{"ss", "ß", 0},
	} {
		device := rocketchattest.Device{Name: rocketchattest.Some(test.name)}
		w := rocketchattest.New(rocketchattest.Options{Sessions: []rocketchattest.Session{{Device: rocketchattest.Some(device)}}})
		if got := get(t, w, "filter="+url.QueryEscape(test.filter)).Total; got != test.found {
			t.Errorf("the filter %q finds %d sessions of %q, want %d", test.filter, got, test.name, test.found)
		}
	}
}

// TestConnections_tokensOfOne: two rows with one id are two sessions, and a logout
// ends the newer alone.
func TestConnections_tokensOfOne(t *testing.T) {
	t.Parallel()
	row := func(user string, ago time.Duration) rocketchattest.Session {
		return rocketchattest.Session{
			SessionID: rocketchattest.Some("shared"), ID: rocketchattest.Some("shared"),
			UserID: rocketchattest.Some(user), LoginAt: rocketchattest.Some(noon.Add(-ago)),
		}
	}
	rows := []rocketchattest.Session{row("old", time.Hour), row("new", time.Minute)}
	for _, order := range [][]rocketchattest.Session{rows, {rows[1], rows[0]}} {
		w := rocketchattest.New(rocketchattest.Options{Sessions: order, Clock: clocktest.NewFake(noon)})
		if page := get(t, w, ""); page.Total != 2 {
			t.Errorf("%d rows are listed, want 2", page.Total)
		}
		if !w.Logout("shared") {
			t.Error("the id is not known")
		}
		if left := w.Sessions(); len(left) != 1 || left[0].UserID.Value != "old" {
			t.Errorf("after a logout %+v are left", left)
		}
		if !w.Logout("shared") || w.Logout("shared") || len(w.Sessions()) != 0 {
			t.Error("the older session cannot be ended, or twice")
		}
	}
}

// TestTwoFactor_totpVectors are those of RFC 6238, appendix B, for SHA-1, of which six
// digits of eight are taken.
func TestTwoFactor_totpVectors(t *testing.T) {
	t.Parallel()
	account := rocketchattest.Account{TOTPSecret: rocketchattest.DefaultTOTPSecret}
	for _, test := range []struct {
		at   int64
		code string
	}{
		{59, "287082"},
		{1111111109, "081804"},
		{1111111111, "050471"},
		{1234567890, "005924"},
		{2000000000, "279037"},
		{20000000000, "353130"},
	} {
		if got := account.TOTP(time.Unix(test.at, 0)); got != test.code {
			t.Errorf("code at %d is %s; want %s", test.at, got, test.code)
		}
	}
	for _, secret := range []string{"", "not base32!"} {
		if got := (rocketchattest.Account{TOTPSecret: secret}).TOTP(noon); got != "" {
			t.Errorf("the secret %q gives the code %s", secret, got)
		}
	}
}

// TestRateLimit_windows: an address has its own calls, in windows that are those
// of the route, and that end after, not at, their last instant.
func TestRateLimit_windows(t *testing.T) {
	t.Parallel()
	hands := clocktest.NewFake(noon)
	w := rocketchattest.New(rocketchattest.Options{
		Clock: hands, RateLimit: rocketchattest.RateLimit{Calls: 2, Window: time.Minute},
	})
	for _, step := range []struct {
		after       time.Duration
		route, from string
		status      int
		remaining   string
		reset       time.Duration
	}{
		{50 * time.Second, "list.all", "192.0.2.1", http.StatusOK, "1", time.Minute},
		{51 * time.Second, "list.all", "192.0.2.1", http.StatusOK, "0", time.Minute},
		{52 * time.Second, "list.all", "192.0.2.1", http.StatusTooManyRequests, "0", time.Minute},
		{53 * time.Second, "list.all", "192.0.2.2", http.StatusOK, "1", time.Minute},
		{54 * time.Second, "list", "192.0.2.1", http.StatusOK, "1", time.Minute},
		{60 * time.Second, "list.all", "192.0.2.1", http.StatusTooManyRequests, "0", time.Minute},
		{75 * time.Second, "list.all", "192.0.2.2", http.StatusOK, "1", 135 * time.Second},
		{76 * time.Second, "list.all", "192.0.2.1", http.StatusOK, "1", 135 * time.Second},
	} {
		hands.Advance(noon.Add(step.after).Sub(hands.Now()))
		r := request(t, w, "http://workspace.invalid/api/v1/sessions/"+step.route, "viewonly")
		r.Header.Set("X-Real-Ip", step.from)
		got, err := do(w.Transport(), r)
		if err != nil {
			t.Fatal(err)
		}
		reset := strconv.FormatInt(noon.Add(step.reset).UnixMilli(), 10)
		if got.status != step.status || got.header.Get("X-Ratelimit-Remaining") != step.remaining ||
			got.header.Get("X-Ratelimit-Reset") != reset {
			t.Errorf("%s from %s after %s: %d %v", step.route, step.from, step.after, got.status, got.header)
		}
	}
}

// TestTransport_isLikeASocket: what breaks off over a socket also does so in process.
func TestTransport_isLikeASocket(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	for name, transport := range map[string]http.RoundTripper{"socket": server.Client().Transport, "in process": w.Transport()} {
		ctx, cancel := context.WithCancel(t.Context())
		r := request(t, w, server.URL+"/api/v1/sessions/list.all", "none").WithContext(ctx)
		w.Fault(nil)
		whole, err := do(transport, r)
		if err != nil || whole.status != http.StatusOK || !slices.Equal(whole.encoding, []string{"chunked"}) {
			t.Errorf("%s: without a fault: %+v, %v", name, whole, err)
		}
		w.Fault(rocketchattest.FaultTruncated)
		half, err := do(transport, r)
		if !errors.Is(err, io.ErrUnexpectedEOF) || half.body == "" || half.body == whole.body || !strings.HasPrefix(whole.body, half.body) {
			t.Errorf("%s: truncated: %q, %v", name, half.body, err)
		}
		w.Fault(rocketchattest.FaultHangUp)
		if _, err := do(transport, r); err == nil {
			t.Errorf("%s: hanging up gives a response", name)
		}
		w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
			cancel()
			return rocketchattest.FaultSilence(n, r, next)
		})
		if _, err := do(transport, r); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: silence ends with %v", name, err)
		}
	}
}

func TestTransport_honorsAContextThatHasEnded(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := request(t, w, "http://workspace.invalid/api/v1/sessions/list.all", "none").WithContext(ctx)
	if _, err := do(w.Transport(), r); !errors.Is(err, context.Canceled) || len(w.Requests()) != 0 {
		t.Errorf("error %v, requests %v", err, w.Requests())
	}
}

// TestWorkspace_concurrentUse is for the race detector.
func TestWorkspace_concurrentUse(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{Synthetic: 300, SwapTies: true, Clock: clocktest.NewFake(noon)})
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for n := range 20 {
				page := get(t, w, fmt.Sprintf("offset=%d&count=20&filter=chrome", n))
				w.Relogin(page.Sessions[0].SessionID.Value, fmt.Sprintf("again%d-%d", i, n))
				w.Login(rocketchattest.Session{SessionID: rocketchattest.Some(fmt.Sprintf("new%d-%d", i, n))})
				w.CreateUser(w.Directory()[n])
				call(t, w, "users.list?count=0", "none")
			}
		})
	}
	group.Wait()
	if got, want := len(w.Sessions()), 300+4*20; got != want {
		t.Errorf("%d sessions are alive, want %d", got, want)
	}
	if got := len(w.Requests()); got != 160 {
		t.Errorf("%d requests were recorded, want 160", got)
	}
}

func BenchmarkNew600000(b *testing.B) {
	for b.Loop() {
		rocketchattest.New(rocketchattest.Options{Synthetic: 600_000})
	}
}

func BenchmarkPageOf600000(b *testing.B) {
	w := rocketchattest.New(rocketchattest.Options{Synthetic: 600_000})
	r := request(b, w, "http://workspace.invalid/api/v1/sessions/list.all?count=100&offset=300000", "none")
	for b.Loop() {
		if got, err := do(w.Transport(), r); err != nil || got.status != http.StatusOK {
			b.Fatal(got.status, err)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
