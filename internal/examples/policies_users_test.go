// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// policiesByUser are the examples that need to know more of users than a session has.
func policiesByUser() []string {
	return []string{"policies/administrators", "policies/deactivated-users", "policies/dormant-accounts", "policies/service-accounts"}
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
	onMac := where(rows, func(r rocketchattest.Session) bool {
		return !deleted(r) && inBrowser(r) && r.Device.Value.Type == rocketchattest.Some("")
	})
	for _, id := range []string{"id-of-svc-backup", onMac[0].UserID.Value} {
		service := byID[id]
		bot(&service)
		byID[id] = service
	}
	return slices.Collect(maps.Values(byID))
}

// rulesByUser are the rules of the examples, read as their READMEs have them.
type rulesByUser struct {
	rows  []rocketchattest.Session
	users []rocketchattest.DirectoryUser
}

// of are the sessions of users who are not deleted and of whom this holds.
func (b rulesByUser) of(is func(rocketchattest.DirectoryUser) bool) []rocketchattest.Session {
	holds := map[string]bool{}
	for _, u := range b.users {
		holds[u.ID] = is(u)
	}
	return where(b.rows, func(r rocketchattest.Session) bool { return !deleted(r) && holds[r.UserID.Value] })
}

func isAdministrator(u rocketchattest.DirectoryUser) bool {
	return slices.ContainsFunc(rocketchattest.DefaultRoles(), func(role rocketchattest.Role) bool {
		return (role.ID == "admin" || role.Name == "admin") && slices.Contains(u.Roles.Value, role.ID)
	})
}

func isBot(u rocketchattest.DirectoryUser) bool { return u.Type.Value == "bot" }

func isDeactivated(u rocketchattest.DirectoryUser) bool {
	return u.Active != rocketchattest.Some(true)
}

// inBrowser tells who has a name and is no app; a client without a type may be a browser.
func inBrowser(r rocketchattest.Session) bool {
	return !slices.Contains([]string{"mobile-app", "desktop-app", "other"}, r.Device.Value.Type.Value) && browser(r) != ""
}

// isActivePerson tells who can log in and is no program.
func isActivePerson(u rocketchattest.DirectoryUser) bool {
	return u.Active == rocketchattest.Some(true) && u.Type.Value != "bot" && u.Type.Value != "app"
}

// isDormant tells who has not logged in since a bound or ever.
func isDormant(bound time.Time) func(rocketchattest.DirectoryUser) bool {
	return func(u rocketchattest.DirectoryUser) bool {
		return u.LastLogin.State != rocketchattest.Present || u.LastLogin.Value.Before(bound)
	}
}

// broken is what a plan says of the sessions or users that break a rule.
func broken[Row any](t *testing.T, of int, head string, found []Row, line func(Row) string) diagnostic {
	t.Helper()
	if len(found) == 0 || len(found) == of {
		t.Errorf("%s: the rule tells nobody from the others: %d of %d", head, len(found), of)
	}
	var lines []string
	for _, row := range found {
		lines = append(lines, line(row))
	}
	return stops(postcondition, listOf(fmt.Sprintf("%d of %d %s:", len(found), of, head), lines))
}

// On odd sessions and users, each rule finds exactly those that it is about.
func TestOddUsers(t *testing.T) {
	t.Parallel()
	clitest.NotInShort(t)
	now := time.Now()
	rows := where(oddSessions(t, now), func(r rocketchattest.Session) bool { return deleted(r) || r.UserID.Value != "" })
	b := rulesByUser{rows: rows, users: oddUsers(t, rows, now)}
	sessions := func(head string, found []rocketchattest.Session) diagnostic {
		return broken(t, len(rows), "sessions "+head, found, described)
	}
	active := where(b.users, isActivePerson)
	dormant := where(active, isDormant(now.Add(-90*day)))
	want := map[string][]diagnostic{
		"policies/administrators": {
			sessions("belong to administrators outside the company's networks", where(b.of(isAdministrator), outside)),
		},
		"policies/deactivated-users": {sessions("belong to deactivated users", b.of(isDeactivated))},
		"policies/dormant-accounts": {
			broken(t, len(active), "active users have not logged in for 90 days", dormant, func(u rocketchattest.DirectoryUser) string {
				login := "never"
				if u.LastLogin.State == rocketchattest.Present {
					login = asSent(u.LastLogin.Value)
				}
				return orElse(u.Username.Value, u.ID) + ": last logged in " + login
			}),
		},
		"policies/service-accounts": {
			sessions("belong to bots in a browser", where(b.of(isBot), inBrowser)),
			sessions("exceed the 3 that a bot may have", beyond(b.of(isBot), 3)),
		},
	}
	w := serve(t, rocketchattest.Options{
		// Releases before 8.0 leave out users with neither user name nor name.
		Release: rocketchattest.Release861, Sessions: rows, Users: b.users, RateLimit: rocketchattest.RateLimit{Off: true},
	})
	withFirst(t, func(t *testing.T, c commandLine) {
		for _, folder := range policiesByUser() {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				skipWithout(t, c, folder)
				prepare(t, c, folder).on(w).saysSorted(t, want[folder])
			})
		}
	})
}
