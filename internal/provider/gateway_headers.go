// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpguts"
)

// ownHeaders are set by the provider or by HTTP itself; each with the attribute to use
// instead, if there is one.
func ownHeaders() map[string]string {
	return map[string]string{
		"X-Auth-Token": "auth_token", "X-User-Id": "user_id", "X-2fa-Code": "two_factor", "X-2fa-Method": "two_factor", "Host": "url",
		"Accept": "", "Accept-Encoding": "", "Connection": "", "Content-Encoding": "", "Content-Length": "", "Content-Type": "", "Expect": "",
		"Keep-Alive": "", "Proxy-Connection": "", "Te": "", "Trailer": "", "Transfer-Encoding": "", "Upgrade": "", "User-Agent": "",
	}
}

// headers are the gateway's: those of the configuration or, if it has none, those of the
// environment.
func headers(configured types.Map, env func(string) string, diags *diag.Diagnostics) map[string]string {
	from := ""
	if configured.IsNull() {
		configured = headersSetting.resolve(types.StringNull(), env, diags)
		from = variable(headersSetting.env()).subject + ": "
	}
	valid, problems := gatewayHeaders(configured, path.Root("headers"))
	for _, p := range problems {
		diags.AddError(p.Summary(), from+p.Detail())
	}
	return valid
}

// parseHeaders reads a JSON object of texts.
func parseHeaders(text string) (types.Map, error) {
	var object map[string]*string
	if err := json.Unmarshal([]byte(text), &object); err != nil || object == nil {
		return types.Map{}, errors.New(`must be a JSON object whose values are texts, such as {"X-Gateway-Key": "…"}`)
	}
	elements := make(map[string]attr.Value, len(object))
	for name, value := range object {
		elements[name] = types.StringPointerValue(value)
	}
	return types.MapValueMust(types.StringType, elements), nil
}

// gatewayHeaders reads the attribute headers: names to values, for a gateway in front
// of the workspace. It returns them with canonical names, and with an empty string for a
// value that is not known yet.
func gatewayHeaders(configured types.Map, where path.Path) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	headers := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(configured.Elements())) {
		where := where.AtMapKey(name)
		value, _ := configured.Elements()[name].(types.String)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		attribute, own := ownHeaders()[canonical]
		_, twice := headers[canonical]
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			diags.AddAttributeError(where, "Unusable header name",
				fmt.Sprintf("%q is not the name of an HTTP header: letters, digits and dashes, without the colon.", name))
		case own:
			remedy := "Remove it."
			if attribute != "" {
				remedy = "Use `" + attribute + "`."
			}
			diags.AddAttributeError(where, "Header belongs to the provider",
				fmt.Sprintf("The header %s is set by the provider or by HTTP itself. You cannot replace it. %s", canonical, remedy))
		case twice:
			diags.AddAttributeError(where, "Header set twice",
				fmt.Sprintf("The header %s is set in two spellings. Header names are case-insensitive.", canonical))
		case value.IsNull():
			diags.AddAttributeError(where, "Unusable header value",
				fmt.Sprintf("The value of %s is null. Remove the header.", canonical))
			continue
		case !value.IsUnknown() && strings.TrimSpace(value.ValueString()) == "":
			diags.AddAttributeError(where, "Unusable header value",
				fmt.Sprintf("The value of %s is empty; remove the header instead.", canonical))
		case strings.ContainsFunc(value.ValueString(), unicode.IsControl):
			// Without the value, which may be a secret.
			diags.AddAttributeError(where, "Unusable header value",
				fmt.Sprintf("The value of %s must not contain line breaks or other control characters.", canonical))
		}
		headers[canonical] = value.ValueString()
	}
	return headers, diags
}
