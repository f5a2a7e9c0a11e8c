// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
)

// minClockDifference is the difference from which a TOTP code can be wrong: a
// code holds for 30 seconds.
const minClockDifference = 30 * time.Second

// Remedies.
const (
	ignoreTwoFactor = "Or create a token with \"Ignore Two Factor Authentication\" (" + menuTokens + "); only releases 8.5 to " +
		"8.6.0 require a code even for such a token."
	setTOTP = "Set `two_factor.totp_secret` in the provider's configuration (environment variable ROCKETCHAT_TOTP_SECRET) to the secret " +
		"that Rocket.Chat shows during the setup of TOTP: " + menuTwoFactor + ". " +
		"For a single run, `two_factor.code` (ROCKETCHAT_TWO_FACTOR_CODE) takes a code from an authenticator app."
	setEmailCode = "Run again with the environment variable ROCKETCHAT_TWO_FACTOR_CODE set to the code from the mail " +
		"(or with `two_factor.code`). If `two_factor.method` is `email`, every run without a code requests a new one. " +
		"A pipeline cannot read mail: set TOTP up for its account (" + menuTwoFactor + ")."
	getMail = "To have the workspace mail a code, run once with `two_factor.method` set to `email` (environment variable " +
		"ROCKETCHAT_TWO_FACTOR_METHOD) and without a code: that run fails, and its error says where the code was sent."
	setPassword = "Set `two_factor.password` in the provider's configuration " +
		"(environment variable ROCKETCHAT_PASSWORD)"
)

// explainSecondFactor distinguishes the method that was demanded, the one that was
// sent, and those that the account has set up.
func explainSecondFactor(e *rocketchat.SecondFactorError) explanation {
	said := fmt.Sprintf("%s returned the error %s.", e.Request, e.Problem)
	wanted := wantedMethod(e)
	noneSetUp := e.Available != nil && len(e.Available) == 0
	switch {
	case e.Problem == rocketchat.SecondFactorMaxAttempts: //mutate:max-attempts
		return explained("Too many wrong codes", said,
			"After five wrong codes, Rocket.Chat no longer accepts the code of the last e-mail. "+whereMailWent(e),
			"Wait until that code has expired (an hour by default), remove `two_factor.code` and ROCKETCHAT_TWO_FACTOR_CODE so that a run "+
				"requests a new code, then set ROCKETCHAT_TWO_FACTOR_CODE to it.")
	case e.Problem == rocketchat.SecondFactorInvalid && noneSetUp && e.Sent != rocketchat.MethodPassword:
		return explained("The account has no such second factor", said,
			"A second factor was sent, but the account has neither TOTP nor e-mail codes set up, and Rocket.Chat refuses a code that it "+
				"does not ask for.",
			"Remove `two_factor.method`, `two_factor.totp_secret` and `two_factor.code` from the provider's configuration (and "+
				"ROCKETCHAT_TWO_FACTOR_METHOD, ROCKETCHAT_TOTP_SECRET and ROCKETCHAT_TWO_FACTOR_CODE from the environment). "+
				"If Rocket.Chat then asks for the password, set `two_factor.password` (ROCKETCHAT_PASSWORD).",
			"Or set TOTP up for the account: "+menuTwoFactor+".")
	case e.CodeSent && e.Sent != "" && e.Sent != wanted: //mutate:wrong-method
		remedy := map[rocketchat.Method]string{
			rocketchat.MethodTOTP:     setTOTP,
			rocketchat.MethodEmail:    mailedCode(e),
			rocketchat.MethodPassword: setPassword + ".",
		}[wanted]
		return explained("The account uses another second factor", said,
			fmt.Sprintf("The provider sent the second factor %s, but the account uses %s.", e.Sent, wanted), remedy, ignoreTwoFactor)
	case e.Problem == rocketchat.SecondFactorRequired && e.CodeSent:
		return explained("The second factor did not arrive", said,
			"The provider sent a code, but Rocket.Chat asks for one as if it had received none. A gateway in front of the workspace probably "+
				"removes the headers x-2fa-code and x-2fa-method.",
			"Configure the gateway to pass both headers.")
	case e.Problem == rocketchat.SecondFactorRequired || !e.CodeSent:
		return explainRequired(e, wanted, said)
	default:
		return explainInvalid(e, wanted, said)
	}
}

// wantedMethod is the method that would have satisfied the account. Rocket.Chat may
// name the method that was sent although the account has another one.
func wantedMethod(e *rocketchat.SecondFactorError) rocketchat.Method {
	if len(e.Available) > 0 && !slices.Contains(e.Available, e.Demanded) {
		return e.Available[0]
	}
	return e.Demanded
}

