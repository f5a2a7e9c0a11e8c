// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// encodedPages are the answers for a list of synthetic sessions, encoded once,
// so that what is measured is the client alone.
type encodedPages struct {
	rows [][]byte
	size int
}

func newEncodedPages(tb testing.TB, count, size int) *encodedPages {
	tb.Helper()
	p := &encodedPages{size: size}
	for _, s := range rocketchattest.SyntheticSessions(count, 1, start) {
		row, err := json.Marshal(s)
		if err != nil {
			tb.Fatal(err)
		}
		p.rows = append(p.rows, row)
	}
	return p
}

func (p *encodedPages) RoundTrip(r *http.Request) (*http.Response, error) {
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	from := min(offset, len(p.rows))
	to := min(from+p.size, len(p.rows))
	body := append([]byte(`{"sessions":[`), bytes.Join(p.rows[from:to], []byte(","))...)
	body = fmt.Appendf(body, `],"count":%d,"offset":%d,"total":%d,"success":true}`, to-from, offset, len(p.rows))
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {applicationJSON}},
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1, Request: r,
	}, nil
}

// TestRowsAreDecodedAsTheyWere compares every row with one decoded for itself:
// sharing what rows repeat must not mix them up.
func TestRowsAreDecodedAsTheyWere(t *testing.T) {
	t.Parallel()
	pages := newEncodedPages(t, 3_000, 100)
	got := read(t, newClient(t, clocktest.NewFake(start), pages)).Sessions
	if len(got) != len(pages.rows) {
		t.Fatalf("got %d rows, want %d", len(got), len(pages.rows))
	}
	for i, row := range pages.rows {
		var want sessions.Session
		if err := json.Unmarshal(row, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got[i]); diff != "" {
			t.Fatalf("row %d (-alone +in the list):\n%s", i, diff)
		}
	}
}

// TestRowsShareWhatTheyRepeat bounds the memory of a row in a long list.
//
//nolint:paralleltest // measures the memory of the whole process
func TestRowsShareWhatTheyRepeat(t *testing.T) {
	const mostPerRow = 250
	rows := 50_000
	if testing.Short() {
		rows = 10_000
	}
	pages := newEncodedPages(t, rows, 1_000)
	client := newClient(t, clocktest.NewFake(start), pages)
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

// TestHostileAnswersTakeNoMemory sends a few kilobytes of gzip that are 31 MiB of
// JSON through the whole client: none takes 100 MB more than ordinary rows of that
// size do, and none is asked for again.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostileAnswersTakeNoMemory(t *testing.T) {
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
		client := newClient(t, clocktest.NewFake(start), nil, at(t, server.URL))
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
		if tc.status == http.StatusOK {
			attempts = as[*rocketchat.UnreadableError](t, err).Attempts
		} else {
			attempts = as[*rocketchat.ResponseError](t, err).Attempts
		}
		if attempts != 1 || took > ordinary+more {
			t.Errorf("%s, of %d KB: %d attempts, %d MB; want one, and at most %d MB more than %d MB", name,
				len(tc.body)>>10, attempts, took>>20, more>>20, ordinary>>20)
		} else {
			t.Logf("%s, of %d KB: %d MB", name, len(tc.body)>>10, took>>20)
		}
	}
}

func heap() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc) //nolint:gosec // far below the limit
}

// TestConnectionsAreReused reads 105 pages through sockets.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		concurrent, most int
		http2            bool
	}{{1, 1, false}, {4, 4, false}, {4, 1, true}} {
		t.Run(fmt.Sprintf("%d at a time, HTTP/2 %t", c.concurrent, c.http2), func(t *testing.T) {
			t.Parallel()
			turned := clocktest.NewFake(start)
			workspace := rocketchattest.New(rocketchattest.Options{
				Clock: turned, Synthetic: 10_000, RateLimit: rocketchattest.RateLimit{Off: true},
			})
			server := httptest.NewUnstartedServer(workspace)
			var connections atomic.Int32
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			server.EnableHTTP2 = c.http2
			trusted := x509.NewCertPool()
			if c.http2 {
				server.StartTLS()
				trusted.AddCert(server.Certificate())
			} else {
				server.Start()
			}
			defer server.Close()
			client := newClient(t, turned, nil, account(workspace, "none"), func(config *rocketchat.Config) {
				config.URL, config.MaxConcurrentRequests = parseURL(t, server.URL), c.concurrent
				config.TLS = &tls.Config{RootCAs: trusted}
			})
			if got := len(read(t, client).Sessions); got != 10_000 {
				t.Errorf("got %d sessions", got)
			}
			if got := int(connections.Load()); got > c.most {
				t.Errorf("%d connections for %d requests, want at most %d", got, len(workspace.Requests()), c.most)
			}
		})
	}
}

// BenchmarkRead decodes the pages of a long list, without a socket.
func BenchmarkRead(b *testing.B) {
	const rows = 10_000
	for _, size := range []int{100, 1_000} {
		b.Run(fmt.Sprintf("pages of %d", size), func(b *testing.B) {
			pages := newEncodedPages(b, rows, size)
			root, err := rocketchat.ParseURL("https://chat.example.invalid")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				client, err := rocketchat.New(rocketchat.Config{
					URL: root, UserID: "synthUser", AuthToken: authToken, Transport: pages, Clock: clocktest.NewFake(start),
				})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := client.WorkspaceSessions(b.Context(), "", everything); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
