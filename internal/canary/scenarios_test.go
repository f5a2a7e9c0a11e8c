// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package canary_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// way is how the secrets reach the provider.
type way int

const (
	// byEnvironment is the environment, and ephemeral variables for what has none.
	byEnvironment way = iota
	// byVariable is by sensitive variables.
	byVariable
	// byLiteral is by texts in the configuration.
	byLiteral
)

// scenario is a run of the CLI.
type scenario struct {
	// more is configuration beside the list of sessions; personal is what the
	// workspace sends for it, and nothing may show.
	more     string
	personal map[string]string
	way      way
	options  rocketchattest.Options
	// account changes the one that the workspace knows, given what the provider
	// is given; both begin with the same secrets and no second factor.
	account func(a *rocketchattest.Account, given map[string]string)
	// given are the secrets to give beside the token, gateway key and client key.
	given []string
	fault rocketchattest.FaultFunc
	// env is set at last.
	env map[string]string
	// url is another address than the workspace's.
	url func(workspace string) string
	// want is what is printed; a run without it has to succeed. byApply has an apply print it.
	want    string
	byApply bool
}

// permitted gives the account permissions beside that to list sessions.
func permitted(permissions ...string) func(*rocketchattest.Account, map[string]string) {
	return func(a *rocketchattest.Account, _ map[string]string) {
		a.Permissions = append(a.Permissions, permissions...)
	}
}

