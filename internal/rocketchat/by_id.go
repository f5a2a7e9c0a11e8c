// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// listByID is a list of the API that the server sorts by ID, such as the users.
type listByID[T any] struct {
	client   *Client
	audience *audience
	endpoint endpoint
	// name is what a response and errors call the rows: users.
	name string
	id   func(*T) string
	// values counts the values in a row's arrays.
	values func(*T) int
	// most bounds the rows of one response and of the whole list.
	most int
	// trustTotal has a page that reaches the reported total be the end, for a list whose
	// rows do not go.
	trustTotal bool
	// empty is why a list without rows cannot be right.
	empty string
}

const (
	// maxStepsBack bounds how often a read by ID steps back, in strides of 1, 2, … 128 rows,
	// or of as many as have gone according to the totals.
	maxStepsBack = 32
	// maxRowValues and maxValues bound the values in the arrays of a row, and in those of
	// one response: hundreds of thousands of empty texts fit into a kilobyte of gzip.
	maxRowValues = 10_000
	maxValues    = 1_000_000
)

// readByID reads pages in order of ID, which is total and never changes for a row.
// Therefore, a page contains every row whose ID is between its first and its last, and the next
// page must begin at a known ID. If it does not, rows above have gone, and the reader steps back.
//
// The first request has count=0, which returns everything in one call, whatever the
// workspace allows on a page; with API_Allow_Infinite_Count switched off, it returns
// an ordinary page, of any length that API_Default_Count has.
//
// A page proves the end only if it is shorter than another of the same count, because
// then the server did not cut it. That it reaches the total is no proof: a row may
// have gone between the server's two queries, for the rows and for the total.
//
// It returns the rows, each once, and the instant of the first response by our clock.
func readByID[T any](ctx context.Context, list *listByID[T]) (rows []*T, answered time.Time, err error) {
	count, offset, reported := 0, 0, 0
	sizes := map[int]int{} // of the longest page by count
	request := list.client.name(list.endpoint)
	for back, idle := 0, 0; back <= maxStepsBack && idle <= maxSteps; {
		page, total, err := list.readPage(ctx, offset, count)
		if errors.Is(err, errTooLarge) && count == 0 {
			count, sizes[0] = countAsked, 0
			continue
		}
		if err != nil {
			return nil, answered, err
		}
		if answered.IsZero() {
			answered = list.client.clock.Now()
		}
		more, overlaps := list.following(rows, page, offset)
		if overlaps {
			rows = append(rows, more...)
		}
		sizes[count] = max(sizes[count], len(page))
		switch {
		case len(rows) == 0:
			return nil, answered, &IncompleteError{Request: request, Why: list.empty, Total: total}
		case overlaps && (list.trustTotal || len(page) < sizes[count]) && offset+len(page) >= total: //mutate:users-end
			return rows, answered, nil
		case len(rows) >= list.most:
			return nil, answered, &MalformedError{Request: request, Err: fmt.Errorf("the workspace has more than %d %s", list.most, list.name)}
		case !overlaps:
			offset = max(offset-max(1<<(back%maxSteps), reported-total), 0)
			back++
			continue
		case offset == 0 && len(page) == 1 && total <= 1: // no page is shorter
			if only, err := list.isOnly(ctx, page[0]); only || err != nil {
				return rows, answered, err
			}
			idle++
		case len(more) > 0 && len(page) > 1: // a page of one gets no further
			reported, idle = total, 0
		default:
			idle++
		}
		// The last row is read again, to prove that none is missing.
		offset += max(len(page)-1, 0)
		count = countAsked
		if total-offset < sizes[0] { // an ordinary page has room for the rest
			count = 0
		}
		if size := sizes[count]; size > 0 {
			if err := list.client.checkWaits(list.endpoint, (total-offset)/max(size-1, 1), list.audience.announce); err != nil {
				return nil, answered, err
			}
		}
	}
	return nil, answered, &IncompleteError{Request: request, Why: tooFast, Rows: len(rows), Total: reported}
}

// following returns the part of a page after the rows that are known, and whether none can be
// missing in between: the page begins at one of them, or at the top.
func (l *listByID[T]) following(known, page []*T, offset int) (more []*T, overlaps bool) {
	if len(known) == 0 || len(page) == 0 {
		return page, offset == 0
	}
	last := l.id(known[len(known)-1])
	next := slices.IndexFunc(page, func(row *T) bool { return l.id(row) > last })
	if next < 0 {
		next = len(page)
	}
	return page[next:], next > 0 || offset == 0
}

// isOnly reports whether the workspace lists one row: none follows it, and it is still
// there afterwards.
func (l *listByID[T]) isOnly(ctx context.Context, row *T) (bool, error) {
	following, _, err := l.readPage(ctx, 1, 0)
	if err != nil || len(following) > 0 {
		return false, err
	}
	again, _, err := l.readPage(ctx, 0, 0)
	return err == nil && len(again) == 1 && l.id(again[0]) == l.id(row), err
}

// readPage reads the rows from offset on; count is 0 for all of them.
func (l *listByID[T]) readPage(ctx context.Context, offset, count int) (page []*T, total int, err error) {
	query := url.Values{"count": {strconv.Itoa(count)}, "offset": {strconv.Itoa(offset)}, "sort": {`{"_id":1}`}}
	r := &request{client: l.client, endpoint: l.endpoint, query: query, audience: l.audience, decode: func(body []byte) (err error) {
		page, total, err = l.decode(body)
		return err
	}}
	err = r.do(ctx)
	return page, total, err
}

// decode reads a response, row by row, so that it stops at the first row that is wrong.
func (l *listByID[T]) decode(body []byte) (page []*T, total int, err error) {
	last, values := "", 0
	page, total, err = decodeList(body, l.name, l.most, func(row *T) error {
		n := l.values(row)
		values += n
		switch id := l.id(row); {
		case n > maxRowValues, values > maxValues: //mutate:values-bound
			return sizeError("it has more values in a list than a workspace can have")
		case id == "":
			return errNoID
		case id <= last:
			return errors.New("it is not in ascending order of the IDs")
		default:
			last = id
			return nil
		}
	})
	switch {
	case err != nil:
		return nil, 0, err
	case total == noTotal:
		return nil, 0, errTotal
	}
	return page, total, nil
}
