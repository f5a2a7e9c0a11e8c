// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

var updatePages = flag.Bool("update", false, "write FAULTS.md")

var faultMoments = map[string]int{"first page": 0, "later page": 1}

// TestFaults reads one page at a time, so that calls and waits can be counted; in a short run, each fault
// happens at the first page, once or always in turn.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, group := range faultGroups(t) {
		for i, row := range group.rows {
			t.Run(group.title+"/"+row.what, func(t *testing.T) {
				t.Parallel()
				row.test(t, i%2 == 0 || !testing.Short(), i%2 == 1 || !testing.Short())
			})
		}
	}
}

func (row *faultRow) test(t *testing.T, once, always bool) {
	t.Helper()
	for moment, from := range faultMoments {
		if from > 0 && (row.fromTheFirst || testing.Short()) {
			continue
		}
		if once {
			t.Run("once/"+moment, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) { row.run(t, from, row.once, func(call int) bool { return call == from }) })
			})
		}
		if always {
			t.Run("always/"+moment, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) { row.run(t, from, row.always, func(call int) bool { return call >= from }) })
			})
		}
	}
}

func (row *faultRow) run(t *testing.T, from int, want outcome, during func(int) bool) {
	t.Helper()
	s := row.stage(t, during)
	r := reading(t, s.client(t, row, 1))
	s.allOrNothing(t, r)
	got := outcome{calls: s.proxy.count(), wait: time.Since(start).Round(time.Second)}
	if got.calls > 60 {
		t.Errorf("%d calls for a list of %d pages", got.calls, faultPages)
	}
	if r.err != nil {
		got.errs = []string{typeName(r.err)}
		got.calls -= from
		told := reflect.ValueOf(r.err).Elem().FieldByName("Attempts")
		if told.IsValid() && told.Int() != 0 && want.calls > 0 && int(told.Int()) != got.calls {
			t.Errorf("the error reports %d attempts, and there were %d", told.Int(), got.calls)
		}
		if transport, ok := errors.AsType[*rocketchat.TransportError](r.err); row.slow && ok &&
			(transport.Timeout != slowTimeout || !strings.Contains(r.err.Error(), "request timeout")) {
			t.Errorf("%+v, want the request timeout", *transport)
		}
		if slices.Contains(want.errs, got.errs[0]) {
			got.errs = want.errs
		}
	}
	if want.calls == 0 {
		got.calls = 0
	}
	if got.String() != want.String() {
		t.Errorf("%s, want %s: %v", got, want, r.err)
	}
}

