// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

func ids(listing *rocketchat.UserListing) []string {
	all := make([]string, 0, len(listing.Users))
	for _, u := range listing.Users {
		all = append(all, u.ID)
	}
	return all
}

// TestUsers_areComplete reads lists of every length around a page's.
func TestUsers_areComplete(t *testing.T) {
	t.Parallel()
	lengths := []int{1, 2, 49, 50, 51, 99, 100, 101, 199, 200}
	if testing.Short() {
		lengths = []int{1, 50, 51, 199}
	}
	for _, users := range lengths {
		for _, finite := range []bool{false, true} {
			for _, upper := range []int{2, 30, 50, 100, 1000} {
				t.Run(fmt.Sprintf("%d users, finite %t, pages of %d", users, finite, upper), func(t *testing.T) {
					t.Parallel()
					bubble(t, func(t *testing.T) {
						d := newDirectory(t, users)
						d.finite, d.upper = finite, upper
						listing, err := newClient(t, d).Users(t.Context(), nil)
						if err != nil {
							t.Fatal(err)
						}
						var want []string
						for n := range users {
							want = append(want, userID(n))
						}
						if diff := gocmp.Diff(want, ids(listing)); diff != "" {
							t.Errorf("ids (-want +got):\n%s", diff)
						}
						if listing.Hidden {
							t.Error("the roles are said to be hidden")
						}
						calls := 2 // everybody, and that nobody follows
						if users == 1 {
							calls = 3 // nor has gone
						}
						if left := users - defaultCount; finite && left > 0 {
							// The first page is the default's, the others repeat one user.
							calls = 2 + (left+upper-2)/max(upper-1, 1)
						}
						if len(d.calls) > calls {
							t.Errorf("%d calls, want %d at most: %s", len(d.calls), calls, d.calls)
						}
						if d.calls[0] != "users.listByStatus?count=0&offset=0&sort=%7B%22_id%22%3A1%7D" {
							t.Errorf("asked for %s", d.calls[0])
						}
					})
				})
			}
		}
	}
}

func TestUsers_whileTheListMoves(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		users           int
		upper, ordinary int // 0 for the default
		finite          bool
		change          func(d *directory, call int, route string) *response
		between         func(d *directory, call int)
		// calls are how many the read takes; err is why it fails.
		calls int
		err   string
	}{
		"a user who comes between the rows and their number": {users: 120, calls: 2, change: func(d *directory, call int, _ string) *response {
			if call > 0 {
				return nil
			}
			var all []string
			for n := range 120 {
				all = append(all, `{"_id":"`+userID(n)+`","roles":[]}`)
			}
			d.add(500, nil)
			instead := jsonResponse(http.StatusOK, `{"users":[`+strings.Join(all, ",")+`],"total":121,"success":true}`)
			return &instead
		}},
		"a user goes between the rows and their number": {users: 51, finite: true, calls: 3, between: func(d *directory, call int) {
			d.remove(func(id string) bool { return call == 0 && id == userID(7) })
		}},
		"the first of two users goes between the rows and their number": {users: 2, finite: true, ordinary: 1, calls: 8, between: func(d *directory, call int) {
			d.remove(func(id string) bool { return call == 0 && id == userID(0) })
		}},
		"a user goes between the rows and their number on the last page": {users: 90, upper: 40, finite: true, calls: 4, between: func(d *directory, call int) {
			d.remove(func(id string) bool { return call == 1 && id == userID(7) })
		}},
		"users above go": {users: 250, finite: true, calls: 5, change: func(d *directory, call int, _ string) *response {
			if call == 1 {
				d.remove(func(id string) bool { return id < userID(10) })
			}
			return nil
		}},
		"all who were read go": {users: 120, finite: true, calls: 4, change: func(d *directory, call int, _ string) *response {
			if call == 1 {
				d.remove(func(id string) bool { return id < userID(50) })
			}
			return nil
		}},
		"all who follow go": {users: 120, finite: true, calls: 3, change: func(d *directory, call int, _ string) *response {
			if call == 1 {
				d.remove(func(id string) bool { return id >= userID(50) })
			}
			return nil
		}},
		"users go faster than they are read": {users: 120, finite: true, err: "changes faster", calls: 40, change: func(_ *directory, call int, _ string) *response {
			if call == 0 {
				return nil
			}
			gone := jsonResponse(http.StatusOK, fmt.Sprintf(`{"users":[{"_id":"z%09d"}],"total":5000,"success":true}`, call))
			return &gone
		}},
		"the same page for every offset": {users: 120, finite: true, err: "changes faster", calls: 12, change: func(_ *directory, _ int, _ string) *response {
			same := jsonResponse(http.StatusOK, `{"users":[{"_id":"a"},{"_id":"b"}],"total":5000,"success":true}`)
			return &same
		}},
		"nobody": {users: 0, err: "lists no users", calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				d := newDirectory(t, tc.users)
				d.finite, d.change, d.between = tc.finite, tc.change, tc.between
				d.upper, d.ordinary = cmp.Or(tc.upper, d.upper), cmp.Or(tc.ordinary, d.ordinary)
				throughout := map[string]bool{}
				for _, u := range d.users {
					throughout[idOf(u)] = true
				}
				listing, err := newClient(t, d).Users(t.Context(), nil)
				if len(d.calls) > tc.calls {
					t.Errorf("%d calls, want %d at most: %s", len(d.calls), tc.calls, d.calls)
				}
				if tc.err != "" {
					if incomplete := as[*rocketchat.IncompleteError](t, err); !strings.Contains(incomplete.Why, tc.err) || listing != nil {
						t.Errorf("got %v and %v", listing, err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got := ids(listing)
				if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
					t.Error("the users are not each there once, in order")
				}
				for _, u := range d.users {
					if id := idOf(u); throughout[id] && !slices.Contains(got, id) {
						t.Errorf("%s was there throughout, and is missing", id)
					}
				}
			})
		})
	}
}

