// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// setting is a provider attribute with an environment variable. The same rules apply
// to both.
type setting struct {
	// attribute is written with dots: two_factor.code.
	attribute string
	env       string
	// noun names the value in a summary.
	noun string
	// remedy ends a message about a value that is missing.
	remedy string
	// clean removes what cannot be intended, such as a line break at the end.
	clean func(string) string
	// check returns an error that does not quote the value: "must not …".
	check func(string) error
}

const whereTokensAre = "Rocket.Chat shows both when you create a personal access token " +
	"(avatar → Profile → Personal Access Tokens); it shows the token only once."

func urlSetting() setting {
	return setting{
		attribute: "url", env: "ROCKETCHAT_URL", noun: "workspace address",
		remedy: "It is the root of the workspace, such as https://chat.example.com.",
		clean:  strings.TrimSpace,
		check:  func(s string) error { _, err := rocketchat.ParseURL(s); return err },
	}
}

func userIDSetting() setting {
	return setting{
		attribute: "user_id", env: "ROCKETCHAT_USER_ID", noun: "user ID",
		remedy: "The user ID belongs to the token and is not the username. " + whereTokensAre,
		clean:  strings.TrimSpace, check: checkCredential,
	}
}

func authTokenSetting() setting {
	return setting{
		attribute: "auth_token", env: "ROCKETCHAT_AUTH_TOKEN", noun: "authentication token",
		remedy: whereTokensAre,
		clean:  strings.TrimSpace, check: checkCredential,
	}
}

func methodSetting() setting {
	return setting{
		attribute: "two_factor.method", env: "ROCKETCHAT_TWO_FACTOR_METHOD", noun: "second-factor method",
		clean: strings.TrimSpace,
		check: func(s string) error {
			switch rocketchat.Method(s) {
			case rocketchat.MethodTOTP, rocketchat.MethodEmail, rocketchat.MethodPassword:
				return nil
			default:
				return errors.New("must be one of `totp`, `email` and `password`")
			}
		},
	}
}

func totpSecretSetting() setting {
	return setting{
		attribute: "two_factor.totp_secret", env: "ROCKETCHAT_TOTP_SECRET", noun: "TOTP secret",
		clean: strings.TrimSpace,
		check: func(s string) error { _, err := rocketchat.ParseTOTPSecret(s); return err },
	}
}

func codeSetting() setting {
	return setting{
		attribute: "two_factor.code", env: "ROCKETCHAT_TWO_FACTOR_CODE", noun: "one-time code",
		// Authenticator apps show "123 456"; Rocket.Chat refuses the space.
		clean: func(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), " ", "") },
		check: checkCredential,
	}
}

func passwordSetting() setting {
	return setting{
		attribute: "two_factor.password", env: "ROCKETCHAT_PASSWORD", noun: "account password",
		clean: func(s string) string { return s },
		check: func(s string) error {
			if strings.ContainsAny(s, "\r\n") {
				return errors.New("must not contain a line break; if it comes from a file, `chomp(file(…))` removes the last one")
			}
			return nil
		},
	}
}

// environmentSettings are all settings that an environment variable can supply.
func environmentSettings() []setting {
	return []setting{
		urlSetting(), userIDSetting(), authTokenSetting(),
		methodSetting(), totpSecretSetting(), codeSetting(), passwordSetting(),
	}
}

// checkCredential accepts text that a header can carry unchanged.
func checkCredential(s string) error {
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r':
			return errors.New("must be a single line")
		case unicode.IsControl(r):
			return errors.New("must not contain control characters")
		case r > unicode.MaxASCII:
			return errors.New("must contain only ASCII characters; perhaps it was copied with a typographic dash or quotation mark")
		case r == ' ':
			return errors.New("must not contain white space")
		}
	}
	return nil
}

// path is where the attribute stands in the provider's schema.
func (s setting) path() path.Path {
	first, rest, nested := strings.Cut(s.attribute, ".")
	if !nested {
		return path.Root(first)
	}
	return path.Root(first).AtName(rest)
}

// resolve returns the effective value, empty if there is none. The configuration
// takes precedence over the environment; an empty variable counts as none, and an
// empty attribute is a mistake.
func (s setting) resolve(configured types.String, env func(string) string) (string, diag.Diagnostics) {
	if !configured.IsNull() {
		value := s.clean(configured.ValueString())
		return value, s.examine(value, "`"+s.attribute+"`")
	}
	value := s.clean(env(s.env))
	if value == "" {
		return "", nil
	}
	return value, s.examine(value, "The environment variable "+s.env)
}

func (s setting) examine(cleaned, subject string) diag.Diagnostics {
	err := errors.New("is empty; omit it or set it to null instead")
	if cleaned != "" {
		err = s.check(cleaned)
	}
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(
		s.path(),
		"Unusable "+s.noun,
		fmt.Sprintf("%s %s.", subject, err),
	)}
}

// missing is the error for a value that the provider cannot do without.
func (s setting) missing() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(
		s.path(),
		"Missing "+s.noun,
		fmt.Sprintf("Set `%s` in the provider's configuration, or the environment variable %s. %s", s.attribute, s.env, s.remedy),
	)
}

// validate finds a mistake in the configuration without a network.
func (s setting) validate(configured types.String, _ path.Path) diag.Diagnostics {
	return s.examine(s.clean(configured.ValueString()), "`"+s.attribute+"`")
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
