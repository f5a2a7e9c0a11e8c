// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ validator.String = sessionID{}
	_ validator.List   = sessionIDs{}
)

// sessionID accepts what can be the id of a session.
type sessionID struct{}

// Description implements [validator.String].
func (sessionID) Description(context.Context) string { return "value must be the id of a session" }

// MarkdownDescription implements [validator.String].
func (v sessionID) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (sessionID) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if known(req.ConfigValue) {
		resp.Diagnostics.Append(checkSessionID(req.ConfigValue, req.Path)...)
	}
}

// sessionIDs accepts a list that has something to end in it.
type sessionIDs struct{}

// Description implements [validator.List].
func (sessionIDs) Description(context.Context) string {
	return "list must hold at least one session id"
}

// MarkdownDescription implements [validator.List].
func (v sessionIDs) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList implements [validator.List].
func (sessionIDs) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	resp.Diagnostics.Append(checkSessionIDs(req.ConfigValue, req.Path)...)
}

func checkSessionIDs(list types.List, where path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if !list.IsNull() && !list.IsUnknown() && len(list.Elements()) == 0 {
		diags.AddAttributeError(where, "No session to end",
			fmt.Sprintf("`%s` is an empty list. Where a rule may find no session, leave the action out then, with `count` in its block.", where))
	}
	for i, element := range list.Elements() {
		if text, ok := element.(types.String); ok && !text.IsUnknown() {
			diags.Append(checkSessionID(text, where.AtListIndex(i))...)
		}
	}
	return diags
}

func checkSessionID(text types.String, where path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	id := text.ValueString()
	switch {
	case text.IsNull():
		diags.AddAttributeError(where, "Unusable session id",
			fmt.Sprintf("`%s` is null. Rocket.Chat before 6.6 lists sessions without an id, which its API cannot find: leave them out, as in `if session.session_id != null`.", where))
	case id == "" || strings.TrimSpace(id) != id:
		diags.AddAttributeError(where, "Unusable session id",
			fmt.Sprintf("`%s` is %q. An id is neither empty nor has white space around it.", where, id))
	}
	return diags
}
