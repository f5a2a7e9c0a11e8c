// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const rolesName = "rocketchat_roles"

// TestRoles_reads: any account reads the roles in one call, and their permissions in one more.
func TestRoles_reads(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		w := newWorkspace(t, rocketchattest.Options{Release: release, Mandatory2FA: []string{rocketchattest.RoleAdmin}})
		s := inTown(t, w, "noperm")
		for _, with := range []bool{false, true, true} {
			result, diags := s.readData(t.Context(), t, rolesName, attributes{"permissions": with})
			if len(diags) > 0 {
				t.Fatal(details(diags))
			}
			for _, fields := range rowsOf(t, result, "roles") {
				var id string
				var mandatory bool
				var permissions []tftypes.Value
				for name, into := range map[string]any{"id": &id, "mandatory_2fa": &mandatory, "permissions": &permissions} {
					if err := fields[name].As(into); err != nil {
						t.Fatal(err)
					}
				}
				if mandatory != (id == rocketchattest.RoleAdmin) || fields["permissions"].IsNull() == with {
					t.Errorf("%s: %s", release, fields)
				}
				if held := permissionsOf(id); with && len(permissions) != len(held) {
					t.Errorf("%s: %s holds %d permissions, want %v", release, id, len(permissions), held)
				}
			}
			if ids := column(t, result, "roles", "id"); len(ids) != len(rocketchattest.DefaultRoles()) || !slices.IsSorted(ids) {
				t.Errorf("%s: roles %v", release, ids)
			}
		}
		if diff := cmp.Diff(map[string]int{"roles.list": 1, "permissions.listAll": 1}, routes(w)); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", release, diff)
		}
	}
}

func permissionsOf(role string) []string {
	var ids []string
	for _, p := range rocketchattest.DefaultPermissions() {
		if slices.Contains(p.Roles, role) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// TestRoles_none: without roles or permissions, a rule about them would pass by mistake.
func TestRoles_none(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]rocketchattest.Options{
		"roles":       {Roles: []rocketchattest.Role{}},
		"permissions": {Permissions: []rocketchattest.Permission{}},
	} {
		_, got := configured(t, newWorkspace(t, options), "none", nil).readData(t.Context(), t, "rocketchat_roles", attributes{"permissions": true})
		wantReport(t, []string{"error at -: The list of roles could not be read completely"}, got)
		mustContain(t, details(got), "the workspace lists no "+name)
	}
}
