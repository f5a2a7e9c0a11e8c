// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
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

// result is the outcome of one read.
type result struct {
	listing *rocketchat.Listing
	err     error
}

// begin reads in the background.
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

func TestCache_readsAtTheSameTimeShareOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(play(emptyList))
		c := newClient(t, g)
		var reads []<-chan result
		for range 20 {
			reads = append(reads, begin(t.Context(), c, everything))
		}
		synctest.Wait()
		close(g.open)
		first := <-reads[0]
		for _, done := range reads[1:] {
			if r := <-done; r.err != nil || r.listing != first.listing {
				t.Errorf("%v, %v; want the first one's listing", r.listing, r.err)
			}
		}
		if asked, _ := g.counts(); asked != 1 {
			t.Errorf("%d requests, want one", asked)
		}
	})
}

func TestCache_failureIsSharedAndForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := play(jsonResponse(403, `{"success":false,"error":"no [error-unauthorized]"}`), emptyList)
		g := newGate(server)
		c := newClient(t, g)
		reads := []<-chan result{
			begin(t.Context(), c, everything), begin(t.Context(), c, sessions.Need{}), begin(t.Context(), c, everything),
		}
		synctest.Wait()
		close(g.open)
		first := <-reads[0]
		for _, done := range reads[1:] {
			if r := <-done; !errors.Is(r.err, rocketchat.ErrNoPermission) || !errors.Is(first.err, r.err) {
				t.Errorf("%v, want the failure of the read that all waited for", r.err)
			}
		}
		if server.count() != 1 {
			t.Errorf("%d requests for one failure", server.count())
		}
		read(t, c)
		if server.count() != 2 {
			t.Errorf("%d requests; want the failure forgotten", server.count())
		}
	})
}

func TestCache_cancelingOneLeavesTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(play(emptyList))
		c := newClient(t, g)
		ctx, cancel := context.WithCancel(t.Context())
		leaver := begin(ctx, c, everything) // it is the one that started the read
		synctest.Wait()
		stayer := begin(t.Context(), c, everything)
		synctest.Wait()
		cancel()
		if r := <-leaver; !errors.Is(r.err, context.Canceled) {
			t.Errorf("the one that left: %v", r.err)
		}
		synctest.Wait()
		close(g.open)
		if r := <-stayer; r.err != nil || r.listing == nil {
			t.Errorf("the one that stayed: %v", r.err)
		}
		if asked, ended := g.counts(); asked != 1 || ended != 0 {
			t.Errorf("%d requests, %d of them ended; want one that goes on", asked, ended)
		}
	})
}

func TestCache_lastOneToLeaveEndsTheRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(play(emptyList))
		c := newClient(t, g)
		var cancels []context.CancelFunc
		var reads []<-chan result
		for range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			cancels, reads = append(cancels, cancel), append(reads, begin(ctx, c, everything))
		}
		synctest.Wait()
		for i, cancel := range cancels {
			if _, ended := g.counts(); ended != 0 {
				t.Errorf("the read ended when %d had left", i)
			}
			cancel()
			<-reads[i]
			synctest.Wait()
		}
		if asked, ended := g.counts(); asked != 1 || ended != 1 {
			t.Errorf("%d requests, %d of them ended; want the one ended", asked, ended)
		}
		close(g.open)
		read(t, c)
	})
}

func TestCache_freshness(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(emptyList)
		client := newClient(t, server)
		for _, step := range []struct {
			turn time.Duration
			want int
		}{{0, 1}, {0, 1}, {59 * time.Second, 1}, {999 * time.Millisecond, 1}, {time.Millisecond, 2}, {59 * time.Second, 2}, {time.Hour, 3}} {
			time.Sleep(step.turn)
			read(t, client)
			if server.count() != step.want {
				t.Errorf("%d requests, want %d, after %v more", server.count(), step.want, step.turn)
			}
		}
	})
}

