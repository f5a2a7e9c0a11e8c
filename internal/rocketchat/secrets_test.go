// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// echoes are servers and gateways that send back what they were sent. The text
// holds every header of the request.
var echoes = map[string]func(text string) response{
	"error":            func(s string) response { return jsonResponse(400, object(map[string]string{"error": s})) },
	"error of a login": func(s string) response { return jsonResponse(401, object(map[string]string{"message": s})) },
	"error type": func(s string) response {
		return jsonResponse(400, object(map[string]string{"errorType": s, "error": "no"}))
	},
	"error in brackets": func(s string) response {
		return jsonResponse(400, object(map[string]string{"error": "no [" + s + "]"}))
	},
	"brackets in a text": func(s string) response {
		return response{status: 400, contentType: "text/plain", body: "no [" + s + "]"}
	},
	"text":               func(s string) response { return response{status: 400, contentType: "text/plain", body: s} },
	"text, server error": func(s string) response { return response{status: 500, contentType: "text/plain", body: s} },
	"page":               func(s string) response { return response{status: 502, contentType: "text/html", body: "<pre>" + s} },
	"page with 200":      func(s string) response { return response{status: 200, contentType: "text/html", body: "<pre>" + s} },
	"content type":       func(s string) response { return response{status: 404, contentType: s, body: "not found"} },
	"success:false":      func(s string) response { return jsonResponse(200, `{"success":false,"error":`+quote(s)+`}`) },
	"demanded method":    func(s string) response { return demand(`"method":` + quote(s)) },
	"available methods":  func(s string) response { return demand(`"method":"totp","availableMethods":[` + quote(s) + `]`) },
	"mail address": func(s string) response {
		return demand(`"method":"email","codeGenerated":true,"emailOrUsername":` + quote(s))
	},
	"login time":          func(s string) response { return jsonResponse(200, `{"sessions":[{"loginAt":`+quote(s)+`}],"total":1}`) },
	"JSON that is broken": func(s string) response { return jsonResponse(400, `{"error":`+quote(s)) },
	"connection":          func(s string) response { return response{err: errors.New("malformed header " + s)} },
	"redirect within":     func(s string) response { return redirect(302, "/x?"+s) },
	"redirect away":       func(s string) response { return redirect(302, "https://user:pass@evil.invalid/"+s+"?"+s) },
	"redirect to nowhere": func(s string) response { return redirect(302, "https://evil.invalid:"+s) },
	"too many requests": func(s string) response {
		return response{status: 429, contentType: "text/plain", body: s, header: http.Header{"Retry-After": {s}}}
	},
}

// object is a refusal with those fields.
func object(fields map[string]string) string {
	text, _ := json.Marshal(fields)
	return `{"success":false,` + string(text[1:])
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func demand(details string) response {
	return jsonResponse(400, `{"success":false,"error":"TOTP Required [totp-required]","errorType":"totp-required","details":{`+details+`}}`)
}

// TestSecrets_noneComesBack has the server echo each request's headers in every
// place that an error or a log line is made from.
func TestSecrets_noneComesBack(t *testing.T) {
	t.Parallel()
	secret := rocketchat.TwoFactor{TOTP: parseSecret(t, rocketchattest.DefaultTOTPSecret)}
	factors := []rocketchat.TwoFactor{
		secret, withPassword, {Code: "one-time-code-4711"}, {TOTP: secret.TOTP, Password: rightPassword, Code: "one-time-code-4711"},
	}
	each(t, echoes, func(t *testing.T, echo func(string) response) {
		for _, factor := range factors {
			secrets := []string{authToken, gatewayKey, factor.Code, factor.Password}
			if factor.TOTP != nil {
				secrets = append(secrets, rocketchattest.DefaultTOTPSecret)
			}
			gateway := roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Header.Get("X-Auth-Token") == "" {
					return jsonResponse(200, `{"version":`+quote("8.6 "+strings.Join(secrets, " "))+`}`).response(r)
				}
				code := r.Header.Get("X-2fa-Code")
				secrets = append(secrets, code)
				return echo(authToken + " " + gatewayKey + " " + code).response(r)
			})
			logged := &logRecorder{}
			client := newClient(t, gateway, twoFactor(factor), func(c *rocketchat.Config) { c.Logger = slog.New(logged) })
			_, listErr := client.WorkspaceSessions(t.Context(), "", everything)
			if listErr == nil {
				t.Error("no error")
			}
			_, infoErr := client.WorkspaceSession(t.Context(), "some-session")
			for _, err := range []error{listErr, infoErr, client.Logout(t.Context(), "some-session")} {
				searchForSecrets(t, "the error", shown(err), secrets)
			}
			searchForSecrets(t, "the log", logged.String(), secrets)
			if !strings.Contains(logged.String(), "request failed") {
				t.Errorf("the log says nothing about it: %s", logged)
			}
		}
	})
}

// shown is what may be seen of an error: its text, and the exported fields of
// it and of what it wraps.
func shown(err error) string {
	var b strings.Builder
	for ; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintln(&b, err)
		if v := reflect.ValueOf(err); v.Kind() == reflect.Pointer && strings.HasPrefix(v.Type().String(), "*rocketchat.") {
			fmt.Fprintf(&b, "%+v\n", v.Elem().Interface())
		}
	}
	return b.String()
}

// TestSecrets_oneThatContainsAnother is replaced whole.
func TestSecrets_oneThatContainsAnother(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T) {
		const short, long = "secret-part", "secret-part-and-more"
		for _, token := range []string{short, long} {
			other := map[string]string{short: long, long: short}[token]
			server := play(jsonResponse(400, object(map[string]string{"error": "you sent " + long + " and " + short + "."})))
			client := newClient(t, server, func(c *rocketchat.Config) {
				c.AuthToken, c.Headers = token, map[string]string{"X-Other": other}
			})
			_, err := client.WorkspaceSessions(t.Context(), "", everything)
			got := as[*rocketchat.ResponseError](t, err)
			if want := "you sent (redacted) and (redacted)."; got.Message != want {
				t.Errorf("Message = %q, want %q", got.Message, want)
			}
		}
	})
}
