// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// route is an endpoint.
type route struct {
	// method is GET unless set.
	method string
	action func(*Workspace, *exchange) *response
	// permission is empty where none is needed.
	permission string
	twoFactor  bool
	// parameters are those that it takes; nil is any.
	parameters []string
	// directory is a route of users, roles, permissions and settings, which go through
	// checks of their own.
	directory bool
	// public is a route that responds without a login.
	public bool
	// nameless is a route that serves a user without username in every release.
	nameless bool
}

// settingRoute is the route of one setting: the limiter counts all of them together.
const settingRoute = "settings/:_id"

// routes are the endpoints, by their names below /api/v1.
var routes = map[string]route{
	"sessions/list": {action: (*Workspace).listOwn, parameters: []string{"filter", "sort", "count", "offset"}},
	"sessions/list.all": {
		action: (*Workspace).listAll, parameters: []string{"filter", "sort", "count", "offset"},
		permission: PermissionView, twoFactor: true,
	},
	"sessions/info.admin": {
		action: (*Workspace).infoAdmin, parameters: []string{"sessionId"}, permission: PermissionView, twoFactor: true,
	},
	"sessions/logout": {
		method: http.MethodPost, action: (*Workspace).logout, parameters: []string{"sessionId"},
		permission: PermissionLogout, twoFactor: true,
	},
	"users.list": {
		action: (*Workspace).listUsers, parameters: []string{"sort", "count", "offset"},
		permission: PermissionViewRoom, directory: true,
	},
	"users.listByStatus": {
		action: (*Workspace).listUsersByStatus, parameters: []string{"sort", "count", "offset"},
		permission: PermissionViewRoom, directory: true,
	},
	"roles.list": {action: (*Workspace).listRoles, directory: true},
	"settings.public": {
		action: (*Workspace).listPublicSettings, parameters: []string{"_id", "query", "sort", "count", "offset"},
		directory: true, public: true,
	},
	"settings": {
		action: (*Workspace).listSettings, parameters: []string{"includeDefaults", "sort", "count", "offset"}, directory: true,
	},
	settingRoute:          {action: (*Workspace).showSetting, permission: PermissionViewSettings, directory: true},
	"permissions.listAll": {action: (*Workspace).listPermissions, parameters: []string{}, directory: true},
	"me":                  {action: (*Workspace).showOwn, directory: true, nameless: true},
}

// response finds the route, goes through the release's checks in their order,
// and acts.
func (w *Workspace) response(x *exchange) *response {
	if refused := w.findRoute(x); refused != nil {
		return refused
	}
	for _, c := range w.behavior.checksOf(x.route) {
		if refused := checks[c](w, x); refused != nil {
			return refused
		}
	}
	if x.fails(sessionsQuery) {
		return plainError(http.StatusBadRequest,
			"Executor error during aggregate command :: caused by :: operation exceeded time limit")
	}
	return x.route.action(w, x)
}

// checks are what the checks of a release do.
var checks = map[check]func(*Workspace, *exchange) *response{
	checkLogin:        (*Workspace).login,
	checkPermission:   (*Workspace).permission,
	checkLicense:      (*Workspace).license,
	checkRateLimit:    (*Workspace).limit,
	checkParameters:   (*Workspace).parameters,
	checkSecondFactor: (*Workspace).secondFactor,
}

// findRoute responds to what reaches no endpoint: the web client's page, an
// unknown route, another method; and /api/info, which nothing is checked for.
func (w *Workspace) findRoute(x *exchange) *response {
	p := x.request.URL.Path
	if w.behavior.overlooksSlashes {
		p = path.Clean("/" + strings.TrimLeft(p, "/"))
	}
	if !strings.HasPrefix(p, "/api/") {
		return webClient
	}
	if p == "/api/info" && x.request.Method == http.MethodGet {
		return w.info()
	}
	name, below := strings.CutPrefix(p, "/api/v1/")
	if id, ok := strings.CutPrefix(name, "settings/"); ok && id != "" && !strings.Contains(id, "/") {
		name = settingRoute
	}
	found, ok := routes[name]
	method := cmp.Or(found.method, http.MethodGet)
	switch known := below && ok; {
	case known && x.request.Method == method:
		x.name, x.route = name, found
		return nil
	case known && w.behavior.saysMethodNotAllowed:
		x.header.Set("Allow", method+", OPTIONS")
		return textResponse(http.StatusMethodNotAllowed, typeJSON, `{"status":"error","message":"API endpoint does not exist"}`)
	case !known && w.behavior.unknownRouteIsWebClient:
		return webClient
	default:
		return notFound
	}
}

// info responds to /api/info as it does to whoever is not logged in (M).
func (w *Workspace) info() *response {
	return jsonResponse(http.StatusOK, fields{"version": w.options.Release.version(), "success": true})
}

// login finds the user of the two headers. A public route takes whoever it does not know
// for nobody.
func (w *Workspace) login(x *exchange) *response {
	if refused := w.findUser(x); refused != nil && !x.route.public {
		return refused
	}
	return nil
}

