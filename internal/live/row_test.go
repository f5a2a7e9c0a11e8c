// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// row is a session, a user or a role by the paths that users write, such as device.os.name. What
// is null or missing is not in it. An object has an entry of its own, true.
type row = *record

type record struct {
	fields map[string]any
	// keyText and ownerText are computed once.
	keyText, ownerText string
}

func newRow(fields map[string]any) row { return &record{fields: fields} }

// text is a field that is a text; empty for one that is missing, or no text.
func (r *record) text(path string) string {
	text, _ := r.fields[path].(string)
	return text
}

func (r *record) time(path string) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, r.text(path))
	return at
}

// texts are those of a list, or the one of a text.
func (r *record) texts(path string) []string {
	switch value := r.fields[path].(type) {
	case string:
		return []string{value}
	case []string:
		return value
	default:
		return nil
	}
}

// with is a copy with other fields as well.
func (r *record) with(fields map[string]any) row {
	all := maps.Clone(r.fields)
	maps.Copy(all, fields)
	return newRow(all)
}

// but is a copy without some fields.
func (r *record) but(drop func(path string) bool) row {
	fields := maps.Clone(r.fields)
	maps.DeleteFunc(fields, func(path string, _ any) bool { return drop(path) })
	return newRow(fields)
}

// ofOwner reports whether a field of a session is of its user, and can change between two pages.
func ofOwner(path string) bool { return path == "user" || strings.HasPrefix(path, "user.") }

// key distinguishes rows by all that does not change.
func (r *record) key() string {
	if r.keyText == "" {
		r.keyText = encoded(r.but(ofOwner).fields)
	}
	return r.keyText
}

// owner is what a session says about its user.
func (r *record) owner() string {
	if r.ownerText == "" {
		r.ownerText = encoded(r.but(func(path string) bool { return !ofOwner(path) }).fields)
	}
	return r.ownerText
}

func encoded(v any) string {
	text, _ := json.Marshal(v) // maps are sorted
	return string(text)
}

// where says where the server has what users call by another name.
type where map[string]string

var sessionWhere = where{
	"id": "_id", "session_id": "sessionId", "user_id": "userId", "host": "host", "ip": "ip", "login_at": "loginAt",
	"device": "device", "device.type": "device.type", "device.name": "device.name", "device.version": "device.version",
	"device.long_version": "device.longVersion", "device.os": "device.os", "device.os.name": "device.os.name",
	"device.os.version": "device.os.version", "user": "_user", "user.username": "_user.username", "user.name": "_user.name",
	"user.avatar_etag": "_user.avatarETag", "current": "current",
}

var userWhere = where{
	"id": "_id", "username": "username", "name": "name", "type": "type", "active": "active", "roles": "roles", "last_login_at": "lastLogin",
}

var roleWhere = where{
	"id": "_id", "name": "name", "description": "description", "scope": "scope", "protected": "protected", "mandatory_2fa": "mandatory2fa",
}

// decode is a row of the server's.
func (w where) decode(document map[string]any) row {
	r := newRow(map[string]any{})
	for path, steps := range w {
		var value any = document
		for step := range strings.SplitSeq(steps, ".") {
			object, _ := value.(map[string]any)
			value = object[step]
		}
		r.set(path, value)
	}
	return r
}

// set stores a value of JSON, times in one form.
func (r *record) set(path string, value any) {
	switch value := value.(type) {
	case nil:
	case map[string]any:
		r.fields[path] = true
	case []any:
		texts := []string{}
		for _, each := range value {
			if text, ok := each.(string); ok {
				texts = append(texts, text)
			}
		}
		r.fields[path] = texts
	case string:
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil && strings.HasSuffix(path, "_at") {
			value = at.UTC().Format("2006-01-02T15:04:05.000Z")
		}
		r.fields[path] = value
	default:
		r.fields[path] = value
	}
}

// rowOf is a row of the provider's result.
func rowOf(result map[string]any) row {
	r := newRow(map[string]any{})
	r.flatten("", result)
	return r
}

func (r *record) flatten(prefix string, object map[string]any) {
	for name, value := range object {
		r.set(prefix+name, value)
		if inner, ok := value.(map[string]any); ok {
			r.flatten(prefix+name+".", inner)
		}
	}
}

// counted are rows by their keys, with how often each is there.
func counted(rows []row) map[string]int {
	counts := map[string]int{}
	for _, r := range rows {
		counts[r.key()]++
	}
	return counts
}

// common are the rows that are in both lists, as often as in the one that has fewer.
func common(a, b []row) []row {
	left := counted(b)
	return slices.DeleteFunc(slices.Clone(a), func(r row) bool {
		left[r.key()]--
		return left[r.key()] < 0
	})
}

// sortedTexts is a copy in order.
func sortedTexts(texts []string) []string { return slices.Sorted(slices.Values(texts)) }
