// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// Arguments that together select nothing make a rule that always passes, so they are
// errors wherever that can be proved from the configuration.

// listModel is a model whose arguments can contradict each other.
type listModel interface {
	// arguments points to those that contradict or doubt anything, by name. They are read
	// one by one, so that an unusable one does not hide what is wrong with others.
	arguments() map[string]any
	// contradictions are errors. Values may be unknown, and elements may be unusable, which
	// their validators report.
	contradictions() diag.Diagnostics
	// doubts are warnings.
	doubts() diag.Diagnostics
}

// validate checks combinations of arguments. Terraform validates again before each
// read, when all values are known.
func validate(ctx context.Context, config tfsdk.Config, m model) diag.Diagnostics {
	list, ok := m.(listModel)
	if !ok {
		return nil
	}
	var diags diag.Diagnostics
	arguments := list.arguments()
	for _, name := range slices.Sorted(maps.Keys(arguments)) {
		diags.Append(config.GetAttribute(ctx, path.Root(name), arguments[name])...)
	}
	diags.Append(list.contradictions()...)
	diags.Append(list.doubts()...)
	return diags
}

// nothingMatches is the error at an argument that leaves no row.
func nothingMatches(where path.Path, row, why, instead string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(where, "No "+row+" can match", why+" A rule about an empty list always passes: "+instead)
}

// noSessionBetween is the error of two bounds with nothing between them.
func noSessionBetween(after, from, before, to string) diag.Diagnostic {
	return nothingMatches(path.Root(before), "session",
		fmt.Sprintf("No session can have last connected within both bounds, `%s` (%s) and `%s` (%s).", after, from, before, to),
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

func (m *currentUserSessionsModel) contradictions() diag.Diagnostics {
	return m.sessionsModel.contradictions(currentUserSessions())
}

func (m *currentUserSessionsModel) doubts() diag.Diagnostics {
	return m.sessionsModel.doubts(currentUserSessions())
}

func (m *workspaceSessionsModel) arguments() map[string]any {
	arguments := m.sessionsModel.arguments()
	maps.Copy(arguments, map[string]any{
		"user_roles": &m.UserRoles, "user_permissions": &m.UserPermissions, "user_types": &m.UserTypes,
		"user_active": &m.UserActive, "user_deleted": &m.UserDeleted,
	})
	return arguments
}

func (m *workspaceSessionsModel) contradictions() diag.Diagnostics {
	diags := m.sessionsModel.contradictions(workspaceSessions())
	if !m.UserDeleted.ValueBool() {
		return diags
	}
	if where, selects := m.firstSelector(); selects {
		diags.Append(nothingMatches(where, "session", "`user_deleted` selects only the sessions of deleted users, "+
			"who have no roles and no type and are neither active nor deactivated.", fmt.Sprintf("remove `%s` or `user_deleted`.", where)))
	}
	match, _ := workspaceSessions().patterns(m.Match, path.Root("match"))
	for _, field := range workspaceSessions().fields {
		if pattern := match[field.Key]; pattern != nil && !pattern.MatchesEverything() && field.From == sessions.FromUser {
			at := path.Root("match").AtMapKey(field.Key)
			diags.Append(nothingMatches(at, "session", "`user_deleted` selects only the sessions of deleted users, "+
				"whose names the workspace no longer has.", fmt.Sprintf("remove `%s` or `user_deleted`, or select by `user_id`.", at)))
		}
	}
	return diags
}

func (m *workspaceSessionsModel) doubts() diag.Diagnostics {
	return m.sessionsModel.doubts(workspaceSessions())
}

func (m *sessionsModel) arguments() map[string]any {
	return map[string]any{
		"match": &m.Match, "exclude": &m.Exclude, "within_cidrs": &m.WithinCIDRs, "outside_cidrs": &m.OutsideCIDRs,
		"logged_in_after": &m.LoggedInAfter, "logged_in_before": &m.LoggedInBefore, "newer_than": &m.NewerThan, "older_than": &m.OlderThan,
		"device_version_below": &m.DeviceBelow, "os_version_below": &m.OSBelow,
	}
}

func (m *sessionsModel) contradictions(list sessionList) diag.Diagnostics {
	match, _ := list.patterns(m.Match, path.Root("match"))
	exclude, _ := list.patterns(m.Exclude, path.Root("exclude"))
	diags := contradictedPatterns(match, exclude, "session")
	diags.Append(m.contradictedNetworks()...)
	after, before := m.LoggedInAfter, m.LoggedInBefore
	if known(after.StringValue) && known(before.StringValue) && !after.value.Before(before.value) {
		diags.Append(noSessionBetween("logged_in_after", after.ValueString(), "logged_in_before", before.ValueString()))
	}
	newer, older := m.NewerThan, m.OlderThan
	if known(newer.StringValue) && known(older.StringValue) && newer.value <= older.value {
		diags.Append(noSessionBetween("newer_than", newer.ValueString(), "older_than", older.ValueString()))
	}
	return diags
}

func (m *sessionsModel) contradictedNetworks() diag.Diagnostics {
	where := path.Root("within_cidrs")
	within, _ := networksOf(m.WithinCIDRs, where)
	outside, _ := networksOf(m.OutsideCIDRs, path.Root("outside_cidrs"))
	switch {
	case within == nil || m.WithinCIDRs.IsUnknown():
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

// doubts are version bounds without an expression that says of which client or system.
func (m *sessionsModel) doubts(list sessionList) diag.Diagnostics {
	var diags diag.Diagnostics
	if m.Match.IsUnknown() {
		return diags
	}
	match, _ := list.patterns(m.Match, path.Root("match"))
	for _, bound := range []struct {
		argument, key, what string
		value               version
	}{
		{"device_version_below", "device_name", "browsers and apps", m.DeviceBelow},
		{"os_version_below", "os_name", "operating systems", m.OSBelow},
	} {
		name, set := m.Match.Elements()[bound.key]
		isLater := set && name.IsUnknown()
		if bound.value.IsNull() || isLater || match[bound.key] != nil && !match[bound.key].MatchesEverything() {
			continue
		}
		diags.AddAttributeWarning(path.Root(bound.argument), "Versions of different "+bound.what+" cannot be compared", fmt.Sprintf(
			"`%s` compares the versions of all %s with one bound, although each counts its own way. Set `%s` in `match`, and one data source "+
				"for each name; an expression such as `.*` says that all are meant.", bound.argument, bound.what, bound.key))
	}
	return diags
}

func (m *usersModel) arguments() map[string]any {
	return map[string]any{
		"match": &m.Match, "exclude": &m.Exclude, "roles": &m.Roles, "user_permissions": &m.UserPermissions, "types": &m.Types,
	}
}

func (m *usersModel) contradictions() diag.Diagnostics {
	match, _ := userPatterns(m.Match, path.Root("match"))
	exclude, _ := userPatterns(m.Exclude, path.Root("exclude"))
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

func (m *usersModel) doubts() diag.Diagnostics { return nil }

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
