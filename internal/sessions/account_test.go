// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package sessions_test

import (
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

func TestDetails(t *testing.T) {
	t.Parallel()
	ann := &users.Account{Roles: []string{"admin"}, Type: table.Some("user"), Active: true}
	known := &sessions.Session{SessionID: new("a"), UserID: new("ann"), User: &sessions.User{}}
	deleted := &sessions.Session{SessionID: new("b"), UserID: new("ann")}
	gone := &sessions.Session{SessionID: new("c"), UserID: new("bob"), User: &sessions.User{}}
	nameless := &sessions.Session{SessionID: new("d"), User: &sessions.User{}}
	query := &sessions.Query{
		Arguments: sessions.Arguments{Sort: []sessions.Order{{Key: "session_id"}}}, Details: true, Accounts: map[string]*users.Account{"ann": ann},
	}
	result := query.Apply([]*sessions.Session{known, deleted, gone, nameless})
	joined, unknown := result.Sessions, result.Unknown
	if len(joined) != 4 || joined[0].Account != ann || joined[1].Account != nil || joined[2].Account != nil || joined[3].Account != nil {
		t.Errorf("got %v", joined)
	}
	if len(unknown) != 2 || unknown[0] != gone || unknown[1] != nameless {
		t.Errorf("unknown are %v", unknown)
	}
	if known.Account != nil || joined[0] == known || joined[0].UserID != known.UserID {
		t.Error("a session that others share was changed")
	}
}
