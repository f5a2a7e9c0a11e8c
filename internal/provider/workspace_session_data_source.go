// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

func newWorkspaceSessionDataSource() datasource.DataSource {
	return &dataSource{
		name: "workspace_session", schema: workspaceSessionSchema, model: func() model { return &workspaceSessionModel{} },
	}
}

// workspaceSessionSchema has the ID as an argument and, as results, the other fields of a session.
func workspaceSessionSchema() schema.Schema {
	attributes := make(map[string]schema.Attribute)
	for _, field := range newRowObject(sessions.Fields()).attributes {
		attributes[field.name] = field.computed()
	}
	attributes["session_id"] = schema.StringAttribute{
		Required: true, Validators: []validator.String{textCheck{"value must be the ID of a session", checkSessionID}},
		MarkdownDescription: "ID of the session, as in `session_id` of `rocketchat_workspace_sessions`. It is literal and case-sensitive. " +
			"If there is no such session, the read fails. If the client has connected again since the ID was read, the old connection " +
			"is returned, and a logout of this ID ends the client's present connection.",
	}
	attributes["user_details"] = userDetailsAttribute("`user`")
	return schema.Schema{
		MarkdownDescription: "Reads one login session of the workspace by its ID. If the session has ended, the read fails. " +
			"The ID of an old connection of a client that has connected again returns the old connection. " +
			"Requires the permission `view-device-management`, a premium license, Rocket.Chat 5.0 or later, and usually a second factor.",
		Attributes: attributes,
	}
}

func checkSessionID(text types.String, where path.Path) diag.Diagnostics {
	return sessionIDProblem(text, where, fmt.Sprintf("`%s`", where))
}

// sessionIDProblem is an error where the ID is unusable. name is what the text calls the value.
func sessionIDProblem(value attr.Value, where path.Path, name string) (diags diag.Diagnostics) {
	text, _ := value.(types.String)
	id := text.ValueString()
	switch {
	case text.IsUnknown():
	case text.IsNull():
		diags.AddAttributeError(where, "Unusable session ID",
			name+" is null. Rocket.Chat before 6.6 lists sessions without an ID, which its API cannot find. Omit them: "+
				"`if session.session_id != null`.")
	case id == "" || strings.TrimSpace(id) != id:
		diags.AddAttributeError(where, "Unusable session ID",
			fmt.Sprintf("%s is %q. An ID must not be empty or have white space around it.", name, id))
	}
	return diags
}

// workspaceSessionModel is no struct, because its attributes are those of the table of a session's
// fields.
type workspaceSessionModel struct{ attributes types.Object }

// object is what the arguments are decoded into.
func (m *workspaceSessionModel) object() *types.Object { return &m.attributes }

func (m *workspaceSessionModel) timeout() timeouts.Value {
	in, _ := m.attributes.Attributes()["timeouts"].(timeouts.Value)
	return in
}

func (m *workspaceSessionModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	attributes := m.attributes.Attributes()
	id, _ := attributes["session_id"].(types.String)
	details, _ := attributes["user_details"].(types.Bool)
	r := &sessionsRead{
		provider: provider, selection: &sessions.Arguments{}, by: &accountArguments{UserDetails: details},
		doing: readingOne, paths: errorPaths{sessionArgument: path.Root("session_id")},
		list: func(ctx context.Context, _ sessions.Need) (*rocketchat.Listing, error) {
			session, err := provider.client.WorkspaceSession(ctx, id.ValueString())
			return &rocketchat.Listing{Sessions: []*sessions.Session{session}}, err
		},
	}
	result, _, diags := r.run(ctx)
	if diags.HasError() {
		return diags
	}
	maps.Copy(attributes, newRowObject(sessions.Fields()).value(result.Sessions[0]).Attributes())
	m.attributes = types.ObjectValueMust(m.attributes.AttributeTypes(ctx), attributes)
	return diags
}
