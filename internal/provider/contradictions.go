// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// Arguments that together select nothing make a rule that always passes, so they are
// errors wherever that can be proved from the configuration.

// nothingMatches is the error at an argument that leaves no row.
func nothingMatches(where path.Path, row, why, instead string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(where, "No "+row+" can match", why+" A rule about an empty list always passes: "+instead)
}

// noSessionBetween is the error of two bounds with nothing between them.
func noSessionBetween(after string, from types.String, before string, to types.String) diag.Diagnostic {
	return nothingMatches(path.Root(before), "session",
		fmt.Sprintf("No session can have last connected within both bounds, `%s` (%s) and `%s` (%s).",
			after, from.ValueString(), before, to.ValueString()),
		"the bounds may be the wrong way round.")
}

// contradictedPatterns are the keys that match and exclude contradict each other about.
func contradictedPatterns(match, exclude patterns, row string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, key := range slices.Sorted(maps.Keys(match)) {
		wanted, omitted := match[key], exclude[key]
		if omitted == nil || wanted.MatchesEverything() || wanted.String() != omitted.String() && !omitted.MatchesEveryText() {
			continue
		}
		at := path.Root("exclude").AtMapKey(key)
		diags.Append(nothingMatches(at, row, fmt.Sprintf("`%s` omits every %s that `%s` selects.", at, row, path.Root("match").AtMapKey(key)),
			"remove one of the two."))
	}
	return diags
}

// contradictions are errors about a selection, which lacks what is unknown or unusable.
func (m *sessionsModel) contradictions(selection *sessions.Arguments) diag.Diagnostics {
	diags := contradictedPatterns(selection.Match, selection.Exclude, "session")
	diags.Append(contradictedNetworks(selection.Within, selection.Outside)...)
	if after, before := selection.After, selection.Before; after != nil && before != nil && !after.Before(*before) {
		diags.Append(noSessionBetween("logged_in_after", m.LoggedInAfter, "logged_in_before", m.LoggedInBefore))
	}
	if newer, older := selection.NewerThan, selection.OlderThan; newer > 0 && older > 0 && newer <= older {
		diags.Append(noSessionBetween("newer_than", m.NewerThan, "older_than", m.OlderThan))
	}
	return diags
}

func contradictedNetworks(within, outside *[]netip.Prefix) diag.Diagnostics {
	where := path.Root("within_cidrs")
	switch {
	case within == nil:
		return nil
	case len(*within) == 0:
		return diag.Diagnostics{nothingMatches(where, "session", "`within_cidrs` is an empty list, and no address is in it.",
			"list the networks, or do not read the sessions if there are none, with `count = length(x) == 0 ? 0 : 1`.")}
	case outside == nil || slices.ContainsFunc(*within, func(network netip.Prefix) bool { return !coveredByOne(network, *outside) }):
		return nil
	default:
		return diag.Diagnostics{nothingMatches(where, "session",
			"Every network of `within_cidrs` is inside a network of `outside_cidrs`.", "remove one of the two.")}
	}
}

// coveredByOne reports whether one of the networks contains another whole network. Unknown
// networks are invalid, and contain and are in none.
func coveredByOne(inner netip.Prefix, networks []netip.Prefix) bool {
	return inner.IsValid() && slices.ContainsFunc(networks, func(outer netip.Prefix) bool {
		return outer.IsValid() && outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
	})
}

// contradictions are those of user_deleted.
func (a *accountArguments) contradictions(fields []sessions.Field, match patterns) diag.Diagnostics {
	var diags diag.Diagnostics
	if !a.UserDeleted.ValueBool() {
		return diags
	}
	if where, selects := a.firstSelector(); selects {
		diags.Append(nothingMatches(where, "session", "`user_deleted` selects only the sessions of deleted users, "+
			"who have no roles and no type and are neither active nor deactivated.", fmt.Sprintf("remove `%s` or `user_deleted`.", where)))
	}
	for _, field := range fields {
		if pattern := match[field.Key]; pattern != nil && !pattern.MatchesEverything() && field.From == sessions.FromUser {
			at := path.Root("match").AtMapKey(field.Key)
			diags.Append(nothingMatches(at, "session", "`user_deleted` selects only the sessions of deleted users, "+
				"whose names the workspace no longer has.", fmt.Sprintf("remove `%s` or `user_deleted`, or select by `user_id`.", at)))
		}
	}
	return diags
}

// doubts are warnings about version bounds without an expression that says of which client or
// system.
func (m *sessionsModel) doubts(selection *sessions.Arguments) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, bound := range []struct {
		argument, key, what string
		written             types.String
		version             *table.Version
	}{
		{"device_version_below", "device_name", "browsers and apps", m.DeviceBelow, selection.DeviceVersionBelow},
		{"os_version_below", "os_name", "operating systems", m.OSBelow, selection.OSVersionBelow},
	} {
		name, set := m.Match.Elements()[bound.key]
		isLater := m.Match.IsUnknown() || set && name.IsUnknown()
		pattern := selection.Match[bound.key]
		isBound := bound.version != nil || bound.written.IsUnknown()
		if !isBound || isLater || pattern != nil && !pattern.MatchesEverything() {
			continue
		}
		diags.AddAttributeWarning(path.Root(bound.argument), "Versions of different "+bound.what+" cannot be compared", fmt.Sprintf(
			"`%s` compares the versions of all %s with one bound, although each counts its own way. Set `%s` in `match`, and one data source "+
				"for each name; an expression such as `.*` says that all are meant.", bound.argument, bound.what, bound.key))
	}
	return diags
}

func (m *usersModel) contradictions(match, exclude patterns) diag.Diagnostics {
	diags := contradictedPatterns(match, exclude, "user")
	const remedy = "remove one of the two."
	if known := knownTexts(m.Types); len(known) > 0 {
		if at := path.Root("match").AtMapKey("type"); match["type"] != nil && !slices.ContainsFunc(known, match["type"].Match) {
			diags.Append(nothingMatches(at, "user", fmt.Sprintf("`%s` matches none of `types`.", at), remedy))
		}
		if at := path.Root("exclude").AtMapKey("type"); allMatch(exclude["type"], known) {
			diags.Append(nothingMatches(at, "user", fmt.Sprintf("`%s` omits all of `types`.", at), remedy))
		}
	}
	if at := path.Root("exclude").AtMapKey(users.KeyRole); allMatch(exclude[users.KeyRole], knownTexts(m.Roles)) {
		diags.Append(nothingMatches(at, "user", fmt.Sprintf("`%s` omits all of `roles`.", at), remedy))
	}
	return diags
}

// knownTexts are the elements of a list of strings; nil if one of them is not known.
func knownTexts(list types.List) []string {
	if list.IsUnknown() || slices.ContainsFunc(list.Elements(), attr.Value.IsUnknown) {
		return nil
	}
	texts, _ := textsOf(list, path.Empty())
	return texts
}

// allMatch reports whether there is an expression, and it matches each of some texts.
func allMatch(pattern *table.Pattern, texts []string) bool {
	return pattern != nil && len(texts) > 0 && !slices.ContainsFunc(texts, func(text string) bool { return !pattern.Match(text) })
}
