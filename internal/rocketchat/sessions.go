// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// countAsked is more than a workspace allows on a page, so that it responds with
// its own maximum (API_Upper_Count_Limit, 100 by default). 0, which once meant
// no limit, is refused since 6.x.
const countAsked = 10_000

// WorkspaceSessions reads the sessions of all users, newest login first, as far as
// need requires, or returns an error. The result is complete by client: every client
// that is logged in during the whole read is there, by an old connection or a new one.
// A session that exists during the whole read is there exactly once. A client that
// connects during the read can be there twice: see [Listing].
//
// If need is the newest n, the result omits such a client only if there are n newer
// sessions. If the list changed, the first page is read again at the end. Of the rows
// within its range, which are all rows if n is less than a page, only those that it
// lists count. Rows further down existed when their page was read.
//
// The server evaluates search: as a literal, in some of the fields, and in the names
// of at most five users. The context's deadline is by the client's clock.
//
// Errors are context.Canceled and the types of this package.
func (c *Client) WorkspaceSessions(ctx context.Context, search string, need sessions.Need) (*Listing, error) {
	return c.cache.get(ctx, listAll, search, need)
}

// OwnSessions reads the sessions of the token's own account, as
// [Client.WorkspaceSessions] does, with neither permission nor second factor.
func (c *Client) OwnSessions(ctx context.Context, search string, need sessions.Need) (*Listing, error) {
	return c.cache.get(ctx, listOwn, search, need)
}

// readPage reads the rows of a shared read from offset on, and shares repeated values.
func (c *Client) readPage(ctx context.Context, read *sharedRead, offset int, shared *sharedValues) (*page, error) {
	query := url.Values{"count": {strconv.Itoa(countAsked)}}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	if read.search != "" {
		query.Set("filter", read.search)
	}
	p := &page{offset: offset}
	r := &request{client: c, endpoint: read.endpoint, query: query, audience: read.audience()}
	r.decode = func(body []byte) (err error) {
		p.rows, p.total, err = decodePage(body, offset)
		return err
	}
	if err := r.do(ctx); err != nil {
		return nil, err
	}
	shared.share(p.rows)
	return p, nil
}

// decodePage reads a response to a request for rows from offset on. Documentation and releases
// disagree on what its count counts, and the number of rows gives the page size as well.
func decodePage(body []byte, offset int) (rows []*sessions.Session, total int, err error) {
	rows, total, err = decodeList[sessions.Session](body, "sessions", countAsked, nil)
	switch {
	case err != nil:
		return nil, 0, err
	case total == noTotal:
		return nil, 0, errTotal
	case len(rows) > 0 && offset+len(rows) > total: //mutate:too-many
		// A total that is too small would make this page pass for the last one.
		return nil, 0, errors.New(`the response has more rows than its "total"`)
	case !slices.IsSortedFunc(rows, newestFirst): //mutate:order
		return nil, 0, errors.New("the rows are not in descending order of their login time")
	}
	return rows, total, nil
}

// WorkspaceSession reads one session of any user by its session ID. The server treats
// the ID as a regular expression on several fields and returns the newest match, so
// the client escapes the ID and checks the ID in the response. A session that has ended
// gives [ErrNotFound].
func (c *Client) WorkspaceSession(ctx context.Context, sessionID string) (*sessions.Session, error) {
	var found sessions.Session
	query := url.Values{"sessionId": {regexp.QuoteMeta(sessionID)}}
	err := c.callAlone(ctx, request{endpoint: infoAdmin, query: query, decode: func(body []byte) error {
		found = sessions.Session{}
		return unmarshalGood(body, &found)
	}}, &limitWaits{})
	if err != nil {
		return nil, err
	}
	if found.SessionID == nil || *found.SessionID != sessionID {
		return nil, fmt.Errorf("%s: %w", infoAdmin, ErrNotFound)
	}
	return &found, nil
}

// Logout ends a session and with it every session of the same login token. A session
// that has already ended is not an error, because the server returns 200 again; an
// unknown ID gives [ErrNotFound].
func (c *Client) Logout(ctx context.Context, sessionID string) error {
	body, _ := json.Marshal(map[string]string{"sessionId": sessionID}) // of texts, which cannot fail
	defer c.cache.forgetAll()
	return c.callAlone(ctx, request{endpoint: logout, body: body, decode: func(body []byte) error {
		return unmarshalGood(body, &struct{}{})
	}}, &c.logoutWaits)
}

// sharedValues keeps one copy of values that the sessions of a read repeat: a few
// hosts, some hundred devices, and users with several sessions each. It reduces the
// memory of a long list to a third, and adds a tenth to the decoding time
// (BenchmarkRead, TestRows_shareWhatTheyRepeat).
type sharedValues struct {
	mu      sync.Mutex
	texts   map[string]*string
	devices map[sessions.Device]*sessions.Device
	users   map[sessions.User]*sessions.User
}

func newSharedValues() *sharedValues {
	return &sharedValues{
		texts:   map[string]*string{},
		devices: map[sessions.Device]*sessions.Device{},
		users:   map[sessions.User]*sessions.User{},
	}
}

// share replaces the values that the rows of a page have in common with earlier ones.
func (v *sharedValues) share(rows []*sessions.Session) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, s := range rows {
		s.Host, s.IP, s.UserID = shared(v.texts, s.Host), shared(v.texts, s.IP), shared(v.texts, s.UserID)
		s.Device, s.User = shared(v.devices, s.Device), shared(v.users, s.User)
		if s.ID != nil && s.SessionID != nil && *s.ID == *s.SessionID {
			s.ID = s.SessionID
		}
	}
}

// shared returns the first value that was equal to this one.
func shared[T comparable](known map[T]*T, value *T) *T {
	if value == nil {
		return nil
	}
	if first, ok := known[*value]; ok {
		return first
	}
	known[*value] = value
	return value
}
