// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*workspaceSessionsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*workspaceSessionsDataSource)(nil)
)

func newWorkspaceSessionsDataSource() datasource.DataSource { return &workspaceSessionsDataSource{} }

type workspaceSessionsDataSource struct {
	provider *providerData
}

// Metadata implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_sessions"
}

// Schema implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the login sessions of the whole workspace: every one of them, or the part that the arguments ask for, " +
			"in a fixed order. " +
			"A session says when its client last connected (`login_at`), not when it began. " +
			"A read that cannot be shown to be complete is an error. " +
			"Needs the permission `view-device-management`, a premium licence, Rocket.Chat 5.0 or later, and mostly a second factor.",
		Attributes: workspaceSessionsAttributes(),
		Blocks:     map[string]schema.Block{"timeouts": readTimeout()},
	}
}

// workspaceSessionsAttributes adds what only the list of everybody can be asked.
func workspaceSessionsAttributes() map[string]schema.Attribute {
	attributes := sessionsAttributes(workspaceSessions())
	attributes["user_deleted"] = schema.BoolAttribute{
		Optional:            true,
		MarkdownDescription: "`true` keeps the sessions of deleted users alone, whose `user` is null; `false` leaves them out. Null keeps every session.",
	}
	return attributes
}

// sessionsAttributes are the arguments and results of every kind that reads
// that list of sessions. The results have no nested attributes, whose contents
// mock_provider cannot fill in, and are no sets, whose cost is quadratic.
func sessionsAttributes(list sessionList) map[string]schema.Attribute {
	isNetworks := listCheck{"elements must be networks in CIDR notation", func(networks types.List, where path.Path) diag.Diagnostics {
		_, diags := networksOf(networks, where)
		return diags
	}}
	isPatterns := mapCheck{"keys must be fields, values RE2 regular " +
		"expressions", func(patterns types.Map, where path.Path) diag.Diagnostics {
		_, diags := list.patternsByField(patterns, where)
		return diags
	}}
	isOrders := listCheck{"elements must be different sort keys", func(orders types.List, where path.Path) diag.Diagnostics {
		_, diags := list.orders(orders, where)
		return diags
	}}
	return map[string]schema.Attribute{
		"filter": schema.StringAttribute{
			Optional: true, CustomType: regularExpressionType{},
			MarkdownDescription: "Regular expression. A session is kept when any of its fields " +
				"matches: " + quotedNames(list.matchedPaths(), "or") + ". " +
				dialect + " Null and an empty expression keep every session.",
		},
		"match": schema.MapAttribute{
			Optional: true, ElementType: regularExpressionType{}, Validators: []validator.Map{isPatterns},
			MarkdownDescription: "Regular expressions by field; a session is kept when all that are set match. The " +
				"keys are " + quotedNames(list.matchKeys(), "and") + ". " + dialect +
				" A field that the session lacks matches nothing, not even `.*`; an empty expression matches every session. " +
				"A value of null asks nothing. Null keeps every session.",
		},
		"exclude": schema.MapAttribute{
			Optional: true, ElementType: regularExpressionType{}, Validators: []validator.Map{isPatterns},
			MarkdownDescription: "Regular expressions by field, as in `match` and with the same keys; a session is left out when any of them " +
				"matches. " +
				"An empty expression therefore leaves every session out. Null leaves none out.",
		},
		"within_cidrs": schema.ListAttribute{
			Optional: true, ElementType: networkType{}, Validators: []validator.List{isNetworks},
			MarkdownDescription: "Networks in CIDR notation, IPv4 or IPv6. A session is kept when its address is in one of them; " +
				"an address that is missing or unreadable is in none, and a list of addresses only as a whole. An empty list keeps no session. " +
				"Null keeps every session.",
		},
		"outside_cidrs": schema.ListAttribute{
			Optional: true, ElementType: networkType{}, Validators: []validator.List{isNetworks},
			MarkdownDescription: "Networks in CIDR notation, IPv4 or IPv6. A session is kept when its address is in none of them, or is " +
				"missing or unreadable. " +
				"Both an empty list and null keep every session.",
		},
		"logged_in_before": schema.StringAttribute{
			Optional: true, CustomType: timestampType{},
			MarkdownDescription: "Keeps the sessions that were last connected (`login_at`) before this time, in RFC 3339, such as " +
				"`2026-01-31T00:00:00Z`: " +
				"a session that has been in use since is not among them, whenever it began. The time itself is not included. " +
				"A session without `login_at` counts as the oldest. " + remembered + " can match nothing and gives a warning. Null sets no bound.",
		},
		"logged_in_after": schema.StringAttribute{
			Optional: true, CustomType: timestampType{},
			MarkdownDescription: "Keeps the sessions that were last connected (`login_at`) after this time, in RFC 3339. The time itself is " +
				"not included. " +
				"Reading stops where the list is older, which saves calls. " + remembered + " leaves nothing out and gives a warning. Null sets " +
				"no bound.",
		},
		"older_than": schema.StringAttribute{
			Optional: true, CustomType: ageType{},
			Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("logged_in_before"))},
			MarkdownDescription: "Keeps the sessions that have not been connected for longer than this, as " + agesAreWritten + ". " + countedFrom +
				" A session without `login_at` counts as the oldest. " + remembered + " can match nothing and gives a warning. " +
				"Not together with `logged_in_before`. Null sets no bound.",
		},
		"newer_than": schema.StringAttribute{
			Optional: true, CustomType: ageType{},
			Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("logged_in_after"))},
			MarkdownDescription: "Keeps the sessions that were last connected less than this ago, as " + agesAreWritten + ". " + countedFrom +
				" Reading stops where the list is older, which saves calls. " + remembered + " leaves nothing out and gives a warning. " +
				"Not together with `logged_in_after`. Null sets no bound.",
		},
		"device_version_below": schema.StringAttribute{
			Optional: true, CustomType: versionType{},
			MarkdownDescription: "Keeps the sessions whose `device.version` is lower than this one, " + versionsCompare + " " +
				"A version means something only for one browser or app: select that by `match`. Null asks nothing.",
		},
		"os_version_below": schema.StringAttribute{
			Optional: true, CustomType: versionType{},
			MarkdownDescription: "Keeps the sessions whose `device.os.version` is lower than this one, " + versionsCompare + " " +
				"A version means something only for one operating system: select that by `match`. Null asks nothing.",
		},
		"beyond_per_user": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "Leaves out, for each user, this many of the sessions that pass all other arguments: those last connected. " +
				"What remains is one too many, and is what to log out. Sessions connected at the same time are in the order of their ids; " +
				"sessions without a `user_id` count as those of one user. Null leaves none out.",
		},
		"search": schema.StringAttribute{
			Optional: true, Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			MarkdownDescription: "Text that the workspace itself searches for, as its own `filter`, so that it sends fewer pages. It is no " +
				"substitute for `filter`: " +
				"it takes the text literally and is case-insensitive; it finds it in device name, device type, OS name, session id and user id, " +
				"written together without spaces" + list.searchReach + "; " +
				"it does not see addresses, hosts, versions or times. Null searches for nothing and reads all.",
		},
		"sort": schema.ListAttribute{
			Optional: true, ElementType: types.StringType, Validators: []validator.List{isOrders},
			MarkdownDescription: "Keys to sort the whole result by, the first one first, such as `[\"user_id\", \"-login_at\"]`; a minus in " +
				"front of a key sorts descending. " +
				"The keys are " + quotedNames(list.sortKeys(), "and") + ". Text is compared by code point. What is missing is lower than " +
				"everything else. " +
				"What the keys leave equal is in the order of the session ids. " +
				"Null and an empty list mean `[\"-login_at\"]`: the sessions last connected come first.",
		},
		"offset": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "How many sessions of the filtered and sorted result to leave out at its beginning. Null means `0`.",
		},
		"limit": schema.Int64Attribute{
			Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)},
			MarkdownDescription: "How many sessions to return at most; `0` returns none, for those who need only `matched` or `total` and " +
				"want no personal data in their state. " +
				"In the default order and without a filter no more is read than this needs. Null returns all.",
		},
		"sessions": schema.ListAttribute{
			Computed: true, ElementType: newSessionObject(list.fields).terraformType(),
			MarkdownDescription: "The sessions. Never null. The fields of a session are in the table [below](#fields-of-a-session).",
		},
		"total": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "How many sessions the workspace reported, after `search` and before all other arguments.",
		},
		"matched": schema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "How many sessions passed every argument but `offset` and `limit`.",
		},
	}
}

const (
	agesAreWritten = "a Go duration that may begin with days, such as `30d`, `12h` or `1d12h`"
	countedFrom    = "It counts back from the time of the workspace's clock at the read, the same instant for all who share a read; " +
		"from this machine's where the workspace does not tell its time."
	versionsCompare = "number by number, so `9` is below `113.0.5`. " +
		"A version that is missing or unreadable, such as `XP`, counts as the lowest; see the table [below](#how-versions-compare)."
	dialect = "[RE2](https://github.com/google/re2/wiki/Syntax), not anchored, case-insensitive unless it begins with `(?-i)`, " +
		"compared in Unicode normal form C."
	remembered = "The workspace forgets a session that has not been connected for about 45 days, so a bound further back"
)

// Configure implements [datasource.DataSourceWithConfigure].
func (d *workspaceSessionsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *workspaceSessionsDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	resp.Diagnostics.Append(validateSessions(ctx, req.Config)...)
}

// Read implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model workspaceSessionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(model.read(ctx, d.provider)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