func explainRequired(e *rocketchat.SecondFactorError, wanted rocketchat.Method, said string) explanation {
	switch wanted {
	case rocketchat.MethodTOTP:
		return explained("A TOTP code is required", said,
			"The account uses TOTP, and the provider has no secret from which to compute a code.", setTOTP, ignoreTwoFactor)
	case rocketchat.MethodEmail:
		return explained("A code from an e-mail is required", said,
			"The account uses codes by e-mail.", mailedCode(e), ignoreTwoFactor)
	case rocketchat.MethodPassword:
		return explained("The account's password is required", said,
			"The account has neither TOTP nor e-mail codes set up, so Rocket.Chat asks for its password.",
			setPassword+", or better, set TOTP up ("+menuTwoFactor+") and use `two_factor.totp_secret`.", ignoreTwoFactor)
	default:
		return explained("The workspace requires an unknown second factor", said,
			fmt.Sprintf("Rocket.Chat asks for the method %q; the provider knows totp, email and password.", wanted), ignoreTwoFactor)
	}
}

func explainInvalid(e *rocketchat.SecondFactorError, wanted rocketchat.Method, said string) explanation {
	switch wanted {
	case rocketchat.MethodTOTP:
		return explainTOTP(e, said)
	case rocketchat.MethodEmail:
		return explained("Rocket.Chat refused the code from the e-mail", said,
			"The code is wrong, has expired, or was already used. Each code works once.", mailedCode(e))
	case rocketchat.MethodPassword:
		return explained("Rocket.Chat refused the password", said,
			"The account has neither TOTP nor e-mail codes set up, so Rocket.Chat checks the password, and the configured one is wrong.",
			"Check `two_factor.password` (environment variable ROCKETCHAT_PASSWORD). Set the password itself, without quotation "+
				"marks around it, which `docker --env-file` and `set` of cmd.exe do not remove; the provider sends its SHA-256 hash.")
	default:
		return explained("Rocket.Chat refused the second factor", said,
			fmt.Sprintf("Rocket.Chat names the method %q; the provider knows totp, email and password.", wanted), ignoreTwoFactor)
	}
}

// explainTOTP speaks of what is configured: a secret, or a code alone.
func explainTOTP(e *rocketchat.SecondFactorError, said string) explanation {
	const summary = "Rocket.Chat refused the TOTP code"
	if !e.Computed {
		return explained(summary, said,
			"The code is wrong or of another account, has expired, or was already used. A code from an authenticator app is valid for "+
				"about a minute; a backup code works once. Spaces do not matter.",
			"Run again with a fresh code of the account that `user_id` names in `two_factor.code` (environment variable "+
				"ROCKETCHAT_TWO_FACTOR_CODE).")
	}
	return explained(summary, said,
		clockDifference(e.At, e.ClockDifference),
		"The secret belongs to another account, or TOTP has been set up again since then.",
		"Check `two_factor.totp_secret` (environment variable ROCKETCHAT_TOTP_SECRET) against the account that `user_id` names. "+
			"To get a new secret, disable and enable TOTP: "+menuTwoFactor+".")
}

// mailedCode is how to use a mailed code, or to get one.
func mailedCode(e *rocketchat.SecondFactorError) string {
	if e.MailSentTo == "" && e.CodeExpires.IsZero() {
		return paragraphs(whereMailWent(e)+" "+getMail, setEmailCode)
	}
	return paragraphs(whereMailWent(e), setEmailCode)
}

func whereMailWent(e *rocketchat.SecondFactorError) string {
	text := "No new code was mailed."
	if e.MailSentTo != "" {
		text = "A new code was mailed to " + e.MailSentTo + "."
	}
	if !e.CodeExpires.IsZero() {
		text += " The code is valid until " + e.CodeExpires.UTC().Format(time.RFC3339) + "."
	}
	return text
}

// clockDifference names the clocks as a cause. They cannot be distinguished if a proxy sets
// the header Date, as nginx does by default.
func clockDifference(at time.Time, difference time.Duration) string {
	direction, apart := "ahead of", difference
	if difference < 0 {
		direction, apart = "behind", -difference
	}
	cause := "The server's clock may be wrong, even if the two agree: a proxy, such as nginx, sets Date by its own clock."
	if apart > minClockDifference { //mutate:clock-difference
		cause = fmt.Sprintf("The server's clock is %s %s this machine's.", seconds(apart), direction)
	}
	return fmt.Sprintf("A TOTP code depends on the time. This machine's clock says %s, and the header Date of the response says %s. %s "+
		"Synchronize the clocks of the server and of this machine with NTP.",
		at.UTC().Format(time.RFC3339), at.Add(difference).UTC().Format(time.RFC3339), cause)
}
