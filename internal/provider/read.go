// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// A read goes one way: arguments, need, listing and accounts, query, rows. This file describes it
// for everything that returns sessions, from top to bottom.

const fewerSessions = "`limit`, with `offset` for the next part; `filter`, `match`, `exclude`, `within_cidrs`, `outside_cidrs`, " +
	"`logged_in_before` or `logged_in_after` for those that a rule is about; or `search`, which also makes the workspace send fewer."

// readList reads a list of sessions, and fills in the results.
func (m *sessionsModel) readList(ctx context.Context, provider *providerData, list sessionList, by *accountArguments) diag.Diagnostics {
	selection, diags := m.selection(list, by)
	if diags.HasError() {
		return diags
	}
	r := &sessionsRead{
		provider: provider, selection: selection, by: by,
		list: func(ctx context.Context, need sessions.Need) (*rocketchat.Listing, error) {
			return list.read(provider.client, ctx, m.Search.ValueString(), need)
		},
		check: func(listing *rocketchat.Listing) diag.Diagnostics { return m.checkListing(list, listing, selection) },
		doing: readingList, paths: errorPaths{searchArgument: path.Root("search")},
	}
	result, total, problems := r.run(ctx)
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	m.Sessions, problems = deferredList(ctx, "sessions", list.fields, result.Sessions, fewerSessions)
	diags.Append(problems...)
	m.Total = types.Int64Value(int64(total))
	m.Matched = types.Int64Value(int64(result.Matched))
	return diags
}

// sessionsRead is a read of sessions: of a list, or of one session.
type sessionsRead struct {
	provider  *providerData
	selection *sessions.Arguments
	by        *accountArguments
	list      func(context.Context, sessions.Need) (*rocketchat.Listing, error)
	// check is nil if nothing can be wrong with the list.
	check func(*rocketchat.Listing) diag.Diagnostics
	// doing and paths explain an error.
	doing task
	paths errorPaths
}

// run returns the selected sessions, and the number of all.
func (r *sessionsRead) run(ctx context.Context) (result sessions.Result, total int, diags diag.Diagnostics) {
	selector, byAccount := r.by.firstSelector()
	need := r.selection.Need(byAccount)

	var listing *rocketchat.Listing
	var known *directory
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		listing, err = r.list(reading, need)
		return err
	})
	group.Go(func() (err error) {
		known, err = r.directory(reading, nil)
		return err
	})
	if err := group.Wait(); err != nil {
		return result, 0, r.failed(err)
	}
	if r.check != nil {
		diags.Append(r.check(listing)...)
	}
	if diags.HasError() {
		return result, 0, diags
	}

	query, problems := r.query(listing, known)
	result = query.Apply(listing.Sessions)
	if len(result.Unknown) > 0 && !problems.HasError() {
		// Somebody has logged in who was created after the users were read.
		var err error
		if known, err = r.directory(ctx, known.listing); err != nil {
			return result, 0, append(diags, r.failed(err)...)
		}
		query, problems = r.query(listing, known)
		result = query.Apply(listing.Sessions)
		diags.Append(unknownUsers(result.Unknown, selector, byAccount)...)
	}
	diags.Append(problems...)
	diags.Append(reconnectedUsers(result.Reconnected)...)
	if need.OnlyNewest() {
		result.Matched = listing.Total // whatever was not read matches as well
	}
	return result, listing.Total, diags
}

// directory reads what the arguments about accounts need, if anything.
func (r *sessionsRead) directory(ctx context.Context, stale *rocketchat.UserListing) (*directory, error) {
	known, err := readDirectory(ctx, r.provider.client, r.by.need(stale))
	if err != nil {
		return nil, usersError{err}
	}
	return known, nil
}

// query is what selects from a list, with everything that the read has learned.
func (r *sessionsRead) query(listing *rocketchat.Listing, known *directory) (*sessions.Query, diag.Diagnostics) {
	filter, diags := known.filter(r.by, "user_")
	return &sessions.Query{
		Arguments: *r.selection, Now: listing.At, ConnectedAfter: listing.ConnectedAfter,
		AccountFilter: filter, Accounts: known.accounts(), Details: r.by.UserDetails.ValueBool(),
	}, diags
}

// failed explains why nothing was read.
func (r *sessionsRead) failed(err error) diag.Diagnostics {
	paths := readPaths()
	maps.Copy(paths, r.paths)
	paths[usersArgument], _ = r.by.firstArgument()
	return r.provider.failed(err, r.doing, paths)
}

// unknownUsers reports sessions whose users the list of users lacks, which the argument at
// selector is about, if there is one.
func unknownUsers(of []*sessions.Session, selector path.Path, selects bool) diag.Diagnostics {
	if len(of) == 0 {
		return nil
	}
	const summary = "The list of users lacks users who have sessions"
	const why = "They are in the workspace's list of sessions but not in its list of users, even after the provider read that " +
		"list again. Releases before 8.0 omit users with neither username nor name."
	users := usersOf(of, idOf)
	if selects {
		return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(selector, summary, paragraphs(
			"The provider cannot determine whether `"+selector.String()+"` holds for these users: "+users+".", why,
			"If a user is being deleted, try again. Otherwise, give the user a username, or check the user's sessions and then omit them "+
				"with `exclude = { user_id = \"^…$\" }`."))}
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("user_details"), summary, paragraphs(
		"`roles`, `type` and `active` are null for these users: "+users+".", why,
		"A rule about null can pass by mistake: make it treat null as a violation."))}
}

// reconnectedUsers warns of users who may have a session too many, because one of their clients
// was counted by two connections.
func reconnectedUsers(counted []*sessions.Session) diag.Diagnostics {
	if len(counted) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("beyond_per_user"), "A client may be counted twice", paragraphs(
		"These users have more sessions than `beyond_per_user`, and one of them connected while the provider read the list: "+
			usersOf(counted, nameOf)+".",
		"If that client was connected before, its previous session can be listed as well, because the workspace does not show which "+
			"sessions belong to one client. Logging out the previous session ends the present connection.",
		"Read the list again before you log out sessions of these users.",
	))}
}

// usersOf names the first few users of sessions.
func usersOf(all []*sessions.Session, name func(*sessions.Session) string) string {
	var names []string
	for _, s := range all {
		names = append(names, name(s))
	}
	slices.Sort(names)
	return firstFew(slices.Compact(names))
}

func nameOf(s *sessions.Session) string {
	if s.User != nil && s.User.Username.Value != "" {
		return s.User.Username.Value
	}
	return idOf(s)
}

func idOf(s *sessions.Session) string {
	if s.UserID == nil || *s.UserID == "" {
		return "a user without an ID"
	}
	return *s.UserID
}
