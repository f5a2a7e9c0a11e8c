// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/rocketchattest"
)

// An output that is printed when the rules pass depends on each of them: Terraform plans
// and prints any other although a rule is broken.
func TestGate_outputDependsOnEveryRule(t *testing.T) {
	t.Parallel()
	gates := 0
	for _, folder := range folders(t) {
		file := filepath.Join(examplesRoot, folder, "main.tf")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		body, _ := parsed.Body.(*hclsyntax.Body)
		var rules, depends []string
		var gate *hclsyntax.Block
		for _, block := range body.Blocks {
			switch {
			case block.Type == "output" && block.Labels[0] == "gate":
				gate = block
			case block.Type == "module":
				rules = append(rules, "module."+block.Labels[0])
			case hasPostcondition(block):
				rules = append(rules, block.Type+"."+strings.Join(block.Labels, "."))
			}
		}
		if gate == nil {
			continue
		}
		gates++
		if attribute, ok := gate.Body.Attributes["depends_on"]; ok {
			for _, traversal := range attribute.Expr.Variables() {
				depends = append(depends, string(traversal.SourceRange().SliceBytes(text)))
			}
		}
		slices.Sort(rules)
		slices.Sort(depends)
		if diff := cmp.Diff(rules, depends); diff != "" {
			t.Errorf("%s: the output does not depend on the rules (-want +got):\n%s", folder, diff)
		}
	}
	if gates < 5 {
		t.Errorf("there are %d gates, want at least 5", gates)
	}
}

// However many sessions break a rule, its message fits on a screen.
func TestGate_ofManyOffendersHas22Lines(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var rows []rocketchattest.Session
	for i := range 692 {
		name := fmt.Sprintf("old%d.offender", i*i%100) // 22 of them
		rows = append(rows, session(fmt.Sprintf("session%d", i), name, weeksAgo(now).Add(-time.Duration(i)*time.Second),
			from(fmt.Sprintf("10.0.0.%d", i%200))))
	}
	w := serve(t, rocketchattest.Options{Sessions: rows, RateLimit: rocketchattest.RateLimit{Off: true}})
	withFirst(t, func(t *testing.T, c cli) {
		status, said := prepare(t, c, "policies/gate").on(w).plan(t)
		if status != 1 || len(said) != 1 {
			t.Fatalf("exit code is %d with %v", status, said)
		}
		lines := strings.Split(said[0].Detail, "\n")
		if len(lines) != 22 || lines[0] != "692 of 692 sessions have not connected for 30 days:" {
			t.Fatalf("there are %d lines:\n%s", len(lines), said[0].Detail)
		}
		listed := 0
		for _, line := range lines[1:21] {
			listed += sessionsIn(line)
		}
		if want := fmt.Sprintf("  … and %d more sessions of 2 users", 692-listed); lines[21] != want {
			t.Errorf("the last line is %q, want %q", lines[21], want)
		}
	})
}

func hasPostcondition(block *hclsyntax.Block) bool {
	return slices.ContainsFunc(block.Body.Blocks, func(inner *hclsyntax.Block) bool {
		return inner.Type == "lifecycle" && slices.ContainsFunc(inner.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "postcondition" })
	})
}
