// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// everyField is the table: what either list shows.
func everyField() []sessions.Field {
	all := sessions.Fields()
	for _, own := range sessions.OwnFields() {
		if !slices.ContainsFunc(all, func(f sessions.Field) bool { return f.Path == own.Path }) {
			all = append(all, own)
		}
	}
	return all
}

// read returns what a field holds: a text, a time, a truth value, or whether an
// object is there; nil for a value that is missing.
func read(f sessions.Field, s *sessions.Session) any {
	switch {
	case f.Text != nil:
		return deref(f.Text(s))
	case f.Time != nil:
		return deref(f.Time(s))
	case f.Bool != nil:
		return deref(f.Bool(s))
	case f.Texts != nil:
		if texts := f.Texts(s); texts != nil {
			return strings.Join(texts, " ")
		}
		return nil
	default:
		return f.Object(s)
	}
}

func deref[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// TestFields_everyStructFieldHasItsRow changes every field of the struct, and nothing else: exactly one row of
// the table has to return another value, and the order has to tell the two sessions apart, in both directions.
func TestFields_everyStructFieldHasItsRow(t *testing.T) {
	t.Parallel()
	compare := sessions.Comparison(nil)
	var rows []string
	for n := range leaves(reflect.ValueOf(&sessions.Session{})) {
		var before, after sessions.Session
		leaves(reflect.ValueOf(&before))
		change(leaves(reflect.ValueOf(&after))[n])
		var found []string
		for _, field := range everyField() {
			if read(field, &before) != read(field, &after) {
				found = append(found, field.Path)
			}
		}
		if len(found) != 1 {
			t.Errorf("field %d of sessions.Session is in the rows %q of the table, want one", n, found)
		}
		if a, b := compare(&before, &after), compare(&after, &before); a == 0 || a != -b {
			t.Errorf("sessions that differ in %q compare as %d and %d", found, a, b)
		}
		rows = append(rows, found...)
	}
	for _, field := range everyField() {
		if n := len(slices.DeleteFunc(slices.Clone(rows), func(path string) bool { return path != field.Path })); field.Object == nil && n != 1 {
			t.Errorf("the row %s holds %d fields of sessions.Session", field.Path, n)
		}
	}
	if got := compare(&sessions.Session{}, &sessions.Session{}); got != 0 {
		t.Errorf("equal sessions compare as %d", got)
	}
}

// leaves sets all that leads to the values that a struct holds, however deep, and returns them.
func leaves(v reflect.Value) (all []reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.Type() == reflect.TypeFor[time.Time]() {
		return []reflect.Value{v}
	}
	if present := v.FieldByName("Present"); present.IsValid() {
		present.SetBool(true)
		return leaves(v.FieldByName("Value"))
	}
	for _, field := range v.Fields() {
		all = append(all, leaves(field)...)
	}
	return all
}

func change(v reflect.Value) {
	switch v.Interface().(type) {
	case string:
		v.SetString("another")
	case bool:
		v.SetBool(true)
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	case []string:
		v.Set(reflect.ValueOf([]string{"another"}))
	}
}

// TestFields_ofASparseSession reads every field of sessions without most of them.
func TestFields_ofASparseSession(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]*sessions.Session{
		"":                      {},
		"device":                {Device: &sessions.Device{}},
		"device device.os user": {Device: &sessions.Device{OS: table.Some(sessions.OS{})}, User: &sessions.User{}},
	} {
		var objects []string
		for _, field := range everyField() {
			switch got := read(field, s); {
			case field.Object == nil && got != nil:
				t.Errorf("%q: %s is %v, want nothing", want, field.Path, got)
			case got == true:
				objects = append(objects, field.Path)
			}
		}
		if got := strings.Join(objects, " "); got != want {
			t.Errorf("objects are %q, want %q", got, want)
		}
	}
}

// TestFields_rowsOfTheTable checks what every user of the table relies on.
func TestFields_rowsOfTheTable(t *testing.T) {
	t.Parallel()
	paths, keys, sources := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, f := range everyField() {
		kinds := 0
		for _, set := range []bool{f.Text != nil, f.Time != nil, f.Bool != nil, f.Texts != nil, f.Object != nil} {
			if set {
				kinds++
			}
		}
		if kinds != 1 || f.Description == "" || paths[f.Path] || f.Key != "" && keys[f.Key] {
			t.Errorf("the row %s has %d kinds, the key %q and the description %q", f.Path, kinds, f.Key, f.Description)
		}
		if below := strings.LastIndex(f.Path, "."); below > 0 && sources[f.Path[:below]] != f.From {
			t.Errorf("%s does not come from where its object does: %q", f.Path, f.From)
		}
		paths[f.Path], keys[f.Key], sources[f.Path] = true, true, f.From
	}
}

func TestFields_keys(t *testing.T) {
	t.Parallel()
	own := []string{
		"session_id", "user_id", "host", "ip", "device_type", "device_name", "device_version", "os_name", "os_version",
	}
	all := append(slices.Clone(own), "username", "name")
	for name, c := range map[string]struct{ got, want []string }{
		"match, all": {table.MatchKeys(sessions.Fields()), all},
		"match, own": {table.MatchKeys(sessions.OwnFields()), own},
		"sort, all":  {table.SortKeys(sessions.Fields()), slices.Insert(slices.Clone(all), 4, "login_at")},
		"sort, own":  {table.SortKeys(sessions.OwnFields()), slices.Insert(slices.Clone(own), 4, "login_at")},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	sessions.Fields()[0].Path = "changed"
	if got := sessions.Fields()[0].Path; got != "id" {
		t.Errorf("a caller's change reached the next caller: %s", got)
	}
}
