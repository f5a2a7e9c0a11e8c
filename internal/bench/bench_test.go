// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package bench_test measures the whole of the provider, from the workspace's socket
// to Terraform's state: "make bench".
package bench_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/clitest"
	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

const (
	root   = "../.."
	source = "terraform-rocketchat/rocketchat"
	// folderVariable names the folder of a measurement to the meter.
	folderVariable = "ROCKETCHAT_BENCH_FOLDER"
	// providersVariable names a folder with the providers http and external.
	providersVariable = "ROCKETCHAT_BENCH_PROVIDERS"
	// pageSize is how many rows the workspace shows at most on a page.
	pageSize = 100
)

// comparisons are of configurations that see a list of one length.
func comparisons() [][2]string {
	all := [][2]string{
		{"plain", "file"}, {"all_arguments", "match"}, {"user_details", "plain"}, {"posture", "plain"}, {"summarize", "plain"}, {"baseline", "plain"},
	}
	if os.Getenv(providersVariable) == "" {
		return all
	}
	return append(all, [2]string{"plain", "http"}, [2]string{"plain", "external"})
}

const preamble = "terraform {\n  required_providers {\n    rocketchat = { source = \"" + source + "\" }\n  }\n}\n"

func dataSource(arguments string) string {
	return preamble + "data \"rocketchat_workspace_sessions\" \"all\" {\n" + arguments + "\n}\n" +
		"output \"count\" {\n  value = length(data.rocketchat_workspace_sessions.all.sessions)\n}\n"
}

const httpPages = `variable "offsets" {
  type = set(string)
}
data "http" "page" {
  for_each        = var.offsets
  url             = "%[1]s/api/v1/sessions/list.all?count=%[4]d&offset=${each.key}"
  request_headers = { "X-User-Id" = "%[2]s", "X-Auth-Token" = "%[3]s" }
}
output "count" {
  value = length(flatten([for page in data.http.page : jsondecode(page.response_body).sessions]))
}
`

// externalScript reads page after page with curl, and gives one string, as the provider external requires.
const externalScript = `#!/bin/sh
set -eu
offset=0 total=1
while [ "$offset" -lt "$total" ]; do
	page=$(curl -fsS -H 'X-User-Id: %[2]s' -H 'X-Auth-Token: %[3]s' "%[1]s/api/v1/sessions/list.all?count=%[4]d&offset=$offset")
	total=$(printf %%s "$page" | jq .total)
	printf '%%s\n' "$page"
	offset=$((offset + %[4]d))
done | jq -cs '{sessions: (map(.sessions[]) | tojson)}'
`

// configurations end in the number of sessions, so that no list is printed.
func configurations() map[string]string {
	return map[string]string{
		"posture": dataSource("") + `data "rocketchat_settings" "login" {
  ids = ["Accounts_LoginExpiration", "Accounts_TwoFactorAuthentication_Enabled"]
}
data "rocketchat_roles" "all" {
  permissions = true
}
output "posture" {
  value = [data.rocketchat_settings.login.values, length(data.rocketchat_roles.all.roles)]
}
`,
		"summarize": dataSource("") + `output "summary" {
  value = provider::rocketchat::summarize(data.rocketchat_workspace_sessions.all.sessions, 20)
}
`,
		"external": `data "external" "sessions" {
  program = ["sh", "${path.module}/sessions.sh"]
}
output "count" {
  value = length(jsondecode(data.external.sessions.result.sessions))
}
`,
		"plain":        dataSource(""),
		"match":        dataSource(`match = { username = "." }`),
		"user_details": dataSource("user_details = true"),
		// Each of them leaves the list as long as it is.
		"all_arguments": dataSource(`filter = "."
  match                = { username = "." }
  exclude              = { host = "^nowhere$" }
  outside_cidrs        = ["10.255.255.0/24", "fd00:ffff::/32"]
  newer_than           = "36500d"
  device_version_below = "99999"
  os_version_below     = "99999"
  beyond_per_user      = 0
  user_deleted         = false`),
		"rows": dataSource("") + "output \"sessions\" {\n  value = data.rocketchat_workspace_sessions.all.sessions\n}\n",
		// The least that Terraform can do with the rows: an output with the list itself, which
		// would keep it in the state as the data source does, takes about three times as long again.
		"file": "locals {\n  sessions = jsondecode(file(\"../sessions.json\"))\n}\noutput \"count\" {\n  value = length(local.sessions)\n}\n",
		"baseline": preamble + `module "baseline" {
  source           = "../session-baseline"
  networks         = ["10.0.0.0/8", "203.0.113.0/24", "2001:db8::/32"]
  service_accounts = { username = "^user\\.1", sessions = 3 }
  fail_on          = "none"
}
output "count" {
  value = tonumber(regex(", (\\d+) sessions", module.baseline.markdown)[0])
}
`,
	}
}

