// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

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
	where, ok := m.networkArgument()
	if address, one := onlyAddress(listing.Sessions); ok && one {
		diags.AddAttributeWarning(where, "All sessions come from one internal address", paragraphs(
			fmt.Sprintf("The workspace reports the address %s for each of the %d sessions that the provider has read, which belong to several "+
				"users. It is probably a reverse proxy's, so that `%s` says nothing about the clients.", address, len(listing.Sessions), where),
			"Set the environment variable HTTP_FORWARDED_COUNT of Rocket.Chat to the number of proxies in front of it. It then "+
				"records the clients' addresses when they connect again."))
	}
	return diags
}

// networkArgument is the path of the first argument about addresses that is set.
func (m *sessionsModel) networkArgument() (path.Path, bool) {
	for _, argument := range []struct {
		where path.Path
		set   bool
	}{
		{path.Root("within_cidrs"), !m.WithinCIDRs.IsNull()},
		{path.Root("outside_cidrs"), !m.OutsideCIDRs.IsNull()},
		{path.Root("match").AtMapKey(sessions.IP), hasKey(m.Match, sessions.IP)},
		{path.Root("exclude").AtMapKey(sessions.IP), hasKey(m.Exclude, sessions.IP)},
	} {
		if argument.set {
			return argument.where, true
		}
	}
	return path.Empty(), false
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

func hasKey(m types.Map, key string) bool {
	value, ok := m.Elements()[key]
	return ok && !value.IsNull()
}
