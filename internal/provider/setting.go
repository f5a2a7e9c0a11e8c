// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
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
	// exact says that white space around the value is part of it.
	exact bool
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

var (
	urlSetting = setting[*url.URL]{
		attribute: "url", noun: "workspace address", parse: bare(rocketchat.ParseURL),
		remedy: "It is the root of the workspace, such as https://chat.example.com.",
	}
	userIDSetting = setting[string]{
		attribute: "user_id", noun: "user ID", parse: bare(parseCredential),
		remedy: "The user ID belongs to the token and is not the username. " + whereTokensAre,
	}
	authTokenSetting = setting[string]{
		attribute: "auth_token", noun: "authentication token", parse: bare(parseCredential), remedy: whereTokensAre,
	}
	methodSetting     = setting[rocketchat.Method]{attribute: "two_factor.method", noun: "second-factor method", parse: bare(parseMethod)}
	totpSecretSetting = setting[*rocketchat.TOTPSecret]{attribute: "two_factor.totp_secret", noun: "TOTP secret", parse: bare(parseTOTPSecret)}
	codeSetting       = setting[string]{attribute: "two_factor.code", noun: "one-time code", parse: bare(parseCode)}
	passwordSetting   = setting[string]{attribute: "two_factor.password", noun: "account password", parse: parsePassword, exact: true}
	// The following two have their own form in the configuration.
	headersSetting = setting[types.Map]{attribute: "headers", noun: "headers", parse: bare(parseHeaders)}
	caSetting      = setting[[]*x509.Certificate]{attribute: "tls.ca_certificate_pem", noun: "CA certificate", parse: bare(readCertificates)}
)

// env is the environment variable of the setting.
func (s setting[T]) env() string { return environment()[s.attribute] }

// schema adds the environment variable to the description.
func (s setting[T]) schema(sensitive bool, description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Sensitive: sensitive, Validators: []validator.String{textCheck{rule("value must be a usable " + s.noun), s.validate}},
		MarkdownDescription: fmt.Sprintf("%s Defaults to the environment variable `%s`.", description, s.env()),
	}
}

// validate finds a mistake in the configuration, offline.
func (s setting[T]) validate(configured types.String, where path.Path) (diags diag.Diagnostics) {
	if _, err := s.read(configured.ValueString()); err != nil {
		diags.AddAttributeError(where, "Unusable "+s.noun, attribute(s.attribute).sentence(err))
	}
	return diags
}

// resolve returns the effective value, or the zero T. The configuration takes
// precedence over the environment. An empty variable counts as unset, an empty
// attribute is a mistake.
func (s setting[T]) resolve(configured types.String, env func(string) string, diags *diag.Diagnostics) T {
	text, from := configured.ValueString(), attribute(s.attribute)
	if configured.IsNull() {
		text, from = env(s.env()), variable(s.env())
		if s.cleaned(text) == "" {
			if s.remedy != "" {
				diags.AddError("Missing "+s.noun,
					fmt.Sprintf("Set `%s` in the provider's configuration, or the environment variable %s. %s", s.attribute, s.env(), s.remedy))
			}
			return *new(T)
		}
	}
	value, err := s.read(text)
	if err != nil {
		diags.AddError("Unusable "+s.noun, from.sentence(err))
	}
	return value
}

func (s setting[T]) read(text string) (T, error) {
	if cleaned := s.cleaned(text); cleaned != "" {
		return s.parse(cleaned)
	}
	return *new(T), errors.New("is empty; omit it or set it to null instead")
}

func (s setting[T]) cleaned(text string) string {
	if s.exact {
		return text
	}
	return strings.TrimSpace(text)
}

// warnPlainHTTP warns if the token would cross a network unencrypted.
func warnPlainHTTP(u *url.URL, diags *diag.Diagnostics) {
	if u.Scheme == "http" && !rocketchat.IsLoopback(u) {
		diags.AddAttributeWarning(path.Root("url"), "The token is sent unencrypted",
			fmt.Sprintf("The workspace address begins with http:// and %s is another machine, so anybody on the network path "+
				"can read the token, the second factor and every session. Use https://.", u.Host))
	}
}

// source is where a value comes from: an attribute or an environment variable.
type source struct {
	// subject begins a sentence.
	subject     string
	environment bool
}

func attribute(name string) source { return source{subject: "`" + name + "`"} }

func variable(name string) source { return source{"The environment variable " + name, true} }

// problem is what is wrong with a value whose remedy depends on its source: functions of
// Terraform do not help with an environment variable.
type problem struct{ what, inConfiguration, inEnvironment string }

// Error implements error.
func (p problem) Error() string { return p.what }

// sentence is about a value from the source; err continues it.
func (s source) sentence(err error) string {
	text := s.subject + " " + err.Error()
	if p, ok := errors.AsType[problem](err); ok {
		remedy := p.inConfiguration
		if s.environment {
			remedy = p.inEnvironment
		}
		text += "; " + remedy
	}
	return text + "."
}

const (
	byteOrderMark  = "\ufeff"
	quotationMarks = "\"'“”„‘’"
)

