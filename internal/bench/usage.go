// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// usage is what applying took.
type usage struct {
	// cpu is that of Terraform and of all processes that it has started.
	wall, cpu time.Duration
	// peak is the provider's largest resident memory, in KiB; zero where there is
	// no provider.
	peak int64
	// rows are the sessions that the state counts.
	rows int
}

// String implements [fmt.Stringer].
func (u usage) String() string {
	return fmt.Sprintf("%d of them, %.2f s, CPU %.2f s, provider's peak %d MB", u.rows, u.wall.Seconds(), u.cpu.Seconds(), u.peak/1024)
}

// folderVariable names the bench's folder to the meter.
const folderVariable = "ROCKETCHAT_BENCH_FOLDER"

// peaks is the file that meters add to.
const peaks = "peaks"

// meter is a provider's parent, since a process's peak is not less than that of
// its parent at its start, and Terraform is large. It adds a line with the
// peak in KiB to a file.
func meter(ctx context.Context, folder string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(folder, providerName), os.Args[1:]...) //nolint:gosec // the bench names the folder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := cmd.Run()
	if cmd.ProcessState == nil {
		return failed
	}
	used, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return errors.Join(failed, errors.New("the provider's peak is not known"))
	}
	peak := used.Maxrss
	if runtime.GOOS == "darwin" {
		peak /= 1024 // bytes there, KiB elsewhere
	}
	file, err := os.OpenFile(filepath.Join(folder, peaks), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the bench's own
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, peak)
	return errors.Join(failed, err, file.Close())
}

// readPeak is the largest of the provider's processes, of which Terraform
// starts several.
func readPeak(name string) (most int64, err error) {
	text, err := os.ReadFile(name) //nolint:gosec // the bench's own
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	for line := range strings.FieldsSeq(string(text)) {
		peak, wrong := strconv.ParseInt(line, 10, 64)
		most, err = max(most, peak), errors.Join(err, wrong)
	}
	return most, err
}

// measured are the usages of each configuration, one a round.
type measured map[string][]usage

const tableHead = "| sessions | applied | against | time | CPU | provider's peak | against |\n|---:|---|---|---:|---:|---:|---:|\n"

// table returns a row for each comparison.
func (m measured) table(size int) string {
	var b strings.Builder
	for _, pair := range comparisons {
		of, against := m[pair[0]], m[pair[1]]
		fmt.Fprintf(&b, "| %d | %s | %s | %.2f | %.2f | %.0f MB | %.0f MB |\n", size, pair[0], pair[1],
			ratio(of, against, func(u usage) time.Duration { return u.wall }),
			ratio(of, against, func(u usage) time.Duration { return u.cpu }), peak(of), peak(against))
	}
	return b.String()
}

// ratio is the median of the ratios of every round, since the load of the
// machine changes from round to round.
func ratio(of, against []usage, value func(usage) time.Duration) float64 {
	return median(len(of), func(i int) float64 { return value(of[i]).Seconds() / value(against[i]).Seconds() })
}

// peak is the median in MB.
func peak(of []usage) float64 {
	return median(len(of), func(i int) float64 { return float64(of[i].peak) / 1024 })
}

// median is the upper one of an even number.
func median(count int, value func(int) float64) float64 {
	all := make([]float64, count)
	for i := range all {
		all[i] = value(i)
	}
	slices.Sort(all)
	return all[count/2]
}
