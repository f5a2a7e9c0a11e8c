// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build !race

package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// routeFaults happen to each of these routes, on every call.
var routeFaults = []struct {
	what     string
	response response
}{
	{"closed before the response", response{err: io.ErrUnexpectedEOF}},
	{"no body", jsonResponse(200, "")},
	{"an empty object", jsonResponse(200, "{}")},
	{"half of the JSON", jsonResponse(200, `{"users":[{"_id":"a"`)},
	{"an empty list", jsonResponse(200, `{"users":[],"roles":[],"update":[],"settings":[],"total":0,"success":true}`)},
	{"a row without an ID", jsonResponse(200, `{"users":[{"roles":[]}],"roles":[{"name":"a"}],"update":[{"roles":[]}],"settings":[{"value":1}],"total":1,"success":true}`)},
	{"`null` instead of a list", jsonResponse(200, `{"users":null,"roles":null,"update":null,"settings":null,"total":0,"success":true}`)},
	{"`success:false` with 200", jsonResponse(200, `{"success":false,"error":"no"}`)},
	{"HTML with 200", response{status: 200, contentType: "text/html", body: "<html><title>Sign in</title></html>"}},
	{"HTML with 404", response{status: 404, contentType: "text/html", body: "<html></html>"}},
	{"400 without a text", jsonResponse(400, `{"success":false}`)},
	{"401", jsonResponse(401, `{"status":"error","message":"You must be logged in to do this."}`)},
	{"403 without a code", jsonResponse(403, `{"success":false,"error":"unauthorized"}`)},
	{"403 from a gateway", jsonResponse(403, `{"message":"Forbidden"}`)},
	{"429 without headers, whose text says 42 seconds", jsonResponse(429, `{"success":false,"error":"You must wait 42 seconds"}`)},
	{"429 from a gateway", response{status: 429, contentType: "text/html", header: http.Header{"Retry-After": {"9"}}}},
	{"500 with text", response{status: 500, contentType: "text/plain", body: "Internal Server Error"}},
	{"502 with HTML", response{status: 502, contentType: "text/html", body: "<html></html>"}},
}

// routeOutcome is what a fault of a route leads to.
func routeOutcome(t *testing.T, route string, fault response, read func(context.Context, *rocketchat.Client) error) (got outcome) {
	t.Helper()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{})
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/api/v1/"+route) {
				return w.Transport().RoundTrip(r)
			}
			got.calls++
			return fault.response(r)
		})
		ctx, cancel := context.WithTimeout(t.Context(), readTimeout)
		defer cancel()
		err := read(ctx, newClient(t, transport, account(w, "none")))
		got.wait = time.Since(start).Round(time.Second)
		if errors.Is(err, rocketchat.ErrNoSetting) {
			got.errs = []string{"ErrNoSetting"}
		} else if err != nil {
			got.errs = []string{typeName(err)}
		}
	})
	return got
}

// otherRoutesMarkdown is the part of FAULTS.md about the other routes.
func otherRoutesMarkdown(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("\n## Other routes\n\nThe same for the reads of users, roles, permissions, the own account and settings. Each fault happens on every call.\nWhere there is no `users.listByStatus`, `users.list` is read.\n\n| fault |")
	for _, of := range otherReads {
		fmt.Fprintf(&b, " `%s` |", of.route)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(otherReads)) + "\n")
	for _, fault := range routeFaults {
		fmt.Fprintf(&b, "| %s |", fault.what)
		for _, of := range otherReads {
			fmt.Fprintf(&b, " %s |", routeOutcome(t, of.route, fault.response, of.read))
		}
		b.WriteString("\n")
	}
	return b.String()
}