// TestMain is a provider's parent where Terraform has started it, since a process's
// peak is not less than that of its parent at its start, and Terraform is large. It
// adds a line with the peak in MB to a file.
func TestMain(m *testing.M) {
	folder := os.Getenv(folderVariable)
	if folder == "" {
		os.Exit(m.Run())
	}
	provider := exec.Command(filepath.Join(folder, clitest.ProviderName())) //nolint:noctx // Terraform ends it
	provider.Stdin, provider.Stdout, provider.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := provider.Run()
	if used, ok := provider.ProcessState.SysUsage().(*syscall.Rusage); ok {
		unit := 1024.0 // KiB
		if runtime.GOOS == "darwin" {
			unit *= 1024 // bytes
		}
		file, failed := os.OpenFile(filepath.Join(folder, "peaks"), os.O_APPEND|os.O_WRONLY, 0o600)
		_, written := fmt.Fprintln(file, float64(used.Maxrss)/unit)
		err = errors.Join(err, failed, written, file.Close())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve serves a workspace, and returns a folder with the configurations that has Terraform
// read it with the provider as it stands.
func serve(b *testing.B, size int) (folder string) {
	b.Helper()
	workspace := rocketchattest.New(rocketchattest.Options{
		Synthetic: size, SyntheticUsers: size / 10, SharedConnections: true, RateLimit: rocketchattest.RateLimit{Off: true},
	})
	server := httptest.NewServer(workspace)
	b.Cleanup(server.Close)
	account, folder := workspace.Account("none"), b.TempDir()
	cliConfig, meter := filepath.Join(folder, "cli.tfrc"), filepath.Join(folder, "meter")
	for name, value := range map[string]string{
		"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": cliConfig, folderVariable: folder,
		"ROCKETCHAT_URL": server.URL, "ROCKETCHAT_USER_ID": account.UserID, "ROCKETCHAT_AUTH_TOKEN": account.Token,
	} {
		b.Setenv(name, value)
	}
	self, err := os.Executable()
	err = errors.Join(
		err, clitest.BuildProvider(root, folder), os.Mkdir(meter, 0o700), os.Symlink(self, filepath.Join(meter, clitest.ProviderName())),
		os.WriteFile(cliConfig, []byte(overrides(meter)), 0o600),
		os.CopyFS(filepath.Join(folder, "session-baseline"), os.DirFS(filepath.Join(root, "modules", "session-baseline"))),
	)
	texts := configurations()
	texts["http"] = fmt.Sprintf(httpPages, server.URL, account.UserID, account.Token, pageSize)
	for name, text := range texts {
		path := filepath.Join(folder, name)
		err = errors.Join(err, os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "main.tf"), []byte(text), 0o600))
	}
	var offsets []string
	for offset := 0; offset < size; offset += pageSize {
		offsets = append(offsets, strconv.Itoa(offset))
	}
	variables, encoded := json.Marshal(map[string]any{"offsets": offsets})
	err = errors.Join(
		err, encoded, os.WriteFile(filepath.Join(folder, "http", "terraform.tfvars.json"), variables, 0o600),
		os.WriteFile(filepath.Join(folder, "external", "sessions.sh"),
			fmt.Appendf(nil, externalScript, server.URL, account.UserID, account.Token, pageSize), 0o600),
	)
	if err != nil {
		b.Fatal(err)
	}
	run(b, folder, "baseline", "get")
	apply(b, folder, "rows")
	rows, _ := run(b, folder, "rows", "output", "-json", "sessions")
	if err := os.WriteFile(filepath.Join(folder, "sessions.json"), rows, 0o600); err != nil {
		b.Fatal(err)
	}
	return folder
}

