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

func TestSchema_templatesShowTheSessionFields(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- session fields: begin -->\n\n", "\n<!-- session fields: end -->"
	pages, err := filepath.Glob("../../templates/*/*session*.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, page := range pages {
		if filepath.Base(filepath.Dir(page)) == "data-sources" || filepath.Base(filepath.Dir(page)) == "ephemeral-resources" {
			shown[page] = fieldTable(sessions.Fields())
		}
	}
	if len(shown) != 4 {
		t.Fatalf("there are %d templates of kinds that return sessions, want 4", len(shown))
	}
	shown["../../templates/data-sources/current_user_sessions.md.tmpl"] = fieldTable(sessions.OwnFields())
	const userPage, rolePage = "../../templates/data-sources/users.md.tmpl", "../../templates/data-sources/roles.md.tmpl"
	shown[userPage], shown[rolePage] = fieldTable(users.Fields()), fieldTable(users.RoleFields())
	rows := map[string]string{userPage: "user", rolePage: "role"}
	for page, want := range shown {
		begin, end := begin, end
		if row := rows[page]; row != "" {
			begin, end = strings.Replace(begin, "session", row, 1), strings.Replace(end, "session", row, 1)
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		before, rest, found := strings.Cut(string(text), begin)
		written, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("%s has no place for the table of session fields", page)
			continue
		}
		if *update {
			if err := os.WriteFile(page, []byte(before+begin+want+end+after), 0o644); err != nil { //nolint:gosec // a page of documentation
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(want, written); diff != "" {
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

func TestRowObject_sessionsValue(t *testing.T) {
	t.Parallel()
	p := func(s string) *string { return &s }
	at := time.Date(2023, time.May, 24, 2, 25, 54, 230_000_000, time.FixedZone("CEST", 2*60*60))
	full := &sessions.Session{
		ID: p("the id"), SessionID: p("the session id"), UserID: p("the user id"), Host: p("the host"), IP: p("the ip"), LoginAt: &at,
		Device: &sessions.Device{
			Type: table.Some("the type"), Name: table.Some("the device"), Version: table.Some("the version"), LongVersion: table.Some("the long version"),
			OS: table.Some(sessions.OS{Name: table.Some("the os"), Version: table.Some("the os version")}),
		},
		User:    &sessions.User{Username: table.Some("the username"), Name: table.Some("the name"), AvatarETag: table.Some("the etag")},
		Account: &users.Account{Roles: []string{"admin", "the role"}, Type: table.Some("the kind"), Active: false},
	}
	object := newRowObject(sessions.Fields())
	hollow := &sessions.Session{Device: &sessions.Device{Type: table.Some("")}, User: &sessions.User{}}
	for name, c := range map[string]struct {
		session *sessions.Session
		want    string
	}{
		"full": {full, `{"device":{"long_version":"the long version","name":"the device","os":{"name":"the os","version":"the os version"},"type":"the type","version":"the version"},` +
			`"host":"the host","id":"the id","ip":"the ip","login_at":"2023-05-24T00:25:54.230Z","session_id":"the session id",` +
			`"user":{"active":false,"avatar_etag":"the etag","name":"the name","roles":["admin","the role"],"type":"the kind","username":"the username"},"user_id":"the user id"}`},
		"empty": {&sessions.Session{}, `{"device":<null>,"host":<null>,"id":<null>,"ip":<null>,"login_at":<null>,"session_id":<null>,"user":<null>,"user_id":<null>}`},
		"hollow": {hollow, `{"device":{"long_version":<null>,"name":<null>,"os":<null>,"type":"","version":<null>},"host":<null>,"id":<null>,"ip":<null>,` +
			`"login_at":<null>,"session_id":<null>,"user":{"active":<null>,"avatar_etag":<null>,"name":<null>,"roles":<null>,"type":<null>,"username":<null>},"user_id":<null>}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := object.listValue([]*sessions.Session{c.session})
			if got := list.Elements()[0].String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	if none := object.listValue(nil); none.IsNull() || len(none.Elements()) != 0 {
		t.Errorf("no sessions give %s, want an empty list", none)
	}
}
