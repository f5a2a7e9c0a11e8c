// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock/clocktest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// A rule about sessions that the workspace has forgotten passes for everybody,
// so a bound that far back gives a warning: by the workspace's clock, in each
// kind, beside a result that is there all the same.
func TestTimeBounds_thatAreForgotten(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	const before, after = "warning at logged_in_before: No session can be that old", "warning at logged_in_after: The bound omits no session"
	for name, c := range map[string]struct {
		// ahead is how far the provider's clock is ahead of the workspace's.
		ahead  time.Duration
		before time.Duration // ago; 0 for none
		after  time.Duration
		want   []string
	}{
		"none":               {want: []string{}},
		"recent":             {before: 30 * day, after: 44 * day, want: []string{}},
		"on the day":         {before: 45*day - time.Minute, want: []string{}},
		"before":             {before: 45*day + time.Minute, want: []string{before}},
		"after":              {after: 60 * day, want: []string{after}},
		"both":               {before: 50 * day, after: 60 * day, want: []string{after, before}},
		"our clock is ahead": {ahead: 10 * day, before: 40 * day, want: []string{}},
		"our clock is slow":  {ahead: -10 * day, before: 50 * day, want: []string{before}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorkspace(t, rocketchattest.Options{Sessions: fourSessions()})
			s := configured(t, w, "none", nil, WithClock(clocktest.NewFake(startOfTests().Add(c.ahead))))
			config := attributes{}
			if c.before != 0 {
				config["logged_in_before"] = startOfTests().Add(-c.before).Format(time.RFC3339)
			}
			if c.after != 0 {
				config["logged_in_after"] = startOfTests().Add(-c.after).Format(time.RFC3339)
			}
			for kind, read := range map[string]func() (map[string]tftypes.Value, []*tfprotov6.Diagnostic){
				"data source": func() (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
					return s.readSessions(t.Context(), t, config)
				},
				"ephemeral resource": func() (map[string]tftypes.Value, []*tfprotov6.Diagnostic) { return s.open(t.Context(), t, config) },
			} {
				result, got := read()
				if diff := cmp.Diff(c.want, report(got)); diff != "" {
					t.Errorf("%s: diagnostics (-want +got):\n%s\n%s", kind, diff, details(got))
				}
				if len(got) > 0 {
					mustContain(t, details(got), "46 days", "Accounts_LoginExpiration")
				}
				if !result["total"].Equal(tftypes.NewValue(tftypes.Number, 4)) {
					t.Errorf("%s: total is %s, want 4", kind, result["total"])
				}
			}
		})
	}
}
