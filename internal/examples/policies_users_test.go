// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// policiesByUser are the examples that need to know more of users than a session has.
func policiesByUser() []string {
	return []string{
		"policies/administrators", "policies/deactivated-users", "policies/dormant-accounts", "policies/powerful-users",
		"policies/service-accounts",
	}
}

// oddUsers are the users of rows, of every shape that a workspace lists, and
// more without sessions. None logged in within an hour of a bound of the rules.
func oddUsers(t *testing.T, rows []rocketchattest.Session, now time.Time) []rocketchattest.DirectoryUser {
	t.Helper()
	byID := map[string]rocketchattest.DirectoryUser{}
	for _, u := range newWorkspace(t, rows).Directory() {
		byID[u.ID] = u
	}
	for _, u := range rocketchattest.SyntheticUsers(300, 400, now.Add(-12*time.Hour)) {
		byID[u.ID] = u
	}
	for _, id := range []string{"id-of-svc-backup", "synthetic00000080"} { // of whom one has a browser without a type
		service := byID[id]
		bot(&service)
		byID[id] = service
	}
	return slices.Collect(maps.Values(byID))
}

// On odd sessions and users, each rule finds exactly those that it is about.
func TestOdd_users(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := ofUsersWithID(oddSessions(t, now))
	powerful := ofUsers(discovery{20, []int{38, 39}, []int{28, 37}},
		"belong to users with powerful permissions outside the company's networks")
	want := map[string][]saying{
		"policies/administrators": {
			ofUsers(discovery{22, []int{38, 39}, []int{28, 37}}, "belong to administrators outside the company's networks"),
		},
		"policies/deactivated-users": {ofUsers(discovery{20, nil, []int{29, 36, 37}}, "belong to deactivated users")},
		"policies/dormant-accounts": {
			{diagnostic: stops(postcondition, "384 of 608 active users have not logged in for 90 days:")},
		},
		"policies/powerful-users": {
			{diagnostic: stops(postcondition, untrustedRoles()...)},
			powerful,
		},
		"policies/service-accounts": {
			ofUsers(discovery{9, []int{29, 33, 34}, []int{7, 35}}, "belong to bots in a browser"),
			ofUsers(discovery{3, []int{32, 33, 34}, []int{29, 30, 31}}, "exceed the 3 that a bot may have"),
		},
	}
	w := serve(t, rocketchattest.Options{
		// Releases before 8.0 leave out users with neither user name nor name.
		Release: rocketchattest.Release861, Sessions: rows, Users: oddUsers(t, rows, now), RateLimit: rocketchattest.RateLimit{Off: true},
	})
	withFirst(t, func(t *testing.T, c cli) {
		for _, folder := range policiesByUser() {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				prepare(t, c, folder).on(w).saysOfOdd(t, want[folder])
			})
		}
	})
}

// The output of powerful-users says through which roles, also where the role is gone, in which its users still are.
func TestPowerfulUsers_sayTheirRoles(t *testing.T) {
	t.Parallel()
	now := time.Now()
	options := lawfulWorkspace(now)
	options.Users = append(options.Users, user("left.behind", now, func(u *rocketchattest.DirectoryUser) {
		u.Roles = rocketchattest.Some([]string{rocketchattest.RoleUser, "goneRole"})
	}))
	options.PermissionRoles = map[string][]string{rocketchattest.PermissionView: {rocketchattest.RoleAdmin, "goneRole"}}
	w := serve(t, options)
	withFirst(t, func(t *testing.T, c cli) {
		prepared := prepare(t, c, "policies/powerful-users").on(w)
		_, said := prepared.plan(t, "-out=powerful.tfplan")
		var shown struct {
			Changes map[string]struct{ After any } `json:"output_changes"`
		}
		if err := json.Unmarshal([]byte(prepared.must(t, "show", "-json", "powerful.tfplan")), &shown); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"alice.lawful": []any{"admin"}, "left.behind": []any{"a role that is gone"}}
		if diff := cmp.Diff(want, shown.Changes["powerful_users"].After); diff != "" {
			t.Errorf("the plan says %v; others are powerful (-want +got):\n%s", said, diff)
		}
	})
}

// ofUsers is a rule's message about these, of the sessions of users with an ID.
func ofUsers(d discovery, what string) saying {
	said := d.listed(what)
	said.Detail = strings.Replace(said.Detail, " of 300 ", " of 299 ", 1)
	return said
}
