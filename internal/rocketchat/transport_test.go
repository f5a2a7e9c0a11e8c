// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
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
	before := standard.Clone()
	newClient(t, nil, func(c *rocketchat.Config) { c.TLS, c.Logger = &tls.Config{MinVersion: tls.VersionTLS13}, nil })
	if standard.MaxIdleConnsPerHost != before.MaxIdleConnsPerHost || standard.MaxResponseHeaderBytes != before.MaxResponseHeaderBytes ||
		standard.MaxConnsPerHost != before.MaxConnsPerHost || standard.TLSClientConfig != nil && standard.TLSClientConfig.MinVersion == tls.VersionTLS13 {
		t.Error("http.DefaultTransport changed")
	}
}

func TestConfig_mustBeComplete(t *testing.T) {
	t.Parallel()
	whole := rocketchat.Config{URL: parseURL(t, "https://chat.example.invalid"), UserID: "u", AuthToken: authToken}
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

// TestRequest_headers looks at every request of a client that does everything, with
// refusals and repetitions among them, in a workspace that hands out cookies.
func TestRequest_headers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := behindTOTP(rocketchattest.Options{Synthetic: 250, ClockSkew: 1 << 8 * 1e9})
		w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultHangUp, 2))
		cookies := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := w.Transport().RoundTrip(r)
			if err == nil {
				resp.Header.Set("Set-Cookie", "rc_token=abc; Path=/")
			}
			return resp, err
		})
		client := newClient(t, cookies, account(w, "totp"), withTOTP(t), func(c *rocketchat.Config) {
			c.Headers = map[string]string{
				gatewayName: gatewayKey, "X-Auth-Token": "not-this", "User-Agent": "not-this", "x-2fa-code": "not-this", "X-User-Id": "not-this",
			}
		})
		id := *read(t, client).Sessions[0].SessionID
		for name, call := range calls(client) {
			if err := call(t.Context()); err != nil && !errors.Is(err, rocketchat.ErrNotFound) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := client.Logout(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		user := w.Account("totp")
		for i, r := range w.Requests() {
			want := map[string]string{
				"User-Agent": userAgent, "Accept": applicationJSON, gatewayName: gatewayKey,
				"X-User-Id": user.UserID, "X-Auth-Token": user.Token, "X-2fa-Method": "", "Content-Type": "", "Cookie": "", "Authorization": "",
			}
			if strings.Contains(r.Path, "/sessions/") && !strings.HasSuffix(r.Path, "/sessions/list") {
				want["X-2fa-Method"] = "totp"
				if code := r.Header.Values("X-2fa-Code"); len(code) != 1 || len(code[0]) != 6 {
					t.Errorf("request %d, %s: code %q", i, r.Path, code)
				}
			}
			if r.Method == http.MethodPost {
				want["Content-Type"] = applicationJSON
			}
			for name, value := range want {
				if got := r.Header.Values(name); strings.Join(got, "; ") != value {
					t.Errorf("request %d, %s: %s is %q, want %q", i, r.Path, name, got, value)
				}
			}
		}
	})
}

func redirect(status int, location string) response {
	return response{status: status, contentType: "text/html", header: http.Header{"Location": {location}}, body: "<html>moved</html>"}
}

func TestRedirects_withinTheWorkspaceAreFollowed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, location := range []string{
			"/elsewhere/api/v1/sessions/list.all",
			"https://chat.example.invalid/api/v1/sessions/list.all?count=100",
			"https://chat.example.invalid:443/api/v1/sessions/list.all",
			"HTTPS://Chat.Example.INVALID/x",
			"//chat.example.invalid/x",
		} {
			for _, status := range []int{301, 302, 303, 307, 308} {
				server := play(redirect(status, location), emptyList)
				read(t, newClient(t, server))
				if server.count() != 2 {
					t.Fatalf("%d to %s: %d requests, want two", status, location, server.count())
				}
				for _, r := range server.asked {
					if r.Header.Get("X-Auth-Token") != authToken || r.Header.Get(gatewayName) != gatewayKey {
						t.Errorf("%d to %s: the headers did not go along: %v", status, location, r.Header)
					}
				}
			}
		}
	})
}

