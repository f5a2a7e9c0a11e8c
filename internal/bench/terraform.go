// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/provider"
)

const (
	providerName     = "terraform-provider-rocketchat"
	httpProviderName = "terraform-provider-http"
	stateName        = "terraform.tfstate"
	rowsName         = "sessions.json"
	cliConfigName    = "cli.tfrc"
	peakName         = "peak"
)

// The folders of configurations. Each ends in the number of sessions, so that
// no list is printed.
const (
	configProvider = "provider"
	configFile     = "file"
	configHTTP     = "http"
)

const providerConfig = `terraform {
  required_providers {
    rocketchat = { source = "%s" }
  }
}

data "rocketchat_workspace_sessions" "all" {}

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

const httpConfig = `terraform {
  required_providers {
    http = { source = "hashicorp/http" }
  }
}

variable "pages" { type = number }
variable "url" { type = string }
variable "headers" { type = map(string) }

data "http" "page" {
  count           = var.pages
  url             = "${var.url}/api/v1/sessions/list.all?count=100&offset=${100 * count.index}"
  request_headers = var.headers
}

locals {
  sessions = flatten([for page in data.http.page : jsondecode(page.body).sessions])
}

output "count" {
  value = length(local.sessions)
}
`

// prepareTerraform writes the configurations, and one for the command line
// that has it take the providers from here.
func (b *bench) prepareTerraform() error {
	// Without a host, so that OpenTofu resolves it to its own.
	_, source, _ := strings.Cut(provider.Address, "/")
	overrides := fmt.Sprintf("    %q = %q\n", source, b.path("overrides"))
	if err := os.MkdirAll(b.path("overrides"), 0o700); err != nil {
		return err
	}
	// The command itself stands in for the provider, as its meter.
	if err := os.Symlink(b.self, b.path("overrides", providerName)); err != nil {
		return err
	}
	if b.httpProvider != "" {
		file, err := filepath.Abs(b.httpProvider)
		if err != nil {
			return err
		}
		if err := os.Symlink(file, b.path("overrides", httpProviderName)); err != nil {
			return err
		}
		overrides += fmt.Sprintf("    \"hashicorp/http\" = %q\n", b.path("overrides"))
	}
	cli := "provider_installation {\n  dev_overrides {\n" + overrides + "  }\n  direct {}\n}\n"
	if err := os.WriteFile(b.path(cliConfigName), []byte(cli), 0o600); err != nil {
		return err
	}
	for folder, config := range map[string]string{
		configProvider: fmt.Sprintf(providerConfig, source),
		configFile:     fileConfig,
		configHTTP:     httpConfig,
	} {
		if err := os.Mkdir(b.path(folder), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(b.path(folder, "main.tf"), []byte(config), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// apply applies a configuration from nothing.
func (b *bench) apply(ctx context.Context, folder string, environment ...string) (usage, error) {
	if err := os.Remove(b.path(folder, stateName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usage{}, err
	}
	cmd := exec.CommandContext(ctx, b.terraform, "apply", "-auto-approve", "-input=false") //nolint:gosec // as asked for
	cmd.Dir = b.path(folder)
	cmd.Env = slices.Concat(b.environment, environment, []string{"TF_CLI_CONFIG_FILE=" + b.path(cliConfigName)})
	return timed(cmd)
}

// applyProvider applies with a provider below the meter.
func (b *bench) applyProvider(name, role string) func(context.Context) (usage, error) {
	file := b.path(name)
	if role != "" {
		file = b.self
	}
	return func(ctx context.Context) (usage, error) {
		if err := os.Remove(b.path(peakName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return usage{}, err
		}
		used, err := b.apply(ctx, configProvider, roleVariable+"="+roleMeter,
			providerVariable+"="+file, providerRole+"="+role, peakVariable+"="+b.path(peakName))
		if err != nil {
			return used, err
		}
		used.peak, err = readPeak(b.path(peakName))
		return used, err
	}
}

// readPeak is the largest of the provider's processes, of which Terraform
// starts several.
func readPeak(name string) (int64, error) {
	file, err := os.Open(name) //nolint:gosec // the bench's own
	if err != nil {
		return 0, err
	}
	defer file.Close() //nolint:errcheck // only read from
	var most int64
	for lines := bufio.NewScanner(file); lines.Scan(); {
		peak, err := strconv.ParseInt(lines.Text(), 10, 64)
		if err != nil {
			return 0, err
		}
		most = max(most, peak)
	}
	return most, nil
}

func (b *bench) applyFile(ctx context.Context) (usage, error) { return b.apply(ctx, configFile) }

func (b *bench) applyHTTP(size int) func(context.Context) (usage, error) {
	return func(ctx context.Context) (usage, error) {
		value := func(name string) string {
			for _, variable := range b.environment {
				if text, ok := strings.CutPrefix(variable, name+"="); ok {
					return text
				}
			}
			return ""
		}
		return b.apply(ctx, configHTTP,
			fmt.Sprintf("TF_VAR_pages=%d", (size+pageSize-1)/pageSize),
			"TF_VAR_url="+value("ROCKETCHAT_URL"),
			fmt.Sprintf("TF_VAR_headers={X-User-Id=%q,X-Auth-Token=%q}", value("ROCKETCHAT_USER_ID"), value("ROCKETCHAT_AUTH_TOKEN")))
	}
}

// saveRows writes the rows as the provider gives them to where Terraform
// alone reads them from, when a contender does.
func (b *bench) saveRows(ctx context.Context, contenders []contender) error {
	needed := false
	for _, c := range contenders {
		needed = needed || c.name == applyFile
	}
	if !needed {
		return nil
	}
	if _, err := b.applyProvider(providerName, "")(ctx); err != nil {
		return err
	}
	text, err := os.ReadFile(b.path(configProvider, stateName))
	if err != nil {
		return err
	}
	var state struct {
		Resources []struct {
			Instances []struct {
				Attributes struct {
					Sessions json.RawMessage `json:"sessions"`
				} `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return err
	}
	if len(state.Resources) != 1 || len(state.Resources[0].Instances) != 1 {
		return errors.New("the state does not hold the data source alone")
	}
	return os.WriteFile(b.path(configFile, rowsName), state.Resources[0].Instances[0].Attributes.Sessions, 0o600)
}
