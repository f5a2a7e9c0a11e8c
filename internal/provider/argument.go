// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	datasource "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// shape is what an argument holds.
type shape int

const (
	shapeText shape = iota
	shapeNumber
	shapeTexts
	shapeObject
	shapeObjects
	// The results.
	shapeFoundText
	shapeFoundObject
	shapeFoundObjects
	shapeCount
)

// argument is an argument or a result, whatever kind of schema it ends up in:
// the framework's schemas of data sources and of ephemeral resources share no
// types.
type argument struct {
	name        string
	description string
	shape       shape
	required    bool
	texts       []validator.String
	numbers     []validator.Int64
	lists       []validator.List
	// fields are those of an object that is configured.
	fields []argument
	// custom is the type of an object that is not a plain one; nil for one that is.
	custom basetypes.ObjectTypable
	// found is the type of an object that is a result, or of a list's elements.
	// Neither has nested attributes, whose contents mock_provider cannot fill in;
	// and a set's cost is quadratic.
	found types.ObjectType
}

// defaultReadTimeout lets a read of 20,000 sessions wait for the default rate
// limit, ten calls of a hundred sessions a minute.
const defaultReadTimeout = 20 * time.Minute

// readTimeout is the argument timeouts of every kind that reads. The ephemeral
// resource has it as the data source does, not as `open`, so that one word
// turns the one into the other.
func readTimeout() argument {
	return argument{
		name: "timeouts", shape: shapeObject, description: "How long things may take. Null means the defaults.",
		custom: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: map[string]attr.Type{"read": types.StringType}}},
		fields: []argument{{
			name: "read", shape: shapeText, texts: []validator.String{positiveDuration{}},
			description: timeoutDescription("the whole read", defaultReadTimeout),
		}},
	}
}

func timeoutDescription(what string, byDefault time.Duration) string {
	return fmt.Sprintf("How long %s may take, waiting for the rate limit included, as a Go duration such as `45s` or `1h30m`. Null means `%dm`.",
		what, int(byDefault.Minutes()))
}

// dataSourceAttributes renders arguments for the schema of a data source.
func dataSourceAttributes(arguments []argument) map[string]datasource.Attribute {
	attributes := make(map[string]datasource.Attribute, len(arguments))
	for _, a := range arguments {
		attributes[a.name] = a.dataSourceAttribute()
	}
	return attributes
}

func (a argument) dataSourceAttribute() datasource.Attribute {
	switch a.shape {
	case shapeNumber:
		return datasource.Int64Attribute{Required: a.required, Optional: !a.required, Validators: a.numbers, MarkdownDescription: a.description}
	case shapeTexts:
		return datasource.ListAttribute{ElementType: types.StringType, Required: a.required, Optional: !a.required, Validators: a.lists, MarkdownDescription: a.description}
	case shapeObject:
		return datasource.SingleNestedAttribute{
			Attributes: dataSourceAttributes(a.fields), CustomType: a.custom, Required: a.required, Optional: !a.required, MarkdownDescription: a.description,
		}
	case shapeObjects:
		return datasource.ListNestedAttribute{
			NestedObject: datasource.NestedAttributeObject{Attributes: dataSourceAttributes(a.fields)},
			Required:     a.required, Optional: !a.required, Validators: a.lists, MarkdownDescription: a.description,
		}
	case shapeFoundText:
		return datasource.StringAttribute{Computed: true, MarkdownDescription: a.description}
	case shapeFoundObject:
		return datasource.ObjectAttribute{AttributeTypes: a.found.AttrTypes, Computed: true, MarkdownDescription: a.description}
	case shapeFoundObjects:
		return datasource.ListAttribute{ElementType: a.found, Computed: true, MarkdownDescription: a.description}
	case shapeCount:
		return datasource.Int64Attribute{Computed: true, MarkdownDescription: a.description}
	default:
		return datasource.StringAttribute{Required: a.required, Optional: !a.required, Validators: a.texts, MarkdownDescription: a.description}
	}
}

// ephemeralAttributes renders arguments for the schema of an ephemeral resource.
func ephemeralAttributes(arguments []argument) map[string]ephemeral.Attribute {
	attributes := make(map[string]ephemeral.Attribute, len(arguments))
	for _, a := range arguments {
		attributes[a.name] = a.ephemeralAttribute()
	}
	return attributes
}

func (a argument) ephemeralAttribute() ephemeral.Attribute {
	switch a.shape {
	case shapeNumber:
		return ephemeral.Int64Attribute{Required: a.required, Optional: !a.required, Validators: a.numbers, MarkdownDescription: a.description}
	case shapeTexts:
		return ephemeral.ListAttribute{ElementType: types.StringType, Required: a.required, Optional: !a.required, Validators: a.lists, MarkdownDescription: a.description}
	case shapeObject:
		return ephemeral.SingleNestedAttribute{
			Attributes: ephemeralAttributes(a.fields), CustomType: a.custom, Required: a.required, Optional: !a.required, MarkdownDescription: a.description,
		}
	case shapeObjects:
		return ephemeral.ListNestedAttribute{
			NestedObject: ephemeral.NestedAttributeObject{Attributes: ephemeralAttributes(a.fields)},
			Required:     a.required, Optional: !a.required, Validators: a.lists, MarkdownDescription: a.description,
		}
	case shapeFoundText:
		return ephemeral.StringAttribute{Computed: true, MarkdownDescription: a.description}
	case shapeFoundObject:
		return ephemeral.ObjectAttribute{AttributeTypes: a.found.AttrTypes, Computed: true, MarkdownDescription: a.description}
	case shapeFoundObjects:
		return ephemeral.ListAttribute{ElementType: a.found, Computed: true, MarkdownDescription: a.description}
	case shapeCount:
		return ephemeral.Int64Attribute{Computed: true, MarkdownDescription: a.description}
	default:
		return ephemeral.StringAttribute{Required: a.required, Optional: !a.required, Validators: a.texts, MarkdownDescription: a.description}
	}
}
