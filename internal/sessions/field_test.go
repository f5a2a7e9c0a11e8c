// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"fmt"
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

// TestFields_everyStructFieldHasItsRow sets every field of the struct, and nothing
// else, to a value of its own: exactly one row of the table has to return it.
func TestFields_everyStructFieldHasItsRow(t *testing.T) {
	t.Parallel()
	rows := map[string]string{}
	leaves(reflect.TypeFor[sessions.Session](), nil, func(index [][]int, name string) {
		var s sessions.Session
		want := set(reflect.ValueOf(&s).Elem(), index, name)
		var found []string
		for _, field := range everyField() {
			if got := read(field, &s); got == want && field.Object == nil {
				found = append(found, field.Path)
			}
		}
		if len(found) != 1 {
			t.Errorf("sessions.Session%s is in the rows %q of the table, want one", name, found)
			return
		}
		if other, taken := rows[found[0]]; taken {
			t.Errorf("the row %s holds both %s and %s", found[0], name, other)
		}
		rows[found[0]] = name
	})
	for _, field := range everyField() {
		if field.Object == nil && rows[field.Path] == "" {
			t.Errorf("the row %s holds no field of sessions.Session", field.Path)
		}
	}
}

// leaves calls visit for every value that a struct holds, however deep.
func leaves(typ reflect.Type, index [][]int, visit func(index [][]int, name string)) {
	var walk func(typ reflect.Type, index [][]int, name string)
	walk = func(typ reflect.Type, index [][]int, name string) {
		inner := typ
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			if value, ok := inner.FieldByName("Value"); ok {
				inner = value.Type
			}
		}
		if inner.Kind() != reflect.Struct || inner == reflect.TypeFor[time.Time]() {
			visit(index, name)
			return
		}
		for _, field := range reflect.VisibleFields(inner) {
			walk(field.Type, append(slices.Clone(index), field.Index), name+"."+field.Name)
		}
	}
	walk(typ, index, "")
}

// set fills in the value at index and what leads to it, and returns it.
func set(v reflect.Value, index [][]int, text string) any {
	for depth := 0; ; depth++ {
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.New(v.Type().Elem()))
			v = v.Elem()
		}
		if present := present(v); present.IsValid() {
			present.SetBool(true)
			v = v.FieldByName("Value")
		}
		if depth == len(index) {
			break
		}
		v = v.FieldByIndex(index[depth])
	}
	switch v.Interface().(type) {
	case string:
		v.SetString(text)
	case bool:
		v.SetBool(true)
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(1, 0)))
	case []string:
		v.Set(reflect.ValueOf([]string{text}))
		return text
	}
	return v.Interface()
}

// present is the flag of an [table.Optional]; no value for anything else.
func present(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.FieldByName("Present")
}

// TestFields_ofASparseSession reads every field of sessions without most of them.
func TestFields_ofASparseSession(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		session *sessions.Session
		objects []string
	}{
		"nothing":      {&sessions.Session{}, nil},
		"device alone": {&sessions.Session{Device: &sessions.Device{}}, []string{"device"}},
		"empty parts": {
			&sessions.Session{Device: &sessions.Device{OS: table.Some(sessions.OS{})}, User: &sessions.User{}},
			[]string{"device", "device.os", "user"},
		},
	} {
		var objects []string
		for _, field := range everyField() {
			switch got := read(field, c.session); {
			case field.Object == nil && got != nil:
				t.Errorf("%s: %s is %v, want nothing", name, field.Path, got)
			case got == true:
				objects = append(objects, field.Path)
			}
		}
		if diff := cmp.Diff(c.objects, objects); diff != "" {
			t.Errorf("%s: objects (-want +got):\n%s", name, diff)
		}
	}
	empty := &sessions.Session{Host: new("")}
	for _, field := range sessions.Fields() {
		if got := read(field, empty); field.Path == "host" && got != "" {
			t.Errorf("an empty host is %v, want an empty text that is there", got)
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

// TestApply_everyRowCounts changes one field of a session without ids at a time: the
// order has to tell the two apart, in both directions.
func TestApply_everyRowCounts(t *testing.T) {
	t.Parallel()
	compare := sessions.Comparison(nil)
	leaves(reflect.TypeFor[sessions.Session](), nil, func(index [][]int, name string) {
		var s sessions.Session
		set(reflect.ValueOf(&s).Elem(), index, "a")
		if a, b := compare(&s, &sessions.Session{}), compare(&sessions.Session{}, &s); a == 0 || a != -b {
			t.Errorf("with and without %s compare as %d and %d", name, a, b)
		}
	})
	if got := fmt.Sprint(compare(&sessions.Session{}, &sessions.Session{})); got != "0" {
		t.Errorf("equal sessions compare as %s", got)
	}
}
