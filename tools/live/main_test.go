// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"
	"golang.org/x/net/websocket"
)

const (
	secret   = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	password = "it's a password"
)

// fake is what Rocket.Chat does of a setup, as its source and documentation describe it.
type fake struct {
	mu sync.Mutex
	// starting is how many logins fail before there is an administrator.
	starting int
	// wrongCode has the workspace refuse every code.
	wrongCode bool
	tokens    []string
	devices   []string
	enabled   bool
}

func (f *fake) handler() http.Handler {
	mux := http.NewServeMux()
	respond := func(w http.ResponseWriter, status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	body := func(r *http.Request) map[string]any {
		var fields map[string]any
		_ = json.NewDecoder(r.Body).Decode(&fields)
		return fields
	}
	mux.HandleFunc("POST /api/v1/login", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.starting--
		if f.starting >= 0 || body(r)["password"] != password {
			respond(w, http.StatusUnauthorized, map[string]any{"status": "error", "message": "Unauthorized"})
			return
		}
		f.tokens = append(f.tokens, fmt.Sprint("login-", len(f.tokens)))
		respond(w, http.StatusOK, map[string]any{"status": "success", "data": map[string]any{"userId": "adminID", "authToken": f.tokens[len(f.tokens)-1]}})
	})
	// allowed checks token and second factor, as far as the account has one.
	allowed := func(w http.ResponseWriter, r *http.Request) bool {
		sum := sha256.Sum256([]byte(password))
		switch {
		case r.Header.Get("X-User-Id") != "adminID" || !slices.Contains(f.tokens, r.Header.Get("X-Auth-Token")):
			respond(w, http.StatusUnauthorized, map[string]any{"success": false, "error": "You must be logged in to do this."})
		case f.enabled || r.Header.Get("X-2fa-Method") != "password" || r.Header.Get("X-2fa-Code") != hex.EncodeToString(sum[:]):
			respond(w, http.StatusBadRequest, map[string]any{"success": false, "errorType": "totp-invalid"})
		default:
			return true
		}
		return false
	}
	mux.HandleFunc("POST /api/v1/users.generatePersonalAccessToken", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if fields := body(r); allowed(w, r) && fields["bypassTwoFactor"] == false {
			respond(w, http.StatusOK, map[string]any{"token": "personal", "success": true})
		}
	})
	mux.HandleFunc("POST /api/v1/method.call/{method}", func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if !allowed(w, r) {
			return
		}
		var call struct {
			Msg, ID, Method string
			Params          []string
		}
		text, _ := body(r)["message"].(string)
		if err := json.Unmarshal([]byte(text), &call); err != nil || call.Msg != "method" || call.Method != r.PathValue("method") {
			respond(w, http.StatusBadRequest, map[string]any{"success": false, "error": "Invalid call"})
			return
		}
		message := map[string]any{"msg": "result", "id": call.ID}
		switch {
		case call.Method == "2fa:enable":
			message["result"] = map[string]any{"secret": secret, "url": "otpauth://totp/x"}
		case f.wrongCode || len(call.Params) != 1 || !totp.Validate(call.Params[0], secret):
			message["error"] = map[string]any{"error": "invalid-totp"}
		default:
			f.enabled, f.tokens = true, []string{r.Header.Get("X-Auth-Token")}
			message["result"] = map[string]any{"codes": []string{"AAAAAAAA"}}
		}
		encoded, _ := json.Marshal(message)
		respond(w, http.StatusOK, map[string]any{"message": string(encoded), "success": message["error"] == nil})
	})
	mux.Handle("/websocket", websocket.Handler(f.connect))
	return mux
}

// connect serves DDP.
func (f *fake) connect(c *websocket.Conn) {
	var hello, login struct {
		Msg, ID, Method string
		Params          []map[string]string
	}
	_ = websocket.JSON.Receive(c, &hello)
	_ = websocket.JSON.Send(c, map[string]any{"server_id": "0"})
	_ = websocket.JSON.Send(c, map[string]any{"msg": "connected", "session": "s"})
	_ = websocket.JSON.Receive(c, &login)
	f.mu.Lock()
	defer f.mu.Unlock()
	result := map[string]any{"msg": "result", "id": login.ID}
	if hello.Msg == "connect" && login.Method == "login" && len(login.Params) == 1 && slices.Contains(f.tokens, login.Params[0]["resume"]) {
		f.devices = append(f.devices, c.Request().UserAgent())
	} else {
		result["error"] = map[string]any{"error": 403}
	}
	_ = websocket.JSON.Send(c, result)
}

func (f *fake) setup(t *testing.T) *setup {
	t.Helper()
	server := httptest.NewServer(f.handler())
	t.Cleanup(server.Close)
	return &setup{url: server.URL, user: "admin", password: password, client: server.Client(), patience: time.Minute, pause: time.Millisecond}
}

func TestSetup_printsVariables(t *testing.T) {
	t.Parallel()
	f := &fake{starting: 2}
	s := f.setup(t)
	var printed strings.Builder
	if err := s.run(t.Context(), &printed); err != nil {
		t.Fatal(err)
	}
	want := "export ROCKETCHAT_URL='" + s.url + "'\n" +
		"export ROCKETCHAT_USER_ID='adminID'\nexport ROCKETCHAT_AUTH_TOKEN='personal'\n" +
		"export ROCKETCHAT_TOTP_SECRET='" + secret + "'\nexport ROCKETCHAT_TEST_USER='admin'\n" +
		"export ROCKETCHAT_TEST_PASSWORD='it'\\''s a password'\n"
	if diff := cmp.Diff(want, printed.String()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	if len(f.devices) != 3 || !f.enabled {
		t.Errorf("devices %q, TOTP set up: %t", f.devices, f.enabled)
	}
}

func TestSetup_saysWhatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fake   *fake
		change func(*setup)
		want   string
	}{
		"code":     {&fake{wrongCode: true}, func(*setup) {}, `setting TOTP up: 2fa:validateTempToken returned {"error":"invalid-totp"}`},
		"password": {&fake{}, func(s *setup) { s.password, s.patience = "another", time.Millisecond }, "did not let admin in within 1ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.fake.setup(t)
			c.change(s)
			var printed strings.Builder
			if err := s.run(t.Context(), &printed); err == nil || !strings.Contains(err.Error(), c.want) || printed.Len() > 0 {
				t.Errorf("%v, want %q; printed %q", err, c.want, printed.String())
			}
		})
	}
}
