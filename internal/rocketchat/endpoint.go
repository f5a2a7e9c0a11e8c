// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import "net/http"

// endpoint is a route of the API with what it asks of the account.
type endpoint struct {
	method, path string
	// permission is named when the server refuses for want of it.
	permission string
	// secondFactor tells whether the route demands one; a code is sent nowhere else.
	secondFactor bool
	// public is a route that answers without a login: it gets no credentials, and
	// is asked once.
	public bool
}

func (e endpoint) String() string { return e.method + " " + e.path }

// Permissions, as Administration shows them.
const (
	permissionView   = "view-device-management"
	permissionLogout = "logout-device-management"
	permissionUsers  = "view-d-room"
)

var (
	listAll = endpoint{
		method: http.MethodGet, path: "/api/v1/sessions/list.all",
		permission: permissionView, secondFactor: true,
	}
	listOwn   = endpoint{method: http.MethodGet, path: "/api/v1/sessions/list"}
	infoAdmin = endpoint{
		method: http.MethodGet, path: "/api/v1/sessions/info.admin",
		permission: permissionView, secondFactor: true,
	}
	logout = endpoint{
		method: http.MethodPost, path: "/api/v1/sessions/logout",
		permission: permissionLogout, secondFactor: true,
	}
	usersByStatus = endpoint{method: http.MethodGet, path: "/api/v1/users.listByStatus", permission: permissionUsers}
	usersList     = endpoint{method: http.MethodGet, path: "/api/v1/users.list", permission: permissionUsers}
	rolesList     = endpoint{method: http.MethodGet, path: "/api/v1/roles.list"}

	info = endpoint{method: http.MethodGet, path: "/api/info", public: true}
)
