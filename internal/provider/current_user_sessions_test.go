// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const ownSessionsName = "rocketchat_current_user_sessions"

// ownedBy gives the first three of the four sessions to an account.
func ownedBy(account rocketchattest.Account) []rocketchattest.Session {
	rows := fourSessions()
	for i := range rows[:3] {
		rows[i].UserID = rocketchattest.Some(account.UserID)
	}
	return rows
}

func accountOf(username string) rocketchattest.Account {
	for _, account := range rocketchattest.DefaultAccounts() {
		if account.Username == username {
			return account
		}
	}
	return rocketchattest.Account{}
}

// Neither a permission nor a second factor is needed, and no code is sent.
func TestAccCurrentUserSessions_basic(t *testing.T) {
	t.Parallel()
	type ownCase struct {
		release  rocketchattest.Release
		account  string
		settings string
	}
	cases := map[string]ownCase{
		"without second factor": {rocketchattest.Release861, "totp", ""},
		"with a wrong one":      {rocketchattest.Release861, "totp", `two_factor = { totp_secret = "JBSWY3DPEHPK3PXP" }`},
	}
	for _, release := range releases() {
		cases["without permission, "+string(release)] = ownCase{release, "noperm", ""}
	}
	for name, c := range some(cases) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := ownedBy(accountOf(c.account))
			rows[1].LoginToken = accountOf(c.account).Token
			w := newWorkspace(t, rocketchattest.Options{Release: c.release, Sessions: rows})
			const mine = "data.rocketchat_current_user_sessions.mine"
			checks := []statecheck.StateCheck{
				statecheck.ExpectKnownValue(mine, tfjsonpath.New("sessions"), knownvalue.ListSizeExact(3)),
				statecheck.ExpectKnownValue(mine, tfjsonpath.New("total"), knownvalue.Int64Exact(3)),
				statecheck.ExpectKnownValue(mine, tfjsonpath.New("matched"), knownvalue.Int64Exact(3)),
			}
			for i, row := range rows[:3] {
				checks = append(checks, statecheck.ExpectKnownValue(mine, tfjsonpath.New("sessions").AtSliceIndex(i), expectedOwn(row, current(c.release, i == 1))))
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: w.factories(),
				Steps: []resource.TestStep{{
					Config:            w.provider(c.account, c.settings) + "data \"rocketchat_current_user_sessions\" \"mine\" {}\n",
					ConfigStateChecks: checks,
				}},
			})
			for _, request := range w.Requests() {
				if request.Path != "/api/v1/sessions/list" || request.Header.Get("X-2fa-Code") != "" {
					t.Errorf("%s was called, with the code %q", request.Path, request.Header.Get("X-2fa-Code"))
				}
			}
		})
	}
}

// current is what a release says of whether a session is the caller's.
func current(release rocketchattest.Release, is bool) knownvalue.Check {
	if !release.MarksCurrent() {
		return knownvalue.Null()
	}
	return knownvalue.Bool(is)
}

// expectedOwn is [expected] without a user, and with current.
func expectedOwn(row rocketchattest.Session, current knownvalue.Check) knownvalue.Check {
	device := row.Device.Value
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"id": knownvalue.StringExact(row.ID.Value), "session_id": knownvalue.StringExact(row.SessionID.Value),
		"user_id": knownvalue.StringExact(row.UserID.Value), "host": knownvalue.StringExact(row.Host.Value), "ip": knownvalue.StringExact(row.IP.Value),
		"login_at": knownvalue.StringExact(row.LoginAt.Value.UTC().Format("2006-01-02T15:04:05.000Z")),
		"device": knownvalue.ObjectExact(map[string]knownvalue.Check{
			"type": knownvalue.StringExact(device.Type.Value), "name": knownvalue.StringExact(device.Name.Value),
			"version": knownvalue.StringExact(device.Version.Value), "long_version": knownvalue.StringExact(device.LongVersion.Value),
			"os": knownvalue.ObjectExact(map[string]knownvalue.Check{
				"name": knownvalue.StringExact(device.OS.Value.Name.Value), "version": knownvalue.StringExact(device.OS.Value.Version.Value),
			}),
		}),
		"current": current,
	})
}

