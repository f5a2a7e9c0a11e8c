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
		uri, err := url.Parse(s)
		if err != nil {
			return nil, errors.New("is not a readable otpauth URI")
		}
		if !strings.EqualFold(uri.Host, "totp") {
			return nil, errors.New("is an otpauth URI of another type than totp")
		}
		if err := checkParameters(uri.Query()); err != nil {
			return nil, err
		}
		parsed.secret = uri.Query().Get("secret")
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
	if _, err := totp.GenerateCode(parsed.secret, time.Unix(0, 0)); err != nil {
		return nil, errors.New("is not base32 (the letters A to Z and the digits 2 to 7)")
	}
	return parsed, nil
}

// checkParameters refuses those of an otpauth URI that Rocket.Chat does not have, with which
// every code would be refused.
func checkParameters(of url.Values) error {
	for _, own := range []struct{ name, value, problem string }{
		{"digits", "6", "is an otpauth URI whose digits are not 6, as those of Rocket.Chat"},
		{"period", "30", "is an otpauth URI whose period is not 30, as that of Rocket.Chat"},
		{"algorithm", "SHA1", "is an otpauth URI whose algorithm is not SHA1, as that of Rocket.Chat"},
	} {
		another := func(value string) bool { return !strings.EqualFold(value, own.value) }
		for name, values := range of {
			if strings.EqualFold(name, own.name) && slices.ContainsFunc(values, another) {
				return errors.New(own.problem)
			}
		}
	}
	return nil
}

// code is the code for t: of six digits, for 30 seconds, by SHA-1.
func (s *TOTPSecret) code(t time.Time) string {
	code, _ := totp.GenerateCode(s.secret, t) // ParseTOTPSecret has done so without an error
	return code
}
