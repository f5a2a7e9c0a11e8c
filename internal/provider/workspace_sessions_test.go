// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

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
	type list struct {
		arguments string
		ids       []any
		matched   float64
		total     float64
	}
	all := map[string]list{
		"nothing":          {"", []any{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"filter":           {`filter = "chrome|^LINUX$"`, []any{"sAnn", "sSvc"}, 2, 4},
		"filter_cased":     {`filter = "(?-i)chrome"`, []any{}, 0, 4},
		"filter_empty":     {`filter = ""`, []any{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"match":            {`match = { username = "^[a-b]", os_version = "v2" }`, []any{"sBob"}, 1, 4},
		"match_null":       {`match = { username = ".*" }`, []any{"sAnn", "sBob", "sSvc"}, 3, 4},
		"match_unasked":    {`match = { username = null, ip = "^198" }`, []any{"sBob"}, 1, 4},
		"match_session_id": {`match = { session_id = "(?-i)^sS" }`, []any{"sSvc"}, 1, 4},
		"match_user_id":    {`match = { user_id = "gone" }`, []any{"sGone"}, 1, 4},
		"match_name":       {`match = { name = "ray$" }`, []any{"sBob"}, 1, 4},
		"match_type":       {`match = { device_type = "browser" }`, []any{"sAnn", "sBob", "sSvc"}, 3, 4},
		"match_device":     {`match = { device_name = "desktop" }`, []any{"sSvc"}, 1, 4},
		"match_version":    {`match = { device_version = "^1\\.4" }`, []any{"sSvc"}, 1, 4},
		"match_os":         {`match = { os_name = "mac" }`, []any{"sBob"}, 1, 4},
		"match_host":       {`match = { host = "^ann\\." }`, []any{"sAnn"}, 1, 4},
		"match_ip":         {`match = { ip = "^198" }`, []any{"sBob"}, 1, 4},
		"exclude":          {`exclude = { username = "^svc-", os_name = "windows" }`, []any{"sBob", "sGone"}, 2, 4},
		"within":           {`within_cidrs = ["10.0.0.0/8", "2001:db8::/32"]`, []any{"sAnn", "sSvc"}, 2, 4},
		"outside":          {`outside_cidrs = ["10.0.0.0/8", "2001:db8::/32"]`, []any{"sBob", "sGone"}, 2, 4},
		"outside_nothing":  {`outside_cidrs = []`, []any{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"before":           {`logged_in_before = "2023-04-30T12:00:00Z"`, []any{"sSvc", "sGone"}, 2, 4},
		"before_exclusive": {`logged_in_before = "2023-05-28T14:00:00+02:00"`, []any{"sSvc", "sGone"}, 2, 4},
		"after":            {`logged_in_after = "2023-05-01T00:00:00Z"`, []any{"sAnn", "sBob"}, 2, 4},
		"after_exclusive":  {`logged_in_after = "2023-05-28T12:00:00Z"`, []any{"sAnn"}, 1, 4},
		"search":           {`search = "firefox"`, []any{"sBob"}, 1, 1},
		"sort":             {`sort = ["username"]`, []any{"sGone", "sAnn", "sBob", "sSvc"}, 4, 4},
		"sort_two":         {`sort = ["-device_type", "login_at"]`, []any{"sSvc", "sBob", "sAnn", "sGone"}, 4, 4},
		"sort_empty":       {`sort = []`, []any{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"offset":           {`offset = 3`, []any{"sGone"}, 4, 4},
		"limit":            {`limit = 2`, []any{"sAnn", "sBob"}, 4, 4},
		"limit_zero":       {`limit = 0`, []any{}, 4, 4},
		"offset_limit":     {`offset = 1\n  limit = 2`, []any{"sBob", "sSvc"}, 4, 4},
		"filter_limit":     {`filter = "1\\.[0-9]"\n  limit = 1`, []any{"sAnn"}, 3, 4},
		"timeouts":         {`timeouts { read = "5m" }`, []any{"sAnn", "sBob", "sSvc", "sGone"}, 4, 4},
		"together": {`filter           = "example"
  match            = { device_type = "browser" }
  exclude          = { username = "ann" }
  outside_cidrs    = ["10.0.0.0/8"]
  logged_in_before = "2023-05-29T00:00:00Z"
  logged_in_after  = "2023-01-01T00:00:00Z"
  sort             = ["login_at"]
  limit            = 1`, []any{"sSvc"}, 2, 4},
	}
	own := map[string]list{
		"filter":  {`filter = "chrome|^LINUX$"`, []any{"sAnn", "sSvc"}, 2, 3},
		"match":   {`match = { host = "example", os_name = "mac" }`, []any{"sBob"}, 1, 3},
		"exclude": {`exclude = { ip = "^10[.]" }`, []any{"sBob", "sSvc"}, 2, 3},
		"within":  {`within_cidrs = ["10.0.0.0/8"]`, []any{"sAnn"}, 1, 3},
		"outside": {`outside_cidrs = ["10.0.0.0/8"]`, []any{"sBob", "sSvc"}, 2, 3},
		"before":  {`logged_in_before = "2023-04-30T12:00:00Z"`, []any{"sSvc"}, 1, 3},
		"after":   {`logged_in_after = "2023-05-28T12:00:00Z"`, []any{"sAnn"}, 1, 3},
		"search":  {`search = "firefox"`, []any{"sBob"}, 1, 1},
		"sort":    {`sort = ["-ip"]`, []any{"sSvc", "sBob", "sAnn"}, 3, 3},
		"range":   {"offset = 1\n  limit = 1", []any{"sBob"}, 3, 3},
		"timeout": {`timeouts { read = "5m" }`, []any{"sAnn", "sBob", "sSvc"}, 3, 3},
	}
	var config strings.Builder
	expressions := map[string]expression{}
	for kind, lists := range map[string]map[string]list{dataSourceName: all, ownSessionsName: own} {
		for name, l := range lists {
			fmt.Fprintf(&config, "data %q %q {\n  %s\n}\n", kind, name, strings.ReplaceAll(l.arguments, `\n`, "\n"))
			found := "data." + kind + "." + name
			expressions[kind+"-"+name] = expression{
				fmt.Sprintf("[[for s in %[1]s.sessions : s.session_id], %[1]s.matched, %[1]s.total]", found), []any{l.ids, l.matched, l.total},
			}
		}
	}
	newCLI(t, newWorkspace(t, rocketchattest.Options{Sessions: ownedBy(accountOf("none"))})).wantValues(config.String(), expressions)
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
		if sessions := rowsOf(t, got, "sessions"); len(sessions) != limit {
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
	if got["sessions"].IsNull() || len(rowsOf(t, got, "sessions")) != 0 {
		t.Errorf("sessions is %s", got["sessions"])
	}
}

func TestProvider_certificates(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	certificate, key := clitest.NewCertificate(t, "client")
	open, closed := w.overTLS(t, nil), w.overTLS(t, demanding(certificate))
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
