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
type ephemeralTwin struct {
	source      modelDataSource
	description string
}

func newWorkspaceSessionsEphemeralResource() ephemeral.EphemeralResource {
	return &ephemeralTwin{
		workspaceSessionsSource(),
		"Reads the login sessions of the whole workspace as the data source `rocketchat_workspace_sessions` does, " +
			"with the same arguments and results, but stores nothing in the state or in plan files. " +
			"Requires Terraform 1.10 or OpenTofu 1.11, and the same permission, license, release and second factor as the data source.",
	}
}

// Metadata implements [ephemeral.EphemeralResource].
func (e *ephemeralTwin) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + e.source.name
}

// Schema implements [ephemeral.EphemeralResource].
func (e *ephemeralTwin) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	twin, err := twinSchema(e.source.schemaWithTimeouts())
	if err != nil {
		resp.Diagnostics.AddError("The ephemeral resource has no schema", err.Error()+". This is a bug in the provider. Please report it.")
		return
	}
	twin.MarkdownDescription = e.description
	resp.Schema = twin
}

// Configure implements [ephemeral.EphemeralResourceWithConfigure].
func (e *ephemeralTwin) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	e.source.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ValidateConfig implements [ephemeral.EphemeralResourceWithValidateConfig].
func (e *ephemeralTwin) ValidateConfig(ctx context.Context, req ephemeral.ValidateConfigRequest, resp *ephemeral.ValidateConfigResponse) {
	resp.Diagnostics.Append(validate(ctx, req.Config, e.source.model())...)
}

// Open implements [ephemeral.EphemeralResource].
func (e *ephemeralTwin) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	resp.Diagnostics.Append(fill(ctx, e.source.provider, req.Config, e.source.model(), &resp.Result)...)
}

// twinSchema is the schema of an ephemeral resource with the arguments and results
// of a data source. The framework's schemas of the two share no types.
func twinSchema(source schema.Schema) (ephemeralschema.Schema, error) {
	twin := ephemeralschema.Schema{MarkdownDescription: source.MarkdownDescription, Blocks: make(map[string]ephemeralschema.Block)}
	var err error
	if twin.Attributes, err = ephemeralAttributes(source.Attributes); err != nil {
		return ephemeralschema.Schema{}, err
	}
	for name, block := range source.Blocks {
		single, ok := block.(schema.SingleNestedBlock)
		if !ok {
			return ephemeralschema.Schema{}, fmt.Errorf("block %s: a %T has no ephemeral twin yet", name, block)
		}
		attributes, err := ephemeralAttributes(single.Attributes)
		if err != nil {
			return ephemeralschema.Schema{}, fmt.Errorf("block %s: %w", name, err)
		}
		twin.Blocks[name] = ephemeralschema.SingleNestedBlock{
			Attributes: attributes, CustomType: single.CustomType, MarkdownDescription: single.MarkdownDescription, Validators: single.Validators,
		}
	}
	return twin, nil
}

func ephemeralAttributes(source map[string]schema.Attribute) (map[string]ephemeralschema.Attribute, error) {
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
			return nil, fmt.Errorf("attribute %s: a %T has no ephemeral twin yet", name, attribute)
		}
	}
	return twins, nil
}
