// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// sessionsModel holds the arguments and results of every kind that reads a list
// of sessions.
type sessionsModel struct {
	Filter         types.String `tfsdk:"filter"`
	Match          types.Object `tfsdk:"match"`
	Exclude        types.Object `tfsdk:"exclude"`
	WithinCIDRs    types.List   `tfsdk:"within_cidrs"`
	OutsideCIDRs   types.List   `tfsdk:"outside_cidrs"`
	LoggedInBefore types.String `tfsdk:"logged_in_before"`
	LoggedInAfter  types.String `tfsdk:"logged_in_after"`
	Search         types.String `tfsdk:"search"`
	Sort           types.List   `tfsdk:"sort"`
	Offset         types.Int64  `tfsdk:"offset"`
	Limit          types.Int64  `tfsdk:"limit"`
	Sessions       types.List   `tfsdk:"sessions"`
	Total          types.Int64  `tfsdk:"total"`
	Matched        types.Int64  `tfsdk:"matched"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// validate checks what no single attribute's validator sees. Values may be unknown.
func (m *sessionsModel) validate() diag.Diagnostics {
	var diags diag.Diagnostics
	if !known(m.LoggedInAfter) || !known(m.LoggedInBefore) {
		return diags
	}
	after, errAfter := parseTimestamp(m.LoggedInAfter.ValueString())
	before, errBefore := parseTimestamp(m.LoggedInBefore.ValueString())
	if errAfter == nil && errBefore == nil && !after.Before(before) {
		diags.AddAttributeError(path.Root("logged_in_before"), "No session can match",
			fmt.Sprintf("No login is both after %s (`logged_in_after`) and before %s (`logged_in_before`). A rule on an empty list would always pass; perhaps the two are the wrong way round.",
				m.LoggedInAfter.ValueString(), m.LoggedInBefore.ValueString()))
	}
	return diags
}

// read fills in the results.
func (m *sessionsModel) read(ctx context.Context, provider *providerData, list sessionList) diag.Diagnostics {
	query, diags := m.query()
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
func (m *sessionsModel) query() (sessions.Query, diag.Diagnostics) {
	var diags diag.Diagnostics
	query := sessions.Query{
		Filter:  patternOf(m.Filter, path.Root("filter"), &diags),
		Match:   patternsOf(m.Match, path.Root("match"), &diags),
		Exclude: patternsOf(m.Exclude, path.Root("exclude"), &diags),
		Within:  networksOf(m.WithinCIDRs, path.Root("within_cidrs"), &diags),
		Outside: networksOf(m.OutsideCIDRs, path.Root("outside_cidrs"), &diags),
		After:   timeOf(m.LoggedInAfter, path.Root("logged_in_after"), &diags),
		Before:  timeOf(m.LoggedInBefore, path.Root("logged_in_before"), &diags),
		Sort:    ordersOf(m.Sort),
		Offset:  toInt(m.Offset),
	}
	if !m.Limit.IsNull() {
		limit := toInt(m.Limit)
		query.Limit = &limit
	}
	return query, diags
}

func patternOf(text types.String, where path.Path, diags *diag.Diagnostics) *sessions.Pattern {
	if text.IsNull() {
		return nil
	}
	pattern, err := sessions.CompilePattern(text.ValueString())
	if err != nil {
		diags.AddAttributeError(where, "Unusable regular expression", regularExpressionDetail(where, err))
	}
	return pattern
}

func patternsOf(object types.Object, where path.Path, diags *diag.Diagnostics) map[sessions.Field]*sessions.Pattern {
	patterns := make(map[sessions.Field]*sessions.Pattern)
	for name, value := range object.Attributes() {
		if text, ok := value.(types.String); ok && !text.IsNull() {
			patterns[sessions.Field(name)] = patternOf(text, where.AtName(name), diags)
		}
	}
	return patterns
}

// networksOf tells null, which asks nothing, from a list without elements.
func networksOf(list types.List, where path.Path, diags *diag.Diagnostics) *[]netip.Prefix {
	if list.IsNull() {
		return nil
	}
	prefixes := make([]netip.Prefix, 0, len(list.Elements()))
	for i, element := range list.Elements() {
		text, _ := element.(types.String)
		prefix, err := sessions.ParseNetwork(text.ValueString())
		if err != nil {
			diags.AddAttributeError(where.AtListIndex(i), "Unusable network", fmt.Sprintf("`%s`: %s.", where.AtListIndex(i), err))
			continue
		}
		prefixes = append(prefixes, prefix)
	}
	return &prefixes
}

func timeOf(text types.String, where path.Path, diags *diag.Diagnostics) *time.Time {
	if text.IsNull() {
		return nil
	}
	at, err := parseTimestamp(text.ValueString())
	if err != nil {
		diags.AddAttributeError(where, "Unusable time", fmt.Sprintf("`%s` %s.", where, err))
	}
	return &at
}

func ordersOf(list types.List) []sessions.Order {
	orders := make([]sessions.Order, 0, len(list.Elements()))
	for _, element := range list.Elements() {
		key, _ := textOf(element, "key")
		direction, _ := textOf(element, "direction")
		orders = append(orders, sessions.Order{Key: key, Descending: direction == descending})
	}
	return orders
}

// textOf is the text of an object's attribute, false where there is none yet.
func textOf(value attr.Value, attribute string) (string, bool) {
	object, ok := value.(types.Object)
	if !ok {
		return "", false
	}
	text, ok := object.Attributes()[attribute].(types.String)
	return text.ValueString(), ok && known(text)
}

func toInt(number types.Int64) int { return int(min(number.ValueInt64(), math.MaxInt)) }
