// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Optional is a value that the server may omit or send as null. Unlike a pointer, it
// compares by value, so that a struct of them can be a map key.
// The zero Optional is missing.
type Optional[T comparable] struct {
	// Value is the zero value if Present is false.
	Value   T
	Present bool
}

// Text is a text that may be missing.
type Text = Optional[string]

// Some returns an Optional with the value v.
func Some[T comparable](v T) Optional[T] { return Optional[T]{Value: v, Present: true} }

// Pointer points to the value in o, which must not be changed; nil if it is missing.
func (o *Optional[T]) Pointer() *T {
	if !o.Present {
		return nil
	}
	return &o.Value
}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom]; null is a missing value.
func (o *Optional[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	*o = Optional[T]{Present: dec.PeekKind() != jsontext.KindNull}
	if !o.Present {
		return dec.SkipValue()
	}
	return json.UnmarshalDecode(dec, &o.Value)
}

// MarshalJSONTo implements [json.MarshalerTo]; a missing value is null.
func (o Optional[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	return json.MarshalEncode(enc, o.Pointer())
}
