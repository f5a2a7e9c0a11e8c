// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// fourSessions differ in every field that an argument looks at. From the
// newest: ann in the office, bob at home, a service account, and a deleted
// user whose session lacks most of what there is.
func fourSessions() []rocketchattest.Session {
	text := rocketchattest.Some[string]
	session := func(id, user, name, browser, os, ip string, daysAgo int) rocketchattest.Session {
		return rocketchattest.Session{
			ID: text(id), SessionID: text(id), UserID: text("id-of-" + user), Host: text(user + ".example.com"), IP: text(ip),
			LoginAt: rocketchattest.Some(startOfTests().AddDate(0, 0, -daysAgo)),
			Device: rocketchattest.Some(rocketchattest.Device{
				Type: text("browser"), Name: text(browser), Version: text("1." + fmt.Sprint(daysAgo)), LongVersion: text("1.0.0"),
				OS: rocketchattest.Some(rocketchattest.OS{Name: text(os), Version: text("v" + fmt.Sprint(daysAgo))}),
			}),
			User: rocketchattest.Some(rocketchattest.User{Username: text(user), Name: text(name)}),
		}
	}
	return []rocketchattest.Session{
		session("sAnn", "ann", "Ann Lee", "Chrome", "Windows", "10.1.2.3", 1),
		session("sBob", "bob", "Bob Ray", "Firefox", "macOS", "198.51.100.7", 2),
		session("sSvc", "svc-bot", "Robot", "Rocket.Chat Desktop", "Linux", "2001:db8::5", 40),
		{
			ID: text("sGone"), SessionID: text("sGone"), UserID: text("id-of-gone"), IP: rocketchattest.NullOf[string](),
			LoginAt: rocketchattest.Some(startOfTests().AddDate(0, 0, -50)),
		},
	}
}

