// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"

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

// sessionsModel contains the arguments and results that all lists of sessions share.
type sessionsModel struct {
	Filter         types.String `tfsdk:"filter"`
	Match          types.Map    `tfsdk:"match"`
	Exclude        types.Map    `tfsdk:"exclude"`
	WithinCIDRs    types.List   `tfsdk:"within_cidrs"`
	OutsideCIDRs   types.List   `tfsdk:"outside_cidrs"`
	LoggedInBefore types.String `tfsdk:"logged_in_before"`
	LoggedInAfter  types.String `tfsdk:"logged_in_after"`
	OlderThan      types.String `tfsdk:"older_than"`
	NewerThan      types.String `tfsdk:"newer_than"`
	DeviceBelow    types.String `tfsdk:"device_version_below"`
	OSBelow        types.String `tfsdk:"os_version_below"`
	BeyondPerUser  types.Int64  `tfsdk:"beyond_per_user"`
	Search         types.String `tfsdk:"search"`
	Sort           types.List   `tfsdk:"sort"`
	Offset         types.Int64  `tfsdk:"offset"`
	Limit          types.Int64  `tfsdk:"limit"`
	Sessions       types.List   `tfsdk:"sessions"`
	Total          types.Int64  `tfsdk:"total"`
	Matched        types.Int64  `tfsdk:"matched"`

	timed
}

// currentUserSessionsModel has no arguments about accounts: all sessions are of one.
type currentUserSessionsModel struct{ sessionsModel }

func (m *currentUserSessionsModel) validate() diag.Diagnostics {
	return m.validateList(currentUserSessions(), &accountArguments{})
}

func (m *currentUserSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	return m.readList(ctx, provider, currentUserSessions(), &accountArguments{})
}

// workspaceSessionsModel adds the arguments of the list of all users.
type workspaceSessionsModel struct {
	sessionsModel
	accountArguments
}

func (m *workspaceSessionsModel) validate() diag.Diagnostics {
	return m.validateList(workspaceSessions(), &m.accountArguments)
}

func (m *workspaceSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	return m.readList(ctx, provider, workspaceSessions(), &m.accountArguments)
}

func (m *sessionsModel) validateList(list sessionList, by *accountArguments) diag.Diagnostics {
	selection, diags := m.selection(list, by)
	diags.Append(m.doubts(selection)...)
	return diags
}

// selection converts the arguments, and reports those that are unusable or contradict each
// other. Those that are unknown during a validation are left out.
func (m *sessionsModel) selection(list sessionList, by *accountArguments) (*sessions.Arguments, diag.Diagnostics) {
	var diags diag.Diagnostics
	matchable, sortable := table.MatchKeys(list.fields), table.SortKeys(list.fields)
	selection := &sessions.Arguments{
		Filter:             expressions.read(m.Filter, path.Root("filter"), &diags),
		Match:              patternsOf(m.Match, "match", matchable, list.insteadOfField, &diags),
		Exclude:            patternsOf(m.Exclude, "exclude", matchable, list.insteadOfField, &diags),
		Within:             networksOf(m.WithinCIDRs, "within_cidrs", &diags),
		Outside:            networksOf(m.OutsideCIDRs, "outside_cidrs", &diags),
		After:              timestamps.read(m.LoggedInAfter, path.Root("logged_in_after"), &diags),
		Before:             timestamps.read(m.LoggedInBefore, path.Root("logged_in_before"), &diags),
		OlderThan:          ages.read(m.OlderThan, path.Root("older_than"), &diags),
		NewerThan:          ages.read(m.NewerThan, path.Root("newer_than"), &diags),
		DeviceVersionBelow: versions.read(m.DeviceBelow, path.Root("device_version_below"), &diags),
		OSVersionBelow:     versions.read(m.OSBelow, path.Root("os_version_below"), &diags),
		UserDeleted:        by.UserDeleted.ValueBoolPointer(),
		BeyondPerUser:      intPointer(m.BeyondPerUser),
		Sort:               ordersOf(m.Sort, "sessions", sortable, list.insteadOfOrder, &diags),
		Offset:             toInt(m.Offset),
		Limit:              intPointer(m.Limit),
	}
	diags.Append(unusable("text", path.Root("search"), table.CheckText(m.Search.ValueString()))...)
	diags.Append(m.contradictions(selection)...)
	diags.Append(by.contradictions(list.fields, selection.Match)...)
	return selection, diags
}

