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

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// countAsked is more than a workspace allows on a page, so that it answers with
// its own maximum (API_Upper_Count_Limit, 100 by default). 0, which once meant
// no limit, is refused since 6.x.
const countAsked = 10_000

// WorkspaceSessions reads the sessions of all users, newest login first, down
// to what need asks for: every session that was alive during the whole read,
// each once, or an error.
//
// Where need asks for the newest n, a session that was alive during the whole
// read is left out only for n newer ones. If the list changed, the first page is
// read again at the end: of the rows that it covers, which all do when n is less
// than a page, only those are counted that it lists. Those further down were
// alive when their page was read.
//
// search is matched by the server: a literal, in a part
// of the fields, and for the names of five users at most. The context's
// deadline is taken from the client's clock.
//
// Errors: [*ResponseError], [*SecondFactorError], [*RateLimitError],
// [*NotRocketChatError], [*TooOldError], [*RedirectError], [*TransportError],
// [*UnreadableError], [*IncompleteError], [*TimeoutError], context.Canceled.
func (c *Client) WorkspaceSessions(ctx context.Context, search string, need sessions.Need) (*Listing, error) {
	return c.cache.list(ctx, listAll, search, need)
}

// OwnSessions reads the sessions of the token's own account, as
// [Client.WorkspaceSessions] does, with neither permission nor second factor.
func (c *Client) OwnSessions(ctx context.Context, search string, need sessions.Need) (*Listing, error) {
	return c.cache.list(ctx, listOwn, search, need)
}

var errMoreRows = errors.New(`the answer has more rows than its "total"`)

var errOrder = errors.New("the rows are not in descending order of their login time")

// page reads the rows of a shared read from offset on; what they repeat is shared.
func (c *Client) page(ctx context.Context, read *sharedRead, offset int, shared *sharedValues) (*page, error) {
	query := url.Values{"count": {strconv.Itoa(countAsked)}}
	if offset > 0 {
		query.Set("offset", strconv.Itoa(offset))
	}
	if read.key.search != "" {
		query.Set("filter", read.key.search)
	}
	p := &page{offset: offset}
	r := &request{client: c, endpoint: read.key.endpoint, query: query, announce: read.announce}
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

// decodePage reads an answer to a request for rows from offset on. Its count is
// not read: documentation and releases disagree on what it counts, and the
// number of rows tells the page size as well.
func decodePage(body []byte, offset int) (rows []*sessions.Session, total int, err error) {
	answer, err := decodeList[sessions.Session](body, "sessions", countAsked)
	switch {
	case err != nil:
		return nil, 0, err
	case answer.total == nil:
		return nil, 0, errTotal
	case len(answer.rows) > 0 && offset+len(answer.rows) > *answer.total: //mutate:too-many
		// A total that is too small would make this page pass for the last one.
		return nil, 0, errMoreRows
	case !slices.IsSortedFunc(answer.rows, newestFirst): //mutate:order
		return nil, 0, errOrder
	}
	return answer.rows, *answer.total, nil
}

// WorkspaceSession reads one session of any user, by its session id. The server
// takes the id for a regular expression on several fields and answers with the
// newest match, so the id goes out escaped and what comes back is compared.
// A session that has ended gives [ErrNotFound].
func (c *Client) WorkspaceSession(ctx context.Context, sessionID string) (*sessions.Session, error) {
	type sessionAnswer struct {
		Success *bool `json:"success"`
		sessions.Session
	}
	var found sessionAnswer
	query := url.Values{"sessionId": {regexp.QuoteMeta(sessionID)}}
	err := c.call(ctx, infoAdmin, query, nil, func(body []byte) error {
		found = sessionAnswer{}
		err := json.Unmarshal(body, &found)
		if err == nil && found.Success != nil && !*found.Success {
			return errNoSuccess
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if found.SessionID == nil || *found.SessionID != sessionID {
		return nil, fmt.Errorf("%s: %w", infoAdmin, ErrNotFound)
	}
	return &found.Session, nil
}

// Logout ends a session and with it every session of the same login token. One
// that has ended already is no error, since the server says 200 again; an id
// that was never known gives [ErrNotFound].
func (c *Client) Logout(ctx context.Context, sessionID string) error {
	body, err := json.Marshal(map[string]string{"sessionId": sessionID})
	if err != nil {
		return fmt.Errorf("%s: %w", logout, err)
	}
	defer c.cache.forgetAll()
	return c.call(ctx, logout, nil, body, func(body []byte) error {
		var answer struct {
			Success *bool `json:"success"`
		}
		err := json.Unmarshal(body, &answer)
		if err == nil && answer.Success != nil && !*answer.Success {
			return errNoSuccess
		}
		return err
	})
}

// errNoSuccess is an answer with a good status that says success:false.
var errNoSuccess = errors.New("the server says that it did not succeed")
