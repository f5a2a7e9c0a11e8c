// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestPermissions_read: any account reads which roles hold what, and its own roles, in one call
// each, however many ask.
func TestPermissions_read(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, release := range rocketchattest.Releases() {
			w := rocketchattest.New(rocketchattest.Options{Release: release, PermissionRoles: map[string][]string{
				rocketchattest.PermissionLogout: {}, rocketchattest.PermissionView: {rocketchattest.RoleGuest, "gone"},
			}})
			client := newClient(t, w.Transport(), account(w, "viewtotp"))
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					held, err := client.Permissions(t.Context())
					if err != nil || len(held) < 30 {
						t.Errorf("%s: %d permissions, %v", release, len(held), err)
					}
					for id, want := range map[string][]string{
						rocketchattest.PermissionLogout: {}, rocketchattest.PermissionView: {rocketchattest.RoleGuest, "gone"}, "nosuch": nil,
					} {
						if diff := cmp.Diff(want, held[id]); diff != "" {
							t.Errorf("%s: %s (-want +got):\n%s", release, id, diff)
						}
					}
					roles, err := client.OwnRoles(t.Context())
					if diff := cmp.Diff([]string{rocketchattest.RoleUser, rocketchattest.RoleDeviceViewer}, roles); err != nil || diff != "" {
						t.Errorf("%s: %v, own roles (-want +got):\n%s", release, err, diff)
					}
				})
			}
			group.Wait()
			for _, r := range w.Requests() {
				if r.Header.Get("X-2fa-Code") != "" {
					t.Errorf("%s: %s got a code", release, r.Path)
				}
			}
			if n := len(w.Requests()); n != 2 {
				t.Errorf("%s: %d requests, want 2", release, n)
			}
		}
	})
}

// TestPermissions_thatCannotBeTrusted: a response that does not say everything is an error.
func TestPermissions_thatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	tooMany := `{"update":[` + strings.Repeat(`{"_id":"a"},`, 100_001) + `{}],"success":true}`
	for body, says := range map[string]string{
		tooMany: "more rows than were asked for",
		`{"update":[{"_id":"a","roles":["admin"]},{"_id":"a","roles":[]}]}`: "has the ID of another",
		`{"update":[{"_id":"a"}]}`:                   "has no roles",
		`{"update":[{"_id":"a","Roles":["admin"]}]}`: "has no roles",
		`{"update":[{"_id":"a","roles":null}]}`:      "has no roles",
		`{"update":[{"roles":["admin"]}]}`:           "has no ID",
		`{"update":[null]}`:                          "is null",
		`{"update":[{"_id":"a","roles":[1]}]}`:       "cannot unmarshal",
		`{"permissions":[],"success":true}`:          `has no "update"`,
		`{"update":[],"success":true}{}`:             "something follows",
	} {
		err := permissionsOf(t, body)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.60s: %v, want %q", body, err, says)
		}
	}
	if e := as[*rocketchat.IncompleteError](t, permissionsOf(t, `{"update":[],"success":true}`)); !strings.Contains(e.Why, "no permissions") || !strings.Contains(e.Request, "/permissions.listAll") {
		t.Errorf("%+v", *e)
	}
	for body, says := range map[string]string{
		`{"_id":"another","roles":["admin"]}`: "about another account",
		`{"roles":["admin"],"success":true}`:  "about another account",
		`{"_id":"{id}","roles":"admin"}`:      "cannot unmarshal",
	} {
		if _, err := ownRolesOf(t, body); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", body, err, says)
		}
	}
	for _, body := range []string{`{"_id":"{id}","success":true}`, `{"_id":"{id}","Roles":["admin"]}`} {
		if roles, err := ownRolesOf(t, body); roles != nil || err != nil {
			t.Errorf("%s: roles %v, %v; want none, which is not known", body, roles, err)
		}
	}
}

func answering(t *testing.T, body string) *rocketchat.Client {
	t.Helper()
	w := rocketchattest.New(rocketchattest.Options{})
	own := account(w, "none")
	body = strings.ReplaceAll(body, "{id}", w.Account("none").UserID)
	w.Fault(rocketchattest.FaultResponse(http.StatusOK, http.Header{"Content-Type": {"application/json"}}, body))
	return newClient(t, w.Transport(), own, func(config *rocketchat.Config) { config.MaxRetries = 0 })
}

func permissionsOf(t *testing.T, body string) error {
	t.Helper()
	_, err := answering(t, body).Permissions(t.Context())
	return err
}

func ownRolesOf(t *testing.T, body string) ([]string, error) {
	t.Helper()
	return answering(t, body).OwnRoles(t.Context())
}
