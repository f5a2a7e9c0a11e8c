// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const (
	publicSetting  = "Accounts_LoginExpiration"
	privateSetting = "API_Upper_Count_Limit"
)

func scalars(s *rocketchat.Settings) map[string]any {
	values := map[string]any{}
	for id, value := range s.Values {
		values[id] = value.Scalar
	}
	return values
}

func asked(w *rocketchattest.Workspace) map[string]int {
	calls := map[string]int{}
	for _, r := range w.Requests() {
		calls[strings.TrimPrefix(r.Path, "/api/v1/")]++
	}
	return calls
}

// TestSettings_read: the public settings cost one call, whoever asks for which of them, and each
// other setting one of its own.
func TestSettings_read(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, release := range rocketchattest.Releases() {
			w := rocketchattest.New(rocketchattest.Options{Release: release, UpperCount: 60})
			logged := &logRecorder{}
			c := newClient(t, w.Transport(), account(w, "none"), func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
			var group sync.WaitGroup
			for _, want := range []map[string]any{
				{publicSetting: 90.0, "Accounts_RegistrationForm": "Public", "Accounts_AllowAnonymousRead": false},
				{"Accounts_Password_Policy_MaxLength": -1.0},
				{publicSetting: 90.0, privateSetting: 60.0},
				{privateSetting: 60.0, "Block_Multiple_Failed_Logins_Enabled": true, "From_Email": ""},
			} {
				group.Go(func() {
					var ids []string
					for id := range want {
						ids = append(ids, id, id)
					}
					got, err := c.Settings(t.Context(), ids)
					if err != nil {
						t.Errorf("%s: %v", release, err)
						return
					}
					if diff := cmp.Diff(want, scalars(got)); diff != "" || got.Unknown != nil || got.Refused != nil {
						t.Errorf("%s: unknown %v, refused %v (-want +got):\n%s", release, got.Unknown, got.Refused, diff)
					}
				})
			}
			group.Wait()
			want := map[string]int{
				"settings.public": 1, "settings/" + privateSetting: 1, "settings/Block_Multiple_Failed_Logins_Enabled": 1, "settings/From_Email": 1,
			}
			if diff := cmp.Diff(want, asked(w)); diff != "" {
				t.Errorf("%s: calls (-want +got):\n%s", release, diff)
			}
			if first := w.Requests()[0].Query; first != "count=0&offset=0&sort=%7B%22_id%22%3A1%7D" {
				t.Errorf("%s: asked for %s", release, first)
			}
			time.Sleep(time.Minute)
			if _, err := c.Settings(t.Context(), []string{publicSetting, privateSetting}); err != nil {
				t.Fatal(err)
			}
			if got := asked(w); got["settings.public"] != 2 || got["settings/"+privateSetting] != 2 {
				t.Errorf("%s: served for more than a minute: %v", release, got)
			}
			if text := logged.String(); strings.Contains(text, "Public") || strings.Contains(text, "localhost:3000") || !strings.Contains(text, "settings.public") {
				t.Errorf("%s: the log has a value, or no request:\n%s", release, text)
			}
		}
	})
}

// TestSettings_thatAreNotThere: an unknown setting is told from one that needs a permission,
// by what the account may do, whatever the release responds.
func TestSettings_thatAreNotThere(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		ids := []string{publicSetting, "Accounts_LoginExpiry", "Assets_logo", privateSetting, "Cloud_Workspace_Hidden"}
		for _, release := range rocketchattest.Releases() {
			settings := append(rocketchattest.DefaultSettings(release), rocketchattest.Setting{ID: "Cloud_Workspace_Hidden", Value: "x", Hidden: true})
			w := rocketchattest.New(rocketchattest.Options{Release: release, Settings: settings})
			for name, want := range map[string]rocketchat.Settings{
				"none":     {Unknown: []string{"Accounts_LoginExpiry", "Cloud_Workspace_Hidden"}},
				"viewonly": {Refused: []string{"Accounts_LoginExpiry", privateSetting, "Cloud_Workspace_Hidden"}},
			} {
				got, err := newClient(t, w.Transport(), account(w, name)).Settings(t.Context(), ids)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([][]string{want.Unknown, want.Refused}, [][]string{got.Unknown, got.Refused}); diff != "" {
					t.Errorf("%s as %s (-want +got):\n%s", release, name, diff)
				}
				if logo := got.Values["Assets_logo"]; logo != (rocketchat.SettingValue{Kind: "object"}) {
					t.Errorf("%s: the value of Assets_logo is kept: %v", release, logo)
				}
				if want.Refused == nil {
					continue
				}
				refusal := as[*rocketchat.ResponseError](t, got.Refusal)
				if refusal.Permission != "view-privileged-setting" || !errors.Is(refusal, rocketchat.ErrNoPermission) {
					t.Errorf("%s: refused for lack of %q: %v", release, refusal.Permission, refusal)
				}
				if !strings.HasSuffix(refusal.Request, "/api/v1/settings/Accounts_LoginExpiry") {
					t.Errorf("%s: %s was refused", release, refusal.Request)
				}
			}
		}
	})
}

