// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Release is a Rocket.Chat release whose responses the workspace gives.
type Release string

// The releases that tests ask for by name. [Releases] has them all.
const (
	Release614 Release = "6.14"
	Release85  Release = "8.5"
	Release861 Release = "8.6.1"
	Release88  Release = "8.8"
	Release90  Release = "9.0"
)

// Releases are the releases that a workspace can have, oldest first.
func Releases() []Release {
	var releases []Release
	for _, b := range behaviors() {
		releases = append(releases, b.release)
	}
	return releases
}

// RemembersSecondFactor reports whether the release remembers a second factor, and
// lets tokens made to ignore it pass.
func (r Release) RemembersSecondFactor() bool { return !behaviorOf(r).forgetsSecondFactor }

// MailNames is what the release calls the owner of an account whom it mails a
// code: the username or the e-mail address.
func (r Release) MailNames(a Account) string { return behaviorOf(r).mailName(a) }

// MarksCurrent reports whether sessions/list says which session is the caller's.
func (r Release) MarksCurrent() bool { return behaviorOf(r).marksCurrent }

// version is what /api/info says about a release: major and minor alone (M).
func (r Release) version() string {
	return strings.Join(strings.Split(string(r), ".")[:2], ".")
}

// check is one of the checks that a request passes before it is acted on.
type check string

const (
	checkLogin        check = "login"
	checkPermission   check = "permission"
	checkLicense      check = "license"
	checkRateLimit    check = "rate limit"
	checkParameters   check = "parameters"
	checkSecondFactor check = "second factor"
)

// behavior is all that distinguishes a release from the others: handlers ask
// it, and nothing else knows a release by name. M is measured on that release's
// code, S read in its source; 8.8 and 9.0 are from the code that is to become
// them (R).
type behavior struct {
	release Release

	// checks are in their order (M; 8.8 and 9.0: R). What is refused before the
	// rate limit costs no call and carries none of its headers.
	checks []check
	// unauthorized is the body of 401 (M; 9.0: R, applyBreakingChanges).
	unauthorized string
	// noLicense refuses where the module device-management is missing (M).
	noLicense *response
	// databaseDown is the response when the query of the login check fails (M).
	databaseDown *response
	// permissionQuery is the response when the query of the permission check fails (M).
	permissionQuery *response

	// queryErrorType is errorType for a bad query; a bad body's is [bodyErrorType]
	// in all (M; 8.8 and 9.0: R, #41635).
	queryErrorType string
	// errorTypeInText has the text of both refusals end in their type, in brackets.
	errorTypeInText bool

	// usersChecks are the checks of the routes of users, roles and settings in their order,
	// which need neither license nor second factor (M; 8.8 and 9.0: as 8.6.1).
	usersChecks []check
	// usersQueryErrorType and usersErrorTypeInText are the same for these routes (M).
	usersQueryErrorType  string
	usersErrorTypeInText bool
	// undeclared are those of these routes that declare neither their permission nor
	// their parameters: they refuse with the bare text, and ignore what they do not
	// know (M; settings: S).
	undeclared []string
	// selectsSettings has settings.public select by _id (M).
	selectsSettings bool
	// listByStatusIsWhole has users.listByStatus leave out nobody, not even users
	// without any name, as users.list does (M).
	listByStatusIsWhole bool
	// forbidden is the bare text of 403 (M; 9.0: R).
	forbidden string

	// forgetsSecondFactor is the fault of 8.5 to 8.6.0, mended by #41065 (S): no
	// second factor is remembered, not after registration either, and a personal
	// access token made to ignore it has to give one.
	forgetsSecondFactor bool
	// memoryBoundToUserAgent remembers a second factor for the User-Agent too (M).
	memoryBoundToUserAgent bool
	// mailNamesUsername puts the username, not the e-mail address, into
	// emailOrUsername (R).
	mailNamesUsername bool

	// marksCurrent adds current to the rows of sessions/list, since 8.7 (R).
	marksCurrent bool

	// usernamelessFails returns 500 for a user without username (M).
	usernamelessFails bool
	// unknownRouteIsWebClient responds to an unknown route with 200 and the page of
	// the web client, instead of 404 (M).
	unknownRouteIsWebClient bool
	// overlooksSlashes takes doubled and trailing slashes for single ones (M).
	overlooksSlashes bool
	// saysMethodNotAllowed responds to another method with 405 and Allow, not 404 (M).
	saysMethodNotAllowed bool
	// compresses sends large responses compressed to who accepts gzip (M).
	compresses bool
}

