// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// truth is a row of the simulated workspace as the client should see it.
func truth(s *rocketchattest.Session) *sessions.Session {
	row := &sessions.Session{
		ID: pointer(s.ID), SessionID: pointer(s.SessionID), UserID: pointer(s.UserID),
		Host: pointer(s.Host), IP: pointer(s.IP), LoginAt: pointer(s.LoginAt),
	}
	if d, ok := s.Device.Get(); ok {
		row.Device = &sessions.Device{
			Type: optional(d.Type), Name: optional(d.Name), Version: optional(d.Version), LongVersion: optional(d.LongVersion),
		}
		if system, ok := d.OS.Get(); ok {
			row.Device.OS = table.Some(sessions.OS{Name: optional(system.Name), Version: optional(system.Version)})
		}
	}
	if u, ok := s.User.Get(); ok {
		row.User = &sessions.User{Username: optional(u.Username), Name: optional(u.Name), AvatarETag: optional(u.AvatarETag)}
	}
	return row
}

func pointer[T any](o rocketchattest.Optional[T]) *T {
	if v, ok := o.Get(); ok {
		return &v
	}
	return nil
}

func optional(o rocketchattest.Optional[string]) table.Text {
	if v, ok := o.Get(); ok {
		return table.Some(v)
	}
	return table.Text{}
}

func truths(rows []rocketchattest.Session) []*sessions.Session {
	all := make([]*sessions.Session, len(rows))
	for i := range rows {
		all[i] = truth(&rows[i])
	}
	return all
}

