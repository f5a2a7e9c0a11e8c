// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

var readingRoles = task{noun: "read", rows: "roles", routes: "/api/v1/roles.list and /api/v1/permissions.listAll"}

func newRolesDataSource() datasource.DataSource {
	return &dataSource{name: "roles", schema: rolesSchema, model: func() model { return &rolesModel{} }}
}

// rolesModel holds the arguments and results.
type rolesModel struct {
	Permissions types.Bool `tfsdk:"permissions"`
	Roles       types.List `tfsdk:"roles"`

	timed
}

func rolesSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the roles of the workspace: for which of them a second factor is mandatory and, on request, which " +
			"permissions they hold. Requires no permission.",
		Attributes: map[string]schema.Attribute{
			"permissions": optionalBool("Whether to fill in `permissions` of each role, which costs one more call. If null or `false`, this " +
				"field is null."),
			"roles": resultRows(users.RoleFields(), "The roles, in ascending order of their IDs; never null. The table "+
				"[below](#fields-of-a-role) describes the fields of a role."),
		},
	}
}

func (m *rolesModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	known, err := readDirectory(ctx, provider.client, directoryNeed{roles: true, permissions: m.Permissions.ValueBool()})
	if err != nil {
		return provider.failed(err, readingRoles, readPaths())
	}
	rows := users.RoleRows(known.Roles, known.Permissions)
	roles, diags := deferredList(ctx, "roles", users.RoleFields(), rows, "set `permissions` to false.")
	m.Roles = roles
	return diags
}
