// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is everything that Terraform sees: the provider's configuration,
// its data sources, resource, ephemeral resource, action and functions, and its diagnostics.
package provider

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// Address is where Terraform looks for the provider.
const Address = "registry.terraform.io/terraform-rocketchat/rocketchat"

var (
	_ provider.ProviderWithValidateConfig     = (*rocketchatProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*rocketchatProvider)(nil)
	_ provider.ProviderWithActions            = (*rocketchatProvider)(nil)
	_ provider.ProviderWithFunctions          = (*rocketchatProvider)(nil)
)

// Option replaces something that a provider takes from its machine.
type Option func(*rocketchatProvider)

// WithClock makes the provider use c instead of the machine's clock.
func WithClock(c clock.Clock) Option {
	return func(p *rocketchatProvider) { p.clock = c }
}

// WithTransport sends every request through t. The attribute tls then has no effect.
func WithTransport(t http.RoundTripper) Option {
	return func(p *rocketchatProvider) { p.transport = t }
}

// WithEnv looks environment variables up with get instead of os.Getenv.
func WithEnv(get func(name string) string) Option {
	return func(p *rocketchatProvider) { p.env = get }
}

// New returns a constructor of the provider, as the plugin server wants it.
func New(version string, opts ...Option) func() provider.Provider {
	return func() provider.Provider {
		p := &rocketchatProvider{version: version, clock: clock.System{}, env: os.Getenv}
		for _, opt := range opts {
			opt(p)
		}
		return p
	}
}

// NewServer returns the provider as Terraform calls it: the framework's server for
// protocol 6, wrapped by the faster encoder of long lists.
func NewServer(version string, opts ...Option) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		framework, _ := providerserver.NewProtocol6(New(version, opts...)())().(bulk.FullServer)
		return bulk.NewServer(functionArguments{framework})
	}
}

type rocketchatProvider struct {
	version   string
	clock     clock.Clock
	transport http.RoundTripper
	env       func(string) string
}

func (p *rocketchatProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "rocketchat"
	resp.Version = p.version
}

// ValidateConfig says nothing of what is missing, which the environment of the plan may supply.
func (p *rocketchatProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	var address types.String
	var tls tlsModel
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("url"), &address)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, tlsPath("client_certificate_pem"), &tls.ClientCertificatePEM)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, tlsPath("client_key_pem"), &tls.ClientKeyPEM)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, tlsPath("insecure_skip_verify"), &tls.InsecureSkipVerify)...)
	if u, err := rocketchat.ParseURL(address.ValueString()); err == nil {
		warnPlainHTTP(u, &resp.Diagnostics)
	}
	resp.Diagnostics.Append(tls.validate()...)
}

// Configure never fails: what calls no workspace needs no settings, so the errors go to what does.
func (p *rocketchatProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	diags := unknownValues(req.Config.Raw)
	if diags.HasError() && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	data := &providerData{clock: p.clock}
	if !diags.HasError() {
		data.client, diags = p.client(ctx, req)
	}
	data.held = diags.Errors()
	resp.Diagnostics.Append(diags.Warnings()...)
	resp.DataSourceData = data
	resp.ResourceData = data
	resp.EphemeralResourceData = data
	resp.ActionData = data
}

// client makes a client of a configuration that is known.
func (p *rocketchatProvider) client(ctx context.Context, req provider.ConfigureRequest) (*rocketchat.Client, diag.Diagnostics) {
	var model providerModel
	diags := req.Config.Get(ctx, &model)
	config := model.clientConfig(p.env, &diags)
	if diags.HasError() {
		return nil, diags
	}
	config.UserAgent = userAgent(p.version, req.TerraformVersion, p.env("TF_APPEND_USER_AGENT"))
	config.Clock = p.clock
	config.Transport = p.transport
	config.Logger = slog.New(newLogHandler(config.Redactor()))

	client, err := rocketchat.New(config)
	if err != nil {
		explain(err, readingList).addTo(&diags, nil)
	}
	return client, diags
}

