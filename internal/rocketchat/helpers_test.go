// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// start is when the clock of a test begins: within a second, so that the header
// Date is cut off.
var start = time.Date(2026, 11, 22, 20, 33, 11, 700e6, time.UTC)

var everything = sessions.Need{All: true}

const (
	userAgent   = "terraform-provider-rocketchat/0.0.0-test (+https://example.invalid) Terraform/1.14.0"
	gatewayName = "X-Gateway-Key"
	gatewayKey  = "gateway-key-0123456789"
	authToken   = "canary-token-synthetic-00000000000000000000"
)

// bubble runs a test whose time is turned: it begins at start, stands still while anybody
// works, and jumps when everybody waits.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(start))
		test(t)
	})
}

// each runs a test of every row of a table, in a bubble of its own.
func each[T any](t *testing.T, rows map[string]T, test func(t *testing.T, row T)) {
	t.Helper()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T) { test(t, row) })
		})
	}
}

// eachByRelease does so against every release.
func eachByRelease[T any](t *testing.T, rows map[string]T, test func(t *testing.T, row T, release rocketchattest.Release)) {
	t.Helper()
	for _, release := range releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			each(t, rows, func(t *testing.T, row T) { test(t, row, release) })
		})
	}
}

func byRelease(t *testing.T, test func(t *testing.T, release rocketchattest.Release)) {
	t.Helper()
	eachByRelease(t, map[string]struct{}{"": {}}, func(t *testing.T, _ struct{}, release rocketchattest.Release) { test(t, release) })
}

// newClient is a client whose log is searched for its secrets when the test ends.
func newClient(t *testing.T, transport http.RoundTripper, change ...func(*rocketchat.Config)) *rocketchat.Client {
	t.Helper()
	logged := &logRecorder{}
	config := rocketchat.Config{
		URL: parseURL(t, "https://chat.example.invalid"), UserID: "canaryUser0000000", AuthToken: authToken,
		UserAgent: userAgent, Transport: transport, MaxRetries: rocketchat.DefaultMaxRetries,
		MaxConcurrentRequests: rocketchat.DefaultMaxConcurrentRequests, Logger: slog.New(logged),
		Headers: map[string]string{gatewayName: gatewayKey},
	}
	for _, f := range change {
		f(&config)
	}
	secrets := []string{config.AuthToken, config.TwoFactor.Code, config.TwoFactor.Password}
	secrets = append(secrets, fixedSecrets...)
	t.Cleanup(func() { searchForSecrets(t, "the log", logged.String(), secrets) })
	client, err := rocketchat.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// fixedSecrets are those that tests use beside the token of an account, and
// the SHA-256 of the password.
var fixedSecrets = []string{
	authToken, gatewayKey, rocketchattest.DefaultTOTPSecret, rocketchattest.DefaultPassword, passwordHash,
}

const passwordHash = "17a9a0ffbc59a208af17bd855b892f96eed0e445db3c84634c89d5fec03a5577"

func searchForSecrets(t *testing.T, where, text string, secrets []string) {
	t.Helper()
	for _, secret := range secrets {
		if before, after, found := strings.Cut(text, secret); found && secret != "" {
			t.Errorf("%s holds the secret %q: …%s%s%s…", where, secret,
				before[strings.LastIndexByte(before, '\n')+1:], secret, strings.SplitN(after, "\n", 2)[0])
		}
	}
}

// as asserts that err is a T and shows no secret in its text and fields.
func as[T error](t *testing.T, err error) T {
	t.Helper()
	var want T
	if !errors.As(err, &want) {
		t.Fatalf("got the error %T %v, want a %T", err, err, want)
	}
	searchForSecrets(t, "the error", shown(err), fixedSecrets)
	return want
}

// wantError asserts that err is want in every field, and shows no secret.
func wantError(t *testing.T, err error, want any) {
	t.Helper()
	if !reflect.DeepEqual(any(err), want) {
		wanted, _ := want.(error)
		t.Errorf("got  %s\nwant %s", shown(err), shown(wanted))
	}
	searchForSecrets(t, "the error", shown(err), fixedSecrets)
}

func parseURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := rocketchat.ParseURL(raw)
	if err != nil {
		t.Fatalf("ParseURL(%q): %v", raw, err)
	}
	return u
}

