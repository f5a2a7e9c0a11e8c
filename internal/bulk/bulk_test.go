// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package bulk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
)

// message encodes pairs of names and values as an object at the top of a schema.
func message(t *testing.T, pairs ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := msgpack.NewEncoder(&b)
	if err := enc.EncodeMapLen(len(pairs) / 2); err != nil {
		t.Fatal(err)
	}
	for _, v := range pairs {
		if err := enc.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// texts is a list of texts for an attribute.
func texts(attribute string, rows ...string) *List {
	return &List{
		Attribute: attribute, Len: len(rows),
		Encode: func(enc *msgpack.Encoder, i int) error { return enc.EncodeString(rows[i]) },
	}
}

func mustSplice(t *testing.T, message []byte, list *List) []byte {
	t.Helper()
	size, err := list.size()
	if err != nil {
		t.Fatal(err)
	}
	got, err := splice(message, list, size)
	if err != nil {
		t.Fatal(err)
	}
	if cap(got) != len(got) {
		t.Errorf("the message of %d bytes was allocated as %d", len(got), cap(got))
	}
	return got
}

func TestSplice_replacesTheAttributeAlone(t *testing.T) {
	t.Parallel()
	none, rows := []any{}, []any{"a", "b"}
	for name, c := range map[string]struct{ from, want []byte }{
		"first":  {message(t, "rows", none, "x", 1, "y", nil), message(t, "rows", rows, "x", 1, "y", nil)},
		"middle": {message(t, "x", 1, "rows", none, "y", nil), message(t, "x", 1, "rows", rows, "y", nil)},
		"last":   {message(t, "x", 1, "y", nil, "rows", none), message(t, "x", 1, "y", nil, "rows", rows)},
		"alone":  {message(t, "rows", none), message(t, "rows", rows)},
		"null":   {message(t, "rows", nil, "x", true), message(t, "rows", rows, "x", true)},
		"filled": {message(t, "rows", []any{1, "two", nil}, "x", true), message(t, "rows", rows, "x", true)},
		"name elsewhere": {
			message(t, "a", map[string]any{"rows": 1}, "b", "rows", "c", []any{"rows"}, "rows", none),
			message(t, "a", map[string]any{"rows": 1}, "b", "rows", "c", []any{"rows"}, "rows", rows),
		},
		"every kind before it": {
			message(t, "a", -1, "b", 1.5, "c", []byte{1, 2}, "d", []any{[]any{}, map[string]any{}}, "e", uint64(1<<63), "rows", none),
			message(t, "a", -1, "b", 1.5, "c", []byte{1, 2}, "d", []any{[]any{}, map[string]any{}}, "e", uint64(1<<63), "rows", rows),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := mustSplice(t, c.from, texts("rows", "a", "b")); !bytes.Equal(got, c.want) {
				t.Errorf("got  %x\nwant %x", got, c.want)
			}
		})
	}
}

// Objects, lists and texts have headers of one to five bytes.
func TestSplice_knowsEverySizeOfHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ attributes, rows, name, text int }{
		{1, 1, 1, 0},
		{2, 0, 31, 1},
		{15, 15, 32, 31},
		{16, 16, 255, 32},
		{17, 17, 256, 255},
		{3, 65_535, 65_535, 1},
		{3, 65_536, 1, 1},
		{65_535, 1, 65_536, 65_535},
		{65_536, 1, 2, 65_536},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			t.Parallel()
			list := slices.Repeat([]string{strings.Repeat("ä", c.text)}, c.rows)
			name := strings.Repeat("n", c.name)
			var others []any
			for i := range c.attributes - 1 {
				others = append(others, fmt.Sprintf("a%d", i), i)
			}
			from := message(t, slices.Concat(others, []any{name, []any{}})...)
			want := message(t, slices.Concat(others, []any{name, list})...)
			if got := mustSplice(t, from, texts(name, list...)); !bytes.Equal(got, want) {
				t.Error("the message differs")
			}
		})
	}
}

func TestSplice_refusesADamagedMessage(t *testing.T) {
	t.Parallel()
	whole := message(t, "x", 1, "y", "text", "rows", []any{"old"})
	for i := range whole {
		if _, err := splice(whole[:i], texts("rows", "a"), 3); err == nil {
			t.Errorf("the first %d of %d bytes pass", i, len(whole))
		}
	}
	for name, damaged := range map[string][]byte{
		"nothing":        nil,
		"null":           {0xc0},
		"a list":         {0x91, 0x01},
		"a text":         {0xa1, 'x'},
		"a name is none": {0x81, 0x01, 0x01},
		"reserved byte":  {0x82, 0xa1, 'x', 0xc1},
	} {
		if _, err := splice(damaged, texts("rows", "a"), 3); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func TestSplice_needsTheAttribute(t *testing.T) {
	t.Parallel()
	for name, m := range map[string][]byte{
		"others":           message(t, "x", 1, "row", nil, "rowss", nil),
		"none":             message(t),
		"further down":     message(t, "x", map[string]any{"rows": nil}),
		"null as a whole":  {0xc0},
		"value, not a key": message(t, "x", "rows"),
	} {
		_, err := splice(m, texts("rows", "a"), 3)
		if !errors.Is(err, errNoAttribute) {
			t.Errorf("%s: got the error %v", name, err)
		}
	}
}

func TestEncode_namesTheRow(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	list := &List{Attribute: "rows", Len: 3, Encode: func(enc *msgpack.Encoder, i int) error {
		if i == 2 {
			return broken
		}
		return enc.EncodeNil()
	}}
	if _, err := list.size(); !errors.Is(err, broken) || err.Error() != "row 2: broken" {
		t.Errorf("size: got the error %v", err)
	}
	if _, err := splice(message(t, "rows", nil), list, 0); !errors.Is(err, broken) {
		t.Errorf("splice: got the error %v", err)
	}
	if err := list.encode(fullDisk{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("encode: got the error %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// BenchmarkSplice writes a list of 100,000 rows into a message.
func BenchmarkSplice(b *testing.B) {
	list := &List{Attribute: "rows", Len: 100_000, Encode: func(enc *msgpack.Encoder, _ int) error {
		return enc.EncodeString("a text of thirty-two characters!")
	}}
	m := []byte("\x81\xa4rows\xc0")
	b.ReportAllocs()
	for b.Loop() {
		size, err := list.size()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := splice(m, list, size); err != nil {
			b.Fatal(err)
		}
	}
}
