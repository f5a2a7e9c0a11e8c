// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// providerData is what a configured provider passes to data sources, resource, ephemeral
// resource and action.
type providerData struct {
	// client is nil if there are problems.
	client *rocketchat.Client
	clock  clock.Clock
	// held are the errors of the configuration.
	held diag.Diagnostics
	told atomic.Bool
	// explained has the first paragraph of each failure that was explained, by the rest of
	// its text.
	explained sync.Map
	// ended are the IDs of sessions that a removed rocketchat_session_logout had ended.
	ended sync.Map
}

func (p *providerData) rememberEnded(ids []string) {
	for _, id := range ids {
		p.ended.Store(id, true)
	}
}

// endedBefore returns those of the IDs that are remembered.
func (p *providerData) endedBefore(ids []string) (ended []string) {
	for _, id := range ids {
		if _, ok := p.ended.Load(id); ok {
			ended = append(ended, id)
		}
	}
	return ended
}

// addError explains what happened, why, and what to do next. Where several read, most
// failures happen to all of them: the first gets every text, and the others refer to it.
func (p *providerData) addError(diags *diag.Diagnostics, err error, doing task, paths errorPaths) {
	failure := explain(err, doing)
	said, rest, _ := strings.Cut(failure.detail, "\n\n")
	if first, again := p.explained.LoadOrStore(failure.summary+"\n"+rest, said); again {
		if first == said {
			said = ""
		}
		failure.detail = paragraphs(said, "Another error of this run with the same title says what to do.")
	}
	failure.addTo(diags, paths)
}

// within calls read with the time that a block timeouts allows.
func (p *providerData) within(
	ctx context.Context, m interface{ timeout() timeouts.Value }, read func(context.Context) diag.Diagnostics,
) diag.Diagnostics {
	timeout, diags := m.timeout().Read(ctx, defaultReadTimeout)
	if diags.HasError() {
		return diags
	}
	ctx, cancel := p.clock.WithTimeout(ctx, timeout)
	defer cancel()
	return append(diags, read(ctx)...)
}

// hold keeps errors for problems, without their paths, which are of the provider's
// configuration and would be taken for arguments of a data source.
func (p *providerData) hold(errors diag.Diagnostics) {
	for _, e := range errors {
		p.held.AddError(e.Summary(), e.Detail())
	}
}

// problems is why there is no client; empty if there is one. Whatever calls the workspace
// returns them, from the method that calls: Configure also runs where nothing is called.
// Only the first caller gets every text.
func (p *providerData) problems() diag.Diagnostics {
	if !p.held.HasError() || p.told.CompareAndSwap(false, true) {
		return p.held
	}
	var summaries []string
	for _, e := range p.held {
		summaries = append(summaries, e.Summary())
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("The provider's configuration is incomplete",
		strings.Join(summaries, "; ")+". Another error of this run says what to do.")}
}

// configure is the Configure method of all of them. It returns nil while the
// provider is not configured, as during a validation.
func configure(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	configured, ok := data.(*providerData)
	if !ok {
		diags.AddError(
			"Unexpected provider data type",
			fmt.Sprintf("Expected *provider.providerData, got %T. This is a bug in the provider. Please report it.", data),
		)
	}
	return configured
}
