// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
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

// passwordHash is the form of a password that Rocket.Chat accepts.
func passwordHash(password string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(password)))
}

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
	// method is the value of x-2fa-method; if empty, the server takes the account's.
	method Method
	// serverTime computes a TOTP code for the server's clock instead of ours.
	serverTime bool
}

// submission is a credential with its code. The TOTP code of the next step is another one.
type submission struct {
	credential
	code string
}

func (s submission) addTo(header http.Header) {
	if s.method != "" {
		header.Set("X-2fa-Method", string(s.method))
	}
	if s.code != "" {
		header.Set("X-2fa-Code", s.code)
	}
}

// secondFactor meets demands with the configured credentials. Each refused submission costs
// a call of the rate limit, and five of them invalidate a mailed code. Therefore, until
// the account has accepted a credential, one request goes at a time, whatever the
// route, and a refused submission is not sent again.
type secondFactor struct {
	config TwoFactor
	clock  *serverClock
	now    func() time.Time

	mu sync.Mutex
	// current is the credential that the account accepted last; before that, the one to
	// try first.
	current credential
	state   factorState
	// changed is closed when a request with a submission has ended.
	changed chan struct{}
	refused map[submission]*SecondFactorError
	// recent are the last TOTP codes that were sent, which a server may quote. A code is valid for
	// three steps, and two clocks may give different ones.
	recent []string
}

// factorState is the client's knowledge of what the account accepts.
type factorState int

const (
	// factorUnproven: the next request tries the current credential.
	factorUnproven factorState = iota
	// factorOnTrial: a request tries it, and the others wait.
	factorOnTrial
	// factorAccepted: every request sends it.
	factorAccepted
)

func newSecondFactor(config TwoFactor, clock *serverClock, now func() time.Time) *secondFactor {
	f := &secondFactor{config: config, clock: clock, now: now, changed: make(chan struct{}), refused: map[submission]*SecondFactorError{}}
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

// acquire returns what to send now, which release must follow, or the last refusal if the account
// has refused every credential. It waits while another request tries one.
func (f *secondFactor) acquire(ctx context.Context) (submission, error) {
	for {
		next, changed, err := f.try()
		if changed == nil {
			return next, err
		}
		select {
		case <-ctx.Done():
			return submission{}, ctx.Err()
		case <-changed:
		}
	}
}

// try returns what to send now, or what to wait for.
func (f *secondFactor) try() (next submission, changed <-chan struct{}, err error) {
	codes := f.codes()
	f.mu.Lock()
	defer f.mu.Unlock()
	next, err = f.choose(codes)
	switch {
	case err != nil:
		return submission{}, nil, err
	case f.state == factorOnTrial:
		return submission{}, f.changed, nil
	case f.state == factorUnproven:
		f.state = factorOnTrial
	}
	if next.kind == kindTOTP && !slices.Contains(f.recent, next.code) {
		const kept = 8
		f.recent = append(f.recent[max(len(f.recent)-kept+1, 0):], next.code)
	}
	return next, nil, nil
}

// release records the outcome of a request: err is nil if the account accepted the submission.
func (f *secondFactor) release(sent submission, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var demand *SecondFactorError
	switch {
	case err == nil, errors.Is(err, ErrNotFound):
		// The server checks the second factor before it looks for the session.
		f.current, f.state = sent.credential, factorAccepted
		delete(f.refused, sent)
	case errors.As(err, &demand):
		f.refused[sent], f.state = demand, factorUnproven
	case f.state == factorOnTrial:
		f.state = factorUnproven
	}
	close(f.changed)
	f.changed = make(chan struct{})
}

// peek returns what acquire would return now if nobody else tried.
func (f *secondFactor) peek() (submission, error) {
	codes := f.codes()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.choose(codes)
}

// totpCodes are those of one instant by our clock and by the server's; empty without a secret.
type totpCodes struct{ ours, theirs string }

func (f *secondFactor) codes() totpCodes {
	if f.config.TOTP == nil {
		return totpCodes{}
	}
	now := f.now()
	return totpCodes{f.config.TOTP.code(now), f.config.TOTP.code(now.Add(f.clock.difference()))}
}

// choose starts at current and follows the demands that refused each credential, to
// one that was not refused. f.mu is held.
func (f *secondFactor) choose(codes totpCodes) (submission, error) {
	var tried []credential
	for c := f.current; ; {
		next := f.submissionOf(c, codes)
		demand := f.refused[next]
		if demand == nil {
			return next, nil
		}
		tried = append(tried, c)
		following, ok := f.following(demand, c, tried, codes)
		if !ok {
			return submission{}, demand
		}
		c = following
	}
}

// submissionOf is a credential with its code.
func (f *secondFactor) submissionOf(c credential, codes totpCodes) submission {
	switch {
	case c.kind == kindTOTP && c.serverTime:
		return submission{c, codes.theirs}
	case c.kind == kindTOTP:
		return submission{c, codes.ours}
	case c.kind == kindPassword:
		return submission{c, passwordHash(f.config.Password)}
	case c.kind == kindCode:
		return submission{c, f.config.Code}
	default:
		return submission{credential: c}
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

// following is the credential to try after a demand that sent did not satisfy. Each
// credential is tried at most once. The server checked a code without a method by the
// demanded one, so naming that method changes nothing.
func (f *secondFactor) following(demand *SecondFactorError, sent credential, tried []credential, codes totpCodes) (credential, bool) {
	if demand.Problem == SecondFactorMaxAttempts {
		return credential{}, false
	}
	byServer := sent
	byServer.serverTime = true
	if serverTimeHelps(demand, sent, codes) && !slices.Contains(tried, byServer) {
		return byServer, true
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

// serverTimeHelps reports whether a refused TOTP code is worth a repetition by the server's
// clock, which gives another code. For an account without TOTP, whose list of methods is
// empty, no code helps.
func serverTimeHelps(demand *SecondFactorError, sent credential, codes totpCodes) bool {
	return sent.kind == kindTOTP && !sent.serverTime && codes.ours != codes.theirs &&
		demand.Problem == SecondFactorInvalid && demand.Demanded == MethodTOTP &&
		(demand.Available == nil || slices.Contains(demand.Available, MethodTOTP))
}

// demandedMethods are the methods that can satisfy the account, best first. The server
// names the method that was sent even if the account has another one, or none. Then
// the list of available methods decides; if it is empty, only the password is left.
func demandedMethods(demand *SecondFactorError, sent credential) []Method {
	switch {
	case demand.Demanded != sent.method || demand.Available == nil:
		return []Method{demand.Demanded}
	case len(demand.Available) == 0:
		return []Method{MethodPassword}
	default:
		return demand.Available
	}
}

// sentCodes are the computed one-time codes that may still be valid.
func (f *secondFactor) sentCodes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.recent // whose elements never change
}
