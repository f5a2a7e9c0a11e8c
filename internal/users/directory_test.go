// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package users_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

func TestAccount_roleIDs(t *testing.T) {
	t.Parallel()
	d := &users.Directory{
		Users: []*users.User{
			{ID: "a", Account: users.Account{Roles: []string{"admin", "gone"}}},
			{ID: "b"},
			{ID: "c", Account: users.Account{Roles: []string{"leader"}}},
		},
		Roles: []*users.Role{
			{ID: "admin", Name: "admin", Scope: "Users"},
			{ID: "x1", Name: "Auditor", Scope: "Users"},
			{ID: "x2", Name: "Auditor", Scope: "Users"},
			{ID: "x3", Name: "admin", Scope: "Users"},
			{ID: "owner", Name: "owner", Scope: "Subscriptions"},
			{ID: "leader", Name: "leader", Scope: "Subscriptions"},
			{ID: "x4", Name: "", Scope: "Users"},
		},
	}
	for name, want := range map[string]struct {
		ids []string
		err error
	}{
		"admin":   {[]string{"admin", "x3"}, nil},
		"Auditor": {[]string{"x1", "x2"}, nil},
		"x2":      {[]string{"x2"}, nil},
		"gone":    {[]string{"gone"}, nil},
		"leader":  {[]string{"leader"}, nil},
		"owner":   {nil, users.ErrRoomRole},
		"auditor": {nil, users.ErrNoRole},
		"x5":      {nil, users.ErrNoRole},
	} {
		ids, err := d.RoleIDs(name)
		if diff := cmp.Diff(want.ids, ids); diff != "" || !errors.Is(err, want.err) {
			t.Errorf("%s: %v %v", name, ids, err)
		}
	}
	if diff := cmp.Diff([]string{"Auditor", "admin", "x1", "x2", "x3", "x4"}, d.RoleNames()); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
