// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package rocketchattest is a simulated Rocket.Chat workspace: an
// [net/http.Handler] that answers the routes that the provider calls as the
// server does, for tests, benchmarks and the command rocketchat-simulator.
//
//	w := rocketchattest.New(rocketchattest.Options{Synthetic: 743})
//	server := httptest.NewServer(w) // or, without a socket:
//	client := &http.Client{Transport: w.Transport()}
//
// It shares no code with the provider's client, so that the two cannot agree
// by construction. What it does is what follows; each fact says where it comes
// from: measured on the code of releases 8.6.1 and 6.14 (M), read in the
// server's source (S), measured on the code of 8.6.1 with the changes that are
// to become a later release (R), or from the public documentation (D). The
// measured answers are in testdata, and a test replays them. Facts without a
// mark were measured.
//
// # Releases
//
// What differs from release to release is in one table, release.go, with its
// sources; [Releases] lists them. Order of the checks, texts of refusals, and
// what the second factor remembers are there.
//
// # Login, permission, licence
//
// X-User-Id and X-Auth-Token have to belong together; anything else is 401.
// 6.14 takes half a second to a second over its 401; the simulation does not.
// list.all and info.admin need the permission view-device-management, logout
// needs logout-device-management, sessions/list none. All need the licence
// module device-management.
//
// # Rate limit
//
// Ten calls in 60 seconds by default, for each route and client address, all
// users together. The windows are fixed. The first of a route begins when the
// server starts, each later one with the first call after the one before it
// has passed, and all addresses share them. Every counted answer carries
// X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset, which is in
// milliseconds of the server's clock; a refusal is 429 without Retry-After and
// rounds the wait up to seconds. Refused codes count, and so does whatever else
// a release checks after the limit. Whoever holds api-bypass-rate-limit has neither limit nor headers. The client address
// is X-Real-IP where sent, else the connection's; X-Forwarded-For does not
// count unless the server is told of its proxies.
//
// # Parameters
//
// Unknown names are refused, and a missing sessionId before them. offset and
// count are read as JavaScript reads numbers: 1e2, 0x10 and " 1" are numbers,
// 1.5 is cut to 1, an empty text is none. count absent is 50; above the
// workspace's maximum, 100, it is cut to it, and the cut figure is answered.
// count=0 is refused by the database unless infinite counts are switched off,
// and then is the default. A negative offset is the beginning. A body has to
// be JSON; broken JSON counts as an empty one, unless the release checks the
// decoding first: then it is 500.
//
// # Lists
//
// Pages are cut from the list in descending order of loginAt. Rows of equal
// login time have no order among them (S): see [Options.SwapTies]. sort orders
// within the page. One row stands for each login token, that of its newest
// connection. sessions/list shows the caller's own rows, without _user, and in
// newer releases with current.
//
// filter is a literal, whatever the documentation says, and ignores case by
// Unicode's simple folding. It is looked for in one string of device name,
// device type, name of the operating system, session id and user id, with
// nothing between them, and in the names of active users, of whom the first
// five count.
//
// # Users and roles
//
// users.list and users.listByStatus need view-d-room, and, with the setting
// API_Apply_permission_view-outside-room_on_users-list, view-outside-room;
// roles.list needs a login alone. None needs the licence or a second factor, and
// each has a rate limit of its own. users.list shows e-mail addresses, roles and
// the last login to holders of view-full-other-user-info only; users.listByStatus
// shows them to everybody. users.list leaves out users with neither username nor
// name, nor, for such holders, an e-mail address. count=0 is everybody, whatever
// the upper limit, unless infinite counts are switched off; count in the answer
// is the number of users. The order is by username, with no second key (S), until
// sort names another; sort={"_id":1} is total. Later releases than 8.6.1 are taken
// to answer like it, but for the text of 403 (R).
//
// Users are those of the sessions, of the accounts and of [Options]. They change
// by [Workspace.CreateUser] and its neighbours while a read goes on; sessions show
// their users as they are at the time. Whoever is deleted leaves their sessions
// behind, and can no longer log in.
//
// # Single sessions
//
// info.admin takes the id as a regular expression, unescaped, matches it with
// the same string, ignoring case, and answers the newest match. Expressions
// are RE2 here and PCRE there; the errors have PCRE's words. logout ends all
// sessions of the token; an id that has ended is no error, one that never was
// is 404.
//
// # Second factor
//
// The first method that the account has set up counts: TOTP, e-mail, else the
// password, if there is one and the fallback is on. A request that names totp
// or email gets that method, even where the account has not set it up, and then
// no code is right; other names count as none. TOTP codes of one step before
// until one step after are good, any number of times, backup codes once. The
// password goes as its SHA-256 in hexadecimal. An e-mailed code is good once,
// for an hour and five attempts; a request that needs one has it mailed, and
// not again while there is one; five minutes longer, even, than that one is
// good, because the server gets a sign wrong.
//
// Who passes is remembered for 1800 seconds by default, for the token and the
// client address. A user is remembered after registration for as long.
// Personal access tokens made to ignore the second factor do. Releases 8.5 to
// 8.6.0 do none of the three (S).
//
// # Around the API
//
// /api/info tells major and minor release without a login. Bodies come chunked,
// JSON without a charset, and Date always, from the server's clock. Failures of
// the database are faults: [FaultDatabaseDown] and its neighbours.
//
// # Not simulated
//
// Settings do not change while a workspace runs. Nothing is slow of itself.
// There is no login route: the tokens are those of the accounts. Logging in does
// not change a user's last login. users.listByStatus takes no parameter that
// narrows the list, and users.list ignores query and fields on every release; sort
// of users knows few fields. Routes, methods
// and kinds of body that the provider never uses are not served; the replay test
// lists their recordings.
package rocketchattest
