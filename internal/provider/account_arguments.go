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
)

// accountArguments select sessions by their users, or show details of the users.
// The provider reads the users only if one of the arguments is set.
type accountArguments struct {
	UserRoles   types.List `tfsdk:"user_roles"`
	UserTypes   types.List `tfsdk:"user_types"`
	UserActive  types.Bool `tfsdk:"user_active"`
	UserDetails types.Bool `tfsdk:"user_details"`
}

const readsUsers = "For this, the provider also reads the users of the workspace, which requires the permission `view-d-room`. "

func accountAttributes() map[string]schema.Attribute {
	const nobody = " Sessions of deleted users do not match; see `user_deleted`. If null, the provider keeps every session."
	return map[string]schema.Attribute{
		"user_roles": rolesAttribute("Roles. The provider keeps the sessions of users who have any of these roles. "+readsUsers, nobody),
		"user_types": typesAttribute(
			"Types of users: `user`, `bot` or `app`. The provider keeps the sessions of users of any of these types. "+readsUsers,
			nobody,
		),
		"user_active": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to keep only the sessions of active users (`true`) or only those of deactivated users (`false`). " +
				readsUsers + "A user for whom the workspace does not report this counts as deactivated, as at a login." + nobody,
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

// accountQuery are accountArguments on their way through a read.
type accountQuery struct {
	accountArguments
	client   *rocketchat.Client
	accounts *accounts
}

// read reads what the arguments need, if anything. A second call reads a newer
// list.
func (q *accountQuery) read(ctx context.Context) error {
	if _, asked := q.firstArgument(); !asked {
		return nil
	}
	var stale *rocketchat.UserListing
	if q.accounts != nil {
		stale = q.accounts.listing
	}
	var err error
	q.accounts, err = readAccounts(ctx, q.client, stale, !q.UserRoles.IsNull())
	return err
}

// ask has a query select by account, before the accounts are known: it then needs
// the whole list.
func (q *accountQuery) ask(query *sessions.Query) diag.Diagnostics {
	var diags, problems diag.Diagnostics
	query.Roles, diags = textsOf(q.UserRoles, path.Root("user_roles"))
	query.Types, problems = textsOf(q.UserTypes, path.Root("user_types"))
	diags.Append(problems...)
	query.Active = q.UserActive.ValueBoolPointer()
	return diags
}

// apply answers the query with the accounts, and reads them once more where they
// lack somebody: a login of a user who was created meanwhile.
func (q *accountQuery) apply(
	ctx context.Context, query *sessions.Query, all []*sessions.Session,
) (sessions.Result, diag.Diagnostics, error) {
	result, diags := q.applyOnce(query, all)
	if diags.HasError() || len(result.Unknown) == 0 {
		return result, diags, nil
	}
	if err := q.read(ctx); err != nil {
		return result, diags, err
	}
	result, diags = q.applyOnce(query, all)
	where, selects := q.firstSelector()
	switch {
	case len(result.Unknown) == 0 || diags.HasError():
	case selects:
		diags.Append(errorOfUnknown(where, result.Unknown))
	default:
		diags.Append(warningOfUnknown(result.Unknown))
	}
	return result, diags, nil
}

func (q *accountQuery) applyOnce(query *sessions.Query, all []*sessions.Session) (sessions.Result, diag.Diagnostics) {
	var diags diag.Diagnostics
	if q.accounts != nil {
		query.Accounts, query.Details = q.accounts.byID, q.UserDetails.ValueBool()
		if !q.UserRoles.IsNull() {
			query.Roles, diags = q.accounts.roleIDs(q.UserRoles, path.Root("user_roles"))
		}
		if query.Details && q.accounts.listing.Hidden {
			diags.Append(hiddenDetails(path.Root("user_details")))
		}
	}
	return query.Apply(all), diags
}
