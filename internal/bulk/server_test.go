// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/vmihailenco/msgpack/v5"
)

// stub is a server of the framework of which a test writes two calls.
type stub struct {
	FullServer
	read func(context.Context) (*tfprotov6.ReadDataSourceResponse, error)
	open func(context.Context) (*tfprotov6.OpenEphemeralResourceResponse, error)
}

func (s stub) ReadDataSource(ctx context.Context, _ *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return s.read(ctx)
}

func (s stub) OpenEphemeralResource(
	ctx context.Context, _ *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return s.open(ctx)
}

// response is what the framework returns for either call.
type response struct {
	value *tfprotov6.DynamicValue
	diags []*tfprotov6.Diagnostic
	err   error
}

// calls are the two calls, of a server whose messages have a bound, around a framework.
func calls() map[string]func(ctx context.Context, most int, framework func(context.Context) response) response {
	return map[string]func(ctx context.Context, most int, framework func(context.Context) response) response{
		"data source": func(ctx context.Context, most int, framework func(context.Context) response) response {
			s := &Server{most: most, FullServer: stub{read: func(ctx context.Context) (*tfprotov6.ReadDataSourceResponse, error) {
				r := framework(ctx)
				return &tfprotov6.ReadDataSourceResponse{State: r.value, Diagnostics: r.diags}, r.err
			}}}
			resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{})
			return response{resp.State, resp.Diagnostics, err}
		},
		"ephemeral resource": func(ctx context.Context, most int, framework func(context.Context) response) response {
			s := &Server{most: most, FullServer: stub{open: func(ctx context.Context) (*tfprotov6.OpenEphemeralResourceResponse, error) {
				r := framework(ctx)
				return &tfprotov6.OpenEphemeralResourceResponse{Result: r.value, Diagnostics: r.diags}, r.err
			}}}
			resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{})
			return response{resp.Result, resp.Diagnostics, err}
		},
	}
}

func TestServer_list(t *testing.T) {
	t.Parallel()
	const size = 5 // a header, and two texts of one character
	rows := func() *List {
		list := texts("rows", "a", "b")
		list.TooLarge = func(size, most int) (string, string) { return "too large", fmt.Sprintf("%d of %d", size, most) }
		return list
	}
	unencodable := texts("rows", "a")
	unencodable.Encode = func(*msgpack.Encoder, int) error { return errors.New("no such row") }
	failed := errors.New("failed")
	warning := &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "the summary", Detail: "the detail",
		Attribute: tftypes.NewAttributePath().WithAttributeName("filter"),
	}
	wrong := func(summary, detail string) []*tfprotov6.Diagnostic {
		return []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Detail: detail}}
	}
	warned, refused := []*tfprotov6.Diagnostic{warning}, append(wrong("refused", ""), warning)
	for name, c := range map[string]struct {
		list  *List
		most  int
		diags []*tfprotov6.Diagnostic
		err   error
		// filled reports that the list must be in the message, said what is said; encoded how often a row is.
		filled  bool
		said    []*tfprotov6.Diagnostic
		encoded int
	}{
		"filled":            {list: rows(), most: size, filled: true, encoded: 4},
		"filled, warned":    {list: rows(), most: 100, diags: warned, said: warned, filled: true, encoded: 4},
		"too large":         {list: rows(), most: size - 1, said: wrong("too large", "5 of 4"), encoded: 2}, // only to be counted
		"no such row":       {list: unencodable, most: 100, said: wrong(cannotEncode, "row 0: no such row"), encoded: 1},
		"no such attribute": {list: texts("lines", "a"), most: 100, said: wrong(cannotEncode, `attribute "lines": the message has no such attribute`), encoded: 1},
		"no list":           {},
		"no list, warned":   {diags: warned, said: warned},
		"no list, refused":  {diags: refused, said: refused},
		"a list, refused":   {list: rows(), most: 100, diags: refused, said: refused},
		"no list, failed":   {err: failed},
		"a list, failed":    {list: rows(), most: 100, err: failed},
	} {
		for kind, call := range calls() {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				given := &tfprotov6.DynamicValue{MsgPack: message(t, "rows", []any{}, "x", 1)}
				var kept *List
				encoded := 0
				got := call(t.Context(), c.most, func(ctx context.Context) response {
					kept, _ = ctx.Value(listKey{}).(*List)
					if c.list != nil {
						counting := *c.list
						counting.Encode = func(enc *msgpack.Encoder, i int) error {
							encoded++
							return c.list.Encode(enc, i)
						}
						if deferred, err := Defer(ctx, &counting); err != nil || !deferred {
							t.Errorf("deferred: %t, %v", deferred, err)
						}
					}
					return response{given, c.diags, c.err}
				})
				if !errors.Is(got.err, c.err) || encoded != c.encoded {
					t.Errorf("got the error %v; rows were encoded %d times, want %d", got.err, encoded, c.encoded)
				}
				if !c.filled && got.value != given {
					t.Errorf("got %v", got.value)
				}
				if want := message(t, "rows", []any{"a", "b"}, "x", 1); c.filled && (!bytes.Equal(got.value.MsgPack, want) || got.value.JSON != nil) {
					t.Errorf("got %x, want %x", got.value.MsgPack, want)
				}
				if diff := cmp.Diff(c.said, got.diags); diff != "" {
					t.Errorf("diagnostics (-want +got):\n%s", diff)
				}
				if kept.Encode != nil {
					t.Error("the rows are held after the call")
				}
			})
		}
	}
}

// Without a server of this package, nobody would write the list, and a silent way around it
// would be the framework's slow one.
func TestDefer_withoutAServer(t *testing.T) {
	t.Parallel()
	if deferred, err := Defer(t.Context(), texts("rows")); deferred || err == nil {
		t.Errorf("deferred: %t, %v", deferred, err)
	}
	if deferred, err := Defer(WithoutDeferral(t.Context()), texts("rows")); deferred || err != nil {
		t.Errorf("deferred on purpose: %t, %v", deferred, err)
	}
}
