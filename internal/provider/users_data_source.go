// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

var readingUsers = task{
	noun: "read", rows: "users",
	routes: "/api/v1/users.listByStatus, before release 6.8 /api/v1/users.list, /api/v1/roles.list, and /api/v1/permissions.listAll",
}

func newUsersDataSource() datasource.DataSource {
	return &dataSource{name: "users", schema: usersSchema, model: func() model { return &usersModel{} }}
}

// usersModel holds the arguments and results.
type usersModel struct {
	Match           types.Map    `tfsdk:"match"`
	Exclude         types.Map    `tfsdk:"exclude"`
	Active          types.Bool   `tfsdk:"active"`
	Roles           types.List   `tfsdk:"roles"`
	UserPermissions types.List   `tfsdk:"user_permissions"`
	Types           types.List   `tfsdk:"types"`
	InactiveFor     types.String `tfsdk:"inactive_for"`
	Sort            types.List   `tfsdk:"sort"`
	Limit           types.Int64  `tfsdk:"limit"`
	Users           types.List   `tfsdk:"users"`
	Total           types.Int64  `tfsdk:"total"`
	Matched         types.Int64  `tfsdk:"matched"`

	timed
}

func usersSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the users of the workspace with their roles, or those that the arguments select, in a deterministic " +
			"order. The result contains no e-mail addresses. If the provider cannot prove that the list is complete, the read fails. " +
			"Requires the permission `view-d-room` and, before release 6.8, `view-full-other-user-info` for roles and last logins.",
		Attributes: usersAttributes(),
	}
}

func usersAttributes() map[string]schema.Attribute {
	attributes := accountSelectors("", "the users", "", " If null, the provider selects every user.")
	maps.Copy(attributes, map[string]schema.Attribute{
		"match": optionalMap("Regular expressions by field. The provider selects a user if all of them match. The keys are " +
			quotedNames(table.MatchKeys(users.Fields()), "and") + "; `role` matches the ID or the name of any of the user's roles. " + dialect +
			" If a user lacks the field, nothing matches, not even `.*`. An empty expression matches every user. If null, the provider " +
			"selects every user."),
		"exclude": optionalMap("Regular expressions by field, with the same keys as `match`. The provider omits a user if any of them " +
			"matches. An expression that matches the empty text is an error, because it would omit every user: write null if there is nothing " +
			"to omit. If null, the provider omits none."),
		"active": optionalBool("Whether to select only active users (`true`) or only deactivated users (`false`). A user for whom the " +
			"workspace does not report this counts as deactivated, as at a login. If null, the provider selects both."),
		"inactive_for": optionalText("Duration, " + agesAreWritten + ". The provider selects the users who have not logged in for longer " +
			"than this. " + countedFrom + " A user who has **never** logged in counts as inactive, even one created today. If null, the " +
			"provider selects every user."),
		"sort": optionalTexts("Keys to sort the result by, the most significant first, such as `[\"type\", \"-last_login_at\"]`. A key with " +
			"a leading minus sorts in descending order. The keys are " + quotedNames(table.SortKeys(users.Fields()), "and") +
			". Text is compared by code point. A missing value is lower than all others. User IDs break ties. If null or empty, the provider " +
			"sorts by `[\"username\"]`."),
		"limit": optionalNumber("Maximum number of users to return. With `0`, the result contains only `matched` and `total`, and the state " +
			"contains no personal data. If null, the provider returns all."),
		"users": resultRows(users.Fields(), "The users; never null. The table [below](#fields-of-a-user) "+
			"describes the fields of a user."),
		"total":   resultNumber("Number of users of the workspace."),
		"matched": resultNumber("Number of users that pass all arguments except `limit`."),
	})
	return attributes
}

func (m *usersModel) validate() diag.Diagnostics {
	_, diags := m.query()
	return diags
}