// wantRows asserts that got are exactly want, newest first.
func wantRows(t *testing.T, got, want []*sessions.Session) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		if a, b := got[i-1].LoginAt, got[i].LoginAt; b != nil && (a == nil || b.After(*a)) {
			t.Fatalf("row %d is newer than the one before it", i)
		}
	}
	byIdentity := func(rows []*sessions.Session) map[sessions.Identity][]*sessions.Session {
		m := map[sessions.Identity][]*sessions.Session{}
		for _, s := range rows {
			id := sessions.IdentityOf(s)
			m[id] = append(m[id], s)
		}
		return m
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
	if want, got := byIdentity(want), byIdentity(got); !reflect.DeepEqual(got, want) {
		t.Errorf("rows (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// behindTOTP is a workspace whose accounts all demand a code at every request.
func behindTOTP(o rocketchattest.Options) *rocketchattest.Workspace {
	o.RememberFor = new(time.Duration)
	return rocketchattest.New(o)
}

func withTOTP(t *testing.T) func(*rocketchat.Config) {
	t.Helper()
	return twoFactor(rocketchat.TwoFactor{TOTP: parseSecret(t, rocketchattest.DefaultTOTPSecret)})
}

// TestSessions_everyField reads rows of every shape and compares all of them, on every
// release.
func TestSessions_everyField(t *testing.T) {
	t.Parallel()
	eachByRelease(t, map[string]rocketchattest.Options{
		"odd rows":           {Synthetic: 743},
		"rows without ids":   {Synthetic: 300, MissingIDs: true},
		"shared connections": {Synthetic: 300, SharedConnections: true},
		"swapping ties":      {Synthetic: 743, SwapTies: true, Seed: 5},
		"documented":         {},
		"nothing":            {Sessions: []rocketchattest.Session{}},
		"one":                {Synthetic: 1},
		"exactly a page":     {Synthetic: 100},
		"the largest page":   {Synthetic: 743, UpperCount: 1000},
		"pages of eleven":    {Synthetic: 200, UpperCount: 11},
		"default page size":  {Synthetic: 120, UpperCount: 50, DefaultCount: 25},
	}, func(t *testing.T, options rocketchattest.Options, release rocketchattest.Release) {
		options.Release = release
		w := behindTOTP(options)
		listing := read(t, newClient(t, w.Transport(), account(w, "totp"), withTOTP(t)))
		want := truths(w.Sessions())
		wantRows(t, listing.Sessions, want)
		if listing.Total != len(want) {
			t.Errorf("total %d, want %d", listing.Total, len(want))
		}
		wantGranted(t, w, 0)
	})
}

// wantGranted asserts that no response was a refusal but for some that refused
// the second factor.
func wantGranted(t *testing.T, w *rocketchattest.Workspace, refused int) {
	t.Helper()
	for _, status := range statuses(w) {
		if status == http.StatusBadRequest && refused > 0 {
			refused--
		} else if status != http.StatusOK {
			t.Errorf("statuses %v", statuses(w))
			return
		}
	}
}

// TestRead_limitedToken never runs into the limit, and waits no longer than it must:
// a window for each that it has to leave, with a second for the header Date,
// which is cut to seconds, and the client's own margin. Time stands still
// except when everybody waits.
func TestRead_limitedToken(t *testing.T) {
	t.Parallel()
	five := rocketchattest.RateLimit{Calls: 5, Window: 4 * time.Second}
	eachByRelease(t, map[string]limitedCase{
		"five in four seconds":              {limit: five, rows: 140, upper: 20},
		"one by one":                        {limit: five, rows: 140, upper: 20, concurrent: 1},
		"many at the same time":             {limit: five, rows: 140, upper: 20, concurrent: 20},
		"many windows":                      {limit: five, rows: 370, upper: 10},
		"the default":                       {limit: rocketchattest.RateLimit{Calls: 10, Window: time.Minute}, rows: 420, upper: 20},
		"one call a window":                 {limit: rocketchattest.RateLimit{Calls: 1, Window: 4 * time.Second}, rows: 80, upper: 20},
		"within a second":                   {limit: five, rows: 140, upper: 20, moment: 700 * time.Millisecond},
		"at the end of a second":            {limit: five, rows: 140, upper: 20, moment: 999 * time.Millisecond},
		"server clock seven minutes ahead":  {limit: five, rows: 140, upper: 20, skew: 7 * time.Minute, refused: 1},
		"server clock seven minutes behind": {limit: five, rows: 140, upper: 20, skew: -7 * time.Minute, refused: 1},
		"server clock half a second ahead":  {limit: five, rows: 140, upper: 20, skew: 500 * time.Millisecond},
		"server clock a year behind":        {limit: five, rows: 140, upper: 20, skew: -365 * 24 * time.Hour, refused: 1},
	}, testLimited)
}

type limitedCase struct {
	limit        rocketchattest.RateLimit
	rows, upper  int
	skew, moment time.Duration
	concurrent   int
	refused      int
}

func testLimited(t *testing.T, tc limitedCase, release rocketchattest.Release) {
	t.Helper()
	time.Sleep(time.Until(start.Truncate(time.Second).Add(time.Second + tc.moment)))
	w := behindTOTP(rocketchattest.Options{
		Release: release, Synthetic: tc.rows, RateLimit: tc.limit, ClockSkew: tc.skew, UpperCount: tc.upper,
	})
	client := newClient(t, w.Transport(), account(w, "viewtotp"), withTOTP(t), func(c *rocketchat.Config) {
		if tc.concurrent > 0 {
			c.MaxConcurrentRequests = tc.concurrent
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	began := time.Now()
	listing, err := client.WorkspaceSessions(ctx, "", everything)
	took := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, listing.Sessions, truths(w.Sessions()))
	wantGranted(t, w, tc.refused)

	requests := tc.refused + 1 + (tc.rows-5)/(tc.upper-4) // pages overlap by four rows
	if n := len(w.Requests()); n != requests {
		t.Errorf("%d requests, want %d", n, requests)
	}
	const margin = 100 * time.Millisecond
	windows := (requests - 1) / tc.limit.Calls
	if most := time.Duration(windows) * (tc.limit.Window + time.Second + margin); took > most {
		t.Errorf("waited %v for the end of %d windows of %v, want at most %v", took, windows, tc.limit.Window, most)
	}
}

// TestRead_workspaceWithoutHeaders is behind a gateway that takes the limiter's
// headers off: a refusal is the first that is heard of it.
func TestRead_workspaceWithoutHeaders(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 743, RateLimit: rocketchattest.RateLimit{Calls: 5, Window: 4 * time.Second}})
		bare := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := w.Transport().RoundTrip(r)
			if err == nil {
				for _, name := range []string{"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Date"} {
					resp.Header.Del(name)
				}
			}
			return resp, err
		})
		listing := read(t, newClient(t, bare, account(w, "viewonly")))
		wantRows(t, listing.Sessions, truths(w.Sessions()))
		if took, most := time.Since(start), 10*time.Second; took > most {
			t.Errorf("waited %v, want at most %v", took, most)
		}
	})
}

