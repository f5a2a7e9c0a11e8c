// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func checkSessionIDs(list types.List, where path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	if !list.IsNull() && !list.IsUnknown() && len(list.Elements()) == 0 {
		diags.AddAttributeError(where, "No session to end",
			fmt.Sprintf("`%s` is an empty list. If a rule can find no session, omit the action in that case: set `count` in its block.", where))
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
		diags.AddAttributeError(where, "Unusable session ID",
			fmt.Sprintf("`%s` is null. Rocket.Chat before 6.6 lists sessions without an ID, which its API cannot find. Omit them: "+
				"`if session.session_id != null`.", where))
	case id == "" || strings.TrimSpace(id) != id:
		diags.AddAttributeError(where, "Unusable session ID",
			fmt.Sprintf("`%s` is %q. An ID must not be empty or have white space around it.", where, id))
	}
	return diags
}
