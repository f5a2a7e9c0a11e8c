// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

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

// current is what a release says of whether a session is the caller's.
func current(release rocketchattest.Release, is bool) any {
	if !release.MarksCurrent() {
		return nil
	}
	return is
}

// expectedOwn is [expected] without a user, and with current.
func expectedOwn(row rocketchattest.Session, current any) map[string]any {
	want := expected(row)
	delete(want, "user")
	want["current"] = current
	return want
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
		got := s.validateData(ownSessionsName)(t, attributes{"sort": []any{key}, "match": attributes{key: "x"}, "exclude": attributes{key: "x"}})
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
	got := newServer(t).validateData(ownSessionsName)(t, attributes{
		"filter": "(", "logged_in_after": "2023-05-24T00:00:00Z", "logged_in_before": "2023-05-24T00:00:00Z", "within_cidrs": []any{"office"},
	})
	wantReport(t, []string{
		"error at filter: Unusable regular expression", "error at logged_in_before: No session can match", "error at within_cidrs.0: Unusable network",
	}, got)
}

func TestCurrentUserSessions_failures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account, token string
		options        rocketchattest.Options
		want           []string
	}{
		"license":          {"noperm", accountOf("noperm").Token, rocketchattest.Options{NoLicense: true}, []string{"error at -: The workspace has no license for device management"}},
		"token":            {"noperm", "nobodys", rocketchattest.Options{}, []string{"error at -: Rocket.Chat does not accept the user ID and token"}},
		"no second factor": {"totp", accountOf("totp").Token, rocketchattest.Options{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := configured(t, newWorkspace(t, c.options), c.account, attributes{"auth_token": c.token})
			_, got := s.readData(t.Context(), t, ownSessionsName, nil)
			wantReport(t, c.want, got)
		})
	}
}

// A workspace before release 8.7 does not say which session is the token's own, and nor may some rows.
func TestCurrentSession_basic(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	w.Fault(rocketchattest.FaultResponse(200, http.Header{"Content-Type": {"application/json"}},
		`{"sessions":[{"sessionId":"a","_id":"a","loginAt":"2023-05-24T00:00:02Z","current":false},{"sessionId":"b","_id":"b","loginAt":"2023-05-24T00:00:01Z","current":true},`+
			`{"sessionId":"c","_id":"c","loginAt":"2023-05-24T00:00:00Z"}],"total":3,"count":50,"offset":0,"success":true}`))
	got, diagnostics := configured(t, w, "noperm", nil).readData(t.Context(), t, ownSessionsName, nil)
	wantReport(t, nil, diagnostics)
	for i, row := range rowsOf(t, got, "sessions") {
		if want := []any{false, true, nil}[i]; !row["current"].Equal(tftypes.NewValue(tftypes.Bool, want)) {
			t.Errorf("current of session %d is %s, want %v", i, row["current"], want)
		}
	}
}
