// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// sessionsModel holds the arguments and results of every kind that reads a list
// of sessions.
type sessionsModel struct {
	Filter         regularExpression `tfsdk:"filter"`
	Match          types.Map         `tfsdk:"match"`
	Exclude        types.Map         `tfsdk:"exclude"`
	WithinCIDRs    types.List        `tfsdk:"within_cidrs"`
	OutsideCIDRs   types.List        `tfsdk:"outside_cidrs"`
	LoggedInBefore timestamp         `tfsdk:"logged_in_before"`
	LoggedInAfter  timestamp         `tfsdk:"logged_in_after"`
	Search         types.String      `tfsdk:"search"`
	Sort           types.List        `tfsdk:"sort"`
	Offset         types.Int64       `tfsdk:"offset"`
	Limit          types.Int64       `tfsdk:"limit"`
	Sessions       types.List        `tfsdk:"sessions"`
	Total          types.Int64       `tfsdk:"total"`
	Matched        types.Int64       `tfsdk:"matched"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// validateSessions checks what no single attribute's validator sees. Values may
// be unknown, and others than the two may be unusable.
func validateSessions(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	var after, before timestamp
	diags := config.GetAttribute(ctx, path.Root("logged_in_after"), &after)
	diags.Append(config.GetAttribute(ctx, path.Root("logged_in_before"), &before)...)
	if !diags.HasError() && known(after.StringValue) && known(before.StringValue) && !after.value.Before(before.value) {
		diags.AddAttributeError(path.Root("logged_in_before"), "No session can match",
			fmt.Sprintf("No session was last connected both after %s (`logged_in_after`) and before %s (`logged_in_before`). "+
				"A rule on an empty list would always pass; perhaps the two are the wrong way round.",
				after.ValueString(), before.ValueString()))
	}
	return diags
}

// read fills in the results.
func (m *sessionsModel) read(ctx context.Context, provider *providerData, list sessionList) diag.Diagnostics {
	query, diags := m.query(list)
	timeout, problems := m.Timeouts.Read(ctx, defaultReadTimeout)
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := provider.clock.WithTimeout(ctx, timeout)
	defer cancel()

	need := query.Need()
	listing, err := list.read(provider.client, ctx, m.Search.ValueString(), need)
	if err != nil {
		addError(&diags, err, readingList, blamePaths{
			blameTimeout: path.Root("timeouts").AtName("read"),
			blameSearch:  path.Root("search"),
		})
		return diags
	}
	// Only the answers have told the workspace's time.
	now := provider.client.Now()
	diags.Append(warnOfForgottenBefore(path.Root("logged_in_before"), m.LoggedInBefore.meant(), now)...)
	diags.Append(warnOfForgottenAfter(path.Root("logged_in_after"), m.LoggedInAfter.meant(), now)...)
	result := query.Apply(listing.Sessions)
	matched := result.Matched
	if !need.All && need.After == nil {
		// Only the newest were read, and nothing but offset and limit was asked.
		matched = listing.Total
	}
	m.Sessions = list.result(ctx, "sessions", result.Sessions)
	m.Total = types.Int64Value(int64(listing.Total))
	m.Matched = types.Int64Value(int64(matched))
	return diags
}

// query says what the arguments ask for. All values must be known; what the
// validators refuse is an error here as well.
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
		Sort: orders, Offset: toInt(m.Offset),
	}
	if !m.Limit.IsNull() {
		limit := toInt(m.Limit)
		query.Limit = &limit
	}
	return query, diags
}

func toInt(number types.Int64) int { return int(min(number.ValueInt64(), math.MaxInt)) }
