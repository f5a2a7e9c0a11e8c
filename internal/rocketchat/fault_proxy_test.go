// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc/test/bufconn"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

const listPath = "/api/v1/sessions/list.all"

// faultNet is a network in memory, whose connections wait by the time of a bubble. Each
// host is an address with what serves a connection to it; to any other address, a
// connection is refused.
type faultNet map[string]func(net.Conn)

const (
	proxyAddress = "127.0.0.1:3000"
	plainAddress = "127.0.0.1:3080"
	otherAddress = "127.0.0.1:3999"
	closedPort   = "127.0.0.1:9"
)

func (n faultNet) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	serve := n[address]
	if serve == nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	link := bufconn.Listen(64 << 10)
	defer link.Close() //nolint:errcheck // both ends are there
	reset := &atomic.Bool{}
	go func() {
		if conn, err := link.Accept(); err == nil {
			serve(resettable{conn, reset})
		}
	}()
	conn, err := link.DialContext(ctx)
	return resettable{conn, reset}, err
}

// resettable is an end of a connection that either end can reset.
type resettable struct {
	net.Conn
	reset *atomic.Bool
}

func (c resettable) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if errors.Is(err, io.EOF) && c.reset.Load() {
		err = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return n, err
}

// faultProxy stands between a client and a simulated workspace, at the level of the
// connection. It closes each connection after one response, so that net/http repeats no
// request by itself.
type faultProxy struct {
	workspace *rocketchattest.Workspace

	mu sync.Mutex
	// calls counts what was asked for the list, and the connections that failed
	// before it could be.
	calls  int
	during func(call int) bool
}

// wire is the connection of a request that a fault happens to.
type wire struct {
	resettable
	proxy   *faultProxy
	request *http.Request
	call    int
}

// strike is what happens to a connection in the place of the response.
type strike func(*wire)

// serving serves connections to a proxy, and has strike happen to the calls that during names,
// counted from 0. Without a strike, the caller makes calls fail, and counts them with
// fails. certificates is not nil for a proxy that speaks TLS.
func (p *faultProxy) serving(t *testing.T, strike strike, certificates *tls.Config) func(net.Conn) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	return func(conn net.Conn) {
		// net/http keeps connections that it dialed in vain.
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
		p.serve(ctx, conn, strike, certificates)
	}
}

// fails counts a call and reports whether a fault is to happen to it.
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
		if end, ok := plain.(resettable); fails && ok {
			strike(&wire{resettable: end, proxy: p, request: r, call: call})
			return
		}
	}
	resp, err := p.response(r) //nolint:bodyclose // in memory
	if err != nil {
		return
	}
	resp.Close = true
	_ = resp.Write(conn)
}

func (p *faultProxy) response(r *http.Request) (*http.Response, error) {
	r.Header.Del("Accept-Encoding")
	r.URL.Scheme, r.URL.Host = "http", proxyAddress
	return p.workspace.Transport().RoundTrip(r)
}

