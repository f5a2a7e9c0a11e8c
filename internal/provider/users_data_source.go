// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

var readingUsers = task{
	noun: "read", rows: "users",
	routes: "/api/v1/users.listByStatus, before release 6.8 /api/v1/users.list, /api/v1/roles.list, and /api/v1/permissions.listAll",
}

func newUsersDataSource() datasource.DataSource {
	return &modelDataSource{dataSource{name: "users", schema: usersSchema}, func() model { return &usersModel{} }}
}

// usersModel holds the arguments and results.
type usersModel struct {
	Match           types.Map   `tfsdk:"match"`
	Exclude         types.Map   `tfsdk:"exclude"`
	Active          types.Bool  `tfsdk:"active"`
	Roles           types.List  `tfsdk:"roles"`
	UserPermissions types.List  `tfsdk:"user_permissions"`
	Types           types.List  `tfsdk:"types"`
	InactiveFor     age         `tfsdk:"inactive_for"`
	Sort            types.List  `tfsdk:"sort"`
	Limit           types.Int64 `tfsdk:"limit"`
	Users           types.List  `tfsdk:"users"`
	Total           types.Int64 `tfsdk:"total"`
	Matched         types.Int64 `tfsdk:"matched"`

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
	isPatterns := mapCheck[patterns]{"keys must be fields, values RE2 regular expressions", userPatterns}
	isOrders := listCheck[[]table.Order]{"elements must be different sort keys", userOrders}
	return map[string]schema.Attribute{
		"match": schema.MapAttribute{
			Optional: true, ElementType: regularExpressionType{}, Validators: []validator.Map{isPatterns},
			MarkdownDescription: "Regular expressions by field. The provider selects a user if all of them match. The keys are " +
				quotedNames(table.MatchKeys(users.Fields()), "and") + "; `role` matches the ID or the name of any of the user's roles. " + dialect +
				" If a user lacks the field, nothing matches, not even `.*`. An empty expression matches every user. If null, the provider " +
				"selects every user.",
		},
		"exclude": schema.MapAttribute{
			Optional: true, ElementType: regularExpressionType{}, Validators: []validator.Map{isPatterns},
			MarkdownDescription: "Regular expressions by field, with the same keys as `match`. The provider omits a user " +
				"if any of them matches. An expression that matches the empty text is an error, because it would omit every user: write null if " +
				"there is nothing to omit. If null, the provider omits none.",
		},
		"active": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to select only active users (`true`) or only deactivated users (`false`). A user for whom the " +
				"workspace does not report this counts as deactivated, as at a login. If null, the provider selects both.",
		},
		"roles": rolesAttribute("Roles. The provider selects the users who have any of these roles. ",
			" If null, the provider selects every user."),
		"user_permissions": permissionsAttribute("Permissions. The provider selects the users who have any of these permissions. ",
			" If null, the provider selects every user."),
		"types": typesAttribute(
			"Types of users: `user`, `bot` or `app`. The provider selects the users of any of these types. ",
			" If null, the provider selects every user.",
		),
		"inactive_for": schema.StringAttribute{
			Optional: true, CustomType: ageType{},
			MarkdownDescription: "Duration, " + agesAreWritten + ". The provider selects the users who have not logged in for longer than " +
				"this. " + countedFrom + " A user who has **never** logged in counts as inactive, even one created today. " +
				"If null, the provider selects every user.",
		},
		"sort": schema.ListAttribute{
			Optional: true, ElementType: types.StringType, Validators: []validator.List{isOrders},
			MarkdownDescription: "Keys to sort the result by, the most significant first, such as `[\"type\", \"-last_login_at\"]`. " +
				"A key with a leading minus sorts in descending order. The keys are " + quotedNames(table.SortKeys(users.Fields()), "and") +
				". Text is compared by code point. A missing value is lower than all others. User IDs break ties. " +
				"If null or empty, the provider sorts by `[\"username\"]`.",
		},
		"limit": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "Maximum number of users to return. With `0`, the result contains only `matched` and `total`, and the " +
				"state contains no personal data. If null, the provider returns all.",
		},
		"users": schema.ListAttribute{
			Computed: true, ElementType: newRowObject(users.Fields()).terraformType(),
			MarkdownDescription: "The users; never null. The table [below](#fields-of-a-user) describes the fields of a user.",
		},
		"total":   schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of users of the workspace."},
		"matched": schema.Int64Attribute{Computed: true, MarkdownDescription: "Number of users that pass all arguments except `limit`."},
	}
}

