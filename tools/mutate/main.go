// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Command mutate proves that tests can fail. It makes one mistake after the
// other, runs the short tests of the package that it is in, and fails where
// they stay green. The files themselves are left alone.
//
//	go run ./tools/mutate [-run REGEXP] [-shard N/M]
//
// -shard makes every Mth mistake, beginning with the Nth, so that M machines share the work.
// To add a mistake, end the line with "//mutate:" and a name, and put the name
// into the table in mutations.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	log.SetFlags(0)
	only := flag.String("run", "", "make only the mistakes whose marker matches")
	share := flag.String("shard", "1/1", "make only every Mth mistake from the Nth on, as in 1/6")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	part, err := shard(mutations(), *share)
	if err == nil {
		err = run(ctx, ".", part, *only)
	}
	stop()
	if err != nil {
		log.Fatal(err)
	}
}

// shard returns the Nth of M equal parts, for N/M.
func shard(all []mutation, text string) (part []mutation, err error) {
	var n, m int
	if _, err := fmt.Sscanf(text+"\n", "%d/%d\n", &n, &m); err != nil || n < 1 || n > m {
		return nil, fmt.Errorf("-shard %s: want N/M, with N from 1 to M", text)
	}
	for i := n - 1; i < len(all); i += m {
		part = append(part, all[i])
	}
	return part, nil
}

func run(ctx context.Context, module string, all []mutation, only string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	places, err := find(filepath.Join(module, "internal"))
	if err != nil {
		return err
	}
	var survived []string
	made, green := 0, map[string]bool{}
	for _, m := range all {
		if !wanted.MatchString(m.marker) {
			continue
		}
		made++
		at, ok := places[m.marker]
		if !ok {
			return fmt.Errorf("no line ends with //mutate:%s", m.marker)
		}
		if pkg := filepath.Dir(at.file); !green[pkg] {
			if output, err := test(ctx, pkg, "", ""); err != nil {
				return fmt.Errorf("the tests of %s fail without a mistake: %w\n%s", pkg, err, output)
			}
			green[pkg] = true
		}
		by, err := m.try(ctx, at)
		if err != nil {
			return fmt.Errorf("%s, %s: %w", m.marker, m.operator, err)
		}
		if by == "" {
			by = "SURVIVED"
			survived = append(survived, m.mistake)
		}
		fmt.Printf("%-18s %-9s %s: %s\n", m.marker, m.operator, m.mistake, by)
	}
	if made == 0 {
		return fmt.Errorf("no marker matches %q", only)
	}
	if len(survived) > 0 {
		return fmt.Errorf("no test noticed: %s", strings.Join(survived, "; "))
	}
	return nil
}

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// try makes the mistake and returns the names of the tests that noticed.
func (m mutation) try(ctx context.Context, at place) (string, error) {
	source, err := os.ReadFile(at.file)
	if err != nil {
		return "", err
	}
	mutated, err := m.operator.apply(string(source), at.line)
	if err != nil {
		return "", err
	}
	path, err := filepath.Abs(at.file)
	if err != nil {
		return "", err
	}
	output, err := test(ctx, filepath.Dir(at.file), path, mutated)
	exit, failed := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return "", nil
	case !failed:
		return "", err
	case strings.Contains(output, "[build failed]"), strings.Contains(output, "[setup failed]"):
		return "", fmt.Errorf("%w\n%s", exit, output)
	}
	names := []string{}
	for _, match := range failedTest.FindAllStringSubmatch(output, -1) {
		names = append(names, match[1])
	}
	if len(names) == 0 {
		return "panic or timeout", nil
	}
	return strings.Join(names, ", "), nil
}

// test runs the short tests of a package, one file of which has another source, as "go help build" describes -overlay.
func test(ctx context.Context, pkg, file, source string) (string, error) {
	folder, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	mutated, overlay := filepath.Join(folder, "mutated.go"), filepath.Join(folder, "overlay.json")
	replace := map[string]string{}
	if file != "" {
		replace[file] = mutated
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	//nolint:gosec // in a folder made for it
	err = errors.Join(err, os.WriteFile(mutated, []byte(source), 0o600), os.WriteFile(overlay, text, 0o600))
	if err != nil {
		return "", err
	}
	//nolint:gosec // a package of this module
	command := exec.CommandContext(ctx, "go", "test", "-short", "-vet=off", "-failfast", "-timeout=3m", "-overlay="+overlay, ".")
	command.Dir = pkg
	output, err := command.CombinedOutput()
	return string(output), err
}
