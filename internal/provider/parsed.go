// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// The types of strings with a format: a value is parsed when it arrives, and has
// either its meaning or an error.
type (
	regularExpressionType = parsedType[*table.Pattern, regularExpressions]
	regularExpression     = parsed[*table.Pattern, regularExpressions]
	networkType           = parsedType[netip.Prefix, networks]
	network               = parsed[netip.Prefix, networks]
	timestampType         = parsedType[time.Time, timestamps]
	timestamp             = parsed[time.Time, timestamps]
	durationType          = parsedType[time.Duration, durations]
	duration              = parsed[time.Duration, durations]
	ageType               = parsedType[time.Duration, ages]
	age                   = parsed[time.Duration, ages]
	versionType           = parsedType[*table.Version, versions]
	version               = parsed[*table.Version, versions]
)

var (
	_ basetypes.StringTypable     = regularExpressionType{}
	_ basetypes.StringValuable    = regularExpression{}
	_ xattr.ValidateableAttribute = regularExpression{}
)

// notation is the format of a T. It has no state: its zero value is used.
type notation[T any] interface {
	// noun names a T in a summary.
	noun() string
	parse(text string) (T, error)
	// detail describes the problem of the attribute at where, given an error of parse.
	detail(where path.Path, err error) string
}

// parsedType is the type of strings in the notation N of a T.
type parsedType[T any, N notation[T]] struct {
	basetypes.StringType
}

// parsed is a string and the T that it stands for. The zero value is null.
type parsed[T any, N notation[T]] struct {
	basetypes.StringValue
	// value is the zero T where the string is null, unknown or unusable.
	value T
	err   error
}

// Equal implements [attr.Type].
func (t parsedType[T, N]) Equal(other attr.Type) bool {
	_, same := other.(parsedType[T, N])
	return same
}

// String implements [attr.Type].
func (t parsedType[T, N]) String() string {
	var n N
	return "provider.parsedType[" + n.noun() + "]"
}

// ValueType implements [attr.Type].
func (t parsedType[T, N]) ValueType(context.Context) attr.Value { return parsed[T, N]{} }

// ValueFromString implements [basetypes.StringTypable].
func (t parsedType[T, N]) ValueFromString(_ context.Context, text basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return parse[T, N](text), nil
}

// ValueFromTerraform implements [attr.Type].
func (t parsedType[T, N]) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(types.String)
	if !ok {
		return nil, fmt.Errorf("a string arrived as %T", value)
	}
	return parse[T, N](text), nil
}

func parse[T any, N notation[T]](text types.String) parsed[T, N] {
	v := parsed[T, N]{StringValue: text}
	if known(text) {
		var n N
		v.value, v.err = n.parse(text.ValueString())
	}
	return v
}

// Type implements [attr.Value].
func (v parsed[T, N]) Type(context.Context) attr.Type { return parsedType[T, N]{} }

// Equal implements [attr.Value].
func (v parsed[T, N]) Equal(other attr.Value) bool {
	o, same := other.(parsed[T, N])
	return same && v.StringValue.Equal(o.StringValue)
}

// ValidateAttribute implements [xattr.ValidateableAttribute]. The framework
// calls it before a validation and again when a configuration is read, so that it
// also checks values that were unknown before; it does not call it for elements.
func (v parsed[T, N]) ValidateAttribute(_ context.Context, req xattr.ValidateAttributeRequest, resp *xattr.ValidateAttributeResponse) {
	resp.Diagnostics.Append(v.problems(req.Path)...)
}

// problems is an error where the text is unusable. Null and unknown are none.
func (v parsed[T, N]) problems(where path.Path) diag.Diagnostics {
	if v.err == nil {
		return nil
	}
	var n N
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(where, "Unusable "+n.noun(), n.detail(where, v.err))}
}

// pointer returns the parsed value; nil for null.
func (v parsed[T, N]) pointer() *T {
	if v.IsNull() {
		return nil
	}
	return &v.value
}

// predicate is for errors that continue a sentence: "is …; write …".
type predicate struct{}

func (predicate) detail(where path.Path, err error) string {
	return fmt.Sprintf("`%s` %s.", where, err)
}

// regularExpressions are RE2 in the provider's dialect.
type regularExpressions struct{}

func (regularExpressions) noun() string { return "regular expression" }

func (regularExpressions) parse(text string) (*table.Pattern, error) {
	pattern, err := table.CompilePattern(text)
	if err != nil {
		return nil, err
	}
	if err := pattern.CheckBlanks(); err != nil {
		return nil, err
	}
	return pattern, nil
}

func (regularExpressions) detail(where path.Path, err error) string {
	if _, malformed := errors.AsType[*syntax.Error](err); !malformed {
		return predicate{}.detail(where, err)
	}
	return fmt.Sprintf("`%s` does not compile: %s.\n\n"+
		"Regular expressions are RE2 (https://github.com/google/re2/wiki/Syntax). "+
		"To match a special character such as ( [ + * ? \\ literally, put a backslash before it, "+
		"and write the backslash twice in a quoted string of Terraform: \"\\\\(\".",
		where, strings.TrimPrefix(err.Error(), "error parsing regexp: "))
}

// networks are in CIDR notation.
type networks struct{}

func (networks) noun() string { return "network" }

func (networks) parse(text string) (netip.Prefix, error) { return sessions.ParseNetwork(text) }

func (networks) detail(where path.Path, err error) string {
	return fmt.Sprintf("`%s`: %s.", where, err)
}

// timestamps are in RFC 3339 format. The errors of terraform-plugin-framework-timetypes
// do not say what to write instead.
type timestamps struct{ predicate }

func (timestamps) noun() string { return "time" }

func (timestamps) parse(text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("is %q, which is not a time in RFC 3339 format; write date, T, time and zone, "+
			"such as \"2026-01-31T00:00:00Z\", or use timeadd(plantimestamp(), \"-720h\")", text)
	}
	return at, nil
}

// durations are Go's, greater than zero.
type durations struct{ predicate }

func (durations) noun() string { return "duration" }

func (durations) parse(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("is %q; write a duration greater than zero as numbers with units, such as \"30s\", \"5m\" or \"1h30m\"", text)
	}
	return d, nil
}

// ages are durations with days, greater than zero.
type ages struct{ predicate }

func (ages) noun() string { return "duration" }

func (ages) parse(text string) (time.Duration, error) { return table.ParseAge(text) }

// versions are bounds for the versions of browsers, apps and systems.
type versions struct{ predicate }

func (versions) noun() string { return "version" }

func (versions) parse(text string) (*table.Version, error) { return table.ParseVersion(text) }