var (
	errByteOrderMark = problem{
		"begins with a byte order mark, an invisible character that some editors put at the beginning of a file",
		`save the file without it, or write trimprefix(file("…"), "\ufeff")`, "save the file that the value comes from without it",
	}
	errQuoted = problem{
		"begins or ends with a quotation mark", "remove it",
		"remove it: `docker --env-file` and `set` of cmd.exe take quotation marks as part of the value",
	}
	errLineBreak = problem{
		"must not contain a line break", "if it comes from a file, `chomp(file(…))` removes the last one",
		"in a shell, `$(cat …)` removes the last one of a file",
	}
)

// bare refuses what surrounds a value by mistake, before parse sees it.
func bare[T any](parse func(string) (T, error)) func(string) (T, error) {
	return func(text string) (T, error) {
		switch {
		case strings.HasPrefix(text, byteOrderMark):
			return *new(T), errByteOrderMark
		case strings.Trim(text, quotationMarks) != text:
			return *new(T), errQuoted
		default:
			return parse(text)
		}
	}
}

// parseCredential accepts text that a header can carry unchanged.
func parseCredential(s string) (string, error) {
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r':
			return "", errors.New("must be a single line")
		case unicode.IsControl(r):
			return "", errors.New("must not contain control characters")
		case r > unicode.MaxASCII:
			return "", errors.New("must contain only ASCII characters; perhaps it was copied with a typographic dash or an invisible character")
		case r == ' ':
			return "", errors.New("must not contain white space")
		}
	}
	return s, nil
}

func parseMethod(s string) (rocketchat.Method, error) {
	switch method := rocketchat.Method(strings.ToLower(s)); method {
	case rocketchat.MethodTOTP, rocketchat.MethodEmail, rocketchat.MethodPassword:
		return method, nil
	default:
		return "", errors.New("must be one of `totp`, `email` and `password`")
	}
}

// parsePassword accepts everything that can be typed into a form, also quotation marks.
func parsePassword(s string) (string, error) {
	switch {
	case strings.HasPrefix(s, byteOrderMark):
		return "", errByteOrderMark
	case strings.Trim(s, quotationMarks) == "":
		return "", errQuoted
	case strings.ContainsAny(s, "\r\n"):
		return "", errLineBreak
	default:
		return s, nil
	}
}

var (
	// A one-time code has six digits, or eight from some apps; a backup code, eight letters
	// and digits.
	oneTimeCode = regexp.MustCompile(`^(?:\d{6,8}|[0-9A-Za-z]{8})$`)
	// A secret is base32 of at least ten bytes.
	totpSecret = regexp.MustCompile(`^(?i:otpauth:.*|[A-Z2-7]{16,}=*)$`)
)

// parseTOTPSecret refuses a code, which can be base32 as well.
func parseTOTPSecret(s string) (*rocketchat.TOTPSecret, error) {
	if oneTimeCode.MatchString(withoutSpace(s)) {
		return nil, fmt.Errorf("looks like a one-time code or a backup code, not like the secret from which codes are computed; set %s to a code",
			named("two_factor.code"))
	}
	return rocketchat.ParseTOTPSecret(s)
}

// parseCode refuses a secret, of which the workspace would only say that the code is wrong.
// Authenticator apps show "123 456"; Rocket.Chat refuses the space.
func parseCode(s string) (string, error) {
	s = withoutSpace(s)
	if totpSecret.MatchString(strings.ReplaceAll(s, "-", "")) {
		return "", fmt.Errorf("looks like a TOTP secret, not like a code; set %s to the secret", named("two_factor.totp_secret"))
	}
	return parseCredential(s)
}

// withoutSpace removes the space around and within a line.
func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) && r != '\n' && r != '\r' {
			return -1
		}
		return r
	}, strings.TrimSpace(s))
}

// named is an attribute with its environment variable.
func named(attribute string) string {
	return fmt.Sprintf("`%s` (environment variable %s)", attribute, environment()[attribute])
}

var (
	// Rocket.Chat makes IDs and tokens of these lengths. An import or an app can make others.
	userID    = regexp.MustCompile(`^[2-9A-HJ-NP-Za-km-z]{17}$`)
	authToken = regexp.MustCompile(`^[0-9A-Za-z_-]{43}$`)
)

// warnSwapped is for a user ID or token in the other's place, which the workspace refuses
// without saying why.
func warnSwapped(id, token string, diags *diag.Diagnostics) {
	tokenIsID, idIsToken := userID.MatchString(token), authToken.MatchString(id)
	var looks string
	switch {
	case tokenIsID && idIsToken:
		looks = "`user_id` looks like a token, and `auth_token` like a user ID: they are probably swapped."
	case tokenIsID:
		looks = "`auth_token` looks like a user ID."
	case idIsToken:
		looks = "`user_id` looks like a token."
	default:
		return
	}
	diags.AddWarning("The user ID and the token may be swapped",
		fmt.Sprintf("%s A user ID of Rocket.Chat has 17 characters, a token 43. Check %s and %s.", looks, named("user_id"), named("auth_token")))
}
