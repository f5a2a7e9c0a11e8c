// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

// What the conversion does not know yet is an error, not a missing attribute.
func TestEphemeral_noTwinOfTheUnknown(t *testing.T) {
	t.Parallel()
	for _, source := range []schema.Schema{
		{Attributes: map[string]schema.Attribute{"ratio": schema.Float32Attribute{Optional: true}}},
		{Blocks: map[string]schema.Block{"ratio": schema.ListNestedBlock{}}},
		{Blocks: map[string]schema.Block{"ratio": schema.SingleNestedBlock{Attributes: map[string]schema.Attribute{"a": schema.Float32Attribute{}}}}},
	} {
		_, err := twinSchema(source)
		if err == nil {
			t.Fatal("no error")
		}
		mustContain(t, err.Error(), "ratio", "no ephemeral twin yet")
	}
}
