// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

var _ datasource.DataSourceWithConfigure = (*rolesDataSource)(nil)

func newRolesDataSource() datasource.DataSource { return &rolesDataSource{dataSource{name: "roles"}} }

type rolesDataSource struct{ dataSource }

// rolesModel holds the arguments and results.
type rolesModel struct {
	Permissions types.Bool `tfsdk:"permissions"`
	Roles       types.List `tfsdk:"roles"`

	Timeouts timeouts.Value `tfsdk:"timeouts"`
}

// Schema implements [datasource.DataSource].
func (d *rolesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the roles of the workspace: for which of them a second factor is mandatory and, on request, which " +
			"permissions they hold. Requires no permission.",
		Attributes: map[string]schema.Attribute{
			"permissions": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to fill in `permissions` of each role, which costs one more call. If null or `false`, this " +
					"field is null.",
			},
			"roles": schema.ListAttribute{
				Computed: true, ElementType: newRowObject(users.RoleFields()).terraformType(),
				MarkdownDescription: "The roles, in ascending order of their IDs; never null. The table [below](#fields-of-a-role) " +
					"describes the fields of a role.",
			},
		},
		Blocks: map[string]schema.Block{"timeouts": readTimeout()},
	}
}

// Read implements [datasource.DataSource].
func (d *rolesDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(fill(ctx, d.provider, req.Config, &rolesModel{}, &resp.State)...)
}

// contradictions implements [model]: there is nothing to contradict.
func (*rolesModel) contradictions() diag.Diagnostics { return nil }

func (m *rolesModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	timeout, diags := m.Timeouts.Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := provider.clock.WithTimeout(ctx, timeout)
	defer cancel()
	var roles []*users.Role
	var held map[string][]string
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		roles, err = provider.client.Roles(reading)
		return err
	})
	if m.Permissions.ValueBool() {
		group.Go(func() (err error) {
			held, err = provider.client.Permissions(reading)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		provider.addError(&diags, err, readingRoles, errorPaths{timeoutArgument: path.Root("timeouts").AtName("read")})
		return diags
	}
	rows, problems := deferredList(ctx, "roles", users.RoleFields(), users.RoleRows(roles, held), "set `permissions` to false.")
	diags.Append(problems...)
	m.Roles = rows
	return diags
}
