// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"fmt"
	"strings"
	"time"
)

// Mail is an e-mail with a code, such as 809-871, that the workspace has sent.
type Mail struct{ To, Code string }

const (
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
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, code)
	if u.email.expires.Before(now) || digits != u.email.code {
		return false
	}
	u.email = nil
	return true
}

// offerEmail fills in the details of a refusal by e-mail: it mails a code
// unless one that was mailed before is still good.
func (w *Workspace) offerEmail(x *exchange, details *codeDetails, attempted bool) {
	details.EmailOrUsername = w.options.Release.MailNames(x.user.Account)
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
		details.CodeExpires = code.expires.UTC().Format(timeLayout)
		if code.expires.Before(x.now) {
			x.user.email = nil
		}
		return
	}
	details.CodeGenerated = true
	number := w.rng.IntN(1_000_000)
	x.user.email = &emailCode{code: fmt.Sprintf("%06d", number), expires: x.now.Add(emailCodeLife)}
	mail := Mail{To: x.user.Email, Code: fmt.Sprintf("%03d-%03d", number/1000, number%1000)}
	w.mails = append(w.mails, mail)
	x.mails = append(x.mails, mail)
}
