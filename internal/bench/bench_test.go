// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Package bench_test measures the whole of the provider, from the workspace's socket
// to Terraform's state: "make bench".
package bench_test

import (
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
)

// comparisons are of configurations that see a list of one length.
var comparisons = [][2]string{{"plain", "file"}, {"all_arguments", "match"}, {"user_details", "plain"}, {"baseline", "plain"}}

const preamble = "terraform {\n  required_providers {\n    rocketchat = { source = \"" + source + "\" }\n  }\n}\n"

func dataSource(arguments string) string {
	return preamble + "data \"rocketchat_workspace_sessions\" \"all\" {\n" + arguments + "\n}\n" +
		"output \"count\" {\n  value = length(data.rocketchat_workspace_sessions.all.sessions)\n}\n"
}

// configurations end in the number of sessions, so that no list is printed.
func configurations() map[string]string {
	return map[string]string{
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
  source           = "../examples/modules/session-baseline"
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
		os.WriteFile(cliConfig, []byte(clitest.DevOverrides(source, meter)), 0o600),
		os.CopyFS(filepath.Join(folder, "examples"), os.DirFS(filepath.Join(root, "examples"))),
	)
	for name, text := range configurations() {
		path := filepath.Join(folder, name)
		err = errors.Join(err, os.Mkdir(path, 0o700), os.WriteFile(filepath.Join(path, "main.tf"), []byte(text), 0o600))
	}
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
			for _, names := range comparisons {
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
