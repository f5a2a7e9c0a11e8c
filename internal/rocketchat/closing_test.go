// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// reconnect has the clients of the rows from first until before last connect anew, each
// a second after the newest login. Their rows keep the client's name.
func reconnect(first, last int) change {
	return func(l *list) {
		leaving := slices.Clone(l.rows[first:last])
		l.rows = slices.Delete(l.rows, first, last)
		for _, s := range leaving {
			l.rows = slices.Insert(l.rows, 0, again(s, l.newest()+1))
		}
	}
}

// reconnectAt has the client of one row connect anew, at a time that is listed at a place.
func (l *list) reconnectAt(row, place int, at int64) {
	s := l.rows[row]
	l.rows = slices.Insert(slices.Delete(l.rows, row, row+1), place, again(s, at))
}

func again(s *sessions.Session, at int64) *sessions.Session { return row(clientOf(s)+"/", at) }

func clientOf(s *sessions.Session) string {
	client, _, _ := strings.Cut(*s.SessionID, "/")
	return client
}

func clientsOf(rows []*sessions.Session) map[string]bool {
	all := map[string]bool{}
	for _, s := range rows {
		all[clientOf(s)] = true
	}
	return all
}

// TestClosing_ofHistories has clients reconnect during a read. None of those that are needed may be
// missing.
func TestClosing_ofHistories(t *testing.T) {
	t.Parallel()
	fifty := time.Unix(100_000-50, 0)
	for name, tc := range map[string]struct {
		rows   []*sessions.Session // distinct(60) unless set
		need   sessions.Need       // all unless set
		before func(n int, l *list)
		// offsets are those asked for after the first descent.
		offsets []int
		why     string
	}{
		"nobody reconnects": {before: func(int, *list) {}, offsets: []int{}},
		// Ten seconds further down than the newest, where there is a row a second.
		"fewer than a page":                 {before: moves{5: reconnect(52, 54)}.before, offsets: []int{0, 6, 0}},
		"more than a page":                  {before: moves{5: reconnect(35, 59)}.before, offsets: []int{0, 6, 12, 18, 24, 30, 0}},
		"all":                               {before: moves{5: reconnect(0, 60)}.before},
		"more during the first pass":        {before: moves{5: reconnect(35, 45), 11: reconnect(10, 18)}.before},
		"more during the second pass":       {before: moves{5: reconnect(30, 45), 11: reconnect(30, 45), 15: reconnect(20, 29), 17: reconnect(20, 29)}.before},
		"a page before every response":      {before: from(1, reconnect(50, 60)), why: tooFast},
		"half a page before every response": {before: from(1, reconnect(45, 50)), why: tooFast},
		"three before every response": {before: func(n int, l *list) {
			if n > 0 {
				at := (n * 7) % 50
				reconnect(at, at+3)(l)
			}
		}},
		"by an instance whose clock is nine seconds behind": {before: moves{5: func(l *list) {
			l.reconnectAt(55, 9, l.newest()-9)
			reconnect(45, 50)(l)
		}}.before},
		"at the very time of the newest": {
			before: moves{
				5: reconnect(40, 55),
				// A client that no page has had yet, tied with the newest of the pass.
				11: func(l *list) { l.reconnectAt(12, 1, l.newest()) },
				// Nine newer ones, so that the first page of the next pass ends within the tie.
				12: reconnect(50, 59),
			}.before,
		},
		"at one time, as many as a page": {before: moves{5: func(l *list) {
			at := l.newest() + 1
			for i := 40; i < 52; i++ {
				l.reconnectAt(i, 0, at)
			}
		}}.before},
		"a list without login times": {rows: undated(60, 60), before: moves{12: func(l *list) { l.reconnectAt(30, 0, 1) }}.before},
		"of the newest":              {need: sessions.Need{Newest: 25}, before: moves{1: reconnect(10, 25)}.before},
		"of the newest, twice":       {need: sessions.Need{Newest: 25}, before: moves{2: reconnect(10, 25), 6: reconnect(10, 25)}.before},
		"of those after a time":      {need: sessions.Need{After: &fifty}, before: moves{2: reconnect(33, 49), 4: reconnect(33, 49)}.before},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.rows == nil {
				tc.rows = distinct(60)
			}
			if tc.need == (sessions.Need{}) {
				tc.need = all
			}
			l := &list{rows: slices.Clone(tc.rows), size: 10, before: tc.before}
			w := newWalk(func(ctx context.Context, offset int) (*page, error) {
				if len(l.asked) == 300 {
					return nil, errors.New("300 pages were read")
				}
				return l.fetch(ctx, offset)
			}, 1)
			err := w.all(t.Context(), tc.need)
			var incomplete *IncompleteError
			if tc.why != "" {
				if !errors.As(err, &incomplete) || incomplete.Why != tc.why {
					t.Errorf("%v after %d pages, want an error that says %q", err, len(l.asked), tc.why)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v; asked for %v", err, l.asked)
			}
			if tc.offsets != nil && !slices.Equal(l.asked[10:], tc.offsets) {
				t.Errorf("asked for %v, and then %v, want %v", l.asked[:10], l.asked[10:], tc.offsets)
			}
			rows, needed := w.newestFirst(), tc.rows
			switch {
			case tc.need.After != nil:
				needed = tc.rows[:50]
			case !tc.need.All:
				rows, needed = rows[:tc.need.Newest], tc.rows[:tc.need.Newest]
			}
			got := clientsOf(rows)
			for client := range clientsOf(needed) {
				if !got[client] {
					t.Errorf("%s is missing; asked for %v", client, l.asked)
				}
			}
			wantEach(t, w.rows, sessions.Need{}, l.rows)
		})
	}
}

