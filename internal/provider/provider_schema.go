// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// Bounds of the provider's two numbers.
const (
	maxRetriesLimit    = 20
	maxConcurrentLimit = 64
)

// providerSchema has no required attribute: the environment alone is enough.
func providerSchema() schema.Schema {
	isHeaders := mapCheck[map[string]string]{"names must be those of HTTP headers that the provider does not set itself", gatewayHeaders}
	return schema.Schema{
		MarkdownDescription: "Reads the login sessions of a Rocket.Chat workspace: " +
			"who is logged in, from which device, operating system and address, and when each client last connected.",
		Attributes: map[string]schema.Attribute{
			"url": urlSetting().schema(false,
				"URL of the workspace, such as `https://chat.example.com`, without `/api/v1`. If the workspace is served under a path, include it. "+
					"The URL must not contain a user name, a password, a query or a fragment. Plain `http` to another machine causes a warning."),
			"user_id": userIDSetting().schema(false,
				"ID of the user that the token belongs to, sent as `X-User-Id`. Rocket.Chat shows it with a new token. It is not the "+
					"username."),
			"auth_token": authTokenSetting().schema(true,
				"Personal access token or login token, sent as `X-Auth-Token`. The provider trims white space around it."),
			"two_factor": twoFactorAttribute(),
			"tls":        tlsAttribute(),
			"headers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
				Validators:  []validator.Map{isHeaders},
				MarkdownDescription: "Additional headers for every request, by name, for a gateway in front of the workspace. " +
					"Headers that the provider itself sets are not allowed. Defaults to the environment variable `" + environment()["headers"] +
					"`, a JSON object such as `{\"X-Gateway-Key\": \"…\"}`, or to none. The two are not merged.",
			},
			"request_timeout": schema.StringAttribute{
				Optional:   true,
				CustomType: durationType{},
				MarkdownDescription: fmt.Sprintf("Maximum time for a single HTTP request, including its response, as a Go duration such as `45s` or "+
					"`1m30s`. Defaults to `%s`. To limit a whole read, use `timeouts` of the data source.", rocketchat.DefaultRequestTimeout),
			},
			"max_retries": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, maxRetriesLimit)},
				MarkdownDescription: fmt.Sprintf("Maximum number of times that the provider repeats a request after a connection error, a "+
					"truncated or malformed "+
					"response, or a status of 429 or of 500 or more except 501, from `0` to `%d`. Waiting for the rate limit does not count. "+
					"Defaults to `%d`.", maxRetriesLimit, rocketchat.DefaultMaxRetries),
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, maxConcurrentLimit)},
				MarkdownDescription: fmt.Sprintf("Maximum number of concurrent requests, from `1` to `%d`. "+
					"The provider sends more than one only if the workspace's rate limit allows it. Defaults to `%d`.",
					maxConcurrentLimit, rocketchat.DefaultMaxConcurrentRequests),
			},
		},
	}
}

// schema adds the environment variable to the description of a setting.
func (s setting[T]) schema(sensitive bool, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Sensitive:           sensitive,
		Validators:          []validator.String{textCheck{rule("value must be a usable " + s.noun), s.validate}},
		MarkdownDescription: fmt.Sprintf("%s Defaults to the environment variable `%s`.", description, s.env()),
	}
}

func twoFactorAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "Second factor, if the workspace requires one. The account's settings determine which is used: " +
			"`totp_secret` for TOTP, `password` for the password, `code` for an e-mail code, or for a TOTP code if no secret is set. " +
			"You can set more than one. Defaults to the environment variables of the attributes.",
		Attributes: map[string]schema.Attribute{
			"method": methodSetting().schema(false,
				"Method to use first: `totp`, `email` or `password`, in upper or lower case. By default, the provider infers it from the "+
					"other attributes. With `email`, the workspace mails a code whenever a request has no valid `code`."),
			"totp_secret": totpSecretSetting().schema(true,
				"TOTP secret of the account, from which the provider computes a fresh code for every request: "+
					"base32 in upper or lower case, with or without spaces and padding, or an `otpauth://` URI "+
					"with the parameters of Rocket.Chat: type `totp`, 6 digits, period 30, algorithm SHA1."),
			"code": codeSetting().schema(true,
				"One-time code from an e-mail or an authenticator app, or a backup code. The provider removes white space."),
			"password": passwordSetting().schema(true,
				"Password of the account, if the account has neither TOTP nor e-mail codes. The provider sends only its SHA-256 hash."),
		},
	}
}

func tlsAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "TLS settings. If null, the provider trusts the CA certificates of this machine and those in `" +
			environment()["tls.ca_certificate_pem"] + "`, and sends no client certificate.",
		Attributes: map[string]schema.Attribute{
			"ca_certificate_pem": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{certificatePEM("CA certificate")},
				MarkdownDescription: fmt.Sprintf("CA certificates, in PEM format, to trust in addition to those of this machine. "+
					"Defaults to the environment variable `%s`, which can also be the path of a file, or to none.",
					environment()["tls.ca_certificate_pem"]),
			},
			"server_name": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{serverName()},
				MarkdownDescription: "Name that the workspace's certificate must have, for a `url` that names a tunnel or an address instead: with " +
					"`https://localhost:8443`, `chat.example.com`. The provider also sends it as the TLS server name. Defaults to the host of `url`.",
			},
			"client_certificate_pem": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{
					certificatePEM("client certificate"), stringvalidator.AlsoRequires(tlsExpression("client_key_pem")),
				},
				MarkdownDescription: "Client certificate in PEM format, with its chain, for the workspace or a gateway in front of it. " +
					"Requires `client_key_pem`. Defaults to none.",
			},
			"client_key_pem": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				Validators: []validator.String{
					keyPEM("client key"), stringvalidator.AlsoRequires(tlsExpression("client_certificate_pem")),
				},
				MarkdownDescription: "Private key of `client_certificate_pem` in PEM format, without a passphrase. Requires " +
					"`client_certificate_pem`. Defaults to none.",
			},
			"insecure_skip_verify": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to accept any certificate. Causes a warning, because anybody on the network path can then read " +
					"the token. " +
					"Defaults to `false`.",
			},
		},
	}
}
