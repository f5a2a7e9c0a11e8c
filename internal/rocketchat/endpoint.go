// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import "net/http"

// endpoint is a route of the API with its requirements.
type endpoint struct {
	method, path string
	// permission is the one that an error names if the server refuses for lack of it.
	permission string
	// secondFactor reports whether the route can demand one; no other route gets a code.
	secondFactor bool
	// licensed is a route of device management, where a bare "unauthorized" means
	// that the workspace's license lacks it.
	licensed bool
	// oneSession is a route about one session, which returns 404 for an unknown one. On
	// any other route, a 404 means that there is no such route.
	oneSession bool
	// idempotent reports that a POST can be repeated after it may have been executed.
	idempotent bool
	// oneSetting is a route about one setting, which returns 400 without a text for an
	// unknown or a hidden one.
	oneSetting bool
	// bare is the meaning of a 403 without a code; nil if unknown.
	bare *restriction
	// public is a route that responds without a login: it gets no credentials and no
	// retries.
	public bool
}

// restriction is a missing permission, and a setting that may be the cause.
type restriction struct{ permission, setting string }

func (e endpoint) String() string { return e.method + " " + e.path }

// Permissions, as Administration shows them.
const (
	permissionView   = "view-device-management"
	permissionLogout = "logout-device-management"
	permissionUsers  = "view-d-room"
	// permissionSettings shows settings that are not public.
	permissionSettings = "view-privileged-setting"
	// permissionOutside is needed where settingOutside is on, which is off by default.
	permissionOutside = "view-outside-room"
	settingOutside    = "API_Apply_permission_view-outside-room_on_users-list"
)

var (
	listAll = endpoint{
		method: http.MethodGet, path: "/api/v1/sessions/list.all",
		permission: permissionView, secondFactor: true, licensed: true,
	}
	listOwn   = endpoint{method: http.MethodGet, path: "/api/v1/sessions/list", licensed: true}
	infoAdmin = endpoint{
		method: http.MethodGet, path: "/api/v1/sessions/info.admin",
		permission: permissionView, secondFactor: true, licensed: true, oneSession: true,
	}
	logout = endpoint{
		method: http.MethodPost, path: "/api/v1/sessions/logout",
		permission: permissionLogout, secondFactor: true, licensed: true, oneSession: true,
		idempotent: true, // a session that has ended is ended again with 200
	}
	// usersByStatus names the permission view-d-room in a code, so that a refusal
	// without one is about the setting (6.14 and 8.6.1).
	usersByStatus = endpoint{
		method: http.MethodGet, path: "/api/v1/users.listByStatus", permission: permissionUsers,
		bare: &restriction{permissionOutside, settingOutside},
	}
	// usersList has a refusal without a code for either before 7.0 (6.14).
	usersList = endpoint{
		method: http.MethodGet, path: "/api/v1/users.list", permission: permissionUsers,
		bare: &restriction{permissionUsers, settingOutside},
	}
	rolesList       = endpoint{method: http.MethodGet, path: "/api/v1/roles.list"}
	permissionsList = endpoint{method: http.MethodGet, path: "/api/v1/permissions.listAll"}
	ownAccount      = endpoint{method: http.MethodGet, path: "/api/v1/me"}
	settingsPublic  = endpoint{method: http.MethodGet, path: "/api/v1/settings.public"}
	// settingByID is followed by the ID; the server limits the calls for all IDs together.
	settingByID = endpoint{
		method: http.MethodGet, path: "/api/v1/settings", permission: permissionSettings, oneSetting: true,
		bare: &restriction{permission: permissionSettings}, // 6.14
	}

	info = endpoint{method: http.MethodGet, path: "/api/info", public: true}
)
