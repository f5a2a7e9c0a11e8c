// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below are those of Terraform's jsonprovider package, less what the
// plugin protocol does not tell.
type (
	providerSchemas struct {
		FormatVersion   string                    `json:"format_version"`
		ProviderSchemas map[string]providerSchema `json:"provider_schemas"`
	}

	providerSchema struct {
		Provider                 schema              `json:"provider"`
		ResourceSchemas          map[string]schema   `json:"resource_schemas,omitempty"`
		DataSourceSchemas        map[string]schema   `json:"data_source_schemas,omitempty"`
		EphemeralResourceSchemas map[string]schema   `json:"ephemeral_resource_schemas,omitempty"`
		ActionSchemas            map[string]action   `json:"action_schemas,omitempty"`
		Functions                map[string]function `json:"functions,omitempty"`
	}

	function struct {
		Description        string       `json:"description,omitempty"`
		Summary            string       `json:"summary,omitempty"`
		DeprecationMessage string       `json:"deprecation_message,omitempty"`
		ReturnType         tftypes.Type `json:"return_type"`
		Parameters         []parameter  `json:"parameters,omitempty"`
		VariadicParameter  *parameter   `json:"variadic_parameter,omitempty"`
	}

	parameter struct {
		Name        string       `json:"name,omitempty"`
		Description string       `json:"description,omitempty"`
		IsNullable  bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}

	schema struct {
		Version int64 `json:"version"`
		Block   block `json:"block"`
	}

	action struct {
		Block block `json:"block"`
	}

	block struct {
		Attributes      map[string]attribute   `json:"attributes,omitempty"`
		BlockTypes      map[string]nestedBlock `json:"block_types,omitempty"`
		Description     string                 `json:"description,omitempty"`
		DescriptionKind string                 `json:"description_kind,omitempty"`
		Deprecated      bool                   `json:"deprecated,omitempty"`
	}

	nestedBlock struct {
		NestingMode string `json:"nesting_mode,omitempty"`
		Block       block  `json:"block"`
		MinItems    int64  `json:"min_items,omitempty"`
		MaxItems    int64  `json:"max_items,omitempty"`
	}

	attribute struct {
		Type            tftypes.Type `json:"type,omitempty"`
		NestedType      *nestedType  `json:"nested_type,omitempty"`
		Description     string       `json:"description,omitempty"`
		DescriptionKind string       `json:"description_kind,omitempty"`
		Deprecated      bool         `json:"deprecated,omitempty"`
		Required        bool         `json:"required,omitempty"`
		Optional        bool         `json:"optional,omitempty"`
		Computed        bool         `json:"computed,omitempty"`
		Sensitive       bool         `json:"sensitive,omitempty"`
		WriteOnly       bool         `json:"write_only,omitempty"`
	}

	nestedType struct {
		Attributes  map[string]attribute `json:"attributes,omitempty"`
		NestingMode string               `json:"nesting_mode,omitempty"`
	}
)

func convertProvider(resp *tfprotov6.GetProviderSchemaResponse) providerSchema {
	p := providerSchema{
		Provider:                 convertSchema(resp.Provider),
		ResourceSchemas:          convertSchemas(resp.ResourceSchemas),
		DataSourceSchemas:        convertSchemas(resp.DataSourceSchemas),
		EphemeralResourceSchemas: convertSchemas(resp.EphemeralResourceSchemas),
		ActionSchemas:            make(map[string]action, len(resp.ActionSchemas)),
		Functions:                make(map[string]function, len(resp.Functions)),
	}
	for name, f := range resp.Functions {
		p.Functions[name] = convertFunction(f)
	}
	for name, a := range resp.ActionSchemas {
		p.ActionSchemas[name] = action{Block: convertBlock(a.Schema.Block)}
	}
	return p
}

func convertFunction(f *tfprotov6.Function) function {
	converted := function{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, convertParameter(p))
	}
	if f.VariadicParameter != nil {
		variadic := convertParameter(f.VariadicParameter)
		converted.VariadicParameter = &variadic
	}
	return converted
}

func convertParameter(p *tfprotov6.FunctionParameter) parameter {
	return parameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func convertSchemas(schemas map[string]*tfprotov6.Schema) map[string]schema {
	converted := make(map[string]schema, len(schemas))
	for name, s := range schemas {
		converted[name] = convertSchema(s)
	}
	return converted
}

func convertSchema(s *tfprotov6.Schema) schema {
	return schema{Version: s.Version, Block: convertBlock(s.Block)}
}

func convertBlock(b *tfprotov6.SchemaBlock) block {
	nested := make(map[string]nestedBlock, len(b.BlockTypes))
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = nestedBlock{
			NestingMode: strings.ToLower(n.Nesting.String()),
			Block:       convertBlock(n.Block),
			MinItems:    n.MinItems,
			MaxItems:    n.MaxItems,
		}
	}
	return block{
		Attributes:      convertAttributes(b.Attributes),
		BlockTypes:      nested,
		Description:     b.Description,
		DescriptionKind: strings.ToLower(b.DescriptionKind.String()),
		Deprecated:      b.Deprecated,
	}
}

func convertAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]attribute {
	converted := make(map[string]attribute, len(attributes))
	for _, a := range attributes {
		converted[a.Name] = attribute{
			Type:            a.Type,
			NestedType:      convertNestedType(a.NestedType),
			Description:     a.Description,
			DescriptionKind: strings.ToLower(a.DescriptionKind.String()),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
	}
	return converted
}

func convertNestedType(o *tfprotov6.SchemaObject) *nestedType {
	if o == nil {
		return nil
	}
	return &nestedType{
		Attributes:  convertAttributes(o.Attributes),
		NestingMode: strings.ToLower(o.Nesting.String()),
	}
}
