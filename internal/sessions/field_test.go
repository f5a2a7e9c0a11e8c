// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"slices"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func TestFieldsReadTheirOwnValue(t *testing.T) {
	t.Parallel()
	full := &sessions.Session{
		ID: new("an id"), SessionID: new("session_id"), UserID: new("user_id"), Host: new("host"), IP: new("ip"),
		Device: &sessions.Device{
			Type: sessions.Some("device_type"), Name: sessions.Some("device_name"), Version: sessions.Some("device_version"), LongVersion: sessions.Some("a long version"),
			OS: sessions.Some(sessions.OS{Name: sessions.Some("os_name"), Version: sessions.Some("os_version")}),
		},
		User: &sessions.User{Username: sessions.Some("username"), Name: sessions.Some("name"), AvatarETag: sessions.Some("an etag")},
	}
	for _, field := range sessions.Fields() {
		if got, ok := full.Value(field); !ok || got != string(field) {
			t.Errorf("Value(%q) = %q, %t", field, got, ok)
		}
	}
	for name, sparse := range map[string]*sessions.Session{
		"nothing":      {},
		"empty parts":  {Device: &sessions.Device{OS: sessions.Some(sessions.OS{})}, User: &sessions.User{}},
		"device alone": {Device: &sessions.Device{}},
	} {
		for _, field := range sessions.Fields() {
			if got, ok := sparse.Value(field); ok || got != "" {
				t.Errorf("%s: Value(%q) = %q, %t; want none", name, field, got, ok)
			}
		}
	}
}

func TestValueTellsEmptyFromMissing(t *testing.T) {
	t.Parallel()
	s := &sessions.Session{Host: new("")}
	if got, ok := s.Value(sessions.FieldHost); !ok || got != "" {
		t.Errorf("Value(host) = %q, %t; want an empty text that is there", got, ok)
	}
	if _, ok := s.Value("nickname"); ok {
		t.Error("a name that is no field has a value")
	}
}

func TestFieldsAndSortKeysAreDocumentedOnesAndFresh(t *testing.T) {
	t.Parallel()
	want := []string{
		"session_id", "user_id", "username", "name", "device_type", "device_name",
		"device_version", "os_name", "os_version", "host", "ip", "login_at",
	}
	keys := sessions.SortKeys()
	if !slices.Equal(keys, want) {
		t.Errorf("SortKeys() = %q, want %q", keys, want)
	}
	sessions.Fields()[0] = "changed"
	keys[0] = "changed"
	if sessions.Fields()[0] != sessions.FieldSessionID || sessions.SortKeys()[0] != "session_id" {
		t.Error("a caller's change reached the next caller")
	}
}
