// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// at points a client at a server, over a socket.
func at(t *testing.T, raw string) func(*rocketchat.Config) {
	t.Helper()
	u := parseURL(t, raw)
	return func(c *rocketchat.Config) { c.URL = u }
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

// TestRequest_overASocket reads from every release by HTTP, compressed where they
// compress.
func TestRequest_overASocket(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			w := rocketchattest.New(rocketchattest.Options{Release: release, Synthetic: 250})
			server := httptest.NewServer(http.StripPrefix("/chat", w))
			t.Cleanup(server.Close)
			client := newClient(t, nil, account(w, "none"), at(t, server.URL+"/chat/"))
			if listing := read(t, client); len(listing.Sessions) != 250 {
				t.Errorf("%d sessions, want 250", len(listing.Sessions))
			}
		})
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

func TestRequest_timeout(t *testing.T) {
	t.Parallel()
	const timeout = 10 * time.Millisecond
	for name, transport := range map[string]http.RoundTripper{
		"no response": roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}),
		"half a response": roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := emptyList.response(r)
			resp.Body = stuck{strings.NewReader(`{"sessions":[`), r.Context()}
			return resp, err
		}),
		"half a refusal": roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := jsonResponse(400, "").response(r)
			resp.Body = stuck{strings.NewReader(`{"success":`), r.Context()}
			return resp, err
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				client := newClient(t, transport, func(c *rocketchat.Config) {
					c.RequestTimeout, c.MaxRetries = timeout, 1
				})
				_, err := client.WorkspaceSessions(t.Context(), "", everything)
				got := as[*rocketchat.TransportError](t, err)
				if got.Timeout != timeout || got.Attempts != 2 || !strings.Contains(err.Error(), "request timeout") {
					t.Errorf("%+v", *got)
				}
			})
		})
	}
}

// silent never responds, and says when it was asked.
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

func TestRequest_canceled(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		transport, asked := silent()
		for name, call := range calls(newClient(t, transport)) {
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
	})
}

func TestRequest_canceledWhileItWaits(t *testing.T) {
	t.Parallel()
	for name, a := range map[string]response{
		"for the rate limit":      {status: 429, contentType: "text/plain", body: "slow down"},
		"before it tries again":   {status: 500, contentType: "text/plain"},
		"after a broken response": jsonResponse(200, `{"sessions":[`),
		"after a failed attempt":  {err: errors.New("reset")},
	} {
		for call := range calls(newClient(t, play(a))) {
			t.Run(name+"/"+call, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T) {
					server := play(a)
					run := calls(newClient(t, server))[call]
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					returned := make(chan error, 1)
					go func() { returned <- run(ctx) }()
					synctest.Wait()
					cancel()
					if err := <-returned; !errors.Is(err, context.Canceled) || server.count() != 1 {
						t.Errorf("%v after %d requests, want context.Canceled after one", err, server.count())
					}
				})
			})
		}
	}
}

func TestRequest_deadline(t *testing.T) {
	t.Parallel()
	transport, _ := silent()
	for name, call := range calls(newClient(t, transport)) {
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

// TestRequest_timeoutTellsHowFarItGot: the rows read until then are counted, and not
// handed out.
func TestRequest_timeoutTellsHowFarItGot(t *testing.T) {
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
	client := newClient(t, w.Transport(), account(w, "none"),
		func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
	listing, err := client.WorkspaceSessions(ctx, "", everything)
	got := as[*rocketchat.TimeoutError](t, err)
	if got.Rows != 100 || got.Total != 350 || listing != nil || !strings.Contains(err.Error(), "100 of 350") {
		t.Errorf("%v, %+v; want 100 rows of 350", listing, *got)
	}
}

// TestTransport_certificates: what a chain of errors does not show is found all the same.
func TestTransport_certificates(t *testing.T) {
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
		_, err := newClient(t, nil, append(change, account(w, "none"), at(t, url))...).WorkspaceSessions(t.Context(), "", everything)
		got := as[*rocketchat.TransportError](t, err)
		if got.Attempts != 1 {
			t.Errorf("%d attempts; want one: %v", got.Attempts, err)
		}
		return got
	}

	t.Run("trusted", func(t *testing.T) {
		t.Parallel()
		client := newClient(t, nil, account(w, "none"), at(t, server.URL), with(&tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}))
		if listing := read(t, client); len(listing.Sessions) != 9 {
			t.Errorf("%d sessions, want the nine documented", len(listing.Sessions))
		}
	})
	t.Run("unknown CA", func(t *testing.T) {
		t.Parallel()
		var authority x509.UnknownAuthorityError
		if err := fails(t, server.URL); !errors.As(err, &authority) {
			t.Errorf("%v, want an unknown CA", err)
		}
	})
	t.Run("https behind plain http", func(t *testing.T) {
		t.Parallel()
		_, err := newClient(t, nil, account(w, "none"), at(t, "http://127.0.0.1"+port)).WorkspaceSessions(t.Context(), "", everything)
		if got := as[*rocketchat.GatewayError](t, err); got.Status != http.StatusBadRequest || !got.PlainHTTP {
			t.Errorf("%+v", *got)
		}
	})
}

func TestClient_defaultTransportIsLeftAlone(t *testing.T) {
	t.Parallel()
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		t.Fatal("http.DefaultTransport is another one")
	}
	before := [...]int64{int64(standard.MaxIdleConnsPerHost), standard.MaxResponseHeaderBytes, int64(standard.MaxConnsPerHost)}
	newClient(t, nil, func(c *rocketchat.Config) { c.TLS, c.Logger = &tls.Config{MinVersion: tls.VersionTLS13}, nil })
	after := [...]int64{int64(standard.MaxIdleConnsPerHost), standard.MaxResponseHeaderBytes, int64(standard.MaxConnsPerHost)}
	if after != before {
		t.Errorf("http.DefaultTransport changed from %v to %v", before, after)
	}
	if config := standard.TLSClientConfig; config != nil && config.MinVersion == tls.VersionTLS13 {
		t.Error("http.DefaultTransport took the TLS configuration of a client")
	}
}

func TestConfig_mustBeComplete(t *testing.T) {
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
