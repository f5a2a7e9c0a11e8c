// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// clients follows the clients of a workspace from connection to connection.
type clients struct {
	w *rocketchattest.Workspace
	// of maps every session ID that there has been to the client's first one.
	of map[string]string
	// present are the clients' present session IDs.
	present []string
}

func newClients(w *rocketchattest.Workspace) *clients {
	c := &clients{w: w, of: map[string]string{}}
	for _, s := range w.Sessions() {
		c.of[s.SessionID.Value] = s.SessionID.Value
		c.present = append(c.present, s.SessionID.Value)
	}
	return c
}

// reconnect has the i-th client, which was the i-th newest at first, connect anew.
func (c *clients) reconnect(i int, at time.Time) {
	old := c.present[i]
	id := fmt.Sprint("again", len(c.of))
	c.w.Relogin(old, id, at)
	c.of[id], c.present[i] = c.of[old], id
}

// want asserts that rows have the clients that were the first n at the beginning.
func (c *clients) want(t *testing.T, rows []*sessions.Session, n int) {
	t.Helper()
	got := map[string]bool{}
	for _, s := range rows {
		got[c.of[*s.SessionID]] = true
	}
	missing := 0
	for _, id := range c.present[:n] {
		if !got[c.of[id]] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d clients are missing", missing, n)
	}
}

// TestRead_ofABusyWorkspace reads 2,500 clients, of which one connects anew every 0.7 s, at ten
// calls a minute.
func TestRead_ofABusyWorkspace(t *testing.T) {
	t.Parallel()
	for name, need := range map[string]sessions.Need{"all": everything, "the newest": {Newest: 1200}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const rows, every = 2_500, 700 * time.Millisecond
				began := time.Now()
				w := rocketchattest.New(rocketchattest.Options{Synthetic: rows})
				all := newClients(w)
				random := rand.New(rand.NewPCG(1, 1))
				reconnected := 0
				var mu sync.Mutex
				w.OnRequest(func(int, *http.Request) {
					mu.Lock()
					defer mu.Unlock()
					for ; time.Duration(reconnected+1)*every <= time.Since(began); reconnected++ {
						all.reconnect(random.IntN(rows), began.Add(time.Duration(reconnected+1)*every))
					}
				})
				client := newClient(t, farAway{w.Transport()}, account(w, "viewonly"))
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				listing, err := client.WorkspaceSessions(ctx, "", need)
				if err != nil {
					t.Fatal(err)
				}
				t.Logf("%d calls in %v, %d reconnections", len(w.Requests()), time.Since(began), reconnected)
				got, wanted := listing.Sessions, rows
				if !need.All {
					got, wanted = got[:need.Newest], need.Newest-reconnected // which may all be newer
				}
				all.want(t, got, wanted)
			})
		})
	}
}

// TestOwnSessions_ofClientsThatReconnect reads the account's own list.
func TestOwnSessions_ofClientsThatReconnect(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		own := rocketchattest.New(rocketchattest.Options{}).Account("none").UserID
		var rows []rocketchattest.Session
		for i := range 90 {
			rows = append(rows, rocketchattest.Session{
				SessionID: rocketchattest.Some(fmt.Sprint("s", i)), UserID: rocketchattest.Some(own),
				LoginAt: rocketchattest.Some(time.Now().Add(-time.Duration(i+1) * time.Minute)),
			})
		}
		w := rocketchattest.New(rocketchattest.Options{Sessions: rows, UpperCount: 20})
		all := newClients(w)
		w.OnRequest(func(n int, _ *http.Request) {
			if n == 2 {
				for i := 40; i < 88; i++ {
					all.reconnect(i, time.Now().Add(time.Duration(i)*time.Millisecond))
				}
			}
		})
		client := newClient(t, w.Transport(), account(w, "none"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		listing, err := client.OwnSessions(t.Context(), "", everything)
		if err != nil {
			t.Fatal(err)
		}
		all.want(t, listing.Sessions, 90)
		if after := listing.ConnectedAfter; after == nil || !after.Equal(rows[0].LoginAt.Value.Truncate(time.Millisecond)) {
			t.Errorf("connected after %v, want the newest login time of the first page", after)
		}
	})
}

// TestClosing_nobodyIsServedBefore: of two callers who share a read, the one who
// needs less waits until the list is closed, once it has moved.
func TestClosing_nobodyIsServedBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 500})
		all := newClients(w)
		w.OnRequest(func(n int, _ *http.Request) {
			if n == 1 {
				for i := 96; i < 150; i++ {
					all.reconnect(i, time.Now().Add(time.Duration(i)*time.Millisecond))
				}
			}
		})
		g := newGate(w.Transport())
		client := newClient(t, g, account(w, "none"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		rows := w.Sessions()
		// Bounds of time are reached page by page, so that the part is read long before the rest.
		part := begin(t.Context(), client, sessions.Need{After: &rows[150].LoginAt.Value})
		whole := begin(t.Context(), client, sessions.Need{After: &rows[400].LoginAt.Value})
		synctest.Wait()
		close(g.open)
		if r := <-part; r.err != nil {
			t.Errorf("the part: %v", r.err)
		} else {
			all.want(t, r.listing.Sessions, 150)
		}
		if r := <-whole; r.err != nil {
			t.Errorf("the whole: %v", r.err)
		} else {
			all.want(t, r.listing.Sessions, 400)
		}
	})
}
