// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
)

// FaultFunc decides whether the n-th request, counted from 0, gets another
// response than the workspace's: nil is the normal response, a handler responds
// instead. next is the normal response.
type FaultFunc func(n int, r *http.Request, next http.Handler) http.Handler

// OnlyRequests limits a fault to the requests of those numbers.
func OnlyRequests(fault FaultFunc, numbers ...int) FaultFunc {
	return func(n int, r *http.Request, next http.Handler) http.Handler {
		if !slices.Contains(numbers, n) {
			return nil
		}
		return fault(n, r, next)
	}
}

// query is one of the database's.
type query string

const (
	usersQuery       query = "users"
	permissionsQuery query = "permissions"
	sessionsQuery    query = "sessions"
)

type failingKey struct{}

// fails reports whether a query is to fail for this request.
func (x *exchange) fails(q query) bool { return x.request.Context().Value(failingKey{}) == q }

func failing(q query) FaultFunc {
	return func(_ int, _ *http.Request, next http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(rw, r.WithContext(context.WithValue(r.Context(), failingKey{}, q)))
		})
	}
}

var (
	// FaultDatabaseDown is a workspace whose database does not respond: the first
	// query, that of the login check, fails with 500.
	FaultDatabaseDown = failing(usersQuery)
	// FaultPermissionQuery has the query of the permission check fail: 500 with
	// JSON in 8.6.1, 400 with the driver's text in 6.14.
	FaultPermissionQuery = failing(permissionsQuery)
	// FaultSessionsQuery has the query of the sessions fail, after all checks have
	// passed: 400 with the driver's text and no errorType.
	FaultSessionsQuery = failing(sessionsQuery)
)

// FaultResponse responds as something in front of the workspace might.
func FaultResponse(status int, header http.Header, body string) FaultFunc {
	return func(int, *http.Request, http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			for name, values := range header {
				rw.Header()[name] = slices.Clone(values)
			}
			rw.WriteHeader(status)
			_, _ = rw.Write([]byte(body))
		})
	}
}

// FaultRedirect sends the client elsewhere.
func FaultRedirect(status int, location string) FaultFunc {
	return FaultResponse(status, http.Header{"Location": {location}}, "")
}

// FaultTruncated breaks the connection off in the middle of the normal response.
func FaultTruncated(_ int, _ *http.Request, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		whole := httptest.NewRecorder()
		next.ServeHTTP(whole, r)
		maps.Copy(rw.Header(), whole.Header())
		rw.WriteHeader(whole.Code)
		_, _ = rw.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(rw).Flush()
		panic(http.ErrAbortHandler)
	})
}

// FaultHangUp breaks the connection off before the response.
func FaultHangUp(int, *http.Request, http.Handler) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}

// FaultSilence never responds; it ends when the client gives up.
func FaultSilence(int, *http.Request, http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	})
}