// TestSettings_inPages: with API_Allow_Infinite_Count off, a setting on a later page is read,
// too, without a permission.
func TestSettings_inPages(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, release := range releases() {
			w := rocketchattest.New(rocketchattest.Options{Release: release, DisallowInfiniteCount: true, DefaultCount: 7, UpperCount: 20})
			got, err := newClient(t, w.Transport(), account(w, "viewonly")).Settings(t.Context(), []string{"uniqueID", publicSetting})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]any{"uniqueID": "synthetic-unique-id", publicSetting: 90.0}, scalars(got)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", release, diff)
			}
		}
	})
}

// TestSettings_secretOnesAreNotAskedFor: every secret among the settings of a release, and those
// that other parts of Rocket.Chat install, are refused by their names.
func TestSettings_secretOnesAreNotAskedFor(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		secrets := []string{
			"SMTP_Password", "smtp_password", "CROWD_APP_PASSWORD", "Accounts_OAuth_Custom-Keycloak-secret", "Accounts_OAuth_Apple_secretKey",
			"FileUpload_S3_AWSAccessKeyId", "FileUpload_S3_AWSSecretAccessKey", "FileUpload_GoogleStorage_Secret", "AutoTranslate_DeepLAPIKey",
			"MapView_GMapsAPIKey", "Bugsnag_api_key", "Push_apn_key", "Push_apn_passphrase", "Push_google_api_credentials", "Livechat_secret_token",
			"Omnichannel_External_Frame_Encryption_JWK", "SlackBridge_APIToken", "SlackBridge_SigningSecret", "SMS_Twilio_authToken",
			"bigbluebutton_sharedSecret", "Federation_Matrix_hs_token", "Enterprise_License", "password", "Some_Passwords",
			"WebRTC_Servers", "webrtc_servers", "Federation_Matrix_registration_file", "GoogleVision_ServiceAccount", "Push_apn_cert",
			"Push_apn_dev_cert", "Livechat_webhookUrl", "Slack_Webhook_URI", "Sentry_DSN", "Database_Connection_String",
		}
		for _, release := range rocketchattest.Releases() {
			for _, s := range rocketchattest.DefaultSettings(release) {
				switch text, _ := s.Value.(string); {
				case s.ID == "uniqueID" || s.ID == "Accounts_OAuth_Google_id": // tell nobody in
				case strings.HasPrefix(text, "synthetic-"):
					secrets = append(secrets, s.ID)
				case rocketchat.CheckSettingID(s.ID) != nil:
					t.Errorf("%s is taken for a secret", s.ID)
				}
			}
		}
		if len(secrets) < 30 {
			t.Errorf("%d secrets", len(secrets))
		}
		transport := play(jsonResponse(http.StatusOK, `{"settings":[{"_id":"a","value":1}],"total":1}`))
		c := newClient(t, transport)
		for _, id := range secrets {
			if _, err := c.Settings(t.Context(), []string{publicSetting, id}); !errors.Is(err, rocketchat.ErrSecretSetting) {
				t.Errorf("%s: %v", id, err)
			}
		}
		for _, id := range []string{"", " Site_Url", "Site_Url\n", "a,b", "../users.list", "..", "a/b", "a?b=c", "Sité_Url", "a%2Fb"} {
			if _, err := c.Settings(t.Context(), []string{id}); !errors.Is(err, rocketchat.ErrSettingID) {
				t.Errorf("%q: %v", id, err)
			}
		}
		if transport.count() > 0 {
			t.Error("the workspace was asked")
		}
		for _, id := range []string{
			"Accounts_Password_Policy_Enabled", "Accounts_PasswordReset", "Accounts_AllowPasswordChange", "Forgot_Password_Email",
			"Accounts_TwoFactorAuthentication_Enforce_Password_Fallback", "Accounts_OAuth_Custom-Keycloak-token_path", "theme-custom-css",
			"API_Apply_permission_view-outside-room_on_users-list", "Accounts_Password_History_Amount",
			"WebRTC_Enabled", "Federation_Matrix_enabled", "Livechat_webhook_on_start", "SAML_Custom_Default_entry_point", "Push_enable", "Site_Url",
		} {
			if err := rocketchat.CheckSettingID(id); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

// TestSettings_manyPrivateOnes: a read whose waits cannot all fit into the deadline fails before the
// first of them, and settings that others have read cost nothing.
func TestSettings_manyPrivateOnes(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		w := rocketchattest.New(rocketchattest.Options{PermissionRoles: map[string][]string{
			rocketchattest.PermissionViewSettings: {rocketchattest.RoleUser},
		}})
		c := newClient(t, w.Transport(), account(w, "viewonly"))
		if _, err := c.Settings(t.Context(), []string{privateSetting}); err != nil {
			t.Fatal(err)
		}
		ids := []string{privateSetting}
		for n := range 10 {
			ids = append(ids, fmt.Sprint("Unknown_", n))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		_, err := c.Settings(ctx, ids)
		if e := as[*rocketchat.RateLimitError](t, err); e.Left != 30*time.Second || len(w.Requests()) != 2 {
			t.Errorf("%v after %d requests", err, len(w.Requests()))
		}
		got, err := c.Settings(ctx, ids[:10])
		if err != nil || len(got.Unknown) != 9 || len(w.Requests()) != 11 {
			t.Errorf("%v, %v after %d requests", got, err, len(w.Requests()))
		}
	})
}

// TestPermissions_read: any account reads which roles hold what, and its own roles, in one call
// each, however many ask.
func TestPermissions_read(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		for _, release := range rocketchattest.Releases() {
			w := rocketchattest.New(rocketchattest.Options{Release: release, PermissionRoles: map[string][]string{
				rocketchattest.PermissionLogout: {}, rocketchattest.PermissionView: {rocketchattest.RoleGuest, "gone"},
			}})
			client := newClient(t, w.Transport(), account(w, "viewtotp"))
			var group sync.WaitGroup
			for range 3 {
				group.Go(func() {
					held, err := client.Permissions(t.Context())
					if err != nil || len(held) < 30 {
						t.Errorf("%s: %d permissions, %v", release, len(held), err)
					}
					want := [][]string{{}, {rocketchattest.RoleGuest, "gone"}, nil}
					got := [][]string{held[rocketchattest.PermissionLogout], held[rocketchattest.PermissionView], held["nosuch"]}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s (-want +got):\n%s", release, diff)
					}
					roles, err := client.OwnRoles(t.Context())
					if diff := cmp.Diff([]string{rocketchattest.RoleUser, rocketchattest.RoleDeviceViewer}, roles); err != nil || diff != "" {
						t.Errorf("%s: %v, own roles (-want +got):\n%s", release, err, diff)
					}
				})
			}
			group.Wait()
			for _, r := range w.Requests() {
				if r.Header.Get("X-2fa-Code") != "" {
					t.Errorf("%s: %s got a code", release, r.Path)
				}
			}
			if n := len(w.Requests()); n != 2 {
				t.Errorf("%s: %d requests, want 2", release, n)
			}
		}
	})
}