// TestFaults_page: the page is the table.
func TestFaults_page(t *testing.T) {
	t.Parallel()
	const faultsPage = "FAULTS.md"
	want := faultsMarkdown(t)
	if *updatePages {
		if err := os.WriteFile(faultsPage, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(faultsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: run go test ./internal/rocketchat -run TestFaults_page -update", faultsPage)
	}
}

const faultsIntroduction = `<!-- Written by go test ./internal/rocketchat -run TestFaults_page -update; do not edit. -->

# Faults

This page shows how a read of the session list ends when the network, a gateway or the workspace fails. Each
row is a test (` + "`fault_table_test.go` and `fault_shapes_test.go`" + `), run against a
workspace of %d sessions, which is %d pages and %[2]d calls without a fault:

- the fault happens **once**, on the first page and on a later one;
- the fault happens on every call **from then on**, beginning with the first page and with a later one;
- the same happens with four concurrent requests;
- if the provider waits or retries, the read is canceled meanwhile, and returns at once.

Each cell states the outcome: the complete result, every field of which is correct, or the type of the error
(see [errors.go](errors.go)); then the number of calls, for the whole read or for the page
that failed, and how long the provider waited. No read returns part of the list, and none hangs: each ends
within the read's timeout of %s.

`

func faultsMarkdown(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, faultsIntroduction, faultRows, faultPages, readTimeout)
	number := 0
	for _, group := range faultGroups(t) {
		fmt.Fprintf(&b, "## %s\n\n| | fault | once | from then on |\n|---|---|---|---|\n", group.title)
		for _, row := range group.rows {
			number++
			fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", number, row.what, row.once, row.always)
		}
		b.WriteString("\n")
	}
	b.WriteString("## The list\n\nInconsistent pages, and lists that change during the read.\n\n| | fault | once | from then on |\n|---|---|---|---|\n")
	for _, row := range listFaults() {
		number++
		once := "–"
		if row.page != nil {
			once = listOutcome(row.once)
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", number, row.what, once, listOutcome(row.always))
	}
	fmt.Fprintf(&b, "\n## Every field\n\nEvery response has one field of the first page in a form that the API does not use. %q means `MalformedError` after\n%d calls. %q means the complete result, with null for a null or missing value, and U+FFFD for invalid UTF-8.\n\n| field |", "error", attempts, "complete")
	for _, shape := range shapes {
		fmt.Fprintf(&b, " %s |", shape.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(shapes)) + "\n")
	for _, field := range shapedFields {
		fmt.Fprintf(&b, "| `%s` |", field.path)
		for i := range shapes {
			cell := "–"
			if i < len(field.outcomes) {
				cell = map[byte]string{'u': "error", 'c': "complete"}[field.outcomes[i]]
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString(otherRoutesMarkdown(t))
	return b.String()
}

// listOutcome leaves the calls of a failure out: they depend on where it is found.
func listOutcome(o outcome) string {
	if len(o.errs) > 0 {
		return "`" + strings.Join(o.errs, "` or `") + "`"
	}
	return o.String()
}

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

// TestServerClock_proxyWithAnother: a proxy writes Date by its own clock, which is not
// the one that the limiter goes by; this machine may agree with either or with none.
// Four pages with a call each four seconds take twelve, and one call in vain at most,
// which does not count as a retry.
func TestServerClock_proxyWithAnother(t *testing.T) {
	t.Parallel()
	windows := []time.Duration{4 * time.Second, time.Minute}
	if testing.Short() {
		windows = windows[:1]
	}
	for _, window := range windows {
		for _, off := range []time.Duration{0, -10 * time.Second, 10 * time.Second, -2 * time.Minute, 2 * time.Minute, -time.Hour, time.Hour} {
			for _, skew := range []time.Duration{0, 3 * time.Second, -3 * time.Second, time.Hour, -time.Hour} {
				bubble(t, func(t *testing.T) {
					w := rocketchattest.New(rocketchattest.Options{
						Synthetic: 64, UpperCount: 20, ClockSkew: skew, RateLimit: rocketchattest.RateLimit{Calls: 1, Window: window},
					})
					proxy := roundTrip(func(r *http.Request) (*http.Response, error) {
						resp, err := w.Transport().RoundTrip(r)
						if err == nil {
							resp.Header.Set("Date", time.Now().Add(skew+off).UTC().Format(http.TimeFormat))
						}
						return resp, err
					})
					client := newClient(t, proxy, account(w, "viewonly"), func(c *rocketchat.Config) {
						c.MaxConcurrentRequests, c.MaxRetries = 1, 0
					})
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
					defer cancel()
					listing, err := client.WorkspaceSessions(ctx, "", everything)
					if err != nil || len(listing.Sessions) != 64 {
						t.Fatalf("window %v, proxy %v, server %v: %v", window, off, skew, err)
					}
					refused := count(w, http.StatusTooManyRequests)
					most := 3*(window+max(skew, 0)) + 6*time.Second
					if skew.Abs() >= time.Hour {
						// Neither clock is the limiter's: a window of the default length each time.
						most = 3*time.Minute + 15*time.Second
					}
					if refused > 1 || time.Since(start) > most {
						t.Errorf("window %v, proxy %v, server %v: %d calls refused, %v waited; want one at most, and %v",
							window, off, skew, refused, time.Since(start), most)
					}
				})
			}
		}
	}
}
