// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

var (
	_ resource.ResourceWithConfigure   = (*sessionLogoutResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*sessionLogoutResource)(nil)
	_ resource.ResourceWithImportState = (*sessionLogoutResource)(nil)
)

// defaultMaxLogouts is few, because a wrong rule is more likely than many findings.
const defaultMaxLogouts = 20

func newSessionLogoutResource() resource.Resource { return &sessionLogoutResource{} }

// sessionLogoutResource ends the sessions that its state does not have: the state is what has
// ended.
type sessionLogoutResource struct {
	provider *providerData
}

type sessionLogoutModel struct {
	SessionIDs        types.Set      `tfsdk:"session_ids"`
	MaxLogouts        types.Int64    `tfsdk:"max_logouts"`
	UnlessReconnected types.Bool     `tfsdk:"unless_reconnected"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
}

func (l *sessionLogoutResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_session_logout"
}

func (l *sessionLogoutResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Ends login sessions of any user, each once: the client is logged out and must log in again. " +
			"The plan shows the sessions that will be ended, and a session that the workspace still lists is ended again. " +
			"Works with every version of Terraform and OpenTofu. Requires the permissions `logout-device-management` and " +
			"`view-device-management`, a premium license, Rocket.Chat 5.0 or later, and usually a second factor.",
		Attributes: map[string]schema.Attribute{
			"session_ids": schema.SetAttribute{
				ElementType: types.StringType, Required: true,
				Validators: []validator.Set{setCheck[[]string]{"elements must be IDs of sessions", sessionIDSet}},
				MarkdownDescription: "IDs of the sessions to end, as in `session_id` of `rocketchat_workspace_sessions`. IDs are case-sensitive. " +
					"The set can be empty. If each of its sessions has ended, the plan shows no change: sessions that have ended stay in the state.",
			},
			"max_logouts": schema.Int64Attribute{
				Optional: true, Computed: true, Default: int64default.StaticInt64(defaultMaxLogouts),
				Validators: []validator.Int64{int64validator.AtLeast(0)},
				MarkdownDescription: "Maximum number of sessions to end at once. If there are more, the plan fails, or the apply before its first " +
					fmt.Sprintf("logout if they are not known during plan. A wrong rule is more likely than so many findings. Defaults to `%d`.",
						defaultMaxLogouts),
			},
			"unless_reconnected": schema.BoolAttribute{Optional: true, MarkdownDescription: unlessReconnectedDescription},
		},
		Blocks: map[string]schema.Block{"timeouts": logoutTimeouts()},
	}
}

func logoutTimeouts() schema.Block {
	timeout := func(what string, byDefault time.Duration) schema.Attribute {
		return schema.StringAttribute{
			Optional: true, Validators: []validator.String{positiveDuration()}, MarkdownDescription: timeoutDescription(what, byDefault),
		}
	}
	kinds := map[string]attr.Type{"create": types.StringType, "read": types.StringType, "update": types.StringType}
	return schema.SingleNestedBlock{
		MarkdownDescription: timeoutsDescription,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: kinds}},
		Attributes: map[string]schema.Attribute{
			"create": timeout("ending all sessions in the first apply", defaultLogoutTimeout),
			"update": timeout("ending all sessions in later ones", defaultLogoutTimeout),
			"read":   timeout("reading the list of sessions", defaultReadTimeout),
		},
	}
}

func (l *sessionLogoutResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	l.provider = configure(req.ProviderData)
}

func (l *sessionLogoutResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // the resource is removed
		return
	}
	var plan, state sessionLogoutModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	rest := plan.without(knownIDs(state.SessionIDs.Elements()))
	unknown := plan.SessionIDs.IsUnknown() || slices.ContainsFunc(plan.SessionIDs.Elements(), attr.Value.IsUnknown)
	if len(rest) == 0 && !unknown && !state.SessionIDs.IsNull() { //mutate:at-rest
		// Terraform takes the value of the state for that of the configuration: what has ended
		// is no change when a list no longer has it.
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("session_ids"), state.SessionIDs)...)
	}
	resp.Diagnostics.Append(plan.checkNumber(rest)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(l.provider.planLogout(ctx, rest)...)
	}
}

// without returns the IDs that are known and not among others, in a constant order.
func (m *sessionLogoutModel) without(others []string) []string {
	ids := slices.DeleteFunc(knownIDs(m.SessionIDs.Elements()), func(id string) bool { return slices.Contains(others, id) })
	slices.Sort(ids)
	return ids
}

func (m *sessionLogoutModel) checkNumber(ids []string) (diags diag.Diagnostics) {
	if most := m.MaxLogouts; !most.IsUnknown() && int64(len(ids)) > most.ValueInt64() { //mutate:max-logouts
		diags.AddAttributeError(path.Root("max_logouts"), "Too many sessions to end", paragraphs(
			fmt.Sprintf("%s would be ended, more than `max_logouts` = %d. None was ended: %s.",
				counted(len(ids), "session"), most.ValueInt64(), firstFew(ids)),
			"A wrong rule is more likely than so many findings. If the rule is right, raise `max_logouts`."))
	}
	return diags
}

func (l *sessionLogoutResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(l.apply(ctx, req.Plan, &resp.State)...)
}

func (l *sessionLogoutResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(l.apply(ctx, req.Plan, &resp.State)...)
}

// apply ends what is planned and has not ended, and stores what has ended, after a failure as well.
func (l *sessionLogoutResource) apply(ctx context.Context, planned tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	diags := l.provider.problems()
	var plan, before sessionLogoutModel
	diags.Append(planned.Get(ctx, &plan)...)
	kind, timeoutOf := "create", timeouts.Value.Create
	if !state.Raw.IsNull() {
		kind, timeoutOf = "update", timeouts.Value.Update
		diags.Append(state.Get(ctx, &before)...)
	}
	timeout, problems := timeoutOf(plan.Timeouts, ctx, defaultLogoutTimeout)
	diags.Append(problems...)
	// A validation accepts values that are unknown then, and so does a plan.
	all, problems := sessionIDSet(plan.SessionIDs, path.Root("session_ids"))
	diags.Append(problems...)
	rest := slices.DeleteFunc(plan.without(knownIDs(before.SessionIDs.Elements())), func(id string) bool {
		_, ended := l.provider.ended.Load(id)
		return ended //mutate:replaced
	})
	diags.Append(plan.checkNumber(rest)...)
	if diags.HasError() {
		return diags
	}
	run := &logoutRun{
		provider: l.provider, ids: rest, unlessReconnected: plan.UnlessReconnected.ValueBool(),
		again: "The next apply ends the others: those that were ended are in the state.",
	}
	if len(rest) > 0 {
		diags.Append(run.end(ctx, timeout, path.Root("timeouts").AtName(kind))...)
	}
	if diags.HasError() {
		remaining := rest[len(run.done):]
		all = slices.DeleteFunc(all, func(id string) bool { return slices.Contains(remaining, id) })
		if len(all) == 0 && state.Raw.IsNull() {
			return diags
		}
	}
	state.Raw = planned.Raw
	diags.Append(state.SetAttribute(ctx, path.Root("session_ids"), all)...)
	return diags
}

// Read removes the sessions that are still listed: they have not ended.
func (l *sessionLogoutResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state sessionLogoutModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	timeout, diags := state.Timeouts.Read(ctx, defaultReadTimeout)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || len(state.SessionIDs.Elements()) == 0 {
		return
	}
	resp.Diagnostics.Append(l.provider.problems()...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := l.provider.clock.WithTimeout(ctx, timeout)
	defer cancel()
	listing, err := l.provider.client.WorkspaceSessions(ctx, "", sessions.Need{All: true})
	if err != nil {
		resp.Diagnostics.Append(l.provider.failed(err, readingOne, readPaths())...)
		return
	}
	var listed []string
	for _, s := range listing.Sessions {
		if s.SessionID != nil {
			listed = append(listed, *s.SessionID)
		}
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("session_ids"), state.without(listed))...)
	resp.Diagnostics.Append(l.provider.warningsOfLongWaits()...)
}

// Delete has nothing to undo. Terraform replaces a resource whose first apply failed: what has
// ended then is not ended again.
func (l *sessionLogoutResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state sessionLogoutModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	for _, id := range knownIDs(state.SessionIDs.Elements()) {
		l.provider.ended.Store(id, true)
	}
}

func (l *sessionLogoutResource) ImportState(_ context.Context, _ resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	resp.Diagnostics.AddError("There is nothing to import", "A logout is no object of the workspace. Write the resource without an import: "+
		"a session that has already ended counts as done.")
}

// sessionIDSet converts the attribute session_ids.
func sessionIDSet(set types.Set, where path.Path) (ids []string, diags diag.Diagnostics) {
	for _, element := range set.Elements() {
		diags.Append(sessionIDProblem(element, where, fmt.Sprintf("An element of `%s`", where))...)
	}
	return knownIDs(set.Elements()), diags
}
