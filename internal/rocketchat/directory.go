// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// UserListing is the result of a read of the users.
type UserListing struct {
	// Users are in ascending order of their ids, each once. Callers share them and
	// must not change them.
	Users []*users.User
	// Hidden reports that no user has roles: the account cannot see roles and last
	// logins, because it lacks the permission view-full-other-user-info.
	Hidden bool
	// At is the workspace's time at the read's first response, and Clocks the conflict of
	// the clocks that could determine it, as in [Listing].
	At     time.Time
	Clocks *ClockConflict
}

// Users reads all users of the workspace: every user who exists during the whole
// read, exactly once, or an error. A read serves others for a minute, unless it is
// stale, a listing that lacks a user. Errors are those of [Client.WorkspaceSessions].
//
// It calls users.listByStatus, which shows roles and last logins to every account with
// the permission view-d-room. Before release 6.8, which introduced that route, it calls
// users.list, which shows them only with view-full-other-user-info.
func (c *Client) Users(ctx context.Context, stale *UserListing) (*UserListing, error) {
	serves := func(known *UserListing) bool { return known != stale }
	return c.users.get(ctx, serves, func(ctx context.Context, audience *audience) (*UserListing, error) {
		list := &listByID[users.User]{
			client: c, audience: audience, endpoint: usersByStatus,
			name: "users", id: func(u *users.User) string { return u.ID }, most: maxUsers,
			values: func(u *users.User) int { return len(u.Roles) },
			empty:  "the workspace lists no users, not even the calling account",
		}
		all, answered, err := readByID(ctx, list)
		var missing *NotRocketChatError
		if errors.As(err, &missing) && missing.Version != "" {
			list.endpoint = usersList
			all, answered, err = readByID(ctx, list)
		}
		if err != nil {
			return nil, err
		}
		return c.userListing(all, answered), nil
	})
}

// userListing dates a list, whose newest login can be on any page, by the instant of its
// first response.
func (c *Client) userListing(all []*users.User, answered time.Time) *UserListing {
	listing := &UserListing{Users: all, Hidden: true}
	var newest time.Time
	for _, u := range all {
		listing.Hidden = listing.Hidden && u.Roles == nil
		if u.LastLogin != nil {
			newest = latestOf(newest, *u.LastLogin)
		}
	}
	now := c.clock.Now()
	listing.At, listing.Clocks = c.server.timeOfRead(now, newest)
	listing.At = listing.At.Add(answered.Sub(now))
	return listing
}

// Roles reads the roles of the workspace, in the server's order. A read serves
// others for a minute. No role at all is an error: a rule about roles would pass by mistake.
func (c *Client) Roles(ctx context.Context) ([]*users.Role, error) {
	return c.roles.readOnce(ctx, decodeRoles)
}

// decodeRoles reads a response of roles.list, which has no total.
func decodeRoles(body []byte) ([]*users.Role, error) {
	roles, _, err := decodeList(body, "roles", maxRoles, func(r *users.Role) error {
		if r.ID == "" {
			return errNoID
		}
		return nil
	})
	if err == nil && len(roles) == 0 {
		err = &IncompleteError{Why: "the workspace lists no roles, not even the default ones"}
	}
	return roles, err
}

const (
	// maxRoles bounds the roles of a workspace, which come unpaged.
	maxRoles = 100_000
	// maxUsers bounds the users of one response and of a whole read.
	maxUsers = 500_000
)

// maxPermissions bounds the permissions of a workspace, which come unpaged.
const maxPermissions = 100_000

// Permissions reads which roles hold each permission of the workspace: IDs of roles by
// the ID of the permission, of those that the release has. Any account may read them. A read
// serves others for a minute; callers share it and must not change it.
func (c *Client) Permissions(ctx context.Context) (map[string][]string, error) {
	return c.permissions.readOnce(ctx, decodePermissions)
}

// permissionRow is a row of permissions.listAll.
type permissionRow struct {
	ID    string    `json:"_id"`
	Roles *[]string `json:"roles"`
}

// decodePermissions reads a response of permissions.listAll, which has no total.
func decodePermissions(body []byte) (map[string][]string, error) {
	rows, _, err := decodeList[permissionRow](body, "update", maxPermissions, nil)
	if err == nil && len(rows) == 0 {
		err = &IncompleteError{Why: "the workspace lists no permissions"}
	}
	held := make(map[string][]string, len(rows))
	for i, p := range rows {
		_, twice := held[p.ID]
		switch {
		case p.ID == "":
			return nil, fmt.Errorf("permission %d of the response has no ID", i)
		case p.Roles == nil:
			return nil, fmt.Errorf("permission %d of the response has no roles", i)
		case twice:
			return nil, fmt.Errorf("permission %d of the response has the ID of another", i)
		}
		held[p.ID] = *p.Roles
	}
	return held, err
}

// OwnRoles reads the IDs of the calling account's roles; nil if the workspace does not say.
// Nothing else of the response is kept: it has e-mail addresses and preferences. A read is shared
// as those of [Client.Permissions] are.
func (c *Client) OwnRoles(ctx context.Context) ([]string, error) {
	return c.ownRoles.readOnce(ctx, func(body []byte) ([]string, error) {
		var own struct {
			ID    string   `json:"_id"`
			Roles []string `json:"roles"`
		}
		err := unmarshalGood(body, &own)
		if err == nil && own.ID != c.config.UserID {
			err = errors.New("the response is about another account")
		}
		return own.Roles, err
	})
}
