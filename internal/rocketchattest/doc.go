// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package rocketchattest is a simulated Rocket.Chat workspace: an
// [net/http.Handler] that serves the routes that the provider calls as the
// server does, for tests, benchmarks and the command rocketchat-simulator.
//
//	w := rocketchattest.New(rocketchattest.Options{Synthetic: 743})
//	server := httptest.NewServer(w) // or, without a socket:
//	client := &http.Client{Transport: w.Transport()}
//
// It shares no code with the provider's client except the clock, so that it
// cannot share its mistakes. Each fact below states its source: measured on the
// code of releases 8.6.1 and 6.14 (M), read in the server's source (S), measured
// on the code of 8.6.1 with the changes that are to become a later release (R),
// or from the public documentation (D). The measured responses are in testdata,
// and a test replays them. Facts without a mark were measured.
//
// # Releases
//
// All differences between releases are in one table, release.go, with their
// sources; [Releases] lists the releases. The table contains the order of the
// checks, the texts of refusals, and what is remembered of a second factor.
//
// # Login, permission, license
//
// X-User-Id and X-Auth-Token must belong together; anything else is 401.
// list.all and info.admin require the permission view-device-management, logout
// requires logout-device-management, and sessions/list none. All require the
// license module device-management.
//
// # Rate limit
//
// By default, the limit is ten calls in 60 seconds for each route and client
// address, for all users together. The windows are fixed and common to all
// addresses. The first window of a route begins when the server starts, and each
// later one with the first call after the previous one has ended. Every counted
// response has X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset,
// which is in milliseconds of the server's clock. A refusal is 429 without
// Retry-After, and rounds the wait up to seconds. Refused codes count, and so
// does everything else that a release checks after the limit. An account with
// api-bypass-rate-limit has neither limit nor headers. The client address is
// X-Real-IP if sent, else that of the connection; X-Forwarded-For does not count
// unless the server knows its proxies.
//
// # Parameters
//
// Unknown names are refused, but a missing sessionId is refused first. offset
// and count may have a fraction, which is truncated. If count is absent, it is
// 50; above the workspace's maximum, 100, it is reduced to that, and the response
// has the reduced value. For sessions, the database refuses count=0, unless
// infinite counts are switched off: then it means the default. A negative offset
// is the beginning. A body that is not JSON counts as an empty one.
//
// # Lists of sessions
//
// Pages are cut from the list in descending order of loginAt. Rows with the same
// login time have no order (S): see [Options.SwapTies]. There is one row for
// each login token, that of its newest connection; [Options.Reconnections] and
// [Workspace.Relogin] make new ones. sessions/list returns the caller's own rows,
// without _user, and in newer releases with current.
//
// filter is a literal, whatever the documentation says, and ignores case by
// Unicode's simple folding. The server searches for it in one string of device
// name, device type, name of the operating system, session ID and user ID,
// without separators, and in the names of active users and bots with a username,
// of which the first five count. It searches all connections, and returns of each
// token the newest that it has found: the ID of an old connection finds that one,
// and a user ID the present connection of each of the user's tokens.
//
// # Users and roles
//
// users.list and users.listByStatus require view-d-room and, with the setting
// API_Apply_permission_view-outside-room_on_users-list, view-outside-room;
// roles.list only requires a login. None requires the license or a second
// factor, and each has a rate limit of its own. An account may do what its roles
// hold, as permissions.listAll shows it. users.list shows e-mail
// addresses, roles and the last login only to holders of
// view-full-other-user-info; users.listByStatus shows them to everybody.
// users.list omits users with neither username nor name (for such holders: nor
// e-mail address). count=0 returns everybody, whatever the upper limit, unless
// infinite counts are switched off; count in the response is the number of users.
// The order is by username, without a second key (S), or with sort={"_id":1} by
// ID, which is total. Releases after 8.6.1 are assumed to respond like it, except
// for the text of 403 (R).
//
// The users are those of the sessions, of the accounts and of [Options].
// [Workspace.CreateUser] adds and replaces users during a read. The sessions of a
// deleted user have none.
//
// # Permissions, settings and the own account
//
// These routes require neither the license nor a second factor, and each has a
// rate limit of its own. permissions.listAll and me require a login;
// settings.public does not. settings shows the public settings to every account,
// and the others to holders of view-privileged-setting (S), with the values of
// secrets in clear; nobody sees the hidden ones. Both have pages like the users,
// in ascending order of IDs, and _id of settings.public selects in releases after
// 6.14. settings/:_id requires view-privileged-setting; for an unknown or hidden
// setting, its response is a 400 without a text. me shows roles and whether a
// second factor is set up, never tokens and secrets, and also serves an account
// without a username in every release. There is no route for the second factor of
// another user.
//
// [Options.SettingValues], [Options.PermissionRoles] and [Options.Mandatory2FA]
// change the defaults, which are a part of the real ones.
//
// # Single sessions
//
// info.admin takes the ID as a regular expression, unescaped, matches it with the
// same string of all connections, ignoring case, and returns the newest match.
// Expressions are RE2 here and PCRE there. logout ends all sessions of the token,
// the present connection too if the ID is that of an old one; an ID that has ended
// is not an error, and an unknown one is 404.
//
// # Second factor
//
// The first method that the account has set up counts: TOTP, e-mail, or else the
// password, if there is one and the fallback is on. A request that names totp or
// email gets that method even if the account has not set it up, and then no code
// is right; other names count as none. TOTP codes from one step before to one
// step after are valid, any number of times; backup codes are valid once. The
// password is sent as its SHA-256 in hexadecimal. A mailed code is valid once,
// for an hour and five attempts. A request that needs a code makes the server
// mail one, unless there already is one; the server waits even five minutes
// longer than a code is valid, because it gets a sign wrong.
//
// After a second factor, the server remembers the token and the client address,
// for 1800 seconds by default. After a registration, it remembers the user for
// as long. Personal access tokens that ignore the second factor need none.
// Releases 8.5 to 8.6.0 do none of the three (S).
//
// # Around the API
//
// /api/info returns the major and minor release without a login. Bodies are
// chunked, JSON has no charset, and Date is always set, from the server's clock.
// Failures of the database are faults: [FaultDatabaseDown] and its neighbors.
//
// # Not simulated
//
// Settings do not change while a workspace runs, and no row expires. Nothing is slow by itself, not
// even the 401 of 6.14, which comes half a second to a second late. There is no
// login route: the tokens are those of the accounts. Logging in does not change a
// user's last login. Sessions keep the names that they have, whereas the server looks
// them up in each list, and users have no nicknames, which its filter also searches.
// Nothing is served that the provider never sends: other
// routes, methods and kinds of body, and parameters that narrow a list of users,
// permissions or settings, except _id. Every sort is refused as invalid, but that of users
// and settings by ID. me leaves most preferences out. The replay test lists
// the recordings of what is not served.
package rocketchattest
