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
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

const (
	permissionLogout = "logout-device-management"
	// defaultLogoutTimeout lets about 200 sessions wait for the default rate limit, ten
	// calls a minute.
	defaultLogoutTimeout = 20 * time.Minute
	// planTimeout bounds what a plan spends on a hint.
	planTimeout = 30 * time.Second
)

const unlessReconnectedDescription = "Leaves alone a client that has connected again since its session was listed, and names it in a " +
	"warning: a session in `session_ids` is only ended while it is its client's newest connection. Without it, a logout of an old " +
	"connection ends the client's present one. The check precedes each logout, and costs two calls of the session list. Set it for " +
	"rules that a new connection refutes, such as `older_than` and `beyond_per_user`. Requires the permission `view-device-management`. " +
	"Defaults to `false`."

// planLogout reports what would stop an apply, before it changes anything.
func (p *providerData) planLogout(ctx context.Context, ids []string) diag.Diagnostics {
	if p == nil || p.client == nil || len(ids) == 0 {
		return nil
	}
	ctx, cancel := p.clock.WithTimeout(ctx, planTimeout)
	defer cancel()
	if p.lacksPermission(ctx) {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The account lacks a permission",
			paragraphs("None of the roles of the account that the token belongs to has the permission `"+permissionLogout+"`, so no session "+
				"could be ended.",
				"Ask an administrator to grant it to one of the account's roles under "+menuPermissions+": search for "+permissionLogout+
					" and select the role."))}
	}
	diags, _ := p.checkOwn(ctx, ids)
	return diags
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

// checkOwn refuses the session of the provider's own token, which Rocket.Chat marks since
// 8.7. A personal access token has none.
func (p *providerData) checkOwn(ctx context.Context, ids []string) (diag.Diagnostics, error) {
	own, err := p.client.OwnSessions(ctx, "", sessions.Need{All: true})
	if err != nil {
		return nil, err
	}
	for _, s := range own.Sessions {
		if s.Current != nil && *s.Current && s.SessionID != nil && slices.Contains(ids, *s.SessionID) {
			return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("session_ids"), "The provider's own session", paragraphs(
				"Session "+sanitize.Line(*s.SessionID)+" belongs to the provider's own token, which a logout would end.",
				"Leave it out: it is the one whose `current` is true in `rocketchat_current_user_sessions`. Or use a personal access token, "+
					"which belongs to no session ("+menuTokens+")."))}, nil
		}
	}
	return nil, nil
}

// knownIDs are the elements of session_ids that are known, each once.
func knownIDs(elements []attr.Value) []string {
	ids := make([]string, 0, len(elements))
	for _, element := range elements {
		if text, ok := element.(types.String); ok && known(text) && !slices.Contains(ids, text.ValueString()) {
			ids = append(ids, text.ValueString())
		}
	}
	return ids
}

// logoutRun ends sessions.
type logoutRun struct {
	provider *providerData
	// ids contains each ID once.
	ids []string
	// unlessReconnected leaves alone clients that have connected again.
	unlessReconnected bool
	// progress is told of each session that is done, if it is not nil.
	progress func(message string)
	// again is what to do after a failure.
	again string

	// done are the IDs that are done: ended, unknown to the workspace, or left alone.
	done, ended, unknown, left []string
	// tried says that the next was logged out, not only asked for.
	tried bool
}

// end ends the sessions in their order. It stops at the first failure, or when the timeout of the
// argument at where has passed.
func (r *logoutRun) end(ctx context.Context, timeout time.Duration, where path.Path) diag.Diagnostics {
	ctx, cancel := r.provider.clock.WithTimeout(ctx, timeout)
	defer cancel()
	diags, err := r.provider.checkOwn(ctx, r.ids)
	for i := 0; i < len(r.ids) && err == nil && !diags.HasError(); i++ {
		err = r.endNext(ctx)
	}
	if err != nil {
		failure := explain(err, endingSessions)
		failure.detail = paragraphs(failure.detail, r.account(err))
		failure.addTo(&diags, errorPaths{timeoutArgument: where})
	}
	diags.Append(r.warnings()...)
	if !diags.HasError() {
		diags.Append(r.provider.warningsOfLongWaits()...)
	}
	return diags
}

// endNext ends the first session that is not done.
func (r *logoutRun) endNext(ctx context.Context) (err error) {
	id, outcome, newest := r.ids[len(r.done)], "ended", true
	var session *sessions.Session
	if r.unlessReconnected {
		session, newest, err = r.provider.client.Connection(ctx, id)
	}
	if r.tried = err == nil && newest; r.tried {
		err = r.provider.client.Logout(ctx, id)
	}
	switch {
	case errors.Is(err, rocketchat.ErrNotFound):
		r.unknown = append(r.unknown, id)
		outcome = "not known to the workspace, so there is nothing to end"
	case err != nil:
		return err
	case newest:
		r.ended = append(r.ended, id)
	default:
		r.left = append(r.left, id+" of "+nameOf(session))
		outcome = "left alone, because its client has connected again"
	}
	r.done = append(r.done, id)
	if r.progress != nil {
		r.progress(fmt.Sprintf("Session %d of %d, %s: %s.", len(r.done), len(r.ids), sanitize.Line(id), outcome))
	}
	return nil
}

// account describes the state of a run whose next session failed with err.
func (r *logoutRun) account(err error) string {
	rest, failed, own := r.ids[len(r.done):], "", ""
	if r.tried {
		failed = "Refused"
		if mayHaveEnded(err) {
			failed = "Failed, perhaps only after the workspace had ended it"
		}
		failed, rest = listed(failed, rest[:1]), rest[1:]
	}
	if errors.Is(err, rocketchat.ErrNotLoggedIn) && len(r.ended) > 0 {
		own = "The workspace accepted the token before that. Probably, one of the sessions that were ended is the provider's own, and its " +
			"logout ended the token. Use a personal access token, which belongs to no session, or leave that session out."
	}
	return paragraphs(own, listed("Ended before that", r.ended), failed, listed("Not tried", rest), r.again)
}

// mayHaveEnded reports whether a logout that failed with err may have ended its session all
// the same. It has not if the first attempt was refused before the workspace acts.
func mayHaveEnded(err error) bool {
	if has[*rocketchat.SecondFactorError](err) || has[*rocketchat.RateLimitError](err) || has[*rocketchat.NotRocketChatError](err) ||
		has[*rocketchat.TooOldError](err) || has[*rocketchat.RedirectError](err) {
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

// warnings name what was not ended: a user who relies on a logout must learn of it.
func (r *logoutRun) warnings() (diags diag.Diagnostics) {
	where := path.Root("session_ids")
	if len(r.unknown) > 0 {
		just := ""
		if r.unlessReconnected {
			just = "A session that has ended since the list was read is not known either, because `unless_reconnected` is true. "
		}
		diags.AddAttributeWarning(where, "The workspace does not know some of the sessions", paragraphs(listed("Not known", r.unknown),
			just+"The workspace deletes sessions that ended long ago; then there is nothing to do. Otherwise, an ID is wrong: IDs are "+
				"case-sensitive, and the ID of a user is not the ID of a session."))
	}
	if len(r.left) > 0 {
		diags.AddAttributeWarning(where, "Some clients have connected again", paragraphs(listed("Left alone", r.left),
			"These clients have a newer session than the one in `session_ids`, which a logout would end, and `unless_reconnected` is true.",
			"Read the list again: a client that still breaks the rule is in it with its new session."))
	}
	return diags
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
