// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// sessionList is one of the two lists of the API, described by the differences that
// users see.
type sessionList struct {
	// fields are those of a session; filter, match, exclude and sort use the fields
	// that have a key.
	fields []sessions.Field
	// searchReach names the other fields that the workspace's own search covers.
	searchReach string
	read        func(*rocketchat.Client, context.Context, string, sessions.Need) (*rocketchat.Listing, error)
}

// workspaceSessions is the list of the sessions of all users.
func workspaceSessions() sessionList {
	return sessionList{
		fields:      sessions.Fields(),
		searchReach: ", and in the username, name or nickname of **at most five** active users",
		read:        (*rocketchat.Client).WorkspaceSessions,
	}
}

// currentUserSessions is the list of the token's own user, which its rows do not name.
func currentUserSessions() sessionList {
	return sessionList{fields: sessions.OwnFields(), read: (*rocketchat.Client).OwnSessions}
}

// matchKeys are the keys of match and exclude.
func (l sessionList) matchKeys() []string { return table.MatchKeys(l.fields) }

// sortKeys are the keys of sort.
func (l sessionList) sortKeys() []string { return table.SortKeys(l.fields) }

// matchedPaths are where the texts that filter looks at stand in the session
// object.
func (l sessionList) matchedPaths() []string {
	var paths []string
	for _, field := range table.Matchable(l.fields) {
		paths = append(paths, field.Path)
	}
	return paths
}
