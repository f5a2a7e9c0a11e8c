// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// Terraform drops the misspelled attribute of an object in silence, so the
// provider cannot name it; what goes wrong without it must name the right one.
func TestAccProvider_misspelledSettings(t *testing.T) {
	t.Parallel()
	w := newWorkspace(t, rocketchattest.Options{})
	certificate, key := clitest.NewCertificate(t, "client")
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM([]byte(certificate))
	start := func(config *tls.Config) string {
		s := httptest.NewUnstartedServer(w)
		s.TLS = config
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are meant to fail
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
	secured := start(nil)
	guarded := start(&tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, MinVersion: tls.VersionTLS12})

	for stage, cases := range map[string]map[string]struct {
		url, account, settings string
		want                   []string
	}{
		"before anything is read": {
			"client_certificate_pem": {secured, "none", fmt.Sprintf("tls = { client_certificate_pme = %q, client_key_pem = %q }", certificate, key), []string{`"tls.client_certificate_pem" must be specified`}},
			"client_key_pem":         {secured, "none", fmt.Sprintf("tls = { client_certificate_pem = %q, client_key_pme = %q }", certificate, key), []string{`"tls.client_key_pem" must be specified`}},
		},
		"when the workspace is read": {
			"insecure_skip_verify": {secured, "none", `tls = { insecure_skip_verfy = true }`, []string{"`tls.insecure_skip_verify`"}},
			"ca_certificate_pem":   {secured, "none", fmt.Sprintf("tls = { ca_certifcate_pem = %q }", certificate), []string{"`tls.ca_certificate_pem`"}},
			"both_of_the_client": {
				guarded, "none", fmt.Sprintf("tls = { insecure_skip_verify = true, client_certificate = %q, client_key = %q }", certificate, key),
				[]string{"`tls.client_certificate_pem`", "`tls.client_key_pem`"},
			},
			"totp_secret":  {w.url, "totp", `two_factor = { totp_secrt = "GEZDGNBVGY3TQOJQ" }`, []string{"`two_factor.totp_secret`"}},
			"totp_code":    {w.url, "totp", `two_factor = { cod = "123456" }`, []string{"`two_factor.code`"}},
			"code":         {w.url, "email", `two_factor = { cod = "123456" }`, []string{"`two_factor.code`"}},
			"password":     {w.url, "password", `two_factor = { pasword = "x" }`, []string{"`two_factor.password`"}},
			"method":       {w.url, "email", `two_factor = { methd = "email" }`, []string{"`two_factor.method`"}},
			"method_alone": {w.url, "totp", `two_factor = { method = "totp", totp_secrt = "GEZDGNBVGY3TQOJQ" }`, []string{"`two_factor.totp_secret`"}},
		},
	} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			var config strings.Builder
			for name, c := range cases {
				a := w.Account(c.account)
				fmt.Fprintf(&config, "provider \"rocketchat\" {\n  alias = %q\n  url = %q\n  user_id = %q\n  auth_token = %q\n  max_retries = 0\n  %s\n}\n",
					name, c.url, a.UserID, a.Token, c.settings)
				fmt.Fprintf(&config, "data \"rocketchat_workspace_sessions\" %q {\n  provider = rocketchat.%s\n}\n", name, name)
			}
			cli := newCLI(t, w)
			cli.write("main.tf", config.String())
			output, status := cli.run("plan", "-json")
			if status != 1 {
				t.Fatalf("plan ended with %d:\n%s", status, output)
			}
			for name, c := range cases {
				found := false
				for _, told := range diagnosticsOf(t, output) {
					if !strings.Contains(told.where, fmt.Sprintf("%q", name)) {
						continue
					}
					found = true
					mustContain(t, told.text, c.want...)
				}
				if !found {
					t.Errorf("%s: no error in:\n%s", name, output)
				}
			}
		})
	}
}

type told struct{ where, text string }

// diagnosticsOf are the errors of a command that ran with -json, each with the
// lines of the configuration that it is about.
func diagnosticsOf(t *testing.T, output string) []told {
	t.Helper()
	var all []told
	for line := range strings.Lines(output) {
		var message struct {
			Diagnostic struct {
				Severity, Summary, Detail, Address string
				Snippet                            struct{ Context, Code string }
			}
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			continue // a warning about dev_overrides comes as text
		}
		if d := message.Diagnostic; d.Severity == "error" {
			all = append(all, told{d.Snippet.Context + d.Snippet.Code + fmt.Sprintf("%q", d.Address[strings.LastIndex(d.Address, ".")+1:]), d.Summary + "\n" + d.Detail})
		}
	}
	return all
}
