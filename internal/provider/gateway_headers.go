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
func headers(configured types.Map, env func(string) string) (map[string]string, diag.Diagnostics) {
	where, from := path.Root("headers"), variable(environment()["headers"])
	text := strings.TrimSpace(env(from.name))
	if !configured.IsNull() || text == "" {
		return gatewayHeaders(configured, where)
	}
	object, err := bare(parseHeaders)(text)
	if err != nil {
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable headers", from.sentence(err))}
	}
	valid, problems := gatewayHeaders(object, where)
	var diags diag.Diagnostics
	for _, p := range problems {
		diags.AddAttributeError(where, p.Summary(), from.String()+": "+p.Detail())
	}
	return valid, diags
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
// of the workspace. It returns the valid ones, with canonical names, and with an empty
// string for a value that is not known yet.
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
		case value.IsUnknown():
			headers[canonical] = ""
		default:
			headers[canonical] = value.ValueString()
			if problem := headerValueProblem(value.ValueString()); problem != "" {
				diags.AddAttributeError(where, "Unusable header value", fmt.Sprintf("The value of %s %s.", canonical, problem))
			}
		}
	}
	return headers, diags
}

// headerValueProblem does not quote the value, which may be a secret.
func headerValueProblem(value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "is empty; remove the header instead"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "must not contain line breaks or other control characters"
	default:
		return ""
	}
}