// TestRedirects_awayAreRefused at the first one, with nothing of the secrets that the target is made of. From
// credentials, net/http makes a header Authorization, also to the same host.
func TestRedirects_awayAreRefused(t *testing.T) {
	t.Parallel()
	const from = "https://chat.example.invalid:443"
	for location, to := range map[string]string{
		"https://evil.example.invalid/api/v1/sessions/list.all?x=1": "https://evil.example.invalid:443",
		"http://chat.example.invalid/api/v1/sessions/list.all":      "http://chat.example.invalid:80",
		"http://chat.example.invalid:443/":                          "http://chat.example.invalid:443",
		"https://chat.example.invalid:8443/":                        "https://chat.example.invalid:8443",
		"https://chat.example.invalid.evil.invalid/":                "https://chat.example.invalid.evil.invalid:443",
		"https://chat.example.invalid@evil.invalid/":                "https://evil.invalid:443",
		"https://sub.chat.example.invalid/":                         "https://sub.chat.example.invalid:443",
		"//evil.invalid/api/v1/sessions/list.all":                   "https://evil.invalid:443",
		"https://127.0.0.1/":                                        "https://127.0.0.1:443",
		"https://ann:pass@chat.example.invalid/x":                   from,
		"https://ann@chat.example.invalid/x":                        from,
		"https://:@chat.example.invalid/x":                          from,
		"https://@chat.example.invalid/x":                           from,
		"https://" + authToken + ".evil.invalid/":                   "https://" + sanitize.Redacted + ".evil.invalid:443",
		"https://" + strings.ToUpper(gatewayKey) + "/":              "https://" + sanitize.Redacted + ":443",
	} {
		for _, before := range [][]response{nil, {redirect(302, "/x")}} {
			server := play(append(before, redirect(302, location), emptyList)...)
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			wantError(t, err, &rocketchat.RedirectError{From: from, To: to, Credentials: strings.Contains(location, "@")})
			if !strings.Contains(err.Error(), from) || !strings.Contains(err.Error(), to) {
				t.Errorf("text %q", err)
			}
			if server.count() != len(before)+1 {
				t.Errorf("%s: %d requests after %d redirects within", location, server.count(), len(before))
			}
		}
	}
}

// TestRedirect_toTheCode: the host of a redirect may be made of what was sent.
func TestRedirect_toTheCode(t *testing.T) {
	t.Parallel()
	var code string
	gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
		code = r.Header.Get("X-2fa-Code")
		return redirect(302, "https://"+code+".evil.invalid/").response(r)
	})
	_, err := newClient(t, gateway, withTOTP(t)).WorkspaceSessions(t.Context(), "", everything)
	if got := as[*rocketchat.RedirectError](t, err); code == "" || strings.Contains(got.To, code) || !strings.Contains(got.To, sanitize.Redacted) {
		t.Errorf("the code %s is in %+v", code, got)
	}
}

// TestLogout_isNotRedirected: net/http would turn it into a GET, which ends
// nothing.
func TestLogout_isNotRedirected(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, status := range []int{301, 307} {
			server := play(redirect(status, "/elsewhere"), jsonResponse(200, `{"success":true}`))
			err := newClient(t, server).Logout(t.Context(), "a")
			_ = as[*rocketchat.RedirectError](t, err)
			if server.count() != 1 {
				t.Errorf("%d: %d requests, want one", status, server.count())
			}
		}
	})
}

func TestRedirect_toWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, location := range []string{"https://chat.example.invalid:port/", "https://%67ateway-key-0123456789.evil.invalid/"} {
			server := play(redirect(302, location))
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			if got := as[*rocketchat.TransportError](t, err); got.Attempts != server.count() {
				t.Errorf("%d requests, %+v", server.count(), *got)
			}
		}
	})
}
