// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// gatewayHeaders reads the attribute headers: names to values, for a gateway
// in front of the workspace. It is also the attribute's validator.
type gatewayHeaders struct{}

var _ validator.Map = gatewayHeaders{}

// ownHeaders are set by the provider or by HTTP itself.
func ownHeaders() []string {
	return []string{
		"Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
		"Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
		"X-2fa-Code", "X-2fa-Method", "X-Auth-Token", "X-User-Id",
	}
}

// Description implements [validator.Map].
func (gatewayHeaders) Description(context.Context) string {
	return "names must be those of HTTP headers that the provider does not set itself"
}

// MarkdownDescription implements [validator.Map].
func (h gatewayHeaders) MarkdownDescription(ctx context.Context) string { return h.Description(ctx) }

// ValidateMap implements [validator.Map].
func (h gatewayHeaders) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	_, diags := h.read(req.ConfigValue)
	resp.Diagnostics.Append(diags...)
}

// read returns the headers that are known, in the spelling of HTTP.
func (gatewayHeaders) read(configured types.Map) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	headers := make(map[string]string)
	for _, name := range sortedKeys(configured.Elements()) {
		where := path.Root("headers").AtMapKey(name)
		value, ok := configured.Elements()[name].(types.String)
		if !ok {
			diags.AddAttributeError(where, "Unusable header value", "The value of a header must be text.")
			continue
		}
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		_, twice := headers[canonical]
		switch {
		case !isToken(name):
			diags.AddAttributeError(where, "Unusable header name",
				fmt.Sprintf("%q is not the name of an HTTP header: letters, digits and dashes, without the colon.", name))
		case slices.Contains(ownHeaders(), canonical):
			diags.AddAttributeError(where, "Header belongs to the provider",
				fmt.Sprintf("The header %s is set by the provider, or by HTTP itself, and cannot be replaced. %s", canonical, insteadOf(canonical)))
		case twice:
			diags.AddAttributeError(where, "Header set twice",
				fmt.Sprintf("The header %s is there in two spellings; upper and lower case are the same to HTTP.", canonical))
		case value.IsNull():
			diags.AddAttributeError(where, "Unusable header value",
				fmt.Sprintf("The value of %s is null. Leave the header out where none is meant.", canonical))
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
		return "Leave it out."
	}
}

// headerValueProblem does not quote the value, which may be a secret.
func headerValueProblem(value string) string {
	switch {
	case strings.TrimSpace(value) == "":
		return "is empty; leave the header out where none is meant"
	case strings.ContainsFunc(value, unicode.IsControl):
		return "must not contain line breaks or other control characters"
	default:
		return ""
	}
}

// isToken tells whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	const marks = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune(marks, r)
	})
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
