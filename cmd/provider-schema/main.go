// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Provider-schema writes the schema of this provider to standard output, in
// the format of "terraform providers schema -json", for tfplugindocs.
//
// It asks the provider's own server instead of a CLI: a Terraform
// before 1.14 leaves actions out and says nothing, and none is needed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

func main() {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	if err := write(context.Background(), os.Stdout, server); err != nil {
		log.Fatal(err)
	}
}

// write asks server for its schema and writes it to w.
func write(ctx context.Context, w io.Writer, server tfprotov6.ProviderServer) error {
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("asking for the schema: %w", err)
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("asking for the schema: %s: %s", d.Summary, d.Detail)
		}
	}
	if len(resp.ListResourceSchemas)+len(resp.StateStoreSchemas) > 0 {
		return errors.New("the provider has list resources or state stores, which are not written yet: add them to provider-schema")
	}

	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		// Terraform writes the whole address, of which tfplugindocs knows only
		// hashicorp's; it takes the bare name from anyone.
		Schemas: map[string]*tfjson.ProviderSchema{path.Base(provider.Address): convertProvider(resp)},
	})
}

func convertProvider(resp *tfprotov6.GetProviderSchemaResponse) *tfjson.ProviderSchema {
	return &tfjson.ProviderSchema{
		ConfigSchema:             convertSchema(resp.Provider),
		ResourceSchemas:          convertAll(resp.ResourceSchemas, convertSchema),
		DataSourceSchemas:        convertAll(resp.DataSourceSchemas, convertSchema),
		EphemeralResourceSchemas: convertAll(resp.EphemeralResourceSchemas, convertSchema),
		ActionSchemas: convertAll(resp.ActionSchemas, func(a *tfprotov6.ActionSchema) *tfjson.ActionSchema {
			return &tfjson.ActionSchema{Block: convertBlock(a.Schema.Block)}
		}),
		Functions: convertAll(resp.Functions, convertFunction),
	}
}

func convertAll[From, To any](all map[string]From, convert func(From) To) map[string]To {
	converted := make(map[string]To, len(all))
	for name, one := range all {
		converted[name] = convert(one)
	}
	return converted
}

func convertFunction(f *tfprotov6.Function) *tfjson.FunctionSignature {
	converted := &tfjson.FunctionSignature{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         convertType(f.Return.Type),
	}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, convertParameter(p))
	}
	if f.VariadicParameter != nil {
		converted.VariadicParameter = convertParameter(f.VariadicParameter)
	}
	return converted
}

func convertParameter(p *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	return &tfjson.FunctionParameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: convertType(p.Type)}
}

func convertSchema(s *tfprotov6.Schema) *tfjson.Schema {
	return &tfjson.Schema{Version: uint64(s.Version), Block: convertBlock(s.Block)} //nolint:gosec // a version is never negative
}

func convertBlock(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	nested := make(map[string]*tfjson.SchemaBlockType, len(b.BlockTypes))
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: tfjson.SchemaNestingMode(strings.ToLower(n.Nesting.String())),
			Block:       convertBlock(n.Block),
			MinItems:    uint64(n.MinItems), //nolint:gosec // a count is never negative
			MaxItems:    uint64(n.MaxItems), //nolint:gosec // a count is never negative
		}
	}
	return &tfjson.SchemaBlock{
		Attributes:      convertAttributes(b.Attributes),
		NestedBlocks:    nested,
		Description:     b.Description,
		DescriptionKind: tfjson.SchemaDescriptionKind(strings.ToLower(b.DescriptionKind.String())),
		Deprecated:      b.Deprecated,
	}
}

func convertAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	converted := make(map[string]*tfjson.SchemaAttribute, len(attributes))
	for _, a := range attributes {
		c := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: tfjson.SchemaDescriptionKind(strings.ToLower(a.DescriptionKind.String())),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if o := a.NestedType; o != nil {
			c.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  convertAttributes(o.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(o.Nesting.String())),
			}
		} else {
			c.AttributeType = convertType(a.Type)
		}
		converted[a.Name] = c
	}
	return converted
}

// convertType goes through the JSON that both know.
func convertType(t tftypes.Type) (converted cty.Type) {
	text, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(text, &converted)
	}
	if err != nil {
		log.Fatalf("converting the type %s: %v", t, err)
	}
	return converted
}
