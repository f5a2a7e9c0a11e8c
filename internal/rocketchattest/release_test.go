// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"flag"
	"fmt"
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

// fact is how the guide words a field of behavior: what it is about, and what it means if it is
// true, or not empty, and if it is not. A text stands for itself, as do checks and responses.
type fact struct{ what, yes, no string }

func facts() map[string]fact {
	const errorEnds, textAlone = "ends in `[errorType]`", "the text alone"
	return map[string]fact{
		"checks":               {what: "order of the checks for sessions; what is refused before the rate limit costs no call"},
		"usersChecks":          {what: "order of the checks for users, roles, permissions and settings"},
		"usersQueryErrorType":  {what: "`errorType` of a bad query for users"},
		"usersErrorTypeInText": {"`error` of a bad query for users", errorEnds, textAlone},
		"undeclared": {
			"`users.list`, `settings`, `settings/:_id`, `settings.public`, `permissions.listAll`",
			"ignore unknown parameters, and return 403 `unauthorized` without the permission",
			"refuse unknown parameters, and return 403 `[error-unauthorized]` without the permission",
		},
		"selectsSettings":     {"`_id` of `settings.public`", "selects the settings with these IDs", "is ignored"},
		"listByStatusIsWhole": {"`users.listByStatus`", "lists every user", "omits users with neither username nor name"},
		"forbidden":           {what: "403 without a reason"},
		"unauthorized":        {what: "401, not logged in"},
		"noLicense":           {what: "no license for device management"},
		"databaseDown":        {what: "database down"},
		"permissionQuery":     {what: "permissions cannot be read"},
		"queryErrorType":      {what: "`errorType` of a bad query"},
		"errorTypeInText":     {"`error` of a bad query or body", errorEnds, textAlone},
		"forgetsSecondFactor": {
			"second factor", "never remembered, and required even with tokens that ignore it",
			"remembered, and not required with tokens that ignore it",
		},
		"memoryBoundToUserAgent":  {"remembered second factor is bound to", "token, address and User-Agent", "token and address"},
		"mailNamesUsername":       {"`emailOrUsername` of a mailed code", "the username", "the e-mail address"},
		"marksCurrent":            {"`sessions/list`", "rows have `current`", "rows do not say which is current"},
		"usernamelessFails":       {"account without username", "500", "served"},
		"unknownRouteIsWebClient": {"unknown route", "200, the page of the web client", "404"},
		"overlooksSlashes":        {"doubled or trailing slash", "ignored", "another route"},
		"saysMethodNotAllowed":    {"wrong method", "405", "404"},
		"compresses":              {"long responses", "compressed with gzip", "not compressed"},
	}
}

// words are those of a field's value.
func (f fact) words(v reflect.Value) string {
	switch {
	case f.yes != "" && v.IsZero():
		return f.no
	case f.yes != "":
		return f.yes
	case v.Kind() == reflect.Pointer:
		return fmt.Sprintf("%d `%s`", v.Elem().FieldByName("status").Int(), v.Elem().FieldByName("body").Bytes())
	case v.Kind() == reflect.Slice:
		var names []string
		for _, check := range v.Seq2() {
			names = append(names, check.String())
		}
		return strings.Join(names, ", ")
	default:
		return "`" + v.String() + "`"
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
			value := fact.words(reflect.ValueOf(behavior).FieldByIndex(field.Index))
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
	seen := map[Release]bool{}
	for _, b := range behaviors() {
		if seen[b.release] {
			t.Errorf("%s is there twice", b.release)
		}
		seen[b.release] = true
		for c := range checks {
			if !slices.Contains(b.checks, c) {
				t.Errorf("%s never checks the %s", b.release, c)
			}
			if !slices.Contains(b.usersChecks, c) && c != checkLicense && c != checkSecondFactor {
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
