// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package table

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
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

// UnmarshalJSON implements [json.Unmarshaler]; null is a missing value.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	*o = Optional[T]{}
	if string(data) == "null" {
		return nil
	}
	if text, ok := any(&o.Value).(*string); ok && isPlainString(data) {
		*text = string(data[1 : len(data)-1])
	} else if err := json.Unmarshal(data, &o.Value); err != nil {
		return err
	}
	o.Present = true
	return nil
}

// isPlainString reports whether a JSON value is a string without escapes. Most are, and
// a second run of the decoder would cost more than the first.
func isPlainString(data []byte) bool {
	return data[0] == '"' && bytes.IndexByte(data, '\\') < 0 && utf8.Valid(data)
}

// MarshalJSON implements [json.Marshaler]; a missing value is null.
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Pointer()) }
