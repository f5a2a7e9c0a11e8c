// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const referring = "Another error of this run with the same title says what to do."

// TestDiagnostics_oneFailureIsExplainedOnce: five data sources meet the same failure at the same time. One
// error has the whole text, whichever comes first, and each of the others is one sentence.
func TestDiagnostics_oneFailureIsExplainedOnce(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	a := w.Account("noperm")
	unreachable := roundTrip(func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNREFUSED })
	for name, c := range map[string]struct {
		transport     http.RoundTripper
		userID, token string
		summary       string
		words         []string
	}{
		"wrong token":   {w.Transport(), a.UserID, "wrong", "Rocket.Chat does not accept the user ID and token", []string{"`auth_token`"}},
		"no permission": {w.Transport(), a.UserID, a.Token, "The account lacks a permission", []string{"`view-device-management`"}},
		"unreachable":   {unreachable, a.UserID, a.Token, "The connection was refused", []string{"ROCKETCHAT_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				s := newServer(t, WithTransport(c.transport))
				s.configure(t, minimal(attributes{"url": w.url, "user_id": c.userID, "auth_token": c.token}))
				var texts [5]string
				var reads sync.WaitGroup
				for i := range texts {
					reads.Go(func() {
						_, got := s.readSessions(t.Context(), t, attributes{"search": strings.Repeat("a", i)})
						texts[i] = details(got)
					})
				}
				reads.Wait()
				whole := slices.DeleteFunc(slices.Clone(texts[:]), func(text string) bool { return text == c.summary+"\n"+referring+"\n" })
				if len(whole) != 1 {
					t.Fatalf("%d errors are not a reference:\n%s", len(whole), strings.Join(whole, "\n"))
				}
				mustContain(t, whole[0], append(c.words, c.summary)...)
				mustNotContain(t, whole[0], referring)
			})
		})
	}
}

// Another data source whose request differs says which request failed, and only the remedy is
// left to the first; another failure has its own text.
func TestDiagnostics_otherFailuresAreExplained(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
	a := w.Account("noperm")
	s := newServer(t, WithClock(w.clock), WithTransport(w.Transport()))
	s.configure(t, minimal(attributes{"url": w.url, "user_id": a.UserID, "auth_token": "wrong"}))
	read := func(name string, config attributes) string {
		_, got := s.readData(t.Context(), t, name, config)
		return details(got)
	}
	mustNotContain(t, read(dataSourceName, nil), referring)
	users := read("rocketchat_users", nil)
	mustContain(t, users, "HTTP status 401", referring)
	mustNotContain(t, users, "`auth_token`")

	s.configure(t, minimal(attributes{"url": w.url, "user_id": a.UserID, "auth_token": a.Token}))
	mustContain(t, read(dataSourceName, nil), "`view-device-management`")
	mustContain(t, read("rocketchat_users", nil), "`view-d-room`")
}
