// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

// serveVariable turns the test's own binary into the provider, which saves
// building one.
const serveVariable = "PROVIDER_SCHEMA_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveVariable) == "" {
		os.Exit(m.Run())
	}
	err := providerserver.Serve(context.Background(), provider.New("dev"), providerserver.ServeOpts{
		Address:         provider.Address,
		ProtocolVersion: 6,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestWrite_asTerraform compares with what "providers schema -json" prints of
// the same provider. Kinds that the CLI is too old to know are the
// one thing in which it may print less.
func TestWrite_asTerraform(t *testing.T) {
	t.Parallel()

	var written bytes.Buffer
	if err := write(t.Context(), &written, providerserver.NewProtocol6(provider.New("dev")())()); err != nil {
		t.Fatal(err)
	}
	got := decode(t, written.Bytes())
	want := decode(t, printed(t))

	if len(want["data_source_schemas"]) == 0 {
		t.Fatal("the CLI printed no data source")
	}
	for _, newer := range []string{"action_schemas", "ephemeral_resource_schemas", "functions"} {
		if _, known := want[newer]; !known {
			delete(got, newer)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-CLI, +written):\n%s", diff)
	}
}

// decode returns the kinds of schema of the one provider in document.
func decode(t *testing.T, document []byte) map[string]map[string]any {
	t.Helper()
	var d struct {
		FormatVersion   string                               `json:"format_version"`
		ProviderSchemas map[string]map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	if d.FormatVersion != "1.0" || len(d.ProviderSchemas) != 1 {
		t.Fatalf("format %q with %d providers, want 1.0 with one", d.FormatVersion, len(d.ProviderSchemas))
	}
	for _, kinds := range d.ProviderSchemas {
		return kinds
	}
	return nil
}

// printed runs "providers schema -json" with this binary as the provider.
func printed(t *testing.T) []byte {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	plugins, config := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(plugins, clitest.ProviderName())); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(config, "main.tf"), fmt.Sprintf(
		"terraform {\n  required_providers {\n    rocketchat = {\n      source = %q\n    }\n  }\n}\n", provider.Address))
	writeFile(t, filepath.Join(config, "cli.tfrc"), clitest.DevOverrides(provider.Address, plugins))

	cli := clitest.Path(t, "../..")
	command := exec.CommandContext(t.Context(), cli, "providers", "schema", "-json")
	command.Dir = config
	command.Env = append(os.Environ(),
		"CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+filepath.Join(config, "cli.tfrc"),
		serveVariable+"=1")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	stdout, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", command, err, stdout, stderr.Bytes())
	}
	return stdout
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
