// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchat"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sanitize"
)

var readingSettings = task{noun: "read", rows: "settings", routes: "/api/v1/settings.public and everything below /api/v1/settings/"}

func newSettingsDataSource() datasource.DataSource {
	return &dataSource{name: "settings", schema: settingsSchema, model: func() model { return &settingsModel{} }}
}

// settingsModel holds the arguments and results.
type settingsModel struct {
	IDs    types.List    `tfsdk:"ids"`
	Values types.Dynamic `tfsdk:"values"`

	timed
}

func settingsSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Reads settings of the workspace by their IDs, for rules about what the workspace allows. Requires no " +
			"permission for public settings, and `view-privileged-setting` for others. It never reads passwords, keys or tokens.",
		Attributes: map[string]schema.Attribute{
			"ids": schema.ListAttribute{
				Required: true, ElementType: types.StringType, Validators: []validator.List{
					listvalidator.SizeAtLeast(1), listCheck[[]string]{"elements must be IDs of settings that are not secrets", settingIDs},
				},
				MarkdownDescription: "IDs of settings, such as `Accounts_LoginExpiration`, case-sensitive. " + findSetting +
					" A setting that the workspace does not have is an error, and so is one that by its name is a password, a key or a token.",
			},
			"values": schema.DynamicAttribute{
				Computed: true,
				MarkdownDescription: "Object with one attribute for each ID, a bool, number or string as the setting is. " +
					"The attributes are never null.",
			},
		},
	}
}

// findSetting is how to find an ID.
const findSetting = "To list those of the public settings, open `/api/v1/settings.public?count=0` of the workspace in a browser."

// settingIDs reads the IDs and refuses those that the client does not ask for.
func settingIDs(configured types.List, where path.Path) ([]string, diag.Diagnostics) {
	ids, diags := textsOf(configured, where)
	for i, element := range configured.Elements() {
		if element.IsNull() || element.IsUnknown() {
			continue
		}
		switch at, err := where.AtListIndex(i), rocketchat.CheckSettingID(ids[i]); {
		case errors.Is(err, rocketchat.ErrSecretSetting):
			diags.AddAttributeError(at, "The setting is a secret", paragraphs(
				fmt.Sprintf("`%s` is %q: by its name, a password, a key or a token. The plan and the state would contain it in clear text, "+
					"so the provider does not read it.", at, ids[i]),
				"Remove the element. A rule can use the setting that turns the feature on or off instead.",
			))
		case err != nil:
			diags.AddAttributeError(at, "Unusable setting ID", fmt.Sprintf("`%s` is %q. The ID of a setting consists of letters, digits, "+
				"`_`, `-` and `.`, such as `Accounts_LoginExpiration`. %s", at, ids[i], findSetting))
		}
	}
	return ids, diags
}

func (m *settingsModel) read(ctx context.Context, provider *providerData) diag.Diagnostics {
	where := path.Root("ids")
	ids, diags := settingIDs(m.IDs, where)
	if diags.HasError() {
		return diags
	}
	found, err := provider.client.Settings(ctx, ids)
	if err != nil {
		return provider.failed(err, readingSettings, readPaths())
	}
	m.Values, diags = settingValues(ctx, found, ids, where)
	return diags
}

// settingValues is the object of the values, or what is wrong with each of the settings.
func settingValues(ctx context.Context, found *rocketchat.Settings, ids []string, where path.Path) (types.Dynamic, diag.Diagnostics) {
	var diags diag.Diagnostics
	values, valueTypes := map[string]attr.Value{}, map[string]attr.Type{}
	for i, id := range ids {
		switch scalar := found.Values[id].Scalar.(type) {
		case bool:
			values[id] = types.BoolValue(scalar)
		case float64:
			values[id] = types.NumberValue(big.NewFloat(scalar))
		case string:
			values[id] = types.StringValue(scalar)
		default:
			// One error names all that are refused.
			if !slices.Contains(found.Refused, id) || i == slices.Index(ids, found.Refused[0]) {
				diags.Append(settingProblem(found, id, where.AtListIndex(i)))
			}
			continue
		}
		valueTypes[id] = values[id].Type(ctx)
	}
	return types.DynamicValue(types.ObjectValueMust(valueTypes, values)), diags
}

// settingProblem is why there is no value.
func settingProblem(found *rocketchat.Settings, id string, at path.Path) diag.Diagnostic {
	switch {
	case slices.Contains(found.Unknown, id):
		return diag.NewAttributeErrorDiagnostic(at, "Unknown setting", paragraphs(
			fmt.Sprintf("`%s` is %q. The workspace's release does not have this setting, or shows it to nobody%s", at, id,
				didYouMean(id, settingNames(found), 1)),
			"IDs are case-sensitive. "+findSetting,
		))
	case slices.Contains(found.Refused, id):
		var names []string
		for _, id := range found.Refused {
			names = append(names, fmt.Sprintf("%q%s", id, strings.TrimSuffix(didYouMean(id, settingNames(found), 1), ".")))
		}
		refusal := explain(found.Refusal, readingSettings)
		return diag.NewAttributeErrorDiagnostic(at, refusal.summary, sanitize.Lines(paragraphs(
			"The workspace has no public setting with the ID "+strings.Join(names, ", ")+". It shows others only with a permission.",
			refusal.detail,
		)))
	default:
		kind := map[string]string{"": "missing", "null": "null", "array": "an array", "object": "an object"}[found.Values[id].Kind]
		return diag.NewAttributeErrorDiagnostic(at, "The setting is not a bool, a number or a string",
			fmt.Sprintf("The value of %q is %s. Remove `%s`: a rule can only use bools, numbers and strings.", id, kind, at))
	}
}

// settingNames are the IDs of the public settings, and of those for rules that are not public,
// so that no list has them (8.6.1).
func settingNames(found *rocketchat.Settings) []string {
	return append(slices.Clone(found.Public),
		"API_Allow_Infinite_Count",
		"API_Default_Count",
		"API_Enable_CORS",
		"API_Enable_Rate_Limiter",
		"API_Upper_Count_Limit",
		"Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In",
		"Accounts_TwoFactorAuthentication_RememberFor",
		"Block_Multiple_Failed_Logins_Enabled",
		"Device_Management_Enable_Login_Emails",
		"Troubleshoot_Disable_Sessions_Monitor",
	)
}
