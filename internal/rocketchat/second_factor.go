// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
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

// TwoFactor is the configuration for demands of a second factor. More than one field
// may be set: the account's settings determine which is used.
type TwoFactor struct {
	// Method is sent first; if empty, the other fields determine it. Email is only sent
	// if it is set here, because it makes the server mail a code.
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

// passwordHash is the form of a password that Rocket.Chat accepts: its SHA-256 in
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

// kind is the source of a code.
type kind int

const (
	kindNone kind = iota
	kindTOTP
	kindPassword
	kindCode
)

// credential is one way to meet the demand for a second factor.
type credential struct {
	kind kind
	// method is the value of x-2fa-method; if empty, the server uses the method that the
	// account has set up.
	method Method
	// serverTime computes a TOTP code for the server's clock instead of ours.
	serverTime bool
}

// use is a credential with its code at one time. The TOTP code of the next step is
// another use.
type use struct {
	credential
	code string
}

// secondFactor meets demands with the configured credentials. Each refused use costs
// a call of the rate limit, and five of them invalidate a mailed code. Therefore, until
// the account has accepted a credential, one request goes at a time, whatever the
// route, and a refused use is not sent again.
type secondFactor struct {
	config TwoFactor
	clock  *serverClock

	mu sync.Mutex
	// current is the credential that the account accepted last; before that, the one to
	// try first.
	current credential
	// proven reports that the account has accepted current; proving, that a running
	// request tries it. changed is closed when that request has ended.
	proven, proving bool
	changed         chan struct{}
	refused         map[use]*SecondFactorError
	// recent are the last TOTP codes that were sent, which a server may quote.
	recent []string
}

// sentCodes are the computed one-time codes that are still valid.
func (f *secondFactor) sentCodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.recent)
}

// remember keeps a code for sentCodes: a code is valid for three steps, and two clocks
// may give different ones.
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
	f := &secondFactor{config: config, clock: clock, changed: make(chan struct{}), refused: map[use]*SecondFactorError{}}
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

// begin returns the use to send now; end must follow. It waits while another request
// tries what the account accepts, and returns the last refusal if the account has
// refused every configured credential.
func (f *secondFactor) begin(ctx context.Context, now func() time.Time) (use, error) {
	for {
		f.mu.Lock()
		chosen, err := f.choose(now())
		changed, wait := f.changed, f.proving && !f.proven
		if err == nil && !wait {
			f.proving = true
		}
		f.mu.Unlock()
		if err != nil || !wait {
			return chosen, err
		}
		select {
		case <-ctx.Done():
			return use{}, ctx.Err()
		case <-changed:
		}
	}
}

// end records the outcome of a use: err is nil if the account accepted it.
func (f *secondFactor) end(u use, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var demand *SecondFactorError
	switch {
	case err == nil, errors.Is(err, ErrNotFound):
		// The server checks the second factor before it looks for the session.
		f.current, f.proven = u.credential, true
		delete(f.refused, u)
	case errors.As(err, &demand):
		f.refused[u], f.proven = demand, false
	}
	f.proving = false
	close(f.changed)
	f.changed = make(chan struct{})
}

// pick returns what a request would send now, or the refusal of the configured
// credentials if all of them were refused.
func (f *secondFactor) pick(now time.Time) (use, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.choose(now)
}

// choose starts at current and follows the demands that refused each credential, to
// one that was not refused. f.mu is held.
func (f *secondFactor) choose(now time.Time) (use, error) {
	var tried []credential
	for c := f.current; ; {
		chosen, err := f.use(c, now)
		if err != nil {
			return use{}, err
		}
		demand := f.refused[chosen]
		if demand == nil {
			return chosen, nil
		}
		tried = append(tried, c)
		next, ok := f.next(demand, c, tried, now)
		if !ok {
			return use{}, demand
		}
		c = next
	}
}

// use is a credential with its code at a time.
func (f *secondFactor) use(c credential, now time.Time) (use, error) {
	switch c.kind {
	case kindTOTP:
		if c.serverTime {
			now = now.Add(f.clock.difference())
		}
		code, err := f.config.TOTP.code(now)
		return use{c, code}, err
	case kindPassword:
		return use{c, passwordHash(f.config.Password)}, nil
	case kindCode:
		return use{c, f.config.Code}, nil
	default:
		return use{credential: c}, nil
	}
}

// forMethod is the configured credential for a demand of m.
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

// next is the credential to try after a demand that sent did not satisfy. Each
// credential is tried at most once. The server checked a code without a method by the
// demanded one, so naming that method changes nothing.
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

// byServerTime repeats a refused TOTP code by the server's clock if that gives another
// code. For an account without TOTP, whose list of methods is empty, no code helps.
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

// demandedMethods are the methods that can satisfy the account, best first. The server
// names the method that was sent even if the account has another one, or none. Then
// the list of available methods decides; if it is empty, only the password is left.
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

// apply puts the second factor on a request.
func (f *secondFactor) apply(header http.Header, u use) {
	if u.method != "" {
		header.Set(headerMethod, string(u.method))
	}
	if u.code == "" {
		return
	}
	header.Set(headerCode, u.code)
	if u.kind == kindTOTP {
		f.remember(u.code)
	}
}
