// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// The workspace deletes a row 45 days after its daily job has counted it
// (Sessions.ts, a TTL index on _computedAt, in 6.14 and 8.6.1), so that no row
// is older than about 46 days.
const daysRemembered = 45

// noSessionBetween is the error of two bounds with nothing between them.
func noSessionBetween(after, from, before, to string) diag.Diagnostic {
	return nothingMatches(path.Root(before), "session",
		fmt.Sprintf("No session can have last connected within both bounds, `%s` (%s) and `%s` (%s).", after, from, before, to),
		"the bounds may be the wrong way round.")
}

// checkBounds checks the bounds of time after the read.
func (m *sessionsModel) checkBounds(selection *sessions.Arguments, listing *rocketchat.Listing) diag.Diagnostics {
	at := listing.At
	lower, upper := selection.Bounds(at)
	after, from := "logged_in_after", m.LoggedInAfter.StringValue
	if !m.NewerThan.IsNull() {
		after, from = "newer_than", m.NewerThan.StringValue
	}
	before, to := "logged_in_before", m.LoggedInBefore.StringValue
	if !m.OlderThan.IsNull() {
		before, to = "older_than", m.OlderThan.StringValue
	}
	if lower != nil && upper != nil && !lower.Before(*upper) {
		return diag.Diagnostics{noSessionBetween(after, from.ValueString(), before, to.ValueString())}
	}
	if lower != nil && !lower.Before(at) && !slices.ContainsFunc(listing.Sessions, connectedAfter(*lower)) {
		return diag.Diagnostics{nothingMatches(path.Root(after), "session", fmt.Sprintf(
			"`%s` is %s, a time that the workspace's clock has not reached: it says %s.", after, from.ValueString(), at.UTC().Format(time.RFC3339)),
			"set an earlier time. In `timeadd(plantimestamp(), …)`, the duration of a time in the past begins with a minus, such as \"-24h\".")}
	}
	return append(
		warnIfForgotten(path.Root(before), upper, at, "No session can be that old",
			"selects the sessions that last connected before", "A rule about these sessions always passes, whoever has a token."),
		warnIfForgotten(path.Root(after), lower, at, "The bound omits no session",
			"omits the sessions that last connected until", "The result is the same without the bound.")...,
	)
}

func connectedAfter(bound time.Time) func(*sessions.Session) bool {
	return func(s *sessions.Session) bool { return s.LoginAt != nil && s.LoginAt.After(bound) }
}

// warnIfForgotten warns of a bound further back than what the workspace remembers. A
// nil bound is none; now is the workspace's time.
func warnIfForgotten(where path.Path, bound *time.Time, now time.Time, summary, does, consequence string) diag.Diagnostics {
	if bound == nil || !bound.Before(now.Add(-daysRemembered*24*time.Hour)) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, summary, paragraphs(
		fmt.Sprintf("`%s` %s %s, more than %d days ago. The workspace deletes a session 45 days after it has counted it, which is "+
			"within a day of the connection, so no session is older than about 46 days. %s",
			where, does, bound.UTC().Format(time.RFC3339), daysRemembered, consequence),
		"Set a bound within the last 45 days. The list does not show how long a token remains valid without a "+
			"connection: check the setting \"Login Expiration in Days\" (Accounts_LoginExpiration, "+menuSettings+" → Accounts), after which "+
			"the workspace refuses the token.",
	))}
}

// checkClocks reports that an age was counted although the clocks contradict each
// other, or cannot be counted because every clock is contradicted.
func checkClocks(conflict *rocketchat.ClockConflict, argument string, configured age) diag.Diagnostics {
	if conflict == nil || configured.IsNull() {
		return nil
	}
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	facts := fmt.Sprintf("This machine's clock says %s, and the newest login of the list is at %s.",
		at(conflict.Machine), at(conflict.NewestLogin))
	if !conflict.Date.IsZero() {
		facts = fmt.Sprintf("The header Date of the responses says %s. %s", at(conflict.Date), facts)
	}
	if !conflict.Reset.IsZero() {
		facts += fmt.Sprintf(" The rate limit ends its window at %s, by the workspace's own clock.", at(conflict.Reset))
	}
	const remedy = "A proxy in front of the workspace, such as nginx, sets Date by its own clock. Synchronize the clocks of the workspace, " +
		"of the proxy and of this machine with NTP."
	where := path.Root(argument)
	switch conflict.Counted {
	case time.Time{}:
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "The time of the workspace is unknown", paragraphs(
			fmt.Sprintf("`%s` cannot be counted: a login or the rate limit contradicts every clock.", argument), facts, remedy))}
	case conflict.Date:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, "The clocks contradict each other", paragraphs(
			fmt.Sprintf("`%s` is counted from %s, by the header Date. If that is wrong, a rule can pass by mistake.",
				argument, at(conflict.Counted)), facts, remedy))}
	default:
		return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, "The clocks contradict each other", paragraphs(
			fmt.Sprintf("`%s` is counted from %s, by this machine's clock, because a login or the rate limit contradicts the header Date.",
				argument, at(conflict.Counted)), facts, remedy))}
	}
}
