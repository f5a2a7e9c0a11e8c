// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// clocks are how far this machine's clock and the proxy's are ahead of the
// workspace's, which is that of the logins and of the rate limit.
type clocks struct{ machine, proxy time.Duration }

// atTheGateway is a workspace behind a proxy that sets Date by its own clock, and a
// provider on a machine with another. Ann connected quiet ago, Bob 40 days before.
func atTheGateway(t *testing.T, skew clocks, account string, quiet, window time.Duration, config attributes) *server {
	t.Helper()
	machine := clocktest.NewFake(startOfTests().Add(skew.machine))
	w := rocketchattest.New(rocketchattest.Options{
		Clock: machine, ClockSkew: -skew.machine, RateLimit: rocketchattest.RateLimit{Window: window},
		Sessions: []rocketchattest.Session{
			sessionBy("a", "ann", startOfTests().Add(-quiet)), sessionBy("b", "bob", startOfTests().Add(-quiet-40*24*time.Hour)),
		},
	})
	proxy := roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := w.Transport().RoundTrip(r)
		if err == nil {
			resp.Header.Set("Date", machine.Now().Add(skew.proxy-skew.machine).UTC().Format(http.TimeFormat))
		}
		return resp, err
	})
	return configured(t, &workspace{Workspace: w, url: "https://chat.example.invalid", clock: machine}, account, config, WithTransport(proxy))
}

// What a diagnostic says of the clock that counts.
const (
	silent      = ""
	byDate      = "by the header Date"
	byMachine   = "by this machine's clock"
	unknownTime = "cannot be counted"
)

// TestAges_whenClocksContradict: whichever clocks are wrong, an age is counted by
// one that is right, or a diagnostic names the times.
func TestAges_whenClocksContradict(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	const unlimited, limited = "none", "viewonly"
	for _, c := range []struct {
		clocks
		account string
		quiet   time.Duration
		window  time.Duration
		want    string
	}{
		// All are right, to a minute.
		{clocks{}, unlimited, time.Minute, 0, silent},
		{clocks{}, limited, time.Minute, 0, silent},
		{clocks{}, limited, 60 * day, 0, silent},
		{clocks{}, limited, time.Minute, 2 * hour, silent},
		{clocks{machine: time.Minute, proxy: -time.Minute}, limited, time.Second, 0, silent},
		// A machine in CI is wrong: the workspace's Date counts, as promised.
		{clocks{machine: -2 * day}, unlimited, time.Minute, 0, byDate},
		{clocks{machine: 2 * day}, unlimited, time.Minute, 0, byDate},
		{clocks{machine: -2 * day}, limited, time.Minute, 0, byDate},
		{clocks{machine: 2 * day}, limited, time.Minute, 0, byDate},
		{clocks{machine: -3 * time.Minute}, limited, time.Minute, 0, byDate},
		{clocks{machine: 10 * time.Minute}, unlimited, time.Minute, 0, byDate},
		{clocks{machine: -hour}, limited, time.Minute, 2 * hour, byDate},
		{clocks{machine: 2 * day}, limited, 3 * day, 0, byDate},
		// A proxy is behind: a login or the rate limit shows it.
		{clocks{proxy: -60 * day}, unlimited, time.Minute, 0, byMachine},
		{clocks{proxy: -60 * day}, limited, time.Minute, 0, byMachine},
		{clocks{proxy: -60 * day}, limited, 61 * day, 0, byMachine},
		{clocks{proxy: -20 * hour}, limited, time.Minute, 0, byMachine},
		{clocks{proxy: -20 * hour}, limited, 21 * hour, 0, byMachine},
		{clocks{proxy: -20 * hour}, unlimited, time.Minute, 0, byMachine},
		{clocks{proxy: -10 * time.Minute}, unlimited, time.Minute, 0, byMachine},
		// A proxy is ahead: only the rate limit can show it.
		{clocks{proxy: 60 * day}, limited, time.Minute, 0, byMachine},
		{clocks{proxy: 20 * hour}, limited, time.Minute, 0, byMachine},
		{clocks{proxy: 10 * time.Minute}, limited, time.Minute, 0, byMachine},
		{clocks{proxy: 60 * day}, unlimited, time.Minute, 0, byDate},
		// Nothing shows which is right.
		{clocks{proxy: -20 * hour}, unlimited, 21 * hour, 0, byDate},
		// The workspace's own clock is wrong, or both others are.
		{clocks{proxy: -60 * day, machine: -60 * day}, unlimited, time.Minute, 0, unknownTime},
		{clocks{proxy: -60 * day, machine: -60 * day}, limited, time.Minute, 0, unknownTime},
		{clocks{proxy: -hour, machine: -hour}, unlimited, time.Minute, 0, unknownTime},
		{clocks{proxy: hour, machine: hour}, limited, time.Minute, 0, unknownTime},
		{clocks{proxy: -60 * day, machine: 3 * day}, limited, time.Minute, 0, unknownTime},
		{clocks{proxy: 60 * day, machine: -3 * day}, limited, time.Minute, 0, unknownTime},
		{clocks{proxy: -60 * day, machine: -3 * day}, unlimited, time.Minute, 0, unknownTime},
	} {
		for _, kind := range clitest.Few(2, []string{"older_than", "inactive_for", "newer_than", "ephemeral"}) {
			t.Run(fmt.Sprintf("%s, %+v, %s, quiet %s, window %s", kind, c.clocks, c.account, c.quiet, c.window), func(t *testing.T) {
				t.Parallel()
				s := atTheGateway(t, c.clocks, c.account, c.quiet, c.window, nil)
				age := c.quiet + map[string]time.Duration{silent: c.proxy, byDate: c.proxy, byMachine: c.machine}[c.want]
				for bound, older := range map[time.Duration]bool{max(age, 0) + 20*time.Second: false, age - 20*time.Second: true} {
					if bound <= 0 {
						continue
					}
					found, got := readAge(t, s, kind, bound)
					checkConflict(t, c.clocks, c.want, got)
					if c.want != unknownTime && found != (older != (kind == "newer_than")) {
						t.Errorf("Ann, who connected %s ago, is found with a bound of %s: %t", age, bound, found)
					}
				}
			})
		}
	}
}

