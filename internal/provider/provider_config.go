// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// Bounds of the provider's two numbers.
const (
	maxRetriesLimit    = 20
	maxConcurrentLimit = 64
)

// Schema has no required attribute: the environment alone is enough.
func (p *rocketchatProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	isHeaders := mapCheck[map[string]string]{"names must be those of HTTP headers that the provider does not set itself", gatewayHeaders}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the login sessions of a Rocket.Chat workspace: " +
			"who is logged in, from which device, operating system and address, and when each client last connected.",
		Attributes: map[string]schema.Attribute{
			"url": urlSetting.schema(false,
				"URL of the workspace, such as `https://chat.example.com`, without `/api/v1`. If the workspace is served under a path, include it. "+
					"The URL must not contain a user name, a password, a query or a fragment. Plain `http` to another machine causes a warning."),
			"user_id": userIDSetting.schema(false,
				"ID of the user that the token belongs to, sent as `X-User-Id`. Rocket.Chat shows it with a new token. It is not the username."),
			"auth_token": authTokenSetting.schema(true,
				"Personal access token or login token, sent as `X-Auth-Token`. The provider trims white space around it."),
			"two_factor": twoFactorAttribute(),
			"tls":        tlsAttribute(),
			"headers": schema.MapAttribute{
				ElementType: types.StringType, Optional: true, Sensitive: true, Validators: []validator.Map{isHeaders},
				MarkdownDescription: "Additional headers for every request, by name, for a gateway in front of the workspace. " +
					"Headers that the provider itself sets are not allowed. Defaults to the environment variable `" + headersSetting.env() +
					"`, a JSON object such as `{\"X-Gateway-Key\": \"…\"}`, or to none. The two are not merged.",
			},
			"request_timeout": schema.StringAttribute{
				Optional: true, Validators: []validator.String{positiveDuration()},
				MarkdownDescription: fmt.Sprintf("Maximum time for a single HTTP request, including its response, as a Go duration such as `45s` or "+
					"`1m30s`. Defaults to `%s`. To limit a whole read, use `timeouts` of the data source.", rocketchat.DefaultRequestTimeout),
			},
			"max_retries": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(0, maxRetriesLimit)},
				MarkdownDescription: fmt.Sprintf("Maximum number of times that the provider repeats a request after a connection error, a "+
					"truncated or malformed response, or a status of 429 or of 500 or more except 501, from `0` to `%d`. Waiting for the "+
					"rate limit does not count. Defaults to `%d`.", maxRetriesLimit, rocketchat.DefaultMaxRetries),
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional: true, Validators: []validator.Int64{int64validator.Between(1, maxConcurrentLimit)},
				MarkdownDescription: fmt.Sprintf("Maximum number of concurrent requests, from `1` to `%d`. The provider sends more than one only "+
					"if the workspace's rate limit allows it. Defaults to `%d`.", maxConcurrentLimit, rocketchat.DefaultMaxConcurrentRequests),
			},
		},
	}
}

func twoFactorAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Second factor, if the workspace requires one. The account's settings determine which is used: " +
			"`totp_secret` for TOTP, `password` for the password, `code` for an e-mail code, or for a TOTP code if no secret is set. " +
			"You can set more than one. Defaults to the environment variables of the attributes.",
		Attributes: map[string]schema.Attribute{
			"method": methodSetting.schema(false,
				"Method to use first: `totp`, `email` or `password`, in upper or lower case. By default, the provider infers it from the "+
					"other attributes. With `email`, the workspace mails a code whenever a request has no valid `code`."),
			"totp_secret": totpSecretSetting.schema(true,
				"TOTP secret of the account, from which the provider computes a fresh code for every request: "+
					"base32 in upper or lower case, with or without spaces and padding, or an `otpauth://` URI "+
					"with the parameters of Rocket.Chat: type `totp`, 6 digits, period 30, algorithm SHA1."),
			"code": codeSetting.schema(true,
				"One-time code from an e-mail or an authenticator app, or a backup code. The provider removes white space."),
			"password": passwordSetting.schema(true,
				"Password of the account, if the account has neither TOTP nor e-mail codes. The provider sends only its SHA-256 hash."),
		},
	}
}

func tlsAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "TLS settings. If null, the provider trusts the CA certificates of this machine and those in `" +
			caSetting.env() + "`, and sends no client certificate.",
		Attributes: map[string]schema.Attribute{
			"ca_certificate_pem": schema.StringAttribute{
				Optional: true, Validators: []validator.String{pemCheck("CA certificate", parseCertificates)},
				MarkdownDescription: "CA certificates, in PEM format, to trust in addition to those of this machine. Defaults to the environment " +
					"variable `" + caSetting.env() + "`, which can also be the path of a file, or to none.",
			},
			"server_name": schema.StringAttribute{
				Optional: true, Validators: []validator.String{serverName()},
				MarkdownDescription: "Name that the workspace's certificate must have, for a `url` that names a tunnel or an address instead: with " +
					"`https://localhost:8443`, `chat.example.com`. The provider also sends it as the TLS server name. Defaults to the host of `url`.",
			},
			"client_certificate_pem": schema.StringAttribute{
				Optional: true, Validators: []validator.String{
					pemCheck("client certificate", parseCertificates), stringvalidator.AlsoRequires(tlsExpression("client_key_pem")),
				},
				MarkdownDescription: "Client certificate in PEM format, with its chain, for the workspace or a gateway in front of it. " +
					"Requires `client_key_pem`. Defaults to none.",
			},
			"client_key_pem": schema.StringAttribute{
				Optional: true, Sensitive: true, Validators: []validator.String{
					pemCheck("client key", parseKey), stringvalidator.AlsoRequires(tlsExpression("client_certificate_pem")),
				},
				MarkdownDescription: "Private key of `client_certificate_pem` in PEM format, without a passphrase. Requires " +
					"`client_certificate_pem`. Defaults to none.",
			},
			"insecure_skip_verify": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to accept any certificate. Causes a warning, because anybody on the network path can then read " +
					"the token. Defaults to `false`.",
			},
		},
	}
}