func userPatterns(configured types.Map, where path.Path) (patterns, diag.Diagnostics) {
	keys := table.MatchKeys(users.Fields())
	return patternsByKey(configured, where, keys, func(key string) string { return insteadOfUserKey(key, "", keys) })
}

func userOrders(configured types.List, where path.Path) ([]table.Order, diag.Diagnostics) {
	keys := table.SortKeys(users.Fields())
	return ordersByKey(configured, where, keys, "users", func(key string, descending bool) string {
		minus := ""
		if descending {
			minus = "-"
		}
		return insteadOfUserKey(key, minus, keys)
	})
}

func (m *usersModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	known, err := readDirectory(ctx, provider.client, directoryNeed{users: true, roles: true, permissions: !m.UserPermissions.IsNull()})
	if err != nil {
		return provider.failed(err, readingUsers, readPaths())
	}
	query, diags := m.query(known)
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

// query converts the arguments to a query, with the roles by ID and the age as a time.
func (m *usersModel) query(known *directory) (*users.Query, diag.Diagnostics) {
	match, diags := userPatterns(m.Match, path.Root("match"))
	exclude, problems := userPatterns(m.Exclude, path.Root("exclude"))
	diags.Append(problems...)
	orders, problems := userOrders(m.Sort, path.Root("sort"))
	diags.Append(problems...)
	kinds, problems := textsOf(m.Types, path.Root("types"))
	diags.Append(problems...)
	if known.listing.Hidden {
		diags.Append(m.hidden(match, exclude, orders)...)
	}
	var roles []string
	if !m.Roles.IsNull() && !diags.HasError() {
		roles, problems = known.roleIDs(m.Roles, path.Root("roles"))
		diags.Append(problems...)
	}
	var permitted []string
	if !m.UserPermissions.IsNull() && !diags.HasError() {
		permitted, problems = known.permittedRoles(m.UserPermissions, path.Root("user_permissions"))
		diags.Append(problems...)
	}
	diags.Append(checkClocks(known.listing.Clocks, "inactive_for", m.InactiveFor)...)
	var since *time.Time
	if !m.InactiveFor.IsNull() {
		since = new(known.listing.At.Add(-m.InactiveFor.value))
	}
	return &users.Query{
		Match: match, Exclude: exclude, InactiveSince: since, Sort: orders, Limit: intPointer(m.Limit),
		AccountFilter: users.AccountFilter{Roles: roles, PermittedRoles: permitted, Types: kinds, Active: m.Active.ValueBoolPointer()},
	}, diags
}

// hidden is an error for each argument that needs details which the account may not
// see, or a warning if there is no such argument.
func (m *usersModel) hidden(match, exclude patterns, orders []table.Order) diag.Diagnostics {
	bySort := slices.IndexFunc(orders, func(o table.Order) bool { return o.Key == users.KeyLastLogin })
	var diags diag.Diagnostics
	for _, argument := range []struct {
		needs bool
		where path.Path
	}{
		{!m.Roles.IsNull(), path.Root("roles")},
		{!m.UserPermissions.IsNull(), path.Root("user_permissions")},
		{!m.InactiveFor.IsNull(), path.Root("inactive_for")},
		{match[users.KeyRole] != nil, path.Root("match").AtMapKey(users.KeyRole)},
		{exclude[users.KeyRole] != nil, path.Root("exclude").AtMapKey(users.KeyRole)},
		{bySort >= 0, path.Root("sort").AtListIndex(bySort)},
	} {
		if argument.needs {
			diags.Append(hiddenDetails(argument.where))
		}
	}
	if len(diags) == 0 {
		diags.AddAttributeWarning(path.Root("users"), "The account cannot see the roles and last logins of users",
			paragraphs("`roles`, `role_names` and `last_login_at` are null for every user. A rule about null can pass by mistake.", seeFullInfo))
	}
	return diags
}