// overrides has the CLI take all providers from folders, so that it needs no registry.
func overrides(meter string) string {
	text := clitest.DevOverrides(source, meter)
	if folder := os.Getenv(providersVariable); folder != "" {
		const block = "dev_overrides {\n"
		text = strings.Replace(text, block, fmt.Sprintf("%s    \"hashicorp/http\" = %q\n    \"hashicorp/external\" = %[2]q\n", block, folder), 1)
	}
	return text
}

func run(b *testing.B, folder, name string, arguments ...string) ([]byte, *os.ProcessState) {
	b.Helper()
	command := exec.CommandContext(b.Context(), clitest.Path(b, root), arguments...)
	command.Dir = filepath.Join(folder, name)
	output, err := command.Output()
	if err != nil {
		b.Fatalf("%s: %v\n%s", name, err, output)
	}
	return output, command.ProcessState
}

// used is what applying took: seconds of the clock, and of the processors by Terraform and
// all processes that it has started; the provider's largest resident memory in MB.
type used struct {
	time, cpu, peak float64
	count           string
}

// apply applies a configuration from nothing.
func apply(b *testing.B, folder, name string) (u used) {
	b.Helper()
	state, peaks := filepath.Join(folder, name, "terraform.tfstate"), filepath.Join(folder, "peaks")
	// Terraform alone has no provider, and so no peak.
	if err := errors.Join(os.RemoveAll(state), os.WriteFile(peaks, nil, 0o600)); err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	_, ended := run(b, folder, name, "apply", "-auto-approve", "-input=false", "-json")
	u.time, u.cpu = time.Since(begun).Seconds(), (ended.UserTime() + ended.SystemTime()).Seconds()
	text, err := os.ReadFile(peaks)
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.FieldsSeq(string(text)) {
		peak, err := strconv.ParseFloat(line, 64)
		if err != nil {
			b.Fatal(err)
		}
		u.peak = max(u.peak, peak)
	}
	count, _ := run(b, folder, name, "output", "-json", "count")
	u.count = string(count)
	return u
}

// Configurations are applied in turns, round after round ("-benchtime 3x"). Each metric is the median of
// the rounds: ratios of the first to the second, and figures of the first but for against-MB.
func BenchmarkTerraformApply(b *testing.B) {
	for _, size := range []int{2000, 20_000, 50_000, 100_000} {
		b.Run(fmt.Sprint("sessions=", size), func(b *testing.B) {
			folder := serve(b, size)
			for _, names := range comparisons() {
				b.Run(names[0]+"-against-"+names[1], func(b *testing.B) { compare(b, folder, names[0], names[1]) })
			}
		})
	}
}

func compare(b *testing.B, folder, name, against string) {
	b.Helper()
	metrics := map[string][]float64{}
	for b.Loop() {
		first, second := apply(b, folder, name), apply(b, folder, against)
		if first.count != second.count || first.count == "0\n" {
			b.Fatalf("%s counts %s, %s %s", name, first.count, against, second.count)
		}
		for unit, value := range map[string]float64{
			"ns/op": first.time * 1e9, "time-ratio": first.time / second.time, "cpu-s": first.cpu, "cpu-ratio": first.cpu / second.cpu,
			"MB": first.peak, "against-MB": second.peak,
		} {
			metrics[unit] = append(metrics[unit], value)
		}
	}
	for unit, values := range metrics {
		slices.Sort(values)
		b.ReportMetric(values[len(values)/2], unit)
	}
}
