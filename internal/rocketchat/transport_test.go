// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// at points a client at a server, over a socket.
func at(t *testing.T, raw string) func(*rocketchat.Config) {
	t.Helper()
	u := parseURL(t, raw)
	return func(c *rocketchat.Config) { c.URL = u }
}

// rawServer answers every connection with the same bytes and closes it.
func rawServer(t *testing.T, answer string) (url string, requests *atomic.Int32) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests = &atomic.Int32{}
	done := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
				requests.Add(1)
				_, _ = io.WriteString(conn, answer)
			}
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String(), requests
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	const body = `{"sessions":[],"total":0,"success":true}`
	head := func(status string, headers ...string) string {
		return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + strings.Join(headers, "\r\n") + "\r\n\r\n"
	}
	for name, tc := range map[string]struct {
		answer string
		// transport is true where not even a status came.
		transport bool
	}{
		"closed before the answer":        {"", true},
		"closed within the status":        {"HTTP/1.1 2", true},
		"closed within the headers":       {"HTTP/1.1 200 OK\r\nContent-Ty", true},
		"not HTTP":                        {"SSH-2.0-OpenSSH_9.9\r\n", true},
		"headers without end":             {head("200 OK", "X-Long: "+strings.Repeat("x", 300<<10)) + body, true},
		"Content-Length not a number":     {head("200 OK", "Content-Length: many") + body, true},
		"closed within the body":          {head("200 OK", "Connection: close") + body[:20], false},
		"Content-Length too long":         {head("200 OK", "Content-Length: 1000") + body, false},
		"Content-Length too short":        {head("200 OK", "Content-Length: 20", "Connection: close") + body, false},
		"closed within a chunk":           {head("200 OK", "Transfer-Encoding: chunked") + "28\r\n" + body[:10], false},
		"closed before the last chunk":    {head("200 OK", "Transfer-Encoding: chunked") + "28\r\n" + body + "\r\n", false},
		"chunk of no size":                {head("200 OK", "Transfer-Encoding: chunked") + "zz\r\n" + body, false},
		"said to be gzip, and is not":     {head("200 OK", "Content-Encoding: gzip", "Connection: close") + body, false},
		"gzip, truncated":                 {head("200 OK", "Content-Encoding: gzip", "Connection: close") + zipped(t, body)[:30], false},
		"no content, though there is one": {"HTTP/1.1 204 No Content\r\n\r\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, requests := rawServer(t, tc.answer)
			_, err := newClient(t, clocktest.NewFake(start), nil, at(t, url)).WorkspaceSessions(t.Context(), "", everything)
			if tc.transport {
				got := as[*rocketchat.TransportError](t, err)
				if got.Attempts != attempts || got.Timeout != 0 || !strings.Contains(got.Error(), "/api/v1/sessions/list.all") || got.Unwrap() == nil {
					t.Errorf("%+v", *got)
				}
			} else if got := as[*rocketchat.UnreadableError](t, err); got.Attempts != attempts {
				t.Errorf("%+v", *got)
			}
			if n := int(requests.Load()); n < attempts {
				t.Errorf("%d requests, want %d", n, attempts)
			}
		})
	}
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
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

// patient waits for 32 MiB under the race detector on a busy machine.
func patient(c *rocketchat.Config) { c.RequestTimeout = time.Hour }