// TestLists_thatCannotBeTrusted: a response that does not say everything, or not of what was asked for, is an error,
// because a rule would pass by mistake without it; and no error repeats a value.
func TestLists_thatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	w := rocketchattest.New(rocketchattest.Options{})
	user := w.Account("none").UserID
	const private = "settings/" + privateSetting
	says := map[string]map[string]string{
		"permissions.listAll": {
			`{"update":[` + strings.Repeat(`{"_id":"a"},`, 100_001) + `{}],"success":true}`: "more rows than were asked for",
			`{"update":[{"_id":"a","roles":["admin"]},{"_id":"a","roles":[]}]}`:             "has the ID of another",
			`{"update":[{"_id":"a"}]}`:                   "has no roles",
			`{"update":[{"_id":"a","Roles":["admin"]}]}`: "has no roles",
			`{"update":[{"_id":"a","roles":null}]}`:      "has no roles",
			`{"update":[{"roles":["admin"]}]}`:           "has no ID",
			`{"update":[null]}`:                          "is null",
			`{"update":[{"_id":"a","roles":[1]}]}`:       "cannot unmarshal",
			`{"permissions":[],"success":true}`:          `has no "update"`,
			`{"update":[],"success":true}{}`:             "something follows",
			`{"update":[],"success":true}`:               "no permissions",
		},
		"me": {
			`{"_id":"another","roles":["admin"]}`:    "about another account",
			`{"roles":["admin"],"success":true}`:     "about another account",
			`{"_id":"` + user + `","roles":"admin"}`: "cannot unmarshal",
		},
		"roles.list": {
			`{"roles":[],"success":true}`:                              "lists no roles, not even the default ones",
			`{"roles":[{"name":"admin"}],"success":true}`:              "row 0: it has no ID",
			`{"roles":[{"_id":"admin"},{"ID":"user"}],"success":true}`: "row 1: it has no ID",
			`{"roles":null,"success":true}`:                            `has no "roles"`,
		},
		"users.listByStatus": {
			`{"total":0,"success":true}`:                                        `has no "users"`,
			`{"users":[{"_id":"a"}],"success":true}`:                            `has no "total"`,
			`{"users":[{"_id":"a"},{"username":"b"}],"total":2,"success":true}`: "row 1: it has no ID",
			`{"users":[{"_id":"a"},{"_id":"a"}],"total":2,"success":true}`:      "ascending order",
			`{"users":[{"_id":"b"},{"_id":"a"}],"total":2,"success":true}`:      "ascending order",
			`{"users":[{"_id":"a","roles":"admin"}],"total":1,"success":true}`:  "cannot unmarshal",
			`{"users":[{"_id":"a","active":"false"}],"total":1,"success":true}`: "cannot unmarshal",
			`{"users":[{"_id":"a","lastLogin":7}],"total":1,"success":true}`:    "users: ",
		},
		"settings.public": {
			`{"settings":[{"_id":"a","value":1e987654}],"total":1}`:                             "out of range",
			`{"settings":[{"_id":["leaked-value"],"value":1}],"total":1}`:                       "cannot unmarshal array",
			`{"settings":[],"total":0}`:                                                         "lists no public settings",
			`{"settings":[{"_id":"b","value":"leaked-value"},{"_id":"a","value":1}],"total":2}`: "ascending order",
		},
		private: {
			`{"_id":"other","value":"leaked-value","success":true}`:                                   "about another setting",
			`{"_id":"` + strings.ToUpper(privateSetting) + `","value":"leaked-value","success":true}`: "about another setting",
			`{"_id":"` + privateSetting + `","success":true}`:                                         "no value",
			`{"_id":"` + privateSetting + `","Value":"leaked-value","success":true}`:                  "no value",
			`{"_id":"` + privateSetting + `","value":1e987654,"success":true}`:                        "out of range",
			`{"_id":"` + privateSetting + `","value":"leaked-value`:                                   "unexpected end",
		},
	}
	for _, of := range otherReads {
		for body, want := range says[of.route] {
			logged := &logRecorder{}
			client := newClient(t, roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.URL.Path, "/api/v1/"+of.route) {
					return jsonResponse(http.StatusOK, body).response(r)
				}
				return w.Transport().RoundTrip(r)
			}), account(w, "none"), func(c *rocketchat.Config) { c.Logger, c.MaxRetries = slog.New(logged), 0 })
			err := of.read(t.Context(), client)
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), of.route) {
				t.Errorf("%s: %.60s: %v, want %q", of.route, body, err, want)
				continue
			}
			searchForSecrets(t, "the error or the log", logged.String()+err.Error(), []string{"leaked-value", "987654"})
		}
	}
}

// TestOwnRoles_thatAreHidden are not known, which is not the same as none.
func TestOwnRoles_thatAreHidden(t *testing.T) {
	t.Parallel()
	for _, roles := range []string{`"success":true`, `"Roles":["admin"]`} {
		client := newClient(t, play(jsonResponse(http.StatusOK, `{"_id":"canaryUser0000000",`+roles+`}`)))
		if roles, err := client.OwnRoles(t.Context()); roles != nil || err != nil {
			t.Errorf("roles %v, %v; want none, which is not known", roles, err)
		}
	}
}