// TestRead_waitsThatDoNotFit are refused before the first of them. 200 sessions take a window to wait for, 500
// take three.
func TestRead_waitsThatDoNotFit(t *testing.T) {
	t.Parallel()
	type row struct {
		sessions       int
		timeout, waits time.Duration
	}
	each(t, map[string]row{
		"one":     {200, 59 * time.Second, time.Minute},
		"not all": {500, 150 * time.Second, 3 * time.Minute},
		"all fit": {500, 4 * time.Minute, 0},
	}, func(t *testing.T, tc row) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: tc.sessions, UpperCount: 20})
		ctx, cancel := context.WithTimeout(t.Context(), tc.timeout)
		defer cancel()
		listing, err := newClient(t, w.Transport(), account(w, "viewonly")).WorkspaceSessions(ctx, "", everything)
		if tc.waits == 0 {
			if err != nil || len(listing.Sessions) != tc.sessions {
				t.Errorf("with time for all waits: %v", err)
			}
			return
		}
		got := as[*rocketchat.RateLimitError](t, err)
		if got.Limit != 10 || got.Left != tc.timeout || (got.Wait-tc.waits).Abs() > 2*time.Second || got.Attempts != 0 || listing != nil {
			t.Errorf("%+v", *got)
		}
		if len(w.Requests()) != 1 || time.Since(start) != 0 {
			t.Errorf("%d requests, %v waited; want the first page alone and no wait", len(w.Requests()), time.Since(start))
		}
	})
}

func TestRead_searchGoesToTheServer(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 300})
		client := newClient(t, w.Transport(), account(w, "none"))
		const search = "Fire&fox=1 +%.*"
		listing, err := client.WorkspaceSessions(t.Context(), search, everything)
		if err != nil || len(listing.Sessions) != 0 || listing.Total != 0 {
			t.Errorf("%v, %v", listing, err)
		}
		query, err := url.ParseQuery(w.Requests()[0].Query)
		if err != nil || query.Get("filter") != search || query.Get("count") == "" || query.Has("offset") || query.Has("sort") {
			t.Errorf("query %v, %v", query, err)
		}
		listing, err = client.WorkspaceSessions(t.Context(), "firefox", everything)
		if err != nil || listing.Total != len(listing.Sessions) || listing.Total < 10 {
			t.Fatalf("%v, %v", listing, err)
		}
		for _, s := range listing.Sessions {
			if s.Device == nil || s.Device.Name != table.Some("Firefox") {
				t.Errorf("found %+v", s)
			}
		}
	})
}

// TestRead_pagesTogether from a workspace at a distance: no more at the same time than allowed, and no fewer.
func TestRead_pagesTogether(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		took := map[int]time.Duration{}
		for _, allowed := range []int{-1, 1, 3, 4} {
			w := rocketchattest.New(rocketchattest.Options{Synthetic: 200, UpperCount: 20})
			var mu sync.Mutex
			now, peak := 0, 0
			counting := roundTrip(func(r *http.Request) (*http.Response, error) {
				mu.Lock()
				now++
				peak = max(peak, now)
				mu.Unlock()
				resp, err := farAway{w.Transport()}.RoundTrip(r)
				mu.Lock()
				now--
				mu.Unlock()
				return resp, err
			})
			client := newClient(t, counting, account(w, "none"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = allowed })
			began := time.Now()
			if listing := read(t, client); len(listing.Sessions) != 200 || peak != max(allowed, 1) {
				t.Errorf("allowed %d: %d at the same time, %d sessions", allowed, peak, len(listing.Sessions))
			}
			took[allowed] = time.Since(began)
		}
		if took[1] < 3*took[4] {
			t.Errorf("four requests at the same time take %v, want a third of %v at most", took[4], took[1])
		}
	})
}

// TestRead_ofABusyWorkspace reads 2,500 clients, of which one connects anew every 0.7 s, at ten
// calls a minute.
func TestRead_ofABusyWorkspace(t *testing.T) {
	t.Parallel()
	each(t, map[string]sessions.Need{"all": everything, "the newest": {Newest: 1200}}, func(t *testing.T, need sessions.Need) {
		const rows, every = 2_500, 700 * time.Millisecond
		w := rocketchattest.New(rocketchattest.Options{Synthetic: rows})
		// of maps every session ID that there has been to the place of its client at first, present is the last of each.
		of, present := map[string]int{}, make([]string, rows)
		newest := w.Sessions()[0].LoginAt.Value
		for i, s := range w.Sessions() {
			of[s.SessionID.Value], present[i] = i, s.SessionID.Value
		}
		random := rand.New(rand.NewPCG(1, 1))
		reconnected := 0
		var mu sync.Mutex
		w.OnRequest(func(int, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			for at := start.Add(every); !at.After(time.Now()); at = start.Add(time.Duration(reconnected+1) * every) {
				reconnected++
				i, id := random.IntN(rows), fmt.Sprint("again", reconnected)
				w.Relogin(present[i], id, at)
				of[id], present[i] = i, id
			}
		})
		client := newClient(t, farAway{w.Transport()}, account(w, "viewonly"))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		listing, err := client.WorkspaceSessions(ctx, "", need)
		if err != nil {
			t.Fatal(err)
		}
		got, wanted := listing.Sessions, rows
		if !need.All {
			got, wanted = got[:need.Newest], need.Newest-reconnected // which may all be newer
		}
		missing := map[int]bool{}
		for i := range wanted {
			missing[i] = true
		}
		for _, s := range got {
			delete(missing, of[*s.SessionID])
		}
		if len(missing) > 0 {
			t.Errorf("%d of %d clients are missing", len(missing), wanted)
		}
		if after := listing.ConnectedAfter; after == nil || !after.Equal(newest.Truncate(time.Millisecond)) {
			t.Errorf("connected after %v, want the newest login time of the first page", after)
		}
	})
}

