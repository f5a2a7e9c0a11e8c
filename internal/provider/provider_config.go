// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// providerModel is the provider's configuration as Terraform has it. All of it
// must be known when it is read, since a struct cannot hold an unknown object.
type providerModel struct {
	URL                   types.String    `tfsdk:"url"`
	UserID                types.String    `tfsdk:"user_id"`
	AuthToken             types.String    `tfsdk:"auth_token"`
	TwoFactor             *twoFactorModel `tfsdk:"two_factor"`
	TLS                   *tlsModel       `tfsdk:"tls"`
	Headers               types.Map       `tfsdk:"headers"`
	RequestTimeout        duration        `tfsdk:"request_timeout"`
	MaxRetries            types.Int64     `tfsdk:"max_retries"`
	MaxConcurrentRequests types.Int64     `tfsdk:"max_concurrent_requests"`
}

// twoFactorModel is the attribute two_factor.
type twoFactorModel struct {
	Method     types.String `tfsdk:"method"`
	TOTPSecret types.String `tfsdk:"totp_secret"`
	Code       types.String `tfsdk:"code"`
	Password   types.String `tfsdk:"password"`
}

// clientConfig resolves every value against the environment. The result only lacks
// settings that do not come from a user.
func (m *providerModel) clientConfig(env func(string) string) (rocketchat.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	var factor twoFactorModel
	if m.TwoFactor != nil {
		factor = *m.TwoFactor
	}
	config := rocketchat.Config{
		URL:       urlSetting().resolve(m.URL, env, &diags),
		UserID:    userIDSetting().resolve(m.UserID, env, &diags),
		AuthToken: authTokenSetting().resolve(m.AuthToken, env, &diags),
		TwoFactor: rocketchat.TwoFactor{
			Method:   methodSetting().resolve(factor.Method, env, &diags),
			TOTP:     totpSecretSetting().resolve(factor.TOTPSecret, env, &diags),
			Code:     codeSetting().resolve(factor.Code, env, &diags),
			Password: passwordSetting().resolve(factor.Password, env, &diags),
		},
		RequestTimeout:        rocketchat.DefaultRequestTimeout,
		MaxRetries:            rocketchat.DefaultMaxRetries,
		MaxConcurrentRequests: rocketchat.DefaultMaxConcurrentRequests,
	}
	var problems diag.Diagnostics
	config.TLS, problems = tlsConfig(m.TLS, env)
	diags.Append(problems...)
	config.Headers, problems = headers(m.Headers, env)
	diags.Append(problems...)
	if !m.RequestTimeout.IsNull() {
		config.RequestTimeout = m.RequestTimeout.value
	}
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if !m.MaxConcurrentRequests.IsNull() {
		config.MaxConcurrentRequests = int(m.MaxConcurrentRequests.ValueInt64())
	}
	if diags.HasError() {
		return config, diags
	}
	if m.URL.IsNull() {
		// Validation has warned already where the address is configured.
		diags.Append(warnPlainHTTP(config.URL)...)
	}
	diags.Append(checkMethod(config.TwoFactor)...)
	diags.Append(warnSwapped(config.UserID, config.AuthToken)...)
	return config, diags
}

// checkMethod refuses a method without its setting. Method email without a code is
// not a mistake: it makes the workspace mail one.
func checkMethod(factor rocketchat.TwoFactor) diag.Diagnostics {
	var diags diag.Diagnostics
	switch {
	case factor.Method == rocketchat.MethodTOTP && factor.TOTP == nil && factor.Code == "":
		diags.AddAttributeError(methodSetting().path(), "Second-factor method without its secret",
			"The method `totp` needs `two_factor.totp_secret` (environment variable ROCKETCHAT_TOTP_SECRET), "+
				"or for a single use `two_factor.code` (ROCKETCHAT_TWO_FACTOR_CODE).")
	case factor.Method == rocketchat.MethodPassword && factor.Password == "":
		diags.AddAttributeError(methodSetting().path(), "Second-factor method without its password",
			"The method `password` needs `two_factor.password` (environment variable ROCKETCHAT_PASSWORD).")
	}
	return diags
}

// unknownValues is an error for each attribute of the provider's configuration that
// is not known yet. A fallback to the environment could silently read another
// workspace, or read it as another user.
func unknownValues(config tftypes.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	err := tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if value.IsKnown() {
			return true, nil
		}
		where, attribute := providerPath(at)
		diags.AddAttributeError(where, "A provider setting is not known yet", unknownDetail(attribute))
		return false, nil
	})
	if err != nil {
		diags.AddError("The provider's configuration cannot be read", err.Error())
	}
	return diags
}

func unknownDetail(attribute string) string {
	detail := fmt.Sprintf("`%s` depends on a value that is known only after apply, so the provider cannot read the workspace during plan. "+
		"Use a value that is known during plan, such as a variable; or add `depends_on` with the resource that it comes from to "+
		"the data source, which Terraform then reads during apply; or first apply that resource (`terraform apply -target=…`).",
		attribute)
	if variable, ok := environment()[attribute]; ok {
		detail += fmt.Sprintf(" The environment variable %s is used only if the attribute is omitted or null.", variable)
	}
	return detail
}

// providerPath translates a path of the protocol; it also writes it with dots.
func providerPath(at *tftypes.AttributePath) (where path.Path, attribute string) {
	where = path.Empty()
	var names []string
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			where, names = where.AtName(string(step)), append(names, string(step))
		case tftypes.ElementKeyString:
			where, names = where.AtMapKey(string(step)), append(names, string(step))
		}
	}
	return where, strings.Join(names, ".")
}
