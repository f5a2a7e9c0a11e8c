// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// The workspace deletes a row 45 days after its daily job has counted it
// (Sessions.ts, a TTL index on _computedAt, in 6.14 and 8.6.1), so that no row
// is older than about 46 days.
const daysRemembered = 45

const whatIsRemembered = "The workspace deletes a session 45 days after it has counted it, which is within a day of the connection, " +
	"so no session is older than about 46 days."

// warnOfForgottenBefore warns of a bound that keeps only sessions that the workspace
// has deleted: a rule about them would always pass. A nil bound is none; now is the
// workspace's time.
func warnOfForgottenBefore(where path.Path, bound *time.Time, now time.Time) diag.Diagnostics {
	if !forgotten(bound, now) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, "No session can be that old",
		paragraphs(
			fmt.Sprintf("`%s` keeps the sessions that last connected before %s, more than %d days ago. %s A rule about these sessions "+
				"always passes, whoever has a token.",
				where, bound.UTC().Format(time.RFC3339), daysRemembered, whatIsRemembered),
			checkExpirationInstead,
		))}
}

// warnOfForgottenAfter is the same for a bound that omits only such sessions.
func warnOfForgottenAfter(where path.Path, bound *time.Time, now time.Time) diag.Diagnostics {
	if !forgotten(bound, now) {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(where, "The bound omits no session",
		paragraphs(
			fmt.Sprintf("`%s` omits the sessions that last connected until %s, more than %d days ago. %s The result is the same without "+
				"the bound.",
				where, bound.UTC().Format(time.RFC3339), daysRemembered, whatIsRemembered),
			checkExpirationInstead,
		))}
}

const checkExpirationInstead = "Set a bound within the last 45 days. The list does not show how long a token remains valid without a " +
	"connection: check the setting \"Login Expiration in Days\" (Accounts_LoginExpiration, " + menuSettings + " → Accounts), after which " +
	"the workspace refuses the token."

func forgotten(bound *time.Time, now time.Time) bool {
	return bound != nil && bound.Before(now.Add(-daysRemembered*24*time.Hour))
}
