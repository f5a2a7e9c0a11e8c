// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// noTotal is the total of a response that has none, as that of roles.list.
const noTotal = math.MinInt

// Errors that are not worth a repetition.
var (
	errTooManyRows   error = sizeError("the response has more rows than were asked for")
	errValueTooLarge error = sizeError(fmt.Sprintf("a value of the response is larger than %d MiB", maxValueBytes>>20))
)

// decodeList reads a response with a list of rows under a name, row by row. It stops
// after maxRows of them, because millions of empty rows fit into a response and would
// take gigabytes, and at the first row that check refuses, if it is not nil.
func decodeList[T any](body []byte, name string, maxRows int, check func(*T) error) (rows []*T, total int, err error) {
	var (
		values  = &valueReader{text: bytes.NewReader(exactKeys(body, keysOf(reflect.TypeFor[T]()))), left: maxValueBytes}
		dec     = json.NewDecoder(values)
		success = true
		listed  bool
		skipped json.RawMessage
	)
	total = noTotal
	if opening, err := dec.Token(); err != nil || opening != json.Delim('{') {
		return nil, 0, errNoObject
	}
	for dec.More() {
		values.left = maxValueBytes
		key, err := nextToken(dec)
		if err != nil {
			return nil, 0, err
		}
		switch key {
		case name:
			if listed {
				return nil, 0, fmt.Errorf("the response has %q twice", name)
			}
			rows, listed, err = decodeRows(dec, values, maxRows, check)
		case "total":
			err = dec.Decode(&total)
		case "success":
			err = dec.Decode(&success)
		default:
			err = dec.Decode(&skipped)
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := nextToken(dec); err != nil { // the closing brace
		return nil, 0, err
	}
	switch _, err := dec.Token(); {
	case !errors.Is(err, io.EOF):
		return nil, 0, errMoreThanObject
	case !success:
		return nil, 0, errNoSuccess
	case !listed:
		return nil, 0, fmt.Errorf("the response has no %q", name)
	case total != noTotal && total < 0:
		return nil, 0, errTotal
	}
	return rows, total, nil
}

var (
	errTotal          = errors.New(`the response has no "total" that is a number of rows`)
	errNoObject       = errors.New("the response is not a JSON object")
	errMoreThanObject = errors.New("something follows the JSON object of the response")
)

// maxValueBytes bounds one row, and every other value: a row takes less than a
// kilobyte, and the decoder keeps a whole value in memory, twice while it grows.
const maxValueBytes = 1 << 20

// valueReader ends a text whose next value is too large.
type valueReader struct {
	text *bytes.Reader
	// left is how many bytes more the value under way may take.
	left int
}

// Read implements [io.Reader].
func (v *valueReader) Read(p []byte) (int, error) {
	if v.left <= 0 && v.text.Len() > 0 {
		return 0, errValueTooLarge
	}
	n, err := v.text.Read(p[:min(len(p), max(v.left, 1))])
	v.left -= n
	return n, err
}

// decodeRows reads an array of objects; false for null.
func decodeRows[T any](dec *json.Decoder, values *valueReader, maxRows int, check func(*T) error) (rows []*T, listed bool, err error) {
	switch token, err := nextToken(dec); {
	case err != nil:
		return nil, false, err
	case token == nil:
		return nil, false, nil
	case token != json.Delim('['):
		return nil, false, errors.New("is not a list")
	}
	for dec.More() {
		if len(rows) == maxRows { //mutate:row-bound
			return nil, false, fmt.Errorf("%w, which is %d at most", errTooManyRows, maxRows)
		}
		values.left = maxValueBytes
		var row *T
		if err := dec.Decode(&row); err != nil {
			return nil, false, withinObject(err)
		}
		if row == nil {
			return nil, false, fmt.Errorf("row %d is null", len(rows))
		}
		if check != nil {
			if err := check(row); err != nil {
				return nil, false, fmt.Errorf("row %d: %w", len(rows), err)
			}
		}
		rows = append(rows, row)
	}
	_, err = nextToken(dec) // the closing bracket
	return rows, true, err
}

func nextToken(dec *json.Decoder) (json.Token, error) {
	token, err := dec.Token()
	return token, withinObject(err)
}

// withinObject has a text that ends there end too early.
func withinObject(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// unmarshal is [json.Unmarshal] for keys in exactly the case of the API's. That one takes
// "Success" for "success", so that the last of both would decide.
func unmarshal(text []byte, into any) error {
	return json.Unmarshal(exactKeys(text, keysOf(reflect.TypeOf(into))), into)
}

// unmarshalGood is unmarshal of a response that does not say success:false.
func unmarshalGood(text []byte, into any) error {
	status := struct {
		Success bool `json:"success"`
	}{Success: true}
	err := unmarshal(text, &status)
	if err == nil && !status.Success {
		err = errNoSuccess
	}
	return cmp.Or(err, unmarshal(text, into))
}

// exactKeys renames every key of a JSON text that equals one of keys except for its case.
// Neither the length changes nor text itself. In JSON, only a key is a string before a
// colon.
func exactKeys(text []byte, keys [][]byte) []byte {
	exact := text
	for at := 0; ; {
		from := bytes.IndexByte(text[at:], '"')
		if from < 0 {
			return exact
		}
		from += at
		at = stringEnd(text, from)
		isKey := bytes.HasPrefix(bytes.TrimLeft(text[at:], " \t\r\n"), []byte(":"))
		if !isKey || !isMisspelled(text[from:at], keys) {
			continue
		}
		if &exact[0] == &text[0] {
			exact = bytes.Clone(text)
		}
		exact[from+1] = '-'
	}
}

// stringEnd is the index after the string that begins at from.
func stringEnd(text []byte, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// isMisspelled reports whether a quoted key equals one of keys except for its case.
func isMisspelled(quoted []byte, keys [][]byte) bool {
	key := bytes.Trim(quoted, `"`)
	if bytes.IndexByte(key, '\\') >= 0 {
		var text string
		if json.Unmarshal(quoted, &text) != nil {
			return false
		}
		key = []byte(text)
	}
	like := func(known []byte) bool { return bytes.EqualFold(key, known) }
	at := slices.IndexFunc(keys, like)
	return at >= 0 && !bytes.Equal(key, keys[at])
}

var keysOfTypes sync.Map // reflect.Type to [][]byte

// keysOf are the keys that a type and the types of its fields name in their tags. No two
// of them are equal except for their case.
func keysOf(t reflect.Type) [][]byte {
	var keys [][]byte
	if known, ok := keysOfTypes.Load(t); ok {
		keys, _ = known.([][]byte)
		return keys
	}
	addKeys(t, &keys)
	keysOfTypes.Store(t, keys)
	return keys
}

func addKeys(t reflect.Type, keys *[][]byte) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		addKeys(t.Elem(), keys)
	case reflect.Struct:
		for field := range t.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				*keys = append(*keys, []byte(name))
			}
			if field.IsExported() {
				addKeys(field.Type, keys)
			}
		}
	}
}
