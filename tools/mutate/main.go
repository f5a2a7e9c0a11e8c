// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Command mutate proves that tests can fail. It makes one mistake after the
// other in a copy of the module, runs the tests that ought to notice, and
// fails where they stay green.
//
//	mutate [-run REGEXP] FOLDER
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	only := flag.String("run", "", "make only the mutations whose name matches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, flag.Arg(0), *only)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, module, only string) error {
	name, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary folder
	if err := copyModule(module, work); err != nil {
		return err
	}
	if err := green(ctx, work, name); err != nil {
		return err
	}
	var survived []string
	for _, m := range mutations {
		if !name.MatchString(m.name) {
			continue
		}
		verdict, err := m.try(ctx, work)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("%-9s %s (%s)\n", verdict.word, m.name, verdict.by)
		if !verdict.caught {
			survived = append(survived, m.name)
		}
	}
	if len(survived) > 0 {
		return fmt.Errorf("no test noticed: %s", strings.Join(survived, "; "))
	}
	return nil
}

// copyModule copies the source, and neither what was built nor the history.
func copyModule(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(name, ".") || name == "bin" || name == "dist" || name == "tools") {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o750)
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path) //nolint:gosec // a file of the module
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, 0o600)
	})
}

// green makes sure that the tests pass without a mutation.
func green(ctx context.Context, work string, name *regexp.Regexp) error {
	done := map[tests]bool{}
	for _, m := range mutations {
		if done[m.tests] || !name.MatchString(m.name) {
			continue
		}
		done[m.tests] = true
		if out, err := m.tests.run(ctx, work); err != nil {
			return fmt.Errorf("the tests fail without a mutation: %w\n%s", err, out)
		}
	}
	return nil
}

// verdict is what became of a mutation.
type verdict struct {
	caught   bool
	word, by string
}

var failedTest = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// try makes the mutation, runs the tests, and takes it back.
func (m mutation) try(ctx context.Context, work string) (verdict, error) {
	path := filepath.Join(work, m.file)
	original, err := os.ReadFile(path) //nolint:gosec // a file of the copy
	if err != nil {
		return verdict{}, err
	}
	mutated, err := m.apply(string(original))
	if err != nil {
		return verdict{}, err
	}
	if err := os.WriteFile(path, []byte(mutated), 0o600); err != nil {
		return verdict{}, err
	}
	out, failed := m.tests.run(ctx, work)
	if err := os.WriteFile(path, original, 0o600); err != nil {
		return verdict{}, err
	}
	if ctx.Err() != nil {
		return verdict{}, ctx.Err()
	}
	var exit *exec.ExitError
	switch {
	case failed == nil:
		return verdict{word: "SURVIVED", by: m.tests.String()}, nil
	case !errors.As(failed, &exit):
		return verdict{}, failed
	case strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]"):
		return verdict{}, fmt.Errorf("the mutation does not compile:\n%s", out)
	}
	var by []string
	for _, match := range failedTest.FindAllStringSubmatch(out, -1) {
		by = append(by, match[1])
	}
	if len(by) == 0 {
		by = []string{"panic or timeout"}
	}
	return verdict{caught: true, word: "caught", by: strings.Join(by, ", ")}, nil
}

// apply replaces the text, which must be there exactly once.
func (m mutation) apply(source string) (string, error) {
	if n := strings.Count(source, m.old); n != 1 {
		return "", fmt.Errorf("%s holds %q %d times, want once: the mutation has to follow the code", m.file, m.old, n)
	}
	return strings.Replace(source, m.old, m.new, 1), nil
}

// tests are those of one package that ought to notice.
type tests struct{ pkg, pattern string }

func (t tests) String() string { return t.pkg + " -run " + t.pattern }

func (t tests) run(ctx context.Context, work string) (string, error) {
	command := exec.CommandContext(ctx, "go", "test", "-failfast", "-timeout", "5m", "-run", t.pattern, t.pkg) //nolint:gosec // from the table
	command.Dir = work
	command.Env = append(os.Environ(), "GOFLAGS=-mod=readonly")
	out, err := command.CombinedOutput()
	return string(out), err
}
