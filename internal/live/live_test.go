// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package live_test holds the provider against a workspace of which it knows nothing beforehand:
// "make testlive" against a real one, "make test" against simulated ones of every release. It makes
// its own calls, derives arguments from what they return, and compares what the provider returns. It
// only reads, obeys the rate limit, and says what it could not check.
package live_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
)

// gate is set by "make testlive": the workspace is then the one that the environment names.
const gate = "ROCKETCHAT_TEST_LIVE"

// folderVariable names the folder with the built provider.
const folderVariable = "LIVE_TEST_PROVIDER"

// TestMain builds the provider once, for all tests.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "live-")
	code := 1
	debug.SetGCPercent(400) // suites run side by side, and live for a moment
	if err = errors.Join(err, clitest.BuildProvider("../..", folder), os.Setenv(folderVariable, folder)); err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, os.RemoveAll(folder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// variables are the provider's own.
func variables() []string {
	return []string{
		"ROCKETCHAT_URL", "ROCKETCHAT_USER_ID", "ROCKETCHAT_AUTH_TOKEN", "ROCKETCHAT_TOTP_SECRET", "ROCKETCHAT_PASSWORD",
		"ROCKETCHAT_HEADERS", "ROCKETCHAT_CA_CERTIFICATE",
	}
}

// TestAccLive_workspace runs the whole suite: against the workspace of the environment, or against
// simulated ones.
func TestAccLive_workspace(t *testing.T) {
	t.Parallel()
	if os.Getenv(gate) == "" {
		testReleases(t)
		return
	}
	target, err := targetOfEnvironment(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	target.cli, target.folder, target.say = clitest.Path(t, "../.."), os.Getenv(folderVariable), func(format string, args ...any) {
		fmt.Printf(format+"\n", args...) // at once: t.Log waits for the end
	}
	s := newSuite(*target)
	err = s.run(t.Context())
	fmt.Print(s.String())
	for _, failure := range s.failed {
		t.Error(failure)
	}
	if err := errors.Join(err, s.nothing()); err != nil {
		t.Error(err)
	}
}

// targetOfEnvironment is the workspace that the environment names.
func targetOfEnvironment(getenv func(string) string) (*target, error) {
	env := map[string]string{}
	var missing []string
	for i, name := range variables() {
		value := strings.TrimSpace(getenv(name))
		if env[name] = value; value == "" && i < 3 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("the environment names no workspace: set %s, as for the provider", strings.Join(missing, ", "))
	}
	if headersOf(env["ROCKETCHAT_HEADERS"]) == nil {
		return nil, errors.New("ROCKETCHAT_HEADERS is not a JSON object of texts")
	}
	roots, err := rootsOf(env["ROCKETCHAT_CA_CERTIFICATE"])
	if err != nil {
		return nil, err
	}
	login, err := credentialsOf(getenv)
	if err != nil {
		return nil, err
	}
	security := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return &target{
		env: env, clock: clock.System{}, logout: login, tls: security,
		transport: &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSClientConfig: security.Clone()},
	}, nil
}

// rootsOf are the CA certificates of the machine, and those in a PEM or a file of PEM.
func rootsOf(certificate string) (*x509.CertPool, error) {
	roots, err := x509.SystemCertPool()
	if err != nil || certificate == "" {
		return roots, err
	}
	pem := []byte(certificate)
	if !strings.Contains(certificate, "-----BEGIN") {
		if pem, err = os.ReadFile(certificate); err != nil {
			return nil, err
		}
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("ROCKETCHAT_CA_CERTIFICATE has no certificate")
	}
	return roots, nil
}

// headersOf are the headers for a gateway; nil if the text is not an object of texts.
func headersOf(text string) map[string]string {
	headers := map[string]string{}
	if text != "" && json.Unmarshal([]byte(text), &headers) != nil {
		return nil
	}
	return headers
}

// nothing is an error of a report in which nothing was compared.
func (r *report) nothing() error {
	if len(r.checked) == 0 {
		return errors.New("nothing could be checked")
	}
	return nil
}
