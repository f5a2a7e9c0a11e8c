// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package examples_test runs what is in examples/policies, examples/pipelines and
// modules as users do: with a built provider, terraform and tofu, and a
// simulated workspace.
package examples_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

const (
	root         = "../.."
	examplesRoot = root + "/examples"
	modulesRoot  = root + "/modules"
	// mirrorVariable names the folder that the CLIs take the provider from.
	mirrorVariable    = "EXAMPLES_TEST_MIRROR"
	cliConfigVariable = "TF_CLI_CONFIG_FILE"
	mirrorVersion     = "0.1.0"
	// hostTofu is where OpenTofu looks for a provider whose source names no host.
	hostTofu = "registry.opentofu.org"
)

// TestMain builds the provider once, and has every CLI take it, and
// nothing else, from a mirror.
func TestMain(m *testing.M) {
	flag.Parse()
	if list := flag.Lookup("test.list"); list != nil && list.Value.String() != "" {
		os.Exit(m.Run())
	}
	status, err := runWithProvider(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(status)
}

func runWithProvider(m *testing.M) (status int, err error) {
	folder, err := os.MkdirTemp("", "examples")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	if err := clitest.BuildProvider(root, folder); err != nil {
		return 0, err
	}
	mirror := filepath.Join(folder, "mirror")
	if err := fillMirror(mirror, filepath.Join(folder, clitest.ProviderName())); err != nil {
		return 0, err
	}
	config := filepath.Join(folder, "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return 0, err
	}
	if err := errors.Join(os.Setenv(mirrorVariable, mirror), os.Setenv(cliConfigVariable, config)); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// fillMirror puts the provider where Terraform and where OpenTofu look for it.
func fillMirror(mirror, built string) error {
	host, rest, _ := strings.Cut(provider.Address, "/")
	for _, host := range []string{host, hostTofu} {
		folder := filepath.Join(mirror, host, rest, mirrorVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.Link(built, filepath.Join(folder, clitest.ProviderName()+"_v"+mirrorVersion)); err != nil {
			return err
		}
	}
	return nil
}
