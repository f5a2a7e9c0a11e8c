// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

type result struct {
	listing *rocketchat.Listing
	err     error
}

func begin(ctx context.Context, c *rocketchat.Client, need sessions.Need) <-chan result {
	done := make(chan result, 1)
	go func() {
		listing, err := c.WorkspaceSessions(ctx, "", need)
		done <- result{listing, err}
	}()
	return done
}

// gate holds requests back until it is opened.
type gate struct {
	next http.RoundTripper
	open chan struct{}
	mu   sync.Mutex
	// asked and ended count the requests, and those whose context ended first.
	asked, ended int
}

func newGate(next http.RoundTripper) *gate { return &gate{next: next, open: make(chan struct{})} }

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.asked++
	g.mu.Unlock()
	select {
	case <-g.open:
		return g.next.RoundTrip(r)
	case <-r.Context().Done():
		g.mu.Lock()
		g.ended++
		g.mu.Unlock()
		return nil, r.Context().Err()
	}
}

func (g *gate) counts() (asked, ended int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked, g.ended
}

// shared is a read that its callers share.
type shared func(context.Context, *rocketchat.Client) (any, error)

var sharedReads = map[string]shared{
	"sessions": func(ctx context.Context, c *rocketchat.Client) (any, error) {
		return c.WorkspaceSessions(ctx, "", everything)
	},
	"users": func(ctx context.Context, c *rocketchat.Client) (any, error) { return c.Users(ctx, nil) },
	"roles": func(ctx context.Context, c *rocketchat.Client) (any, error) { return c.Roles(ctx) },
}

// together has five callers read, and returns what each of them got.
func (read shared) together(ctx context.Context, c *rocketchat.Client) (values []string, errs []error) {
	values, errs = make([]string, 5), make([]error, 5)
	var all sync.WaitGroup
	for i := range values {
		all.Go(func() {
			value, err := read(ctx, c)
			values[i], errs[i] = fmt.Sprintf("%p", value), err
		})
	}
	all.Wait()
	return values, errs
}

// TestSharing_oneReadForAll who come during it, and within a minute after its end.
func TestSharing_oneReadForAll(t *testing.T) {
	t.Parallel()
	each(t, sharedReads, func(t *testing.T, read shared) {
		alone, d := newDirectory(t, 20), newDirectory(t, 20)
		if _, err := read(t.Context(), newClient(t, alone)); err != nil {
			t.Fatal(err)
		}
		c := newClient(t, farAway{d})
		var all []string
		for _, step := range []struct {
			turn  time.Duration
			reads int
		}{{0, 1}, {59*time.Second + 999*time.Millisecond, 1}, {time.Millisecond, 2}, {time.Hour, 3}} {
			time.Sleep(step.turn)
			values, errs := read.together(t.Context(), c)
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			all = append(all, values...)
			if different := len(slices.Compact(slices.Clone(all))); different != step.reads || len(d.calls) != step.reads*len(alone.calls) {
				t.Errorf("after %v more, %d values by %d calls, want %d by %d each", step.turn, different, len(d.calls), step.reads, len(alone.calls))
			}
		}
	})
}

// TestSharing_failure is that of all who wait for the read, and forgotten.
func TestSharing_failure(t *testing.T) {
	t.Parallel()
	each(t, sharedReads, func(t *testing.T, read shared) {
		server := play(response{status: 500, contentType: "text/plain", body: "Internal Server Error"})
		c := newClient(t, farAway{server})
		for n := 1; n <= 2; n++ {
			_, errs := read.together(t.Context(), c)
			for _, err := range errs {
				if e := as[*rocketchat.ResponseError](t, err); !errors.Is(errs[0], e) {
					t.Errorf("got %v and %v", e, errs[0])
				}
			}
			if server.count() != n*attempts || time.Since(start) != time.Duration(n)*(15*time.Second+attempts*distance) {
				t.Errorf("%d calls in %s", server.count(), time.Since(start))
			}
		}
	})
}

