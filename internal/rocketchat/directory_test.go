// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// directory is a server that lists users, roles and sessions by the rules that
// were measured, with nothing of the client's in it. What it lists may change
// before each response.
type directory struct {
	// upper is API_Upper_Count_Limit, ordinary API_Default_Count; finite means that
	// API_Allow_Infinite_Count is off.
	upper, ordinary int
	finite          bool
	// old means that there is no users.listByStatus.
	old bool
	// change is called before each response, with the number of those before it and
	// the route; it may return a response to give instead.
	change func(d *directory, call int, route string) *response
	// between is called between the server's two queries, for the rows and for their
	// number, with the number of the responses before.
	between func(d *directory, call int)

	mu       sync.Mutex
	users    []map[string]any
	roles    []map[string]any
	sessions []map[string]any
	calls    []string
}

const defaultCount = 50

func (d *directory) RoundTrip(r *http.Request) (*http.Response, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.URL.Path == "/api/info" {
		return jsonResponse(http.StatusOK, `{"version":"6.7","success":true}`).response(r)
	}
	route := strings.TrimPrefix(r.URL.Path, "/api/v1/")
	d.calls = append(d.calls, route+"?"+r.URL.RawQuery)
	if d.change != nil {
		if instead := d.change(d, len(d.calls)-1, route); instead != nil {
			return instead.response(r)
		}
	}
	query := r.URL.Query()
	offset, _ := strconv.Atoi(query.Get("offset"))
	count := d.ordinary
	if asked, err := strconv.Atoi(query.Get("count")); err == nil && (asked > 0 || !d.finite) {
		count = min(asked, d.upper)
	}
	cut := func(rows []map[string]any) []map[string]any {
		if count == 0 {
			count = len(rows)
		}
		from := min(offset, len(rows))
		return slices.Clone(rows[from:min(from+count, len(rows))])
	}
	answered := map[string]any{"success": true, "offset": offset}
	switch route {
	case "users.listByStatus", "users.list":
		if d.old && route != "users.list" {
			return response{status: http.StatusOK, contentType: "text/html", body: "<!DOCTYPE html>"}.response(r)
		}
		if query.Get("sort") == `{"_id":1}` {
			slices.SortFunc(d.users, func(a, b map[string]any) int { return cmp.Compare(idOf(a), idOf(b)) })
		}
		page := cut(d.users)
		if d.between != nil {
			d.between(d, len(d.calls)-1)
		}
		answered["users"], answered["total"], answered["count"] = page, len(d.users), len(page)
	case "roles.list":
		answered["roles"] = d.roles
	case "sessions/list.all":
		answered["sessions"], answered["total"], answered["count"] = cut(d.sessions), len(d.sessions), count
	default:
		return response{status: http.StatusNotFound, contentType: "text/plain", body: "404 Not Found"}.response(r)
	}
	body, err := json.Marshal(answered)
	if err != nil {
		return nil, err
	}
	return jsonResponse(http.StatusOK, string(body)).response(r)
}

func (d *directory) add(n int, more map[string]any) {
	user := map[string]any{
		"_id": userID(n), "username": "user." + strconv.Itoa(n), "type": "user", "active": true, "roles": []string{"user"},
		"emails": []any{map[string]any{"address": "canary@example.invalid"}},
	}
	maps.Copy(user, more)
	d.users = append(d.users, user)
}

func (d *directory) remove(matches func(id string) bool) {
	d.users = slices.DeleteFunc(d.users, func(u map[string]any) bool { return matches(idOf(u)) })
}

func idOf(user map[string]any) string { return fmt.Sprint(user["_id"]) }

func userID(n int) string { return "u" + strconv.Itoa(1_000_000 + n)[1:] }

func newDirectory(t *testing.T, users int) *directory {
	t.Helper()
	d := &directory{roles: []map[string]any{{"_id": "x9", "name": "Auditor", "scope": "Users"}}, upper: 100, ordinary: defaultCount, users: []map[string]any{}, sessions: []map[string]any{}}
	// Not in the order of their ids.
	for n := range users {
		d.add((n*7919+13)%max(users, 1), nil)
	}
	return d
}

// value is what a row has below a key, the zero value where it has none of the type.
func value[T any](row map[string]any, key string) T {
	v, _ := row[key].(T)
	return v
}

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
				calls := 2 // everybody, and that nobody follows
				if users == 1 {
					calls = 3 // nor has gone
				}
				if left := users - defaultCount; finite && left > 0 {
					// The first page is the default's, the others repeat one user.
					calls = 2 + (left+upper-2)/max(upper-1, 1)
				}
				if diff := gocmp.Diff(want, ids(listing)); diff != "" || listing.Hidden || len(d.calls) > calls {
					t.Errorf("%d users, finite %t, pages of %d: hidden %t, %d calls, want %d at most; ids (-want +got):\n%s",
						users, finite, upper, listing.Hidden, len(d.calls), calls, diff)
				}
				if d.calls[0] != "users.listByStatus?count=0&offset=0&sort=%7B%22_id%22%3A1%7D" {
					t.Errorf("asked for %s", d.calls[0])
				}
			}
		}
	}
}

