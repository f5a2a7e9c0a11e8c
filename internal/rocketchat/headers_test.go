// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestRequest_headers looks at every request of a client that does everything, with
// refusals and repetitions among them.
func TestRequest_headers(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := behindTOTP(rocketchattest.Options{Synthetic: 250, ClockSkew: 1 << 8 * 1e9})
		w.Fault(rocketchattest.OnlyRequests(rocketchattest.FaultHangUp, 2))
		client := newClient(t, w.Transport(), account(w, "totp"), withTOTP(t), func(c *rocketchat.Config) {
			c.Headers = map[string]string{
				gatewayName: gatewayKey, "X-Auth-Token": "not-this", "User-Agent": "not-this", "x-2fa-code": "not-this", "X-User-Id": "not-this",
			}
		})
		for name, call := range calls(client) {
			if name == "WorkspaceSession" || name == "Logout" {
				id := w.Sessions()[0].SessionID.Value
				call = func(ctx context.Context) error {
					if _, err := client.WorkspaceSession(ctx, id); err != nil {
						return err
					}
					return client.Logout(ctx, id)
				}
			}
			if err := call(t.Context()); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		user := w.Account("totp")
		for i, r := range w.Requests() {
			want := map[string]string{
				"User-Agent": userAgent, "Accept": applicationJSON, gatewayName: gatewayKey,
				"X-User-Id": user.UserID, "X-Auth-Token": user.Token,
			}
			if r.Path != "/api/v1/sessions/list" {
				want["X-2fa-Method"] = "totp"
				if len(r.Header.Get("X-2fa-Code")) != 6 {
					t.Errorf("request %d, %s: code %q", i, r.Path, r.Header.Get("X-2fa-Code"))
				}
			}
			if r.Method == http.MethodPost {
				want["Content-Type"] = applicationJSON
			}
			for name, value := range want {
				if got := r.Header.Values(name); len(got) != 1 || got[0] != value {
					t.Errorf("request %d, %s: %s is %q, want %q", i, r.Path, name, got, value)
				}
			}
			if r.Method == http.MethodGet && r.Header.Get("Content-Type") != "" || r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" {
				t.Errorf("request %d, %s: headers %v", i, r.Path, r.Header)
			}
		}
	})
}

// TestRequest_cookiesAreNotKept: a workspace that hands out cookies gets none back.
func TestRequest_cookiesAreNotKept(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		with := emptyList
		with.header = http.Header{"Set-Cookie": {"rc_token=abc; Path=/"}}
		server := play(with)
		client := newClient(t, server)
		for _, search := range []string{"a", "b"} {
			if _, err := client.WorkspaceSessions(t.Context(), search, everything); err != nil {
				t.Fatal(err)
			}
		}
		if got := server.asked[1].Header.Get("Cookie"); got != "" {
			t.Errorf("sent the cookie %q", got)
		}
	})
}
