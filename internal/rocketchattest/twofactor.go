// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator speaks it
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The methods of the second factor.
const (
	methodTOTP     = "totp"
	methodEmail    = "email"
	methodPassword = "password"
)

// backupCodeLength distinguishes a backup code from a TOTP code.
const backupCodeLength = 8

// user is an account with what the workspace remembers of it.
type user struct {
	Account
	created time.Time
	// email is the code that was mailed last.
	email *emailCode
	// remembered is kept for each token.
	remembered map[string]remembered
}

// remembered is a token that has passed the second factor.
type remembered struct {
	until       time.Time
	fingerprint string
}

type emailCode struct {
	code     string
	expires  time.Time
	attempts int
}

// secondFactor lets a request pass, or refuses it as Rocket.Chat's
// checkCodeForUser does.
func (w *Workspace) secondFactor(x *exchange) *response {
	if !x.route.twoFactor || w.options.TwoFactorOff || w.authorized(x) {
		return nil
	}
	method, ok := w.method(x)
	if !ok {
		return nil
	}
	code := x.request.Header.Get("X-2fa-Code")
	switch {
	case code == "":
		return w.codeRefused(x, method, "totp-required", "TOTP Required")
	case !w.verify(x, method, code):
		return w.codeRefused(x, method, "totp-invalid", "TOTP Invalid")
	}
	if remember := *w.options.RememberFor; remember > 0 {
		x.user.remembered[x.token] = remembered{x.now.Add(remember), w.fingerprint(x)}
	}
	return nil
}

// authorized reports whether the token needs no code: it was made to bypass the
// second factor, its user registered just now, or it passed not long ago.
func (w *Workspace) authorized(x *exchange) bool {
	if w.behavior.forgetsSecondFactor {
		return false
	}
	if x.bypass {
		return true
	}
	remember := *w.options.RememberFor
	if remember > 0 && !x.user.created.Add(remember).Before(x.now) {
		return true
	}
	r, ok := x.user.remembered[x.token]
	return ok && !r.until.Before(x.now) && r.fingerprint == w.fingerprint(x)
}

// fingerprint is what the memory of a token is bound to.
func (w *Workspace) fingerprint(x *exchange) string {
	address := clientAddress(x.request)
	if w.behavior.memoryBoundToUserAgent {
		return x.request.UserAgent() + address
	}
	return address
}

// methods lists what the account has set up.
func (u *user) methods() []string {
	methods := []string{}
	if u.TOTPSecret != "" {
		methods = append(methods, methodTOTP)
	}
	if u.EmailTwoFactor {
		methods = append(methods, methodEmail)
	}
	return methods
}

// method picks the method to check by; false when nothing is to be checked. A
// request names totp and email only: any other name counts as none, and then
// the first that the account has set up is used, the password if there is none.
func (w *Workspace) method(x *exchange) (string, bool) {
	switch asked := x.request.Header.Get("X-2fa-Method"); asked {
	case methodTOTP, methodEmail:
		return asked, true
	}
	if methods := x.user.methods(); len(methods) > 0 {
		return methods[0], true
	}
	return methodPassword, x.user.Password != "" && !w.options.PasswordFallbackOff
}

func (w *Workspace) verify(x *exchange, method, code string) bool {
	u := x.user
	switch method {
	case methodTOTP:
		return u.TOTPSecret != "" && u.verifyTOTP(code, x.now)
	case methodEmail:
		return u.EmailTwoFactor && u.verifyEmail(code, x.now)
	default:
		sum := sha256.Sum256([]byte(u.Password))
		return strings.EqualFold(code, hex.EncodeToString(sum[:]))
	}
}

// verifyTOTP takes a backup code once, and the codes of one step before until
// one step after the server's time any number of times.
func (u *user) verifyTOTP(code string, now time.Time) bool {
	if len(code) == backupCodeLength {
		at := slices.Index(u.BackupCodes, code)
		if at >= 0 {
			u.BackupCodes = slices.Delete(u.BackupCodes, at, at+1)
		}
		return at >= 0
	}
	return slices.ContainsFunc([]time.Duration{-totpStep, 0, totpStep}, func(off time.Duration) bool {
		return u.TOTP(now.Add(off)) == code
	})
}

// codeRefused is the refusal that names the method, which for e-mail may send
// a mail as a side effect.
func (w *Workspace) codeRefused(x *exchange, method, kind, text string) *response {
	details := fields{"method": method, "codeGenerated": false, "availableMethods": x.user.methods()}
	if method == methodEmail {
		attempted := kind == "totp-invalid"
		w.offerEmail(x, details, attempted)
		if code := x.user.email; attempted && code != nil && code.attempts >= maxCodeAttempts {
			kind, text = "totp-max-attempts", "TOTP Maximun Failed Attempts Reached"
		}
	}
	return typedError(text, kind, details)
}

// Mail is an e-mail with a code, such as 809-871, that the workspace has sent.
type Mail struct{ To, Code string }

const (
	// maxCodeAttempts is how many wrong codes a mailed code survives, less one.
	maxCodeAttempts = 5
	// emailCodeLife is how long a mailed code is good for.
	emailCodeLife = time.Hour
	// emailCodeGrace is how long an expired code keeps the server from mailing
	// another: it subtracts five minutes from the time where it means to add them.
	emailCodeGrace = 5 * time.Minute
)

// verifyEmail takes the mailed code once, with or without its dash.
func (u *user) verifyEmail(code string, now time.Time) bool {
	if u.email == nil {
		return false
	}
	u.email.attempts++
	if u.email.expires.Before(now) || strings.ReplaceAll(code, "-", "") != u.email.code {
		return false
	}
	u.email = nil
	return true
}

// offerEmail fills in the details of a refusal by e-mail: it mails a code
// unless one that was mailed before is still good.
func (w *Workspace) offerEmail(x *exchange, details fields, attempted bool) {
	details["emailOrUsername"] = w.behavior.mailName(x.user.Account)
	code, spent := x.user.email, 0
	if code != nil {
		spent = code.attempts
	}
	// The server looks at the attempts before this one: the attempt that
	// reaches the limit still has a code, the next request brings a new one.
	if attempted {
		spent--
	}
	if code != nil && code.expires.After(x.now.Add(-emailCodeGrace)) && spent < maxCodeAttempts {
		details["codeExpires"] = code.expires.UTC().Format(timeLayout)
		if code.expires.Before(x.now) {
			x.user.email = nil
		}
		return
	}
	details["codeGenerated"] = true
	number := w.rng.IntN(1_000_000)
	x.user.email = &emailCode{code: fmt.Sprintf("%06d", number), expires: x.now.Add(emailCodeLife)}
	mail := Mail{To: x.user.Email, Code: fmt.Sprintf("%03d-%03d", number/1000, number%1000)}
	w.mails = append(w.mails, mail)
	if w.options.OnMail != nil {
		w.options.OnMail(mail)
	}
}

const totpStep = 30 * time.Second

// TOTP is the code that the workspace takes for the account at an instant of
// its own clock, as RFC 6238 has it: SHA-1, six digits, steps of 30 seconds. It
// is empty for an account without a readable secret. It is written out here so
// that a client's library and the workspace do not share a mistake.
func (a Account) TOTP(at time.Time) string {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.TOTPSecret)
	if err != nil || len(key) == 0 {
		return ""
	}
	step := at.Unix() / int64(totpStep/time.Second)
	mac := hmac.New(sha1.New, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step))) //nolint:gosec // steps since 1970
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%06d", number%1_000_000)
}