func scenarios(t *testing.T) map[string]scenario {
	t.Helper()
	text := rocketchattest.Some[string]
	totp := func(a *rocketchattest.Account, given map[string]string) { a.TOTPSecret = given["totp_secret"] }
	anotherTOTP := func(a *rocketchattest.Account, _ map[string]string) { a.TOTPSecret = rocketchattest.DefaultTOTPSecret }
	password := func(a *rocketchattest.Account, given map[string]string) { a.Password = given["password"] }
	mail := func(a *rocketchattest.Account, _ map[string]string) { a.EmailTwoFactor = true }
	sessionOf := func(user string) []rocketchattest.Session {
		return []rocketchattest.Session{{
			SessionID: text("one"), ID: text("one"), UserID: text(user), LoginAt: rocketchattest.Some(time.Now()),
			User: rocketchattest.Some(rocketchattest.User{Username: text("canary")}),
		}}
	}
	mailed, role := secretText("mail"), secretText("role")
	settings, hidden := settingsWithSecrets()
	ofSettings := func(s scenario, ids ...string) scenario {
		quoted, _ := json.Marshal(ids)
		s.more = "data \"rocketchat_settings\" \"some\" {\n  ids = " + string(quoted) + "\n}\n"
		s.options, s.personal = rocketchattest.Options{Settings: settings}, hidden
		return s
	}
	mayReadSettings := permitted(rocketchattest.PermissionViewSettings)
	logout := scenario{
		given: []string{"totp_secret"}, options: rocketchattest.Options{Sessions: sessionOf("canaryUser1111111")},
		more: "resource \"rocketchat_session_logout\" \"one\" {\n  session_ids = [\"one\"]\n  unless_reconnected = true\n}\n",
		account: func(a *rocketchattest.Account, given map[string]string) {
			totp(a, given)
			a.Permissions, a.Roles = append(a.Permissions, rocketchattest.PermissionLogout), []string{rocketchattest.RoleAdmin}
		},
	}
	echoed := logout
	echoed.want, echoed.byApply = "Rocket.Chat refused the request", true
	echoed.fault = func(n int, r *http.Request, next http.Handler) http.Handler {
		if r.Method == http.MethodPost {
			return echoes()["error"].fault(n, r, next)
		}
		return next
	}
	all := map[string]scenario{
		"users": {
			account: permitted(rocketchattest.PermissionViewRoom),
			options: rocketchattest.Options{Users: []rocketchattest.DirectoryUser{{
				ID: "canaryUser0000000", Username: text("canary"), Active: rocketchattest.Some(true), Type: text("user"),
				Roles:  rocketchattest.Some([]string{role}),
				Emails: rocketchattest.Some([]rocketchattest.Email{{Address: mailed + "@example.invalid"}}),
			}}, Sessions: sessionOf("canaryUser0000000")},
			more: "data \"rocketchat_users\" \"counted\" {\n  active = true\n  inactive_for = \"1d\"\n  limit = 0\n}\n" +
				"data \"rocketchat_workspace_sessions\" \"selected\" {\n  user_types = [\"user\"]\n  user_roles = [\"admin\"]\n" +
				"  user_details = true\n  limit = 0\n}\n",
			personal: map[string]string{"e-mail address": mailed, "role": role},
		},
		"settings": ofSettings(scenario{account: mayReadSettings}, "Accounts_LoginExpiration", "API_Upper_Count_Limit", "Site_Url"),
		"settings, no permission": ofSettings(scenario{want: "The account lacks a permission"},
			"Accounts_LoginExpiration", "API_Upper_Count_Limit"),
		"settings, unknown and odd": ofSettings(scenario{account: mayReadSettings, want: "is not a bool, a number or a string"},
			"Accounts_LoginExpiry", "Some_Object", "Some_Array", "Cloud_Workspace_Hidden"),
		"settings, a secret": ofSettings(scenario{account: mayReadSettings, want: "The setting is a secret"}, "SMTP_Password"),
		"settings, truncated": ofSettings(scenario{
			account: mayReadSettings, want: "The response is truncated or malformed",
			fault: func(n int, r *http.Request, next http.Handler) http.Handler {
				if strings.HasSuffix(r.URL.Path, "/settings.public") {
					return rocketchattest.FaultTruncated(n, r, next)
				}
				return next
			},
		}, "Accounts_LoginExpiration"),
		"logout":             logout,
		"logout, echoed":     echoed,
		"TOTP, by variables": {account: totp, given: []string{"totp_secret"}, way: byVariable},
		"TOTP, by literals":  {account: totp, given: []string{"totp_secret"}, way: byLiteral},
		"everything":         {account: totp, given: []string{"totp_secret", "password", "code"}},
		"password":           {account: password, given: []string{"password"}},
		"password, literal":  {account: password, given: []string{"password"}, way: byLiteral},
		"backup code": {account: func(a *rocketchattest.Account, given map[string]string) {
			a.TOTPSecret, a.BackupCodes = rocketchattest.DefaultTOTPSecret, []string{given["code"]}
		}, given: []string{"code"}},
		"wrong token, literal": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Token = "another" },
			way:     byLiteral, want: "does not accept the user ID and token",
		},
		"no permission": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Permissions = nil },
			want:    "The account lacks a permission",
		},
		"no license":          {options: rocketchattest.Options{NoLicense: true}, want: "no license for device management"},
		"TOTP wrong":          {account: anotherTOTP, given: []string{"totp_secret"}, want: "refused the TOTP code"},
		"TOTP wrong, and all": {account: anotherTOTP, given: []string{"totp_secret", "password", "code"}, want: "refused the TOTP code"},
		"TOTP missing":        {account: totp, want: "A TOTP code is required"},
		"e-mail code wrong":   {account: mail, given: []string{"code"}, want: "refused the code from the e-mail"},
		"e-mail asked for": {
			account: mail, env: map[string]string{"ROCKETCHAT_TWO_FACTOR_METHOD": "email"},
			want: "A code from an e-mail is required",
		},
		"password wrong": {
			account: func(a *rocketchattest.Account, _ map[string]string) { a.Password = "another" },
			given:   []string{"password"}, want: "refused the password",
		},
		"rate limit": {options: rocketchattest.Options{Synthetic: 1500}, account: func(a *rocketchattest.Account, _ map[string]string) {
			a.Permissions = []string{rocketchattest.PermissionView}
		}, want: "The rate limit does not let the read finish in time"},
		"HTML": {
			fault: rocketchattest.FaultResponse(http.StatusOK, http.Header{"Content-Type": {"text/html"}}, "<html>"),
			want:  "A web page was returned",
		},
		"truncated":             {fault: rocketchattest.FaultTruncated, want: "The response is truncated or malformed"},
		"connection broken off": {fault: rocketchattest.FaultHangUp, want: "The connection to the workspace failed"},
		"connection refused":    {url: func(string) string { return "https://127.0.0.1:1" }, want: "The connection was refused"},
		"another name": {
			url:  func(workspace string) string { return strings.Replace(workspace, "127.0.0.1", "localhost", 1) },
			want: "certificate is for another host",
		},
		"token of two lines": {
			env:  map[string]string{"ROCKETCHAT_AUTH_TOKEN": "first-line-of-canary\nsecond-line-of-canary"},
			want: "must be a single line",
		},
		"token not ASCII": {
			env:  map[string]string{"ROCKETCHAT_AUTH_TOKEN": "canary–token–with–dashes"},
			want: "must contain only ASCII characters",
		},
		"headers not JSON":      {env: map[string]string{"ROCKETCHAT_HEADERS": "X-Gateway-Key: canary-key"}, want: "must be a JSON object"},
		"malformed TOTP secret": {env: map[string]string{"ROCKETCHAT_TOTP_SECRET": "canary-not-base32-0189"}, want: "is not base32"},
		"password in the address": {
			env:  map[string]string{"ROCKETCHAT_URL": "https://canary-user:canary-url-password@chat.example.invalid"},
			want: "must not contain a user name or password",
		},
	}
	for name, echo := range echoes() {
		all["echo in "+name] = scenario{account: totp, given: []string{"totp_secret", "password", "code"}, fault: echo.fault, want: echo.want}
	}
	return all
}