// TestUsers_beforeTheirRoute is a release before 6.8, which has users.list alone.
func TestUsers_beforeTheirRoute(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, hidden := range []bool{false, true} {
			d := newDirectory(t, 60)
			d.old = true
			if hidden {
				for _, u := range d.users {
					delete(u, "roles")
				}
			}
			listing, err := newClient(t, d).Users(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(listing.Users) != 60 || listing.Hidden != hidden || len(d.calls) != 3 || !strings.HasPrefix(d.calls[1], "users.list?count=0") {
				t.Errorf("%d users, hidden %t, calls %s", len(listing.Users), listing.Hidden, d.calls)
			}
		}
	})
}

func TestUsers_refused(t *testing.T) {
	t.Parallel()
	const outside = "API_Apply_permission_view-outside-room_on_users-list"
	coded := jsonResponse(403, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`)
	type want struct {
		reason              error
		permission, setting string
	}
	for name, tc := range map[string]struct {
		response response
		old      bool
		want     want
	}{
		"no view-d-room":                {response: coded, want: want{rocketchat.ErrNoPermission, "view-d-room", ""}},
		"the setting":                   {response: jsonResponse(403, `{"success":false,"error":"unauthorized"}`), want: want{rocketchat.ErrNoPermission, "view-outside-room", outside}},
		"the setting, 9.0":              {response: jsonResponse(403, `{"success":false,"error":"forbidden"}`), want: want{rocketchat.ErrNoPermission, "view-outside-room", outside}},
		"either, before 6.8":            {old: true, response: jsonResponse(403, `{"success":false,"error":"unauthorized"}`), want: want{rocketchat.ErrNoPermission, "view-d-room", outside}},
		"not logged in":                 {response: jsonResponse(401, `{"success":false,"error":"You must be logged in to do this."}`), want: want{rocketchat.ErrNotLoggedIn, "view-d-room", ""}},
		"not logged in, 6.14":           {response: jsonResponse(401, `{"status":"error","message":"You must be logged in to do this."}`), want: want{rocketchat.ErrNotLoggedIn, "view-d-room", ""}},
		"parameters, without a suffix":  {response: jsonResponse(400, `{"success":false,"errorType":"error-invalid-params","error":"must NOT have additional properties"}`), want: want{rocketchat.ErrInvalidParameters, "view-d-room", ""}},
		"an account without a username": {response: response{status: 500, contentType: "text/plain", body: "Internal Server Error"}, want: want{nil, "view-d-room", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				d := newDirectory(t, 3)
				d.old = tc.old
				d.change = func(_ *directory, _ int, route string) *response {
					if tc.old && route == "users.listByStatus" {
						return nil
					}
					return &tc.response
				}
				c := newClient(t, d, func(c *rocketchat.Config) { c.MaxRetries = 0 })
				listing, err := c.Users(t.Context(), nil)
				e := as[*rocketchat.ResponseError](t, err)
				if got := (want{e.Reason, e.Permission, e.Setting}); got != tc.want || listing != nil {
					t.Errorf("got %+v, want %+v", got, tc.want)
				}
			})
		})
	}
}

// TestUsers_malformed is what no list of users looks like.
func TestUsers_malformed(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"no list":            `{"total":0,"success":true}`,
		"no total":           `{"users":[{"_id":"a"}],"success":true}`,
		"a user without id":  `{"users":[{"_id":"a"},{"username":"b"}],"total":2,"success":true}`,
		"an id twice":        `{"users":[{"_id":"a"},{"_id":"a"}],"total":2,"success":true}`,
		"another order":      `{"users":[{"_id":"b"},{"_id":"a"}],"total":2,"success":true}`,
		"roles of one text":  `{"users":[{"_id":"a","roles":"admin"}],"total":1,"success":true}`,
		"active in a text":   `{"users":[{"_id":"a","active":"false"}],"total":1,"success":true}`,
		"a time that is one": `{"users":[{"_id":"a","lastLogin":7}],"total":1,"success":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				transport := play(jsonResponse(http.StatusOK, body))
				c := newClient(t, transport, func(c *rocketchat.Config) { c.MaxRetries = 0 })
				listing, err := c.Users(t.Context(), nil)
				_ = as[*rocketchat.MalformedError](t, err)
				if listing != nil || transport.count() != 1 {
					t.Errorf("got %v after %d calls", listing, transport.count())
				}
			})
		})
	}
}

