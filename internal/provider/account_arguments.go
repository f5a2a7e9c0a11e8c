// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// accountArguments select sessions by their users, or show details of the users.
// The provider reads the users only if an argument other than user_deleted is set.
type accountArguments struct {
	UserRoles       types.List `tfsdk:"user_roles"`
	UserPermissions types.List `tfsdk:"user_permissions"`
	UserTypes       types.List `tfsdk:"user_types"`
	UserActive      types.Bool `tfsdk:"user_active"`
	UserDeleted     types.Bool `tfsdk:"user_deleted"`
	UserDetails     types.Bool `tfsdk:"user_details"`
}

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

// firstSelector is the path of the first argument that selects by account; false if none
// is set.
func (a *accountArguments) firstSelector() (path.Path, bool) {
	switch {
	case !a.UserRoles.IsNull():
		return path.Root("user_roles"), true
	case !a.UserPermissions.IsNull():
		return path.Root("user_permissions"), true
	case !a.UserTypes.IsNull():
		return path.Root("user_types"), true
	case !a.UserActive.IsNull():
		return path.Root("user_active"), true
	default:
		return path.Empty(), false
	}
}

// firstArgument is the path of the first argument that requires the users.
func (a *accountArguments) firstArgument() (path.Path, bool) {
	if where, ok := a.firstSelector(); ok {
		return where, true
	}
	return path.Root("user_details"), a.UserDetails.ValueBool()
}

// read reads the accounts that the arguments need, if any. A stale listing lacks a user.
func (a *accountArguments) read(ctx context.Context, client *rocketchat.Client, stale *rocketchat.UserListing) (*accounts, error) {
	if _, needed := a.firstArgument(); !needed {
		return &accounts{listing: &rocketchat.UserListing{}}, nil
	}
	withPermissions := !a.UserPermissions.IsNull()
	return readAccounts(ctx, client, stale, withPermissions || !a.UserRoles.IsNull(), withPermissions)
}

// filter is what the arguments select, with the roles by ID.
func (a *accountArguments) filter(known *accounts) (users.AccountFilter, diag.Diagnostics) {
	kinds, diags := textsOf(a.UserTypes, path.Root("user_types"))
	filter := users.AccountFilter{Types: kinds, Active: a.UserActive.ValueBoolPointer()}
	if !a.UserRoles.IsNull() {
		roles, problems := known.roleIDs(a.UserRoles, path.Root("user_roles"))
		filter.Roles = roles
		diags.Append(problems...)
	}
	if !a.UserPermissions.IsNull() {
		roles, problems := known.permittedRoles(a.UserPermissions, path.Root("user_permissions"))
		filter.PermittedRoles = roles
		diags.Append(problems...)
	}
	if a.UserDetails.ValueBool() && known.listing.Hidden {
		diags.Append(hiddenDetails(path.Root("user_details")))
	}
	return filter, diags
}

// unknown reports the sessions whose users the list of users lacks.
func (a *accountArguments) unknown(of []*sessions.Session) diag.Diagnostics {
	if len(of) == 0 {
		return nil
	}
	if where, selects := a.firstSelector(); selects {
		return diag.Diagnostics{errorOfUnknown(where, of)}
	}
	return diag.Diagnostics{warningOfUnknown(of)}
}
