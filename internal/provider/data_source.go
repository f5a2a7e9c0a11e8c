// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// dataSource is what all data sources have.
type dataSource struct {
	// name follows the provider's own.
	name string
	// schema lacks the block timeouts.
	schema   func() schema.Schema
	provider *providerData
}

// timed is the block timeouts of a model.
type timed struct {
	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

func (t timed) timeout() timeouts.Value { return t.Timeouts }

// Metadata implements [datasource.DataSource].
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

// Schema implements [datasource.DataSource].
func (d *dataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = d.schemaWithTimeouts()
}

func (d *dataSource) schemaWithTimeouts() schema.Schema {
	whole := d.schema()
	whole.Blocks = map[string]schema.Block{"timeouts": readTimeout()}
	return whole
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.provider = configure(req.ProviderData, &resp.Diagnostics)
}