// TestSharing_goesOnUntilTheLastLeaves, and whoever comes then reads anew.
func TestSharing_goesOnUntilTheLastLeaves(t *testing.T) {
	t.Parallel()
	each(t, sharedReads, func(t *testing.T, read shared) {
		for _, stay := range []int{0, 1} {
			g := newGate(newDirectory(t, 20))
			c := newClient(t, g)
			cancels := make([]context.CancelFunc, 3)
			errs := make(chan error, len(cancels))
			for i := range cancels {
				var ctx context.Context
				ctx, cancels[i] = context.WithCancel(t.Context())
				t.Cleanup(cancels[i])
				go func() { _, err := read(ctx, c); errs <- err }()
				synctest.Wait()
			}
			for _, cancel := range cancels[stay:] {
				if asked, ended := g.counts(); asked != 1 || ended != 0 {
					t.Errorf("%d requests, %d of them ended; want one that goes on", asked, ended)
				}
				cancel()
				if err := <-errs; !errors.Is(err, context.Canceled) {
					t.Errorf("one that left: %v", err)
				}
				synctest.Wait()
			}
			if _, ended := g.counts(); ended != 1-stay {
				t.Errorf("%d requests ended, with %d who stay", ended, stay)
			}
			close(g.open)
			if stay > 0 {
				if err := <-errs; err != nil {
					t.Errorf("the one that stayed: %v", err)
				}
			} else if _, err := read(t.Context(), c); err != nil {
				t.Errorf("the one that came then: %v", err)
			}
		}
	})
}

func TestCache_differentSearchesAreDifferentReads(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		client := newClient(t, w.Transport(), account(w, "none"))
		for _, search := range []string{"", "chrome", "Chrome", "firefox", "", "chrome"} {
			if _, err := client.WorkspaceSessions(t.Context(), search, everything); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := client.OwnSessions(t.Context(), "", everything); err != nil {
			t.Fatal(err)
		}
		if n := len(w.Requests()); n != 5 {
			t.Errorf("%d requests, want one for each of four searches and one for the own sessions", n)
		}
	})
}

func TestCache_finishedReadServesSmallerNeeds(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500})
		client := newClient(t, w.Transport(), account(w, "none"))
		month := start.AddDate(0, 0, -30)
		for _, step := range []struct {
			need     sessions.Need
			requests int
		}{
			{sessions.Need{Newest: 10}, 1},
			{sessions.Need{Newest: 90}, 1},
			{sessions.Need{}, 1},
			{sessions.Need{Newest: 150}, 1 + 2}, // too little is read anew, from the top
			{sessions.Need{Newest: 150}, 3},
			{everything, 3 + 6},
			{everything, 9},
			{sessions.Need{Newest: 400}, 9},
			{sessions.Need{After: &month}, 9},
		} {
			if _, err := client.WorkspaceSessions(t.Context(), "", step.need); err != nil {
				t.Fatal(err)
			}
			if n := len(w.Requests()); n != step.requests {
				t.Fatalf("%+v: %d requests, want %d", step.need, n, step.requests)
			}
		}
	})
}

// TestCache_needThatGrowsJoins has callers with larger and larger needs come while
// the first page is read.
func TestCache_needThatGrowsJoins(t *testing.T) {
	t.Parallel()
	week, fortnight := start.AddDate(0, 0, -7), start.AddDate(0, 0, -14)
	type row struct {
		needs    []sessions.Need
		requests int
	}
	each(t, map[string]row{
		"newest and newest": {[]sessions.Need{{Newest: 10}, {Newest: 250}, {Newest: 20}}, 3},
		"newest and all":    {[]sessions.Need{{Newest: 10}, everything, {Newest: 20}}, 6},
		"all and newest":    {[]sessions.Need{everything, {Newest: 10}}, 6},
		"after and after":   {[]sessions.Need{{After: &week}, {After: &fortnight}, {After: &week}}, 2},
		"after and newest":  {[]sessions.Need{{After: &week}, {Newest: 10}}, 1}, // one page has both
		"newest and after":  {[]sessions.Need{{Newest: 10}, {After: &week}}, 1},
	}, func(t *testing.T, tc row) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500})
		g := newGate(w.Transport())
		c := newClient(t, g, account(w, "none"))
		var reads []<-chan result
		for _, need := range tc.needs {
			reads = append(reads, begin(t.Context(), c, need))
			synctest.Wait()
		}
		close(g.open)
		for i, done := range reads {
			r := <-done
			if r.err != nil {
				t.Fatal(r.err)
			}
			if need := tc.needs[i]; need.All && len(r.listing.Sessions) != 500 || len(r.listing.Sessions) < need.Newest {
				t.Errorf("%d sessions for %+v", len(r.listing.Sessions), need)
			}
		}
		if n := len(w.Requests()); n != tc.requests {
			t.Errorf("%d requests, want %d", n, tc.requests)
		}
	})
}

