// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

var (
	_ datasource.DataSourceWithConfigure      = (*dataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*dataSource)(nil)
)

// dataSource is what all data sources are; their models differ.
type dataSource struct {
	// name follows the provider's own.
	name string
	// schema lacks the block timeouts.
	schema   func() schema.Schema
	model    func() model
	provider *providerData
}

// model is the arguments of a data source; read fills in the results.
type model interface {
	timeout() timeouts.Value
	read(ctx context.Context, provider *providerData) diag.Diagnostics
}

// timed is the block timeouts of a model.
type timed struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t timed) timeout() timeouts.Value { return t.Timeouts }

// listModel is a model whose arguments have more rules than the schema states.
type listModel interface {
	// validate checks the arguments, which can be unknown. Terraform validates again before
	// each read, when all are known.
	validate() diag.Diagnostics
}

func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.schema()
	resp.Schema.Blocks = map[string]schema.Block{"timeouts": readTimeout()}
}

func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.provider = configure(req.ProviderData)
}

func (d *dataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	resp.Diagnostics.Append(validate(ctx, req.Config, d.model())...)
}

func validate(ctx context.Context, config tfsdk.Config, m model) diag.Diagnostics {
	list, ok := m.(listModel)
	if !ok || config.Get(ctx, m).HasError() { // which the framework reports where it validates the attribute
		return nil
	}
	return list.validate()
}

func (d *dataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(fill(ctx, d.provider, req.Config, d.model(), &resp.State)...)
}

// fill decodes the arguments, has the model read, and stores it as the result.
func fill(ctx context.Context, configured *providerData, config tfsdk.Config, m model, result interface {
	Set(ctx context.Context, value any) diag.Diagnostics
},
) diag.Diagnostics {
	attributes := any(m)
	if one, ok := m.(interface{ object() *types.Object }); ok {
		attributes = one.object()
	}
	diags := configured.problems()
	if !diags.HasError() {
		diags.Append(config.Get(ctx, attributes)...)
	}
	if !diags.HasError() {
		diags.Append(configured.within(ctx, m, func(ctx context.Context) diag.Diagnostics { return m.read(ctx, configured) })...)
	}
	if !diags.HasError() {
		diags.Append(configured.warningsOfLongWaits()...)
		diags.Append(result.Set(ctx, attributes)...)
	}
	return diags
}

func optionalText(description string, validators ...validator.String) schema.Attribute {
	return schema.StringAttribute{Optional: true, Validators: validators, MarkdownDescription: description}
}

func optionalTexts(description string, validators ...validator.List) schema.Attribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, Validators: validators, MarkdownDescription: description}
}

func optionalMap(description string) schema.Attribute {
	return schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description}
}

func optionalBool(description string) schema.Attribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func optionalNumber(description string) schema.Attribute {
	return schema.Int64Attribute{Optional: true, Validators: []validator.Int64{int64validator.AtLeast(0)}, MarkdownDescription: description}
}

func resultNumber(description string) schema.Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

func resultRows[T any](fields []table.Field[T], description string) schema.Attribute {
	return schema.ListAttribute{
		Computed: true, ElementType: newRowObject(fields).terraformType(), MarkdownDescription: description,
	}
}

// defaultReadTimeout lets a read of 20,000 sessions wait for the default rate
// limit, ten calls of a hundred sessions a minute.
const defaultReadTimeout = 20 * time.Minute

const timeoutsDescription = "Maximum durations. Each has a default."

// readTimeout is the block timeouts of data sources and of the ephemeral resource,
// which has `read` instead of `open`, so that changing one word turns a data source
// into an ephemeral resource. It replaces the validator of
// terraform-plugin-framework-timeouts, which accepts zero and does not say what to
// write instead.
func readTimeout() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: timeoutsDescription,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		Attributes: map[string]schema.Attribute{
			"read": optionalText(timeoutDescription("the whole read", defaultReadTimeout), positiveDuration()),
		},
	}
}

func timeoutDescription(what string, byDefault time.Duration) string {
	return fmt.Sprintf("Maximum time for %s, including waits for the rate limit, as a Go duration such as `45s` or `1h30m`. "+
		"Defaults to `%dm`.",
		what, int(byDefault.Minutes()))
}

// positiveDuration validates the attributes of timeouts, which their library parses.
func positiveDuration() validator.String {
	return textCheck{"value must be a Go duration greater than zero", func(text types.String, where path.Path) diag.Diagnostics {
		var diags diag.Diagnostics
		durations.read(text, where, &diags)
		return diags
	}}
}

// readPaths has the path that an error of a timeout has in everything that reads.
func readPaths() errorPaths { return errorPaths{timeoutArgument: path.Root("timeouts").AtName("read")} }
