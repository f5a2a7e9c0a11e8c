// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
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
		MarkdownDescription: "Reads the login sessions of the whole workspace: every one of them, or the part that the arguments ask for, in a fixed order. " +
			"A read that cannot be shown to be complete is an error. " +
			"Needs the permission `view-device-management`, a premium licence, Rocket.Chat 5.0 or later, and mostly a second factor.",
		Attributes: dataSourceAttributes(sessionsArguments(workspaceSessions())),
	}
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *workspaceSessionsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *workspaceSessionsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var model sessionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(model.validate()...)
}

// Read implements [datasource.DataSource].
func (d *workspaceSessionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model sessionsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(model.read(ctx, d.provider, workspaceSessions())...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}
