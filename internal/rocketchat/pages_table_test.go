// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// list responds as a workspace whose pages hold size rows.
type list struct {
	rows []*sessions.Session
	size int
	// before changes the list before the n-th request, counted from 0, is served.
	before func(n int, l *list)
	// total is what is reported; nil is the number of rows.
	total func(n int) int

	mu    sync.Mutex
	asked []int
}

func (l *list) fetch(_ context.Context, offset int) (*page, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(l.asked)
	l.asked = append(l.asked, offset)
	if l.before != nil {
		l.before(n, l)
	}
	from := min(offset, len(l.rows))
	p := &page{offset: offset, rows: slices.Clone(l.rows[from:min(from+l.size, len(l.rows))]), total: len(l.rows)}
	if l.total != nil {
		p.total = l.total(n)
	}
	return p, nil
}

// change is what happens to a list before a request is served.
type change func(l *list)

// moves are changes by the number of the request.
type moves map[int]change

func (m moves) before(n int, l *list) {
	if move := m[n]; move != nil {
		move(l)
	}
}

// from has the same change come before the first request and all that follow.
func from(first int, move change) func(int, *list) {
	return func(n int, l *list) {
		if n >= first {
			move(l)
		}
	}
}

func login(n int) change {
	return func(l *list) {
		for range n {
			newest := l.newest() + 1
			l.rows = slices.Insert(l.rows, 0, row(fmt.Sprintf("new%d", newest), newest))
		}
	}
}

func gone(n int) change {
	return func(l *list) { l.rows = l.rows[min(n, len(l.rows)):] }
}

func (l *list) newest() int64 {
	if len(l.rows) == 0 {
		return 100_000
	}
	return l.rows[0].LoginAt.Unix()
}

func row(id string, at int64) *sessions.Session {
	when := time.Unix(at, 0)
	return &sessions.Session{SessionID: &id, LoginAt: &when}
}

// distinct are n rows, newest first, none of the same time.
func distinct(n int) []*sessions.Session {
	rows := make([]*sessions.Session, n)
	for i := range rows {
		rows[i] = row(fmt.Sprintf("s%03d", i), int64(100_000-i))
	}
	return rows
}

// tied are n distinct rows but for those from a first until before a last, which
// share one time; there may be several such pairs.
func tied(n int, bounds ...int) []*sessions.Session {
	rows := distinct(n)
	for pair := range slices.Chunk(bounds, 2) {
		for _, s := range rows[pair[0]:pair[1]] {
			s.LoginAt = rows[pair[0]].LoginAt
		}
	}
	return rows
}

// undated are n rows, of which the last have no login time.
func undated(n, last int) []*sessions.Session {
	rows := distinct(n)
	for _, s := range rows[n-last:] {
		s.LoginAt = nil
	}
	return rows
}

func nameless(n int) []*sessions.Session {
	rows := distinct(n)
	for i, s := range rows {
		user := fmt.Sprintf("user%d", i)
		s.UserID, s.SessionID = &user, nil
	}
	return rows
}

// renamed gives the row at one place the session id of the row at another.
func renamed(rows []*sessions.Session, place, from int) []*sessions.Session {
	rows[place].SessionID = rows[from].SessionID
	return rows
}

var all = sessions.Need{All: true}

// all reads until a need is satisfied that does not grow.
func (w *walk) all(ctx context.Context, need sessions.Need) error {
	return w.run(ctx, func() sessions.Need { return need }, func(int) error { return nil })
}

