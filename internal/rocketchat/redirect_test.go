// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
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

// TestRedirects_awayAreRefused at the first one, with nothing of the secrets that the target is made of. From
// credentials, net/http makes a header Authorization, also to the same host.
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
		"https://ann:pass@chat.example.invalid/x":                   from,
		"https://ann@chat.example.invalid/x":                        from,
		"https://:@chat.example.invalid/x":                          from,
		"https://@chat.example.invalid/x":                           from,
		"https://" + authToken + ".evil.invalid/":                   "https://" + sanitize.Redacted + ".evil.invalid:443",
		"https://" + strings.ToUpper(gatewayKey) + "/":              "https://" + sanitize.Redacted + ":443",
	} {
		for _, before := range [][]response{nil, {redirect(302, "/x")}} {
			server := play(append(before, redirect(302, location), emptyList)...)
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			wantError(t, err, &rocketchat.RedirectError{From: from, To: to, Credentials: strings.Contains(location, "@")})
			if !strings.Contains(err.Error(), from) || !strings.Contains(err.Error(), to) {
				t.Errorf("text %q", err)
			}
			if server.count() != len(before)+1 {
				t.Errorf("%s: %d requests after %d redirects within", location, server.count(), len(before))
			}
		}
	}
}

// TestRedirect_toTheCode: the host of a redirect may be made of what was sent.
func TestRedirect_toTheCode(t *testing.T) {
	t.Parallel()
	var code string
	gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
		code = r.Header.Get("X-2fa-Code")
		return redirect(302, "https://"+code+".evil.invalid/").response(r)
	})
	_, err := newClient(t, gateway, withTOTP(t)).WorkspaceSessions(t.Context(), "", everything)
	if got := as[*rocketchat.RedirectError](t, err); code == "" || strings.Contains(got.To, code) || !strings.Contains(got.To, sanitize.Redacted) {
		t.Errorf("the code %s is in %+v", code, got)
	}
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
		for _, location := range []string{"https://chat.example.invalid:port/", "https://%67ateway-key-0123456789.evil.invalid/"} {
			server := play(redirect(302, location))
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			if got := as[*rocketchat.TransportError](t, err); got.Attempts != server.count() {
				t.Errorf("%d requests, %+v", server.count(), *got)
			}
		}
	})
}
