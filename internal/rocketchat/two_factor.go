// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// Method is a kind of second factor, as the header x-2fa-method names it.
type Method string

// The methods of Rocket.Chat.
const (
	MethodTOTP     Method = "totp"
	MethodEmail    Method = "email"
	MethodPassword Method = "password"
)

// TwoFactor is what is configured to answer a demand for a second factor. More
// than one may be set: the account decides which is used.
type TwoFactor struct {
	// Method is sent first; empty means that it follows from what is set. Email
	// is only ever sent when it is set here: it makes the server mail a code.
	Method Method
	// TOTP is nil when no secret is configured.
	TOTP *TOTPSecret
	// Code is a one-time code: e-mail, TOTP, or backup code.
	Code     string
	Password string
}

// TOTPSecret is the shared secret of RFC 6238.
type TOTPSecret struct {
	secret string
	opts   totp.ValidateOpts
}

// ParseTOTPSecret reads a secret in base32, in any case, with or without spaces,
// dashes and padding, or a whole otpauth:// URI with its digits, period and
// algorithm. An error never quotes the secret.
func ParseTOTPSecret(s string) (*TOTPSecret, error) {
	s = strings.TrimSpace(s)
	parsed := &TOTPSecret{
		secret: s,
		opts:   totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1},
	}
	if len(s) >= len("otpauth:") && strings.EqualFold(s[:len("otpauth:")], "otpauth:") {
		key, err := otp.NewKeyFromURL(s)
		if err != nil {
			return nil, errors.New("is not a readable otpauth URI")
		}
		if !strings.EqualFold(key.Type(), "totp") {
			return nil, errors.New("is an otpauth URI of another type than totp")
		}
		parsed.secret = key.Secret()
		parsed.opts.Digits, parsed.opts.Algorithm = key.Digits(), key.Algorithm()
		if key.Period() < 1 || key.Period() > 3600 {
			return nil, errors.New("is an otpauth URI whose period is not between 1 and 3600 seconds")
		}
		parsed.opts.Period = uint(key.Period())
	}
	parsed.secret = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '=' {
			return -1
		}
		return unicode.ToUpper(r)
	}, parsed.secret)
	if parsed.secret == "" {
		return nil, errors.New("holds no secret")
	}
	if _, err := parsed.code(time.Unix(0, 0)); err != nil {
		return nil, errors.New("is not base32 (the letters A to Z and the digits 2 to 7)")
	}
	return parsed, nil
}

// code is the code for t.
func (s *TOTPSecret) code(t time.Time) (string, error) {
	return totp.GenerateCodeCustom(s.secret, t, s.opts)
}

// passwordHash is what Rocket.Chat takes for a password: its SHA-256 in
// lower-case hex.
func passwordHash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}