func TestWalk_pages(t *testing.T) {
	t.Parallel()
	after := func(row int) sessions.Need {
		at := time.Unix(int64(100_000-row), 0)
		return sessions.Need{After: &at}
	}
	lies := func(total int) func(int) int { return func(int) int { return total } }
	for name, tc := range map[string]struct {
		rows   []*sessions.Session
		size   int // 10 unless set
		need   sessions.Need
		before func(n int, l *list)
		total  func(n int) int

		// offsets are those asked for, pages their number where they do not matter.
		offsets []int
		pages   int
		// got is the number of rows; all that were there at the start unless set.
		got int
		// alive checks that the newest that are needed are those that are listed in the end.
		alive bool
		// why is part of an IncompleteError.
		why string
	}{
		"empty":                                  {rows: nil, need: all, offsets: []int{0}},
		"one row":                                {rows: distinct(1), need: all, offsets: []int{0}},
		"single page":                            {rows: distinct(9), need: all, offsets: []int{0}},
		"single page, full":                      {rows: distinct(10), need: all, offsets: []int{0}},
		"one row more than a page":               {rows: distinct(11), need: all, offsets: []int{0, 6}},
		"last page full":                         {rows: distinct(16), need: all, offsets: []int{0, 6}},
		"two pages' worth":                       {rows: distinct(20), need: all, offsets: []int{0, 6, 12}},
		"a hundred rows":                         {rows: distinct(100), need: all, pages: 16},
		"a thousand rows":                        {rows: distinct(1000), size: 100, need: all, pages: 11},
		"tie across a seam":                      {rows: tied(40, 8, 12), need: all, pages: 6},
		"tie that fills an overlap":              {rows: tied(40, 5, 12), need: all, pages: 8},
		"tie just under a page":                  {rows: tied(40, 3, 12), need: all, pages: 12},
		"tie at the top":                         {rows: tied(40, 0, 9), need: all, pages: 6},
		"tie at the end":                         {rows: tied(40, 31, 40), need: all, pages: 6},
		"two ties":                               {rows: tied(40, 8, 12, 28, 32), need: all, pages: 6},
		"tie of a page":                          {rows: tied(40, 10, 20), need: all, pages: 12},
		"tie of two pages":                       {rows: tied(60, 8, 30), need: all, pages: 18},
		"everything tied":                        {rows: tied(35, 0, 35), need: all, offsets: []int{0, 6, 12, 18, 24, 30, 0, 10, 20, 30}},
		"tie of a page, list moves":              {rows: tied(60, 8, 30), need: all, got: 61, before: moves{2: login(1)}.before},
		"tie of a page, list moves all the time": {rows: tied(60, 8, 30), need: all, why: tieTooLong, before: from(12, login(1))},
		"tie of a page, one of it ends as another comes at the same time": {
			rows: tied(60, 8, 30), need: all, got: 60,
			// What was read has the one, what is left to read not the other.
			before: moves{3: func(l *list) { l.rows[8] = row("late", l.rows[9].LoginAt.Unix()) }}.before,
		},
		"tie of a page, another one of it ends at every look": {
			rows: tied(60, 8, 30), need: all, why: tieTooLong,
			before: func(n int, l *list) {
				if n >= 10 {
					l.rows[8+n%22] = row(fmt.Sprint("late", n), l.rows[9].LoginAt.Unix())
				}
			},
		},
		"tie of a page, only the newest above it": {rows: tied(60, 8, 30), need: sessions.Need{Newest: 7}, got: 10, offsets: []int{0}},
		"tie of a page, the newest down into it":  {rows: tied(60, 8, 30), need: sessions.Need{Newest: 20}},
		"tie of a page, a row short":              {rows: tied(40, 8, 20), need: all, total: lies(41), why: "fewer rows than it reports"},

		"documented sample, nine of thirteen":      {rows: distinct(9), size: 50, need: all, total: lies(13), why: "fewer rows than it reports"},
		"total above, beyond a page":               {rows: distinct(25), need: all, total: lies(40), why: "fewer rows than it reports"},
		"total above, a whole number of pages":     {rows: distinct(20), need: all, total: lies(40), why: "fewer rows than it reports"},
		"total above, no row at all":               {rows: nil, need: all, total: lies(40), why: "no rows"},
		"total beyond all reason":                  {rows: distinct(25), need: all, total: lies(math.MaxInt), why: "500,000", offsets: []int{0}},
		"total beyond all reason, one full page":   {rows: distinct(10), need: all, total: lies(math.MaxInt), why: "500,000"},
		"total below":                              {rows: distinct(9), need: all, total: lies(3), offsets: []int{0}},
		"total of nothing":                         {rows: distinct(9), need: all, total: lies(0), offsets: []int{0}},
		"total that wavers, rows that do not":      {rows: distinct(25), need: all, total: func(n int) int { return 25 + n%2 }, why: "fewer rows than it reports"},
		"total beyond all reason, only the newest": {rows: distinct(25), need: sessions.Need{Newest: 5}, total: lies(math.MaxInt), pages: 1, got: 10},

		"rows leave above a seam": {
			rows: distinct(40), need: all, got: 40 - 7, // the last verification pass proves them gone
			before: moves{1: gone(7)}.before,
		},
		"rows leave all the time": {rows: distinct(60), need: all, got: -1, before: from(1, gone(1))},
		"rows leave faster than pages are read": {
			rows: distinct(300), need: sessions.Need{After: &time.Time{}}, why: "faster than its pages",
			before: from(1, func(l *list) { l.rows = append(l.rows[min(20, len(l.rows)):], distinct(20)...) }),
		},
		"rows come on top": {rows: distinct(40), need: all, got: 40 + 7, before: moves{1: login(7)}.before},
		"rows come on top, pages one by one": {
			rows: distinct(40), need: sessions.Need{After: &time.Time{}}, got: 40 + 25,
			before: moves{1: login(25)}.before,
		},
		"everything leaves": {rows: distinct(40), need: all, got: -1, before: moves{2: func(l *list) { l.rows = nil }}.before},
		"one logs in again, and is seen by the last verification pass": {rows: distinct(40), need: all, got: 40, before: moves{1: reconnect(30, 31)}.before},
		"no look is needed when nothing moved":                         {rows: distinct(25), need: all, offsets: []int{0, 6, 12, 18}},

		"no login times at the end":        {rows: undated(25, 5), need: all, offsets: []int{0, 6, 12, 18}},
		"no login times across a seam":     {rows: undated(25, 9), need: all, pages: 6},
		"no login times, more than a page": {rows: undated(40, 25), need: all, pages: 12},
		"no login times at all":            {rows: undated(30, 30), need: all, pages: 8},
		"no ids":                           {rows: nameless(25), need: all, offsets: []int{0, 6, 12, 18}},
		"pages of one row, a tie":          {rows: tied(7, 2, 5), size: 1, need: all},
		"pages of two rows, list moves":    {rows: distinct(7), size: 2, need: all, got: 8, before: moves{1: login(1)}.before},
		"one session id on one page":       {rows: renamed(distinct(25), 3, 4), need: all, offsets: []int{0, 6, 12, 18}},
		"one session id on two pages":      {rows: renamed(distinct(25), 3, 14), need: all, offsets: []int{0, 6, 12, 18}},
		"one session id across a seam":     {rows: renamed(distinct(25), 5, 10), need: all, offsets: []int{0, 6, 12, 18}},
		"nothing distinguishes two rows":   {rows: renamed(tied(25, 7, 9), 7, 8), need: all, offsets: []int{0, 6, 12, 18}},
		"the newest, and those seen first have ended": {
			rows: distinct(60), need: sessions.Need{Newest: 14}, got: -1, alive: true,
			before: moves{1: gone(3), 2: gone(3)}.before,
		},
		"the newest, of rows that end all the time": {
			rows: distinct(1000), need: sessions.Need{Newest: 14}, why: tooFast,
			before: from(1, gone(9)),
		},
		"pages of one row":    {rows: distinct(7), size: 1, need: all, offsets: []int{0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6}},
		"pages of two rows":   {rows: distinct(7), size: 2, need: all, offsets: []int{0, 2, 4, 6, 0, 2, 4, 6}},
		"pages of three rows": {rows: distinct(12), size: 3, need: all},
		"pages of four rows":  {rows: distinct(12), size: 4, need: all, offsets: []int{0, 2, 4, 6, 8}},
		"pages of five rows":  {rows: distinct(12), size: 5, need: all, offsets: []int{0, 3, 6, 9}},

		"newest, none":                  {rows: distinct(100), need: sessions.Need{}, offsets: []int{0}, got: 10},
		"newest, within the first page": {rows: distinct(100), need: sessions.Need{Newest: 9}, offsets: []int{0}, got: 10},
		"newest, as many as a page":     {rows: distinct(100), need: sessions.Need{Newest: 10}, offsets: []int{0, 6}, got: 16},
		"newest, up to the seam":        {rows: distinct(100), need: sessions.Need{Newest: 15}, offsets: []int{0, 6, 12}, got: 22},
		"newest, the tie included":      {rows: tied(100, 7, 12), need: sessions.Need{Newest: 8}, offsets: []int{0, 6}, got: 16},
		"newest, more than there are":   {rows: distinct(15), need: sessions.Need{Newest: 1000}, offsets: []int{0, 6}},
		"newest, beyond all reason":     {rows: distinct(15), need: sessions.Need{Newest: math.MaxInt}, offsets: []int{0, 6}},

		"after, above all":             {rows: distinct(100), need: after(-5), offsets: []int{0}, got: 10},
		"after, within the first page": {rows: distinct(100), need: after(9), offsets: []int{0}, got: 10},
		"after, in the second page":    {rows: distinct(100), need: after(10), offsets: []int{0, 6}, got: 16},
		"after, below all":             {rows: distinct(15), need: after(1000), offsets: []int{0, 6}},
		"after, a tie at the limit":    {rows: tied(100, 7, 12), need: after(7), offsets: []int{0}, got: 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.size == 0 {
				tc.size = 10
			}
			l := &list{rows: tc.rows, size: tc.size, before: tc.before, total: tc.total}
			w := newWalk(l.fetch, 1)
			err := w.all(t.Context(), tc.need)
			if len(l.asked) > 100 {
				t.Fatalf("asked for %d pages", len(l.asked))
			}
			if tc.why != "" {
				var incomplete *IncompleteError
				if !errors.As(err, &incomplete) || !strings.Contains(incomplete.Why, tc.why) {
					t.Fatalf("got the error %v, want one that says %q; asked for %v", err, tc.why, l.asked)
				}
				if incomplete.Rows != len(w.rows) || incomplete.Total != w.total || !strings.Contains(err.Error(), fmt.Sprintf("%d rows read, %d reported", len(w.rows), w.total)) {
					t.Errorf("%+v: %v", *incomplete, err)
				}
				return
			}
			if err != nil {
				t.Fatalf("%v; asked for %v", err, l.asked)
			}
			if tc.offsets != nil && !slices.Equal(l.asked, tc.offsets) {
				t.Errorf("asked for pages from %v, want %v", l.asked, tc.offsets)
			}
			if tc.pages != 0 && len(l.asked) != tc.pages {
				t.Errorf("asked for %d pages, want %d: %v", len(l.asked), tc.pages, l.asked)
			}
			if tc.got == 0 {
				tc.got = len(tc.rows)
			}
			if tc.got > 0 && len(w.rows) != tc.got {
				t.Errorf("%d rows, want %d", len(w.rows), tc.got)
			}
			wantEach(t, w.rows, tc.need, l.rows)
			if tc.alive {
				for i, s := range w.newestFirst()[:tc.need.Newest] {
					if s != l.rows[i] {
						t.Errorf("row %d is %s, want %s", i, *s.SessionID, *l.rows[i].SessionID)
					}
				}
			}
			if w.moved && w.pages > 1 && !w.recounted && l.asked[len(l.asked)-1] != 0 {
				t.Errorf("the list moved, and the last page was from %d: %v", l.asked[len(l.asked)-1], l.asked)
			}
		})
	}
}

