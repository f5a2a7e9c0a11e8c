// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"sessions":[],"total":0,"count":50,"offset":0,"success":true}`,
		`{"sessions":[{"sessionId":"o94SveQp6fyPsoiNC","userId":"2tTEqR7ZNMJ4HGGNa","device":{"type":"browser","name":"Chrome","longVersion":"113.0.0.0","os":{"name":"Windows","version":"10"},"version":"113.0.0"},"host":"localhost:3000","ip":"172.20.0.2","loginAt":"2023-05-24T00:25:54.234Z","_user":{"username":"testroxie","name":"Test"},"_id":"o94SveQp6fyPsoiNC"}],"total":13,"count":50,"offset":0,"success":true}`,
		`{"sessions":[{"loginAt":null,"device":null,"_user":null,"ip":null}],"total":1}`,
		`{"sessions":[null],"total":1}`,
		`{"sessions":null,"total":null}`,
		`{"sessions":[{}],"total":9223372036854775807}`,
		`{"sessions":[{"loginAt":"0000-01-01T00:00:00Z"},{"loginAt":"9999-12-31T23:59:59.999Z"}],"total":2}`,
		`{"sessions":[{"loginAt":"` + authToken + `"}],"total":1}`,
		`{"success":false,"error":"` + gatewayKey + `"}`,
		`[]`, `"`, ``, `{`, "<!DOCTYPE html>",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		bubble(t, func(t *testing.T) {
			listing, err := newClient(t, play(jsonResponse(http.StatusOK, body))).WorkspaceSessions(t.Context(), "", everything)
			if err != nil {
				checkError(t, err)
				return
			}
			var response map[string]jsontext.Value
			var rows []*sessions.Session
			if err := json.Unmarshal([]byte(body), &response); err != nil || response["sessions"] == nil || response["total"] == nil {
				t.Fatalf("took a page that is none: %v", err)
			}
			if err := json.Unmarshal(response["sessions"], &rows); err != nil {
				t.Fatalf("took rows that are none: %v", err)
			}
			// The page is one snapshot: rows that nothing distinguishes are several.
			count := map[sessions.Identity]int{}
			for _, s := range rows {
				count[sessions.IdentityOf(s)]++
			}
			for _, s := range listing.Sessions {
				count[sessions.IdentityOf(s)]--
			}
			for id, n := range count {
				if n != 0 {
					t.Errorf("%+v: %d rows of the page are missing", id, n)
				}
			}
		})
	})
}

func FuzzRefusal(f *testing.F) {
	for _, seed := range []struct {
		status            int
		contentType, body string
	}{
		{400, "application/json", `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{"method":"totp","codeGenerated":false,"availableMethods":["totp"]}}`},
		{400, "application/json", `{"success":false,"error":"TOTP Invalid [totp-invalid]","errorType":"totp-invalid","details":{"method":"email","codeGenerated":true,"emailOrUsername":"a@example.invalid","codeExpires":["2026-11-22T20:33:11.000Z"]}}`},
		{401, "application/json", `{"status":"error","message":"You must be logged in to do this."}`},
		{403, "application/json", `{"success":false,"error":"unauthorized"}`},
		{404, "text/plain; charset=UTF-8", "404 Not Found"},
		{405, "application/json", `{"status":"error","message":"API endpoint does not exist"}`},
		{429, "application/json", `{"success":false,"error":"Error, too many requests. You must wait 60 seconds before trying this endpoint again. [error-too-many-requests]"}`},
		{500, "text/html", "<html>" + authToken},
		{200, "text/html", "<!DOCTYPE html>"},
		{200, "application/json", `{"version":"4.8"}`},
		{200, authToken, `{"success":false,"error":"` + authToken + ` [` + authToken + `]"}`},
		{400, "text/plain", "\x1b[31m" + gatewayKey + "\r\n[x]"},
		{302, "", ""},
		{99, "", "]["},
	} {
		f.Add(seed.status, seed.contentType, seed.body)
	}
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		bubble(t, func(t *testing.T) {
			server := play(response{status: status, contentType: contentType, body: body})
			_, err := newClient(t, server).WorkspaceSessions(t.Context(), "", everything)
			if err == nil {
				if status >= http.StatusMultipleChoices {
					t.Errorf("status %d with %q is taken for success", status, body)
				}
				return
			}
			checkError(t, err)
			if server.count() > 1 && status >= 300 && status < 500 && status != http.StatusTooManyRequests {
				t.Errorf("status %d is repeated: %v", status, err)
			}
		})
	})
}

// checkError asserts what holds for every error: a text of some length, on one
// line, without a secret, and of a known type.
func checkError(t *testing.T, err error) {
	t.Helper()
	const most = 4000
	if text := err.Error(); len(text) > most || strings.ContainsAny(text, "\r\x00\x1b") {
		t.Errorf("an error text of %d bytes: %q", len(text), text)
	}
	if kind := reflect.TypeOf(err).String(); !strings.HasPrefix(kind, "*rocketchat.") {
		t.Errorf("an error of no known type: %s %v", kind, err)
	}
	searchForSecrets(t, "the error", shown(err), []string{authToken, gatewayKey})
}
