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
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
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
		if listed := rowsOf(t, got, "sessions"); len(listed) != limit {
			t.Errorf("limit %d gives %d sessions", limit, len(listed))
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

// Mistakes that "terraform validate" finds without a network.
func TestWorkspaceSessions_mistakes(t *testing.T) {
	t.Parallel()
	wantMistakes(t, newServer(t).validateSessions, map[string]mistake{
		"nothing": {nil, []string{}, nil},
		"unknown": {attributes{
			"filter": unknown{}, "match": unknown{}, "exclude": attributes{"ip": unknown{}}, "within_cidrs": unknown{}, "outside_cidrs": []any{unknown{}},
			"logged_in_before": unknown{}, "logged_in_after": unknown{}, "older_than": unknown{}, "newer_than": unknown{},
			"device_version_below": unknown{}, "os_version_below": unknown{}, "beyond_per_user": unknown{}, "user_deleted": unknown{}, "search": unknown{}, "sort": []any{unknown{}, "-ip"},
			"offset": unknown{}, "limit": unknown{}, "timeouts": unknown{},
		}, []string{}, nil},
		"filter": {
			attributes{"filter": "Chrome ("},
			[]string{"error at filter: Unusable regular expression"},
			[]string{"`filter`", "missing closing )", "RE2", "backslash", `"\\("`},
		},
		"filter empty":       {attributes{"filter": ""}, []string{}, nil},
		"filter look-around": {attributes{"filter": "(?!Chrome)"}, []string{"error at filter: Unusable regular expression"}, []string{"look-around", "into `exclude`"}},
		"match role":         {attributes{"match": attributes{"role": "admin"}, "exclude": attributes{"User_Type": "bot", "deactivated": "x"}}, []string{"error at exclude.User_Type: Unknown key", "error at exclude.deactivated: Unknown key", "error at match.role: Unknown key"}, []string{"use `user_roles`", "use `user_types`", "use `user_active`"}},
		"match":              {attributes{"match": attributes{"username": "[a", "name": ".*"}}, []string{"error at match.username: Unusable regular expression"}, []string{"`match[\"username\"]`", "missing closing ]"}},
		"match empty":        {attributes{"match": attributes{}}, []string{}, nil},
		"match null":         {attributes{"match": attributes{"username": nil}}, []string{}, nil},
		"match later":        {attributes{"match": attributes{"username": unknown{}, "namee": unknown{}}}, []string{"error at match.namee: Unknown key"}, []string{"`match` has no key \"namee\"; did you mean `name`?"}},
		"match time":         {attributes{"match": attributes{"login_at": "2023"}}, []string{"error at match.login_at: Unknown key"}, []string{"`logged_in_before` and `logged_in_after`"}},
		"match nothing near": {attributes{"match": attributes{"whatever": "x"}}, []string{"error at match.whatever: Unknown key"}, []string{"no key \"whatever\". The keys are `session_id`, ", " and `name`."}},
		"exclude":            {attributes{"exclude": attributes{"os_name": "*"}}, []string{"error at exclude.os_name: Unusable regular expression"}, []string{"`exclude[\"os_name\"]`", "repetition"}},
		"exclude null key":   {attributes{"exclude": attributes{"usr_name": nil}}, []string{"error at exclude.usr_name: Unknown key"}, []string{"`exclude` has no key \"usr_name\""}},
		"networks":           {attributes{"within_cidrs": []any{"10.0.0.0/8", "2001:db8::/32"}, "outside_cidrs": []any{}}, []string{}, nil},
		"network": {attributes{"within_cidrs": []any{"10.0.0.0/8", "10.0.0.1", nil}}, []string{
			"error at within_cidrs.1: Unusable network", "error at within_cidrs.2: Unusable network",
		}, []string{"`within_cidrs[1]`", "10.0.0.1/32", "`within_cidrs[2]` is null"}},
		"network outside": {attributes{"outside_cidrs": []any{"office"}}, []string{"error at outside_cidrs.0: Unusable network"}, []string{"`outside_cidrs[0]`", "CIDR"}},
		"times":           {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00+01:00"}, []string{"error at logged_in_before: No session can match"}, []string{"wrong way round"}},
		"times in order":  {attributes{"logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T01:00:00.5Z"}, []string{}, nil},
		"time":            {attributes{"logged_in_after": "2023-05-24", "logged_in_before": "yesterday"}, []string{"error at logged_in_after: Unusable time", "error at logged_in_before: Unusable time"}, []string{"`logged_in_after` is \"2023-05-24\"", "2026-01-31T00:00:00Z", "timeadd"}},
		"ages":            {attributes{"newer_than": "30d", "older_than": "1d12h"}, []string{}, nil},
		"ages crossed":    {attributes{"newer_than": "1d", "older_than": "24h"}, []string{"error at older_than: No session can match"}, []string{"`newer_than` (1d)", "`older_than` (24h)", "wrong way round"}},
		"age": {
			attributes{"newer_than": "thirty days", "older_than": "0d"},
			[]string{"error at newer_than: Unusable duration", "error at older_than: Unusable duration"},
			[]string{"`newer_than` is \"thirty days\"", "\"30d\"", "`older_than` is \"0d\""},
		},
		"age and time": {attributes{"older_than": "30d", "logged_in_before": "2026-01-31T00:00:00Z"}, []string{"error at older_than: Invalid Attribute Combination"}, []string{"logged_in_before"}},
		"time and age": {attributes{"newer_than": "30d", "logged_in_after": "2026-01-31T00:00:00Z"}, []string{"error at newer_than: Invalid Attribute Combination"}, []string{"logged_in_after"}},
		"versions":     {attributes{"device_version_below": "113", "os_version_below": "10.15.7", "match": attributes{"device_name": ".*", "os_name": unknown{}}}, []string{}, nil},
		"versions of all": {attributes{"device_version_below": "113", "os_version_below": "10.15.7", "match": attributes{"device_name": "", "os_name": nil}}, []string{
			"warning at device_version_below: Versions of different browsers and apps cannot be compared",
			"warning at os_version_below: Versions of different operating systems cannot be compared",
		}, []string{"Set `device_name` in `match`", "Set `os_name` in `match`"}},
		"version": {
			attributes{"device_version_below": "latest", "os_version_below": "XP"},
			[]string{"error at device_version_below: Unusable version", "error at os_version_below: Unusable version"},
			[]string{"`device_version_below` is \"latest\"", "\"10.15.7\""},
		},
		"beyond":         {attributes{"beyond_per_user": 0}, []string{}, nil},
		"beyond minus":   {attributes{"beyond_per_user": -1}, []string{"error at beyond_per_user: Invalid Attribute Value"}, nil},
		"search empty":   {attributes{"search": ""}, []string{"error at search: Invalid Attribute Value Length"}, nil},
		"sort":           {attributes{"sort": []any{"username", "-login_at"}}, []string{}, nil},
		"sort nothing":   {attributes{"sort": []any{}}, []string{}, nil},
		"sort unknown":   {attributes{"sort": unknown{}}, []string{}, nil},
		"sort key":       {attributes{"sort": []any{"ip", "-loginAt"}}, []string{"error at sort.1: Unknown sort key"}, []string{"`sort[1]`: sessions cannot be sorted by \"-loginAt\"", `did you mean "-login_at"?`, "`session_id`, ", " and `name`", "a leading minus"}},
		"sort direction": {attributes{"sort": []any{"ip desc"}}, []string{"error at sort.0: Unknown sort key"}, []string{`did you mean "-ip"?`}},
		"sort upwards":   {attributes{"sort": []any{"user:asc"}}, []string{"error at sort.0: Unknown sort key"}, []string{`did you mean "username"?`}},
		"sort nowhere":   {attributes{"sort": []any{"something else entirely"}}, []string{"error at sort.0: Unknown sort key"}, []string{"sessions cannot be sorted by \"something else entirely\". The keys are `session_id`"}},
		"sort twice":     {attributes{"sort": []any{"ip", "host", "-ip"}}, []string{"error at sort.2: Sort key used twice"}, []string{"`sort[2]`", "\"ip\"", "`sort[0]`"}},
		"sort null":      {attributes{"sort": []any{nil}}, []string{"error at sort.0: Unusable sort key"}, []string{"`sort[0]` is null"}},
		"sort empty":     {attributes{"sort": []any{""}}, []string{"error at sort.0: Unknown sort key"}, []string{"`sort[0]`: sessions cannot be sorted by \"\""}},
		"sort minus":     {attributes{"sort": []any{"-"}}, []string{"error at sort.0: Unknown sort key"}, nil},
		"offset":         {attributes{"offset": -1}, []string{"error at offset: Invalid Attribute Value"}, nil},
		"limit":          {attributes{"limit": -1}, []string{"error at limit: Invalid Attribute Value"}, nil},
		"limit zero":     {attributes{"limit": 0}, []string{}, nil},
		"timeouts":       {attributes{"timeouts": attributes{"read": "1h30m"}}, []string{}, nil},
		"timeouts zero":  {attributes{"timeouts": attributes{"read": "0s"}}, []string{"error at timeouts.read: Unusable duration"}, []string{"`timeouts.read`"}},
		"timeouts word":  {attributes{"timeouts": attributes{"read": "soon"}}, []string{"error at timeouts.read: Unusable duration"}, nil},
	})
}

func TestWorkspaceSessions_everySortKeyIsAccepted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var all []any
	for _, key := range table.SortKeys(sessions.Fields()) {
		all = append(all, "-"+key)
	}
	if got := s.validateSessions(t, attributes{"sort": all}); len(got) > 0 {
		t.Error(details(got))
	}
	for _, a := range s.schema.DataSourceSchemas[dataSourceName].Block.Attributes {
		for _, key := range table.SortKeys(sessions.Fields()) {
			if a.Name == "sort" || (a.Name == "match" && key != sessions.LoginAt) {
				mustContain(t, a.Description, "`"+key+"`")
			}
		}
	}
}

// What people write in a field's place leads to the field.
func TestKeys_thatAreMeant(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for written, meant := range map[string]string{
		"user": "username", "userName": "username", "user_name": "username", "usernam": "username", "user.username": "username",
		"browser": "device_name", "device": "device_name", "client": "device_name", "device.name": "device_name", "devicename": "device_name",
		"os": "os_name", "platform": "os_name", "device.os.name": "os_name", "osVersion": "os_version",
		"address": "ip", "addresss": "ip", "IP": "ip", "ip_address": "ip", "hostname": "host", "hots": "host",
		"id": "session_id", "sessionId": "session_id", "userid": "user_id", "display_name": "name", "user.name": "name",
		"type": "device_type", "version": "device_version", "device_vers": "device_version",
	} {
		for _, argument := range []string{"match", "exclude"} {
			got := s.validateSessions(t, attributes{argument: attributes{written: "x"}})
			wantReport(t, []string{"error at " + argument + "." + written + ": Unknown key"}, got)
			mustContain(t, details(got), "did you mean `"+meant+"`?")
		}
		mustContain(t, details(s.validateSessions(t, attributes{"sort": []any{"-" + written}})), `did you mean "-`+meant+`"?`)
	}
}
