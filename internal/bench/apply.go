// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// The configurations that are applied.
const (
	plain        = "no argument"
	fromFile     = "`jsondecode(file(…))`"
	oneArgument  = "`match` alone"
	allArguments = "every argument at once"
	withUsers    = "`user_details`"
)

// comparisons are what stands in a row of the table: lists of one length.
var comparisons = [][2]string{{plain, fromFile}, {allArguments, oneArgument}, {withUsers, plain}}

// dataSources are those of this provider.
var dataSources = map[string]string{
	plain:       "",
	withUsers:   "user_details = true",
	oneArgument: `match = { username = "." }`,
	allArguments: `
  filter               = "."
  match                = { username = "." }
  exclude              = { host = "^nowhere$" }
  outside_cidrs        = ["10.255.255.0/24", "fd00:ffff::/32"]
  newer_than           = "36500d"
  device_version_below = "99999"
  os_version_below     = "99999"
  beyond_per_user      = 0
  user_deleted         = false`,
}

// dataSourceConfig ends in the number of sessions, so that no list is printed.
const dataSourceConfig = `terraform {
  required_providers {
    rocketchat = { source = %q }
  }
}

data "rocketchat_workspace_sessions" "all" {
  %s
}

output "count" {
  value = length(data.rocketchat_workspace_sessions.all.sessions)
}
`

// fileConfig is the least that Terraform can do with the rows: an output with
// the list itself, which would keep it in the state as the data source does,
// takes about three times as long again.
const fileConfig = `locals {
  sessions = jsondecode(file("${path.module}/sessions.json"))
}

output "count" {
  value = length(local.sessions)
}
`

const (
	module       = "github.com/terraform-rocketchat/terraform-provider-rocketchat"
	providerName = "terraform-provider-rocketchat"
	cliConfig    = "cli.tfrc"
	stateName    = "terraform.tfstate"
)

// bench is what all measurements share.
type bench struct {
	runs      int
	terraform string
	// folder holds the provider, and a folder for each configuration and its state.
	folder string
	// environment points at the workspace that is served.
	environment []string
}

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.folder}, elements...)...)
}

// prepare builds the provider and writes the configurations.
func (b *bench) prepare(ctx context.Context) error {
	//nolint:gosec // this module
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.path(providerName), module)
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the provider: %w\n%s", err, output)
	}
	// This command itself stands in for the provider, as its meter.
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.Mkdir(b.path("overrides"), 0o700); err != nil {
		return err
	}
	if err := os.Symlink(self, b.path("overrides", providerName)); err != nil {
		return err
	}
	// Without a host, so that OpenTofu resolves it to its own.
	_, source, _ := strings.Cut(provider.Address, "/")
	if err := os.WriteFile(b.path(cliConfig), []byte(clitest.DevOverrides(source, b.path("overrides"))), 0o600); err != nil {
		return err
	}
	configs := map[string]string{fromFile: fileConfig}
	for name, arguments := range dataSources {
		configs[name] = fmt.Sprintf(dataSourceConfig, source, arguments)
	}
	for name, config := range configs {
		if err := os.Mkdir(b.path(folderOf(name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(b.path(folderOf(name), "main.tf"), []byte(config), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// folderOf is the configuration's, whose name holds slashes and the like.
func folderOf(name string) string { return fmt.Sprintf("%x", name) }

// measure applies the configurations in turns, round after round.
func (b *bench) measure(ctx context.Context, size int) (measured, error) {
	workspace := rocketchattest.New(rocketchattest.Options{
		Synthetic: size, SyntheticUsers: size / 10, SharedConnections: true, RateLimit: rocketchattest.RateLimit{Off: true},
	})
	server := httptest.NewServer(workspace)
	defer server.Close()
	account := workspace.Account("none")
	// Settings of the user's own would send Terraform or the provider elsewhere.
	b.environment = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "TF_") || strings.HasPrefix(variable, "ROCKETCHAT_")
	}), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+b.path(cliConfig), folderVariable+"="+b.folder,
		"ROCKETCHAT_URL="+server.URL, "ROCKETCHAT_USER_ID="+account.UserID, "ROCKETCHAT_AUTH_TOKEN="+account.Token)

	m := measured{}
	for round := range b.runs {
		// The file's rows are those of the first one's state.
		for _, name := range []string{plain, fromFile, oneArgument, allArguments, withUsers} {
			used, err := b.apply(ctx, name)
			if err == nil {
				used.rows, err = b.countRows(name)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			log.Printf("%d sessions, round %d: %s: %s", size, round+1, name, used)
			m[name] = append(m[name], used)
		}
		for _, pair := range comparisons {
			if of, against := m[pair[0]][round].rows, m[pair[1]][round].rows; of != against || of == 0 {
				return nil, fmt.Errorf("%s: %d sessions, %s: %d", pair[0], of, pair[1], against)
			}
		}
	}
	return m, nil
}

// apply applies a configuration from nothing.
func (b *bench) apply(ctx context.Context, name string) (usage, error) {
	for _, old := range []string{b.path(folderOf(name), stateName), b.path(peaks)} {
		if err := os.Remove(old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return usage{}, err
		}
	}
	cmd := exec.CommandContext(ctx, b.terraform, "apply", "-auto-approve", "-input=false", "-no-color") //nolint:gosec,misspell // as asked for
	cmd.Dir, cmd.Env = b.path(folderOf(name)), b.environment
	begun := time.Now()
	output, err := cmd.CombinedOutput()
	used := usage{wall: time.Since(begun)}
	if err != nil {
		return used, fmt.Errorf("%w\n%s", err, output)
	}
	used.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	used.peak, err = readPeak(b.path(peaks))
	return used, err
}

// countRows returns how many rows the state counts. Those of the first
// configuration go to where Terraform alone reads them from.
func (b *bench) countRows(name string) (int, error) {
	text, err := os.ReadFile(b.path(folderOf(name), stateName))
	if err != nil {
		return 0, err
	}
	var state struct {
		Outputs struct {
			Count struct {
				Value int `json:"value"`
			} `json:"count"`
		} `json:"outputs"`
		Resources []struct {
			Instances []struct {
				Attributes struct {
					Sessions json.RawMessage `json:"sessions"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return 0, err
	}
	count := state.Outputs.Count.Value
	if name != plain {
		return count, nil
	}
	return count, os.WriteFile(b.path(folderOf(fromFile), "sessions.json"), state.Resources[0].Instances[0].Attributes.Sessions, 0o600)
}