// TestClosing_isForeseen: what a closing costs at least counts among the calls left.
func TestClosing_isForeseen(t *testing.T) {
	t.Parallel()
	l := &list{rows: distinct(60), size: 10, before: moves{1: reconnect(30, 31), 9: reconnect(35, 50)}.before}
	w := newWalk(l.fetch, 1)
	for _, step := range []struct {
		asked, left int
	}{
		{1, 9},  // the descent alone: nothing has moved yet
		{10, 1}, // one page from the top at least
		{11, 2}, // it did not get down: another one, and a pass after it
	} {
		if err := w.advance(t.Context(), all); err != nil {
			t.Fatal(err)
		}
		if left := w.callsLeft(all); len(l.asked) != step.asked || left != step.left {
			t.Errorf("%d calls left after %v, want %d after %d", left, l.asked, step.left, step.asked)
		}
	}
	for !w.complete(all) {
		if err := w.advance(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	if left := w.callsLeft(all); left != 0 {
		t.Errorf("%d calls left at the end", left)
	}
}

// TestClosing_afterANeedThatGrows: a list that was closed for a part is closed again for
// the whole.
func TestClosing_afterANeedThatGrows(t *testing.T) {
	t.Parallel()
	l := &list{rows: distinct(60), size: 10, before: moves{1: reconnect(48, 59), 6: reconnect(48, 59), 12: reconnect(48, 59)}.before}
	want := clientsOf(l.rows)
	w := newWalk(l.fetch, 1)
	if err := w.all(t.Context(), sessions.Need{Newest: 12}); err != nil {
		t.Fatal(err)
	}
	if w.complete(all) || !w.closed() {
		t.Fatalf("complete %t, closed %t after %v", w.complete(all), w.closed(), l.asked)
	}
	if err := w.all(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	got := clientsOf(w.rows)
	for client := range want {
		if !got[client] {
			t.Errorf("%s is missing; asked for %v", client, l.asked)
		}
	}
	if last := l.asked[len(l.asked)-1]; last != 0 {
		t.Errorf("the read ended with the page from %d", last)
	}
}