// Terraform silently drops unknown keys of a nested attribute, so that a misspelled key
// would match everybody. Therefore, the keys of match, exclude and sort are data, and
// are checked here.

// patterns are the regular expressions of match or exclude, by key.
type patterns = map[string]*table.Pattern

// patternsOf reads match or exclude, as argument says. It ignores a null expression; instead
// ends the sentence about an unknown key.
func patternsOf(
	configured types.Map, argument string, keys []string, instead func(key string) string, diags *diag.Diagnostics,
) patterns {
	byKey := make(patterns)
	for _, key := range slices.Sorted(maps.Keys(configured.Elements())) {
		at := path.Root(argument).AtMapKey(key)
		if !slices.Contains(keys, key) {
			diags.AddAttributeError(at, "Unknown key", fmt.Sprintf("`%s` has no key %q%s", argument, key, instead(key)))
			continue
		}
		text, _ := configured.Elements()[key].(types.String)
		pattern := expressions.read(text, at, diags)
		if pattern == nil {
			continue
		}
		byKey[key] = pattern
		var err error
		if key == sessions.IP {
			err = pattern.CheckNetwork()
		}
		if err == nil && argument == "exclude" {
			err = pattern.CheckExclude()
		}
		diags.Append(unusable(expressions.noun, at, err)...)
	}
	return byKey
}

// ordersOf reads sort: keys, with a minus in front for descending. rows names what is
// sorted; instead ends the sentence about an unknown key.
func ordersOf(
	configured types.List, rows string, keys []string, instead func(key, minus string) string, diags *diag.Diagnostics,
) []table.Order {
	orders := make([]table.Order, 0, len(configured.Elements()))
	seen := make(map[string]path.Path)
	for i, element := range configured.Elements() {
		at := path.Root("sort").AtListIndex(i)
		text, _ := element.(types.String)
		if text.IsUnknown() {
			continue
		}
		key, descending := strings.CutPrefix(text.ValueString(), "-")
		minus := strings.TrimSuffix(text.ValueString(), key)
		first, twice := seen[key]
		switch {
		case text.IsNull():
			diags.Append(unusable("sort key", at, errNullElement)...)
		case !slices.Contains(keys, key):
			diags.AddAttributeError(at, "Unknown sort key", fmt.Sprintf("`%s`: %s cannot be sorted by %q%s",
				at, rows, text.ValueString(), instead(key, minus)))
		case twice:
			diags.AddAttributeError(at, "Sort key used twice",
				fmt.Sprintf("`%s`: the key %q is already at `%s`. Remove the second one.", at, key, first))
		default:
			seen[key] = at
			orders = append(orders, table.Order{Key: key, Descending: descending})
		}
	}
	return orders
}

var errNullElement = errors.New("is null. Remove the element")

// networksOf reads a list of networks, of which unknown ones are invalid. It returns nil for
// null, and an empty slice for a list without elements.
func networksOf(configured types.List, argument string, diags *diag.Diagnostics) *[]netip.Prefix {
	if configured.IsNull() || configured.IsUnknown() {
		return nil
	}
	prefixes := make([]netip.Prefix, len(configured.Elements()))
	for i, element := range configured.Elements() {
		at := path.Root(argument).AtListIndex(i)
		text, _ := element.(types.String)
		if text.IsNull() {
			diags.Append(unusable("network", at, errNullElement)...)
		}
		if !known(text) {
			continue
		}
		var err error
		if prefixes[i], err = sessions.ParseNetwork(text.ValueString()); err != nil {
			diags.AddAttributeError(at, "Unusable network", fmt.Sprintf("`%s`: %s.", at, err))
		}
	}
	return &prefixes
}

// textsOf reads a list of strings, whose elements must not be null; unknown ones
// are empty then.
func textsOf(configured types.List, where path.Path) ([]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if configured.IsNull() {
		return nil, diags
	}
	texts := make([]string, 0, len(configured.Elements()))
	for i, element := range configured.Elements() {
		text, _ := element.(types.String)
		if text.IsNull() {
			diags.Append(unusable("element", where.AtListIndex(i), errNullElement)...)
		}
		texts = append(texts, text.ValueString())
	}
	return texts, diags
}

func toInt(number types.Int64) int { return int(min(number.ValueInt64(), math.MaxInt)) }

// intPointer returns nil for null.
func intPointer(number types.Int64) *int {
	if number.IsNull() {
		return nil
	}
	return new(toInt(number))
}
