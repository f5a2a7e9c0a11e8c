// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"time"
)

// usage is what a command took.
type usage struct {
	// cpu is that of the command and of all processes that it has started.
	wall, cpu time.Duration
	// peak is the provider's largest resident memory, in KiB; zero where there is
	// no provider.
	peak int64
}

// String implements [fmt.Stringer].
func (u usage) String() string {
	text := fmt.Sprintf("%.2f s, CPU %.2f s", u.wall.Seconds(), u.cpu.Seconds())
	if u.peak > 0 {
		text += fmt.Sprintf(", provider's peak %d MB", u.peak/1024)
	}
	return text
}

func cpuTime(state *os.ProcessState) time.Duration { return state.UserTime() + state.SystemTime() }