func (w *wire) page() string {
	resp, err := w.proxy.response(w.request)
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

func (w *wire) say(text string) { _, _ = io.WriteString(w, text) }

func (w *wire) head(status int, header ...string) string {
	lines := append([]string{
		fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status)),
		"Date: " + time.Now().UTC().Format(http.TimeFormat), "Connection: close",
	}, header...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func (w *wire) json(status int, body string, header ...string) {
	header = append([]string{"Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body))}, header...)
	w.say(w.head(status, header...) + body)
}

func (w *wire) html(status int, header ...string) {
	const body = "<!DOCTYPE html><html><body>Gateway</body></html>"
	header = append([]string{"Content-Type: text/html", fmt.Sprintf("Content-Length: %d", len(body))}, header...)
	w.say(w.head(status, header...) + body)
}

// reset ends the connection with RST instead of FIN.
func (w *wire) reset() { w.resettable.reset.Store(true) }

func (w *wire) stall() { _, _ = io.Copy(io.Discard, w) }

// drip writes text byte by byte, each after a while, until the client has gone.
func (w *wire) drip(text string) {
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

// bomb is gzip of a few megabytes that expands to that many gigabytes of white
// space behind the beginning of a list.
func bomb(t *testing.T, gigabytes int) string {
	t.Helper()
	const member = 1 << 20
	blanks := zipped(t, strings.Repeat(" ", member))
	return zipped(t, `{"sessions":[`) + strings.Repeat(blanks, gigabytes<<30/member)
}

// elsewhere is another host, which may be sent nothing.
func elsewhere(t *testing.T) func(net.Conn) {
	t.Helper()
	return func(conn net.Conn) {
		defer conn.Close() //nolint:errcheck // a test's end
		t.Errorf("a connection to another host")
	}
}

// saying sends the same bytes over every connection, as soon as the client has sent something.
func saying(response string) func(net.Conn) {
	return func(conn net.Conn) {
		defer conn.Close() //nolint:errcheck // a test's end
		if _, err := conn.Read(make([]byte, 4<<10)); err == nil {
			_, _ = io.WriteString(conn, response)
		}
	}
}

// faultList is what the workspace of each read lists, faultTruth the same as the
// client should see it.
var (
	faultList = sync.OnceValue(func() []rocketchattest.Session {
		return rocketchattest.SyntheticSessions(faultRows, 5, start)
	})
	faultTruth = sync.OnceValue(func() []*sessions.Session { return truths(faultList()) })
)

type dial func(ctx context.Context, network, address string) (net.Conn, error)

// faultStage is what a read under a fault runs on.
type faultStage struct {
	workspace *rocketchattest.Workspace
	// truth is what a complete read returns; nil for what has been there throughout.
	truth        []*sessions.Session
	proxy        *faultProxy
	network      faultNet
	dial         dial
	config       func(*rocketchat.Config)
	certificates *tls.Config
	scheme       string
}

func (row *faultRow) stage(t *testing.T, during func(call int) bool) *faultStage {
	t.Helper()
	s := &faultStage{scheme: "http", network: faultNet{otherAddress: elsewhere(t)}, config: func(*rocketchat.Config) {}}
	s.dial = s.network.DialContext
	s.proxy = &faultProxy{during: during}
	if row.workspace != nil {
		s.workspace, s.truth = row.workspace()
	} else {
		s.workspace, s.truth = rocketchattest.New(rocketchattest.Options{Sessions: faultList()}), faultTruth()
	}
	s.proxy.workspace = s.workspace
	if row.connect != nil {
		row.connect(t, s)
	}
	s.network[proxyAddress] = s.proxy.serving(t, row.strike, s.certificates)
	return s
}

func (s *faultStage) client(t *testing.T, row *faultRow, concurrent int) *rocketchat.Client {
	t.Helper()
	return newClient(t, nil, account(s.workspace, "none"), at(t, s.scheme+"://"+proxyAddress), func(c *rocketchat.Config) {
		c.MaxConcurrentRequests = concurrent
		if row.slow {
			c.RequestTimeout, c.MaxRetries = slowTimeout, 1
		}
		s.config(c)
		transport := rocketchat.NewTransport(c)
		transport.DialContext, transport.DisableKeepAlives = s.dial, true
		c.Transport = transport
	})
}

func (s *faultStage) dialing(failing dial) {
	s.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if _, fails := s.proxy.fails(); fails {
			return failing(ctx, network, address)
		}
		return s.network.DialContext(ctx, network, address)
	}
}

func (s *faultStage) dialingTo(address string) {
	s.dialing(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return s.network.DialContext(ctx, network, address)
	})
}

// unresolved has the failing calls not find the address of the workspace.
func unresolved(problem net.DNSError) func(*testing.T, *faultStage) {
	return func(_ *testing.T, s *faultStage) {
		s.dialing(func(_ context.Context, network, _ string) (net.Conn, error) {
			failed := problem
			failed.Err, failed.Name = "no such host", "chat.example.invalid"
			return nil, &net.OpError{Op: "dial", Net: network, Err: &failed}
		})
	}
}

func (s *faultStage) through(proxy string) func(*rocketchat.Config) {
	return func(c *rocketchat.Config) {
		c.Proxy = func(r *http.Request) (*url.URL, error) {
			if r.Method == "" { // asked for its secrets
				return nil, nil
			}
			if _, fails := s.proxy.fails(); fails {
				return &url.URL{Scheme: "http", Host: proxy}, nil
			}
			return nil, nil
		}
	}
}

func refusedDial(_ *testing.T, s *faultStage) { s.dialingTo(closedPort) }

func refusedProxy(_ *testing.T, s *faultStage) { s.config = s.through(closedPort) }

// refusedTunnel has a proxy in front of a workspace that speaks TLS, which responds to
// CONNECT with refused.
func refusedTunnel(refused string) func(*testing.T, *faultStage) {
	return func(t *testing.T, s *faultStage) {
		t.Helper()
		s.overTLS(t)
		s.network[plainAddress] = saying(refused)
		trust, proxy := s.config, s.through(plainAddress)
		s.config = func(c *rocketchat.Config) { trust(c); proxy(c) }
	}
}

// overTLS has the workspace speak TLS, which the client trusts.
func (s *faultStage) overTLS(t *testing.T) {
	t.Helper()
	certificate := certify(t, func(*x509.Certificate) {})
	s.scheme = "https"
	s.certificates = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.trust(trusting(certificate))
}

func (s *faultStage) trust(config *tls.Config) {
	s.config = func(c *rocketchat.Config) { c.TLS = config }
}

// badCertificate serves another certificate under the fault.
func badCertificate(change func(*x509.Certificate), trusted bool) func(*testing.T, *faultStage) {
	return func(t *testing.T, s *faultStage) {
		t.Helper()
		good, bad := certify(t, func(*x509.Certificate) {}), certify(t, change)
		s.scheme = "https"
		s.certificates = &tls.Config{
			MinVersion: tls.VersionTLS12,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				if _, fails := s.proxy.fails(); fails {
					return &bad, nil
				}
				return &good, nil
			},
		}
		trust := trusting(good)
		if trusted {
			trust = trusting(good, bad)
		}
		s.trust(trust)
	}
}

func certify(t *testing.T, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	local := func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} }
	certificate, key := clitest.NewCertificate(t, "workspace", local, change)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func trusting(certificates ...tls.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	for _, c := range certificates {
		pool.AddCert(c.Leaf)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func plainInsteadOfTLS(t *testing.T, s *faultStage) {
	t.Helper()
	s.overTLS(t)
	s.network[plainAddress] = saying("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")
	s.dialingTo(plainAddress)
}
