// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// moves calls move with the number of the call, counted from 0.
func moves(w *rocketchattest.Workspace, move func(*rocketchattest.Workspace, int)) func(int, *http.Request) {
	return func(n int, _ *http.Request) { move(w, n) }
}

// stillAlive are the ids that are in both lists.
func stillAlive(before, after []*sessions.Session) map[string]bool {
	now := map[string]bool{}
	for _, s := range after {
		if s.SessionID != nil {
			now[*s.SessionID] = true
		}
	}
	both := map[string]bool{}
	for _, s := range before {
		if s.SessionID != nil && now[*s.SessionID] {
			both[*s.SessionID] = true
		}
	}
	return both
}

const faultsIntroduction = `<!-- Written by go test ./internal/rocketchat -run TestFaultsPage -update; do not edit. -->

# Faults

This page shows how a read of the session list ends when the network, a gateway or the workspace fails. Each
row is a test (` + "`internal/rocketchat/fault_table_test.go` and `fault_shapes_test.go`" + `), run against a
workspace of %d sessions, which is %d pages and %[2]d calls without a fault:

- the fault happens **once**, on the first page and on a later one;
- the fault happens on every call **from then on**, beginning with the first page and with a later one;
- the same happens with four concurrent requests;
- if the provider waits or retries, the read is cancelled meanwhile, and returns within %s.

Each cell states the outcome: the complete result, every field of which is correct, or the type of the error
(see [errors.go](internal/rocketchat/errors.go)); then the number of calls, for the whole read or for the page
that failed, and how long the provider waited. No read returns part of the list, and none hangs: each ends
within the read's timeout of %s.

`

// faultsMarkdown is the page FAULTS.md.
func faultsMarkdown(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, faultsIntroduction, faultRows, faultPages, cancelWithin, readTimeout)
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
	fmt.Fprintf(&b, "\n## Every field\n\nEvery answer has one field of the first page in a form that the API does not use. %q means `UnreadableError` after\n%d calls. %q means the complete result, with null for a null or missing value, and U+FFFD for invalid UTF-8.\n\n| field |", "error", attempts, "complete")
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
	return b.String()
}

// listOutcome leaves the calls of a failure out: they depend on where it is found.
func listOutcome(o outcome) string {
	if len(o.errs) > 0 {
		return "`" + strings.Join(o.errs, "` or `") + "`"
	}
	return o.String()
}
