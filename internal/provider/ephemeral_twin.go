// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResourceWithConfigure      = (*ephemeralTwin)(nil)
	_ ephemeral.EphemeralResourceWithValidateConfig = (*ephemeralTwin)(nil)
)

// ephemeralTwin is an ephemeral resource with the arguments and results of a data source.
type ephemeralTwin struct{ source *dataSource }

func newWorkspaceSessionsEphemeralResource() ephemeral.EphemeralResource {
	return &ephemeralTwin{workspaceSessionsSource()}
}

func (e *ephemeralTwin) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.source.name
}

func (e *ephemeralTwin) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	timeouts := readTimeout()
	resp.Schema = ephemeralschema.Schema{
		MarkdownDescription: "Reads the login sessions of the whole workspace as the data source `rocketchat_workspace_sessions` does, " +
			"with the same arguments and results, but stores nothing in the state or in plan files. " +
			"Requires Terraform 1.10 or OpenTofu 1.11, and the same permission, license, release and second factor as the data source.",
		Attributes: ephemeralAttributes(e.source.schema().Attributes),
		Blocks: map[string]ephemeralschema.Block{"timeouts": ephemeralschema.SingleNestedBlock{
			MarkdownDescription: timeouts.MarkdownDescription, CustomType: timeouts.CustomType,
			Attributes: ephemeralAttributes(timeouts.Attributes),
		}},
	}
}

func (e *ephemeralTwin) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.source.provider = configure(req.ProviderData)
}

func (e *ephemeralTwin) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(validate(ctx, req.Config, e.source.model())...)
}

func (e *ephemeralTwin) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Diagnostics.Append(fill(ctx, e.source.provider, req.Config, e.source.model(), &resp.Result)...)
}

// ephemeralAttributes converts between the framework's schemas, which share no types.
func ephemeralAttributes(source map[string]schema.Attribute) map[string]ephemeralschema.Attribute {
	twins := make(map[string]ephemeralschema.Attribute, len(source))
	for name, attribute := range source {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			twins[name] = ephemeralschema.StringAttribute(a)
		case schema.Int64Attribute:
			twins[name] = ephemeralschema.Int64Attribute(a)
		case schema.BoolAttribute:
			twins[name] = ephemeralschema.BoolAttribute(a)
		case schema.ListAttribute:
			twins[name] = ephemeralschema.ListAttribute(a)
		case schema.MapAttribute:
			twins[name] = ephemeralschema.MapAttribute(a)
		default:
			panic(fmt.Sprintf("attribute %s: a %T has no ephemeral twin yet", name, attribute))
		}
	}
	return twins
}
