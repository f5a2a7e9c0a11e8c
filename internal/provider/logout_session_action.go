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

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

var (
	_ action.ActionWithConfigure  = (*logoutSessionAction)(nil)
	_ action.ActionWithModifyPlan = (*logoutSessionAction)(nil)
)

// defaultInvokeTimeout lets about 200 sessions wait for the default rate
// limit, ten calls a minute.
const defaultInvokeTimeout = 20 * time.Minute

func newLogoutSessionAction() action.Action { return &logoutSessionAction{} }

type logoutSessionAction struct {
	provider *providerData
}

type logoutSessionModel struct {
	SessionIDs types.List     `tfsdk:"session_ids"`
	Timeouts   timeouts.Value `tfsdk:"timeouts"`
}

// Metadata implements [action.Action].
func (a *logoutSessionAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_logout_session"
}

// Schema implements [action.Action].
func (a *logoutSessionAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends login sessions of any user: the client is logged out and must log in again. " +
			"A session that has already ended is not an error. " +
			"Requires Terraform 1.14 or later, the permission `logout-device-management`, a premium license, Rocket.Chat 5.0 " +
			"or later, and usually a second factor.",
		Attributes: map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType, Required: true,
				Validators: []validator.List{listCheck[[]string]{"list must contain at least one session ID", sessionIDs}},
				MarkdownDescription: "IDs of the sessions to end, as in `session_id` of `rocketchat_workspace_sessions`: at least one. " +
					"The action ends them in this order, each once. IDs are case-sensitive.",
			},
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{
				MarkdownDescription: timeoutsDescription,
				CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"invoke": types.StringType}}},
				Attributes: map[string]schema.Attribute{
					"invoke": schema.StringAttribute{
						Optional: true, Validators: []validator.String{positiveDuration()},
						MarkdownDescription: timeoutDescription("ending all sessions", defaultInvokeTimeout),
					},
				},
			},
		},
	}
}

// Configure implements [action.ActionWithConfigure].
func (a *logoutSessionAction) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	a.provider = configure(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan implements [action.ActionWithModifyPlan]. It reports a missing permission before
// an apply changes anything else.
func (a *logoutSessionAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var ids types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("session_ids"), &ids)...)
	known := slices.ContainsFunc(ids.Elements(), func(id attr.Value) bool { return !id.IsUnknown() })
	if a.provider == nil || a.provider.client == nil || !known {
		return
	}
	ctx, cancel := a.provider.clock.WithTimeout(ctx, planTimeout)
	defer cancel()
	if a.lacksPermission(ctx) {
		resp.Diagnostics.AddError("The account lacks a permission",
			paragraphs("None of the roles of the account that the token belongs to has the permission `"+permissionLogout+"`, so that the "+
				"action could end no session.",
				"Ask an administrator to grant it to one of the account's roles under "+menuPermissions+": search for "+permissionLogout+
					" and select the role."))
	}
}

const (
	permissionLogout = "logout-device-management"
	// planTimeout bounds what a plan spends on a hint.
	planTimeout = 30 * time.Second
)

// lacksPermission reports whether the workspace says that none of the account's roles holds
// the permission. A workspace that cannot be asked says nothing: the logout decides.
func (a *logoutSessionAction) lacksPermission(ctx context.Context) bool {
	own, err := a.provider.client.OwnRoles(ctx)
	if err != nil || own == nil {
		return false
	}
	held, err := a.provider.client.Permissions(ctx)
	holders, listed := held[permissionLogout]
	return err == nil && listed && !slices.ContainsFunc(own, func(role string) bool { return slices.Contains(holders, role) })
}

// Invoke implements [action.Action].
func (a *logoutSessionAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	resp.Diagnostics.Append(a.provider.problems()...)
	if resp.Diagnostics.HasError() {
		return
	}
	var model logoutSessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout, diags := model.Timeouts.Invoke(ctx, defaultInvokeTimeout)
	resp.Diagnostics.Append(diags...)
	// Validation accepts values that are unknown then.
	ids, diags := sessionIDs(model.SessionIDs, path.Root("session_ids"))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := a.provider.clock.WithTimeout(ctx, timeout)
	defer cancel()

	run := &logoutRun{ids: ids}
	for i, id := range run.ids {
		err := a.provider.client.Logout(ctx, id)
		unknown := errors.Is(err, rocketchat.ErrNotFound)
		if err != nil && !unknown {
			failure := explain(err, endingSessions)
			failure.detail = paragraphs(failure.detail, run.account(i, err))
			failure.addTo(&resp.Diagnostics, errorPaths{timeoutArgument: path.Root("timeouts").AtName("invoke")})
			break
		}
		if unknown {
			run.unknown = append(run.unknown, id)
		}
		resp.SendProgress(action.InvokeProgressEvent{Message: run.progress(i, unknown)})
	}
	resp.Diagnostics.Append(run.warning()...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(a.provider.warningsOfLongWaits()...)
	}
}

// sessionIDs converts the attribute session_ids; each ID is there once.
func sessionIDs(list types.List, where path.Path) ([]string, diag.Diagnostics) {
	var ids []string
	var diags diag.Diagnostics
	if len(list.Elements()) == 0 {
		diags.AddAttributeError(where, "No session to end",
			fmt.Sprintf("`%s` is an empty list. If a rule can find no session, omit the action in that case: set `count` in its block.", where))
	}
	for i, element := range list.Elements() {
		text, _ := element.(types.String)
		if !text.IsUnknown() {
			diags.Append(checkSessionID(text, where.AtListIndex(i))...)
		}
		if !slices.Contains(ids, text.ValueString()) {
			ids = append(ids, text.ValueString())
		}
	}
	return ids, diags
}

// logoutRun is one invocation's work.
type logoutRun struct {
	// ids contains each ID once.
	ids []string
	// unknown are those that the workspace does not know.
	unknown []string
}

func (r *logoutRun) progress(i int, unknown bool) string {
	outcome := "ended"
	if unknown {
		outcome = "not known to the workspace, so there is nothing to end"
	}
	return fmt.Sprintf("Session %d of %d, %s: %s.", i+1, len(r.ids), sanitize.Line(r.ids[i]), outcome)
}

// account describes the state of a run whose i-th session failed with err.
func (r *logoutRun) account(i int, err error) string {
	ended := slices.DeleteFunc(slices.Clone(r.ids[:i]), func(id string) bool { return slices.Contains(r.unknown, id) })
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
		"It is safe to run the action again for all of them: a session that has ended counts as done.",
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
