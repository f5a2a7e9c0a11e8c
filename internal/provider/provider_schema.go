// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// What is accepted for the two numbers of the provider.
const (
	mostRetries            = 20
	mostConcurrentRequests = 64
)

// providerSchema has no required attribute: the environment alone is enough.
func providerSchema() schema.Schema {
	isHeaders := mapCheck{
		"names must be those of HTTP headers that the provider does not set itself",
		func(headers types.Map, where path.Path) diag.Diagnostics {
			_, diags := gatewayHeaders(headers, where)
			return diags
		},
	}
	return schema.Schema{
		MarkdownDescription: "Reads the login sessions of a Rocket.Chat workspace: " +
			"who is logged in, from which device, operating system and address, and when each was last connected.",
		Attributes: map[string]schema.Attribute{
			"url": settingAttribute(urlSetting(), false,
				"Root of the workspace, such as `https://chat.example.com`, without `/api/v1`. A path below which the workspace is served is kept. "+
					"A user name, a password, a query or a fragment in it is refused. Plain `http` to another machine gives a warning."),
			"user_id": settingAttribute(userIDSetting(), false,
				"Id of the user whom the token belongs to, sent as `X-User-Id`. It is shown beside the token when that is made, and is not the "+
					"user name."),
			"auth_token": settingAttribute(authTokenSetting(), true,
				"Personal access token, or a login token, sent as `X-Auth-Token`. White space around it is dropped."),
			"two_factor": twoFactorAttribute(),
			"tls":        tlsAttribute(),
			"headers": schema.MapAttribute{
				ElementType: types.StringType,
				Optional:    true,
				Sensitive:   true,
				Validators:  []validator.Map{isHeaders},
				MarkdownDescription: "Further headers for every request, by name, for a gateway in front of the workspace. " +
					"Headers that the provider sets itself are refused. Null means none. There is no environment variable.",
			},
			"request_timeout": schema.StringAttribute{
				Optional:   true,
				CustomType: durationType{},
				MarkdownDescription: fmt.Sprintf("How long a single HTTP request may take, answer included, as a Go duration such as `45s` or "+
					"`1m30s`. "+
					"Null means `%s`. There is no environment variable. How long a whole read may take is the data source's "+
					"`timeouts`.", rocketchat.DefaultRequestTimeout),
			},
			"max_retries": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, mostRetries)},
				MarkdownDescription: fmt.Sprintf("How often a request is repeated after a connection error, a truncated or unreadable answer, "+
					"a status of 500 or more except 501, or 429; from `0` to `%d`. Waiting for the rate limit does not count. "+
					"Null means `%d`. There is no environment variable.", mostRetries, rocketchat.DefaultMaxRetries),
			},
			"max_concurrent_requests": schema.Int64Attribute{
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(1, mostConcurrentRequests)},
				MarkdownDescription: fmt.Sprintf("How many requests may be under way at once, from `1` to `%d`. "+
					"More than one is only ever sent where the workspace's rate limit has room. "+
					"Null means `%d`. There is no environment variable.", mostConcurrentRequests, rocketchat.DefaultMaxConcurrentRequests),
			},
		},
	}
}

// settingAttribute adds to a description what holds for every setting.
func settingAttribute(s setting, sensitive bool, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:   true,
		Sensitive:  sensitive,
		Validators: []validator.String{textCheck{rule("value must be a usable " + s.noun), s.validate}},
		MarkdownDescription: fmt.Sprintf("%s Null means the environment variable `%s`.",
			description, s.env),
	}
}

func twoFactorAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How to answer when the workspace demands a second factor. `totp_secret` answers a demand for a TOTP code, " +
			"`password` one for the password, `code` one for an e-mail code, or for a TOTP code where no secret is set. " +
			"More than one may be set; the account decides which is used. Null means what the environment variables of its attributes say.",
		Attributes: map[string]schema.Attribute{
			"method": settingAttribute(methodSetting(), false,
				"Method to send first: `totp`, `email` or `password`. Where it is set nowhere it follows from what else is set. "+
					"`email` makes the workspace send a code by mail whenever no valid `code` goes along."),
			"totp_secret": settingAttribute(totpSecretSetting(), true,
				"Secret of the account's authenticator app, from which a fresh code is computed for every request: "+
					"base32 in upper or lower case, with or without spaces and padding, or a whole `otpauth://` URI."),
			"code": settingAttribute(codeSetting(), true,
				"One-time code: from an e-mail, from an authenticator app, or a backup code. Spaces in it are dropped."),
			"password": settingAttribute(passwordSetting(), true,
				"Password of the account, for accounts that have neither TOTP nor e-mail codes. Only its SHA-256 is sent."),
		},
	}
}

func tlsAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional: true,
		MarkdownDescription: "How to trust the workspace's certificate, and how to show one's own. " +
			"Null means this machine's certificate authorities and no client certificate. There are no environment variables.",
		Attributes: map[string]schema.Attribute{
			"ca_certificate_pem": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{certificatePEM("authority certificate")},
				MarkdownDescription: "Certificates of authorities, in PEM form, that are trusted in addition to those of this machine. " +
					"Null means the machine's alone.",
			},
			"client_certificate_pem": schema.StringAttribute{
				Optional: true,
				Validators: []validator.String{
					certificatePEM("client certificate"), stringvalidator.AlsoRequires(tlsExpression("client_key_pem")),
				},
				MarkdownDescription: "Certificate in PEM form, with its chain, that the provider shows to the workspace or to a gateway in " +
					"front of it. " +
					"Needs `client_key_pem`. Null means none.",
			},
			"client_key_pem": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				Validators: []validator.String{
					keyPEM("client key"), stringvalidator.AlsoRequires(tlsExpression("client_certificate_pem")),
				},
				MarkdownDescription: "Private key of `client_certificate_pem` in PEM form, without a passphrase. Null means none.",
			},
			"insecure_skip_verify": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to accept any certificate; this gives a warning, because anybody in between can then read the token. " +
					"Null means `false`.",
			},
		},
	}
}
