// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package bulk sends a long list from a provider to Terraform without building
// intermediate values. It knows nothing about the contents of the list.
//
// The framework creates a Go value, an attr.Value and a tftypes.Value of every
// string before it writes MessagePack, which costs more than everything else that a
// provider does with 100,000 objects. Instead, a data source or ephemeral resource
// behind [NewServer] leaves its long list empty in its result, and defers it by [Defer]
// with a function that encodes a row. The server then writes the rows
// directly into the message, in place of the empty list. The framework still handles
// schema, validation, configuration, every other attribute and all diagnostics.
//
// The bytes are those that the framework would have written; the provider's
// tests compare them.
package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vmihailenco/msgpack/v5"
)

// List is a long list that the server writes. The zero value is none.
type List struct {
	// Attribute is the list's name, at the top of the schema.
	Attribute string
	// Len is how many rows there are.
	Len int
	// Encode writes row i in Terraform's MessagePack: an object as a map in the order of
	// its attributes' names, null as nil.
	Encode func(enc *msgpack.Encoder, i int) error
	// TooLarge explains a list that does not fit into a message, given its size and the
	// limit in bytes.
	TooLarge func(size, most int) (summary, detail string)
}

type listKey struct{}

// errNoServer is an error because the framework would encode the list as well, but slowly, and
// nobody would notice.
var errNoServer = errors.New("no server of the package bulk is around the framework's, which would write the list")

// Defer has the server around the framework write the list. It returns false in a context
// of [WithoutDeferral], in which the framework must encode the list.
func Defer(ctx context.Context, list *List) (bool, error) {
	place, ok := ctx.Value(listKey{}).(*List)
	switch {
	case !ok:
		return false, errNoServer
	case place == nil:
		return false, nil
	default:
		*place = *list
		return true, nil
	}
}

// WithoutDeferral is for tests that compare the encoder with the framework's.
func WithoutDeferral(ctx context.Context) context.Context {
	return context.WithValue(ctx, listKey{}, (*List)(nil))
}

func withList(ctx context.Context) (context.Context, *List) {
	list := &List{}
	return context.WithValue(ctx, listKey{}, list), list
}

// clear releases the rows, because the framework keeps the context of every call until
// the provider stops.
func (l *List) clear() { *l = List{} }

// size is how many bytes the list takes.
func (l *List) size() (int, error) {
	var counted counter
	err := l.encode(&counted)
	return int(counted), err
}

func (l *List) encode(w io.Writer) error {
	enc := msgpack.NewEncoder(w)
	if err := enc.EncodeArrayLen(l.Len); err != nil {
		return err
	}
	for i := range l.Len {
		if err := l.Encode(enc, i); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// counter is a writer that counts.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// WriteByte spares the encoder a buffer.
func (c *counter) WriteByte(byte) error {
	*c++
	return nil
}

var errNoAttribute = errors.New("the message has no such attribute")

// splice returns message with the list in place of the attribute's value. size is that
// of the list, so that the result is allocated once.
func splice(message []byte, list *List, size int) ([]byte, error) {
	from, to, err := locate(message, list.Attribute)
	if err != nil {
		return nil, fmt.Errorf("attribute %q: %w", list.Attribute, err)
	}
	buffer := bytes.NewBuffer(make([]byte, 0, len(message)-(to-from)+size))
	buffer.Write(message[:from])
	if err := list.encode(buffer); err != nil {
		return nil, err
	}
	buffer.Write(message[to:])
	return buffer.Bytes(), nil
}

// locate finds the value of an attribute at the top of a message.
func locate(message []byte, attribute string) (from, to int, err error) {
	reader := bytes.NewReader(message)
	position := func() int { return len(message) - reader.Len() }
	dec := msgpack.NewDecoder(reader)
	n, err := dec.DecodeMapLen()
	if err != nil {
		return 0, 0, err
	}
	for range n {
		name, err := dec.DecodeString()
		if err != nil {
			return 0, 0, err
		}
		from = position()
		if err := dec.Skip(); err != nil {
			return 0, 0, err
		}
		if name == attribute {
			return from, position(), nil
		}
	}
	return 0, 0, errNoAttribute
}
