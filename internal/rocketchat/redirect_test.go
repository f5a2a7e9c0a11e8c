// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

func redirect(status int, location string) response {
	return response{status: status, contentType: "text/html", header: http.Header{"Location": {location}}, body: "<html>moved</html>"}
}

func TestRedirects_withinTheWorkspaceAreFollowed(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, location := range []string{
			"/elsewhere/api/v1/sessions/list.all",
			"https://chat.example.invalid/api/v1/sessions/list.all?count=100",
			"https://chat.example.invalid:443/api/v1/sessions/list.all",
			"HTTPS://Chat.Example.INVALID/x",
			"//chat.example.invalid/x",
		} {
			for _, status := range []int{301, 302, 303, 307, 308} {
				server := play(redirect(status, location), emptyList)
				read(t, newClient(t, server))
				if server.count() != 2 {
					t.Fatalf("%d to %s: %d requests, want two", status, location, server.count())
				}
				for _, r := range server.asked {
					if r.Header.Get("X-Auth-Token") != authToken || r.Header.Get(gatewayName) != gatewayKey {
						t.Errorf("%d to %s: the headers did not go along: %v", status, location, r.Header)
					}
				}
			}
		}
	})
}

func TestRedirects_awayAreRefused(t *testing.T) {
	t.Parallel()
	const from = "https://chat.example.invalid:443"
	for location, to := range map[string]string{
		"https://evil.example.invalid/api/v1/sessions/list.all?x=1": "https://evil.example.invalid:443",
		"http://chat.example.invalid/api/v1/sessions/list.all":      "http://chat.example.invalid:80",
		"http://chat.example.invalid:443/":                          "http://chat.example.invalid:443",
		"https://chat.example.invalid:8443/":                        "https://chat.example.invalid:8443",
		"https://chat.example.invalid.evil.invalid/":                "https://chat.example.invalid.evil.invalid:443",
		"https://chat.example.invalid@evil.invalid/":                "https://evil.invalid:443",
		"https://sub.chat.example.invalid/":                         "https://sub.chat.example.invalid:443",
		"//evil.invalid/api/v1/sessions/list.all":                   "https://evil.invalid:443",
		"https://127.0.0.1/":                                        "https://127.0.0.1:443",
	} {
		t.Run(location, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) {
				server := play(redirect(302, location), emptyList)
				_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
				if got, want := as[*rocketchat.RedirectError](t, err), (rocketchat.RedirectError{From: from, To: to, Credentials: strings.Contains(location, "@")}); *got != want {
					t.Errorf("%+v, want %+v", *got, want)
				}
				if !strings.Contains(err.Error(), from) || !strings.Contains(err.Error(), to) {
					t.Errorf("text %q", err)
				}
				if server.count() != 1 || time.Since(start) != 0 {
					t.Errorf("%d requests, %v waited; want none but the first", server.count(), time.Since(start))
				}
			})
		})
	}
}

func TestRedirect_awayAfterOneWithin(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(redirect(302, "/x"), redirect(302, "https://evil.invalid/"), emptyList)
		_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
		_ = as[*rocketchat.RedirectError](t, err)
		if server.count() != 2 {
			t.Errorf("%d requests, want two", server.count())
		}
	})
}

// TestLogout_isNotRedirected: net/http would turn it into a GET, which ends
// nothing.
func TestLogout_isNotRedirected(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, status := range []int{301, 307} {
			server := play(redirect(status, "/elsewhere"), jsonResponse(200, `{"success":true}`))
			err := newClient(t, server).Logout(t.Context(), "a")
			_ = as[*rocketchat.RedirectError](t, err)
			if server.count() != 1 {
				t.Errorf("%d: %d requests, want one", status, server.count())
			}
		}
	})
}

func TestRedirect_toWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		server := play(redirect(302, "https://chat.example.invalid:port/"))
		_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
		if got := as[*rocketchat.TransportError](t, err); got.Attempts != server.count() {
			t.Errorf("%d requests, %+v", server.count(), *got)
		}
	})
}
