// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestRequest_headers looks at every request of a client that does everything, with
// refusals and repetitions among them, in a workspace that hands out cookies.
func TestRequest_headers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := behindTOTP(rocketchattest.Options{Synthetic: 250, ClockSkew: 1 << 8 * 1e9})
		w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultHangUp, 2))
		cookies := roundTrip(func(r *http.Request) (*http.Response, error) {
			resp, err := w.Transport().RoundTrip(r)
			if err == nil {
				resp.Header.Set("Set-Cookie", "rc_token=abc; Path=/")
			}
			return resp, err
		})
		client := newClient(t, cookies, account(w, "totp"), withTOTP(t), func(c *rocketchat.Config) {
			c.Headers = map[string]string{
				gatewayName: gatewayKey, "X-Auth-Token": "not-this", "User-Agent": "not-this", "x-2fa-code": "not-this", "X-User-Id": "not-this",
			}
		})
		id := *read(t, client).Sessions[0].SessionID
		for name, call := range calls(client) {
			if err := call(t.Context()); err != nil && !errors.Is(err, rocketchat.ErrNotFound) {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := client.Logout(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		user := w.Account("totp")
		for i, r := range w.Requests() {
			want := map[string]string{
				"User-Agent": userAgent, "Accept": applicationJSON, gatewayName: gatewayKey,
				"X-User-Id": user.UserID, "X-Auth-Token": user.Token, "X-2fa-Method": "", "Content-Type": "", "Cookie": "", "Authorization": "",
			}
			if strings.Contains(r.Path, "/sessions/") && !strings.HasSuffix(r.Path, "/sessions/list") {
				want["X-2fa-Method"] = "totp"
				if code := r.Header.Values("X-2fa-Code"); len(code) != 1 || len(code[0]) != 6 {
					t.Errorf("request %d, %s: code %q", i, r.Path, code)
				}
			}
			if r.Method == http.MethodPost {
				want["Content-Type"] = applicationJSON
			}
			for name, value := range want {
				if got := r.Header.Values(name); strings.Join(got, "; ") != value {
					t.Errorf("request %d, %s: %s is %q, want %q", i, r.Path, name, got, value)
				}
			}
		}
	})
}