// providerModel is the provider's configuration as Terraform has it. All of it
// must be known when it is read, since a struct cannot hold an unknown object.
type providerModel struct {
	URL                   types.String    `tfsdk:"url"`
	UserID                types.String    `tfsdk:"user_id"`
	AuthToken             types.String    `tfsdk:"auth_token"`
	TwoFactor             *twoFactorModel `tfsdk:"two_factor"`
	TLS                   *tlsModel       `tfsdk:"tls"`
	Headers               types.Map       `tfsdk:"headers"`
	RequestTimeout        types.String    `tfsdk:"request_timeout"`
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
func (m *providerModel) clientConfig(env func(string) string, diags *diag.Diagnostics) rocketchat.Config {
	factor := cmp.Or(m.TwoFactor, &twoFactorModel{})
	config := rocketchat.Config{
		URL:       urlSetting.resolve(m.URL, env, diags),
		UserID:    userIDSetting.resolve(m.UserID, env, diags),
		AuthToken: authTokenSetting.resolve(m.AuthToken, env, diags),
		TwoFactor: rocketchat.TwoFactor{
			Method:   methodSetting.resolve(factor.Method, env, diags),
			TOTP:     totpSecretSetting.resolve(factor.TOTPSecret, env, diags),
			Code:     codeSetting.resolve(factor.Code, env, diags),
			Password: passwordSetting.resolve(factor.Password, env, diags),
		},
		TLS:     tlsConfig(m.TLS, env, diags),
		Headers: headers(m.Headers, env, diags),
		// Validation refuses zero, except for retries.
		RequestTimeout:        cmp.Or(durations.read(m.RequestTimeout, path.Root("request_timeout"), diags), rocketchat.DefaultRequestTimeout),
		MaxConcurrentRequests: cmp.Or(int(m.MaxConcurrentRequests.ValueInt64()), rocketchat.DefaultMaxConcurrentRequests),
		MaxRetries:            rocketchat.DefaultMaxRetries,
	}
	if !m.MaxRetries.IsNull() {
		config.MaxRetries = int(m.MaxRetries.ValueInt64())
	}
	if diags.HasError() {
		return config
	}
	if m.URL.IsNull() {
		// Validation has warned already where the address is configured.
		warnPlainHTTP(config.URL, diags)
	}
	checkMethod(config.TwoFactor, diags)
	warnSwapped(config.UserID, config.AuthToken, diags)
	return config
}

// checkMethod refuses a method without its setting. Method email without a code is
// not a mistake: it makes the workspace mail one.
func checkMethod(factor rocketchat.TwoFactor, diags *diag.Diagnostics) {
	switch {
	case factor.Method == rocketchat.MethodTOTP && factor.TOTP == nil && factor.Code == "":
		diags.AddError("Second-factor method without its secret",
			"The method `totp` needs `two_factor.totp_secret` (environment variable ROCKETCHAT_TOTP_SECRET), "+
				"or for a single use `two_factor.code` (ROCKETCHAT_TWO_FACTOR_CODE).")
	case factor.Method == rocketchat.MethodPassword && factor.Password == "":
		diags.AddError("Second-factor method without its password",
			"The method `password` needs `two_factor.password` (environment variable ROCKETCHAT_PASSWORD).")
	}
}

// unknownValues is an error for each attribute of the provider's configuration that
// is not known yet. A fallback to the environment could silently read another
// workspace, or read it as another user.
func unknownValues(config tftypes.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	err := tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if !value.IsKnown() {
			diags.AddError("A provider setting is not known yet", unknownDetail(at.Steps()))
		}
		return value.IsKnown(), nil
	})
	if err != nil {
		diags.AddError("The provider's configuration cannot be read", err.Error())
	}
	return diags
}

func unknownDetail(steps []tftypes.AttributePathStep) string {
	var names []string
	for _, step := range steps {
		names = append(names, fmt.Sprint(step))
	}
	attribute := strings.Join(names, ".")
	detail := fmt.Sprintf("`%s` depends on a value that is known only after apply, so the provider cannot read the workspace during plan. "+
		"Use a value that is known during plan, such as a variable; or add `depends_on` with the resource that it comes from to "+
		"the data source, which Terraform then reads during apply; or first apply that resource (`terraform apply -target=…`).",
		attribute)
	if variable, ok := environment()[attribute]; ok {
		detail += fmt.Sprintf(" The environment variable %s is used only if the attribute is omitted or null.", variable)
	}
	return detail
}