// TestCache_freshnessBeginsAtTheEnd of the read, however long that took.
func TestCache_freshnessBeginsAtTheEnd(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 1500})
		client := newClient(t, w.Transport(), account(w, "viewonly"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		read(t, client)
		requests := len(w.Requests())
		if time.Since(start) < time.Minute {
			t.Fatalf("the read waited %v only", time.Since(start))
		}
		time.Sleep(59 * time.Second)
		read(t, client)
		if len(w.Requests()) != requests {
			t.Errorf("%d requests, want the %d of the first read", len(w.Requests()), requests)
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

func TestLogout_invalidates(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		client := newClient(t, w.Transport(), account(w, "none"))
		before := read(t, client)
		ended := *before.Sessions[3].SessionID
		if err := client.Logout(t.Context(), ended); err != nil {
			t.Fatal(err)
		}
		after := read(t, client)
		if len(before.Sessions) != 9 || len(after.Sessions) != 8 {
			t.Errorf("%d sessions, then %d; want nine, then eight", len(before.Sessions), len(after.Sessions))
		}
		for _, s := range after.Sessions {
			if *s.SessionID == ended {
				t.Error("the session that was ended is listed")
			}
		}
	})
}

// TestLogout_failedOneInvalidates, for nobody knows what became of it.
func TestLogout_failedOneInvalidates(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(emptyList, response{err: errors.New("reset")}, emptyList)
		client := newClient(t, server, func(c *rocketchat.Config) { c.MaxRetries = 0 })
		read(t, client)
		_ = as[*rocketchat.TransportError](t, client.Logout(t.Context(), "a"))
		read(t, client)
		if server.count() != 3 {
			t.Errorf("%d requests, want the list to be read again", server.count())
		}
	})
}

// TestLogout_whileAReadIsUnderWay: it goes on for those who wait, and whoever
// comes later gets another one.
func TestLogout_whileAReadIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		lists := newGate(play(emptyList))
		c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return jsonResponse(200, `{"success":true}`).response(r)
			}
			return lists.RoundTrip(r)
		}))
		// The first use of a second factor is alone, over all routes.
		if err := c.Logout(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
		early := begin(t.Context(), c, everything)
		synctest.Wait()
		if err := c.Logout(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		late := begin(t.Context(), c, everything)
		synctest.Wait()
		if asked, ended := lists.counts(); asked != 1 || ended != 0 {
			// The limiter is not known yet: the second request waits for the first.
			t.Errorf("%d requests, %d ended", asked, ended)
		}
		close(lists.open)
		a, b := <-early, <-late
		if a.err != nil || b.err != nil || a.listing == b.listing {
			t.Errorf("%v and %v, the same: %v", a.err, b.err, a.listing == b.listing)
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
	for name, tc := range map[string]struct {
		needs    []sessions.Need
		requests int
	}{
		"newest and newest": {[]sessions.Need{{Newest: 10}, {Newest: 250}, {Newest: 20}}, 3},
		"newest and all":    {[]sessions.Need{{Newest: 10}, everything, {Newest: 20}}, 6},
		"all and newest":    {[]sessions.Need{everything, {Newest: 10}}, 6},
		"after and after":   {[]sessions.Need{{After: &week}, {After: &fortnight}, {After: &week}}, 2},
		"after and newest":  {[]sessions.Need{{After: &week}, {Newest: 10}}, 1}, // one page has both
		"newest and after":  {[]sessions.Need{{Newest: 10}, {After: &week}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
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
		})
	}
}

// TestCache_smallNeedDoesNotWaitForALargeOne has two callers share a read that waits
// minutes for the rate limit; the one who needs its first page has half of one.
func TestCache_smallNeedDoesNotWaitForALargeOne(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 3000})
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
		if r := <-small; r.err != nil || len(r.listing.Sessions) < 5 || r.listing.Total != 3000 {
			t.Errorf("the small need got %v", r.err)
		}
		if r := <-large; r.err != nil || len(r.listing.Sessions) != 3000 {
			t.Errorf("the large need got %v", r.err)
		}
		if n := len(w.Requests()); n != 32 {
			t.Errorf("%d requests, want the 32 of one read", n)
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
	of := func(row int) (int, bool) {
		switch {
		case first <= row && row < first+tie:
			return first, true
		case second <= row && row < second+tie:
			return second, true
		default:
			return row, false
		}
	}
	at := func(row int) time.Time {
		row, _ = of(row)
		return start.Add(-time.Duration(row) * time.Minute).Truncate(time.Second)
	}
	before := at(first).Add(-time.Second)
	for name, need := range map[string]sessions.Need{"limit": {Newest: first + tie}, "logged_in_after": {After: &before}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				requests := 0
				g := newGate(roundTrip(func(r *http.Request) (*http.Response, error) {
					offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
					order := make([]int, total)
					for i := range order {
						order[i] = i
						if began, tied := of(i); tied {
							order[i] = began + (i-began+37*min(requests, 8))%tie
						}
					}
					requests++
					var rows []string
					for _, i := range order[min(offset, total):min(offset+size, total)] {
						rows = append(rows, fmt.Sprintf(`{"_id":"r%d","sessionId":"s%d","userId":"u","loginAt":%q}`, i, i, at(i).Format(time.RFC3339)))
					}
					return jsonResponse(http.StatusOK, fmt.Sprintf(`{"sessions":[%s],"count":%d,"offset":%d,"total":%d,"success":true}`,
						strings.Join(rows, ","), len(rows), offset, total)).response(r)
				}))
				c := newClient(t, g, func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
				part := begin(t.Context(), c, need)
				whole := begin(t.Context(), c, everything)
				synctest.Wait()
				close(g.open)
				for name, want := range map[string]struct {
					result
					rows int
				}{"part": {<-part, first + tie}, "whole": {<-whole, total}} {
					if want.err != nil {
						t.Errorf("the %s: %v", name, want.err)
						continue
					}
					got := map[string]bool{}
					for _, s := range want.listing.Sessions {
						got[*s.SessionID] = true
					}
					for i := range want.rows {
						if id := fmt.Sprintf("s%d", i); !got[id] {
							t.Errorf("the %s lacks %s of %d, and has %d sessions", name, id, want.rows, len(got))
							break
						}
					}
				}
			})
		})
	}
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
	for name, first := range map[string]time.Duration{"short one first": 30 * time.Second, "long one first": time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := rocketchattest.New(rocketchattest.Options{Synthetic: 1500})
				g := newGate(w.Transport())
				c := newClient(t, g, account(w, "viewonly"))
				began := time.Now()
				reads := map[time.Duration]<-chan result{}
				for _, timeout := range []time.Duration{first, 30*time.Second + time.Hour - first} {
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					t.Cleanup(cancel)
					reads[timeout] = begin(ctx, c, everything)
					synctest.Wait()
				}
				close(g.open)
				short := <-reads[30*time.Second]
				got := as[*rocketchat.RateLimitError](t, short.err)
				if got.Left != 30*time.Second || got.Limit != 10 || time.Since(began) != 0 {
					t.Errorf("%+v after %v", *got, time.Since(began))
				}
				long := <-reads[time.Hour]
				if long.err != nil || len(long.listing.Sessions) != 1500 {
					t.Fatalf("the one with time: %v", long.err)
				}
				if waited := time.Since(began); waited < time.Minute || waited > 2*time.Minute {
					t.Errorf("the one with time waited %v, want one window", waited)
				}
			})
		})
	}
}

