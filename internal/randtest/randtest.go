// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package randtest has a flag repeat what a random test met.
package randtest

import (
	"flag"
	"fmt"
	"iter"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

var replayed = flag.String("seed", "", "run a random test with this seed alone")

// Replayed returns the seed of the flag, and whether it is set. Sums over many rounds then show nothing.
func Replayed(t testing.TB) (seed uint64, ok bool) {
	t.Helper()
	if *replayed == "" {
		return 0, false
	}
	seed, err := strconv.ParseUint(*replayed, 10, 64)
	if err != nil {
		t.Fatalf("-seed %s: %v", *replayed, err)
	}
	return seed, true
}

// Seeds returns so many random seeds, or that of the flag alone. It stops at the seed at which the test fails, and
// says how to repeat it.
func Seeds(t testing.TB, rounds int) iter.Seq[uint64] {
	t.Helper()
	return func(yield func(uint64) bool) {
		one, replay := Replayed(t)
		if replay {
			rounds = 1
		}
		var seed uint64
		t.Cleanup(func() {
			if t.Failed() {
				t.Log(Repeat(t, seed))
			}
		})
		for range rounds {
			if seed = one; !replay {
				seed = rand.Uint64() //nolint:gosec // a seed of tests is no secret
			}
			if !yield(seed) || t.Failed() {
				return
			}
		}
	}
}

// Repeat says how to run a test again with a seed.
func Repeat(t testing.TB, seed uint64) string {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	return fmt.Sprintf("repeat it with -run '^%s$' -seed %d", name, seed)
}
