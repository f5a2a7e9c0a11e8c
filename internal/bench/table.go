// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func wall(u usage) float64 { return u.wall.Seconds() }
func cpu(u usage) float64  { return u.cpu.Seconds() }
func peak(u usage) float64 { return float64(u.peak) / 1024 }

// median of what one contender took.
func (m measured) median(name string, of func(usage) float64) float64 {
	var all []float64
	for _, u := range m[name] {
		all = append(all, of(u))
	}
	return median(all)
}

// ratio is the median of the ratios of every round, since the load of the
// machine changes from round to round.
func (m measured) ratio(name, to string, of func(usage) float64) float64 {
	var all []float64
	for i := range min(len(m[name]), len(m[to])) {
		all = append(all, of(m[name][i])/of(m[to][i]))
	}
	return median(all)
}

// median is NaN-free: zero stands for nothing measured.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	middle := len(all) / 2
	if len(all)%2 == 0 {
		return (all[middle-1] + all[middle]) / 2
	}
	return all[middle]
}

// tables are the results as Markdown.
func tables(results []result, far measured) string {
	var b strings.Builder
	b.WriteString("| sessions | apply ÷ `jsondecode(file(…))`: time | CPU | apply ÷ framework's own path: time | CPU " +
		"| apply ÷ `hashicorp/http`: time | CPU | reading ÷ bare loop: CPU | provider's peak | framework's own path, peak |\n")
	b.WriteString("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %d |", r.size)
		for _, other := range []string{applyFile, applyFramework, applyHTTP} {
			fmt.Fprintf(&b, " %s | %s |", number("%.2f", r.ratio(applyProvider, other, wall)), number("%.2f", r.ratio(applyProvider, other, cpu)))
		}
		fmt.Fprintf(&b, " %s | %s | %s |\n", number("%.2f", r.ratio(readClient, readBareLoop, cpu)),
			number("%.0f MB", r.median(applyProvider, peak)), number("%.0f MB", r.median(applyFramework, peak)))
	}
	for i := 1; i < len(results); i++ {
		before, after := results[i-1], results[i]
		fmt.Fprintf(&b, "\nTo apply %d sessions takes %.1f times as long as %d, and %.1f times the CPU time, for %.1f times the sessions.\n",
			after.size, after.median(applyProvider, wall)/before.median(applyProvider, wall), before.size,
			after.median(applyProvider, cpu)/before.median(applyProvider, cpu), float64(after.size)/float64(before.size))
	}
	fmt.Fprintf(&b, "\n%d sessions at a distance of %d ms: %d requests at the same time are %.1f times as fast as one after another.\n",
		farSize, farLatency/time.Millisecond, together, far.ratio(readOneByOne, readTogether, wall))
	return b.String()
}

// number formats what was measured, and a dash for what was not.
func number(format string, n float64) string {
	if n == 0 {
		return "—"
	}
	return fmt.Sprintf(format, n)
}