// bodyErrorType is errorType for a bad body (M; 8.8: R).
const bodyErrorType = "invalid-params"

const unauthorizedText = "You must be logged in to do this."

// behaviors is the table of the releases, oldest first.
func behaviors() []behavior {
	v614 := behavior{
		release:                 Release614,
		checks:                  []check{checkLogin, checkRateLimit, checkParameters, checkPermission, checkSecondFactor, checkLicense},
		unauthorized:            `{"status":"error","message":"` + unauthorizedText + `"}`,
		noLicense:               plainError(http.StatusForbidden, "unauthorized"),
		databaseDown:            textResponse(http.StatusInternalServerError, "text/html", "Server error."),
		permissionQuery:         plainError(http.StatusBadRequest, "connection pool closed"),
		usersChecks:             []check{checkLogin, checkRateLimit, checkParameters, checkPermission},
		queryErrorType:          "invalid-params",
		usersQueryErrorType:     "invalid-params",
		usersErrorTypeInText:    true,
		undeclared:              []string{"users.list", "settings.public", "settings", settingRoute, "permissions.listAll"},
		forbidden:               "unauthorized",
		errorTypeInText:         true,
		memoryBoundToUserAgent:  true,
		unknownRouteIsWebClient: true,
		overlooksSlashes:        true,
		saysMethodNotAllowed:    true,
		compresses:              true,
	}
	v861 := behavior{
		release:             Release861,
		checks:              []check{checkLogin, checkPermission, checkLicense, checkRateLimit, checkParameters, checkSecondFactor},
		unauthorized:        `{"success":false,"error":"` + unauthorizedText + `","status":"error","message":"` + unauthorizedText + `"}`,
		noLicense:           typedError("This is an enterprise feature", "error-action-not-allowed", nil),
		databaseDown:        internalError,
		permissionQuery:     plainError(http.StatusInternalServerError, "Internal server error"),
		usersChecks:         []check{checkLogin, checkPermission, checkParameters, checkRateLimit},
		usersQueryErrorType: "error-invalid-params",
		listByStatusIsWhole: true,
		selectsSettings:     true,
		forbidden:           "unauthorized",
		queryErrorType:      "invalid-params",
		errorTypeInText:     true,
		usernamelessFails:   true,
	}

	v85 := v861
	v85.release = Release85
	v85.forgetsSecondFactor = true

	v88 := v861
	v88.release = Release88
	v88.checks = []check{checkLogin, checkPermission, checkLicense, checkParameters, checkRateLimit, checkSecondFactor}
	v88.queryErrorType = "error-invalid-params"
	v88.errorTypeInText = false
	v88.mailNamesUsername = true
	v88.marksCurrent = true

	v90 := v88
	v90.release = Release90
	v90.unauthorized = `{"success":false,"error":"` + unauthorizedText + `"}`
	v90.forbidden = "forbidden"

	return []behavior{v614, v85, v861, v88, v90}
}

func (b *behavior) mailName(a Account) string {
	if b.mailNamesUsername {
		return a.Username
	}
	return a.Email
}

// checksOf are the checks of a route in their order.
func (b *behavior) checksOf(r route) []check {
	if r.directory {
		return b.usersChecks
	}
	return b.checks
}

// leavesChecks reports whether the release leaves the checks of a route to its action.
func (b *behavior) leavesChecks(route string) bool { return slices.Contains(b.undeclared, route) }

// noPermission is the text that refuses whoever lacks a route's permission.
func (b *behavior) noPermission(route string) string {
	if b.leavesChecks(route) {
		return b.forbidden
	}
	return "User does not have the permissions required for this action [error-unauthorized]"
}

// behaviorOf is that of a release. It panics for one that is not in the
// table, which must not pass for another.
func behaviorOf(r Release) *behavior {
	all := behaviors()
	at := slices.IndexFunc(all, func(b behavior) bool { return b.release == r })
	if at < 0 {
		panic(fmt.Sprintf("rocketchattest: release %q is none of %q", r, Releases()))
	}
	return &all[at]
}
