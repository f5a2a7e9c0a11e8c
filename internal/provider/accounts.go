// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/users"
)

// directory is the users, roles and permissions of the workspace, as far as a read needs them.
type directory struct {
	users.Directory
	listing *rocketchat.UserListing
}

// directoryNeed is what to read. A stale listing is one that lacks a user.
type directoryNeed struct {
	users, roles, permissions bool
	stale                     *rocketchat.UserListing
}

// readDirectory reads everything that is needed at the same time.
func readDirectory(ctx context.Context, client *rocketchat.Client, need directoryNeed) (*directory, error) {
	d := &directory{listing: &rocketchat.UserListing{}}
	group, ctx := errgroup.WithContext(ctx)
	if need.users {
		group.Go(func() (err error) {
			d.listing, err = client.Users(ctx, need.stale)
			return err
		})
	}
	if need.roles {
		group.Go(func() (err error) {
			d.Roles, err = client.Roles(ctx)
			return err
		})
	}
	if need.permissions {
		group.Go(func() (err error) {
			d.Permissions, err = client.Permissions(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	d.Users = d.listing.Users
	return d, nil
}

// accounts are those of the users by their IDs.
func (d *directory) accounts() map[string]*users.Account {
	byID := make(map[string]*users.Account, len(d.Users))
	for _, user := range d.Users {
		byID[user.ID] = &user.Account
	}
	return byID
}

const readsUsers = "For this, the provider also reads the users of the workspace, which requires the permission `view-d-room`. "

// accountAttributes are the arguments of the list of all users' sessions that only the list of
// users can fulfill.
func accountAttributes() map[string]schema.Attribute {
	const nobody = " Sessions of deleted users do not match; see `user_deleted`. If null, the provider selects every session."
	attributes := accountSelectors("user_", "the sessions of users", readsUsers, nobody)
	maps.Copy(attributes, map[string]schema.Attribute{
		"user_active": optionalBool("Whether to select only the sessions of active users (`true`) or only those of deactivated users " +
			"(`false`). " + readsUsers + "A user for whom the workspace does not report this counts as deactivated, as at a login." + nobody),
		"user_deleted": optionalBool("Whether to select only the sessions of deleted users (`true`), whose `user` is null, or only those of " +
			"existing users (`false`). If null, the provider selects both."),
		"user_details": userDetailsAttribute("`user` of each session"),
	})
	return attributes
}

// accountSelectors are the arguments that select sessions or users by account.
func accountSelectors(prefix, selected, reads, end string) map[string]schema.Attribute {
	list := func(description string, more ...validator.List) schema.Attribute {
		some := []validator.List{listvalidator.SizeAtLeast(1), listCheck[[]string]{"elements must not be null", textsOf}}
		return optionalTexts(description+end, append(some, more...)...)
	}
	return map[string]schema.Attribute{
		prefix + "roles": list("Roles. The provider selects " + selected + " who have any of these roles. " + reads +
			"Each element is the ID or the name of a role, case-sensitive; a name selects every role that has it. " +
			"A role that the workspace does not have is an error."),
		"user_permissions": list("Permissions. The provider selects " + selected + " who have any of these permissions. " + reads +
			"Each element is the ID of a permission, such as `view-privileged-setting`, case-sensitive. A user has a " +
			"permission if any of the user's roles holds it, which takes one more call. A permission that the workspace does not have is " +
			"an error, and so is one that only roles within rooms hold."),
		prefix + "types": list("Types of users: `user`, `bot` or `app`. The provider selects "+selected+" of any of these types. "+reads+
			"A user without a type does not match.", listvalidator.ValueStringsAre(stringvalidator.OneOf("user", "bot", "app"))),
	}
}

func userDetailsAttribute(where string) schema.Attribute {
	return optionalBool("Whether to fill in `roles`, `type` and `active` in " + where + ". " + readsUsers +
		"If null or `false`, these fields are null.")
}

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

// placed is an argument, or an element of one, which is nil if the argument lacks it.
type placed struct {
	where path.Path
	value attr.Value
}

func (p placed) isSet() bool { return p.value != nil && !p.value.IsNull() }

// firstSet is the path of the first argument that is set; false if none is.
func firstSet(arguments []placed) (path.Path, bool) {
	first := slices.IndexFunc(arguments, placed.isSet)
	if first < 0 {
		return path.Empty(), false
	}
	return arguments[first].where, true
}

// firstSelector is the path of the first argument that selects by account; false if none
// is set.
func (a *accountArguments) firstSelector() (path.Path, bool) {
	return firstSet([]placed{
		{path.Root("user_roles"), a.UserRoles},
		{path.Root("user_permissions"), a.UserPermissions},
		{path.Root("user_types"), a.UserTypes},
		{path.Root("user_active"), a.UserActive},
	})
}

// firstArgument is the path of the first argument that requires the users.
func (a *accountArguments) firstArgument() (path.Path, bool) {
	if where, ok := a.firstSelector(); ok {
		return where, true
	}
	return path.Root("user_details"), a.UserDetails.ValueBool()
}

// need is what to read for the arguments.
func (a *accountArguments) need(stale *rocketchat.UserListing) directoryNeed {
	_, needed := a.firstArgument()
	permissions := !a.UserPermissions.IsNull()
	return directoryNeed{users: needed, roles: permissions || !a.UserRoles.IsNull(), permissions: permissions, stale: stale}
}

// filter resolves the arguments that select by account, whose names begin with prefix. The
// filter has the roles by ID.
func (d *directory) filter(by *accountArguments, prefix string) (users.AccountFilter, diag.Diagnostics) {
	kinds, diags := textsOf(by.UserTypes, path.Root(prefix+"types"))
	filter := users.AccountFilter{
		Types:          kinds,
		Roles:          d.rolesOf(by.UserRoles, path.Root(prefix+"roles"), d.rolesNamed, &diags),
		PermittedRoles: d.rolesOf(by.UserPermissions, path.Root("user_permissions"), d.rolesPermitted, &diags),
		Active:         by.UserActive.ValueBoolPointer(),
	}
	if by.UserDetails.ValueBool() && d.listing.Hidden {
		diags.Append(hiddenDetails(path.Root("user_details")))
	}
	return filter, diags
}

// rolesOf converts a list to the IDs of roles, each element by a function; nil only for null.
func (d *directory) rolesOf(
	configured types.List, where path.Path, convert func(string, path.Path, *diag.Diagnostics) []string, diags *diag.Diagnostics,
) []string {
	if configured.IsNull() {
		return nil
	}
	ids := []string{}
	if d.listing.Hidden {
		diags.Append(hiddenDetails(where))
		return ids
	}
	texts, problems := textsOf(configured, where)
	diags.Append(problems...)
	for i, text := range texts {
		ids = append(ids, convert(text, where.AtListIndex(i), diags)...)
	}
	return ids
}

// rolesNamed are the IDs of the roles with an ID or a name, which stands at a path.
func (d *directory) rolesNamed(name string, at path.Path, diags *diag.Diagnostics) []string {
	ids, err := d.RoleIDs(name)
	switch {
	case errors.Is(err, users.ErrRoomRole):
		diags.AddAttributeError(at, "No user can have this role", fmt.Sprintf("`%s` is %q, a role within rooms. "+
			"The workspace's list of users does not show who has it, so a rule about it would always pass.", at, name))
	case err != nil:
		diags.AddAttributeError(at, "Unknown role", fmt.Sprintf("`%s` is %q, which is neither the ID nor the name of a role of the workspace%s",
			at, name, d.insteadOfRole(name)))
	}
	return ids
}

// rolesPermitted are the IDs of the roles that hold a permission, whose ID stands at a path.
func (d *directory) rolesPermitted(permission string, at path.Path, diags *diag.Diagnostics) []string {
	roles, rooms, ok := d.PermittedRoles(permission)
	switch {
	case !ok:
		meant := didYouMean(permission, slices.Sorted(maps.Keys(d.Permissions)), 1)
		diags.AddAttributeError(at, "Unknown permission", fmt.Sprintf("`%s` is %q, which is not the ID of a permission of the workspace%s "+
			"IDs are case-sensitive. %s lists the permissions.", at, permission, meant, menuPermissions))
	case len(rooms) > 0 && len(rooms) == len(roles):
		diags.AddAttributeError(at, "No user can have this permission by a role of the workspace",
			fmt.Sprintf("`%s` is %q, which only roles within rooms hold: %s. The workspace's list of users does not show who has them, "+
				"so a rule about it would always pass.", at, permission, firstFew(rooms)))
	case len(rooms) > 0:
		diags.AddAttributeWarning(at, "Roles within rooms hold the permission, too",
			fmt.Sprintf("`%s` is %q, which these roles within rooms also hold: %s. The workspace's list of users does not show who has "+
				"them, so the result lacks users who have the permission in some rooms only.", at, permission, firstFew(rooms)))
	}
	return roles
}

// usersError is a failure to read the users or roles for a list of sessions.
type usersError struct{ error }

// Unwrap makes errors.As see the client's error.
func (e usersError) Unwrap() error { return e.error }

// explainUsers says of a missing permission which argument needs the users.
func explainUsers(e usersError) explanation {
	told := explain(e.error, readingUsers)
	switch {
	case errors.Is(e, rocketchat.ErrNoPermission):
		told.argument = usersArgument
	case told.argument == searchArgument: // which only the list of sessions has
		told.argument = noArgument
	}
	return told
}

// hiddenDetails is the error for an argument that needs details which the account
// may not see.
func hiddenDetails(where path.Path) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(where, "The account cannot see the roles and last logins of users",
		paragraphs(fmt.Sprintf("`%s` requires them, but the workspace shows them for no user.", where), seeFullInfo))
}

const seeFullInfo = "Before release 6.8 the workspace shows them only to accounts with the permission `view-full-other-user-info`; " +
	"later releases may do so as well. " +
	"An administrator grants it to one of the account's roles under " + menuPermissions + ": search for view-full-other-user-info and " +
	"select the role."

// insteadOfRole ends the sentence about an unknown role with those that are nearest, and the
// first of all: by name where the ID says nothing.
func (d *directory) insteadOfRole(unknown string) string {
	names := d.RoleNames()
	hint := didYouMean(unknown, names, 3)
	for _, role := range d.Roles {
		if role.Name != "" && role.Name != role.ID {
			names = slices.DeleteFunc(names, func(name string) bool { return name == role.ID })
		}
	}
	return hint + " IDs and names are case-sensitive. The workspace's roles are " + firstFew(names) + "."
}