func TestUsers_areShared(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 20)
		d.roles = []map[string]any{{"_id": "admin", "name": "admin", "scope": "Users"}, {"_id": "x9", "name": "Auditor", "scope": "Users"}}
		c := newClient(t, d)
		read := func(stale *rocketchat.UserListing) *rocketchat.UserListing {
			t.Helper()
			listing, err := c.Users(t.Context(), stale)
			if err != nil {
				t.Fatal(err)
			}
			return listing
		}
		var together sync.WaitGroup
		for range 5 {
			together.Go(func() { _, _ = c.Users(t.Context(), nil) })
		}
		together.Wait()
		first := read(nil)
		if len(d.calls) != 2 {
			t.Errorf("calls %s, want one read of two", d.calls)
		}
		second := read(first)
		if len(d.calls) != 4 || second == first {
			t.Error("a stale listing was handed out again")
		}
		if read(first) != second || len(d.calls) != 4 {
			t.Error("a listing read since was read again")
		}
		time.Sleep(time.Minute)
		if read(nil) == second || len(d.calls) != 6 {
			t.Error("a listing was served for more than a minute")
		}
		for range 2 {
			roles, err := c.Roles(t.Context())
			if err != nil || len(roles) != 2 || roles[1].ID != "x9" || roles[1].Name != "Auditor" {
				t.Errorf("roles %v, %v", roles, err)
			}
		}
		if len(d.calls) != 7 {
			t.Errorf("calls %s, want seven", d.calls)
		}
	})
}

