// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestDependencies: the client and the selection of sessions know nothing of
// Terraform, and the selection nothing of the network either.
func TestDependencies(t *testing.T) {
	t.Parallel()
	const module = "github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/"
	for name, forbidden := range map[string][]string{
		"rocketchat":     {"hashicorp/terraform", module + "provider"},
		"sessions":       {"hashicorp/terraform", module + "provider", module + "rocketchat", "net/http"},
		"rocketchattest": {"hashicorp/terraform", module + "provider", module + "rocketchat\n", module + "sessions"},
	} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+name).Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", name, err)
		}
		if !strings.Contains(string(out), module+name) {
			t.Errorf("go list -deps %s does not list itself: %s", name, out)
		}
		for _, path := range forbidden {
			if strings.Contains(string(out), path) {
				t.Errorf("%s depends on %s", name, path)
			}
		}
	}
}
