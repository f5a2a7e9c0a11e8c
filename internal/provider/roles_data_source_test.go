// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

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
			var rows []tftypes.Value
			if err := result["roles"].As(&rows); err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, row := range rows {
				var id string
				var mandatory bool
				var permissions []tftypes.Value
				fields := object(t, row)
				for name, into := range map[string]any{"id": &id, "mandatory_2fa": &mandatory, "permissions": &permissions} {
					if err := fields[name].As(into); err != nil {
						t.Fatal(err)
					}
				}
				ids = append(ids, id)
				if mandatory != (id == rocketchattest.RoleAdmin) || fields["permissions"].IsNull() == with {
					t.Errorf("%s: %s", release, row)
				}
				if held := permissionsOf(id); with && len(permissions) != len(held) {
					t.Errorf("%s: %s holds %d permissions, want %v", release, id, len(permissions), held)
				}
			}
			if len(ids) != len(rocketchattest.DefaultRoles()) || !slices.IsSorted(ids) {
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

// TestAccRoles_basic runs the example on every release.
func TestAccRoles_basic(t *testing.T) {
	t.Parallel()
	written := example(t, "data-sources/rocketchat_roles/data-source.tf")
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			all := []string{rocketchattest.RoleAdmin, rocketchattest.RoleDeviceViewer, rocketchattest.RoleDeviceAuditor}
			w := newWorkspace(t, rocketchattest.Options{Release: release, Mandatory2FA: all})
			var names []knownvalue.Check
			for _, role := range slices.SortedFunc(slices.Values(rocketchattest.DefaultRoles()), func(a, b rocketchattest.Role) int {
				return strings.Compare(a.ID, b.ID)
			}) {
				if !slices.Contains(all, role.ID) {
					names = append(names, knownvalue.StringExact(role.Name))
				}
			}
			resource.UnitTest(t, resource.TestCase{
				ProtoV6ProviderFactories: w.factories(),
				Steps: []resource.TestStep{{
					Config: w.provider("noperm") + written,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownOutputValue("roles_without_second_factor", knownvalue.TupleExact(names)),
					},
				}},
			})
		})
	}
	w := newWorkspace(t, rocketchattest.Options{Mandatory2FA: []string{rocketchattest.RoleAdmin}})
	fails(t, w, w.provider("noperm"), written, "A second factor is not mandatory")
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
