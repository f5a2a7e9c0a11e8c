// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
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
	// written is what was parsed, given the forms in between.
	written string
	given   []string
}

// ParseTOTPSecret reads a secret in base32, upper or lower case, with or without spaces,
// dashes and padding, or a whole otpauth:// URI with its digits, period and
// algorithm. An error never quotes the secret.
func ParseTOTPSecret(s string) (*TOTPSecret, error) {
	s = strings.TrimSpace(s)
	parsed := &TOTPSecret{
		secret: s, written: s,
		opts: totp.ValidateOpts{Period: 30, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1},
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
		parsed.given = []string{key.Secret()}
		parsed.opts.Digits, parsed.opts.Algorithm = key.Digits(), key.Algorithm()
		if key.Period() < 1 || key.Period() > 3600 {
			return nil, errors.New("is an otpauth URI whose period is not between 1 and 3600 seconds")
		}
		parsed.opts.Period = uint(key.Period())
	}
	parsed.given = append(parsed.given, strings.Join(strings.Fields(parsed.secret), ""))
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

// Headers of the second factor.
const (
	headerCode   = "X-2fa-Code"
	headerMethod = "X-2fa-Method"
)

// kind is where a code comes from.
type kind int

const (
	kindNone kind = iota
	kindTOTP
	kindPassword
	kindCode
)

// credential is one way to answer the demand for a second factor.
type credential struct {
	kind kind
	// method is what x-2fa-method says; empty leaves the choice to the server,
	// which then takes what the account has set up.
	method Method
	// serverTime computes a TOTP code for the server's clock instead of ours.
	serverTime bool
}

// secondFactor answers demands with what is configured, and remembers what the
// account took, so that a refusal is paid for once. Calls alone are refused in
// vain: each costs one of the rate limit.
type secondFactor struct {
	config TwoFactor
	clock  *serverClock

	mu      sync.Mutex
	current credential
	// recent are the last TOTP codes sent, which a server may repeat.
	recent []string
}

// sentCodes are the one-time codes that are still good, and not configured.
func (f *secondFactor) sentCodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.recent)
}

// remember keeps a code for sentCodes: one is good for three steps, and two
// clocks may give different ones.
func (f *secondFactor) remember(code string) {
	const kept = 8
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Contains(f.recent, code) {
		f.recent = append(f.recent, code)
		f.recent = f.recent[max(len(f.recent)-kept, 0):]
	}
}

func newSecondFactor(config TwoFactor, clock *serverClock) *secondFactor {
	f := &secondFactor{config: config, clock: clock}
	switch first := config.Method; {
	case first != "":
		f.current, _ = f.forMethod(first)
		f.current.method = first
	case config.TOTP != nil:
		f.current = credential{kind: kindTOTP, method: MethodTOTP}
	case config.Code != "":
		f.current = credential{kind: kindCode}
	case config.Password != "":
		f.current = credential{kind: kindPassword, method: MethodPassword}
	}
	return f
}

// first is what the next request begins with.
func (f *secondFactor) first() credential {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.current
}

// accepted remembers what the account took.
func (f *secondFactor) accepted(c credential) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.current = c
}

// forMethod is the configured answer to a demand for m.
func (f *secondFactor) forMethod(m Method) (credential, bool) {
	switch {
	case m == MethodTOTP && f.config.TOTP != nil:
		return credential{kind: kindTOTP, method: m}, true
	case m == MethodPassword && f.config.Password != "":
		return credential{kind: kindPassword, method: m}, true
	case (m == MethodTOTP || m == MethodEmail) && f.config.Code != "":
		return credential{kind: kindCode, method: m}, true
	default:
		return credential{}, false
	}
}

// next is what to answer a demand with that sent did not satisfy. Each way is
// tried at most once; a code that went without a method was checked by the one
// demanded, and naming that changes nothing.
func (f *secondFactor) next(demand *SecondFactorError, sent credential, tried []credential, now time.Time) (credential, bool) {
	if demand.Problem == SecondFactorMaxAttempts {
		return credential{}, false
	}
	if again, ok := f.byServerTime(demand, sent, now); ok && !slices.Contains(tried, again) {
		return again, true
	}
	for _, m := range demandedMethods(demand, sent) {
		c, ok := f.forMethod(m)
		if ok && !slices.ContainsFunc(tried, func(t credential) bool {
			return t.kind == c.kind && (t.method == c.method || t.method == "" && m == demand.Demanded)
		}) {
			return c, true
		}
	}
	return credential{}, false
}

// byServerTime repeats a refused TOTP code with the server's clock where that
// gives another code. An account without TOTP says so by an empty list of
// methods, and no code would please it.
func (f *secondFactor) byServerTime(demand *SecondFactorError, sent credential, now time.Time) (credential, bool) {
	if sent.kind != kindTOTP || sent.serverTime || demand.Problem != SecondFactorInvalid || demand.Demanded != MethodTOTP {
		return credential{}, false
	}
	if demand.Available != nil && !slices.Contains(demand.Available, MethodTOTP) {
		return credential{}, false
	}
	ours, err := f.config.TOTP.code(now)
	theirs, errTheirs := f.config.TOTP.code(now.Add(f.clock.difference()))
	if err != nil || errTheirs != nil || ours == theirs {
		return credential{}, false
	}
	sent.serverTime = true
	return sent, true
}

// demandedMethods are the methods that would satisfy the account, best first.
// The server names the method that was sent even when the account has another
// one, or none; then the list of available methods tells, and an empty list
// leaves the password as the last way.
func demandedMethods(demand *SecondFactorError, sent credential) []Method {
	methods := []Method{demand.Demanded}
	if demand.Demanded == sent.method && demand.Available != nil {
		methods = demand.Available
		if len(methods) == 0 {
			methods = []Method{MethodPassword}
		}
	}
	return methods
}

// apply puts the second factor on a request, fresh for each attempt.
func (f *secondFactor) apply(header http.Header, c credential, now time.Time) error {
	if c.method != "" {
		header.Set(headerMethod, string(c.method))
	}
	switch c.kind {
	case kindTOTP:
		if c.serverTime {
			now = now.Add(f.clock.difference())
		}
		code, err := f.config.TOTP.code(now)
		if err != nil {
			return err
		}
		f.remember(code)
		header.Set(headerCode, code)
	case kindPassword:
		header.Set(headerCode, passwordHash(f.config.Password))
	case kindCode:
		header.Set(headerCode, f.config.Code)
	case kindNone:
	}
	return nil
}
