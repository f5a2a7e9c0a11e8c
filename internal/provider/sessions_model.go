// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// sessionList is one of the two lists of the API, described by the differences that
// users see.
type sessionList struct {
	// fields are those of a session; filter, match, exclude and sort use the fields
	// that have a key.
	fields []sessions.Field
	// searchReach names the other fields that the workspace's own search covers.
	searchReach string
	// everybody says that the sessions are those of all users, of which there are some;
	// emptyList continues the description of their number.
	everybody bool
	emptyList string
	read      func(*rocketchat.Client, context.Context, string, sessions.Need) (*rocketchat.Listing, error)
}

// workspaceSessions is the list of the sessions of all users.
func workspaceSessions() sessionList {
	return sessionList{
		fields:      sessions.Fields(),
		searchReach: ", and in the username, name or nickname of **at most five** active users",
		everybody:   true,
		emptyList:   " `0` without `search` causes a warning: the workspace probably records no sessions.",
		read:        (*rocketchat.Client).WorkspaceSessions,
	}
}

// currentUserSessions is the list of the token's own user, which its rows do not name.
func currentUserSessions() sessionList {
	return sessionList{fields: sessions.OwnFields(), read: (*rocketchat.Client).OwnSessions}
}

// matchKeys are the keys of match and exclude.
func (l sessionList) matchKeys() []string { return table.MatchKeys(l.fields) }

// sortKeys are the keys of sort.
func (l sessionList) sortKeys() []string { return table.SortKeys(l.fields) }

// matchedPaths are where the texts that filter looks at stand in the session
// object.
func (l sessionList) matchedPaths() []string {
	var paths []string
	for _, field := range table.Matchable(l.fields) {
		paths = append(paths, field.Path)
	}
	return paths
}

// sessionsModel contains the arguments and results that all lists of sessions share.
type sessionsModel struct {
	Filter         regularExpression `tfsdk:"filter"`
	Match          types.Map         `tfsdk:"match"`
	Exclude        types.Map         `tfsdk:"exclude"`
	WithinCIDRs    types.List        `tfsdk:"within_cidrs"`
	OutsideCIDRs   types.List        `tfsdk:"outside_cidrs"`
	LoggedInBefore timestamp         `tfsdk:"logged_in_before"`
	LoggedInAfter  timestamp         `tfsdk:"logged_in_after"`
	OlderThan      age               `tfsdk:"older_than"`
	NewerThan      age               `tfsdk:"newer_than"`
	DeviceBelow    version           `tfsdk:"device_version_below"`
	OSBelow        version           `tfsdk:"os_version_below"`
	BeyondPerUser  types.Int64       `tfsdk:"beyond_per_user"`
	Search         types.String      `tfsdk:"search"`
	Sort           types.List        `tfsdk:"sort"`
	Offset         types.Int64       `tfsdk:"offset"`
	Limit          types.Int64       `tfsdk:"limit"`
	Sessions       types.List        `tfsdk:"sessions"`
	Total          types.Int64       `tfsdk:"total"`
	Matched        types.Int64       `tfsdk:"matched"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// workspaceSessionsModel adds the arguments of the list of all users.
type workspaceSessionsModel struct {
	sessionsModel
	accountArguments
}

// selection converts the arguments. All values must be known; values that the validators
// refuse are errors here as well.
func (m *sessionsModel) selection(list sessionList, by *accountArguments) (sessions.Arguments, diag.Diagnostics) {
	match, diags := list.patterns(m.Match, path.Root("match"))
	exclude, problems := list.patterns(m.Exclude, path.Root("exclude"))
	diags.Append(problems...)
	within, problems := networksOf(m.WithinCIDRs, path.Root("within_cidrs"))
	diags.Append(problems...)
	outside, problems := networksOf(m.OutsideCIDRs, path.Root("outside_cidrs"))
	diags.Append(problems...)
	orders, problems := list.orders(m.Sort, path.Root("sort"))
	diags.Append(problems...)
	return sessions.Arguments{
		Filter: m.Filter.value, Match: match, Exclude: exclude,
		Within: within, Outside: outside,
		After: m.LoggedInAfter.pointer(), Before: m.LoggedInBefore.pointer(),
		OlderThan: m.OlderThan.value, NewerThan: m.NewerThan.value,
		DeviceVersionBelow: m.DeviceBelow.value, OSVersionBelow: m.OSBelow.value,
		UserDeleted: by.UserDeleted.ValueBoolPointer(), BeyondPerUser: intPointer(m.BeyondPerUser),
		Sort: orders, Offset: toInt(m.Offset), Limit: intPointer(m.Limit),
	}, diags
}

func toInt(number types.Int64) int { return int(min(number.ValueInt64(), math.MaxInt)) }

// intPointer returns nil for null.
func intPointer(number types.Int64) *int {
	if number.IsNull() {
		return nil
	}
	return new(toInt(number))
}
