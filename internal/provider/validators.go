// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
