// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// providerAttributes is the provider's configuration. The nested objects are
// not structs, because an object can be unknown as a whole.
type providerAttributes struct {
	URL                   types.String `tfsdk:"url"`
	UserID                types.String `tfsdk:"user_id"`
	AuthToken             types.String `tfsdk:"auth_token"`
	TwoFactor             types.Object `tfsdk:"two_factor"`
	TLS                   types.Object `tfsdk:"tls"`
	Headers               types.Map    `tfsdk:"headers"`
	RequestTimeout        types.String `tfsdk:"request_timeout"`
	MaxRetries            types.Int64  `tfsdk:"max_retries"`
	MaxConcurrentRequests types.Int64  `tfsdk:"max_concurrent_requests"`
}

// twoFactorModel is the attribute two_factor.
type twoFactorModel struct {
	Method     types.String `tfsdk:"method"`
	TOTPSecret types.String `tfsdk:"totp_secret"`
	Code       types.String `tfsdk:"code"`
	Password   types.String `tfsdk:"password"`
}

// providerModel is the configuration with its nested objects opened. An object
// that is null or unknown has only null attributes.
type providerModel struct {
	providerAttributes
	twoFactor twoFactorModel
	tls       tlsModel
}

func readProviderModel(ctx context.Context, config tfsdk.Config) (*providerModel, diag.Diagnostics) {
	var model providerModel
	diags := config.Get(ctx, &model.providerAttributes)
	diags.Append(open(ctx, model.TwoFactor, &model.twoFactor)...)
	diags.Append(open(ctx, model.TLS, &model.tls)...)
	return &model, diags
}

func open(ctx context.Context, object types.Object, target any) diag.Diagnostics {
	if object.IsNull() || object.IsUnknown() {
		return nil
	}
	return object.As(ctx, target, basetypes.ObjectAsOptions{})
}

// validate checks what needs no environment and no single attribute's
// validator sees. Values may be unknown.
func (m *providerModel) validate() diag.Diagnostics {
	diags := m.tls.validate()
	if known(m.URL) {
		if u, err := rocketchat.ParseURL(m.URL.ValueString()); err == nil {
			diags.Append(warnPlainHTTP(u)...)
		}
	}
	return diags
}

// clientConfig resolves every value against the environment. All values must
// be known. What it returns lacks only what does not come from a user.
func (m *providerModel) clientConfig(env func(string) string) (clientSettings, diag.Diagnostics) {
	var diags diag.Diagnostics
	resolve := func(s setting, configured types.String) string {
		value, problems := s.resolve(configured, env)
		diags.Append(problems...)
		return value
	}
	require := func(s setting, configured types.String) string {
		value, problems := s.resolve(configured, env)
		diags.Append(problems...)
		if value == "" && !problems.HasError() {
			diags.Append(s.missing())
		}
		return value
	}

	address := require(urlSetting(), m.URL)
	settings := clientSettings{
		Config: rocketchat.Config{
			UserID:    require(userIDSetting(), m.UserID),
			AuthToken: require(authTokenSetting(), m.AuthToken),
			TwoFactor: rocketchat.TwoFactor{
				Method:   rocketchat.Method(resolve(methodSetting(), m.twoFactor.Method)),
				Code:     resolve(codeSetting(), m.twoFactor.Code),
				Password: resolve(passwordSetting(), m.twoFactor.Password),
			},
			RequestTimeout:        rocketchat.DefaultRequestTimeout,
			MaxRetries:            rocketchat.DefaultMaxRetries,
			MaxConcurrentRequests: rocketchat.DefaultMaxConcurrentRequests,
		},
		totpSecret: resolve(totpSecretSetting(), m.twoFactor.TOTPSecret),
	}
	diags.Append(m.applyTransport(&settings.Config)...)
	if diags.HasError() {
		return clientSettings{}, diags
	}

	diags.Append(settings.parse(address)...)
	if m.URL.IsNull() && settings.URL != nil {
		// Validation has warned already where the address is configured.
		diags.Append(warnPlainHTTP(settings.URL)...)
	}
	diags.Append(settings.checkMethod()...)
	return settings, diags
}

// applyTransport sets what has no environment variable.
func (m *providerModel) applyTransport(config *rocketchat.Config) diag.Diagnostics {
	var diags diag.Diagnostics
	tlsConfig, err := m.tls.config()
	if err != nil {
		diags.AddAttributeError(path.Root("tls"), "Unusable TLS settings", "`"+err.Error()+"`")
	}
	config.TLS = tlsConfig
	headers, problems := gatewayHeaders{}.read(m.Headers)
	diags.Append(problems...)
	config.Headers = headers
	if !m.RequestTimeout.IsNull() {
		timeout, err := parseDuration(m.RequestTimeout.ValueString())
		if err != nil {
			diags.AddAttributeError(path.Root("request_timeout"), "Unusable duration", "`request_timeout` "+err.Error()+".")
		}
		config.RequestTimeout = timeout
	}
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if !m.MaxConcurrentRequests.IsNull() {
		config.MaxConcurrentRequests = int(m.MaxConcurrentRequests.ValueInt64())
	}
	return diags
}