func TestIncomplete_namesTheRequest(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(jsonResponse(200, `{"sessions":[{"sessionId":"a"}],"total":13,"count":50,"offset":0,"success":true}`))
		_, err := newClient(t, server).OwnSessions(t.Context(), "", everything)
		got := as[*rocketchat.IncompleteError](t, err)
		want := rocketchat.IncompleteError{
			Request: "GET https://chat.example.invalid/api/v1/sessions/list", Why: got.Why, Rows: 1, Total: 13,
		}
		if *got != want || got.Why == "" {
			t.Errorf("%+v", *got)
		}
	})
}

// TestRead_documentedSampleIsIncomplete: the sample of the documentation has nine
// rows and a total of 13.
func TestRead_documentedSampleIsIncomplete(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		lying := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := w.Transport().RoundTrip(r)
			if err != nil {
				return nil, err
			}
			body := new(strings.Builder)
			if _, err := copyBody(body, resp); err != nil {
				return nil, err
			}
			return jsonResponse(200, strings.Replace(body.String(), `"total":9`, `"total":13`, 1)).response(r)
		})
		_, err := newClient(t, lying, account(w, "none")).WorkspaceSessions(t.Context(), "", everything)
		got := as[*rocketchat.IncompleteError](t, err)
		if got.Rows != 9 || got.Total != 13 || !strings.Contains(err.Error(), "9 rows read, 13 reported") {
			t.Errorf("%+v", *got)
		}
		if n := len(w.Requests()); n > 6 {
			t.Errorf("%d requests for nine rows", n)
		}
	})
}
