// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// TestRows_areDecodedAsTheyWere compares every row with one decoded for itself:
// sharing what rows repeat must not mix them up.
func TestRows_areDecodedAsTheyWere(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		pages := newEncodedPages(t, 3_000, 100)
		got := read(t, newClient(t, pages)).Sessions
		if len(got) != len(pages.rows) {
			t.Fatalf("got %d rows, want %d", len(got), len(pages.rows))
		}
		for i, row := range pages.rows {
			var want sessions.Session
			if err := json.Unmarshal(row, &want); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got[i], &want) {
				t.Fatalf("row %d (-alone +in the list):\n%s", i, cmp.Diff(&want, got[i]))
			}
		}
	})
}

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

// TestHostile_responsesTakeNoMemory sends a few kilobytes of gzip that are 31 MiB of
// JSON through the whole client: none takes 100 MB more than ordinary rows of that
// size do, and none is asked for again.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostile_responsesTakeNoMemory(t *testing.T) {
	const size, more = 1 << 20, 100 << 20
	members := 31
	if testing.Short() {
		members = 8
	}
	fill := func(before, piece, after string) string { // a stream may have several members
		return zipped(t, before) + strings.Repeat(zipped(t, strings.Repeat(piece, size/len(piece))), members) + zipped(t, after)
	}
	var status int
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", applicationJSON)
		rw.Header().Set("Content-Encoding", "gzip")
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}))
	t.Cleanup(server.Close)
	ask := func(s int, b string) (allocated uint64, err error) {
		status, body = s, b
		client := newClient(t, nil, at(t, server.URL))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = client.WorkspaceSessions(t.Context(), "", everything)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, err
	}
	row := fmt.Sprintf(`,{"sessionId":"a","userId":%q}`, strings.Repeat("a", 4096))
	total := members*(size/len(row)) + 1
	ordinary, err := ask(http.StatusOK, fill(fmt.Sprintf(`{"success":true,"total":%d,"sessions":[{}`, total), row, `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		status int
		body   string
	}{
		"empty rows":                      {200, fill(`{"success":true,"total":1,"sessions":[{}`, ",{}", `]}`)},
		"a refusal with methods":          {200, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`)},
		"a refusal with many fields":      {200, fill(`{"success":false,"error":"[totp-required]"`, fmt.Sprintf(`,"more":%q`, strings.Repeat("a", 4096)), `}`)},
		"a refusal with an endless text":  {200, fill(`{"success":false,"error":"`, "a", `"}`)},
		"a refusal that says so":          {400, fill(`{"success":false,"errorType":"totp-required","details":{"availableMethods":[""`, `,""`, `]}}`)},
		"a refusal that is no JSON":       {400, fill("", "[[[[", "")},
		"a refusal with an endless field": {401, fill(`{"status":"error","message":"`, "a", `"}`)},
	} {
		took, err := ask(tc.status, tc.body)
		var attempts int
		if strings.HasPrefix(name, "a refusal that is no JSON") {
			attempts = as[*rocketchat.GatewayError](t, err).Attempts
		} else {
			attempts = as[*rocketchat.MalformedError](t, err).Attempts
		}
		if attempts != 1 || took > ordinary+more {
			t.Errorf("%s, of %d KB: %d attempts, %d MB; want one, and at most %d MB more than %d MB", name,
				len(tc.body)>>10, attempts, took>>20, more>>20, ordinary>>20)
		} else {
			t.Logf("%s, of %d KB: %d MB", name, len(tc.body)>>10, took>>20)
		}
	}
}

// TestHostile_usersTakeNoMemory sends users and roles of a few kilobytes of gzip, each of
// whose rows is within the bound of a row.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostile_usersTakeNoMemory(t *testing.T) {
	const most, total = 100 << 20, 31
	const reading = 6 // io.ReadAll grows its buffer
	rows := func(texts, bytes int) string {
		var b strings.Builder
		roles := `""` + strings.Repeat(`,""`, texts-1)
		for n := range bytes / len(roles) {
			fmt.Fprintf(&b, `,{"_id":%q,"roles":[%s]}`, userID(n), roles)
		}
		return fmt.Sprintf(`{"success":true,"total":%d,"users":[%s]}`, total, b.String()[1:])
	}
	for name, body := range map[string]string{
		"a row full of roles":     rows(349_000, 31<<20),
		"as many as a user's may": rows(9_999, 31<<20),
		"many users":              rows(100, 20<<20),
	} {
		zip := zipped(t, body)
		var calls int
		c := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
			calls++
			return jsonResponse(http.StatusOK, body).response(r)
		}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.Users(t.Context(), nil)
		runtime.ReadMemStats(&after)
		_ = as[*rocketchat.MalformedError](t, err)
		took := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s, of %d KB: %d calls, %d MB", name, len(zip)>>10, calls, took>>20)
		if calls != 1 || took > uint64(most+reading*len(body)) {
			t.Errorf("%s: want one call, and at most %d MB more than the body takes", name, most>>20)
		}
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

// patient waits for 32 MiB on a busy machine.
func patient(c *rocketchat.Config) { c.RequestTimeout = time.Hour }

func TestResponses_withoutEnd(t *testing.T) {
	t.Parallel()
	respond := func(status int, read *atomic.Int64) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := jsonResponse(status, "").response(r)
			resp.Body = &endless{begin: `{"success":false,"error":"`, read: read}
			return resp, err
		})
	}

	t.Run("good", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			var n atomic.Int64
			_, err := newClient(t, respond(200, &n), patient).WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.MalformedError](t, err)
			if got.Attempts != 1 || !strings.Contains(err.Error(), "larger than 32 MiB") {
				t.Errorf("%+v", *got)
			}
			if most := int64(33 << 20); n.Load() > most {
				t.Errorf("read %d bytes, want no more than %d", n.Load(), most)
			}
		})
	})

	t.Run("refusal", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T) {
			var n atomic.Int64
			_, err := newClient(t, respond(400, &n)).WorkspaceSessions(t.Context(), "", everything)
			if got := as[*rocketchat.MalformedError](t, err); got.Attempts != 1 || !strings.Contains(err.Error(), "more than 64 KiB") {
				t.Errorf("%+v", *got)
			}
			if most := int64(65 << 10); n.Load() > most {
				t.Errorf("read %d bytes, want no more than %d", n.Load(), most)
			}
		})
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