func (p *rocketchatProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newWorkspaceSessionsDataSource,
		newWorkspaceSessionDataSource,
		newCurrentUserSessionsDataSource,
		newUsersDataSource,
		newRolesDataSource,
		newSettingsDataSource,
	}
}

func (p *rocketchatProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newWorkspaceSessionsEphemeralResource}
}

func (p *rocketchatProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newLogoutSessionAction}
}

// Resources has no session, because a login makes it, not Terraform: but that it has ended is a state.
func (p *rocketchatProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newSessionLogoutResource}
}

// userAgent does not change while the process runs. more is what the user appends, as with
// HashiCorp's providers.
func userAgent(version, terraformVersion, more string) string {
	agent := "terraform-provider-rocketchat/" + version + " (+https://" + Address + ")"
	if terraformVersion != "" {
		agent += " Terraform/" + terraformVersion
	}
	if more = sanitize.Line(more); more != "" {
		agent += " " + more
	}
	return agent
}

// providerData is what a configured provider passes to data sources, resource, ephemeral
// resource and action.
type providerData struct {
	// client is nil if there are problems.
	client *rocketchat.Client
	clock  clock.Clock
	// held are the errors of the configuration, without paths, which would be taken for those of a
	// data source.
	held diag.Diagnostics
	told atomic.Bool
	// explained has the first paragraph of each failure that was explained, by the rest of
	// its text.
	explained sync.Map
	// ended are the IDs of sessions that a removed rocketchat_session_logout had ended.
	ended sync.Map
}

// failed explains what happened, why, and what to do next. Where several read, most
// failures happen to all of them: the first gets every text, and the others refer to it.
func (p *providerData) failed(err error, doing task, paths errorPaths) (diags diag.Diagnostics) {
	failure := explain(err, doing)
	said, rest, _ := strings.Cut(failure.detail, "\n\n")
	if first, again := p.explained.LoadOrStore(failure.summary+"\n"+rest, said); again {
		if first == said {
			said = ""
		}
		failure.detail = paragraphs(said, "Another error of this run with the same title says what to do.")
	}
	failure.addTo(&diags, paths)
	return diags
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

// warningsOfLongWaits says why a read took minutes in which Terraform showed nothing, once a
// run for each rate limit.
func (p *providerData) warningsOfLongWaits() diag.Diagnostics {
	var diags diag.Diagnostics
	for _, long := range p.client.LongWaits() {
		summary, limit := "The provider waited for the rate limit of the workspace", limitOfCalls(long.Calls)
		help := bypassLimit + raiseLimit
		if long.Gateway {
			summary, limit = "The provider waited for the rate limit of a gateway", "The gateway is in front of the workspace."
			help = "a higher limit in the gateway"
		}
		diags.AddWarning(summary, paragraphs(
			fmt.Sprintf("%s waited %s in total.", long.Request, long.Wait.Round(time.Second)), limit,
			"Any of these helps: "+help+"; or fewer separate reads, because data sources with the same `search` share one.",
			"TF_LOG_PROVIDER=INFO shows each wait before it begins. Further waits of this run for the same limit give no warning."))
	}
	return diags
}

const (
	bypassLimit = "the permission `api-bypass-rate-limit` for one of the account's roles (" + menuPermissions + "); "
	raiseLimit  = "a higher limit (" + menuSettings + " → Rate Limiter)"
)

// limitOfCalls is the workspace's limit; calls is 0 if the workspace did not say.
func limitOfCalls(calls int) string {
	if calls <= 0 {
		return "The workspace limits the calls of each client address."
	}
	return fmt.Sprintf("The workspace allows each client address %d calls of a route per window.", calls)
}

// configure returns nil while the provider is not configured, as during a validation.
func configure(data any) *providerData {
	configured, _ := data.(*providerData)
	return configured
}
