// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// notation is a format of strings that stand for a T.
type notation[T any] struct {
	// noun names a T in a summary.
	noun string
	// parse returns an error that continues a sentence about the text: "is …; write …".
	parse func(text string) (T, error)
}

// read returns what a text stands for: the zero T if it is null or unknown, or if it is unusable,
// which is an error at its path.
func (n notation[T]) read(text types.String, where path.Path, diags *diag.Diagnostics) T {
	var value T
	if !known(text) {
		return value
	}
	value, err := n.parse(text.ValueString())
	diags.Append(unusable(n.noun, where, err)...)
	return value
}

// unusable is the error about the value at a path; none for nil.
func unusable(noun string, where path.Path, err error) diag.Diagnostics {
	if err == nil {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable "+noun, fmt.Sprintf("`%s` %s.", where, err))}
}

var (
	// expressions are RE2 in the provider's dialect.
	expressions = notation[*table.Pattern]{"regular expression", parseExpression}
	// timestamps are in RFC 3339 format. The errors of terraform-plugin-framework-timetypes
	// do not say what to write instead.
	timestamps = notation[*time.Time]{"time", parseTimestamp}
	// durations are Go's, greater than zero.
	durations = notation[time.Duration]{"duration", parseDuration}
	// ages are durations with days, greater than zero.
	ages = notation[time.Duration]{"duration", table.ParseAge}
	// versions are bounds for the versions of browsers, apps and systems.
	versions = notation[*table.Version]{"version", table.ParseVersion}
)

func parseExpression(text string) (*table.Pattern, error) {
	pattern, err := table.CompilePattern(text)
	if _, malformed := errors.AsType[*syntax.Error](err); malformed {
		return nil, fmt.Errorf("does not compile: %s.\n\n"+
			"Regular expressions are RE2 (https://github.com/google/re2/wiki/Syntax). "+
			"To match a special character such as ( [ + * ? \\ literally, put a backslash before it, "+
			"and write the backslash twice in a quoted string of Terraform: \"\\\\(\"",
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	if err == nil {
		err = pattern.CheckBlanks()
	}
	if err != nil {
		return nil, err
	}
	return pattern, nil
}

func parseTimestamp(text string) (*time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("is %q, which is not a time in RFC 3339 format; write date, T, time and zone, "+
			"such as \"2026-01-31T00:00:00Z\", or use timeadd(plantimestamp(), \"-720h\")", text)
	}
	return &at, nil
}

func parseDuration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("is %q; write a duration greater than zero as numbers with units, such as \"30s\", \"5m\" or \"1h30m\"", text)
	}
	return d, nil
}

var (
	_ validator.String = textCheck{}
	_ validator.List   = listCheck[any]{}
	_ validator.Set    = setCheck[any]{}
	_ validator.Map    = mapCheck[any]{}
)

// rule is a validator's description: "value must be …".
type rule string

func (r rule) Description(context.Context) string { return string(r) }

func (r rule) MarkdownDescription(context.Context) string { return string(r) }

// textCheck validates a string by a function, which never sees null or an
// unknown value.
type textCheck struct {
	rule
	check func(types.String, path.Path) diag.Diagnostics
}

func (c textCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if known(req.ConfigValue) {
		resp.Diagnostics.Append(c.check(req.ConfigValue, req.Path)...)
	}
}

// listCheck validates a list by converting it to a T. Elements can be null or unknown.
type listCheck[T any] struct {
	rule
	convert func(types.List, path.Path) (T, diag.Diagnostics)
}

func (c listCheck[T]) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		_, diags := c.convert(req.ConfigValue, req.Path)
		resp.Diagnostics.Append(diags...)
	}
}

// setCheck validates a set by converting it to a T. Elements can be null or unknown.
type setCheck[T any] struct {
	rule
	convert func(types.Set, path.Path) (T, diag.Diagnostics)
}

func (c setCheck[T]) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		_, diags := c.convert(req.ConfigValue, req.Path)
		resp.Diagnostics.Append(diags...)
	}
}

// mapCheck validates a map by converting it to a T. Elements can be null or unknown.
type mapCheck[T any] struct {
	rule
	convert func(types.Map, path.Path) (T, diag.Diagnostics)
}

func (c mapCheck[T]) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if !req.ConfigValue.IsNull() && !req.ConfigValue.IsUnknown() {
		_, diags := c.convert(req.ConfigValue, req.Path)
		resp.Diagnostics.Append(diags...)
	}
}

func known(s types.String) bool { return !s.IsNull() && !s.IsUnknown() }
