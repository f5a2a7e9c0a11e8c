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
	"golang.org/x/sync/errgroup"

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

	UserDeleted types.Bool `tfsdk:"user_deleted"`
}

func (m *workspaceSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	list := workspaceSessions()
	query, diags := m.query(list)
	query.UserDeleted = m.UserDeleted.ValueBoolPointer()
	owners := &accountQuery{accountArguments: m.accountArguments, client: provider.client}
	diags.Append(owners.ask(&query)...)
	diags.Append(m.contradictions()...)
	if !diags.HasError() {
		diags.Append(m.answer(ctx, provider, list, query, owners)...)
	}
	return diags
}

const fewerSessions = "`limit`, with `offset` for the next part; `filter`, `match`, `exclude`, `within_cidrs`, `outside_cidrs`, " +
	"`logged_in_before` or `logged_in_after` for those that a rule is about; or `search`, which also makes the workspace send fewer."

// answer reads the list and the users concurrently, and fills in the results of the
// query.
func (m *sessionsModel) answer(
	ctx context.Context, provider *providerData, list sessionList, query sessions.Query, owners *accountQuery,
) diag.Diagnostics {
	timeout, diags := m.Timeouts.Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := provider.clock.WithTimeout(ctx, timeout)
	defer cancel()

	need := query.Need()
	var listing *rocketchat.Listing
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		listing, err = list.read(provider.client, reading, m.Search.ValueString(), need)
		return err
	})
	group.Go(func() error { return owners.read(reading) })
	if err := group.Wait(); err != nil {
		addReadError(&diags, err, provider, owners)
		return diags
	}
	// The workspace's time is only known from its answers.
	dated := query.AsOf(listing.At)
	diags.Append(checkClocks(listing.Clocks, "older_than", m.OlderThan)...)
	diags.Append(checkClocks(listing.Clocks, "newer_than", m.NewerThan)...)
	dated.ConnectedAfter = listing.ConnectedAfter
	diags.Append(m.checkBounds(dated, listing)...)
	if diags.HasError() {
		return diags
	}
	diags.Append(m.suspectListing(list, listing)...)
	result, problems, err := owners.apply(ctx, dated, listing.Sessions)
	diags.Append(problems...)
	if err != nil {
		addReadError(&diags, err, provider, owners)
	}
	if diags.HasError() {
		return diags
	}
	diags.Append(warningOfReconnected(result.Reconnected)...)
	matched := result.Matched
	if !need.All && dated.After == nil {
		// Only the newest were read, because only offset and limit are set.
		matched = listing.Total
	}
	m.Sessions = resultList(ctx, "sessions", list.fields, result.Sessions, fewerSessions)
	m.Total = types.Int64Value(int64(listing.Total))
	m.Matched = types.Int64Value(int64(matched))
	return diags
}

func addReadError(diags *diag.Diagnostics, err error, provider *providerData, owners *accountQuery) {
	paths := errorPaths{timeoutArgument: path.Root("timeouts").AtName("read"), searchArgument: path.Root("search")}
	paths[usersArgument], _ = owners.firstArgument()
	provider.addError(diags, err, readingList, paths)
}

// query converts the arguments to a query. All values must be known; values that the
// validators refuse are errors here as well.
func (m *sessionsModel) query(list sessionList) (sessions.Query, diag.Diagnostics) {
	match, diags := list.patterns(m.Match, path.Root("match"))
	exclude, problems := list.patterns(m.Exclude, path.Root("exclude"))
	diags.Append(problems...)
	within, problems := networksOf(m.WithinCIDRs, path.Root("within_cidrs"))
	diags.Append(problems...)
	outside, problems := networksOf(m.OutsideCIDRs, path.Root("outside_cidrs"))
	diags.Append(problems...)
	orders, problems := list.orders(m.Sort, path.Root("sort"))
	diags.Append(problems...)
	return sessions.Query{
		Filter: m.Filter.value, Match: match, Exclude: exclude,
		Within: within, Outside: outside,
		After: m.LoggedInAfter.pointer(), Before: m.LoggedInBefore.pointer(),
		OlderThan: m.OlderThan.value, NewerThan: m.NewerThan.value,
		DeviceVersionBelow: m.DeviceBelow.value, OSVersionBelow: m.OSBelow.value,
		BeyondPerUser: intPointer(m.BeyondPerUser),
		Sort:          orders, Offset: toInt(m.Offset), Limit: intPointer(m.Limit),
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
