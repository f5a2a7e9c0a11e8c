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
		w := rocketchattest.New(rocketchattest.Options{Release: release, Synthetic: 250})
		server := httptest.NewServer(http.StripPrefix("/chat", w))
		t.Cleanup(server.Close)
		client := newClient(t, nil, account(w, "none"), at(t, server.URL+"/chat/"))
		if listing := read(t, client); len(listing.Sessions) != 250 {
			t.Errorf("%s: %d sessions, want 250", release, len(listing.Sessions))
		}
	}
}

// silent never responds.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// calls are all that a client can be asked for.
func calls(c *rocketchat.Client) map[string]func(context.Context) error {
	all := map[string]func(context.Context) error{
		"WorkspaceSessions": func(ctx context.Context) error { _, err := c.WorkspaceSessions(ctx, "", everything); return err },
		"OwnSessions":       func(ctx context.Context) error { _, err := c.OwnSessions(ctx, "", everything); return err },
		"WorkspaceSession":  func(ctx context.Context) error { _, err := c.WorkspaceSession(ctx, "a"); return err },
		"Logout":            func(ctx context.Context) error { return c.Logout(ctx, "a") },
	}
	for _, of := range otherReads {
		all[of.route] = func(ctx context.Context) error { return of.read(ctx, c) }
	}
	return all
}

// otherReads are the reads beside those of sessions, by their route.
var otherReads = []struct {
	route string
	read  func(context.Context, *rocketchat.Client) error
}{
	{"users.listByStatus", func(ctx context.Context, c *rocketchat.Client) error { _, err := c.Users(ctx, nil); return err }},
	{"roles.list", func(ctx context.Context, c *rocketchat.Client) error { _, err := c.Roles(ctx); return err }},
	{"permissions.listAll", func(ctx context.Context, c *rocketchat.Client) error { _, err := c.Permissions(ctx); return err }},
	{"me", func(ctx context.Context, c *rocketchat.Client) error { _, err := c.OwnRoles(ctx); return err }},
	{"settings.public", readingSetting(publicSetting)},
	{"settings/" + privateSetting, readingSetting(privateSetting)},
}

func readingSetting(id string) func(context.Context, *rocketchat.Client) error {
	return func(ctx context.Context, c *rocketchat.Client) error {
		got, err := c.Settings(ctx, []string{id})
		if err == nil && len(got.Unknown) > 0 {
			return rocketchat.ErrNoSetting
		}
		if err == nil {
			err = got.Refusal
		}
		return err
	}
}

// TestRequest_endsWithItsContext: whatever a call waits for, it returns at once when it is canceled, and makes no
// other request.
func TestRequest_endsWithItsContext(t *testing.T) {
	t.Parallel()
	each(t, map[string]http.RoundTripper{
		"for the response":        roundTrip(silent),
		"for the rate limit":      play(response{status: 429, contentType: "text/plain", body: "slow down"}),
		"before it tries again":   play(response{status: 500, contentType: "text/plain"}),
		"after a broken response": play(jsonResponse(200, `{"sessions":[`)),
		"after a failed attempt":  play(response{err: errors.New("reset")}),
	}, func(t *testing.T, transport http.RoundTripper) {
		for name := range calls(nil) {
			g := newGate(transport)
			close(g.open)
			call := calls(newClient(t, g))[name]
			began := time.Now()
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Millisecond, cancel)
			err := call(ctx)
			if asked, _ := g.counts(); !errors.Is(err, context.Canceled) || asked != 1 || time.Since(began) != time.Millisecond {
				t.Errorf("%s: %v after %d requests and %v, want context.Canceled", name, err, asked, time.Since(began))
			}
			if err := call(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("%s with a context that has ended: %v, want context.Canceled", name, err)
			}
		}
	})
}

func TestRequest_deadline(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for name, call := range calls(newClient(t, roundTrip(silent))) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			t.Cleanup(cancel)
			got := as[*rocketchat.TimeoutError](t, call(ctx))
			if !errors.Is(got, context.DeadlineExceeded) || !strings.Contains(got.Request, "/api/v1/") || !strings.Contains(got.Error(), "timeout") {
				t.Errorf("%s: %+v", name, *got)
			}
		}
	})
}

// TestRequest_timeoutTellsHowFarItGot: the rows read until then are counted, and not
// handed out.
func TestRequest_timeoutTellsHowFarItGot(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{Synthetic: 350})
		w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultSilence, 1))
		client := newClient(t, w.Transport(), account(w, "none"), func(c *rocketchat.Config) { c.MaxConcurrentRequests = 1 })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		listing, err := client.WorkspaceSessions(ctx, "", everything)
		got := as[*rocketchat.TimeoutError](t, err)
		if got.Rows != 100 || got.Total != 350 || listing != nil || !strings.Contains(err.Error(), "100 of 350") {
			t.Errorf("%v, %+v; want 100 rows of 350", listing, *got)
		}
	})
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
	reads := func(url string, config *tls.Config) (*rocketchat.Listing, error) {
		client := newClient(t, nil, account(w, "none"), at(t, url), func(c *rocketchat.Config) { c.TLS = config })
		return client.WorkspaceSessions(t.Context(), "", everything)
	}

	if listing, err := reads(server.URL, &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}); err != nil || len(listing.Sessions) != 9 {
		t.Errorf("trusted: %v, %v; want the nine documented", listing, err)
	}
	_, err := reads(server.URL, nil)
	var authority x509.UnknownAuthorityError
	if got := as[*rocketchat.TransportError](t, err); got.Attempts != 1 || !errors.As(err, &authority) {
		t.Errorf("unknown CA: %+v", *got)
	}
	_, err = reads(strings.Replace(server.URL, "https", "http", 1), nil)
	if got := as[*rocketchat.GatewayError](t, err); got.Status != http.StatusBadRequest || !got.PlainHTTP {
		t.Errorf("https behind plain http: %+v", *got)
	}
}

func TestClient_defaultTransportIsLeftAlone(t *testing.T) {
	t.Parallel()
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		t.Fatal("http.DefaultTransport is another one")
	}
	settings := func() [3]int64 {
		return [...]int64{int64(standard.MaxIdleConnsPerHost), standard.MaxResponseHeaderBytes, int64(standard.MaxConnsPerHost)}
	}
	before := settings()
	newClient(t, nil, func(c *rocketchat.Config) { c.TLS, c.Logger = &tls.Config{MinVersion: tls.VersionTLS13}, nil })
	if after := settings(); after != before {
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
