// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Limit is a rate limit that calls wait for.
type Limit struct {
	// Calls is the number of calls in a window; 0 if the workspace did not say, and for the
	// limit of a gateway.
	Calls int
	// Gateway reports that the limit is that of a gateway in front of the workspace.
	Gateway bool
}

func (l Limit) String() string {
	switch {
	case l.Gateway:
		return "a gateway in front of the workspace"
	case l.Calls > 0:
		return fmt.Sprintf("%d calls per window of this route", l.Calls)
	default:
		return "the workspace"
	}
}

// LongWait is how long a read waited for a rate limit, in total.
type LongWait struct {
	Limit
	// Request is the method and address of the call that waited first, without its query.
	Request string
	Wait    time.Duration
}

// longWait is what a wait for one window of a minute can take at most.
const longWait = defaultWindow + datePrecision + resetMargin

// longWaits are those that the caller was not told yet, and the limits that it was told of.
type longWaits struct {
	mu     sync.Mutex
	untold map[Limit]LongWait
	told   map[Limit]bool
}

// LongWaits returns the longest wait for each limit, of the reads that have ended and waited
// for more than a minute. It returns a limit only once, because further reads wait for it,
// too.
func (c *Client) LongWaits() []LongWait {
	l := &c.longWaits
	l.mu.Lock()
	defer l.mu.Unlock()
	var untold []LongWait
	for limit, longest := range l.untold {
		l.told[limit] = true
		untold = append(untold, longest)
	}
	clear(l.untold)
	return slices.SortedFunc(slices.Values(untold), func(a, b LongWait) int { return cmp.Compare(b.Wait, a.Wait) })
}

// keep keeps the waits of a read that has ended.
func (l *longWaits) keep(of *limitWaits) {
	all := of.all()
	l.mu.Lock()
	defer l.mu.Unlock()
	for limit, w := range all {
		if w.Wait > longWait && w.Wait > l.untold[limit].Wait && !l.told[limit] { //mutate:long-wait
			l.untold[limit] = w
		}
	}
}

// limitWaits adds up how long a read waits for rate limits. Its requests can wait at the same
// time, which counts once.
type limitWaits struct {
	mu    sync.Mutex
	total map[Limit]LongWait
	until time.Time
}

func (w *limitWaits) add(limit Limit, request string, now time.Time, wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	end := now.Add(wait)
	if !end.After(w.until) {
		return
	}
	if w.total == nil {
		w.total = map[Limit]LongWait{}
	}
	before := w.total[limit]
	w.total[limit] = LongWait{limit, cmp.Or(before.Request, request), before.Wait + end.Sub(latestOf(now, w.until))}
	w.until = end
}

func (w *limitWaits) all() map[Limit]LongWait {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.total)
}
