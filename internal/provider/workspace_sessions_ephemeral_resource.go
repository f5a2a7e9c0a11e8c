// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*workspaceSessionsEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*workspaceSessionsEphemeralResource)(nil)
)

func newWorkspaceSessionsEphemeralResource() ephemeral.EphemeralResource {
	return &workspaceSessionsEphemeralResource{}
}

type workspaceSessionsEphemeralResource struct {
	provider *providerData
}

// Metadata implements [ephemeral.EphemeralResource].
func (e *workspaceSessionsEphemeralResource) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace_sessions"
}

// Schema implements [ephemeral.EphemeralResource].
func (e *workspaceSessionsEphemeralResource) Schema(ctx context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	var source datasource.SchemaResponse
	newWorkspaceSessionsDataSource().Schema(ctx, datasource.SchemaRequest{}, &source)
	twin, err := ephemeralTwin(source.Schema)
	if err != nil {
		resp.Diagnostics.AddError("The ephemeral resource has no schema", err.Error()+". This is a bug in the provider. Please report it.")
		return
	}
	twin.MarkdownDescription = "Reads the login sessions of the whole workspace as the data source `rocketchat_workspace_sessions` does, " +
		"with the same arguments and results, but stores nothing in the state or in plan files. " +
		"Requires Terraform 1.10 or OpenTofu 1.11, and the same permission, license, release and second factor as the data source."
	resp.Schema = twin
}

// Configure implements [ephemeral.EphemeralResourceWithConfigure].
func (e *workspaceSessionsEphemeralResource) Configure(
	_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse,
) {
	e.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements [ephemeral.EphemeralResourceWithValidateConfig].
func (e *workspaceSessionsEphemeralResource) ValidateConfig(
	ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse,
) {
	resp.Diagnostics.Append(validateList(ctx, req.Config, &workspaceSessionsModel{})...)
}

// Open implements [ephemeral.EphemeralResource].
func (e *workspaceSessionsEphemeralResource) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Diagnostics.Append(fill(ctx, e.provider, req.Config, &workspaceSessionsModel{}, &resp.Result)...)
}
