// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// TestRun_servesUntilInterrupted starts the command as a user does, reads what
// it prints, calls it with what it printed, and interrupts it.
func TestRun_servesUntilInterrupted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	urlFile, envFile := filepath.Join(folder, "url"), filepath.Join(folder, "env")
	if err := os.WriteFile(envFile, []byte("old"), 0o644); err != nil { //nolint:gosec // its mode is what is tested
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	reader, writer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{
			"-listen", "127.0.0.1:0", "-sessions", "120", "-url-file", urlFile, "-env-file", envFile,
		}, writer, io.Discard)
		_ = writer.Close()
	}()

	lines := bufio.NewScanner(reader)
	if !lines.Scan() {
		t.Fatalf("the command printed nothing: %v", <-ended)
	}
	url := lines.Text()
	variables := map[string]string{}
	for len(variables) < 4 && lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			t.Fatalf("line %q is no export", lines.Text())
		}
		variables[name] = strings.Trim(value, "'")
	}
	if variables["ROCKETCHAT_URL"] != url {
		t.Errorf("ROCKETCHAT_URL is %q, the first line %q", variables["ROCKETCHAT_URL"], url)
	}

	if total := callList(t, variables); total != 120 {
		t.Errorf("total is %d, want 120", total)
	}
	checkFile(t, urlFile, url+"\n")
	checkFile(t, envFile, environmentOf(variables))
	info, err := os.Stat(envFile)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("%s has mode %o, want 600", envFile, mode)
	}

	interrupt()
	if err := <-ended; err != nil {
		t.Errorf("interrupted: %v", err)
	}
}

func callList(t *testing.T, variables map[string]string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		variables["ROCKETCHAT_URL"]+"/api/v1/sessions/list.all?count=1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	account := rocketchattest.Account{TOTPSecret: variables["ROCKETCHAT_TOTP_SECRET"]}
	request.Header.Set("X-User-Id", variables["ROCKETCHAT_USER_ID"])
	request.Header.Set("X-Auth-Token", variables["ROCKETCHAT_AUTH_TOKEN"])
	request.Header.Set("X-2fa-Code", account.TOTP(time.Now()))
	request.Header.Set("X-2fa-Method", "totp")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // read to its end
	var list struct{ Total int }
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("X-RateLimit-Remaining"); got != "9" {
		t.Errorf("X-RateLimit-Remaining is %q, want 9", got)
	}
	return list.Total
}

func environmentOf(variables map[string]string) string {
	var b strings.Builder
	for _, name := range []string{
		"ROCKETCHAT_URL", "ROCKETCHAT_USER_ID", "ROCKETCHAT_AUTH_TOKEN", "ROCKETCHAT_TOTP_SECRET",
	} {
		b.WriteString("export " + name + "='" + variables[name] + "'\n")
	}
	return b.String()
}

func checkFile(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, want %q", name, got, want)
	}
}

func TestRun_refusesWhatMeansNothing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ arguments, says string }{
		{"-release 7.0", "-release 7.0: want one of 6.14, "},
		{"-rate-limit maybe", "-rate-limit maybe: want on or off"},
		{"-rate-limit-calls 0", "-rate-limit-calls 0: want at least 1"},
		{"-rate-limit-window 1us", "-rate-limit-window 1µs: want at least 1ms"},
		{"-sessions -1", "-sessions -1: want 0 or more"},
		{"-users -1", "-users -1: want 0 or more"},
		{"-account nobody", "-account nobody: want one of none, totp"},
		{"-reconnect 3", "want 0.001 to 1000 per page or per second, such as 3/page"},
		{"-reconnect 3/hour", "want 0.001 to 1000"},
		{"-reconnect -1/s", "want 0.001 to 1000"},
		{"-reconnect 0/s", "want 0.001 to 1000"},
		{"-reconnect NaN/page", "want 0.001 to 1000"},
		{"-reconnect 1001/page", "want 0.001 to 1000"},
		{"-reconnect 1/page,2/page", "want 0.001 to 1000"},
		{"-reconnect 1/page,", "want 0.001 to 1000"},
		{"-setting Accounts_RegistrationForm", "want ID=VALUE"},
		{"-setting Accounts_LoginExpiration=never", "want a value like 90"},
		{"-setting Accounts_EmailVerification=1", "want a value like false"},
		{"-setting Accounts_LoginExpiry=30", "release 8.6.1 has no setting Accounts_LoginExpiry"},
		{"-setting API_Upper_Count_Limit=10", "its value follows from the other flags"},
		{"-listen 127.0.0.1:port", "unknown port"},
		{"extra", "unexpected argument \"extra\""},
		{"-nonsense", "not defined"},
	} {
		t.Run(test.arguments, func(t *testing.T) {
			t.Parallel()
			err := run(t.Context(), strings.Fields(test.arguments), io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("error is %v, want one that says %q", err, test.says)
			}
		})
	}
}

func TestHelp_namesAccountsAndReleases(t *testing.T) {
	t.Parallel()
	var help strings.Builder
	if err := run(t.Context(), []string{"-h"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h ends with %v", err)
	}
	want := []string{"viewtotp", "deviceonly", "-users number"}
	for _, release := range rocketchattest.Releases() {
		want = append(want, string(release))
	}
	for _, name := range want {
		if !strings.Contains(help.String(), name) {
			t.Errorf("help does not name %s:\n%s", name, help.String())
		}
	}
}

func TestParse_turnsFlagsIntoOptions(t *testing.T) {
	t.Parallel()
	s, err := parse(strings.Fields(
		"-release 6.14 -sessions 5 -users 9 -seed 7 -rate-limit off -rate-limit-calls 3 -rate-limit-window 4s -license=false -missing-ids "+
			"-reconnect 3/page,0.7/s -setting Accounts_LoginExpiration=30 -setting Accounts_RegistrationForm=Disabled "+
			"-setting Accounts_TwoFactorAuthentication_Enabled=false",
	), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	got := s.workspace
	if got.Release != rocketchattest.Release614 || got.Synthetic != 5 || got.SyntheticUsers != 9 || got.Seed != 7 || !got.NoLicense || !got.MissingIDs {
		t.Errorf("options are %+v", got)
	}
	if want := map[string]any{"Accounts_LoginExpiration": 30.0, "Accounts_RegistrationForm": "Disabled"}; !maps.Equal(got.SettingValues, want) || !got.TwoFactorOff {
		t.Errorf("settings are %v, want %v, and the second factor is off: %t", got.SettingValues, want, got.TwoFactorOff)
	}
	if want := (rocketchattest.Reconnections{PerPage: 3, PerSecond: 0.7}); got.Reconnections != want {
		t.Errorf("reconnections are %+v, want %+v", got.Reconnections, want)
	}
	if want := (rocketchattest.RateLimit{Off: true, Calls: 3, Window: 4 * time.Second}); got.RateLimit != want {
		t.Errorf("rate limit is %+v, want %+v", got.RateLimit, want)
	}
}

// TestHelp_readmeDocumentsEveryFlag compares the page with what -h prints.
func TestHelp_readmeDocumentsEveryFlag(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var help strings.Builder
	_, _ = parse([]string{"-h"}, &help)
	var flags []string
	for line := range strings.Lines(help.String()) {
		if name, ok := strings.CutPrefix(line, "  -"); ok {
			flags = append(flags, strings.Fields(name)[0])
		}
	}
	if len(flags) < 10 {
		t.Fatalf("-h lists %v:\n%s", flags, help.String())
	}
	for _, name := range flags {
		if !strings.Contains(string(readme), "| `-"+name) {
			t.Errorf("README.md has no row for -%s", name)
		}
	}
}
