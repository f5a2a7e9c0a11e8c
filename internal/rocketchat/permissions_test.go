// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

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
