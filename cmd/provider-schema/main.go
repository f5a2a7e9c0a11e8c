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

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

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