func parseSecret(t *testing.T, raw string) *rocketchat.TOTPSecret {
	t.Helper()
	secret, err := rocketchat.ParseTOTPSecret(raw)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// logRecorder is a slog.Handler that keeps every record as it is, whatever its level.
type logRecorder struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logRecorder) Enabled(context.Context, slog.Level) bool { return true }

func (l *logRecorder) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(&l.text, "%s %s", r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(&l.text, " %s=%v", a.Key, a.Value)
		return true
	})
	l.text.WriteString("\n")
	return nil
}

// WithAttrs and WithGroup are for a client that begins to use them.
func (l *logRecorder) WithAttrs([]slog.Attr) slog.Handler { panic("not recorded") }
func (l *logRecorder) WithGroup(string) slog.Handler      { panic("not recorded") }

func (l *logRecorder) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// farAway delays every request, as a workspace at a distance does.
type farAway struct{ http.RoundTripper }

const distance = 50 * time.Millisecond

func (f farAway) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(distance)
	return f.RoundTripper.RoundTrip(r)
}

type response struct {
	status      int
	contentType string
	header      http.Header
	body        string
	// err is a connection that fails instead.
	err error
}

const applicationJSON = "application/json"

func jsonResponse(status int, body string) response {
	return response{status: status, contentType: applicationJSON, body: body}
}

func (a response) response(r *http.Request) (*http.Response, error) {
	if a.err != nil {
		return nil, a.err
	}
	header := http.Header{"Content-Type": {a.contentType}}
	for name, values := range a.header {
		header[name] = slices.Clone(values)
	}
	return &http.Response{
		StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)),
		ContentLength: -1, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
	}, nil
}

// script responds to requests one after the other, with the last response for ever,
// and keeps what was asked. Its about responds to /api/info.
type script struct {
	responses []response
	about     response

	mu    sync.Mutex
	asked []*http.Request
	infos []*http.Request
}

func play(responses ...response) *script {
	return &script{responses: responses, about: response{status: http.StatusNotFound, contentType: "text/plain", body: "404 Not Found"}}
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.HasSuffix(r.URL.Path, "/api/info") {
		s.infos = append(s.infos, r)
		return s.about.response(r)
	}
	s.asked = append(s.asked, r)
	return s.responses[min(len(s.asked), len(s.responses))-1].response(r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

var emptyList = jsonResponse(http.StatusOK, `{"sessions":[],"total":0,"count":50,"offset":0,"success":true}`)

func account(w *rocketchattest.Workspace, name string) func(*rocketchat.Config) {
	return func(c *rocketchat.Config) {
		a := w.Account(name)
		c.UserID, c.AuthToken = a.UserID, a.Token
	}
}

func twoFactor(f rocketchat.TwoFactor) func(*rocketchat.Config) {
	return func(c *rocketchat.Config) { c.TwoFactor = f }
}

func read(t *testing.T, c *rocketchat.Client) *rocketchat.Listing {
	t.Helper()
	listing, err := c.WorkspaceSessions(t.Context(), "", everything)
	if err != nil {
		t.Fatalf("WorkspaceSessions: %v", err)
	}
	return listing
}

// releases are the ones that a workspace can have; in a short run the oldest and
// the newest, between which everything differs that ever did.
func releases() []rocketchattest.Release {
	all := rocketchattest.Releases()
	if testing.Short() {
		return []rocketchattest.Release{all[0], all[len(all)-1]}
	}
	return all
}

func statuses(w *rocketchattest.Workspace) []int {
	var all []int
	for _, r := range w.Requests() {
		all = append(all, r.Status)
	}
	return all
}

func count(w *rocketchattest.Workspace, status int) (n int) {
	for _, s := range statuses(w) {
		if s == status {
			n++
		}
	}
	return n
}

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
