// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
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
