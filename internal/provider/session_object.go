// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// loginTime is RFC 3339 in UTC with the three decimals that Rocket.Chat keeps.
const loginTime = "2006-01-02T15:04:05.000Z"

// sessionObject is a table of fields as Terraform has it: a session, or an
// object inside of one. It is built once for a list of sessions.
type sessionObject struct {
	// attributes are in the order of their names, as Terraform's MessagePack is.
	attributes []sessionAttribute
	types      map[string]attr.Type
}

type sessionAttribute struct {
	sessions.Field
	name string
	// object is set for a field that is an object.
	object *sessionObject
}

// newSessionObject builds the object of a session.
func newSessionObject(fields []sessions.Field) *sessionObject { return objectBelow("", fields) }

// objectBelow builds the object of those fields that stand directly below a path.
func objectBelow(parent string, fields []sessions.Field) *sessionObject {
	o := &sessionObject{types: map[string]attr.Type{}}
	for _, field := range fields {
		name, ok := strings.CutPrefix(field.Path, parent)
		if !ok || strings.Contains(name, ".") {
			continue
		}
		a := sessionAttribute{Field: field, name: name}
		if field.Object != nil {
			a.object = objectBelow(field.Path+".", fields)
		}
		o.attributes = append(o.attributes, a)
		o.types[name] = a.terraformType()
	}
	slices.SortFunc(o.attributes, func(a, b sessionAttribute) int { return cmp.Compare(a.name, b.name) })
	return o
}

func (o *sessionObject) terraformType() types.ObjectType { return types.ObjectType{AttrTypes: o.types} }

func (a *sessionAttribute) terraformType() attr.Type {
	switch {
	case a.object != nil:
		return a.object.terraformType()
	case a.Bool != nil:
		return types.BoolType
	default:
		return types.StringType
	}
}

// listValue is the list of sessions as Terraform holds it; never null.
func (o *sessionObject) listValue(all []*sessions.Session) types.List {
	elements := make([]attr.Value, 0, len(all))
	for _, session := range all {
		elements = append(elements, types.ObjectValueMust(o.types, o.values(session)))
	}
	return types.ListValueMust(o.terraformType(), elements)
}

// values are the attributes of a session by their names.
func (o *sessionObject) values(s *sessions.Session) map[string]attr.Value {
	values := make(map[string]attr.Value, len(o.attributes))
	for i := range o.attributes {
		values[o.attributes[i].name] = o.attributes[i].value(s)
	}
	return values
}

func (a *sessionAttribute) value(s *sessions.Session) attr.Value {
	switch {
	case a.object != nil && a.Object(s):
		return types.ObjectValueMust(a.object.types, a.object.values(s))
	case a.object != nil:
		return types.ObjectNull(a.object.types)
	case a.Bool != nil:
		return types.BoolPointerValue(a.Bool(s))
	case a.Time != nil:
		return types.StringPointerValue(timeText(a.Time(s)))
	default:
		return types.StringPointerValue(a.Text(s))
	}
}

// encode writes a session as Terraform's MessagePack has it: objects as maps,
// attributes in the order of their names.
func (o *sessionObject) encode(enc *msgpack.Encoder, s *sessions.Session) error {
	if err := enc.EncodeMapLen(len(o.attributes)); err != nil {
		return err
	}
	for i := range o.attributes {
		if err := enc.EncodeString(o.attributes[i].name); err != nil {
			return err
		}
		if err := o.attributes[i].encode(enc, s); err != nil {
			return err
		}
	}
	return nil
}

func (a *sessionAttribute) encode(enc *msgpack.Encoder, s *sessions.Session) error {
	switch {
	case a.object != nil && a.Object(s):
		return a.object.encode(enc, s)
	case a.object != nil:
		return enc.EncodeNil()
	case a.Bool != nil:
		if truth := a.Bool(s); truth != nil {
			return enc.EncodeBool(*truth)
		}
		return enc.EncodeNil()
	case a.Time != nil:
		return encodeText(enc, timeText(a.Time(s)))
	default:
		return encodeText(enc, a.Text(s))
	}
}

func encodeText(enc *msgpack.Encoder, text *string) error {
	if text == nil {
		return enc.EncodeNil()
	}
	return enc.EncodeString(*text)
}

// timeText is a time as Terraform users see it; nil for a missing one.
func timeText(at *time.Time) *string {
	if at == nil {
		return nil
	}
	return new(at.UTC().Format(loginTime))
}

//go:generate go test -count=1 -run ^TestTemplatesShowTheSessionFields$ . -update

// sessionTable is the documentation of a session, as a Markdown table.
func sessionTable(fields []sessions.Field) string {
	var table strings.Builder
	table.WriteString("| Field | Type | Meaning |\n|---|---|---|\n")
	for _, field := range fields {
		kind := "string"
		switch {
		case field.Object != nil:
			kind = "object"
		case field.Bool != nil:
			kind = "bool"
		}
		table.WriteString("| `" + field.Path + "` | " + kind + " | " + field.Description + " |\n")
	}
	return table.String()
}
