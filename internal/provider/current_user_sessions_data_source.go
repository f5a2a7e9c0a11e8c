// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSourceWithConfigure      = (*currentUserSessionsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*currentUserSessionsDataSource)(nil)
)

func newCurrentUserSessionsDataSource() datasource.DataSource {
	return &currentUserSessionsDataSource{dataSource{name: "current_user_sessions"}}
}

type currentUserSessionsDataSource struct{ dataSource }

// Schema implements [datasource.DataSource].
func (d *currentUserSessionsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the login sessions of the account that the provider's token belongs to, or those that the " +
			"arguments select, in a deterministic order. " +
			"`login_at` is the time when a session's client last connected, not when the session began. " +
			"The result is complete by client: every app or browser that is logged in during the whole read is in it, by its old connection " +
			"or a new one. If the provider cannot prove this, the read fails. " +
			"Requires a premium license and Rocket.Chat 5.0 or later, but neither a permission nor a second factor.",
		Attributes: sessionsAttributes(currentUserSessions()),
		Blocks:     map[string]schema.Block{"timeouts": readTimeout()},
	}
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *currentUserSessionsDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	resp.Diagnostics.Append(validateList(ctx, req.Config, &currentUserSessionsModel{})...)
}

// Read implements [datasource.DataSource].
func (d *currentUserSessionsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(fill(ctx, d.provider, req.Config, &currentUserSessionsModel{}, &resp.State)...)
}

type currentUserSessionsModel struct{ sessionsModel }
