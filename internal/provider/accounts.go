// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
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

// accounts are what the arguments about accounts come to.
type accounts struct {
	listing *rocketchat.UserListing
	byID    map[string]*users.Account
	// filter has the roles by ID.
	filter   users.AccountFilter
	problems diag.Diagnostics
}

// readAccounts reads what the arguments need, if anything, and resolves them. Errors are of
// the type usersError.
func readAccounts(ctx context.Context, client *rocketchat.Client, by *accountArguments, stale *rocketchat.UserListing) (*accounts, error) {
	_, needed := by.firstArgument()
	if !needed {
		return &accounts{}, nil
	}
	permissions := !by.UserPermissions.IsNull()
	known, err := readDirectory(ctx, client, directoryNeed{
		users: true, roles: permissions || !by.UserRoles.IsNull(), permissions: permissions, stale: stale,
	})
	if err != nil {
		return nil, usersError{err}
	}
	a := &accounts{listing: known.listing, byID: make(map[string]*users.Account, len(known.Users))}
	for _, user := range known.Users {
		a.byID[user.ID] = &user.Account
	}
	a.filter.Active = by.UserActive.ValueBoolPointer()
	a.filter.Types, a.problems = textsOf(by.UserTypes, path.Root("user_types"))
	var problems diag.Diagnostics
	if !by.UserRoles.IsNull() {
		a.filter.Roles, problems = known.roleIDs(by.UserRoles, path.Root("user_roles"))
		a.problems.Append(problems...)
	}
	if permissions {
		a.filter.PermittedRoles, problems = known.permittedRoles(by.UserPermissions, path.Root("user_permissions"))
		a.problems.Append(problems...)
	}
	if by.UserDetails.ValueBool() && known.listing.Hidden {
		a.problems.Append(hiddenDetails(path.Root("user_details")))
	}
	return a, nil
}

// usersError is a failure to read the users or roles.
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

// roleIDs converts a list of IDs and names of roles to IDs; where is its path. The
// result is never nil.
func (d *directory) roleIDs(configured types.List, where path.Path) ([]string, diag.Diagnostics) {
	ids := []string{}
	if d.listing.Hidden {
		return ids, diag.Diagnostics{hiddenDetails(where)}
	}
	names, diags := textsOf(configured, where)
	for i, name := range names {
		more, err := d.RoleIDs(name)
		ids = append(ids, more...)
		at := where.AtListIndex(i)
		switch {
		case errors.Is(err, users.ErrRoomRole):
			diags.AddAttributeError(at, "No user can have this role", fmt.Sprintf("`%s` is %q, a role within rooms. "+
				"The workspace's list of users does not show who has it, so a rule about it would always pass.", at, name))
		case err != nil:
			diags.AddAttributeError(at, "Unknown role", fmt.Sprintf("`%s` is %q, which is neither the ID nor the name of a role of the workspace%s",
				at, name, d.insteadOfRole(name)))
		}
	}
	return ids, diags
}

// permittedRoles converts a list of IDs of permissions to the IDs of the roles that hold any
// of them; where is its path. The result is never nil.
func (d *directory) permittedRoles(configured types.List, where path.Path) ([]string, diag.Diagnostics) {
	ids := []string{}
	if d.listing.Hidden {
		return ids, diag.Diagnostics{hiddenDetails(where)}
	}
	permissions, diags := textsOf(configured, where)
	for i, permission := range permissions {
		roles, rooms, ok := d.PermittedRoles(permission)
		ids = append(ids, roles...)
		switch at := where.AtListIndex(i); {
		case !ok:
			meant := didYouMean(permission, "", slices.Sorted(maps.Keys(d.Permissions)))
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
	}
	return ids, diags
}

// insteadOfRole ends the sentence about an unknown role with those that are nearest, and the
// first of all: by name where the ID says nothing.
func (d *directory) insteadOfRole(unknown string) string {
	names := d.RoleNames()
	folded := fold(unknown)
	distance := func(name string) int { return levenshtein.Distance(folded, fold(name), nil) }
	near := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		if len(name) > sanitize.MaxBytes {
			return true
		}
		longer := folded != "" && strings.Contains(fold(name), folded)
		shorter := len(name) > 3 && strings.HasPrefix(folded, fold(name))
		return distance(name) > max(2, len(folded)/3) && !longer && !shorter
	})
	slices.SortStableFunc(near, func(a, b string) int { return distance(a) - distance(b) })
	const most = 3
	var quoted []string
	for _, name := range near[:min(len(near), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", sanitize.Line(name)))
	}
	hint := "."
	if len(quoted) > 0 {
		hint = "; did you mean " + strings.Join(quoted, " or ") + "?"
	}
	for _, role := range d.Roles {
		if role.Name != "" && role.Name != role.ID {
			names = slices.DeleteFunc(names, func(name string) bool { return name == role.ID })
		}
	}
	return hint + " IDs and names are case-sensitive. The workspace's roles are " + firstFew(names) + "."
}

// firstFew lists names from the workspace, at most ten of them.
func firstFew(names []string) string {
	const most = 10
	var shown []string
	for _, name := range names[:min(len(names), most)] {
		shown = append(shown, sanitize.Line(name))
	}
	list := strings.Join(shown, ", ")
	if more := len(names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
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

// unknownUsers names the users of sessions whom the list of users lacks, the first
// few of them.
func unknownUsers(of []*sessions.Session) string {
	var ids []string
	for _, s := range of {
		id := userWithoutID
		if s.UserID != nil && *s.UserID != "" {
			id = *s.UserID
		}
		ids = append(ids, id)
	}
	return firstFew(different(ids))
}

const userWithoutID = "a user without an ID"

// different puts names in order, each once.
func different(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// whyUnknown explains users who have sessions but are not in the list of users.
const whyUnknown = "They are in the workspace's list of sessions but not in its list of users, even after the provider read that " +
	"list again. Releases before 8.0 omit users with neither username nor name."

// errorOfUnknown is for a rule about users whose details are unknown.
func errorOfUnknown(where path.Path, of []*sessions.Session) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(where, "The list of users lacks users who have sessions",
		paragraphs(
			"The provider cannot determine whether `"+where.String()+"` holds for these users: "+unknownUsers(of)+".",
			whyUnknown,
			"If a user is being deleted, try again. Otherwise, give the user a username, or check the user's sessions and then omit them "+
				"with `exclude = { user_id = \"^…$\" }`.",
		))
}

// warningOfUnknown is for details that are shown as null.
func warningOfUnknown(of []*sessions.Session) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("user_details"), "The list of users lacks users who have sessions",
		paragraphs("`roles`, `type` and `active` are null for these users: "+unknownUsers(of)+".", whyUnknown,
			"A rule about null can pass by mistake: make it treat null as a violation."))
}
