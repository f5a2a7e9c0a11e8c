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
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
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
			"read": schema.StringAttribute{
				Optional: true, Validators: []validator.String{positiveDuration()},
				MarkdownDescription: timeoutDescription("the whole read", defaultReadTimeout),
			},
		},
	}
}

func timeoutDescription(what string, byDefault time.Duration) string {
	return fmt.Sprintf("Maximum time for %s, including waits for the rate limit, as a Go duration such as `45s` or `1h30m`. "+
		"Defaults to `%dm`.", what, int(byDefault.Minutes()))
}

// positiveDuration validates the attributes of timeouts, which their library parses.
func positiveDuration() validator.String {
	return textCheck{"value must be a Go duration greater than zero", func(text types.String, where path.Path) diag.Diagnostics {
		return parse[time.Duration, durations](text).problems(where)
	}}
}

// readPaths has the path that an error of a timeout has in everything that reads.
func readPaths() errorPaths { return errorPaths{timeoutArgument: path.Root("timeouts").AtName("read")} }
