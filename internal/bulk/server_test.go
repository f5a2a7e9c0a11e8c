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

// call is either of the two calls: what it returns, given what the framework
// returns, with most as the bound of a message.
type call func(ctx context.Context, most int, framework func(context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error)) (
	*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error)

func calls() map[string]call {
	type response = func(context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error)
	return map[string]call{
		"data source": func(ctx context.Context, most int, framework response) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
			s := &Server{most: most, FullServer: stub{read: func(ctx context.Context) (*tfprotov6.ReadDataSourceResponse, error) {
				value, diags, err := framework(ctx)
				return &tfprotov6.ReadDataSourceResponse{State: value, Diagnostics: diags}, err
			}}}
			resp, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{})
			return resp.State, resp.Diagnostics, err
		},
		"ephemeral resource": func(ctx context.Context, most int, framework response) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
			s := &Server{most: most, FullServer: stub{open: func(ctx context.Context) (*tfprotov6.OpenEphemeralResourceResponse, error) {
				value, diags, err := framework(ctx)
				return &tfprotov6.OpenEphemeralResourceResponse{Result: value, Diagnostics: diags}, err
			}}}
			resp, err := s.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{})
			return resp.Result, resp.Diagnostics, err
		},
	}
}

func diagnostic(severity tfprotov6.DiagnosticSeverity) *tfprotov6.Diagnostic {
	return &tfprotov6.Diagnostic{
		Severity: severity, Summary: "the summary", Detail: "the detail",
		Attribute: tftypes.NewAttributePath().WithAttributeName("filter"),
	}
}

func TestServer_fillsTheList(t *testing.T) {
	t.Parallel()
	for kind, call := range calls() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			warning := diagnostic(tfprotov6.DiagnosticSeverityWarning)
			var kept *List
			value, diags, err := call(t.Context(), 100, func(ctx context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
				kept, _ = ctx.Value(listKey{}).(*List)
				mustDefer(ctx, t, texts("rows", "a", "b"))
				return &tfprotov6.DynamicValue{MsgPack: message(t, "rows", []any{}, "x", 1)}, []*tfprotov6.Diagnostic{warning}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if want := message(t, "rows", []any{"a", "b"}, "x", 1); !bytes.Equal(value.MsgPack, want) || value.JSON != nil {
				t.Errorf("got %x, want %x", value.MsgPack, want)
			}
			if len(diags) != 1 || diags[0] != warning {
				t.Errorf("got the diagnostics %v", diags)
			}
			if kept.Encode != nil {
				t.Error("the rows are held after the call")
			}
		})
	}
}

// TestServer_passesOn is all that must come out as the framework gave it.
func TestServer_passesOn(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		list  *List
		diags []*tfprotov6.Diagnostic
		err   error
	}{
		"no list":         {},
		"no list, warned": {diags: []*tfprotov6.Diagnostic{diagnostic(tfprotov6.DiagnosticSeverityWarning)}},
		"an error": {diags: []*tfprotov6.Diagnostic{
			diagnostic(tfprotov6.DiagnosticSeverityWarning), diagnostic(tfprotov6.DiagnosticSeverityError),
		}},
		"a list, an error":  {list: texts("rows", "a"), diags: []*tfprotov6.Diagnostic{diagnostic(tfprotov6.DiagnosticSeverityError)}},
		"a failure":         {err: failed},
		"a list, a failure": {list: texts("rows", "a"), err: failed},
	} {
		for kind, call := range calls() {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				given := &tfprotov6.DynamicValue{MsgPack: message(t, "rows", []any{}, "x", 1)}
				value, diags, err := call(t.Context(), 100, func(ctx context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
					if c.list != nil {
						mustDefer(ctx, t, c.list)
					}
					return given, c.diags, c.err
				})
				if value != given || !errors.Is(err, c.err) {
					t.Errorf("got %v and the error %v", value, err)
				}
				if len(diags) != len(c.diags) {
					t.Fatalf("got the diagnostics %v", diags)
				}
				for i := range diags {
					if diags[i] != c.diags[i] {
						t.Errorf("diagnostic %d is another", i)
					}
				}
			})
		}
	}
}

func TestServer_refusesAListTooLarge(t *testing.T) {
	t.Parallel()
	const size = 5 // a header, and two texts of one character
	for kind, call := range calls() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, most := range []int{size - 1, size} {
				encoded := 0
				_, diags, err := call(t.Context(), most, func(ctx context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
					list := texts("rows", "a", "b")
					encode := list.Encode
					list.Encode = func(enc *msgpack.Encoder, i int) error {
						encoded++
						return encode(enc, i)
					}
					list.TooLarge = func(size, most int) (string, string) {
						return "too large", fmt.Sprintf("%d of %d", size, most)
					}
					mustDefer(ctx, t, list)
					return &tfprotov6.DynamicValue{MsgPack: message(t, "rows", nil)}, nil, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if most >= size {
					if len(diags) > 0 {
						t.Errorf("a list that just fits gives %v", diags[0])
					}
					continue
				}
				want := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "too large", Detail: "5 of 4"}}
				if diff := cmp.Diff(want, diags); diff != "" {
					t.Errorf("diagnostics (-want +got):\n%s", diff)
				}
				if encoded != 2 {
					t.Errorf("rows were encoded %d times, want 2: only to be counted", encoded)
				}
			}
		})
	}
}

func TestServer_saysWhatItCannotEncode(t *testing.T) {
	t.Parallel()
	unencodable := texts("rows", "a")
	unencodable.Encode = func(*msgpack.Encoder, int) error { return errors.New("no such row") }
	for name, c := range map[string]struct {
		list   *List
		detail string
	}{
		"row":       {unencodable, "row 0: no such row"},
		"attribute": {texts("lines", "a"), `attribute "lines": the message has no such attribute`},
	} {
		for kind, call := range calls() {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				_, diags, err := call(t.Context(), 100, func(ctx context.Context) (*tfprotov6.DynamicValue, []*tfprotov6.Diagnostic, error) {
					mustDefer(ctx, t, c.list)
					return &tfprotov6.DynamicValue{MsgPack: message(t, "rows", nil)}, nil, nil
				})
				if err != nil {
					t.Fatal(err)
				}
				want := []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: cannotEncode, Detail: c.detail}}
				if diff := cmp.Diff(want, diags); diff != "" {
					t.Errorf("diagnostics (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func mustDefer(ctx context.Context, t *testing.T, list *List) {
	t.Helper()
	if deferred, err := Defer(ctx, list); err != nil || !deferred {
		t.Errorf("deferred: %t, %v", deferred, err)
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