// TestCache_smallNeedDoesNotWaitForALargeOne has two callers share a read that waits
// minutes for the rate limit; the one who needs its first page has half of one.
func TestCache_smallNeedDoesNotWaitForALargeOne(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500, UpperCount: 20})
		g := newGate(w.Transport())
		c := newClient(t, g, account(w, "viewonly"))
		patient, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		large := begin(patient, c, everything)
		synctest.Wait()
		hurried, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		small := begin(hurried, c, sessions.Need{Newest: 5})
		synctest.Wait()
		close(g.open)
		if r := <-small; r.err != nil || len(r.listing.Sessions) < 5 || r.listing.Total != 500 {
			t.Errorf("the small need got %v", r.err)
		}
		if r := <-large; r.err != nil || len(r.listing.Sessions) != 500 {
			t.Errorf("the large need got %v", r.err)
		}
		if n := len(w.Requests()); n != 31 {
			t.Errorf("%d requests, want the 31 of one read", n)
		}
	})
}

// TestCache_tieHoldsBackWhoSharesARead has two callers share a read of a list that stands
// still. Twice a hundred sessions have one login time, which pages of 50 cannot
// prove, and the order within a hundred differs between the first pages. Who needs
// no more than the first hundred gets all of them, although the read goes on to the
// second one.
func TestCache_tieHoldsBackWhoSharesARead(t *testing.T) {
	t.Parallel()
	const total, size, tie, first, second = 300, 50, 100, 20, 160
	// of is the first row of the tie that a row belongs to.
	of := func(row int) int {
		for _, begin := range []int{first, second} {
			if begin <= row && row < begin+tie {
				return begin
			}
		}
		return row
	}
	at := func(row int) time.Time {
		return start.Add(-time.Duration(of(row)) * time.Minute).Truncate(time.Second)
	}
	before := at(first).Add(-time.Second)
	each(t, map[string]sessions.Need{"limit": {Newest: first + tie}, "logged_in_after": {After: &before}}, func(t *testing.T, need sessions.Need) {
		requests := 0
		g := newGate(roundTrip(func(r *http.Request) (*http.Response, error) {
			offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
			var rows []string
			for row := offset; row < min(offset+size, total); row++ {
				i := row
				if tied := of(row); tied == first || tied == second {
					i = tied + (row-tied+37*min(requests, 8))%tie
				}
				rows = append(rows, fmt.Sprintf(`{"_id":"r%d","sessionId":"s%[1]d","userId":"u","loginAt":%q}`, i, at(i).Format(time.RFC3339)))
			}
			requests++
			return jsonResponse(http.StatusOK, fmt.Sprintf(`{"sessions":[%s],"total":%d,"success":true}`, strings.Join(rows, ","), total)).response(r)
		}))
		c := newClient(t, g, func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		part := begin(t.Context(), c, need)
		whole := begin(t.Context(), c, everything)
		synctest.Wait()
		close(g.open)
		for rows, done := range map[int]<-chan result{first + tie: part, total: whole} {
			r := <-done
			if r.err != nil {
				t.Fatal(r.err)
			}
			got := map[string]bool{}
			for _, s := range r.listing.Sessions {
				got[*s.SessionID] = true
			}
			for i := range rows {
				if id := fmt.Sprintf("s%d", i); !got[id] {
					t.Fatalf("%s of %d is missing, of %d sessions", id, rows, len(got))
				}
			}
		}
	})
}

// TestCache_needThatGrowsAtTheEnd joins in the middle of the last verification pass, when the read
// was about to end: it goes on.
func TestCache_needThatGrowsAtTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500})
		c := newClient(t, w.Transport(), account(w, "none"))
		var late <-chan result
		w.OnRequest(func(n int, r *http.Request) {
			switch {
			case n == 1:
				w.Relogin(w.Sessions()[300].SessionID.Value, "again")
			case n == 2 && !strings.Contains(r.URL.RawQuery, "offset"):
				late = begin(t.Context(), c, everything) //nolint:contextcheck // it is not on behalf of this request
				synctest.Wait()
			}
		})
		early := <-begin(t.Context(), c, sessions.Need{Newest: 150})
		if late == nil {
			t.Fatal("there was no last verification pass")
		}
		all := <-late
		if early.err != nil || all.err != nil {
			t.Fatalf("%v, %v", early.err, all.err)
		}
		wantRows(t, all.listing.Sessions, truths(w.Sessions()))
	})
}

