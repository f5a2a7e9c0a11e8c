// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/bulk"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/table"
)

// loginTime is RFC 3339 in UTC with the three decimals that Rocket.Chat keeps.
const loginTime = "2006-01-02T15:04:05.000Z"

// rowObject is the Terraform object of a table of fields: a session, a user, or an
// object inside one of them. It is built once for a list.
type rowObject[T any] struct {
	// attributes are in the order of their names, as Terraform's MessagePack is.
	attributes []rowAttribute[T]
	types      map[string]attr.Type
}

type rowAttribute[T any] struct {
	table.Field[T]
	name string
	// object is set for a field that is an object.
	object *rowObject[T]
}

// newRowObject builds the object of a row.
func newRowObject[T any](fields []table.Field[T]) *rowObject[T] { return objectBelow("", fields) }

// objectBelow builds the object of the fields directly below a path.
func objectBelow[T any](parent string, fields []table.Field[T]) *rowObject[T] {
	o := &rowObject[T]{types: map[string]attr.Type{}}
	for _, field := range fields {
		name, ok := strings.CutPrefix(field.Path, parent)
		if !ok || strings.Contains(name, ".") {
			continue
		}
		a := rowAttribute[T]{Field: field, name: name}
		if field.Object != nil {
			a.object = objectBelow(field.Path+".", fields)
		}
		o.attributes = append(o.attributes, a)
		o.types[name] = a.terraformType()
	}
	slices.SortFunc(o.attributes, func(a, b rowAttribute[T]) int { return cmp.Compare(a.name, b.name) })
	return o
}

func (o *rowObject[T]) terraformType() types.ObjectType { return types.ObjectType{AttrTypes: o.types} }

func (a *rowAttribute[T]) terraformType() attr.Type {
	switch {
	case a.object != nil:
		return a.object.terraformType()
	case a.Bool != nil:
		return types.BoolType
	case a.Texts != nil:
		return types.ListType{ElemType: types.StringType}
	default:
		return types.StringType
	}
}

// computed is the attribute of a schema that has the field as a result of its own.
func (a *rowAttribute[T]) computed() schema.Attribute {
	switch kind := a.terraformType().(type) {
	case types.ObjectType:
		return schema.ObjectAttribute{Computed: true, AttributeTypes: kind.AttrTypes, MarkdownDescription: a.Description}
	case types.ListType:
		return schema.ListAttribute{Computed: true, ElementType: kind.ElemType, MarkdownDescription: a.Description}
	case basetypes.BoolType:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: a.Description}
	default:
		return schema.StringAttribute{Computed: true, MarkdownDescription: a.Description}
	}
}

// listValue is the Terraform value of a list of rows; never null.
func (o *rowObject[T]) listValue(all []*T) types.List {
	elements := make([]attr.Value, 0, len(all))
	for _, row := range all {
		elements = append(elements, types.ObjectValueMust(o.types, o.values(row)))
	}
	return types.ListValueMust(o.terraformType(), elements)
}

// values are the attributes of a row by their names.
func (o *rowObject[T]) values(s *T) map[string]attr.Value {
	values := make(map[string]attr.Value, len(o.attributes))
	for i := range o.attributes {
		values[o.attributes[i].name] = o.attributes[i].value(s)
	}
	return values
}

func (a *rowAttribute[T]) value(s *T) attr.Value {
	switch {
	case a.object != nil && a.Object(s):
		return types.ObjectValueMust(a.object.types, a.object.values(s))
	case a.object != nil:
		return types.ObjectNull(a.object.types)
	case a.Bool != nil:
		return types.BoolPointerValue(a.Bool(s))
	case a.Texts != nil:
		return textsValue(a.Texts(s))
	case a.Time != nil:
		return types.StringPointerValue(timeText(a.Time(s)))
	default:
		return types.StringPointerValue(a.Text(s))
	}
}

// encode writes a row in Terraform's MessagePack: objects as maps, attributes in the
// order of their names.
func (o *rowObject[T]) encode(enc *msgpack.Encoder, s *T) error {
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

func (a *rowAttribute[T]) encode(enc *msgpack.Encoder, s *T) error {
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
	case a.Texts != nil:
		return encodeTexts(enc, a.Texts(s))
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

// textsValue is the Terraform value of a list of texts; null for a missing one.
func textsValue(texts []string) types.List {
	if texts == nil {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		elements = append(elements, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, elements)
}

func encodeTexts(enc *msgpack.Encoder, texts []string) error {
	if texts == nil {
		return enc.EncodeNil()
	}
	if err := enc.EncodeArrayLen(len(texts)); err != nil {
		return err
	}
	for _, text := range texts {
		if err := enc.EncodeString(text); err != nil {
			return err
		}
	}
	return nil
}

// timeText formats a time for users; nil for a missing one.
func timeText(at *time.Time) *string {
	if at == nil {
		return nil
	}
	return new(at.UTC().Format(loginTime))
}

// deferredList is the value of the attribute called rows, a list of all: an empty one, because
// the server around the framework writes the rows into the message. fewer ends the error about
// a list that does not fit into a message, which Terraform would refuse with a text about gRPC.
func deferredList[T any](
	ctx context.Context, rows string, fields []table.Field[T], all []*T, fewer string,
) (types.List, diag.Diagnostics) {
	object := newRowObject(fields)
	deferred, err := bulk.Defer(ctx, &bulk.List{
		Attribute: rows,
		Len:       len(all),
		Encode:    func(enc *msgpack.Encoder, i int) error { return object.encode(enc, all[i]) },
		TooLarge: func(size, most int) (string, string) {
			const mebibyte = 1 << 20
			return "More " + rows + " than Terraform can take in one result",
				fmt.Sprintf("%d %s take %d MiB, and Terraform takes no result over %d MiB from a provider. Ask for fewer: %s",
					len(all), rows, size/mebibyte, most/mebibyte, fewer)
		},
	})
	switch {
	case err != nil:
		return object.listValue(nil), diag.Diagnostics{diag.NewErrorDiagnostic("The list has no encoder",
			err.Error()+". This is a bug in the provider. Please report it.")}
	case !deferred:
		return object.listValue(all), nil
	default:
		return object.listValue(nil), nil
	}
}

//go:generate go test -count=1 -run ^TestSchema_templatesShowTheSessionFields$ . -update

// fieldTable is the documentation of a row, as a Markdown table.
func fieldTable[T any](fields []table.Field[T]) string {
	var page strings.Builder
	page.WriteString("| Field | Type | Meaning |\n|---|---|---|\n")
	for _, field := range fields {
		kind := "string"
		switch {
		case field.Object != nil:
			kind = "object"
		case field.Bool != nil:
			kind = "bool"
		case field.Texts != nil:
			kind = "list of strings"
		}
		page.WriteString("| `" + field.Path + "` | " + kind + " | " + field.Description + " |\n")
	}
	return page.String()
}