// TestAges_countFromTheWorkspacesTime, of one instant for all who share a read, and
// end a read as early as the time that they stand for.
func TestAges_countFromTheWorkspacesTime(t *testing.T) {
	t.Parallel()
	const ahead, age = 48 * time.Hour, 72 * time.Hour
	for _, need := range []sessions.Need{{Age: age}, {After: new(start.Add(ahead - age))}} {
		bubble(t, func(t *testing.T) {
			w := rocketchattest.New(rocketchattest.Options{ClockSkew: ahead, Synthetic: 600, UpperCount: 20})
			client := newClient(t, w.Transport(), account(w, "none"))
			listing, err := client.WorkspaceSessions(t.Context(), "", need)
			if err != nil {
				t.Fatal(err)
			}
			if off := listing.At.Sub(start.Add(ahead)).Abs(); off > time.Second {
				t.Errorf("the read was at %v, want the workspace's time", listing.At)
			}
			since := listing.At.Add(-age)
			want := 0
			for _, s := range w.Sessions() {
				if s.LoginAt.Value.After(since) {
					want++
				}
			}
			got := 0
			for _, s := range listing.Sessions {
				if s.LoginAt.After(since) {
					got++
				}
			}
			if got != want || want == 0 || len(w.Requests()) > 5 {
				t.Errorf("%+v: %d sessions of %d, in %d calls", need, got, want, len(w.Requests()))
			}
			time.Sleep(30 * time.Second)
			again, err := client.WorkspaceSessions(t.Context(), "", sessions.Need{Age: age})
			if err != nil || !again.At.Equal(listing.At) {
				t.Errorf("a shared read has another instant: %v, %v (%v)", again, listing.At, err)
			}
		})
	}
}

// TestServerClock_now is what older and newer are decided by.
func TestServerClock_now(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{ClockSkew: 3 * time.Minute})
		client := newClient(t, w.Transport(), account(w, "none"))
		if now := client.Now(); !now.Equal(start) {
			t.Errorf("before any response: %v", now)
		}
		read(t, client)
		if now := client.Now(); now.Sub(time.Now().Add(3*time.Minute)).Abs() > time.Second {
			t.Errorf("%v; want three minutes after %v", now, time.Now())
		}
	})
}

// TestClosing_nobodyIsServedBefore: of two callers who share a read, the one who
// needs less waits until the list is closed, once it has moved.
func TestClosing_nobodyIsServedBefore(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500})
		rows := w.Sessions()
		w.OnRequest(func(n int, _ *http.Request) {
			for i := 96; i < 150 && n == 1; i++ {
				w.Relogin(rows[i].SessionID.Value, "again "+rows[i].SessionID.Value, time.Now().Add(time.Duration(i)*time.Millisecond))
			}
		})
		g := newGate(w.Transport())
		client := newClient(t, g, account(w, "none"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		reads := map[int]<-chan result{}
		// Bounds of time are reached page by page, so that the part is read long before the rest.
		for _, clients := range []int{150, 400} {
			reads[clients] = begin(t.Context(), client, sessions.Need{After: &rows[clients].LoginAt.Value})
		}
		synctest.Wait()
		close(g.open)
		for clients, read := range reads {
			r := <-read
			if r.err != nil {
				t.Fatal(r.err)
			}
			got := map[string]bool{}
			for _, s := range r.listing.Sessions {
				got[strings.TrimPrefix(*s.SessionID, "again ")] = true
			}
			for _, s := range rows[:clients] {
				if !got[s.SessionID.Value] {
					t.Fatalf("a client of %d is missing", clients)
				}
			}
		}
	})
}
