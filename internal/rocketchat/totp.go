// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// TOTPSecret is the shared secret of RFC 6238.
type TOTPSecret struct {
	secret string
	// forms are all in which the secret was given, from the parsed text to secret.
	forms []string
}

// ParseTOTPSecret reads a secret in base32, upper or lower case, with or without spaces,
// dashes and padding, or a whole otpauth:// URI with the parameters of Rocket.Chat,
// which checks no other codes. An error never quotes the secret.
func ParseTOTPSecret(s string) (*TOTPSecret, error) {
	s = strings.TrimSpace(s)
	parsed := &TOTPSecret{secret: s, forms: []string{s}}
	if scheme, _, ok := strings.Cut(s, ":"); ok && strings.EqualFold(scheme, "otpauth") {
		key, err := otp.NewKeyFromURL(s)
		if err != nil {
			return nil, errors.New("is not a readable otpauth URI")
		}
		if !strings.EqualFold(key.Type(), "totp") {
			return nil, errors.New("is an otpauth URI of another type than totp")
		}
		if err := checkParameters(key.URL()); err != nil {
			return nil, err
		}
		parsed.secret = key.Secret()
	}
	parsed.forms = append(parsed.forms, parsed.secret, strings.Join(strings.Fields(parsed.secret), ""))
	parsed.secret = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '=' {
			return -1
		}
		return unicode.ToUpper(r)
	}, parsed.secret)
	parsed.forms = append(parsed.forms, parsed.secret)
	if parsed.secret == "" {
		return nil, errors.New("contains no secret")
	}
	if _, err := parsed.code(time.Unix(0, 0)); err != nil {
		return nil, errors.New("is not base32 (the letters A to Z and the digits 2 to 7)")
	}
	return parsed, nil
}

// checkParameters refuses those of an otpauth URI that Rocket.Chat does not have. The
// library takes a value that it does not know for the default, with which every code
// would be refused.
func checkParameters(uri string) error {
	parsed, err := url.Parse(uri)
	if err != nil {
		return errors.New("is not a readable otpauth URI")
	}
	for _, of := range []struct{ name, value, problem string }{
		{"digits", "6", "is an otpauth URI whose digits are not 6, as those of Rocket.Chat"},
		{"period", "30", "is an otpauth URI whose period is not 30, as that of Rocket.Chat"},
		{"algorithm", "SHA1", "is an otpauth URI whose algorithm is not SHA1, as that of Rocket.Chat"},
	} {
		another := func(value string) bool { return !strings.EqualFold(value, of.value) }
		for name, values := range parsed.Query() {
			if strings.EqualFold(name, of.name) && slices.ContainsFunc(values, another) {
				return errors.New(of.problem)
			}
		}
	}
	return nil
}

// code is the code for t: of six digits, for 30 seconds, by SHA-1.
func (s *TOTPSecret) code(t time.Time) (string, error) { return totp.GenerateCode(s.secret, t) }
