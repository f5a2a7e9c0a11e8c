// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

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

// read fills in the results.
func (m *workspaceSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	list := workspaceSessions()
	query, diags := m.query(list)
	query.UserDeleted = m.UserDeleted.ValueBoolPointer()
	owners := &accountQuery{accountArguments: m.accountArguments, client: provider.client}
	diags.Append(owners.ask(&query)...)
	if !diags.HasError() {
		diags.Append(m.answer(ctx, provider, list, query, owners)...)
	}
	return diags
}

// validateWorkspaceSessions also validates the arguments of that list.
func validateWorkspaceSessions(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	diags := validateSessions(ctx, config)
	var deleted types.Bool
	var asked accountArguments
	diags.Append(config.GetAttribute(ctx, path.Root("user_deleted"), &deleted)...)
	diags.Append(config.GetAttribute(ctx, path.Root("user_roles"), &asked.UserRoles)...)
	diags.Append(config.GetAttribute(ctx, path.Root("user_types"), &asked.UserTypes)...)
	diags.Append(config.GetAttribute(ctx, path.Root("user_active"), &asked.UserActive)...)
	if where, selects := asked.selector(); selects && deleted.ValueBool() {
		diags.AddAttributeError(where, "No session can match", fmt.Sprintf("`user_deleted` keeps only the sessions of deleted users, "+
			"who have no roles and no type and are neither active nor deactivated. A rule about an empty list always passes: remove `%s` or "+
			"`user_deleted`.", where))
	}
	return diags
}

// validateSessions checks combinations of attributes. Values may be unknown, and
// other attributes may be invalid.
func validateSessions(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var after, before timestamp
	var newer, older age
	diags := config.GetAttribute(ctx, path.Root("logged_in_after"), &after)
	diags.Append(config.GetAttribute(ctx, path.Root("logged_in_before"), &before)...)
	diags.Append(config.GetAttribute(ctx, path.Root("newer_than"), &newer)...)
	diags.Append(config.GetAttribute(ctx, path.Root("older_than"), &older)...)
	if diags.HasError() {
		return diags
	}
	if known(after.StringValue) && known(before.StringValue) && !after.value.Before(before.value) {
		diags.Append(noSessionBetween("logged_in_after", after.ValueString(), "logged_in_before", before.ValueString()))
	}
	if known(newer.StringValue) && known(older.StringValue) && newer.value <= older.value {
		diags.Append(noSessionBetween("newer_than", newer.ValueString(), "older_than", older.ValueString()))
	}
	return diags
}

// noSessionBetween is the error of two bounds with nothing between them.
func noSessionBetween(after, from, before, to string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root(before), "No session can match",
		fmt.Sprintf("No session can have last connected within both bounds, `%s` (%s) and `%s` (%s). "+
			"A rule about an empty list always passes. The bounds may be the wrong way round.", after, from, before, to))
}

// read fills in the results.
func (m *sessionsModel) read(ctx context.Context, provider *providerData, list sessionList) diag.Diagnostics {
	query, diags := m.query(list)
	if !diags.HasError() {
		diags.Append(m.answer(ctx, provider, list, query, &accountQuery{})...)
	}
	return diags
}

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
		m.addReadError(&diags, err, owners)
		return diags
	}
	// The workspace's time is only known from its answers.
	dated := query.AsOf(listing.At)
	diags.Append(m.checkBounds(dated, listing.At)...)
	if diags.HasError() {
		return diags
	}
	result, problems, err := owners.apply(ctx, dated, listing.Sessions)
	diags.Append(problems...)
	if err != nil {
		m.addReadError(&diags, err, owners)
	}
	if diags.HasError() {
		return diags
	}
	matched := result.Matched
	if !need.All && dated.After == nil {
		// Only the newest were read, because only offset and limit are set.
		matched = listing.Total
	}
	m.Sessions = resultList(ctx, "sessions", list.fields, result.Sessions, tooManySessions)
	m.Total = types.Int64Value(int64(listing.Total))
	m.Matched = types.Int64Value(int64(matched))
	return diags
}

// addReadError reports which list failed, that of sessions or that of users.
func (m *sessionsModel) addReadError(diags *diag.Diagnostics, err error, owners *accountQuery) {
	paths := blamePaths{blameTimeout: path.Root("timeouts").AtName("read")}
	if ofUsers, ok := errors.AsType[usersError](err); ok {
		paths[blameUsers], _ = owners.asker()
		addUsersError(diags, ofUsers, paths)
		return
	}
	paths[blameSearch] = path.Root("search")
	addError(diags, err, readingList, paths)
}

// checkBounds checks the bounds of time after the read, whose time by the
// workspace's clock is at.
func (m *sessionsModel) checkBounds(query *sessions.Query, at time.Time) diag.Diagnostics {
	after, from := "logged_in_after", m.LoggedInAfter.StringValue
	if !m.NewerThan.IsNull() {
		after, from = "newer_than", m.NewerThan.StringValue
	}
	before, to := "logged_in_before", m.LoggedInBefore.StringValue
	if !m.OlderThan.IsNull() {
		before, to = "older_than", m.OlderThan.StringValue
	}
	if query.After != nil && query.Before != nil && !query.After.Before(*query.Before) {
		return diag.Diagnostics{noSessionBetween(after, from.ValueString(), before, to.ValueString())}
	}
	return append(
		warnOfForgottenBefore(path.Root(before), query.Before, at),
		warnOfForgottenAfter(path.Root(after), query.After, at)...,
	)
}

// query converts the arguments to a query. All values must be known; values that the
// validators refuse are errors here as well.
func (m *sessionsModel) query(list sessionList) (sessions.Query, diag.Diagnostics) {
	match, diags := list.patternsByField(m.Match, path.Root("match"))
	exclude, problems := list.patternsByField(m.Exclude, path.Root("exclude"))
	diags.Append(problems...)
	within, problems := networksOf(m.WithinCIDRs, path.Root("within_cidrs"))
	diags.Append(problems...)
	outside, problems := networksOf(m.OutsideCIDRs, path.Root("outside_cidrs"))
	diags.Append(problems...)
	orders, problems := list.orders(m.Sort, path.Root("sort"))
	diags.Append(problems...)
	query := sessions.Query{
		Filter: m.Filter.value, Match: match, Exclude: exclude,
		Within: within, Outside: outside,
		After: m.LoggedInAfter.meant(), Before: m.LoggedInBefore.meant(),
		OlderThan: m.OlderThan.value, NewerThan: m.NewerThan.value,
		DeviceVersionBelow: m.DeviceBelow.value, OSVersionBelow: m.OSBelow.value,
		Sort: orders, Offset: toInt(m.Offset),
	}
	if !m.Limit.IsNull() {
		limit := toInt(m.Limit)
		query.Limit = &limit
	}
	if !m.BeyondPerUser.IsNull() {
		kept := toInt(m.BeyondPerUser)
		query.BeyondPerUser = &kept
	}
	return query, diags
}

func toInt(number types.Int64) int { return int(min(number.ValueInt64(), math.MaxInt)) }