func TestAnswersWithoutEnd(t *testing.T) {
	t.Parallel()
	respond := func(status int, read *atomic.Int64) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := jsonAnswer(status, "").response(r)
			resp.Body = &endless{begin: `{"success":false,"error":"`, read: read}
			return resp, err
		})
	}

	t.Run("good", func(t *testing.T) {
		t.Parallel()
		var n atomic.Int64
		_, err := newClient(t, clocktest.NewFake(start), respond(200, &n), patient).WorkspaceSessions(t.Context(), "", everything)
		got := as[*rocketchat.UnreadableError](t, err)
		if got.Attempts != 1 || !strings.Contains(err.Error(), "larger than 32 MiB") {
			t.Errorf("%+v", *got)
		}
		if most := int64(33 << 20); n.Load() > most {
			t.Errorf("read %d bytes, want no more than %d", n.Load(), most)
		}
	})

	t.Run("refusal", func(t *testing.T) {
		t.Parallel()
		var n atomic.Int64
		_, err := newClient(t, clocktest.NewFake(start), respond(400, &n)).WorkspaceSessions(t.Context(), "", everything)
		if got := as[*rocketchat.ResponseError](t, err); got.Attempts != 1 || len(got.Message) > 2000 {
			t.Errorf("%+v", *got)
		}
		if most := int64(65 << 10); n.Load() > most {
			t.Errorf("read %d bytes, want no more than %d", n.Load(), most)
		}
	})

	t.Run("gzip", func(t *testing.T) {
		t.Parallel()
		begin, more := zipped(t, `{"sessions":[`), zipped(t, blank) // a stream may have several members
		server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			rw.Header().Set("Content-Type", applicationJSON)
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(rw, begin)
			for range 70 {
				_, _ = io.WriteString(rw, more)
			}
		}))
		t.Cleanup(server.Close)
		_, err := newClient(t, clocktest.NewFake(start), nil, at(t, server.URL), patient).WorkspaceSessions(t.Context(), "", everything)
		if got := as[*rocketchat.UnreadableError](t, err); got.Attempts != 1 || !strings.Contains(err.Error(), "larger than 32 MiB") {
			t.Errorf("%+v", *got)
		}
	})
}

// TestOverASocket reads from every release by HTTP, compressed where they
// compress.
func TestOverASocket(t *testing.T) {
	t.Parallel()
	for _, release := range rocketchattest.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			c := clocktest.NewFake(start)
			w := rocketchattest.New(rocketchattest.Options{Release: release, Clock: c, Synthetic: 250})
			server := httptest.NewServer(http.StripPrefix("/chat", w))
			t.Cleanup(server.Close)
			client := newClient(t, c, nil, account(w, "none"), at(t, server.URL+"/chat/"))
			if listing := read(t, client); len(listing.Sessions) != 250 {
				t.Errorf("%d sessions, want 250", len(listing.Sessions))
			}
		})
	}
}

func TestTruncatedOnceIsReadAgain(t *testing.T) {
	t.Parallel()
	c := clocktest.NewFake(start)
	w := rocketchattest.New(rocketchattest.Options{Clock: c, Synthetic: 450})
	w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
		switch n {
		case 0:
			return rocketchattest.FaultHangUp(n, r, next)
		case 2, 4:
			return rocketchattest.FaultTruncated(n, r, next)
		default:
			return nil
		}
	})
	if listing := read(t, newClient(t, c, w.Transport(), account(w, "none"))); len(listing.Sessions) != 450 {
		t.Errorf("%d sessions, want 450", len(listing.Sessions))
	}
	if got := len(w.Requests()); got != 5+3 {
		t.Errorf("%d requests, want five and three repeated", got)
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	c := clocktest.NewFake(start)
	_, err = newClient(t, c, nil, at(t, url)).WorkspaceSessions(t.Context(), "", everything)
	got := as[*rocketchat.TransportError](t, err)
	if got.Attempts != attempts || !errors.Is(err, syscall.ECONNREFUSED) || c.Slept() != 15*time.Second {
		t.Errorf("%+v after %v", *got, c.Slept())
	}
}

// stuck is a body that comes only in part.
type stuck struct {
	io.Reader
	ctx context.Context
}

func (s stuck) Read(p []byte) (int, error) {
	if n, err := s.Reader.Read(p); err == nil {
		return n, nil
	}
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

func (stuck) Close() error { return nil }

func TestRequestTimeout(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Millisecond
	for name, transport := range map[string]http.RoundTripper{
		"no answer": roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}),
		"half an answer": roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := emptyList.response(r)
			resp.Body = stuck{strings.NewReader(`{"sessions":[`), r.Context()}
			return resp, err
		}),
		"half a refusal": roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := jsonAnswer(400, "").response(r)
			resp.Body = stuck{strings.NewReader(`{"success":`), r.Context()}
			return resp, err
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, clocktest.NewFake(start), transport, func(c *rocketchat.Config) {
				c.RequestTimeout, c.MaxRetries = timeout, 1
			})
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.TransportError](t, err)
			if got.Timeout != timeout || got.Attempts != 2 || !strings.Contains(err.Error(), "request timeout") {
				t.Errorf("%+v", *got)
			}
		})
	}
}