func (w *Workspace) findUser(x *exchange) *response {
	id, token := x.request.Header.Get("X-User-Id"), x.request.Header.Get("X-Auth-Token")
	if id == "" || token == "" {
		return w.behavior.notLoggedIn()
	}
	if x.fails(usersQuery) {
		return w.behavior.databaseDown
	}
	u, ok := w.accounts[id]
	if !ok {
		return w.behavior.notLoggedIn()
	}
	at := slices.IndexFunc(u.Tokens, func(further AuthToken) bool { return further.Token == token })
	if at < 0 && token != u.Token {
		return w.behavior.notLoggedIn()
	}
	x.user, x.token, x.bypass = u, token, at >= 0 && u.Tokens[at].BypassTwoFactor
	x.record.Account = u.Username
	if u.NoUsername && w.behavior.usernamelessFails && !x.route.nameless {
		return internalError
	}
	return nil
}

func (w *Workspace) permission(x *exchange) *response {
	switch {
	case x.route.permission == "":
		return nil
	case x.fails(permissionsQuery):
		return w.behavior.permissionQuery
	case !w.can(x.user, x.route.permission):
		return plainError(http.StatusForbidden, w.behavior.noPermission(x.name))
	default:
		return nil
	}
}

func (w *Workspace) license(*exchange) *response {
	if w.options.NoLicense {
		return w.behavior.noLicense
	}
	return nil
}

// window is one of a route's rate limit: all client addresses share it, and each has calls of its own.
type window struct {
	began time.Time
	calls map[string]int
}

// limit counts the call, as Meteor's rate limiter does, and sets the three headers, except for who
// may bypass the limit.
func (w *Workspace) limit(x *exchange) *response {
	limit := w.options.RateLimit
	if limit.Off || w.can(x.user, PermissionBypassLimit) {
		return nil
	}
	current, ok := w.windows[x.name]
	if !ok {
		current = window{w.started, map[string]int{}}
	}
	if x.now.Sub(current.began) > limit.Window {
		current = window{x.now, map[string]int{}}
	}
	w.windows[x.name] = current
	address, reset := clientAddress(x.request), current.began.Add(limit.Window)
	current.calls[address]++
	left := limit.Calls - current.calls[address]
	x.header.Set("X-RateLimit-Limit", strconv.Itoa(limit.Calls))
	x.header.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	x.header.Set("X-RateLimit-Reset", strconv.FormatInt(reset.UnixMilli(), 10))
	if left >= 0 {
		return nil
	}
	return plainError(http.StatusTooManyRequests, fmt.Sprintf("Error, too many requests. Please slow down. "+
		"You must wait %.0f seconds before trying this endpoint again. [error-too-many-requests]",
		math.Ceil(reset.Sub(x.now).Seconds())))
}

// parameters checks query or body, where the route declares what it takes.
func (w *Workspace) parameters(x *exchange) *response {
	x.params = x.given()
	if x.route.parameters == nil || w.behavior.leavesChecks(x.name) {
		return nil
	}
	if text := x.route.refuses(x.params); text != "" {
		return w.behavior.invalidParameters(text, x.route)
	}
	return nil
}

// given are the parameters of a request: those of its query, or for POST those
// of its JSON body, as text. Any other body counts as empty.
func (x *exchange) given() url.Values {
	r := x.request
	if r.Method != http.MethodPost {
		query, _ := url.ParseQuery(r.URL.RawQuery)
		return query
	}
	body := url.Values{}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), typeJSON) {
		return body
	}
	var fields map[string]any
	_ = json.Unmarshal(x.record.Body, &fields)
	for name, v := range fields {
		text := ""
		if v != nil {
			text = fmt.Sprint(v)
		}
		body.Set(name, text)
	}
	return body
}

// refuses checks parameters as the server's validator does: required ones, then
// unknown ones, then types. It returns the validator's text, or an empty one.
func (r *route) refuses(given url.Values) string {
	if slices.Contains(r.parameters, "sessionId") && !given.Has("sessionId") {
		return "must have required property 'sessionId'"
	}
	for name := range given {
		if !slices.Contains(r.parameters, name) {
			return "must NOT have additional properties"
		}
	}
	for name, values := range given {
		text, once := values[0], len(values) == 1
		switch _, err := parseNumber(text); {
		case name != "count" && name != "offset":
			if !once {
				return "must be string"
			}
		case !once || err != nil:
			return "must be number"
		}
	}
	return ""
}

// parseNumber reads a decimal number, and cuts it to an integer.
func parseNumber(text string) (int, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return int(n), err
}

// pagination reads offset and count as getPaginationItems does.
func (w *Workspace) pagination(params url.Values) (offset, count int) {
	offset, _ = parseNumber(params.Get("offset"))
	count, err := parseNumber(params.Get("count"))
	if err != nil {
		count = w.options.DefaultCount
	}
	count = min(count, w.options.UpperCount)
	if count == 0 && w.options.DisallowInfiniteCount {
		count = w.options.DefaultCount
	}
	return offset, count
}
