// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// A list shows what no configuration does: arguments that select nothing from it, and rules
// that say nothing about it.

// checkListing reports arguments that the list shows to be wrong, before they select from it.
func (m *sessionsModel) checkListing(list sessionList, listing *rocketchat.Listing, selection *sessions.Arguments) diag.Diagnostics {
	diags := checkClocks(listing.Clocks, "older_than", m.OlderThan)
	diags.Append(checkClocks(listing.Clocks, "newer_than", m.NewerThan)...)
	diags.Append(m.checkBounds(selection, listing)...)
	if !diags.HasError() {
		diags.Append(m.suspectListing(list, listing)...)
	}
	return diags
}

// The workspace deletes a row 45 days after its daily job has counted it
// (Sessions.ts, a TTL index on _computedAt, in 6.14 and 8.6.1), so that no row
// is older than about 46 days.
const daysRemembered = 45

// checkBounds checks the bounds of time after the read.
func (m *sessionsModel) checkBounds(selection *sessions.Arguments, listing *rocketchat.Listing) diag.Diagnostics {
	at := listing.At
	lower, upper := selection.Bounds(at)
	after, from := "logged_in_after", m.LoggedInAfter
	if !m.NewerThan.IsNull() {
		after, from = "newer_than", m.NewerThan
	}
	before, to := "logged_in_before", m.LoggedInBefore
	if !m.OlderThan.IsNull() {
		before, to = "older_than", m.OlderThan
	}
	if lower != nil && upper != nil && !lower.Before(*upper) {
		return diag.Diagnostics{noSessionBetween(after, from, before, to)}
	}
	connectedLater := func(s *sessions.Session) bool { return s.LoginAt != nil && s.LoginAt.After(*lower) }
	if lower != nil && !lower.Before(at) && !slices.ContainsFunc(listing.Sessions, connectedLater) {
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
func checkClocks(conflict *rocketchat.ClockConflict, argument string, configured types.String) diag.Diagnostics {
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
	if conflict.Counted.IsZero() {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "The time of the workspace is unknown", paragraphs(
			fmt.Sprintf("`%s` cannot be counted: a login or the rate limit contradicts every clock.", argument), facts, remedy))}
	}
	why := "by this machine's clock, because a login or the rate limit contradicts the header Date."
	if conflict.Counted.Equal(conflict.Date) {
		why = "by the header Date. If that is wrong, a rule can pass by mistake."
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, "The clocks contradict each other", paragraphs(
		fmt.Sprintf("`%s` is counted from %s, %s", argument, at(conflict.Counted), why), facts, remedy))}
}

// suspectListing warns of a list in which a rule finds nothing, because the workspace
// records nothing, or not what the rule is about.
func (m *sessionsModel) suspectListing(list sessionList, listing *rocketchat.Listing) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case listing.Total == 0 && !m.Search.IsNull():
		diags.AddAttributeWarning(path.Root("search"), "`search` finds no session", paragraphs(
			fmt.Sprintf("The workspace has no session that contains %q, so that a rule about the result passes. The workspace takes the text "+
				"literally, and searches device name, device type, OS name, session ID and user ID, joined without spaces%s: no addresses, hosts "+
				"or versions.", m.Search.ValueString(), strings.ReplaceAll(list.searchReach, "*", "")),
			"Unless you expect none, select with `filter` or `match` instead."))
	case listing.Total == 0 && list.everybody:
		diags.AddAttributeWarning(path.Root("total"), "The workspace lists no session", paragraphs(
			"No user of the workspace has a session, so that every rule passes. The workspace probably does not record any.",
			"Check the setting \"Disable Sessions Monitor\" (Troubleshoot_Disable_Sessions_Monitor, "+menuSettings+" → Troubleshoot): "+
				"if it is on, Rocket.Chat records no sessions."))
	}
	where, ok := firstSet([]placed{
		{path.Root("within_cidrs"), m.WithinCIDRs},
		{path.Root("outside_cidrs"), m.OutsideCIDRs},
		{path.Root("match").AtMapKey(sessions.IP), m.Match.Elements()[sessions.IP]},
		{path.Root("exclude").AtMapKey(sessions.IP), m.Exclude.Elements()[sessions.IP]},
	})
	if address, one := onlyAddress(listing.Sessions); ok && one {
		diags.AddAttributeWarning(where, "All sessions come from one internal address", paragraphs(
			fmt.Sprintf("The workspace reports the address %s for each of the %d sessions that the provider has read, which belong to several "+
				"users. It is probably a reverse proxy's, so that `%s` says nothing about the clients.", address, len(listing.Sessions), where),
			"Set the environment variable HTTP_FORWARDED_COUNT of Rocket.Chat to the number of proxies in front of it. It then "+
				"records the clients' addresses when they connect again."))
	}
	return diags
}

// onlyAddress is the address of all sessions, if it is one that only a proxy can have for
// so many: private or of the machine itself. One public address can be an office's.
func onlyAddress(all []*sessions.Session) (netip.Addr, bool) {
	const enough = 20
	users := make(map[string]bool)
	var only netip.Addr
	for _, session := range all {
		if session.UserID != nil {
			users[*session.UserID] = true
		}
		if session.IP == nil {
			return only, false
		}
		addresses, _ := sessions.ParseAddresses(*session.IP)
		if len(addresses) != 1 || only.IsValid() && addresses[0] != only {
			return only, false
		}
		only = addresses[0]
	}
	return only, len(all) >= enough && len(users) > 1 && (only.IsPrivate() || only.IsLoopback() || only.IsLinkLocalUnicast())
}