// silent never answers, and says when it was asked.
func silent() (transport http.RoundTripper, asked chan struct{}) {
	asked = make(chan struct{}, 100)
	return roundTrip(func(r *http.Request) (*http.Response, error) {
		asked <- struct{}{}
		<-r.Context().Done()
		return nil, r.Context().Err()
	}), asked
}

// calls are all that a client can be asked for.
func calls(c *rocketchat.Client) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"WorkspaceSessions": func(ctx context.Context) error {
			_, err := c.WorkspaceSessions(ctx, "", everything)
			return err
		},
		"OwnSessions": func(ctx context.Context) error {
			_, err := c.OwnSessions(ctx, "", everything)
			return err
		},
		"WorkspaceSession": func(ctx context.Context) error {
			_, err := c.WorkspaceSession(ctx, "a")
			return err
		},
		"Logout": func(ctx context.Context) error { return c.Logout(ctx, "a") },
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	transport, asked := silent()
	for name, call := range calls(newClient(t, clocktest.NewFake(start), transport)) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- call(ctx) }()
		<-asked
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want context.Canceled", name, err)
		}
		if err := call(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that has ended = %v, want context.Canceled", name, err)
		}
	}
}

func TestCancelledWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]answer{
		"for the rate limit":     {status: 429, contentType: "text/plain", body: "slow down"},
		"before it tries again":  {status: 500, contentType: "text/plain"},
		"after a broken answer":  jsonAnswer(200, `{"sessions":[`),
		"after a failed attempt": {err: errors.New("reset")},
	} {
		for call := range calls(newClient(t, clocktest.NewFake(start), play(a))) {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				c := clocktest.NewFake(start)
				server := play(a)
				run := calls(newClient(t, c, server))[call]
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				returned := make(chan error, 1)
				slept := make(chan struct{})
				c.OnSleep(func(time.Duration) {
					defer close(slept)
					cancel()
					if strings.HasSuffix(call, "Sessions") {
						returned <- <-returned // the caller of a shared read does not wait for its sleep to end
					}
				})
				go func() { returned <- run(ctx) }()
				<-slept
				if err := <-returned; !errors.Is(err, context.Canceled) || server.count() != 1 {
					t.Errorf("%v after %d requests, want context.Canceled after one", err, server.count())
				}
			})
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	transport, _ := silent()
	for name, call := range calls(newClient(t, clock.System{}, transport)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			err := call(ctx)
			got := as[*rocketchat.TimeoutError](t, err)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(got.Request, "/api/v1/sessions/") || !strings.Contains(got.Error(), "timeout") {
				t.Errorf("%+v", *got)
			}
		})
	}
}

// expiring is a context whose deadline passes when the test says so.
type expiring struct {
	context.Context
	passed chan struct{}
}

func (e expiring) Done() <-chan struct{} { return e.passed }

