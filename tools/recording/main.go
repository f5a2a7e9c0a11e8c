// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Recording runs "make demo" and draws what it prints as a terminal in SVG.
// The same output gives the same picture: ports, paths and durations are
// replaced. See "make recording".
//
//	go run ./tools/recording > .github/demo.svg
//
// With "summary" it draws what the pipelines' gate makes of the same workspace:
//
//	go run ./tools/recording summary > .github/summary.svg
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if len(os.Args) == 2 && os.Args[1] == "summary" {
		markdown, err := summary(ctx)
		if err != nil {
			return err
		}
		_, err = os.Stdout.WriteString(drawSummary(markdown))
		return err
	}
	command := exec.CommandContext(ctx, "tools/demo.sh")
	// Bold and red without a terminal.
	command.Env = append(os.Environ(), "CLICOLOR_FORCE=1", "NO_COLOR=")
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("running the demo: %w", err)
	}
	_, err = os.Stdout.WriteString(draw("make demo", "\x1b[1m$ make demo\x1b[0m\n"+steady(string(output))))
	return err
}