func TestUsers_whileTheListMoves(t *testing.T) {
	t.Parallel()
	// goes has the users of some numbers go, in one call.
	goes := func(at, from, to int) func(*directory, int) {
		return func(d *directory, call int) {
			d.remove(func(id string) bool { return call == at && userID(from) <= id && id < userID(to) })
		}
	}
	// says has the server list others from a call on.
	says := func(first int, list func(d *directory, call int) string) func(*directory, int) *response {
		return func(d *directory, call int) *response {
			if call < first {
				return nil
			}
			instead := jsonResponse(http.StatusOK, list(d, call))
			return &instead
		}
	}
	type row struct {
		users           int
		upper, ordinary int // 0 for the default
		finite          bool
		// before and between come before a response and between the server's two queries, instead in its place.
		before, between func(d *directory, call int)
		instead         func(d *directory, call int) *response
		// calls are how many the read takes; err is why it fails.
		calls int
		err   string
	}
	each(t, map[string]row{
		"a user who comes between the rows and their number": {users: 120, calls: 2, between: func(d *directory, call int) {
			if call == 0 {
				d.add(500, nil)
			}
		}},
		"a user goes between the rows and their number":                  {users: 51, finite: true, calls: 3, between: goes(0, 7, 8)},
		"the first of two users goes between the rows and their number":  {users: 2, finite: true, ordinary: 1, calls: 8, between: goes(0, 0, 1)},
		"a user goes between the rows and their number on the last page": {users: 90, upper: 40, finite: true, calls: 4, between: goes(1, 7, 8)},
		"users above go":       {users: 250, finite: true, calls: 5, before: goes(1, 0, 10)},
		"all who were read go": {users: 120, finite: true, calls: 4, before: goes(1, 0, 50)},
		"all who follow go":    {users: 120, finite: true, calls: 3, before: goes(1, 50, 120)},
		"users go faster than they are read": {users: 120, finite: true, err: "changes faster", calls: 40, instead: says(1, func(_ *directory, call int) string {
			return fmt.Sprintf(`{"users":[{"_id":"z%09d"}],"total":5000,"success":true}`, call)
		})},
		"the same page for every offset": {users: 120, finite: true, err: "changes faster", calls: 12, instead: says(0, func(*directory, int) string {
			return `{"users":[{"_id":"a"},{"_id":"b"}],"total":5000,"success":true}`
		})},
		"nobody": {err: "lists no users", calls: 1},
	}, func(t *testing.T, tc row) {
		d := newDirectory(t, tc.users)
		d.finite, d.between = tc.finite, tc.between
		d.upper, d.ordinary = cmp.Or(tc.upper, d.upper), cmp.Or(tc.ordinary, d.ordinary)
		d.change = func(d *directory, call int, _ string) *response {
			if tc.before != nil {
				tc.before(d, call)
			}
			if tc.instead != nil {
				return tc.instead(d, call)
			}
			return nil
		}
		var throughout []string
		for _, u := range d.users {
			throughout = append(throughout, idOf(u))
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
			if id := idOf(u); slices.Contains(throughout, id) && !slices.Contains(got, id) {
				t.Errorf("%s was there throughout, and is missing", id)
			}
		}
	})
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
	type row struct {
		response            response
		old                 bool
		reason              error
		permission, setting string
	}
	each(t, map[string]row{
		"no view-d-room":                {response: coded, reason: rocketchat.ErrNoPermission},
		"the setting":                   {response: jsonResponse(403, `{"success":false,"error":"unauthorized"}`), reason: rocketchat.ErrNoPermission, permission: "view-outside-room", setting: outside},
		"the setting, 9.0":              {response: jsonResponse(403, `{"success":false,"error":"forbidden"}`), reason: rocketchat.ErrNoPermission, permission: "view-outside-room", setting: outside},
		"either, before 6.8":            {response: jsonResponse(403, `{"success":false,"error":"unauthorized"}`), old: true, reason: rocketchat.ErrNoPermission, setting: outside},
		"not logged in":                 {response: jsonResponse(401, `{"success":false,"error":"You must be logged in to do this."}`), reason: rocketchat.ErrNotLoggedIn},
		"not logged in, 6.14":           {response: jsonResponse(401, `{"status":"error","message":"You must be logged in to do this."}`), reason: rocketchat.ErrNotLoggedIn},
		"parameters, without a suffix":  {response: jsonResponse(400, `{"success":false,"errorType":"error-invalid-params","error":"must NOT have additional properties"}`), reason: rocketchat.ErrInvalidParameters},
		"an account without a username": {response: response{status: 500, contentType: "text/plain", body: "Internal Server Error"}},
	}, func(t *testing.T, tc row) {
		d := newDirectory(t, 3)
		d.old = tc.old
		d.change = func(_ *directory, _ int, route string) *response {
			if tc.old && route == "users.listByStatus" {
				return nil
			}
			return &tc.response
		}
		listing, err := newClient(t, d, func(c *rocketchat.Config) { c.MaxRetries = 0 }).Users(t.Context(), nil)
		e := as[*rocketchat.ResponseError](t, err)
		if e.Reason != tc.reason || e.Permission != cmp.Or(tc.permission, "view-d-room") || e.Setting != tc.setting || listing != nil { //nolint:errorlint // the very reason
			t.Errorf("got %+v, want %+v", e, tc)
		}
	})
}

// TestUsers_staleListing is read again, unless it has been since.
func TestUsers_staleListing(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 20)
		c := newClient(t, d)
		read := func(stale *rocketchat.UserListing) *rocketchat.UserListing {
			listing, err := c.Users(t.Context(), stale)
			if err != nil {
				t.Error(err)
			}
			return listing
		}
		first := read(nil)
		second := read(first)
		if len(d.calls) != 4 || second == first {
			t.Error("a stale listing was handed out again")
		}
		if read(first) != second || len(d.calls) != 4 {
			t.Error("a listing read since was read again")
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
