// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// update has "go test ./internal/rocketchattest -run TestReleases_areInTheGuide -update"
// write the table of the releases into the guide.
var update = flag.Bool("update", false, "write the generated part of the guide")

// facts are how the guide words what a behavior says, by the field.
func facts() map[string]struct {
	what  string
	words func(behavior) string
} {
	type fact = struct {
		what  string
		words func(behavior) string
	}
	code := func(s string) string { return "`" + s + "`" }
	either := func(field func(behavior) bool, yes, no string) func(behavior) string {
		return func(b behavior) string {
			if field(b) {
				return yes
			}
			return no
		}
	}
	order := func(field func(behavior) []check) func(behavior) string {
		return func(b behavior) string {
			var names []string
			for _, c := range field(b) {
				names = append(names, string(c))
			}
			return strings.Join(names, ", ")
		}
	}
	fixed := func(field func(behavior) *response) func(behavior) string {
		return func(b behavior) string {
			r := field(b)
			return fmt.Sprintf("%d `%s`", r.status, r.body)
		}
	}
	return map[string]fact{
		"checks": {
			"order of the checks for sessions; what is refused before the rate limit costs no call",
			order(func(b behavior) []check { return b.checks }),
		},
		"usersChecks": {
			"order of the checks for users, roles, permissions and settings",
			order(func(b behavior) []check { return b.usersChecks }),
		},
		"usersQueryErrorType": {
			"`errorType` of a bad query for users",
			func(b behavior) string { return code(b.usersQueryErrorType) },
		},
		"usersErrorTypeInText": {"`error` of a bad query for users", either(func(b behavior) bool { return b.usersErrorTypeInText },
			"ends in `[errorType]`", "the text alone")},
		"undeclared": {"`users.list`, `settings`, `settings/:_id`, `settings.public`, `permissions.listAll`", either(
			func(b behavior) bool { return len(b.undeclared) > 0 },
			"ignore unknown parameters, and return 403 `unauthorized` without the permission",
			"refuse unknown parameters, and return 403 `[error-unauthorized]` without the permission")},
		"selectsSettings": {"`_id` of `settings.public`", either(func(b behavior) bool { return b.selectsSettings },
			"selects the settings with these IDs", "is ignored")},
		"listByStatusIsWhole": {"`users.listByStatus`", either(func(b behavior) bool { return b.listByStatusIsWhole },
			"lists every user", "omits users with neither username nor name")},
		"forbidden":       {"403 without a reason", func(b behavior) string { return code(b.forbidden) }},
		"unauthorized":    {"401, not logged in", func(b behavior) string { return code(b.unauthorized) }},
		"noLicense":       {"no license for device management", fixed(func(b behavior) *response { return b.noLicense })},
		"databaseDown":    {"database down", fixed(func(b behavior) *response { return b.databaseDown })},
		"permissionQuery": {"permissions cannot be read", fixed(func(b behavior) *response { return b.permissionQuery })},
		"queryErrorType":  {"`errorType` of a bad query", func(b behavior) string { return code(b.queryErrorType) }},
		"errorTypeInText": {"`error` of a bad query or body", either(func(b behavior) bool { return b.errorTypeInText },
			"ends in `[errorType]`", "the text alone")},
		"forgetsSecondFactor": {"second factor", either(func(b behavior) bool { return b.forgetsSecondFactor },
			"never remembered, and required even with tokens that ignore it", "remembered, and not required with tokens that ignore it")},
		"memoryBoundToUserAgent": {"remembered second factor is bound to", either(func(b behavior) bool { return b.memoryBoundToUserAgent },
			"token, address and User-Agent", "token and address")},
		"mailNamesUsername": {"`emailOrUsername` of a mailed code", either(func(b behavior) bool { return b.mailNamesUsername },
			"the username", "the e-mail address")},
		"marksCurrent": {"`sessions/list`", either(func(b behavior) bool { return b.marksCurrent },
			"rows have `current`", "rows do not say which is current")},
		"usernamelessFails": {"account without username", either(func(b behavior) bool { return b.usernamelessFails },
			"500", "served")},
		"unknownRouteIsWebClient": {"unknown route", either(func(b behavior) bool { return b.unknownRouteIsWebClient },
			"200, the page of the web client", "404")},
		"overlooksSlashes": {"doubled or trailing slash", either(func(b behavior) bool { return b.overlooksSlashes },
			"ignored", "another route")},
		"saysMethodNotAllowed": {"wrong method", either(func(b behavior) bool { return b.saysMethodNotAllowed }, "405", "404")},
		"compresses": {
			"long responses",
			either(func(b behavior) bool { return b.compresses }, "compressed with gzip", "not compressed"),
		},
	}
}