// settingsWithSecrets are settings of a workspace, and the values of those that a scenario
// does not ask for, or must not get.
func settingsWithSecrets() (settings []rocketchattest.Setting, hidden map[string]string) {
	hidden = map[string]string{}
	secret := func(id string) string {
		hidden[id] = secretText(id)
		return hidden[id]
	}
	settings = rocketchattest.DefaultSettings(rocketchattest.Release861)
	for i, s := range settings {
		switch s.ID {
		case "SMTP_Password", "SMTP_Username", "LDAP_Authentication_Password", "Site_Name", "theme-custom-css":
			settings[i].Value = secret(s.ID)
		}
	}
	return append(settings,
		rocketchattest.Setting{ID: "Some_Array", Value: []string{secret("Some_Array")}, Public: true},
		rocketchattest.Setting{ID: "Some_Object", Value: map[string]string{"a": secret("Some_Object")}},
		rocketchattest.Setting{ID: "Cloud_Workspace_Hidden", Value: secret("Cloud_Workspace_Hidden"), Hidden: true},
		rocketchattest.Setting{ID: "Some_Public_Token", Value: secret("Some_Public_Token"), Public: true},
	), hidden
}

type echo struct {
	fault rocketchattest.FaultFunc
	want  string
}

// echoes are servers that send each request's headers back in an error.
func echoes() map[string]echo {
	with := func(status int, contentType string, write func(headers string) string) rocketchattest.FaultFunc {
		return func(_ int, r *http.Request, _ http.Handler) http.Handler {
			var lines []string
			for name, values := range r.Header {
				lines = append(lines, name+": "+strings.Join(values, ", "))
			}
			header := http.Header{"Content-Type": {contentType}}
			return rocketchattest.FaultResponse(status, header, write(strings.Join(lines, "; ")))(0, nil, nil)
		}
	}
	object := func(field string) func(string) string {
		return func(headers string) string {
			body, _ := json.Marshal(map[string]any{"success": false, field: headers})
			return string(body)
		}
	}
	plain := func(headers string) string { return headers }
	return map[string]echo{
		"error":     {with(400, "application/json", object("error")), "Rocket.Chat refused the request"},
		"message":   {with(500, "application/json", object("message")), "The workspace returned a server error"},
		"errorType": {with(200, "application/json", object("errorType")), "Rocket.Chat refused the request"},
		"text":      {with(403, "text/plain", plain), "Access was refused before Rocket.Chat"},
		"a page":    {with(200, "text/html", plain), "There is no Rocket.Chat API at this address"},
		"a number": {with(200, "application/json", func(headers string) string {
			text, _ := json.Marshal(headers)
			return `{"sessions":[{"loginAt":` + string(text) + `}],"total":1}`
		}), "The response is truncated or malformed"},
	}
}
