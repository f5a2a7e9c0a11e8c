// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"

	"github.com/terraform-rocketchat/terraform-provider-rocketchat/internal/sessions"
)

// BenchmarkSummarize summarizes a list as Terraform sends it, and has the framework decode the same.
func BenchmarkSummarize(b *testing.B) {
	const rows = 10_000
	object := newRowObject(sessions.Fields())
	typ, err := types.ListType{ElemType: object.terraformType()}.TerraformType(b.Context()).MarshalJSON() //nolint:staticcheck // the wire needs it
	if err != nil {
		b.Fatal(err)
	}
	var list bytes.Buffer
	enc := msgpack.NewEncoder(&list)
	steps := []error{enc.EncodeArrayLen(2), enc.EncodeBytes(typ), enc.EncodeArrayLen(rows)}
	for _, s := range syntheticSessions(b, rows, 1) {
		steps = append(steps, object.encode(enc, s))
	}
	if err := errors.Join(steps...); err != nil {
		b.Fatal(err)
	}
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	}
	b.Run("summarize", func(b *testing.B) {
		server := NewServer("test")()
		b.ReportAllocs()
		for b.Loop() {
			resp, err := server.CallFunction(b.Context(), &tfprotov6.CallFunctionRequest{
				Name: "summarize", Arguments: []*tfprotov6.DynamicValue{{MsgPack: list.Bytes()}, {MsgPack: []byte{20}}},
			})
			if err != nil || resp.Error != nil {
				b.Fatal(err, resp.Error)
			}
		}
		perRow(b)
	})
	b.Run("framework", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			value, err := tfprotov6.DynamicValue{MsgPack: list.Bytes()}.Unmarshal(tftypes.DynamicPseudoType)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := types.DynamicType.ValueFromTerraform(b.Context(), value); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b)
	})
}
