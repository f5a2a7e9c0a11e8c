// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/net/http/httpguts"
)

// ownHeaders are set by the provider or by HTTP itself.
func ownHeaders() []string {
	return []string{
		"Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
		"Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
		"X-2fa-Code", "X-2fa-Method", "X-Auth-Token", "X-User-Id",
	}
}

// gatewayHeaders reads the attribute headers: names to values, for a gateway in front
// of the workspace. It returns the valid ones, with canonical names, and with an empty
// string for a value that is not known yet.
func gatewayHeaders(configured types.Map, where path.Path) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	headers := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(configured.Elements())) {
		where := where.AtMapKey(name)
		value, ok := configured.Elements()[name].(types.String)
		if !ok {
			diags.AddAttributeError(where, "Unusable header value", "The value of a header must be text.")
			continue
		}
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		_, twice := headers[canonical]
		switch {
		case !httpguts.ValidHeaderFieldName(name):
			diags.AddAttributeError(where, "Unusable header name",
				fmt.Sprintf("%q is not the name of an HTTP header: letters, digits and dashes, without the colon.", name))
		case slices.Contains(ownHeaders(), canonical):
			diags.AddAttributeError(where, "Header belongs to the provider",
				fmt.Sprintf("The header %s is set by the provider or by HTTP itself. You cannot replace it. %s", canonical, insteadOf(canonical)))
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

func insteadOf(header string) string {
	switch header {
	case "X-Auth-Token":
		return "Use `auth_token`."
	case "X-User-Id":
		return "Use `user_id`."
	case "X-2fa-Code", "X-2fa-Method":
		return "Use `two_factor`."
	case "Host":
		return "Use `url`."
	default:
		return "Remove it."
	}
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
