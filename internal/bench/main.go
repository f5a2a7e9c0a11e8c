// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

// Command bench measures the whole of the provider, from the workspace's socket
// to Terraform's state. Configurations are applied in turns, and the ratios of
// each round printed as a Markdown table: the machine matters little to them.
//
//	go run ./internal/bench -sizes 20000,100000 -runs 3
//
// It needs Go, and terraform (or what -terraform names) on the PATH.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

func main() {
	log.SetFlags(0)
	sizes := flag.String("sizes", "2000,20000", "`numbers` of sessions, separated by commas")
	runs := flag.Int("runs", 3, "how often each configuration is applied; the median counts")
	terraform := flag.String("terraform", "terraform", "`command` to apply with")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if folder := os.Getenv(folderVariable); folder != "" {
		err = meter(ctx, folder)
	} else {
		flag.Parse()
		err = run(ctx, *sizes, *runs, *terraform)
	}
	stop()
	if err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, sizes string, runs int, terraform string) error {
	folder, err := os.MkdirTemp("", "rocketchat-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // nothing of it is needed
	b := &bench{folder: folder, runs: max(1, runs), terraform: terraform}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	var table strings.Builder
	table.WriteString(tableHead)
	for text := range strings.SplitSeq(sizes, ",") {
		size, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("-sizes %s: want numbers separated by commas", sizes)
		}
		m, err := b.measure(ctx, size)
		if err != nil {
			return fmt.Errorf("%d sessions: %w", size, err)
		}
		table.WriteString(m.table(size))
	}
	_, err = fmt.Print(table.String())
	return err
}
