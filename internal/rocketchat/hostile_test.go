// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// TestRows_shareWhatTheyRepeat bounds the memory of a row in a long list.
//
//nolint:paralleltest // measures the memory of the whole process
func TestRows_shareWhatTheyRepeat(t *testing.T) {
	const mostPerRow = 250
	rows := 50_000
	if testing.Short() {
		rows = 10_000
	}
	pages := newEncodedPages(t, rows, 1_000)
	client := newClient(t, pages)
	before := heap()
	listing := read(t, client)
	perRow := (heap() - before) / int64(rows)
	t.Logf("%d bytes a row", perRow)
	if perRow > mostPerRow {
		t.Errorf("a row takes %d bytes, want at most %d", perRow, mostPerRow)
	}
	runtime.KeepAlive(listing)
	runtime.KeepAlive(pages)
}

// TestHostile_responsesTakeNoMemory has responses as large as gzip makes them of a few kilobytes: none takes much
// more than reading it does, and none that is too large is asked for again.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostile_responsesTakeNoMemory(t *testing.T) {
	size := 8 << 20
	if testing.Short() {
		size = 4 << 20
	}
	fill := func(before, piece, after string) string {
		return before + strings.Repeat(piece, (size-len(before)-len(after))/len(piece)) + after
	}
	rows := func(count int) string {
		row := fmt.Sprintf(`,{"loginAt":null,"userId":%q}`, strings.Repeat("a", size/count-40))
		return fmt.Sprintf(`{"success":true,"total":%d,"sessions":[%s]}`, count, strings.Repeat(row, count)[1:])
	}
	usersWith := func(texts int) string {
		var b strings.Builder
		roles := `""` + strings.Repeat(`,""`, texts-1)
		for n := range size / len(roles) {
			fmt.Fprintf(&b, `,{"_id":%q,"roles":[%s]}`, userID(n), roles)
		}
		return `{"success":true,"total":31,"users":[` + b.String()[1:] + `]}`
	}
	const tooMany, tooLarge, ok = "more rows than were asked for", "a value of the response is larger", "complete"
	for name, tc := range map[string]struct {
		status   int
		body     string
		says     string
		requests int
	}{
		"empty rows":                      {200, fill(`{"total":1,"sessions":[{}`, ",{}", `]}`), tooMany, 1},
		"null rows":                       {200, fill(`{"total":1,"sessions":[null`, ",null", `]}`), "row 0 is null", attempts},
		"numbers":                         {200, fill(`{"total":1,"sessions":[0`, ",0", `]}`), "cannot unmarshal number", attempts},
		"arrays":                          {200, fill(`{"total":1,"sessions":[[]`, ",[]", `]}`), "cannot unmarshal array", attempts},
		"rows with everything":            {200, fill(`{"total":1,"sessions":[{}`, `,{"device":{"os":{}},"_user":{},"ip":"","host":""}`, `]}`), tooMany, 1},
		"under an escaped name":           {200, fill(`{"total":1,"\u0073essions":[{}`, ",{}", `]}`), tooMany, 1},
		"many lists":                      {200, fill(`{"total":1`, `,"sessions":[{},{},{},{},{},{},{}]`, `}`), `"sessions" twice`, attempts},
		"an unknown field":                {200, fill(`{"total":0,"sessions":[],"other":[{}`, ",{}", `]}`), tooLarge, 1},
		"an unknown field of a row":       {200, fill(`{"total":1,"sessions":[{"other":[{}`, ",{}", `]}]}`), tooLarge, 1},
		"a text":                          {200, rows(1), tooLarge, 1},
		"as many rows as were asked for":  {200, rows(10_000), ok, 1},
		"a refusal with methods":          {200, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`), "", 1},
		"a refusal with many fields":      {200, fill(`{"success":false,"error":"[totp-required]"`, fmt.Sprintf(`,"more":%q`, strings.Repeat("a", 4096)), `}`), "", 1},
		"a refusal with an endless text":  {200, fill(`{"success":false,"error":"`, "a", `"}`), "", 1},
		"a refusal that says so":          {400, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`), "64 KiB", 1},
		"a refusal that is no JSON":       {400, fill("", "[[[[", ""), "[[[[", 1},
		"a refusal with an endless field": {401, fill(`{"status":"error","message":"`, "a", `"}`), "64 KiB", 1},
		"a user full of roles":            {200, usersWith(349_000), "than a workspace can have", 1},
		"many users":                      {200, usersWith(100), "than a workspace can have", 1},
		"as many roles as a user may":     {200, usersWith(9_999), "than a workspace can have", 1},
	} {
		bubble(t, func(t *testing.T) {
			server := play(jsonResponse(tc.status, tc.body))
			c := newClient(t, server)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var err error
			if strings.Contains(tc.body[:50], "total\":31") {
				_, err = c.Users(t.Context(), nil)
			} else {
				_, err = c.WorkspaceSessions(t.Context(), "", everything)
			}
			runtime.ReadMemStats(&after)
			says := ok
			if err != nil {
				says = err.Error()
			}
			took, most := after.TotalAlloc-before.TotalAlloc, uint64(64<<20+10*len(tc.body)*tc.requests) //nolint:gosec // positive
			if !strings.Contains(says, tc.says) || server.count() != tc.requests || took > most {
				t.Errorf("%s: %.100s after %d requests, which took %d MB of %d; want %q after %d", name, says, server.count(), took>>20, most>>20, tc.says, tc.requests)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far below the limit
}

var blank = strings.Repeat(" ", 1<<20)

// endless is a body without end.
type endless struct {
	begin string
	read  *atomic.Int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.begin)
	e.begin = e.begin[n:]
	if n == 0 {
		n = copy(p, blank)
	}
	e.read.Add(int64(n))
	return n, nil
}

func (*endless) Close() error { return nil }

func TestResponses_withoutEnd(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for status, tc := range map[int]struct {
			says string
			most int64
		}{200: {"larger than 32 MiB", 33 << 20}, 400: {"more than 64 KiB", 65 << 10}} {
			var n atomic.Int64
			client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				resp, err := jsonResponse(status, "").response(r)
				resp.Body = &endless{begin: `{"success":false,"error":"`, read: &n}
				return resp, err
			}))
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.MalformedError](t, err)
			if got.Attempts != 1 || !strings.Contains(err.Error(), tc.says) || n.Load() > tc.most {
				t.Errorf("%+v after %d bytes, want no more than %d", *got, n.Load(), tc.most)
			}
		}
	})
}

// TestUsers_tooManyForOneResponse falls back on pages.
func TestUsers_tooManyForOneResponse(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		d := newDirectory(t, 150)
		d.change = func(_ *directory, call int, _ string) *response {
			if call > 0 {
				return nil
			}
			huge := jsonResponse(http.StatusOK, `{"users":[],"pad":"`+strings.Repeat(" ", 33<<20)+`"}`)
			return &huge
		}
		listing, err := newClient(t, d).Users(t.Context(), nil)
		if err != nil || len(listing.Users) != 150 || len(d.calls) != 3 {
			t.Errorf("%v after %s", err, d.calls)
		}
	})
}
