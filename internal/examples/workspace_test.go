// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// workspace is a simulated workspace behind a socket. It goes by the machine's
// clock, because plantimestamp() does.
type workspace struct {
	*rocketchattest.Workspace
	url     string
	account rocketchattest.Account
}

func newWorkspace(t *testing.T, rows []rocketchattest.Session) *workspace {
	t.Helper()
	return serve(t, rocketchattest.Options{Sessions: rows})
}

func serve(t *testing.T, options rocketchattest.Options) *workspace {
	t.Helper()
	if options.Release == "" {
		options.Release = clitest.Release()
	}
	w := rocketchattest.New(options)
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	return &workspace{Workspace: w, url: server.URL, account: w.Account("totp")}
}

// variables are the provider's whole configuration.
func (w *workspace) variables() map[string]string {
	return map[string]string{
		"ROCKETCHAT_URL":         w.url,
		"ROCKETCHAT_USER_ID":     w.account.UserID,
		"ROCKETCHAT_AUTH_TOKEN":  w.account.Token,
		"ROCKETCHAT_TOTP_SECRET": w.account.TOTPSecret,
	}
}

// session is one that breaks no rule of the examples, but for what change does to it.
func session(id, username string, login time.Time, change ...func(*rocketchattest.Session)) rocketchattest.Session {
	text := rocketchattest.Some[string]
	s := rocketchattest.Session{
		SessionID: text(id), ID: text(id), UserID: text("id-of-" + username), Host: text("chat.example.invalid"),
		IP:      text("10.11.12.13"),
		LoginAt: rocketchattest.Some(login),
		Device: rocketchattest.Some(rocketchattest.Device{
			Type: text("browser"), Name: text("Firefox"), Version: text("148.0"), LongVersion: text("148.0"),
			OS: rocketchattest.Some(rocketchattest.OS{Name: text("Windows"), Version: text("11")}),
		}),
		User: rocketchattest.Some(rocketchattest.User{Username: text(username), Name: text("Name of " + username)}),
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func from(ip string) func(*rocketchattest.Session) {
	return func(s *rocketchattest.Session) { s.IP = rocketchattest.Some(ip) }
}

func running(name, version string) func(*rocketchattest.Session) {
	return func(s *rocketchattest.Session) {
		s.Device.Value.OS = rocketchattest.Some(rocketchattest.OS{Name: rocketchattest.Some(name), Version: rocketchattest.Some(version)})
	}
}

// without leaves out all that a workspace can leave out.
func without(s *rocketchattest.Session) {
	s.IP, s.Host = rocketchattest.None[string](), rocketchattest.NullOf[string]()
	s.LoginAt = rocketchattest.None[time.Time]()
	s.Device, s.User = rocketchattest.NullOf[rocketchattest.Device](), rocketchattest.None[rocketchattest.User]()
}

// lawful is a workspace where nobody breaks a rule.
func lawful(now time.Time) []rocketchattest.Session {
	return []rocketchattest.Session{
		session("sessionAlice", "alice.lawful", now.Add(-time.Hour)),
		session("sessionBob", "bob.lawful", now.Add(-29*24*time.Hour), from("203.0.113.7"), running("Windows", "10")),
		session("sessionCarol", "carol.lawful", now.Add(-2*time.Hour), from("2001:db8::7"), func(s *rocketchattest.Session) {
			s.Device = rocketchattest.None[rocketchattest.Device]()
		}),
		session("sessionBot1", "svc-backup", now.Add(-3*time.Hour)),
		session("sessionBot2", "svc-backup", now.Add(-4*time.Hour)),
		session("sessionBot3", "svc-backup", now.Add(-5*time.Hour)),
	}
}

// weeksAgo is before any of the rules' limits, and not yet forgotten.
func weeksAgo(now time.Time) time.Time {
	return now.Add(-44 * 24 * time.Hour).Truncate(time.Millisecond)
}

// unlawful is a workspace where each rule is broken, some by a session that
// lacks everything.
func unlawful(now time.Time) []rocketchattest.Session {
	return append(
		lawful(now),
		session("sessionOld", "old.offender", weeksAgo(now)),
		session("sessionAway", "away.offender", now.Add(-time.Hour), from("198.51.100.9")),
		session("sessionSeven", "seven.offender", now.Add(-2*time.Hour), running("Windows", "7")),
		session("sessionBot4", "svc-backup", now.Add(-6*time.Hour)),
		session("sessionGone", "gone.offender", now, without),
	)
}

// user is one that breaks no rule of the examples, but for what change does to it.
func user(username string, login time.Time, change ...func(*rocketchattest.DirectoryUser)) rocketchattest.DirectoryUser {
	u := rocketchattest.DirectoryUser{
		ID: "id-of-" + username, Username: rocketchattest.Some(username), Type: rocketchattest.Some("user"),
		Active: rocketchattest.Some(true), Roles: rocketchattest.Some([]string{rocketchattest.RoleUser}), LastLogin: rocketchattest.Some(login),
	}
	for _, c := range change {
		c(&u)
	}
	return u
}

func administrator(u *rocketchattest.DirectoryUser) {
	u.Roles = rocketchattest.Some([]string{rocketchattest.RoleUser, rocketchattest.RoleAdmin})
}

func bot(u *rocketchattest.DirectoryUser) { u.Type = rocketchattest.Some("bot") }

func inactive(u *rocketchattest.DirectoryUser) { u.Active = rocketchattest.Some(false) }

func neverLoggedIn(u *rocketchattest.DirectoryUser) { u.LastLogin = rocketchattest.None[time.Time]() }

// lawfulUsers are those of [lawful], and some without sessions.
func lawfulUsers(now time.Time) []rocketchattest.DirectoryUser {
	return []rocketchattest.DirectoryUser{
		user("alice.lawful", now, administrator),
		user("bob.lawful", now),
		user("carol.lawful", now, bot),
		user("svc-backup", now),
		user("rare.lawful", now.Add(-89*day)),
		user("left.lawful", now.Add(-200*day), inactive),
		user("bot.lawful", now, bot, neverLoggedIn),
	}
}

// unlawfulUsers are those of [unlawful] who are not deleted, and some without sessions.
func unlawfulUsers(now time.Time) []rocketchattest.DirectoryUser {
	users := append(
		lawfulUsers(now),
		user("old.offender", now),
		user("away.offender", now, administrator),
		user("seven.offender", now, inactive),
		user("new.offender", now, neverLoggedIn),
		// Releases before 8.0 list nobody who has no name either.
		user("dormant.offender", now.Add(-91*day), func(u *rocketchattest.DirectoryUser) {
			u.Username, u.Name = rocketchattest.None[string](), rocketchattest.Some("Dormant Offender")
		}),
	)
	bot(&users[3])
	return users
}

// asSent is a time as the provider writes it.
func asSent(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
