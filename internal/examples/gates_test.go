// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// An output that is printed when the rules pass depends on each of them: Terraform plans
// and prints any other although a rule is broken.
func TestOutputOfAGateDependsOnEveryRule(t *testing.T) {
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

func hasPostcondition(block *hclsyntax.Block) bool {
	return slices.ContainsFunc(block.Body.Blocks, func(inner *hclsyntax.Block) bool {
		return inner.Type == "lifecycle" && slices.ContainsFunc(inner.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "postcondition" })
	})
}
