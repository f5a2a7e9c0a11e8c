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
	name, description string
	kind              attr.Type
	value             func(*T) attr.Value
	// encode writes the value in Terraform's MessagePack.
	encode func(*msgpack.Encoder, *T) error
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
		a := rowAttribute[T]{name: name, description: field.Description, kind: types.StringType}
		switch {
		case field.Object != nil:
			below := objectBelow(field.Path+".", fields)
			a.kind = below.terraformType()
			a.value = func(row *T) attr.Value {
				if !field.Object(row) {
					return types.ObjectNull(below.types)
				}
				return below.value(row)
			}
			a.encode = func(enc *msgpack.Encoder, row *T) error {
				if !field.Object(row) {
					return enc.EncodeNil()
				}
				return below.encode(enc, row)
			}
		case field.Bool != nil:
			a.kind = types.BoolType
			a.value = func(row *T) attr.Value { return types.BoolPointerValue(field.Bool(row)) }
			a.encode = func(enc *msgpack.Encoder, row *T) error {
				return encodePointer(enc, field.Bool(row), (*msgpack.Encoder).EncodeBool)
			}
		case field.Texts != nil:
			a.kind = types.ListType{ElemType: types.StringType}
			a.value = func(row *T) attr.Value { return textsValue(field.Texts(row)) }
			a.encode = func(enc *msgpack.Encoder, row *T) error { return enc.Encode(field.Texts(row)) }
		default:
			text := field.Text
			if field.Time != nil {
				text = func(row *T) *string { return timeText(field.Time(row)) }
			}
			a.value = func(row *T) attr.Value { return types.StringPointerValue(text(row)) }
			a.encode = func(enc *msgpack.Encoder, row *T) error {
				return encodePointer(enc, text(row), (*msgpack.Encoder).EncodeString)
			}
		}
		o.attributes = append(o.attributes, a)
		o.types[name] = a.kind
	}
	slices.SortFunc(o.attributes, func(a, b rowAttribute[T]) int { return cmp.Compare(a.name, b.name) })
	return o
}

func (o *rowObject[T]) terraformType() types.ObjectType { return types.ObjectType{AttrTypes: o.types} }

// listValue is the Terraform value of a list of rows; never null.
func (o *rowObject[T]) listValue(all []*T) types.List {
	elements := make([]attr.Value, 0, len(all))
	for _, row := range all {
		elements = append(elements, o.value(row))
	}
	return types.ListValueMust(o.terraformType(), elements)
}

func (o *rowObject[T]) value(row *T) types.Object {
	values := make(map[string]attr.Value, len(o.attributes))
	for _, a := range o.attributes {
		values[a.name] = a.value(row)
	}
	return types.ObjectValueMust(o.types, values)
}

// encode writes a row as a map with the attributes in the order of their names.
func (o *rowObject[T]) encode(enc *msgpack.Encoder, row *T) error {
	if err := enc.EncodeMapLen(len(o.attributes)); err != nil {
		return err
	}
	for i := range o.attributes {
		if err := enc.EncodeString(o.attributes[i].name); err != nil {
			return err
		}
		if err := o.attributes[i].encode(enc, row); err != nil {
			return err
		}
	}
	return nil
}

func encodePointer[V any](enc *msgpack.Encoder, value *V, encode func(*msgpack.Encoder, V) error) error {
	if value == nil {
		return enc.EncodeNil()
	}
	return encode(enc, *value)
}

// textsValue is the Terraform value of a list of texts; null for a missing one.
func textsValue(texts []string) attr.Value {
	if texts == nil {
		return types.ListNull(types.StringType)
	}
	elements := make([]attr.Value, 0, len(texts))
	for _, text := range texts {
		elements = append(elements, types.StringValue(text))
	}
	return types.ListValueMust(types.StringType, elements)
}

// timeText formats a time for users; nil for a missing one.
func timeText(at *time.Time) *string {
	if at == nil {
		return nil
	}
	return new(at.UTC().Format(loginTime))
}

// computed is the attribute of a schema that has the field as a result of its own.
func (a *rowAttribute[T]) computed() schema.Attribute {
	switch kind := a.kind.(type) {
	case types.ObjectType:
		return schema.ObjectAttribute{Computed: true, AttributeTypes: kind.AttrTypes, MarkdownDescription: a.description}
	case types.ListType:
		return schema.ListAttribute{Computed: true, ElementType: kind.ElemType, MarkdownDescription: a.description}
	case basetypes.BoolType:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: a.description}
	default:
		return schema.StringAttribute{Computed: true, MarkdownDescription: a.description}
	}
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
	if err != nil {
		return object.listValue(nil), diag.Diagnostics{diag.NewErrorDiagnostic("The list has no encoder",
			err.Error()+". This is a bug in the provider. Please report it.")}
	}
	if deferred {
		return object.listValue(nil), nil
	}
	return object.listValue(all), nil
}