// releaseTable is the Markdown table of what differs between releases, in the
// order of the fields of behavior: a row for each of a fact's values.
func releaseTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| what | releases | response |\n|---|---|---|\n")
	known := facts()
	for field := range reflect.TypeFor[behavior]().Fields() {
		fact, ok := known[field.Name]
		delete(known, field.Name)
		if field.Name == "release" {
			continue
		}
		if !ok {
			t.Errorf("facts do not word %s", field.Name)
			continue
		}
		var values []string
		releases := map[string][]string{}
		for _, behavior := range behaviors() {
			value := fact.words(behavior)
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
			releases[value] = append(releases[value], string(behavior.release))
		}
		if len(values) == 1 {
			continue
		}
		what := fact.what
		for _, value := range values {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", what, strings.Join(releases[value], ", "), value)
			what = ""
		}
	}
	for name := range known {
		t.Errorf("facts words %s, which behavior has not", name)
	}
	return b.String()
}

func TestReleases_areInTheGuide(t *testing.T) {
	t.Parallel()
	const page = "../../templates/guides/releases.md.tmpl"
	const begin, end = "<!-- releases: begin -->\n\n", "\n<!-- releases: end -->"
	want := releaseTable(t)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	table, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the table of the releases", page)
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // a page of documentation
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("%s is stale; run this test with -update (-releases +page):\n%s", page, diff)
	}
}

// TestReleases_areComplete looks at each entry of the table for what it must say.
func TestReleases_areComplete(t *testing.T) {
	t.Parallel()
	every := []check{checkLogin, checkPermission, checkLicense, checkRateLimit, checkParameters, checkSecondFactor}
	seen := map[Release]bool{}
	for _, b := range behaviors() {
		if seen[b.release] {
			t.Errorf("%s is there twice", b.release)
		}
		seen[b.release] = true
		for _, c := range every {
			if !slices.Contains(b.checks, c) {
				t.Errorf("%s never checks the %s", b.release, c)
			}
		}
		for _, c := range []check{checkLogin, checkPermission, checkRateLimit, checkParameters} {
			if !slices.Contains(b.usersChecks, c) {
				t.Errorf("%s never checks the %s for users", b.release, c)
			}
		}
		if b.unauthorized == "" || b.forbidden == "" || b.usersQueryErrorType == "" || b.queryErrorType == "" ||
			b.noLicense == nil || b.databaseDown == nil || b.permissionQuery == nil {
			t.Errorf("%s lacks a response: %+v", b.release, b)
		}
	}
}

// TestReleases_unknownOneIsRefused: it must not pass for another.
func TestReleases_unknownOneIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if said := fmt.Sprint(recover()); !strings.Contains(said, `"7.0" is none of ["6.14"`) {
			t.Errorf("a workspace of an unknown release says %q", said)
		}
	}()
	New(Options{Release: "7.0"})
}

// TestReleases_info calls /api/info as the provider does: without a login.
func TestReleases_info(t *testing.T) {
	t.Parallel()
	versions := map[Release]string{Release614: "6.14", Release85: "8.5", Release861: "8.6", Release88: "8.8", Release90: "9.0"}
	for release, version := range versions {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := New(Options{Release: release})
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://workspace.invalid/api/info", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := w.Transport().RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close() //nolint:errcheck // in process
			body := make([]byte, 100)
			n, _ := response.Body.Read(body)
			if got, want := string(body[:n]), `{"version":"`+version+`","success":true}`; got != want || response.StatusCode != http.StatusOK {
				t.Errorf("%s: %d %s, want %s", release, response.StatusCode, got, want)
			}
		})
	}
}
