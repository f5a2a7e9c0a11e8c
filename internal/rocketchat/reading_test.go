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
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// encodedPages are the responses for a list of synthetic sessions, encoded once,
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

// TestConnections_areReused reads 37 pages through sockets.
func TestConnections_areReused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		concurrent, most int
		http2            bool
	}{{1, 1, false}, {4, 4, false}, {4, 1, true}} {
		t.Run(fmt.Sprintf("%d at a time, HTTP/2 %t", c.concurrent, c.http2), func(t *testing.T) {
			t.Parallel()
			workspace := rocketchattest.New(rocketchattest.Options{
				Synthetic: 592, UpperCount: 20, RateLimit: rocketchattest.RateLimit{Off: true},
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
			client := newClient(t, nil, account(workspace, "none"), func(config *rocketchat.Config) {
				config.URL, config.MaxConcurrentRequests = parseURL(t, server.URL), c.concurrent
				config.TLS = &tls.Config{RootCAs: trusted}
			})
			if got := len(read(t, client).Sessions); got != 592 {
				t.Errorf("got %d sessions", got)
			}
			// net/http gives a connection up where a request waits for another's write.
			const spare = 3
			if got := int(connections.Load()); got > c.most+spare {
				t.Errorf("%d connections for %d requests, want at most %d", got, len(workspace.Requests()), c.most+spare)
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
					URL: root, UserID: "synthUser", AuthToken: authToken, Transport: pages,
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
