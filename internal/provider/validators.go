// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

var (
	_ validator.String = regularExpression{}
	_ validator.String = positiveDuration{}
	_ validator.String = timestamp{}
	_ validator.List   = networks{}
	_ validator.List   = distinctSortKeys{}
)

// regularExpression accepts what compiles. A value that is unknown passes, as
// it does with every validator here.
type regularExpression struct{}

// Description implements [validator.String].
func (regularExpression) Description(context.Context) string {
	return "value must be an RE2 regular expression"
}

// MarkdownDescription implements [validator.String].
func (v regularExpression) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (regularExpression) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if _, err := sessions.CompilePattern(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable regular expression", regularExpressionDetail(req.Path, err))
	}
}

func regularExpressionDetail(where path.Path, err error) string {
	return fmt.Sprintf("`%s` does not compile: %s.\n\n"+
		"Regular expressions are RE2 (https://github.com/google/re2/wiki/Syntax). A character with a meaning of its own, such as ( [ + * ? \\, is taken literally "+
		"after a backslash, which a quoted string of Terraform wants doubled: \"\\\\(\".",
		where, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// positiveDuration accepts a Go duration greater than zero.
type positiveDuration struct{}

// Description implements [validator.String].
func (positiveDuration) Description(context.Context) string {
	return "value must be a Go duration greater than zero"
}

// MarkdownDescription implements [validator.String].
func (v positiveDuration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (positiveDuration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if _, err := parseDuration(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable duration", fmt.Sprintf("`%s` %s.", req.Path, err))
	}
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("is %q; write a duration greater than zero as numbers with units, such as \"30s\", \"5m\" or \"1h30m\"", text)
	}
	return d, nil
}

// timestamp accepts a time in RFC 3339.
type timestamp struct{}

// Description implements [validator.String].
func (timestamp) Description(context.Context) string { return "value must be a time in RFC 3339" }

// MarkdownDescription implements [validator.String].
func (v timestamp) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (timestamp) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if _, err := parseTimestamp(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Unusable time", fmt.Sprintf("`%s` %s.", req.Path, err))
	}
}

func parseTimestamp(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("is %q, which is no time in RFC 3339; write date, T, time and zone, such as \"2026-01-31T00:00:00Z\", or use timeadd(plantimestamp(), \"-720h\")", text)
	}
	return at, nil
}

// networks accepts a list of networks in CIDR notation.
type networks struct{}

// Description implements [validator.List].
func (networks) Description(context.Context) string {
	return "elements must be networks in CIDR notation"
}

// MarkdownDescription implements [validator.List].
func (v networks) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList implements [validator.List].
func (networks) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	for i, element := range req.ConfigValue.Elements() {
		text, ok := element.(types.String)
		switch {
		case !ok || text.IsUnknown():
		case text.IsNull():
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i), "Unusable network", fmt.Sprintf("`%s` is null. Leave the element out.", req.Path.AtListIndex(i)))
		default:
			if _, err := sessions.ParseNetwork(text.ValueString()); err != nil {
				resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i), "Unusable network", fmt.Sprintf("`%s`: %s.", req.Path.AtListIndex(i), err))
			}
		}
	}
}

// distinctSortKeys refuses a key that stands in the list twice: the second one
// could not change anything.
type distinctSortKeys struct{}

// Description implements [validator.List].
func (distinctSortKeys) Description(context.Context) string { return "keys must differ" }

// MarkdownDescription implements [validator.List].
func (v distinctSortKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateList implements [validator.List].
func (distinctSortKeys) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	seen := make(map[string]int)
	for i, element := range req.ConfigValue.Elements() {
		if element.IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i), "Unusable sort key", fmt.Sprintf("`%s` is null. Leave the element out.", req.Path.AtListIndex(i)))
			continue
		}
		key, ok := textOf(element, "key")
		if !ok {
			continue
		}
		if first, twice := seen[key]; twice {
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i).AtName("key"), "Sort key used twice",
				fmt.Sprintf("The key %q decides at %s already. Leave the second one out.", key, req.Path.AtListIndex(first)))
			continue
		}
		seen[key] = i
	}
}
