// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

func newCurrentUserSessionsDataSource() datasource.DataSource {
	return &modelDataSource{
		dataSource{name: "current_user_sessions", schema: currentUserSessionsSchema},
		func() model { return &currentUserSessionsModel{} },
	}
}

func currentUserSessionsSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the login sessions of the account that the provider's token belongs to, or those that the " +
			"arguments select, in a deterministic order. " +
			"`login_at` is the time when a session's client last connected, not when the session began. " +
			"The result is complete by client: every app or browser that is logged in during the whole read is in it, by its old connection " +
			"or a new one. If the provider cannot prove this, the read fails. " +
			"Requires a premium license and Rocket.Chat 5.0 or later, but neither a permission nor a second factor.",
		Attributes: sessionsAttributes(currentUserSessions()),
	}
}