// wantEach asserts that got has no row twice, and, where the whole list was
// needed, each of want.
func wantEach(t *testing.T, got []*sessions.Session, need sessions.Need, want []*sessions.Session) {
	t.Helper()
	count := map[sessions.Identity]int{}
	for _, s := range want {
		count[sessions.IdentityOf(s)]++
	}
	surplus := map[sessions.Identity]int{}
	for _, s := range got {
		id := sessions.IdentityOf(s)
		surplus[id]++
		if n := surplus[id] - max(count[id], 1); n > 0 {
			t.Errorf("row %+v is there %d times too often", id, n)
		}
	}
	for id, n := range count {
		if need.All && surplus[id] < n {
			t.Errorf("row %+v is missing", id)
		}
	}
}

// TestWalk_ofAServerThatIgnoresTheOffset ends, whatever its total is.
func TestWalk_ofAServerThatIgnoresTheOffset(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]*sessions.Session{distinct(10), tied(10, 0, 10), tied(10, 5, 10), undated(10, 10)} {
		for _, total := range []int{11, 50, 10_000, math.MaxInt} {
			requests := 0
			w := newWalk(func(_ context.Context, offset int) (*page, error) {
				requests++
				return &page{offset: offset, rows: rows, total: total}, nil
			}, 1)
			err := w.all(t.Context(), all)
			var incomplete *IncompleteError
			if !errors.As(err, &incomplete) || requests > 3*maxReadAhead {
				t.Errorf("total %d: %v after %d requests", total, err, requests)
			}
		}
	}
}