func (e expiring) Err() error {
	select {
	case <-e.passed:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// TestTimeoutTellsHowFarItGot: the rows read until then are counted, and not
// handed out.
func TestTimeoutTellsHowFarItGot(t *testing.T) {
	t.Parallel()
	ctx := expiring{t.Context(), make(chan struct{})}
	w := rocketchattest.New(rocketchattest.Options{Synthetic: 350})
	w.Fault(func(n int, r *http.Request, next http.Handler) http.Handler {
		if n == 0 {
			return nil
		}
		close(ctx.passed)
		return rocketchattest.FaultSilence(n, r, next)
	})
	client := newClient(t, clock.System{}, w.Transport(), account(w, "none"),
		func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
	listing, err := client.WorkspaceSessions(ctx, "", everything)
	got := as[*rocketchat.TimeoutError](t, err)
	if got.Rows != 100 || got.Total != 350 || listing != nil || !strings.Contains(err.Error(), "100 of 350") {
		t.Errorf("%v, %+v; want 100 rows of 350", listing, *got)
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	server := httptest.NewUnstartedServer(w)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trusted := x509.NewCertPool()
	trusted.AddCert(server.Certificate())
	port := server.URL[strings.LastIndexByte(server.URL, ':'):]

	with := func(config *tls.Config) func(*rocketchat.Config) {
		return func(c *rocketchat.Config) { c.TLS = config }
	}
	fails := func(t *testing.T, url string, change ...func(*rocketchat.Config)) *rocketchat.TransportError {
		t.Helper()
		c := clocktest.NewFake(start)
		_, err := newClient(t, c, nil, append(change, account(w, "none"), at(t, url))...).WorkspaceSessions(t.Context(), "", everything)
		got := as[*rocketchat.TransportError](t, err)
		if got.Attempts != 1 || c.Slept() != 0 {
			t.Errorf("%d attempts, %v waited; want one attempt: %v", got.Attempts, c.Slept(), err)
		}
		return got
	}

	t.Run("trusted", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, clocktest.NewFake(start), nil, account(w, "none"), at(t, server.URL), with(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}))
		if listing := read(t, client); len(listing.Sessions) != 9 {
			t.Errorf("%d sessions, want the nine documented", len(listing.Sessions))
		}
	})
	t.Run("unknown authority", func(t *testing.T) {
		t.Parallel()
		var authority x509.UnknownAuthorityError
		if err := fails(t, server.URL); !errors.As(err, &authority) {
			t.Errorf("%v, want an unknown authority", err)
		}
	})
	t.Run("wrong name", func(t *testing.T) {
		t.Parallel()
		var host x509.HostnameError
		if err := fails(t, "https://localhost"+port, with(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12})); !errors.As(err, &host) {
			t.Errorf("%v, want another host name", err)
		}
	})
	t.Run("expired", func(t *testing.T) {
		t.Parallel()
		var invalid x509.CertificateInvalidError
		later := &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12, Time: func() time.Time { return start.AddDate(200, 0, 0) }}
		if err := fails(t, server.URL, with(later)); !errors.As(err, &invalid) {
			t.Errorf("%v, want an expired certificate", err)
		}
	})
	t.Run("plain http behind https", func(t *testing.T) {
		t.Parallel()
		plain := httptest.NewServer(w)
		t.Cleanup(plain.Close)
		_ = fails(t, strings.Replace(plain.URL, "http:", "https:", 1))
	})
	t.Run("https behind plain http", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, clocktest.NewFake(start), nil, account(w, "none"), at(t, "http://127.0.0.1"+port)).WorkspaceSessions(t.Context(), "", everything)
		if got := as[*rocketchat.ResponseError](t, err); got.Status != http.StatusBadRequest || got.Reason != nil {
			t.Errorf("%+v", *got)
		}
	})
}

func TestDefaultTransportIsLeftAlone(t *testing.T) {
	t.Parallel()
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		t.Fatal("http.DefaultTransport is another one")
	}
	before := [...]int64{int64(standard.MaxIdleConnsPerHost), standard.MaxResponseHeaderBytes, int64(standard.MaxConnsPerHost)}
	newClient(t, nil, nil, func(c *rocketchat.Config) { c.TLS, c.Logger = &tls.Config{MinVersion: tls.VersionTLS13}, nil })
	after := [...]int64{int64(standard.MaxIdleConnsPerHost), standard.MaxResponseHeaderBytes, int64(standard.MaxConnsPerHost)}
	if after != before {
		t.Errorf("http.DefaultTransport changed from %v to %v", before, after)
	}
	if config := standard.TLSClientConfig; config != nil && config.MinVersion == tls.VersionTLS13 {
		t.Error("http.DefaultTransport took the TLS configuration of a client")
	}
}

func TestConfigMustBeComplete(t *testing.T) {
	t.Parallel()
	whole := rocketchat.Config{URL: parseURL(t, "https://chat.example.invalid"), UserID: "u", AuthToken: authToken}
	if _, err := rocketchat.New(whole); err != nil {
		t.Errorf("New: %v", err)
	}
	for name, strip := range map[string]func(*rocketchat.Config){
		"URL":       func(c *rocketchat.Config) { c.URL = nil },
		"UserID":    func(c *rocketchat.Config) { c.UserID = "" },
		"AuthToken": func(c *rocketchat.Config) { c.AuthToken = "" },
	} {
		config := whole
		strip(&config)
		if c, err := rocketchat.New(config); err == nil || c != nil || strings.Contains(err.Error(), authToken) {
			t.Errorf("without %s: New = %v, %v", name, c, err)
		}
	}
}