// TestUsers_afterAFailure reads again, for those who waited, too.
func TestUsers_afterAFailure(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 20)
		d.change = func(_ *directory, call int, _ string) *response {
			if call > 0 {
				return nil
			}
			refused := jsonResponse(401, `{"success":false,"error":"You must be logged in to do this."}`)
			return &refused
		}
		c := newClient(t, d)
		if _, err := c.Users(t.Context(), nil); !errors.Is(err, rocketchat.ErrNotLoggedIn) {
			t.Fatalf("got %v", err)
		}
		if listing, err := c.Users(t.Context(), nil); err != nil || len(listing.Users) != 20 {
			t.Errorf("got %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Users(ctx, nil); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// TestUsers_failTogether has five callers get the error of one read.
func TestUsers_failTogether(t *testing.T) {
	t.Parallel()
	type reader func(*rocketchat.Client, context.Context) error
	for name, read := range map[string]reader{
		"users": func(c *rocketchat.Client, ctx context.Context) error { _, err := c.Users(ctx, nil); return err },
		"roles": func(c *rocketchat.Client, ctx context.Context) error { _, err := c.Roles(ctx); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var calls atomic.Int32
				broken := roundTrip(func(r *http.Request) (*http.Response, error) {
					calls.Add(1)
					if err := pause(r.Context(), time.Second); err != nil {
						return nil, err
					}
					return response{status: 500, contentType: "text/plain", body: "Internal Server Error"}.response(r)
				})
				c := newClient(t, broken)
				errs := make([]error, 5)
				var group sync.WaitGroup
				for i := range errs {
					group.Go(func() { errs[i] = read(c, t.Context()) })
				}
				group.Wait()
				for _, err := range errs {
					if e := as[*rocketchat.ResponseError](t, err); e != errs[0] { //nolint:errorlint // the same one
						t.Errorf("got %v and %v", e, errs[0])
					}
				}
				if took := time.Since(began); calls.Load() != attempts || took != 20*time.Second {
					t.Errorf("%d calls in %s", calls.Load(), took)
				}
				if err := read(c, t.Context()); err == nil || calls.Load() != 2*attempts {
					t.Errorf("a failure was kept: %v after %d calls", err, calls.Load())
				}
			})
		})
	}
}

// TestUsers_forEachDeadline has callers with less time leave, and the others get what
// they wait for.
func TestUsers_forEachDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := newDirectory(t, 20)
		slow := roundTrip(func(r *http.Request) (*http.Response, error) {
			if err := pause(r.Context(), 10*time.Second); err != nil {
				return nil, err
			}
			return d.RoundTrip(r)
		})
		c := newClient(t, slow)
		var group sync.WaitGroup
		group.Go(func() { // the first one, whose read the others join
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := c.Users(ctx, nil)
			if e := as[*rocketchat.TimeoutError](t, err); !strings.HasSuffix(e.Request, "/api/v1/users.listByStatus") {
				t.Errorf("got %+v", e)
			}
		})
		synctest.Wait()
		group.Go(func() {
			if listing, err := c.Users(t.Context(), nil); err != nil || len(listing.Users) != 20 {
				t.Errorf("got %v", err)
			}
		})
		group.Wait()
		if len(d.calls) != 2 {
			t.Errorf("calls %s, want one read of two", d.calls)
		}

		time.Sleep(time.Minute) // until the listing is stale
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if _, err := c.Users(ctx, nil); !errors.Is(err, context.Canceled) || time.Since(began) != 5*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		synctest.Wait()
		if len(d.calls) != 2 {
			t.Errorf("calls %s: the read went on for nobody", d.calls)
		}
	})
}

// TestUsers_foreseeTheRateLimit fails before the first wait of several that cannot
// all be had.
func TestUsers_foreseeTheRateLimit(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 5000)
		d.finite = true
		limited := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := d.RoundTrip(r)
			if err == nil {
				resp.Header.Set("X-RateLimit-Limit", "10")
				resp.Header.Set("X-RateLimit-Remaining", fmt.Sprint(10-len(d.calls)))
				resp.Header.Set("X-RateLimit-Reset", fmt.Sprint(start.Add(time.Minute).UnixMilli()))
				resp.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			}
			return resp, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		_, err := newClient(t, limited).Users(ctx, nil)
		if e := as[*rocketchat.RateLimitError](t, err); e.Limit != 10 || e.Wait < 4*time.Minute || !strings.Contains(e.Request, "users.listByStatus") {
			t.Errorf("got %+v", e)
		}
		if len(d.calls) > 2 || !time.Now().Equal(start) {
			t.Errorf("waited until %s, and called %s", time.Now(), d.calls)
		}
	})
}

// TestRoles_thatCannotBeTrusted: a rule about roles would pass by mistake without them.
func TestRoles_thatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	for body, says := range map[string]string{
		`{"roles":[],"success":true}`:                              "lists no roles, not even the default ones",
		`{"roles":[{"name":"admin"}],"success":true}`:              "row 0: it has no ID",
		`{"roles":[{"_id":"admin"},{"ID":"user"}],"success":true}`: "row 1: it has no ID",
		`{"roles":null,"success":true}`:                            `has no "roles"`,
	} {
		client := answering(t, body)
		roles, err := client.Roles(t.Context())
		if err == nil || roles != nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "/roles.list") {
			t.Errorf("%s: %v, %v, want %q", body, roles, err, says)
		}
	}
}
