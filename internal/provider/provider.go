// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package provider is everything that Terraform sees: the provider's configuration,
// its data sources, resource, ephemeral resource, action and functions, and its diagnostics.
package provider

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clock"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

// Address is where Terraform looks for the provider.
const Address = "registry.terraform.io/terraform-rocketchat/rocketchat"

var (
	_ provider.Provider                       = (*rocketchatProvider)(nil)
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
		server := providerserver.NewProtocol6(New(version, opts...)())()
		if full, ok := server.(bulk.FullServer); ok {
			return bulk.NewServer(functionArguments{full})
		}
		return server
	}
}

type rocketchatProvider struct {
	version   string
	clock     clock.Clock
	transport http.RoundTripper
	env       func(string) string
}

// Metadata implements [provider.Provider].
func (p *rocketchatProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "rocketchat"
	resp.Version = p.version
}

// Schema implements [provider.Provider].
func (p *rocketchatProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// ValidateConfig implements [provider.ProviderWithValidateConfig]. It says
// nothing of what is missing, which the environment of the plan may supply.
func (p *rocketchatProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	var address types.String
	var object types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("url"), &address)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("tls"), &object)...)
	if known(address) {
		if u, err := rocketchat.ParseURL(address.ValueString()); err == nil {
			resp.Diagnostics.Append(warnPlainHTTP(u)...)
		}
	}
	if object.IsNull() || object.IsUnknown() {
		return
	}
	var tls tlsModel
	resp.Diagnostics.Append(object.As(ctx, &tls, basetypes.ObjectAsOptions{})...)
	resp.Diagnostics.Append(tls.validate()...)
}

// Configure implements [provider.Provider]. It never fails: what calls no workspace needs no
// settings, so the errors go to what does.
func (p *rocketchatProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	diags := unknownValues(req.Config.Raw)
	if diags.HasError() && req.ClientCapabilities.DeferralAllowed {
		resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
	}
	data := &providerData{clock: p.clock}
	if !diags.HasError() {
		data.client, diags = p.client(ctx, req)
	}
	data.hold(diags.Errors())
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
	if diags.HasError() {
		return nil, diags
	}
	config, problems := model.clientConfig(p.env)
	diags.Append(problems...)
	if diags.HasError() {
		return nil, diags
	}
	config.UserAgent = userAgent(p.version, req.TerraformVersion, p.env("TF_APPEND_USER_AGENT"))
	config.Clock = p.clock
	config.Transport = p.transport
	config.Logger = slog.New(newLogHandler(config.Redactor()))

	client, err := rocketchat.New(config)
	if err != nil {
		addError(&diags, err, readingList, nil)
	}
	return client, diags
}

// DataSources implements [provider.Provider].
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

// EphemeralResources implements [provider.ProviderWithEphemeralResources].
func (p *rocketchatProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newWorkspaceSessionsEphemeralResource}
}

// Actions implements [provider.ProviderWithActions].
func (p *rocketchatProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newLogoutSessionAction}
}

// Resources implements [provider.Provider]. A session is nobody's resource, because a login
// makes it, not Terraform: but that it has ended is a state.
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
