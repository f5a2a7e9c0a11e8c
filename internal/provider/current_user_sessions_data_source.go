// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

func newCurrentUserSessionsDataSource() datasource.DataSource {
	return &dataSource{
		name: "current_user_sessions", schema: currentUserSessionsSchema, model: func() model { return &currentUserSessionsModel{} },
	}
}

func currentUserSessionsSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads the login sessions of the account that the provider's token belongs to, or those that the " +
			"arguments select, " + completeByClient +
			"Requires a premium license and Rocket.Chat 5.0 or later, but neither a permission nor a second factor.",
		Attributes: sessionsAttributes(currentUserSessions()),
	}
}
