// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// State says how a field appears in a row.
type State uint8

// The states of a field; the zero value is a field that is left out.
const (
	Absent State = iota
	Null
	Present
)

// Optional is a field that a row may leave out, send as null, or give a value.
type Optional[T any] struct {
	// Value counts only when State is [Present].
	Value T
	State State
}

// Some is a field that holds v.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, State: Present} }

// NullOf is a field that is sent as null.
func NullOf[T any]() Optional[T] { return Optional[T]{State: Null} }

// None is a field that is left out.
func None[T any]() Optional[T] { return Optional[T]{} }

// Get is the value, and whether there is one.
func (o Optional[T]) Get() (T, bool) { return o.Value, o.State == Present }

// UnmarshalJSON implements [json.Unmarshaler]. It is not called for a field
// that is left out, which is how Absent stays Absent.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	*o = NullOf[T]()
	if string(data) == "null" {
		return nil
	}
	o.State = Present
	return json.Unmarshal(data, &o.Value)
}

// IsZero has encoding/json leave out what is absent.
func (o Optional[T]) IsZero() bool { return o.State == Absent }

// timeLayout is how JavaScript writes a date into JSON.
const timeLayout = "2006-01-02T15:04:05.000Z"

// MarshalJSON implements [json.Marshaler].
func (o Optional[T]) MarshalJSON() ([]byte, error) {
	if o.State != Present {
		return []byte("null"), nil
	}
	switch v := any(o.Value).(type) {
	case time.Time:
		return v.UTC().AppendFormat(nil, `"`+timeLayout+`"`), nil
	case string: // a list of 100,000 has a million, of which few need to be escaped
		if !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError }) {
			return []byte(`"` + v + `"`), nil
		}
	}
	return encodeJSON(o.Value), nil
}

// encodeJSON writes v as JSON.stringify does, which leaves <, > and & alone.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic("rocketchattest: " + err.Error()) // texts, flags and times cannot fail
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