func TestAccWorkspaceSessions_everyArgument(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	cases := map[string]struct {
		arguments      string
		want           []string
		matched, total int64
	}{
		"nothing":          {"", []string{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"filter":           {`filter = "chrome|^LINUX$"`, []string{"sAnn", "sSvc"}, 2, 4},
		"filter_cased":     {`filter = "(?-i)chrome"`, []string{}, 0, 4},
		"filter_empty":     {`filter = ""`, []string{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"match":            {`match = { username = "^[a-b]", os_version = "v2" }`, []string{"sBob"}, 1, 4},
		"match_null":       {`match = { username = ".*" }`, []string{"sAnn", "sBob", "sSvc"}, 3, 4},
		"match_unasked":    {`match = { username = null, ip = "^198" }`, []string{"sBob"}, 1, 4},
		"match_session_id": {`match = { session_id = "(?-i)^sS" }`, []string{"sSvc"}, 1, 4},
		"match_user_id":    {`match = { user_id = "gone" }`, []string{"sGone"}, 1, 4},
		"match_name":       {`match = { name = "ray$" }`, []string{"sBob"}, 1, 4},
		"match_type":       {`match = { device_type = "browser" }`, []string{"sAnn", "sBob", "sSvc"}, 3, 4},
		"match_device":     {`match = { device_name = "desktop" }`, []string{"sSvc"}, 1, 4},
		"match_version":    {`match = { device_version = "^1\\.4" }`, []string{"sSvc"}, 1, 4},
		"match_os":         {`match = { os_name = "mac" }`, []string{"sBob"}, 1, 4},
		"match_host":       {`match = { host = "^ann\\." }`, []string{"sAnn"}, 1, 4},
		"match_ip":         {`match = { ip = "^198" }`, []string{"sBob"}, 1, 4},
		"exclude":          {`exclude = { username = "^svc-", os_name = "windows" }`, []string{"sBob", "sGone"}, 2, 4},
		"within":           {`within_cidrs = ["10.0.0.0/8", "2001:db8::/32"]`, []string{"sAnn", "sSvc"}, 2, 4},
		"outside":          {`outside_cidrs = ["10.0.0.0/8", "2001:db8::/32"]`, []string{"sBob", "sGone"}, 2, 4},
		"outside_nothing":  {`outside_cidrs = []`, []string{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"before":           {`logged_in_before = "2023-04-30T12:00:00Z"`, []string{"sSvc", "sGone"}, 2, 4},
		"before_exclusive": {`logged_in_before = "2023-05-28T14:00:00+02:00"`, []string{"sSvc", "sGone"}, 2, 4},
		"after":            {`logged_in_after = "2023-05-01T00:00:00Z"`, []string{"sAnn", "sBob"}, 2, 4},
		"after_exclusive":  {`logged_in_after = "2023-05-28T12:00:00Z"`, []string{"sAnn"}, 1, 4},
		"search":           {`search = "firefox"`, []string{"sBob"}, 1, 1},
		"sort":             {`sort = ["username"]`, []string{"sGone", "sAnn", "sBob", "sSvc"}, 4, 4},
		"sort_two":         {`sort = ["-device_type", "login_at"]`, []string{"sSvc", "sBob", "sAnn", "sGone"}, 4, 4},
		"sort_empty":       {`sort = []`, []string{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"offset":           {`offset = 3`, []string{"sGone"}, 4, 4},
		"limit":            {`limit = 2`, []string{"sAnn", "sBob"}, 4, 4},
		"limit_zero":       {`limit = 0`, []string{}, 4, 4},
		"offset_limit":     {`offset = 1\n  limit = 2`, []string{"sBob", "sSvc"}, 4, 4},
		"filter_limit":     {`filter = "1\\.[0-9]"\n  limit = 1`, []string{"sAnn"}, 3, 4},
		"timeouts":         {`timeouts { read = "5m" }`, []string{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"together": {`filter           = "example"
  match            = { device_type = "browser" }
  exclude          = { username = "ann" }
  outside_cidrs    = ["10.0.0.0/8"]
  logged_in_before = "2023-05-29T00:00:00Z"
  logged_in_after  = "2023-01-01T00:00:00Z"
  sort             = ["login_at"]
  limit            = 1`, []string{"sSvc"}, 2, 4},
	}
	var config strings.Builder
	config.WriteString(w.provider("none"))
	var checks []statecheck.StateCheck
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		fmt.Fprintf(&config, "data \"rocketchat_workspace_sessions\" %q {\n  %s\n}\n", name, strings.ReplaceAll(c.arguments, `\n`, "\n"))
		fmt.Fprintf(&config, "output %q {\n  value = [for s in data.rocketchat_workspace_sessions.%s.sessions : s.session_id]\n}\n", name, name)
		fmt.Fprintf(&config, "output \"%s_counts\" {\n  value = [data.rocketchat_workspace_sessions.%s.matched, data.rocketchat_workspace_sessions.%s.total]\n}\n", name, name, name)
		ids := []knownvalue.Check{}
		for _, id := range c.want {
			ids = append(ids, knownvalue.StringExact(id))
		}
		checks = append(checks,
			statecheck.ExpectKnownOutputValue(name, knownvalue.TupleExact(ids)),
			statecheck.ExpectKnownOutputValue(name+"_counts", knownvalue.TupleExact([]knownvalue.Check{knownvalue.Int64Exact(c.matched), knownvalue.Int64Exact(c.total)})))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps:                    []resource.TestStep{{Config: config.String(), ConfigStateChecks: checks}},
	})
}

// configured is a provider that reads a workspace as an account.
func configured(t *testing.T, w *workspace, account string, config attributes, opts ...Option) *server {
	t.Helper()
	a := w.Account(account)
	all := attributes{"url": w.url, "user_id": a.UserID, "auth_token": a.Token}
	maps.Copy(all, config)
	s := newServer(t, append([]Option{WithClock(w.clock)}, opts...)...)
	if got := s.configure(t, all); len(got) > 0 {
		t.Fatal(details(got))
	}
	return s
}

// With limit alone the rest of the list is not read, and counts all the same.
func TestWorkspaceSessions_newestCostOnePage(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 743, RateLimit: rocketchattest.RateLimit{Off: true}})
	for _, limit := range []int{0, 5} {
		before := len(w.Requests())
		got, diagnostics := configured(t, w, "none", nil).readSessions(t.Context(), t, attributes{"limit": limit})
		if len(diagnostics) > 0 {
			t.Fatal(details(diagnostics))
		}
		var sessions []tftypes.Value
		if err := got["sessions"].As(&sessions); err != nil {
			t.Fatal(err)
		}
		if len(sessions) != limit {
			t.Errorf("limit %d gives %d sessions", limit, len(sessions))
		}
		for _, name := range []string{"matched", "total"} {
			if want := tftypes.NewValue(tftypes.Number, 743); !got[name].Equal(want) {
				t.Errorf("limit %d: %s is %s, want 743", limit, name, got[name])
			}
		}
		if calls := len(w.Requests()) - before; calls > 2 {
			t.Errorf("limit %d took %d calls", limit, calls)
		}
	}
}

// An empty workspace is an empty list, not null, and probably records nothing.
func TestSuspectListing_noSessions(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: []rocketchattest.Session{}})
	got, diagnostics := configured(t, w, "none", nil).readSessions(t.Context(), t, nil)
	wantReport(t, []string{"warning at total: The workspace lists no session"}, diagnostics)
	var sessions []tftypes.Value
	if got["sessions"].IsNull() || got["sessions"].As(&sessions) != nil || len(sessions) != 0 {
		t.Errorf("sessions is %s", got["sessions"])
	}
}

func TestProvider_certificates(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	certificate, key := clitest.NewCertificate(t, "client")
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(certificate))

	start := func(config *tls.Config) *httptest.Server {
		s := httptest.NewUnstartedServer(w)
		s.TLS = config
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are meant to fail
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	open := start(nil)
	closed := start(&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12})
	authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: open.Certificate().Raw}))

	for name, c := range map[string]struct {
		url  string
		tls  attributes
		want []string
	}{
		"unknown CA":            {open.URL, nil, []string{"error at -: The workspace's certificate is signed by an unknown CA"}},
		"known CA":              {open.URL, attributes{"ca_certificate_pem": authority}, []string{}},
		"plain http":            {strings.Replace(w.url, "http://", "https://", 1), nil, []string{"error at -: The address begins with https, but the server speaks plain http"}},
		"no client certificate": {closed.URL, attributes{"ca_certificate_pem": authority}, []string{"error at -: The server refused the TLS connection"}},
		"client certificate":    {closed.URL, attributes{"ca_certificate_pem": authority, "client_certificate_pem": certificate, "client_key_pem": key}, []string{}},
		"not verified":          {open.URL, attributes{"insecure_skip_verify": true}, []string{}},
		"another host":          {strings.Replace(open.URL, "127.0.0.1", "localhost", 1), attributes{"ca_certificate_pem": authority}, []string{"error at -: The workspace's certificate is for another host"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := attributes{"url": c.url, "max_retries": 0}
			if c.tls != nil {
				config["tls"] = c.tls
			}
			_, got := configured(t, w, "none", config).readSessions(t.Context(), t, nil)
			wantReport(t, c.want, got)
		})
	}
}