// query converts the arguments that need nothing of the workspace, and reports those that are
// unusable or contradict each other. Those that are unknown during a validation are left out.
func (m *usersModel) query() (*users.Query, diag.Diagnostics) {
	var diags diag.Diagnostics
	matchable, sortable := table.MatchKeys(users.Fields()), table.SortKeys(users.Fields())
	insteadOfMatch := func(key string) string { return insteadOfKey(key, `"%s"`, matchable, matchable) + "." }
	insteadOfSort := func(key, minus string) string { return insteadOfKey(key, `"`+minus+`%s"`, sortable, sortable) + "." }
	query := &users.Query{
		Match:   patternsOf(m.Match, "match", matchable, insteadOfMatch, &diags),
		Exclude: patternsOf(m.Exclude, "exclude", matchable, insteadOfMatch, &diags),
		Sort:    ordersOf(m.Sort, "users", sortable, insteadOfSort, &diags),
		Limit:   intPointer(m.Limit),
	}
	ages.read(m.InactiveFor, path.Root("inactive_for"), &diags)
	diags.Append(m.contradictions(query.Match, query.Exclude)...)
	return query, diags
}

func (m *usersModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	query, diags := m.query()
	if diags.HasError() {
		return diags
	}
	known, err := readDirectory(ctx, provider.client, directoryNeed{users: true, roles: true, permissions: !m.UserPermissions.IsNull()})
	if err != nil {
		return provider.failed(err, readingUsers, readPaths())
	}
	diags.Append(m.resolve(query, known)...)
	if diags.HasError() {
		return diags
	}
	result := query.Apply(known.Rows())
	var problems diag.Diagnostics
	m.Users, problems = deferredList(ctx, "users", users.Fields(), result.Users,
		"`limit`, `match`, `exclude`, `active`, `roles`, `user_permissions`, `types` or `inactive_for`.")
	diags.Append(problems...)
	m.Total = types.Int64Value(int64(len(known.Users)))
	m.Matched = types.Int64Value(int64(result.Matched))
	return diags
}

// resolve adds what the workspace says to a query: the roles by ID, and the age as a time.
func (m *usersModel) resolve(query *users.Query, known *directory) diag.Diagnostics {
	var diags diag.Diagnostics
	query.AccountFilter, diags = known.filter(&accountArguments{
		UserRoles: m.Roles, UserPermissions: m.UserPermissions, UserTypes: m.Types, UserActive: m.Active,
	}, "")
	if known.listing.Hidden {
		diags.Append(m.hidden(query)...)
	}
	diags.Append(checkClocks(known.listing.Clocks, "inactive_for", m.InactiveFor)...)
	if age := ages.read(m.InactiveFor, path.Root("inactive_for"), &diags); age > 0 {
		query.InactiveSince = new(known.listing.At.Add(-age))
	}
	return diags
}

// hidden is an error for each argument that needs details which the account may not
// see, or a warning if there is no such argument.
func (m *usersModel) hidden(query *users.Query) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, argument := range []placed{
		{path.Root("roles"), m.Roles},
		{path.Root("user_permissions"), m.UserPermissions},
		{path.Root("inactive_for"), m.InactiveFor},
		{path.Root("match").AtMapKey(users.KeyRole), m.Match.Elements()[users.KeyRole]},
		{path.Root("exclude").AtMapKey(users.KeyRole), m.Exclude.Elements()[users.KeyRole]},
	} {
		if argument.isSet() {
			diags.Append(hiddenDetails(argument.where))
		}
	}
	if i := slices.IndexFunc(query.Sort, func(o table.Order) bool { return o.Key == users.KeyLastLogin }); i >= 0 {
		diags.Append(hiddenDetails(path.Root("sort").AtListIndex(i)))
	}
	if len(diags) == 0 {
		diags.AddAttributeWarning(path.Root("users"), "The account cannot see the roles and last logins of users",
			paragraphs("`roles`, `role_names` and `last_login_at` are null for every user. A rule about null can pass by mistake.", seeFullInfo))
	}
	return diags
}
