// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// hostile is what a stranger would like a terminal or a pipeline to read.
const hostile = "\x1b[2J\n::error::gone ##vso[task.complete]\u202ex\u200b" + "\r\n"

// TestSanitize_textsAreCleaned has a server put text into every place that an error
// or a log line is made from.
func TestSanitize_textsAreCleaned(t *testing.T) {
	t.Parallel()
	each(t, echoes, func(t *testing.T, echo func(string) response) {
		gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
			return echo(hostile + strings.Repeat("é", 1000)).response(r)
		})
		logged := &logRecorder{}
		client := newClient(t, gateway, func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
		_, err := client.WorkspaceSessions(t.Context(), "", everything)
		if err == nil {
			t.Fatal("no error")
		}
		for _, text := range append(strings.Split(logged.String(), "\n"), fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%q", err)) {
			if strings.ContainsAny(text, "\x1b\n\r\u202e\u200b") || strings.Contains(text, " ::error::") || strings.Contains(text, "##vso[") {
				t.Errorf("shown: %q", text)
			}
			if len(text) > 2*sanitize.MaxBytes+300 {
				t.Errorf("%d bytes are shown: %q", len(text), text)
			}
		}
	})
}

// TestSanitize_shortHeaderDoesNotBlurRefusals: refusals are distinguished by the text as it
// came, whatever part of it a configured header equals.
func TestSanitize_shortHeaderDoesNotBlurRefusals(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, value := range []string{"or", "a", "t", "totp", "error-unauthorized", "totp-invalid", "invalid-params", "Session not found", "unauthorized"} {
			header := func(c *rocketchat.Config) { c.Headers = map[string]string{"X-Gateway": value} }
			for _, tc := range []struct {
				want    error
				refusal response
			}{
				{rocketchat.ErrNoPermission, jsonResponse(400, `{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}`)},
				{rocketchat.ErrInvalidParameters, jsonResponse(400, `{"success":false,"error":"must NOT have additional properties [invalid-params]","errorType":"invalid-params"}`)},
				{rocketchat.ErrNoLicense, jsonResponse(403, `{"success":false,"error":"unauthorized"}`)},
				{rocketchat.ErrNotFound, jsonResponse(404, `{"success":false,"error":"Session not found"}`)},
				{rocketchat.ErrNoLicense, jsonResponse(400, `{"success":false,"error":"This is an enterprise feature [error-action-not-allowed]","errorType":"error-action-not-allowed"}`)},
			} {
				if _, err := newClient(t, play(tc.refusal), header).WorkspaceSession(t.Context(), "a"); !errors.Is(err, tc.want) {
					t.Errorf("header %q: %v, want %v", value, err, tc.want)
				}
			}
			demanding := play(jsonResponse(400, `{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"totp","availableMethods":["totp","email"]}}`))
			_, err := newClient(t, demanding, header).WorkspaceSession(t.Context(), "a")
			got := as[*rocketchat.SecondFactorError](t, err)
			if got.Problem != rocketchat.SecondFactorInvalid || got.Demanded != totp || !slices.Equal(got.Available, []rocketchat.Method{totp, email}) {
				t.Errorf("header %q: %+v", value, got)
			}

			// The clock is corrected all the same.
			w := rocketchattest.New(rocketchattest.Options{ClockSkew: 1 << 8 * 1e9})
			read(t, newClient(t, w.Transport(), account(w, "totp"), withTOTP(t), header))
		}
	})
}

// TestSanitize_proxyThatEchoesItsCredentials: the password in the proxy's address goes to
// the proxy, and a proxy may send it back in any form.
func TestSanitize_proxyThatEchoesItsCredentials(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const password = "proxy pass/word+1"
		proxy := &url.URL{Scheme: "http", Host: "proxy.example.invalid", User: url.UserPassword("proxy-user", password)}
		pair := base64.StdEncoding.EncodeToString([]byte("proxy-user:" + password))
		basic := base64.StdEncoding.EncodeToString([]byte("gate:gate-password"))
		forms := []string{password, pair, "Basic " + pair, url.QueryEscape(password), strings.ToUpper(password), proxy.User.String(), basic, "gate-password"}
		for _, form := range forms {
			for _, answered := range []response{
				{status: 407, contentType: "text/plain", body: "you sent " + form},
				{err: errors.New("you sent " + form)},
				redirect(302, "https://evil.invalid:"+form),
				{status: 404, contentType: "text/x-" + form, body: "no"},
			} {
				client := newClient(t, play(answered), func(c *rocketchat.Config) {
					c.Proxy = http.ProxyURL(proxy)
					c.Headers = map[string]string{"Authorization": "Basic " + basic}
				})
				_, err := client.WorkspaceSessions(t.Context(), "", everything)
				searchForSecrets(t, "the error", strings.ToLower(shown(err)), []string{strings.ToLower(form)})
			}
		}
	})
}
