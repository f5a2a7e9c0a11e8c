// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

var export = regexp.MustCompile(`^export (\w+)='(.*)'$`)

// startSimulator serves a workspace of that many sessions without a limit, in a
// process of its own, and points the environment at it.
func (b *bench) startSimulator(ctx context.Context, size int) (stop func(), err error) {
	//nolint:gosec // built above
	cmd := exec.CommandContext(ctx, b.path("rocketchat-simulator"),
		"-listen", "127.0.0.1:0", "-sessions", strconv.Itoa(size), "-rate-limit", "off", "-account", "none")
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	b.environment = withoutOwnSettings(os.Environ())
	const variables = 3
	for lines, found := bufio.NewScanner(output), 0; found < variables; {
		if !lines.Scan() {
			stop()
			return nil, errors.New("the simulator says nothing")
		}
		if m := export.FindStringSubmatch(lines.Text()); m != nil {
			b.environment = append(b.environment, m[1]+"="+m[2])
			found++
		}
	}
	return stop, nil
}

// withoutOwnSettings leaves out what would send Terraform or the provider elsewhere.
func withoutOwnSettings(environment []string) []string {
	var kept []string
	for _, variable := range environment {
		if !strings.HasPrefix(variable, "TF_") && !strings.HasPrefix(variable, "ROCKETCHAT_") {
			kept = append(kept, variable)
		}
	}
	return append(kept, "CHECKPOINT_DISABLE=1")
}
