// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
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

// defaultCount is API_Default_Count.
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

// add lists a user with an id of that number.
func (d *directory) add(n int, more map[string]any) {
	user := map[string]any{
		"_id": userID(n), "username": "user." + strconv.Itoa(n), "type": "user", "active": true, "roles": []string{"user"},
		"emails": []any{map[string]any{"address": "canary@example.invalid"}},
	}
	maps.Copy(user, more)
	d.users = append(d.users, user)
}

// remove takes out the users that match.
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
