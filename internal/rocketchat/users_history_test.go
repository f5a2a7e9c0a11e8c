// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/randtest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

var usersHistories = flag.Int("usershistories", 300, "how many histories TestHistories_ofUsers reads")

// town is a workspace whose users come, change and go while both lists are read.
type town struct {
	*directory
	random *rand.Rand
	// states are users with what they have been since the read began; gone are those who
	// were deleted meanwhile or before.
	states map[string]bool
	gone   map[string]bool
	next   int
}

func state(roles []string, kind string, active bool) string { return fmt.Sprint(roles, kind, active) }

func (w *town) note(u map[string]any) {
	w.states[idOf(u)+state(value[[]string](u, "roles"), value[string](u, "type"), value[bool](u, "active"))] = true
}

// join has somebody come and log in, at the top of the list.
func (w *town) join() {
	w.next++
	w.add(w.next*7919%999_983, nil)
	u := w.users[len(w.users)-1]
	u["roles"] = []string{"user"}
	w.note(u)
	w.sessions = slices.Insert(w.sessions, 0, map[string]any{
		"sessionId": fmt.Sprint("s", w.next), "_id": fmt.Sprint("s", w.next), "userId": u["_id"],
		"loginAt": start.Add(time.Duration(w.next) * time.Second).Format("2006-01-02T15:04:05.000Z"),
		"_user":   map[string]any{"username": u["username"]},
	})
}

func (w *town) turn() {
	i := w.random.IntN(len(w.users))
	u := maps.Clone(w.users[i])
	switch w.random.IntN(5) {
	case 0:
		w.join()
		return
	case 1:
		u["username"] = fmt.Sprint("renamed.", w.random.IntN(1000))
	case 2:
		u["active"] = !value[bool](u, "active")
	case 3:
		u["roles"] = []string{"user", fmt.Sprint("role", w.random.IntN(3))}
	default:
		w.leave(i)
		return
	}
	w.users[i] = u
	w.note(u)
}

// leave deletes a user, unless it is the last one.
func (w *town) leave(i int) {
	if len(w.users) == 1 {
		return
	}
	id := w.users[i]["_id"]
	w.users = slices.Delete(w.users, i, i+1)
	w.gone[fmt.Sprint(id)] = true
	for j, s := range w.sessions {
		if s["userId"] == id {
			w.sessions[j] = maps.Clone(s)
			delete(w.sessions[j], "_user")
		}
	}
}

// inOrder delays each request by a time of its own, so that a seed decides in which order those of the two reads
// are served.
func (w *town) inOrder(seed uint64) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(r.URL.String()))
		time.Sleep(time.Duration(rand.New(rand.NewPCG(seed, h.Sum64())).IntN(int(time.Second))))
		return w.RoundTrip(r)
	}
}

// TestHistories_ofUsers reads both lists at the same time while users come, are
// renamed, deactivated, given roles and deleted, also between the two queries of one
// response: no session gets what its user has
// not been during the read, and nobody who was there throughout is missing.
func TestHistories_ofUsers(t *testing.T) {
	t.Parallel()
	histories := *usersHistories
	if testing.Short() {
		histories = min(histories, 30)
	}
	var moved, between, incomplete, joined int
	for seed := range randtest.Seeds(t, histories) {
		bubble(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			w := &town{directory: newDirectory(t, 0), random: random, states: map[string]bool{}, gone: map[string]bool{}}
			w.upper, w.ordinary, w.finite, w.old = 2+random.IntN(98), 1+random.IntN(99), random.IntN(4) > 0, random.IntN(4) == 0
			few := 20 + random.IntN(150)
			if random.IntN(2) == 0 { // few more than an ordinary page has
				few = w.ordinary + 1 + random.IntN(2)
			}
			for range few {
				w.join()
			}
			random.Shuffle(len(w.users), func(i, j int) { w.users[i], w.users[j] = w.users[j], w.users[i] })
			throughout, listed := slices.Clone(w.sessions), slices.Clone(w.users)
			every := 1 + random.IntN(3)
			w.change = func(_ *directory, call int, _ string) *response {
				if call%every == 0 && call > 0 {
					moved++
					w.turn()
				}
				return nil
			}
			leaves := random.IntN(3)
			w.between = func(_ *directory, _ int) {
				for range random.IntN(leaves + 1) {
					between++
					w.leave(random.IntN(len(w.users)))
				}
			}
			c := newClient(t, w.inOrder(seed))
			var list *rocketchat.Listing
			var people *rocketchat.UserListing
			var group errgroup.Group
			group.Go(func() (err error) { list, err = c.WorkspaceSessions(t.Context(), "", everything); return err })
			group.Go(func() (err error) { people, err = c.Users(t.Context(), nil); return err })
			err := group.Wait()
			if _, ok := errors.AsType[*rocketchat.IncompleteError](err); ok {
				incomplete++
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			query := sessions.Query{Details: true, Accounts: accountsOf(people)}
			result := query.Apply(list.Sessions)
			if len(result.Unknown) > 0 {
				if people, err = c.Users(t.Context(), people); err != nil {
					return
				}
				query.Accounts = accountsOf(people)
				result = query.Apply(list.Sessions)
			}
			for _, s := range result.Unknown {
				if !w.gone[*s.UserID] {
					t.Fatalf("%s is in the workspace, and unknown", *s.UserID)
				}
			}
			found := map[string]bool{}
			for _, s := range result.Sessions {
				found[*s.SessionID] = true
				switch a := s.Account; {
				case a != nil && !w.states[*s.UserID+state(a.Roles, a.Type.Value, a.Active)]:
					t.Fatalf("%s was never %+v", *s.UserID, a)
				case a != nil:
					joined++
				case s.User == nil && !w.gone[*s.UserID]:
					t.Fatalf("%s was never deleted", *s.UserID)
				}
			}
			for _, s := range throughout {
				if id := value[string](s, "sessionId"); !found[id] {
					t.Fatalf("the session %s is lost", id)
				}
			}
			for _, u := range listed {
				if id := idOf(u); query.Accounts[id] == nil && !w.gone[id] {
					t.Fatalf("the user %s is lost", id)
				}
			}
		})
	}
	_, replayed := randtest.Replayed(t)
	if !replayed && (moved < histories || between < histories || joined < histories*10 || incomplete > histories/5) {
		t.Errorf("%d changes, %d deleted between, %d sessions joined, %d incomplete: too few to show anything", moved, between, joined, incomplete)
	}
}

func accountsOf(listing *rocketchat.UserListing) map[string]*users.Account {
	all := map[string]*users.Account{}
	for _, u := range listing.Users {
		all[u.ID] = &u.Account
	}
	return all
}
