// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"math"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// prefix is where the routes are.
const prefix = "/api/v1/"

// settingRoute is the route of one setting: the limiter counts all of them together.
const settingRoute = "settings/:_id"

// infoPath gives the release without a login.
const infoPath = "/api/info"

// route is one endpoint.
type route struct {
	name   string
	method string
	// permission is empty where none is needed.
	permission string
	twoFactor  bool
	// directory is a route of users, roles, permissions and settings, which go through
	// checks of their own.
	directory bool
	// public is a route that responds without a login.
	public bool
	// nameless is a route that serves a user without username in every release.
	nameless bool
	// parameters are those that it takes; nil is any.
	parameters []string
	required   string
	action     func(*Workspace, *exchange) *response
}

// routeOf finds the endpoint of a name.
func routeOf(name string) (*route, bool) {
	r := route{name: name, method: http.MethodGet}
	switch name {
	case "sessions/list":
		r.action = (*Workspace).listOwn
		r.parameters = []string{"filter", "sort", "count", "offset"}
	case "sessions/list.all":
		r.action = (*Workspace).listAll
		r.parameters = []string{"filter", "sort", "count", "offset"}
		r.permission, r.twoFactor = PermissionView, true
	case "sessions/info.admin":
		r.action = (*Workspace).infoAdmin
		r.parameters, r.required = []string{"sessionId"}, "sessionId"
		r.permission, r.twoFactor = PermissionView, true
	case "sessions/logout":
		r.method, r.action = http.MethodPost, (*Workspace).logout
		r.parameters, r.required = []string{"sessionId"}, "sessionId"
		r.permission, r.twoFactor = PermissionLogout, true
	case "users.list":
		r.action = (*Workspace).listUsers
		r.parameters = []string{"sort", "count", "offset"}
		r.permission, r.directory = PermissionViewRoom, true
	case "users.listByStatus":
		r.action = (*Workspace).listUsersByStatus
		r.parameters = []string{"sort", "count", "offset"}
		r.permission, r.directory = PermissionViewRoom, true
	case "roles.list":
		r.action = (*Workspace).listRoles
		r.directory = true
	case "settings.public":
		r.action = (*Workspace).listPublicSettings
		r.parameters = []string{"_id", "query", "sort", "count", "offset"}
		r.directory, r.public = true, true
	case "settings":
		r.action = (*Workspace).listSettings
		r.parameters = []string{"includeDefaults", "sort", "count", "offset"}
		r.directory = true
	case "permissions.listAll":
		r.action = (*Workspace).listPermissions
		r.parameters, r.directory = []string{}, true
	case "me":
		r.action = (*Workspace).showOwn
		r.directory, r.nameless = true, true
	default:
		id, found := strings.CutPrefix(name, "settings/")
		if !found || id == "" || strings.Contains(id, "/") {
			return nil, false
		}
		r.name, r.action = settingRoute, func(w *Workspace, _ *exchange) *response { return w.showSetting(id) }
		r.permission, r.directory = PermissionViewSettings, true
	}
	return &r, true
}

// response finds the route, goes through the release's checks in their order,
// and acts.
func (w *Workspace) response(x *exchange) *response {
	if refused := w.findRoute(x); refused != nil {
		return refused
	}
	for _, c := range w.behavior.checksOf(x.route) {
		if refused := w.check(c, x); refused != nil {
			return refused
		}
	}
	if x.fails(sessionsQuery) {
		return plainError(http.StatusBadRequest,
			"Executor error during aggregate command :: caused by :: operation exceeded time limit")
	}
	return x.route.action(w, x)
}

// check makes one of the release's checks.
func (w *Workspace) check(c check, x *exchange) *response {
	switch c {
	case checkLogin:
		return w.login(x)
	case checkPermission:
		return w.permission(x)
	case checkLicense:
		return w.license()
	case checkRateLimit:
		return w.limit(x)
	case checkParameters:
		return w.parameters(x)
	case checkSecondFactor:
		if x.route.twoFactor {
			return w.secondFactor(x)
		}
	}
	return nil
}

// findRoute responds to what reaches no endpoint: the web client's page, an
// unknown route, another method; and /api/info, which nothing is checked for.
func (w *Workspace) findRoute(x *exchange) *response {
	r := x.request
	p := r.URL.Path
	if w.behavior.overlooksSlashes {
		p = path.Clean("/" + strings.TrimLeft(p, "/"))
	}
	if !strings.HasPrefix(p, "/api/") {
		return webClientResponse()
	}
	if p == infoPath && r.Method == http.MethodGet {
		return w.info()
	}
	name, below := strings.CutPrefix(p, prefix)
	found, ok := routeOf(name)
	switch {
	case below && ok:
	case w.behavior.unknownRouteIsWebClient:
		return webClientResponse()
	default:
		return notFound()
	}
	x.route = found
	switch {
	case r.Method == found.method:
		return nil
	case w.behavior.saysMethodNotAllowed:
		x.header.Set("Allow", found.method+", OPTIONS")
		return textResponse(http.StatusMethodNotAllowed, typeJSON, `{"status":"error","message":"API endpoint does not exist"}`)
	default:
		return notFound()
	}
}

// info responds to /api/info as it does to whoever is not logged in (M).
func (w *Workspace) info() *response {
	return jsonResponse(http.StatusOK, struct {
		Version string `json:"version"`
		Success bool   `json:"success"`
	}{w.options.Release.version(), true})
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
	if !ok || !x.holds(u, token) {
		return w.behavior.notLoggedIn()
	}
	x.user, x.token = u, token
	x.record.Account = u.Username
	if u.NoUsername && w.behavior.usernamelessFails && !x.route.nameless {
		return internalError()
	}
	return nil
}

// holds reports whether a token is the user's, and notes whether it bypasses the
// second factor.
func (x *exchange) holds(u *user, token string) bool {
	if token == u.Token {
		return true
	}
	for _, further := range u.Tokens {
		if token == further.Token {
			x.bypass = further.BypassTwoFactor
			return true
		}
	}
	return false
}

func (w *Workspace) permission(x *exchange) *response {
	switch {
	case x.route.permission == "":
		return nil
	case x.fails(permissionsQuery):
		return w.behavior.permissionQuery
	case !w.can(x.user, x.route.permission):
		return plainError(http.StatusForbidden, w.behavior.noPermission(x.route))
	default:
		return nil
	}
}

func (w *Workspace) license() *response {
	if w.options.NoLicense {
		return w.behavior.noLicense
	}
	return nil
}

// limit counts the call and sets the three headers, except for who may bypass
// the limit.
func (w *Workspace) limit(x *exchange) *response {
	if w.options.RateLimit.Off || w.can(x.user, PermissionBypassLimit) {
		return nil
	}
	left, reset := w.limiter.call(x.route.name, clientAddress(x.request), x.now)
	x.header.Set("X-RateLimit-Limit", strconv.Itoa(w.options.RateLimit.Calls))
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
	if x.route.parameters == nil || w.behavior.leavesChecks(x.route) {
		return nil
	}
	if text := x.route.refuses(x.params); text != "" {
		return w.behavior.invalidParameters(text, x.route)
	}
	return nil
}
