// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ datasource.DataSourceWithConfigure      = (*workspaceSessionsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*workspaceSessionsDataSource)(nil)
)

// defaultReadTimeout lets a read of 20,000 sessions wait for the default rate
// limit, ten calls of a hundred sessions a minute.
const defaultReadTimeout = 20 * time.Minute

func newWorkspaceSessionsDataSource() datasource.DataSource { return &workspaceSessionsDataSource{} }

type workspaceSessionsDataSource struct {
	provider *providerData
}

type workspaceSessionsDataSourceModel struct {
	workspaceSessionsModel
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Metadata implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_sessions"
}

// Schema implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := dataSourceAttributes(workspaceSessionsArguments())
	attributes["timeouts"] = readTimeoutAttribute(defaultReadTimeout)
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the login sessions of the whole workspace: every one of them, or the part that the arguments ask for, in a fixed order. " +
			"A read that cannot be shown to be complete is an error. " +
			"Needs the permission `view-device-management`, a premium licence, Rocket.Chat 5.0 or later, and mostly a second factor.",
		Attributes: attributes,
	}
}

// readTimeoutAttribute is the attribute timeouts of a data source.
func readTimeoutAttribute(byDefault time.Duration) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		CustomType: timeouts.Type{
			ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}},
		},
		MarkdownDescription: "How long things may take. Null means the defaults.",
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{positiveDuration{}},
				MarkdownDescription: fmt.Sprintf("How long the whole read may take, waiting for the rate limit included, as a Go duration such as `45s` or `1h30m`. "+
					"Null means `%dm`.", int(byDefault.Minutes())),
			},
		},
	}
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *workspaceSessionsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *workspaceSessionsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model workspaceSessionsDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(model.validate()...)
}

// Read implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model workspaceSessionsDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout, diags := model.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := d.provider.clock.WithTimeout(ctx, timeout)
	defer cancel()

	resp.Diagnostics.Append(model.read(ctx, d.provider.client, blamePaths{
		blameTimeout: path.Root("timeouts").AtName("read"),
		blameSearch:  path.Root("search"),
	})...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
