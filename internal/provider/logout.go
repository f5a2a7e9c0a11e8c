// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

const (
	permissionLogout = "logout-device-management"
	// defaultLogoutTimeout lets about 200 sessions wait for the default rate limit, ten
	// calls a minute.
	defaultLogoutTimeout = 20 * time.Minute
	// planTimeout bounds what a plan spends on a hint.
	planTimeout = 30 * time.Second
)

// planLogout reports a missing permission before an apply changes anything else.
func (p *providerData) planLogout(ctx context.Context) diag.Diagnostics {
	ctx, cancel := p.clock.WithTimeout(ctx, planTimeout)
	defer cancel()
	if !p.lacksPermission(ctx) {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("The account lacks a permission",
		paragraphs("None of the roles of the account that the token belongs to has the permission `"+permissionLogout+"`, so no session "+
			"could be ended.",
			"Ask an administrator to grant it to one of the account's roles under "+menuPermissions+": search for "+permissionLogout+
				" and select the role."))}
}

// lacksPermission reports whether the workspace says that none of the account's roles holds
// the permission. A workspace that cannot be asked says nothing: the logout decides.
func (p *providerData) lacksPermission(ctx context.Context) bool {
	own, err := p.client.OwnRoles(ctx)
	if err != nil || own == nil {
		return false
	}
	held, err := p.client.Permissions(ctx)
	holders, listed := held[permissionLogout]
	return err == nil && listed && !slices.ContainsFunc(own, func(role string) bool { return slices.Contains(holders, role) })
}

// sessionIDs converts the elements of session_ids; each ID is there once.
func sessionIDs(elements []attr.Value, where func(i int) path.Path) ([]string, diag.Diagnostics) {
	var ids []string
	var diags diag.Diagnostics
	for i, element := range elements {
		text, _ := element.(types.String)
		if !text.IsUnknown() {
			diags.Append(checkSessionID(text, where(i))...)
		}
		if !slices.Contains(ids, text.ValueString()) {
			ids = append(ids, text.ValueString())
		}
	}
	return ids, diags
}

// logoutRun ends sessions.
type logoutRun struct {
	provider *providerData
	// ids contains each ID once.
	ids []string
	// progress is told of each session that is done, if it is not nil.
	progress func(message string)
	// again is what to do after a failure.
	again string

	// done are the IDs that are done, and unknown those of them that the workspace does not
	// know.
	done, unknown []string
}

// end ends the sessions in their order. It stops at the first failure.
func (r *logoutRun) end(ctx context.Context, timeout path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	for i, id := range r.ids {
		err := r.provider.client.Logout(ctx, id)
		unknown := errors.Is(err, rocketchat.ErrNotFound)
		if err != nil && !unknown {
			failure := explain(err, endingSessions)
			failure.detail = paragraphs(failure.detail, r.account(i, err))
			failure.addTo(&diags, errorPaths{timeoutArgument: timeout})
			break
		}
		r.done = append(r.done, id)
		if unknown {
			r.unknown = append(r.unknown, id)
		}
		if r.progress != nil {
			r.progress(r.message(i, unknown))
		}
	}
	diags.Append(r.warning()...)
	return diags
}

func (r *logoutRun) message(i int, unknown bool) string {
	outcome := "ended"
	if unknown {
		outcome = "not known to the workspace, so there is nothing to end"
	}
	return fmt.Sprintf("Session %d of %d, %s: %s.", i+1, len(r.ids), sanitize.Line(r.ids[i]), outcome)
}

// account describes the state of a run whose i-th session failed with err.
func (r *logoutRun) account(i int, err error) string {
	ended := slices.DeleteFunc(slices.Clone(r.done), func(id string) bool { return slices.Contains(r.unknown, id) })
	failed, own := "Refused", ""
	if mayHaveEnded(err) {
		failed = "Failed, perhaps only after the workspace had ended it"
	}
	if errors.Is(err, rocketchat.ErrNotLoggedIn) && len(ended) > 0 {
		own = "The workspace accepted the token before that. Probably, one of the sessions that were ended is the provider's own, and its " +
			"logout ended the token. Use a personal access token, which belongs to no session, or put the ID of that session last."
	}
	return paragraphs(own,
		listed("Ended before that", ended),
		listed(failed, r.ids[i:i+1]),
		listed("Not tried", r.ids[i+1:]),
		r.again,
	)
}

// mayHaveEnded reports whether a logout that failed with err may have ended its session all
// the same. It has not if the first attempt was refused before the workspace acts.
func mayHaveEnded(err error) bool {
	var demand *rocketchat.SecondFactorError
	var limit *rocketchat.RateLimitError
	var unknown *rocketchat.NotRocketChatError
	var old *rocketchat.TooOldError
	var redirect *rocketchat.RedirectError
	if errors.As(err, &demand) || errors.As(err, &limit) || errors.As(err, &unknown) || errors.As(err, &old) || errors.As(err, &redirect) {
		return false
	}
	if refused, ok := errors.AsType[*rocketchat.ResponseError](err); ok {
		return refused.Reason == nil || refused.Attempts > 1
	}
	if gateway, ok := errors.AsType[*rocketchat.GatewayError](err); ok {
		return gateway.Status >= http.StatusInternalServerError || gateway.Attempts > 1
	}
	return true
}

// warning is for IDs that may be wrong: a user who relies on a logout must learn that
// it ended nothing.
func (r *logoutRun) warning() diag.Diagnostics {
	if len(r.unknown) == 0 {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(
		path.Root("session_ids"),
		"The workspace does not know some of the sessions",
		paragraphs(listed("Not known", r.unknown),
			"The workspace deletes sessions that ended long ago; then there is nothing to do. Otherwise, an ID is wrong: IDs are "+
				"case-sensitive, and the ID of a user is not the ID of a session."),
	)}
}

// listed returns a labeled list of IDs, or an empty string if there are none.
func listed(what string, ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	shown := make([]string, len(ids))
	for i, id := range ids {
		shown[i] = sanitize.Line(id)
	}
	return what + ": " + strings.Join(shown, ", ") + "."
}
