// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Command bench measures the whole of the provider, from the workspace's socket
// to Terraform's state, against what one would use without it. It prints
// ratios of runs that took turns, as a Markdown table: the machine matters
// little to them.
//
//	go run ./internal/bench -sizes 20000,100000 -runs 3
//
// It needs Go, and terraform (or what -terraform names) on the PATH.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

// roleVariable makes the command play another part than that of the bench: it
// starts itself, so that every part is a process of its own to measure.
const roleVariable = "ROCKETCHAT_BENCH_ROLE"

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := play(ctx, os.Getenv(roleVariable))
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatal("bench: ", err)
	}
}

func play(ctx context.Context, role string) error {
	switch role {
	case "":
		s, err := parse(os.Args[1:])
		if err != nil {
			return err
		}
		return run(ctx, s)
	case roleBare:
		return readBare(ctx)
	case roleClient:
		return readWithClient(ctx)
	case roleFramework:
		return serveFramework()
	case roleMeter:
		return meter(ctx)
	default:
		return fmt.Errorf("%s is %q, which is no role", roleVariable, role)
	}
}

// settings are the command line.
type settings struct {
	sizes         []int
	runs          int
	terraform     string
	httpProvider  string
	frameworkMost int
	httpMost      int
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	sizes := flags.String("sizes", "2000,20000", "`numbers` of sessions, separated by commas")
	flags.IntVar(&s.runs, "runs", 3, "how often each contender runs; the median counts")
	flags.StringVar(&s.terraform, "terraform", "terraform", "`command` to apply with")
	flags.StringVar(&s.httpProvider, "http-provider", "", "`file` that is hashicorp/http, to be measured as well")
	flags.IntVar(&s.frameworkMost, "framework-most", 100_000, "most `sessions` that the framework's own path is measured with")
	flags.IntVar(&s.httpMost, "http-most", 20_000, "most `sessions` that hashicorp/http is measured with")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(size))
		if err != nil || n < 1 {
			return s, fmt.Errorf("-sizes %s: want positive numbers separated by commas", *sizes)
		}
		s.sizes = append(s.sizes, n)
	}
	if s.runs < 1 {
		return s, fmt.Errorf("-runs %d: want at least 1", s.runs)
	}
	return s, nil
}