func TestAccCurrentUserSessions_arguments(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	w := newWorkspace(t, rocketchattest.Options{Sessions: ownedBy(accountOf("none"))})
	cases := map[string]struct {
		arguments      string
		want           []string
		matched, total int64
	}{
		"filter":  {`filter = "chrome|^LINUX$"`, []string{"sAnn", "sSvc"}, 2, 3},
		"match":   {`match = { host = "example", os_name = "mac" }`, []string{"sBob"}, 1, 3},
		"exclude": {`exclude = { ip = "^10[.]" }`, []string{"sBob", "sSvc"}, 2, 3},
		"within":  {`within_cidrs = ["10.0.0.0/8"]`, []string{"sAnn"}, 1, 3},
		"outside": {`outside_cidrs = ["10.0.0.0/8"]`, []string{"sBob", "sSvc"}, 2, 3},
		"before":  {`logged_in_before = "2023-04-30T12:00:00Z"`, []string{"sSvc"}, 1, 3},
		"after":   {`logged_in_after = "2023-05-28T12:00:00Z"`, []string{"sAnn"}, 1, 3},
		"search":  {`search = "firefox"`, []string{"sBob"}, 1, 1},
		"sort":    {`sort = ["-ip"]`, []string{"sSvc", "sBob", "sAnn"}, 3, 3},
		"range":   {"offset = 1\n  limit = 1", []string{"sBob"}, 3, 3},
		"timeout": {`timeouts { read = "5m" }`, []string{"sAnn", "sBob", "sSvc"}, 3, 3},
	}
	var config strings.Builder
	config.WriteString(w.provider("none"))
	var checks []statecheck.StateCheck
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		c := cases[name]
		fmt.Fprintf(&config, "data \"rocketchat_current_user_sessions\" %q {\n  %s\n}\n", name, c.arguments)
		fmt.Fprintf(&config, "output %q {\n  value = [for s in data.rocketchat_current_user_sessions.%s.sessions : s.session_id]\n}\n", name, name)
		ids := []knownvalue.Check{}
		for _, id := range c.want {
			ids = append(ids, knownvalue.StringExact(id))
		}
		address := "data.rocketchat_current_user_sessions." + name
		checks = append(checks,
			statecheck.ExpectKnownOutputValue(name, knownvalue.TupleExact(ids)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("matched"), knownvalue.Int64Exact(c.matched)),
			statecheck.ExpectKnownValue(address, tfjsonpath.New("total"), knownvalue.Int64Exact(c.total)))
	}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		Steps:                    []resource.TestStep{{Config: config.String(), ConfigStateChecks: checks}},
	})
}

// The arguments are those of the workspace's sessions, except those about users
// and the keys that a session without a user does not have.
func TestCurrentUserSessions_haveNoNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	names := func(name string) []string {
		var all []string
		for _, a := range s.schema.DataSourceSchemas[name].Block.Attributes {
			all = append(all, a.Name)
		}
		return all
	}
	want := slices.DeleteFunc(names(dataSourceName), func(name string) bool { return strings.HasPrefix(name, "user_") })
	if diff := cmp.Diff(want, names(ownSessionsName)); diff != "" {
		t.Errorf("attributes (-of the workspace's +got):\n%s", diff)
	}
	for _, key := range []string{"username", "name", "user"} {
		got := s.validateData(t, ownSessionsName, attributes{"sort": []any{key}, "match": attributes{key: "x"}, "exclude": attributes{key: "x"}})
		wantReport(t, []string{
			"error at exclude." + key + ": Unknown key", "error at match." + key + ": Unknown key", "error at sort.0: Unknown sort key",
		}, got)
		mustContain(t, details(got), "do not name their user")
		mustNotContain(t, details(got), "`username`", "did you mean")
	}
	for _, a := range s.schema.DataSourceSchemas[ownSessionsName].Block.Attributes {
		mustNotContain(t, a.Description, "`username`", "`name`", "user.username", "user.name", "nickname")
	}
}

