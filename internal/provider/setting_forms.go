// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// source is where a value comes from: an attribute or an environment variable.
type source struct {
	name        string
	environment bool
}

func attribute(name string) source { return source{name: name} }

func variable(name string) source { return source{name: name, environment: true} }

// String begins a sentence.
func (s source) String() string {
	if s.environment {
		return "The environment variable " + s.name
	}
	return "`" + s.name + "`"
}

// problem is what is wrong with a value whose remedy depends on its source: functions of
// Terraform do not help with an environment variable.
type problem struct{ what, inConfiguration, inEnvironment string }

// Error implements error.
func (p problem) Error() string { return p.what }

// sentence is about a value from the source; err continues it.
func (s source) sentence(err error) string {
	text := s.String() + " " + err.Error()
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
func parseCode(s string) (string, error) {
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
func warnSwapped(id, token string) diag.Diagnostics {
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
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic("The user ID and the token may be swapped",
		fmt.Sprintf("%s A user ID of Rocket.Chat has 17 characters, a token 43. Check %s and %s.", looks, named("user_id"), named("auth_token")))}
}
