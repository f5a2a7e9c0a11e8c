// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

// ephemeralTwin is the schema of an ephemeral resource with the arguments and results
// of a data source. The framework's schemas of the two share no types.
func ephemeralTwin(source schema.Schema) (ephemeral.Schema, error) {
	twin := ephemeral.Schema{MarkdownDescription: source.MarkdownDescription, Blocks: make(map[string]ephemeral.Block)}
	var err error
	if twin.Attributes, err = ephemeralAttributes(source.Attributes); err != nil {
		return ephemeral.Schema{}, err
	}
	for name, block := range source.Blocks {
		single, ok := block.(schema.SingleNestedBlock)
		if !ok {
			return ephemeral.Schema{}, fmt.Errorf("block %s: a %T has no ephemeral twin yet", name, block)
		}
		attributes, err := ephemeralAttributes(single.Attributes)
		if err != nil {
			return ephemeral.Schema{}, fmt.Errorf("block %s: %w", name, err)
		}
		twin.Blocks[name] = ephemeral.SingleNestedBlock{
			Attributes: attributes, CustomType: single.CustomType, MarkdownDescription: single.MarkdownDescription, Validators: single.Validators,
		}
	}
	return twin, nil
}

func ephemeralAttributes(source map[string]schema.Attribute) (map[string]ephemeral.Attribute, error) {
	twins := make(map[string]ephemeral.Attribute, len(source))
	for name, attribute := range source {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			twins[name] = ephemeral.StringAttribute(a)
		case schema.Int64Attribute:
			twins[name] = ephemeral.Int64Attribute(a)
		case schema.BoolAttribute:
			twins[name] = ephemeral.BoolAttribute(a)
		case schema.ListAttribute:
			twins[name] = ephemeral.ListAttribute(a)
		case schema.MapAttribute:
			twins[name] = ephemeral.MapAttribute(a)
		default:
			return nil, fmt.Errorf("attribute %s: a %T has no ephemeral twin yet", name, attribute)
		}
	}
	return twins, nil
}
