// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// UserListing is the answer to a read of the users.
type UserListing struct {
	// Users are in ascending order of their ids, each once. Callers share them and
	// must not change them.
	Users []*users.User
	// Hidden reports that no user has roles: the account cannot see roles and last
	// logins, because it lacks the permission view-full-other-user-info.
	Hidden bool
	// At is the workspace's time at the read's first answer, and Clocks the conflict of
	// the clocks that could tell it, as in [Listing].
	At     time.Time
	Clocks *ClockConflict
	// answered is the instant of At by our clock.
	answered time.Time
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
	return c.users.get(ctx, serves, func(ctx context.Context, announce announcer) (*UserListing, error) {
		listing, err := c.readUsers(ctx, usersByStatus, announce)
		var missing *NotRocketChatError
		if errors.As(err, &missing) && missing.Version != "" {
			listing, err = c.readUsers(ctx, usersList, announce)
		}
		if err == nil {
			c.date(listing)
		}
		return listing, err
	})
}

// Roles reads the roles of the workspace, in the server's order. A read serves
// others for a minute.
func (c *Client) Roles(ctx context.Context) ([]*users.Role, error) {
	serves := func([]*users.Role) bool { return true }
	return c.roles.get(ctx, serves, func(ctx context.Context, announce announcer) (roles []*users.Role, err error) {
		r := &request{client: c, endpoint: rolesList, announce: announce, decode: func(body []byte) (err error) {
			roles, err = decodeRoles(body)
			return err
		}}
		err = r.do(ctx)
		return roles, err
	})
}

const (
	// maxRoles bounds the roles of a workspace, which come unpaged.
	maxRoles = 100_000
	// maxUsers bounds the users of one answer and of a whole read.
	maxUsers = 500_000
	// maxStepsBack bounds how often a read of users steps back, in strides of 1, 2,
	// … 128 users, or of as many as have gone according to the totals.
	maxStepsBack = 32
)

var (
	errTooManyUsers = fmt.Errorf("the workspace has more than %d users", maxUsers)
	errUserOrder    = errors.New("the users are not in ascending order of their IDs")
)

// readUsers reads pages in order of ID, which is total and never changes for a user.
// Therefore, a page contains every user whose ID is between its first and its last,
// and the read is complete when pages overlap from the beginning to the end: the next
// page must begin at a known ID. If it does not, users above have gone, and the reader
// steps back.
//
// The first request has count=0, which returns everybody in one call, whatever the
// workspace allows on a page; with API_Allow_Infinite_Count switched off, it returns
// an ordinary page, of any length that API_Default_Count has.
//
// A page proves the end only if it is shorter than another of the same count, because
// then the server did not cut it. That it reaches the total is no proof: a user may
// have gone between the server's two queries, for the rows and for the total. Therefore,
// a page with everybody is followed by one that begins at its last user.
func (c *Client) readUsers(ctx context.Context, ep endpoint, announce announcer) (*UserListing, error) {
	listing := &UserListing{Hidden: true}
	count, offset, reported := 0, 0, 0
	sizes := map[int]int{} // of the longest page by count
	for back, idle := 0, 0; back <= maxStepsBack && idle <= maxSteps; {
		page, total, err := c.userPage(ctx, ep, announce, offset, count)
		if errors.Is(err, errTooLarge) && count == 0 {
			count, sizes[0] = countAsked, 0
			continue
		}
		if err != nil {
			return nil, err
		}
		if listing.answered.IsZero() {
			listing.answered = c.clock.Now()
		}
		before := len(listing.Users)
		overlaps := listing.extend(page, offset == 0)
		sizes[count] = max(sizes[count], len(page))
		switch {
		case len(listing.Users) == 0:
			return nil, &IncompleteError{Request: c.name(ep), Why: "the workspace lists no users, not even the calling account", Total: total}
		case overlaps && len(page) < sizes[count] && offset+len(page) >= total: //mutate:users-end
			return listing, nil
		case len(listing.Users) >= maxUsers:
			return nil, &UnreadableError{Request: c.name(ep), Err: errTooManyUsers}
		case !overlaps:
			offset = max(offset-max(1<<(back%maxSteps), reported-total), 0)
			back++
			continue
		case offset == 0 && len(page) == 1 && total <= 1: // no page is shorter
			if only, err := c.isOnlyUser(ctx, ep, announce, page[0].ID); err != nil {
				return nil, err
			} else if only {
				return listing, nil
			}
			idle++
		case len(listing.Users) > before && len(page) > 1: // a page of one gets no further
			reported, idle = total, 0
		default:
			idle++
		}
		// The last user is read again, to prove that nobody is missing.
		offset += max(len(page)-1, 0)
		count = countAsked
		if total-offset < sizes[0] { // an ordinary page has room for the rest
			count = 0
		}
		if size := sizes[count]; size > 0 {
			if err := c.checkWaits(ep, (total-offset)/max(size-1, 1), announce); err != nil {
				return nil, err
			}
		}
	}
	return nil, &IncompleteError{Request: c.name(ep), Why: tooFast, Rows: len(listing.Users), Total: reported}
}

