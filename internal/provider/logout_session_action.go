// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/action/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.ActionWithConfigure  = (*logoutSessionAction)(nil)
	_ action.ActionWithModifyPlan = (*logoutSessionAction)(nil)
)

func newLogoutSessionAction() action.Action { return &logoutSessionAction{} }

type logoutSessionAction struct {
	provider *providerData
}

type logoutSessionModel struct {
	SessionIDs        types.List     `tfsdk:"session_ids"`
	UnlessReconnected types.Bool     `tfsdk:"unless_reconnected"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

func (a *logoutSessionAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_logout_session"
}

func (a *logoutSessionAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends login sessions of any user: the client is logged out and must log in again. " +
			"A session that has already ended is not an error. Requires Terraform 1.14 or later, the permission " +
			"`logout-device-management`, a premium license, Rocket.Chat 5.0 or later, and usually a second factor.",
		Attributes: map[string]schema.Attribute{
			"session_ids": schema.ListAttribute{
				ElementType: types.StringType, Required: true,
				Validators: []validator.List{listCheck[[]string]{"list must contain at least one session ID", sessionIDList}},
				MarkdownDescription: "IDs of the sessions to end, as in `session_id` of `rocketchat_workspace_sessions`: at least one. " +
					"The action ends them in this order, each once. IDs are case-sensitive.",
			},
			"unless_reconnected": schema.BoolAttribute{Optional: true, MarkdownDescription: unlessReconnectedDescription},
		},
		Blocks: map[string]schema.Block{
			"timeouts": schema.SingleNestedBlock{
				MarkdownDescription: timeoutsDescription,
				CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"invoke": types.StringType}}},
				Attributes: map[string]schema.Attribute{
					"invoke": schema.StringAttribute{
						Optional: true, Validators: []validator.String{positiveDuration()},
						MarkdownDescription: timeoutDescription("ending all sessions", defaultLogoutTimeout),
					},
				},
			},
		},
	}
}

func (a *logoutSessionAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.provider = configure(req.ProviderData)
}

func (a *logoutSessionAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	var ids types.List
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("session_ids"), &ids)...)
	resp.Diagnostics.Append(a.provider.planLogout(ctx, knownIDs(ids.Elements()))...)
}

func (a *logoutSessionAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	resp.Diagnostics.Append(a.provider.problems()...)
	var model logoutSessionModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	timeout, diags := model.Timeouts.Invoke(ctx, defaultLogoutTimeout)
	resp.Diagnostics.Append(diags...)
	// Validation accepts values that are unknown then.
	ids, diags := sessionIDList(model.SessionIDs, path.Root("session_ids"))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	run := &logoutRun{
		provider: a.provider, ids: ids, unlessReconnected: model.UnlessReconnected.ValueBool(),
		progress: func(message string) { resp.SendProgress(action.InvokeProgressEvent{Message: message}) },
		again:    "It is safe to run the action again for all of them: a session that has ended counts as done.",
	}
	resp.Diagnostics.Append(run.end(ctx, timeout, path.Root("timeouts").AtName("invoke"))...)
}

// sessionIDList converts the attribute session_ids, which is not empty.
func sessionIDList(list types.List, where path.Path) (ids []string, diags diag.Diagnostics) {
	if len(list.Elements()) == 0 {
		diags.AddAttributeError(where, "No session to end",
			fmt.Sprintf("`%s` is an empty list. If a rule can find no session, omit the action in that case: set `count` in its block.", where))
	}
	for i, element := range list.Elements() {
		at := where.AtListIndex(i)
		diags.Append(sessionIDProblem(element, at, fmt.Sprintf("`%s`", at))...)
	}
	return knownIDs(list.Elements()), diags
}