func TestCurrentUserSessions_mistakes(t *testing.T) {
	t.Parallel()
	got := newServer(t).validateData(t, ownSessionsName, attributes{
		"filter": "(", "logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T00:00:00Z", "within_cidrs": []any{"office"},
	})
	wantReport(t, []string{
		"error at filter: Unusable regular expression", "error at logged_in_before: No session can match", "error at within_cidrs.0: Unusable network",
	}, got)
}

func TestCurrentUserSessions_failures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options rocketchattest.Options
		token   string
		want    string
	}{
		"license": {rocketchattest.Options{NoLicense: true}, accountOf("noperm").Token, "error at -: The workspace has no license for device management"},
		"token":   {rocketchattest.Options{}, "nobodys", "error at -: Rocket.Chat does not accept the user ID and token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := configured(t, newWorkspace(t, c.options), "noperm", attributes{"auth_token": c.token})
			_, got := s.readData(t.Context(), t, ownSessionsName, nil)
			wantReport(t, []string{c.want}, got)
		})
	}
}

// From release 8.7 the workspace says which session is the token's own.
func TestCurrentSession_basic(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	w.Fault(rocketchattest.FaultResponse(200, http.Header{"Content-Type": {"application/json"}},
		`{"sessions":[{"sessionId":"a","_id":"a","loginAt":"2023-05-24T00:00:02Z","current":false},{"sessionId":"b","_id":"b","loginAt":"2023-05-24T00:00:01Z","current":true},`+
			`{"sessionId":"c","_id":"c","loginAt":"2023-05-24T00:00:00Z"}],"total":3,"count":50,"offset":0,"success":true}`))
	got, diagnostics := configured(t, w, "noperm", nil).readData(t.Context(), t, ownSessionsName, nil)
	if len(diagnostics) > 0 {
		t.Fatal(details(diagnostics))
	}
	var rows []tftypes.Value
	if err := got["sessions"].As(&rows); err != nil {
		t.Fatal(err)
	}
	for i, want := range []any{false, true, nil} {
		if got := object(t, rows[i])["current"]; !got.Equal(tftypes.NewValue(tftypes.Bool, want)) {
			t.Errorf("current of session %d is %s, want %v", i, got, want)
		}
	}
}

// What the short way for long lists writes is what the framework would.
func TestCurrentSession_isEncodedAsTheFrameworkDoes(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	w.Fault(rocketchattest.FaultResponse(200, http.Header{"Content-Type": {"application/json"}},
		`{"sessions":[{"sessionId":"a","userId":"u","host":"h","ip":"i","loginAt":"2023-05-24T00:00:02Z","current":false,"device":{"type":"browser","os":{"name":"Linux"}}},`+
			`{"_id":"b","loginAt":"2023-05-24T00:00:01Z","current":true,"device":{"name":""}}],"total":2,"count":50,"offset":0,"success":true}`))
	account := attributes{"url": w.url, "user_id": "u", "auth_token": "t"}
	var results [][]byte
	for _, s := range []tfprotov6.ProviderServer{NewServer("test", WithEnv(noEnv))(), frameworkServer(t, WithEnv(noEnv))} {
		schema, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(t, schema.Provider.ValueType(), maps.Clone(account))}); err != nil {
			t.Fatal(err)
		}
		resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: ownSessionsName, Config: dynamic(t, schema.DataSourceSchemas[ownSessionsName].ValueType(), nil),
		})
		if err != nil || len(resp.Diagnostics) > 0 {
			t.Fatal(err, details(resp.Diagnostics))
		}
		results = append(results, resp.State.MsgPack)
	}
	if diff := cmp.Diff(results[1], results[0]); diff != "" {
		t.Errorf("bytes (-framework +bulk):\n%s", diff)
	}
}