// isOnlyUser reports whether the workspace lists one user: nobody follows the user, who
// is still there afterwards.
func (c *Client) isOnlyUser(ctx context.Context, ep endpoint, announce announcer, id string) (bool, error) {
	following, _, err := c.userPage(ctx, ep, announce, 1, 0)
	if err != nil || len(following) > 0 {
		return false, err
	}
	again, _, err := c.userPage(ctx, ep, announce, 0, 0)
	return err == nil && len(again) == 1 && again[0].ID == id, err
}

// date sets the instant of a whole listing, whose newest login can be on any page.
func (c *Client) date(l *UserListing) {
	var newest time.Time
	for _, u := range l.Users {
		if u.LastLogin != nil {
			newest = later(newest, *u.LastLogin)
		}
	}
	now := c.clock.Now()
	l.At, l.Clocks = c.server.timeOfRead(now, newest)
	l.At = l.At.Add(l.answered.Sub(now))
}

// extend adds the new users of a page. It returns false if the page begins neither at
// the beginning of the list nor at a known user.
func (l *UserListing) extend(page []*users.User, first bool) bool {
	last := ""
	if n := len(l.Users); n > 0 {
		last = l.Users[n-1].ID
	}
	if !first && (len(page) == 0 || page[0].ID > last) {
		return false
	}
	for _, u := range page {
		if u.ID > last {
			l.Users = append(l.Users, u)
			l.Hidden = l.Hidden && u.Roles == nil
		}
	}
	return true
}

// userPage reads the users from offset on; count is 0 for all of them.
func (c *Client) userPage(
	ctx context.Context, ep endpoint, announce announcer, offset, count int,
) (page []*users.User, total int, err error) {
	query := url.Values{
		"count":  {strconv.Itoa(count)},
		"offset": {strconv.Itoa(offset)},
		"sort":   {`{"_id":1}`},
	}
	r := &request{client: c, endpoint: ep, query: query, announce: announce, decode: func(body []byte) (err error) {
		page, total, err = decodeUsers(body)
		return err
	}}
	err = r.do(ctx)
	return page, total, err
}

// decodeUsers reads an answer of users.listByStatus or users.list.
func decodeUsers(body []byte) (page []*users.User, total int, err error) {
	page, total, err = decodeList[users.User](body, "users", maxUsers)
	switch {
	case err != nil:
		return nil, 0, err
	case total == noTotal:
		return nil, 0, errTotal
	}
	last := ""
	for i, u := range page {
		switch {
		case u.ID == "":
			return nil, 0, fmt.Errorf("user %d of the answer has no ID", i)
		case u.ID <= last:
			return nil, 0, errUserOrder
		}
		last = u.ID
	}
	return page, total, nil
}

// decodeRoles reads an answer of roles.list, which has no total.
func decodeRoles(body []byte) ([]*users.Role, error) {
	roles, _, err := decodeList[users.Role](body, "roles", maxRoles)
	return roles, err
}
