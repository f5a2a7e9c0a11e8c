// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/sync/errgroup"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// A read goes one way: arguments, need, listing and accounts, query, rows. This file describes it
// for everything that returns sessions, from top to bottom.

var (
	_ datasource.DataSourceWithConfigure      = (*modelDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*modelDataSource)(nil)
)

// modelDataSource is a data source whose model reads.
type modelDataSource struct {
	dataSource
	model func() model
}

// model is the arguments of a data source; read fills in the results.
type model interface {
	timeout() timeouts.Value
	read(ctx context.Context, provider *providerData) diag.Diagnostics
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *modelDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	resp.Diagnostics.Append(validate(ctx, req.Config, d.model())...)
}

// Read implements [datasource.DataSource].
func (d *modelDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	resp.Diagnostics.Append(fill(ctx, d.provider, req.Config, d.model(), &resp.State)...)
}

// fill decodes the arguments, has the model read, and stores it as the result.
func fill(ctx context.Context, configured *providerData, config tfsdk.Config, m model, result interface {
	Set(ctx context.Context, value any) diag.Diagnostics
},
) diag.Diagnostics {
	diags := configured.problems()
	if !diags.HasError() {
		diags.Append(config.Get(ctx, m)...)
	}
	if list, ok := m.(listModel); ok && !diags.HasError() {
		diags.Append(list.contradictions()...)
	}
	if !diags.HasError() {
		diags.Append(configured.within(ctx, m, func(ctx context.Context) diag.Diagnostics { return m.read(ctx, configured) })...)
	}
	if !diags.HasError() {
		diags.Append(configured.warningsOfLongWaits()...)
		diags.Append(result.Set(ctx, m)...)
	}
	return diags
}

const fewerSessions = "`limit`, with `offset` for the next part; `filter`, `match`, `exclude`, `within_cidrs`, `outside_cidrs`, " +
	"`logged_in_before` or `logged_in_after` for those that a rule is about; or `search`, which also makes the workspace send fewer."

// readList reads a list of sessions, and fills in the results.
func (m *sessionsModel) readList(ctx context.Context, provider *providerData, list sessionList, by accountArguments) diag.Diagnostics {
	selection, diags := m.selection(list, &by)
	if diags.HasError() {
		return diags
	}
	r := &sessionsRead{
		provider: provider, selection: selection, by: by,
		list: func(ctx context.Context, need sessions.Need) (*rocketchat.Listing, error) {
			return list.read(provider.client, ctx, m.Search.ValueString(), need)
		},
		check: func(listing *rocketchat.Listing) diag.Diagnostics { return m.checkListing(list, listing, &selection) },
		doing: readingList, paths: errorPaths{searchArgument: path.Root("search")},
	}
	result, total, problems := r.run(ctx)
	diags.Append(problems...)
	if diags.HasError() {
		return diags
	}
	diags.Append(warningOfReconnected(result.Reconnected)...)
	m.Sessions, problems = deferredList(ctx, "sessions", list.fields, result.Sessions, fewerSessions)
	diags.Append(problems...)
	m.Total = types.Int64Value(int64(total))
	m.Matched = types.Int64Value(int64(result.Matched))
	return diags
}

// sessionsRead is a read of sessions: of a list, or of one session.
type sessionsRead struct {
	provider  *providerData
	selection sessions.Arguments
	by        accountArguments
	list      func(context.Context, sessions.Need) (*rocketchat.Listing, error)
	// check is nil if nothing can be wrong with the list.
	check func(*rocketchat.Listing) diag.Diagnostics
	// doing and paths explain an error.
	doing task
	paths errorPaths
}

// run returns the selected sessions, and the number of all.
func (r *sessionsRead) run(ctx context.Context) (result sessions.Result, total int, diags diag.Diagnostics) {
	_, byAccount := r.by.firstSelector()
	need := r.selection.Need(byAccount)

	var listing *rocketchat.Listing
	var known *accounts
	group, reading := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		listing, err = r.list(reading, need)
		return err
	})
	group.Go(func() (err error) {
		known, err = readAccounts(reading, r.provider.client, &r.by, nil)
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

	result = r.query(listing, known).Apply(listing.Sessions)
	if len(result.Unknown) > 0 && !known.problems.HasError() {
		// Somebody has logged in who was created after the users were read.
		var err error
		if known, err = readAccounts(ctx, r.provider.client, &r.by, known.listing); err != nil {
			return result, 0, append(diags, r.failed(err)...)
		}
		result = r.query(listing, known).Apply(listing.Sessions)
		diags.Append(r.by.unknown(result.Unknown)...)
	}
	diags.Append(known.problems...)
	if need.OnlyNewest() {
		result.Matched = listing.Total // whatever was not read matches as well
	}
	return result, listing.Total, diags
}

// query is what selects from a list, with everything that the read has learned.
func (r *sessionsRead) query(listing *rocketchat.Listing, known *accounts) *sessions.Query {
	return &sessions.Query{
		Arguments: r.selection, Now: listing.At, ConnectedAfter: listing.ConnectedAfter,
		AccountFilter: known.filter, Accounts: known.byID, Details: r.by.UserDetails.ValueBool(),
	}
}

// failed explains why nothing was read.
func (r *sessionsRead) failed(err error) diag.Diagnostics {
	paths := readPaths()
	maps.Copy(paths, r.paths)
	paths[usersArgument], _ = r.by.firstArgument()
	return r.provider.failed(err, r.doing, paths)
}
