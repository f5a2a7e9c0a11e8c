// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package live_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/websocket"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// clients adds to a simulated workspace what apps use: the login, and DDP.
type clients struct {
	*rocketchattest.Workspace
	clock clock.Clock
}

// ServeHTTP implements [http.Handler].
func (c clients) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/api/v1/login":
		c.login(w, r)
	case "/websocket":
		websocket.Handler(c.connect).ServeHTTP(w, r)
	default:
		c.Workspace.ServeHTTP(w, r)
	}
}

func (c clients) login(w http.ResponseWriter, r *http.Request) {
	var given struct{ User, Password, Code string }
	_ = json.NewDecoder(r.Body).Decode(&given)
	account := c.Account(given.User)
	switch {
	case given.Password != account.Password:
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"status":"error","message":"Unauthorized"}`))
	case account.TOTPSecret != "" && given.Code != codeAt(account.TOTPSecret, c.clock.Now()):
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"status":"error","error":"totp-required"}`))
	default:
		_, _ = fmt.Fprintf(w, `{"status":"success","data":{"userId":%q,"authToken":%q}}`, account.UserID, account.TokenOf("login2"))
	}
}

// connect has whoever resumes a token listed.
func (c clients) connect(connection *websocket.Conn) {
	for {
		var received struct {
			Msg, ID string
			Params  []map[string]string
		}
		if websocket.JSON.Receive(connection, &received) != nil {
			return
		}
		if received.Msg != "method" {
			_ = websocket.JSON.Send(connection, map[string]string{"msg": "connected"})
			continue
		}
		result := map[string]any{"msg": "result", "id": received.ID, "error": map[string]int{"error": 403}}
		for _, a := range rocketchattest.DefaultAccounts() {
			if token := a.TokenOf("login2"); token == received.Params[0]["resume"] {
				id := rocketchattest.Some("sessionOfTheSuite")
				c.Login(rocketchattest.Session{
					SessionID: id, ID: id, UserID: rocketchattest.Some(a.UserID), LoginAt: rocketchattest.Some(c.clock.Now()), LoginToken: token,
				})
				delete(result, "error")
			}
		}
		_ = websocket.JSON.Send(connection, result)
	}
}

// withClients is a simulated workspace with a user who can log in.
func withClients(t *testing.T, user string) (target, *rocketchattest.Workspace) {
	t.Helper()
	to, w := simulated(t, "totp", rocketchattest.Options{})
	server := httptest.NewTLSServer(clients{w, to.clock})
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	to.env["ROCKETCHAT_URL"] = server.URL
	to.transport, to.tls = server.Client().Transport, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	to.logout = &credentials{user, rocketchattest.DefaultPassword}
	to.only = "none"
	return to, w
}

func TestLive_endsItsOwnSession(t *testing.T) {
	t.Parallel()
	for _, user := range []string{"password", "totp"} {
		t.Run(user, func(t *testing.T) {
			t.Parallel()
			to, w := withClients(t, user)
			before := w.Sessions()
			passes(t, to).has(t, logoutName)
			if diff := cmp.Diff(before, w.Sessions()); diff != "" {
				t.Errorf("sessions (-before +after):\n%s", diff)
			}
			var posts []string
			for _, request := range w.Requests() {
				if request.Method == http.MethodPost {
					posts = append(posts, string(request.Body))
				}
			}
			if diff := cmp.Diff([]string{`{"sessionId":"sessionOfTheSuite"}`}, posts); diff != "" {
				t.Errorf("posts (-want +got):\n%s", diff)
			}
		})
	}
}

// TestLive_findsLogoutWithoutEffect has the provider be told that it has ended a session.
func TestLive_findsLogoutWithoutEffect(t *testing.T) {
	t.Parallel()
	to, _ := withClients(t, "password")
	to.fault.transport = func(next http.RoundTripper) http.RoundTripper {
		return transport(func(r *http.Request) (*http.Response, error) {
			if !strings.HasSuffix(r.URL.Path, "/sessions/logout") {
				return next.RoundTrip(r)
			}
			recorder := httptest.NewRecorder()
			recorder.Header().Set("Content-Type", "application/json")
			_, _ = recorder.WriteString(`{"sessionId":"sessionOfTheSuite","success":true}`)
			return recorder.Result(), nil
		})
	}
	s := newSuite(to)
	if err := s.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []finding{{logoutName, "the session is still listed"}}; !slices.Equal(s.failed, want) {
		t.Errorf("failed: %v, want %v", s.failed, want)
	}
}

func TestLive_logoutIsAskedFor(t *testing.T) {
	t.Parallel()
	asked := map[string]string{"ROCKETCHAT_TEST_LOGOUT": "1", "ROCKETCHAT_TEST_USER": "u", "ROCKETCHAT_TEST_PASSWORD": "p"}
	for missing, refused := range map[string]bool{
		"": false, "ROCKETCHAT_TEST_LOGOUT": false, "ROCKETCHAT_TEST_USER": true, "ROCKETCHAT_TEST_PASSWORD": true,
	} {
		env := maps.Clone(asked)
		delete(env, missing)
		got, err := credentialsOf(func(name string) string { return env[name] })
		if (err != nil) != refused || err != nil && !strings.Contains(err.Error(), missing) {
			t.Errorf("without %q: error %v", missing, err)
		}
		if missing == "" && *got != (credentials{"u", "p"}) || missing != "" && got != nil {
			t.Errorf("without %q: credentials %v", missing, got)
		}
	}
}