// Nothing listens there any more.
func TestProvider_connectionRefused(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	gone := httptest.NewServer(w)
	gone.Close()
	_, got := configured(t, w, "none", attributes{"url": gone.URL, "max_retries": 0}).readSessions(t.Context(), t, nil)
	wantReport(t, []string{"error at -: The connection was refused"}, got)
}

// At TRACE, with every kind of secret configured, some of them refused, and a
// server that repeats what it was sent, no line holds one.
func TestLog_hasNoSecret(t *testing.T) {
	t.Parallel()
	const wrongSecret, password, gate = "JBSWY3DPEHPK3PXP", "Pass-Secret", "Gate-Secret"
	w := newWorkspace(t, rocketchattest.Options{})
	account := w.Account("totp")
	s := configured(t, w, "totp", attributes{
		"two_factor": attributes{"totp_secret": wrongSecret, "password": password, "code": "987654"},
		"headers":    attributes{"X-Gateway": gate}, "max_retries": 1,
	})
	var lines bytes.Buffer
	_, refused := s.readSessions(tflogtest.RootLogger(t.Context(), &lines), t, nil)
	w.Fault(func(_ int, r *http.Request, _ http.Handler) http.Handler {
		return rocketchattest.FaultResponse(500, http.Header{"Content-Type": {"text/plain"}}, fmt.Sprint(r.Header))(0, r, nil)
	})
	_, repeated := s.readSessions(tflogtest.RootLogger(t.Context(), &lines), t, nil)

	if len(refused) == 0 || len(repeated) == 0 || lines.Len() == 0 {
		t.Fatal("nothing was refused or logged, so this shows nothing")
	}
	codes := map[string]bool{}
	for _, request := range w.Requests() {
		codes[request.Header.Get("X-2fa-Code")] = true
	}
	delete(codes, "")
	secrets := append(slices.Collect(maps.Keys(codes)), account.Token, wrongSecret, password, gate, "987654")
	mustNotContain(t, lines.String(), secrets...)
	mustNotContain(t, details(refused)+details(repeated), secrets...)
}

// A read ends by the provider's clock, not by the machine's.
func TestRead_waitsByTheProvidersClock(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Synthetic: 1500})
	got, diagnostics := configured(t, w, "viewonly", nil).readSessions(t.Context(), t, nil)
	if len(diagnostics) > 0 {
		t.Fatal(details(diagnostics))
	}
	if want := tftypes.NewValue(tftypes.Number, 1500); !got["matched"].Equal(want) {
		t.Errorf("matched is %s, want 1500", got["matched"])
	}
	if w.clock.Slept() < 30*time.Second {
		t.Errorf("1500 sessions took a wait of %s; ten calls a minute need more", w.clock.Slept())
	}
}
