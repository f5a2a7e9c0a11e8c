// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

const readsUsers = "For this, the provider also reads the users of the workspace, which requires the permission `view-d-room`. "

func accountAttributes() map[string]schema.Attribute {
	const nobody = " Sessions of deleted users do not match; see `user_deleted`. If null, the provider selects every session."
	return map[string]schema.Attribute{
		"user_roles": rolesAttribute("Roles. The provider selects the sessions of users who have any of these roles. "+readsUsers, nobody),
		"user_permissions": permissionsAttribute("Permissions. The provider selects the sessions of users who have any of these permissions. "+
			readsUsers, nobody),
		"user_types": typesAttribute(
			"Types of users: `user`, `bot` or `app`. The provider selects the sessions of users of any of these types. "+readsUsers,
			nobody,
		),
		"user_active": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to select only the sessions of active users (`true`) or only those of deactivated users (`false`). " +
				readsUsers + "A user for whom the workspace does not report this counts as deactivated, as at a login." + nobody,
		},
		"user_deleted": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to select only the sessions of deleted users (`true`), whose `user` is null, or only those of " +
				"existing users (`false`). If null, the provider selects both.",
		},
		"user_details": userDetailsAttribute("`user` of each session"),
	}
}

func rolesAttribute(what, end string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, Validators: []validator.List{listvalidator.SizeAtLeast(1), noNulls()},
		MarkdownDescription: what + "Each element is the ID or the name of a role, case-sensitive; a name selects every role that has it. " +
			"A role that the workspace does not have is an error." + end,
	}
}

func permissionsAttribute(what, end string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, Validators: []validator.List{listvalidator.SizeAtLeast(1), noNulls()},
		MarkdownDescription: what + "Each element is the ID of a permission, such as `view-privileged-setting`, case-sensitive. A user has a " +
			"permission if any of the user's roles holds it, which takes one more call. A permission that the workspace does not have is " +
			"an error, and so is one that only roles within rooms hold." + end,
	}
}

func typesAttribute(what, end string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, Validators: []validator.List{
			listvalidator.SizeAtLeast(1), noNulls(), listvalidator.ValueStringsAre(stringvalidator.OneOf("user", "bot", "app")),
		},
		MarkdownDescription: what + "A user without a type does not match." + end,
	}
}

func userDetailsAttribute(where string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to fill in `roles`, `type` and `active` in " + where + ". " + readsUsers +
			"If null or `false`, these fields are null.",
	}
}

// noNulls is for lists of strings.
func noNulls() validator.List { return listCheck[[]string]{"elements must not be null", textsOf} }
