// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// setting is a provider attribute with an environment variable. The same rules apply
// to both.
type setting[T any] struct {
	// attribute is written with dots: two_factor.code.
	attribute string
	// noun names the value in a summary.
	noun string
	// remedy ends a message about a value that is missing; empty if it may be.
	remedy string
	// clean removes what cannot be intended, such as a line break at the end; nil for
	// white space around the value.
	clean func(string) string
	// parse returns an error that does not quote the text: "must not …". It can be a problem.
	parse func(string) (T, error)
}

// environment returns the environment variables of the settings by their attributes.
func environment() map[string]string {
	return map[string]string{ //nolint:gosec // G101: names of variables, not credentials
		"url":                    "ROCKETCHAT_URL",
		"user_id":                "ROCKETCHAT_USER_ID",
		"auth_token":             "ROCKETCHAT_AUTH_TOKEN",
		"two_factor.method":      "ROCKETCHAT_TWO_FACTOR_METHOD",
		"two_factor.totp_secret": "ROCKETCHAT_TOTP_SECRET",
		"two_factor.code":        "ROCKETCHAT_TWO_FACTOR_CODE",
		"two_factor.password":    "ROCKETCHAT_PASSWORD",
		"headers":                "ROCKETCHAT_HEADERS",
		"tls.ca_certificate_pem": "ROCKETCHAT_CA_CERTIFICATE",
	}
}

const whereTokensAre = "Rocket.Chat shows both when you create a personal access token " +
	"(avatar → Profile → Personal Access Tokens); it shows the token only once."

func urlSetting() setting[*url.URL] {
	return setting[*url.URL]{
		attribute: "url", noun: "workspace address", parse: bare(rocketchat.ParseURL),
		remedy: "It is the root of the workspace, such as https://chat.example.com.",
	}
}

func userIDSetting() setting[string] {
	return setting[string]{
		attribute: "user_id", noun: "user ID", parse: bare(parseCredential),
		remedy: "The user ID belongs to the token and is not the username. " + whereTokensAre,
	}
}

func authTokenSetting() setting[string] {
	return setting[string]{attribute: "auth_token", noun: "authentication token", parse: bare(parseCredential), remedy: whereTokensAre}
}

func methodSetting() setting[rocketchat.Method] {
	return setting[rocketchat.Method]{
		attribute: "two_factor.method", noun: "second-factor method",
		parse: bare(func(s string) (rocketchat.Method, error) {
			switch method := rocketchat.Method(strings.ToLower(s)); method {
			case rocketchat.MethodTOTP, rocketchat.MethodEmail, rocketchat.MethodPassword:
				return method, nil
			default:
				return "", errors.New("must be one of `totp`, `email` and `password`")
			}
		}),
	}
}

func totpSecretSetting() setting[*rocketchat.TOTPSecret] {
	return setting[*rocketchat.TOTPSecret]{attribute: "two_factor.totp_secret", noun: "TOTP secret", parse: bare(parseTOTPSecret)}
}

func codeSetting() setting[string] {
	return setting[string]{
		attribute: "two_factor.code", noun: "one-time code", parse: bare(parseCode),
		// Authenticator apps show "123 456"; Rocket.Chat refuses the space.
		clean: withoutSpace,
	}
}

func passwordSetting() setting[string] {
	return setting[string]{
		attribute: "two_factor.password", noun: "account password",
		clean: func(s string) string { return s },
		parse: parsePassword,
	}
}

// path is where the attribute stands in the provider's schema.
func (s setting[T]) path() path.Path {
	first, rest, nested := strings.Cut(s.attribute, ".")
	if !nested {
		return path.Root(first)
	}
	return path.Root(first).AtName(rest)
}

// env is the environment variable of the setting.
func (s setting[T]) env() string { return environment()[s.attribute] }

// resolve returns the effective value, or the zero T. The configuration takes
// precedence over the environment. An empty variable counts as unset, an empty
// attribute is a mistake.
func (s setting[T]) resolve(configured types.String, env func(string) string, diags *diag.Diagnostics) T {
	text, from := configured.ValueString(), attribute(s.attribute)
	if configured.IsNull() {
		text, from = env(s.env()), variable(s.env())
		if s.cleaned(text) == "" {
			if s.remedy != "" {
				diags.AddAttributeError(s.path(), "Missing "+s.noun,
					fmt.Sprintf("Set `%s` in the provider's configuration, or the environment variable %s. %s", s.attribute, s.env(), s.remedy))
			}
			return *new(T)
		}
	}
	value, problems := s.read(text, from)
	diags.Append(problems...)
	return value
}

// read parses a text.
func (s setting[T]) read(text string, from source) (value T, diags diag.Diagnostics) {
	err := errors.New("is empty; omit it or set it to null instead")
	if cleaned := s.cleaned(text); cleaned != "" {
		value, err = s.parse(cleaned)
	}
	if err != nil {
		diags.AddAttributeError(s.path(), "Unusable "+s.noun, from.sentence(err))
	}
	return value, diags
}

func (s setting[T]) cleaned(text string) string {
	if s.clean == nil {
		return strings.TrimSpace(text)
	}
	return s.clean(text)
}

// validate finds a mistake in the configuration, offline.
func (s setting[T]) validate(configured types.String, _ path.Path) diag.Diagnostics {
	_, diags := s.read(configured.ValueString(), attribute(s.attribute))
	return diags
}

// warnPlainHTTP warns if the token would cross a network unencrypted.
func warnPlainHTTP(u *url.URL) diag.Diagnostics {
	if u.Scheme != "http" || rocketchat.IsLoopback(u) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(
		urlSetting().path(),
		"The token is sent unencrypted",
		fmt.Sprintf("The workspace address begins with http:// and %s is another machine, so anybody on the network path "+
			"can read the token, the second factor and every session. Use https://.", u.Host),
	)}
}
