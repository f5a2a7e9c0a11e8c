// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// Connection returns the session with an ID, and whether it is the newest connection of every
// client that has used it: a client that has connected again has a newer one, with another ID,
// which a logout of the old ID would end. It asks the workspace anew, whatever was read before.
// If no client that is logged in has used the connection, it gives [ErrNotFound].
//
// The server searches old connections as well, and shows of each login token the newest that
// matches. So a search by the ID shows every token that has used the connection, two if two
// tokens share it, and a search by the user the newest connection of each of the user's tokens.
// If both show the same rows with the ID, no token has a newer one. The search by the user
// comes last: it is the instant of the check.
func (c *Client) Connection(ctx context.Context, sessionID string) (session *sessions.Session, newest bool, err error) {
	found, err := c.searchAnew(ctx, sessionID)
	if err != nil {
		return nil, false, err
	}
	used := slices.DeleteFunc(slices.Clone(found), func(s *sessions.Session) bool { return !isConnection(s, sessionID) })
	// The server compares a text without separators: a newer row of the token, whose ID contains
	// this one, can hide it. The ID followed by the user's ID finds no such row.
	if len(used) < len(found) { //mutate:hidden
		used, err = c.connections(ctx, found, sessionID, sessionID)
		if err != nil {
			return nil, false, err
		}
	}
	if len(used) == 0 {
		return nil, false, fmt.Errorf("%s: %w", c.name(listAll), ErrNotFound)
	}
	present, err := c.connections(ctx, used, sessionID, "")
	if err != nil {
		return nil, false, err
	}
	newest = maps.Equal(identities(used), identities(present)) //mutate:reconnected
	return used[0], newest, nil
}

// connections searches for the user of each row, after a prefix, and returns the rows with the
// ID that are that user's.
func (c *Client) connections(ctx context.Context, of []*sessions.Session, sessionID, prefix string) (rows []*sessions.Session, err error) {
	users := map[string]bool{}
	for _, s := range of {
		users[userOf(s)] = true
	}
	for _, user := range slices.Sorted(maps.Keys(users)) {
		found, err := c.searchAnew(ctx, prefix+user)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if isConnection(s, sessionID) && userOf(s) == user {
				rows = append(rows, s)
			}
		}
	}
	return rows, nil
}

// searchAnew reads the sessions that the server finds, from a request after this call.
func (c *Client) searchAnew(ctx context.Context, search string) ([]*sessions.Session, error) {
	c.cache.forget(readKey{listAll, search}) //mutate:anew
	listing, err := c.WorkspaceSessions(ctx, search, sessions.Need{All: true})
	if err != nil {
		return nil, err
	}
	return listing.Sessions, nil
}

func isConnection(s *sessions.Session, id string) bool {
	return s.SessionID != nil && *s.SessionID == id
}

// userOf is empty for a row without a user: a search for it finds every row.
func userOf(s *sessions.Session) string {
	if s.UserID == nil {
		return ""
	}
	return *s.UserID
}

// identities counts rows, because two tokens can log in on one connection at the same time.
func identities(rows []*sessions.Session) map[sessions.Identity]int {
	n := map[sessions.Identity]int{}
	for _, s := range rows {
		n[sessions.IdentityOf(s)]++
	}
	return n
}
