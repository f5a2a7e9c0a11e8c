// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
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

	timed
}

// currentUserSessionsModel has no arguments about accounts: all sessions are of one.
type currentUserSessionsModel struct{ sessionsModel }

func (m *currentUserSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	return m.readList(ctx, provider, currentUserSessions(), accountArguments{})
}

// workspaceSessionsModel adds the arguments of the list of all users.
type workspaceSessionsModel struct {
	sessionsModel
	accountArguments
}

func (m *workspaceSessionsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	return m.readList(ctx, provider, workspaceSessions(), m.accountArguments)
}

// accountArguments select sessions by their users, or show details of the users.
// The provider reads the users only if an argument other than user_deleted is set.
type accountArguments struct {
	UserRoles       types.List `tfsdk:"user_roles"`
	UserPermissions types.List `tfsdk:"user_permissions"`
	UserTypes       types.List `tfsdk:"user_types"`
	UserActive      types.Bool `tfsdk:"user_active"`
	UserDeleted     types.Bool `tfsdk:"user_deleted"`
	UserDetails     types.Bool `tfsdk:"user_details"`
}

// firstSelector is the path of the first argument that selects by account; false if none
// is set.
func (a *accountArguments) firstSelector() (path.Path, bool) {
	switch {
	case !a.UserRoles.IsNull():
		return path.Root("user_roles"), true
	case !a.UserPermissions.IsNull():
		return path.Root("user_permissions"), true
	case !a.UserTypes.IsNull():
		return path.Root("user_types"), true
	case !a.UserActive.IsNull():
		return path.Root("user_active"), true
	default:
		return path.Empty(), false
	}
}

// firstArgument is the path of the first argument that requires the users.
func (a *accountArguments) firstArgument() (path.Path, bool) {
	if where, ok := a.firstSelector(); ok {
		return where, true
	}
	return path.Root("user_details"), a.UserDetails.ValueBool()
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

// Terraform silently drops unknown keys of a nested attribute, so that a misspelled key
// would match everybody. Therefore, the keys of match, exclude and sort are data, and
// are checked here. Each function below validates and converts; it skips values that
// are unknown during a validation.

// patterns are the regular expressions of match or exclude, by key.
type patterns = map[string]*table.Pattern

// patterns reads match or exclude of a list of sessions.
func (l sessionList) patterns(configured types.Map, where path.Path) (patterns, diag.Diagnostics) {
	return patternsByKey(configured, where, l.matchKeys(), l.insteadOfField)
}

// patternsByKey reads match or exclude. It ignores a null expression; instead ends
// the sentence about an unknown key.
func patternsByKey(
	configured types.Map, where path.Path, keys []string, instead func(key string) string,
) (patterns, diag.Diagnostics) {
	var diags diag.Diagnostics
	byKey := make(patterns)
	for _, key := range slices.Sorted(maps.Keys(configured.Elements())) {
		at := where.AtMapKey(key)
		if !slices.Contains(keys, key) {
			diags.AddAttributeError(at, "Unknown key", fmt.Sprintf("`%s` has no key %q%s", where, key, instead(key)))
			continue
		}
		expression, _ := configured.Elements()[key].(regularExpression)
		diags.Append(expression.problems(at)...)
		if expression.value == nil {
			continue
		}
		var err error
		if key == sessions.IP {
			err = expression.value.CheckNetwork()
		}
		if err == nil && where.Equal(path.Root("exclude")) {
			err = expression.value.CheckExclude()
		}
		if err != nil {
			diags.AddAttributeError(at, "Unusable regular expression", predicate{}.detail(at, err))
		}
		byKey[key] = expression.value
	}
	return byKey, diags
}

// orders reads sort of a list of sessions.
func (l sessionList) orders(configured types.List, where path.Path) ([]table.Order, diag.Diagnostics) {
	return ordersByKey(configured, where, l.sortKeys(), "sessions", l.insteadOfOrder)
}

// ordersByKey reads sort: keys, with a minus in front for descending. rows names
// what is sorted; instead ends the sentence about an unknown key.
func ordersByKey(
	configured types.List, where path.Path, keys []string, rows string, instead func(key string, descending bool) string,
) ([]table.Order, diag.Diagnostics) {
	var diags diag.Diagnostics
	orders := make([]table.Order, 0, len(configured.Elements()))
	seen := make(map[string]path.Path)
	for i, element := range configured.Elements() {
		at := where.AtListIndex(i)
		text, _ := element.(types.String)
		if text.IsUnknown() {
			continue
		}
		key, descending := strings.CutPrefix(text.ValueString(), "-")
		first, twice := seen[key]
		switch {
		case text.IsNull():
			diags.AddAttributeError(at, "Unusable sort key", fmt.Sprintf("`%s` is null. Remove the element.", at))
		case !slices.Contains(keys, key):
			diags.AddAttributeError(at, "Unknown sort key", fmt.Sprintf("`%s`: %s cannot be sorted by %q%s",
				at, rows, text.ValueString(), instead(key, descending)))
		case twice:
			diags.AddAttributeError(at, "Sort key used twice",
				fmt.Sprintf("`%s`: the key %q is already at `%s`. Remove the second one.", at, key, first))
		default:
			seen[key] = at
			orders = append(orders, table.Order{Key: key, Descending: descending})
		}
	}
	return orders, diags
}

// networksOf reads a list of networks. It returns nil for null, and an empty slice for
// a list without elements.
func networksOf(configured types.List, where path.Path) (*[]netip.Prefix, diag.Diagnostics) {
	var diags diag.Diagnostics
	if configured.IsNull() {
		return nil, diags
	}
	prefixes := make([]netip.Prefix, 0, len(configured.Elements()))
	for i, element := range configured.Elements() {
		at := where.AtListIndex(i)
		written, _ := element.(network)
		if written.IsNull() {
			diags.AddAttributeError(at, "Unusable network", fmt.Sprintf("`%s` is null. Remove the element.", at))
		}
		diags.Append(written.problems(at)...)
		prefixes = append(prefixes, written.value)
	}
	return &prefixes, diags
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
		if at := where.AtListIndex(i); text.IsNull() {
			diags.AddAttributeError(at, "Unusable element", fmt.Sprintf("`%s` is null. Remove the element.", at))
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
