// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// unknownValues is an error for each attribute of the provider's configuration
// that is not known yet. To fall back to the environment would read another
// workspace, or read it as somebody else, without a word.
func unknownValues(config tftypes.Value) diag.Diagnostics {
	var diags diag.Diagnostics
	err := tftypes.Walk(config, func(at *tftypes.AttributePath, value tftypes.Value) (bool, error) {
		if value.IsKnown() {
			return true, nil
		}
		where, attribute := providerPath(at)
		diags.AddAttributeError(where, "A provider setting is not known yet", unknownDetail(attribute))
		return false, nil
	})
	if err != nil {
		diags.AddError("The provider's configuration cannot be read", err.Error())
	}
	return diags
}

func unknownDetail(attribute string) string {
	detail := fmt.Sprintf("`%s` depends on a value that only an apply brings, so the workspace cannot be read while planning. "+
		"Use a value that is known beforehand, such as a variable, or apply what it depends on first "+
		"(`terraform apply -target=…`).", attribute)
	for _, s := range environmentSettings() {
		if s.attribute == attribute {
			return detail + fmt.Sprintf(" The environment variable %s is only used where the attribute is left out or null.", s.env)
		}
	}
	return detail
}

// providerPath translates a path of the protocol; it also writes it with dots.
func providerPath(at *tftypes.AttributePath) (where path.Path, attribute string) {
	where = path.Empty()
	var names []string
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			where, names = where.AtName(string(step)), append(names, string(step))
		case tftypes.ElementKeyString:
			where, names = where.AtMapKey(string(step)), append(names, string(step))
		}
	}
	return where, strings.Join(names, ".")
}
