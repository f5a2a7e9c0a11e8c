// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Recording runs "make demo" and draws what it prints as a terminal in SVG.
// The same output gives the same picture: ports, paths and durations are
// replaced. See "make recording".
//
//	go run ./tools/recording > .github/demo.svg
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
	command := exec.CommandContext(ctx, "tools/demo.sh")
	// Bold and red without a terminal.
	command.Env = append(os.Environ(), "CLICOLOR_FORCE=1", "NO_COLOR=") //nolint:misspell // as everybody spells it
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return fmt.Errorf("running the demo: %w", err)
	}
	_, err = os.Stdout.WriteString(draw("make demo", parse("\x1b[1m$ make demo\x1b[0m\n"+steady(string(output)))))
	return err
}