// TestCache_shortDeadlineFailsAlone: a wait that one of those who share a read cannot
// have is refused to that one at once, and the read goes on for the others.
func TestCache_shortDeadlineFailsAlone(t *testing.T) {
	t.Parallel()
	each(t, map[string][]time.Duration{
		"short one first": {30 * time.Second, time.Hour}, "long one first": {time.Hour, 30 * time.Second},
	}, func(t *testing.T, timeouts []time.Duration) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 250, UpperCount: 20})
		g := newGate(w.Transport())
		c := newClient(t, g, account(w, "viewonly"))
		reads := map[time.Duration]<-chan result{}
		for _, timeout := range timeouts {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			t.Cleanup(cancel)
			reads[timeout] = begin(ctx, c, everything)
			synctest.Wait()
		}
		close(g.open)
		short := <-reads[30*time.Second]
		if got := as[*rocketchat.RateLimitError](t, short.err); got.Left != 30*time.Second || got.Limit != 10 || time.Since(start) != 0 {
			t.Errorf("%+v after %v", *got, time.Since(start))
		}
		long := <-reads[time.Hour]
		if long.err != nil || len(long.listing.Sessions) != 250 {
			t.Fatalf("the one with time: %v", long.err)
		}
		if waited := time.Since(start); waited < time.Minute || waited > 2*time.Minute {
			t.Errorf("the one with time waited %v, want one window", waited)
		}
	})
}

// TestIncomplete_namesTheRequest of a list like the documented sample, which has nine rows and a total of 13.
func TestIncomplete_namesTheRequest(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(jsonResponse(200, `{"sessions":[{"sessionId":"a"}],"total":13,"count":50,"offset":0,"success":true}`))
		_, err := newClient(t, server).OwnSessions(t.Context(), "", everything)
		got := as[*rocketchat.IncompleteError](t, err)
		wantError(t, err, &rocketchat.IncompleteError{
			Request: "GET https://chat.example.invalid/api/v1/sessions/list", Why: got.Why, Rows: 1, Total: 13,
		})
		if got.Why == "" || !strings.Contains(err.Error(), "1 rows read, 13 reported") || server.count() > 10 {
			t.Errorf("%v after %d requests", err, server.count())
		}
	})
}

// TestClient_concurrentCallers has many callers of all kinds at one client while every
// seventh response fails, some callers give up, and sessions are ended. Whoever
// stays gets everything.
func TestClient_concurrentCallers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const rows, callers = 300, 60
		w := behindTOTP(rocketchattest.Options{Synthetic: rows, Seed: 11})
		w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
			if n%7 != 3 {
				return nil
			}
			return historyFaults[n%len(historyFaults)](n, r, next)
		})
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t), func(c *rocketchat.Config) { c.MaxRetries = 30 })
		var ids []string
		for _, s := range w.Sessions() {
			ids = append(ids, s.SessionID.Value)
		}
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				var err error
				switch i % 6 {
				case 0:
					err = client.Logout(ctx, ids[i])
				case 1:
					_, err = client.WorkspaceSession(ctx, ids[i])
				case 2:
					_, err = client.OwnSessions(ctx, "", everything)
				case 3:
					cancel()
					if _, err = client.WorkspaceSessions(ctx, "", everything); errors.Is(err, context.Canceled) {
						err = nil
					}
				default:
					var listing *rocketchat.Listing
					if listing, err = client.WorkspaceSessions(ctx, "", everything); err != nil {
						break
					}
					times := map[string]int{}
					for _, s := range listing.Sessions {
						times[*s.SessionID]++
					}
					for n, id := range ids {
						if ended := n < callers && n%6 == 0; times[id] > 1 || times[id] == 0 && !ended {
							t.Errorf("caller %d: %s is there %d times", i, id, times[id])
						}
					}
				}
				if err != nil {
					t.Errorf("caller %d: %v", i, err)
				}
			})
		}
		all.Wait()
		if got, want := len(w.Sessions()), rows-callers/6; got != want {
			t.Errorf("%d sessions are left, want %d", got, want)
		}
	})
}
