// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestMutationsFollowTheCode: each mutation still finds its place, and changes it.
func TestMutationsFollowTheCode(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, m := range mutations {
		if seen[m.name] {
			t.Errorf("%s is there twice", m.name)
		}
		seen[m.name] = true
		source, err := os.ReadFile(filepath.Join("../..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if mutated, err := m.apply(string(source)); err != nil || mutated == string(source) {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

func TestMutationWithoutAPlace(t *testing.T) {
	t.Parallel()
	m := mutation{file: "walk.go", old: "a", new: "b"}
	for _, source := range []string{"", "a a"} {
		if _, err := m.apply(source); err == nil {
			t.Errorf("the mutation applied to %q", source)
		}
	}
}
