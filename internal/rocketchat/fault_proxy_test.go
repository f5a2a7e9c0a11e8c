// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const listPath = "/api/v1/sessions/list.all"

// faultProxy stands between a client and a simulated workspace, at the level of
// TCP. It closes each connection after one answer, so that net/http repeats no
// request by itself.
type faultProxy struct {
	workspace *rocketchattest.Workspace
	clock     clock.Clock
	address   string
	// struck gets a value when a fault has happened to a request.
	struck chan struct{}

	mu sync.Mutex
	// calls counts what was asked for the list, and the connections that failed
	// before it could be.
	calls  int
	during func(call int) bool
}

// wire is the connection of a request that a fault happens to.
type wire struct {
	*net.TCPConn
	proxy   *faultProxy
	request *http.Request
	call    int
}

// strike is what happens to a connection in the place of the answer.
type strike func(*wire)

// newFaultProxy has strike happen to the calls that during names, counted from
// 0. Without a strike the caller makes calls fail, and counts them with fails.
// certificates is not nil for a proxy that speaks TLS.
func newFaultProxy(t *testing.T, w *rocketchattest.Workspace, c clock.Clock, during func(call int) bool, strike strike, certificates *tls.Config) *faultProxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &faultProxy{
		workspace: w, clock: c, address: listener.Addr().String(), during: during,
		struck: make(chan struct{}, 100),
	}
	var open sync.WaitGroup
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(func() { _ = listener.Close(); end(); open.Wait() })
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			// net/http keeps connections that it dialed in vain.
			context.AfterFunc(ctx, func() { _ = conn.Close() })
			open.Go(func() { p.serve(ctx, conn, strike, certificates) })
		}
	})
	return p
}

// fails counts a call and tells whether a fault is to happen to it.
func (p *faultProxy) fails() (call int, yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	call = p.calls
	p.calls++
	return call, p.during(call)
}

func (p *faultProxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

func (p *faultProxy) serve(ctx context.Context, conn net.Conn, strike strike, certificates *tls.Config) {
	defer conn.Close() //nolint:errcheck // a test's end
	plain := conn
	if certificates != nil {
		secure := tls.Server(conn, certificates)
		defer secure.Close() //nolint:errcheck // a test's end
		if secure.HandshakeContext(ctx) != nil {
			return
		}
		conn = secure
	}
	r, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	if strike != nil && strings.HasSuffix(r.URL.Path, listPath) {
		call, fails := p.fails()
		if tcp, ok := plain.(*net.TCPConn); fails && ok {
			defer p.tell()
			strike(&wire{TCPConn: tcp, proxy: p, request: r, call: call})
			return
		}
	}
	resp, err := p.answer(r) //nolint:bodyclose // in memory
	if err != nil {
		return
	}
	resp.Close = true
	_ = resp.Write(conn)
}

func (p *faultProxy) tell() {
	select {
	case p.struck <- struct{}{}:
	default:
	}
}

// answer is the workspace's own.
func (p *faultProxy) answer(r *http.Request) (*http.Response, error) {
	r.Header.Del("Accept-Encoding")
	r.URL.Scheme, r.URL.Host = "http", p.address
	return p.workspace.Transport().RoundTrip(r)
}

// page is the body of the workspace's own answer.
func (w *wire) page() string {
	resp, err := w.proxy.answer(w.request)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close() //nolint:errcheck // in memory
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// say writes text, and the connection is closed.
func (w *wire) say(text string) { _, _ = io.WriteString(w, text) }

// head is the beginning of an answer.
func (w *wire) head(status int, header ...string) string {
	lines := append([]string{
		fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)),
		"Date: " + w.proxy.clock.Now().UTC().Format(http.TimeFormat), "Connection: close",
	}, header...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// json answers with JSON.
func (w *wire) json(status int, body string, header ...string) {
	header = append([]string{"Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body))}, header...)
	w.say(w.head(status, header...) + body)
}

// html answers as a gateway does.
func (w *wire) html(status int, header ...string) {
	const body = "<!DOCTYPE html><html><body>Gateway</body></html>"
	header = append([]string{"Content-Type: text/html", fmt.Sprintf("Content-Length: %d", len(body))}, header...)
	w.say(w.head(status, header...) + body)
}

// reset ends the connection with RST instead of FIN.
func (w *wire) reset() { _ = w.SetLinger(0) }

// stall waits until the client has gone, and tells that it waits.
func (w *wire) stall() {
	w.proxy.tell()
	_, _ = io.Copy(io.Discard, w)
}

// drip writes text byte by byte, each after a while, until the client has gone.
func (w *wire) drip(text string) {
	w.proxy.tell()
	for i := range len(text) {
		if _, err := io.WriteString(w, text[i:i+1]); err != nil {
			return
		}
		_ = w.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
		if _, err := w.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// closedPort is an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // closing is the point
	return listener.Addr().String()
}

// bomb is gzip of a few megabytes that expands to that many gigabytes of white
// space behind the beginning of a list.
func bomb(t *testing.T, gigabytes int) string {
	t.Helper()
	const member = 1 << 20
	blanks := zipped(t, strings.Repeat(" ", member))
	return zipped(t, `{"sessions":[`) + strings.Repeat(blanks, gigabytes<<30/member)
}

// elsewhere is another host, which may be sent nothing.
func elsewhere(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	open.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			var got bytes.Buffer
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			_, _ = io.Copy(&got, conn)
			_ = conn.Close()
			t.Errorf("another host was sent %q", got.String())
		}
	})
	t.Cleanup(func() { _ = listener.Close(); open.Wait() })
	return listener.Addr().String()
}
