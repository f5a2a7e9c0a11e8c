// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// contender is one way to get the sessions.
type contender struct {
	name string
	run  func(context.Context) (usage, error)
}

// measured are the usages of each contender, one a round.
type measured map[string][]usage

// The contenders.
const (
	applyProvider  = "apply with the provider"
	applyFile      = "apply with jsondecode(file(…))"
	applyFramework = "apply with the framework's own path"
	applyHTTP      = "apply with hashicorp/http"
	readBareLoop   = "bare loop"
	readClient     = "client"
	readOneByOne   = "client, one request after another"
	readTogether   = "client, requests at the same time"
)

const (
	// farSize and farLatency are for the measurement of concurrency.
	farSize    = 10_000
	farLatency = 50 * time.Millisecond
	together   = 4
)

// result is what was measured with one number of sessions.
type result struct {
	size int
	measured
}

// run measures every size, and prints the tables.
func run(ctx context.Context, s settings) error {
	folder, err := os.MkdirTemp("", "rocketchat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // nothing of it is needed
	b := &bench{settings: s, folder: folder}
	if err := b.build(ctx); err != nil {
		return err
	}
	var results []result
	for _, size := range s.sizes {
		m, err := b.measure(ctx, size, b.contenders(size))
		if err != nil {
			return fmt.Errorf("%d sessions: %w", size, err)
		}
		results = append(results, result{size, m})
	}
	far, err := b.measure(ctx, farSize, b.farContenders())
	if err != nil {
		return fmt.Errorf("%s away: %w", farLatency, err)
	}
	_, err = fmt.Print(tables(results, far))
	return err
}

// bench is what all measurements share.
type bench struct {
	settings
	// folder holds the binaries, the configurations and their state.
	folder string
	// self is this command.
	self string
	// environment points at the simulator that runs.
	environment []string
}

func (b *bench) path(elements ...string) string {
	return filepath.Join(append([]string{b.folder}, elements...)...)
}

// build makes the binaries, and the folders where Terraform looks for them.
func (b *bench) build(ctx context.Context) (err error) {
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	const module = "github.com/terraform-rocketchat/terraform-provider-rocketchat"
	for _, name := range []string{module, module + "/cmd/rocketchat-simulator"} {
		//nolint:gosec // packages of this module
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.folder+string(filepath.Separator), name)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("building %s: %w", name, err)
		}
	}
	return b.prepareTerraform()
}

// measure has the contenders take turns, round after round.
func (b *bench) measure(ctx context.Context, size int, contenders []contender) (measured, error) {
	stop, err := b.startSimulator(ctx, size)
	if err != nil {
		return nil, err
	}
	defer stop()
	if err := b.saveRows(ctx, contenders); err != nil {
		return nil, err
	}
	m := measured{}
	for round := range b.runs {
		for _, c := range contenders {
			used, err := c.run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			m[c.name] = append(m[c.name], used)
			log.Printf("%d sessions, round %d: %s: %s", size, round+1, c.name, used)
		}
	}
	return m, nil
}

func (b *bench) contenders(size int) []contender {
	all := []contender{
		{applyProvider, b.applyProvider(providerName, "")},
		{applyFile, b.applyFile},
		{readBareLoop, b.read(roleBare)},
		{readClient, b.read(roleClient, concurrencyVariable+"=1")},
	}
	if size <= b.frameworkMost {
		all = append(all, contender{applyFramework, b.applyProvider(filepath.Base(b.self), roleFramework)})
	}
	if b.httpProvider != "" && size <= b.httpMost {
		all = append(all, contender{applyHTTP, b.applyHTTP(size)})
	}
	return all
}

func (b *bench) farContenders() []contender {
	latency := latencyVariable + "=" + farLatency.String()
	return []contender{
		{readOneByOne, b.read(roleClient, latency, concurrencyVariable+"=1")},
		{readTogether, b.read(roleClient, latency, fmt.Sprintf("%s=%d", concurrencyVariable, together))},
	}
}

// read has a process of its own read the list.
func (b *bench) read(role string, environment ...string) func(context.Context) (usage, error) {
	return func(ctx context.Context) (usage, error) {
		cmd := exec.CommandContext(ctx, b.self) //nolint:gosec // this command
		cmd.Env = slices.Concat(b.environment, environment, []string{roleVariable + "=" + role})
		return timed(cmd)
	}
}

// timed runs a command, and shows what it said when it fails.
func timed(cmd *exec.Cmd) (usage, error) {
	begun := time.Now()
	output, err := cmd.CombinedOutput()
	wall := time.Since(begun)
	if err != nil {
		return usage{}, fmt.Errorf("%w\n%s", err, output)
	}
	return usage{wall: wall, cpu: cpuTime(cmd.ProcessState)}, nil
}