// TestDiagnostics_refusedCodeBehindAProxy: the proxy's Date agrees with this machine, so that
// nothing but the refusal shows that the workspace's clock is another.
func TestDiagnostics_refusedCodeBehindAProxy(t *testing.T) {
	t.Parallel()
	s := atTheGateway(t, clocks{machine: 5 * time.Minute, proxy: 5 * time.Minute}, "totp", time.Minute, 0,
		attributes{"two_factor": attributes{"totp_secret": rocketchattest.DefaultTOTPSecret}})
	_, got := s.readSessions(t.Context(), t, attributes{})
	wantReport(t, []string{"error at -: Rocket.Chat refused the TOTP code"}, got)
	mustContain(t, details(got),
		"machine's clock says 2023-05-30T12:05:00Z", "Date of the response says 2023-05-30T12:05:0", "proxy, such as nginx")
}

// readAge reports whether Ann is in the result.
func readAge(t *testing.T, s *server, kind string, bound time.Duration) (found bool, got []*tfprotov6.Diagnostic) {
	t.Helper()
	var result map[string]tftypes.Value
	list := "sessions"
	switch kind {
	case "inactive_for":
		list = "users"
		result, got = s.readData(t.Context(), t, usersName, attributes{kind: bound.String()})
	case "ephemeral":
		result, got = s.open(t.Context(), t, attributes{"older_than": bound.String()})
	default:
		result, got = s.readSessions(t.Context(), t, attributes{kind: bound.String()})
	}
	return strings.Contains(result[list].String(), `"ann"`), got
}

// checkConflict wants no diagnostic about the clocks, or one that names both times.
func checkConflict(t *testing.T, skew clocks, want string, got []*tfprotov6.Diagnostic) {
	t.Helper()
	var conflicts []*tfprotov6.Diagnostic
	for _, d := range got {
		if !strings.Contains(d.Summary, "be that old") && !strings.Contains(d.Summary, "omits no session") {
			conflicts = append(conflicts, d)
		}
	}
	if want == silent {
		if len(conflicts) > 0 {
			t.Error(details(conflicts))
		}
		return
	}
	if len(conflicts) != 1 || (conflicts[0].Severity == tfprotov6.DiagnosticSeverityError) != (want == unknownTime) {
		t.Fatalf("%d diagnostics:\n%s", len(conflicts), details(conflicts))
	}
	at := func(ahead time.Duration) string {
		return startOfTests().Add(ahead).Format(time.RFC3339)[:len("2023-05-30T12:00")]
	}
	mustContain(t, details(conflicts), want, "Date of the responses says "+at(skew.proxy), "machine's clock says "+at(skew.machine), "NTP")
}
