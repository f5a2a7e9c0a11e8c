// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// update has "go test -run TestSchema_templatesShowTheSessionFields -update" write the
// table of session fields into the templates.
var update = flag.Bool("update", false, "write generated parts of the templates")

//go:generate go test -count=1 -run ^TestSchema_templatesShowTheSessionFields$ . -update

// fieldTable is the documentation of a row, as a Markdown table.
func fieldTable[T any](fields []table.Field[T]) string {
	var page strings.Builder
	page.WriteString("| Field | Type | Meaning |\n|---|---|---|\n")
	for _, field := range fields {
		kind := "string"
		switch {
		case field.Object != nil:
			kind = "object"
		case field.Bool != nil:
			kind = "bool"
		case field.Texts != nil:
			kind = "list of strings"
		}
		page.WriteString("| `" + field.Path + "` | " + kind + " | " + field.Description + " |\n")
	}
	return page.String()
}

func TestSchema_templatesShowTheSessionFields(t *testing.T) {
	t.Parallel()
	type generated struct{ row, table string }
	session := generated{"session", fieldTable(sessions.Fields())}
	shown := map[string]generated{
		"ephemeral-resources/workspace_sessions": session, "data-sources/workspace_sessions": session, "data-sources/workspace_session": session,
		"data-sources/current_user_sessions": {"session", fieldTable(sessions.OwnFields())},
		"data-sources/users":                 {"user", fieldTable(users.Fields())},
		"data-sources/roles":                 {"role", fieldTable(users.RoleFields())},
	}
	pages, err := filepath.Glob("../../templates/*/*.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range pages {
		name := strings.TrimSuffix(strings.TrimPrefix(page, "../../templates/"), ".md.tmpl")
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want, has := shown[name]
		if has != strings.Contains(string(text), " fields: begin -->") {
			t.Errorf("whether %s has a table of fields is not what this test says", page)
		}
		if !has {
			continue
		}
		begin, end := "<!-- "+want.row+" fields: begin -->\n\n", "\n<!-- "+want.row+" fields: end -->"
		before, rest, found := strings.Cut(string(text), begin)
		written, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("%s has no place for the table of session fields", page)
			continue
		}
		if *update {
			if err := os.WriteFile(page, []byte(before+begin+want.table+end+after), 0o644); err != nil { //nolint:gosec // a page of documentation
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want.table, written); diff != "" {
			t.Errorf("%s differs from the schema; run this test with -update (-schema +page):\n%s", page, diff)
		}
	}
}

// TestRowObject_attributeTakesTheValueOfItsField is for fields that are attributes of their own, as those
// of rocketchat_workspace_session are.
func TestRowObject_attributeTakesTheValueOfItsField(t *testing.T) {
	t.Parallel()
	type row struct{}
	object := newRowObject([]table.Field[row]{
		{Path: "text", Text: func(*row) *string { return new("a") }},
		{Path: "time", Time: func(*row) *time.Time { return new(time.Unix(1, 0)) }},
		{Path: "bool", Bool: func(*row) *bool { return new(true) }},
		{Path: "texts", Texts: func(*row) []string { return []string{"a"} }},
		{Path: "object", Object: func(*row) bool { return true }},
		{Path: "object.bool", Bool: func(*row) *bool { return new(true) }},
	})
	if len(object.attributes) != 5 {
		t.Fatalf("%d attributes", len(object.attributes))
	}
	for _, a := range object.attributes {
		if got, want := a.computed().GetType(), a.value(&row{}).Type(t.Context()); !got.Equal(want) {
			t.Errorf("the attribute %s is a %s, and its value a %s", a.name, got, want)
		}
	}
}