// TestWalk_stopsAtAnError: the pages under way are ended, and no other begun.
func TestWalk_stopsAtAnError(t *testing.T) {
	t.Parallel()
	errNo := errors.New("no")
	l := &list{rows: distinct(1000), size: 10}
	var mu sync.Mutex
	var begun int
	w := newWalk(func(ctx context.Context, offset int) (*page, error) {
		mu.Lock()
		begun++
		mu.Unlock()
		switch offset {
		case 0:
			return l.fetch(ctx, offset)
		case 12:
			return nil, errNo
		default:
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}, 2)
	if err := w.all(t.Context(), all); !errors.Is(err, errNo) {
		t.Errorf("%v, want %v", err, errNo)
	}
	mu.Lock()
	defer mu.Unlock()
	if begun > 3+maxReadAhead {
		t.Errorf("%d pages were begun", begun)
	}
}

// TestWalk_stopsAtAnErrorAnywhere has each request of a read fail in turn.
func TestWalk_stopsAtAnErrorAnywhere(t *testing.T) {
	t.Parallel()
	errNo := errors.New("no")
	for name, begin := range map[string]func() *list{
		"restless": func() *list { return &list{rows: distinct(40), size: 10, before: moves{1: gone(7)}.before} },
		"tied":     func() *list { return &list{rows: tied(60, 8, 30), size: 10} },
		"reconnecting": func() *list {
			return &list{rows: distinct(40), size: 10, before: moves{3: reconnect(20, 35), 8: reconnect(20, 35)}.before}
		},
	} {
		whole := begin()
		if err := newWalk(whole.fetch, 1).all(t.Context(), all); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for fail := range whole.asked {
			l := begin()
			w := newWalk(func(ctx context.Context, offset int) (*page, error) {
				if len(l.asked) == fail {
					return nil, errNo
				}
				return l.fetch(ctx, offset)
			}, 1)
			if err := w.all(t.Context(), all); !errors.Is(err, errNo) || len(l.asked) != fail {
				t.Errorf("%s: request %d of %d failed, and the walk gave %v after %d", name, fail, len(whole.asked), err, len(l.asked))
			}
		}
	}
}

func TestWalk_keepsNothingOnceReleased(t *testing.T) {
	t.Parallel()
	l := &list{rows: distinct(25), size: 10}
	w := newWalk(l.fetch, 1)
	if err := w.all(t.Context(), sessions.Need{Newest: 5}); err != nil {
		t.Fatal(err)
	}
	w.release()
	if w.seen != nil || w.positions != nil || w.pending != nil || w.frontier != nil {
		t.Error("release kept what only further reading needs")
	}
	if !w.complete(sessions.Need{Newest: 9}) || w.complete(all) {
		t.Error("a released walk does not know what it has read")
	}
}
