// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// listAnswer is an answer with a list of rows.
type listAnswer[T any] struct {
	rows []*T
	// total is nil if the answer has none, such as that of roles.list.
	total *int
}

// Errors that are not worth a repetition.
var (
	errTooManyRows   = errors.New("the answer has more rows than were asked for")
	errValueTooLarge = fmt.Errorf("a value of the answer is larger than %d MiB", maxValueBytes>>20)
)

// decodeList reads an answer with a list of rows under a name, row by row. It stops
// after maxRows of them, because millions of empty rows fit into an answer and would
// take gigabytes.
func decodeList[T any](body []byte, name string, maxRows int) (answer listAnswer[T], err error) {
	var (
		values  = &valueReader{text: bytes.NewReader(body), left: maxValueBytes}
		dec     = json.NewDecoder(values)
		success *bool
		listed  bool
	)
	if opening, err := dec.Token(); err != nil || opening != json.Delim('{') {
		return answer, errNoObject
	}
	for dec.More() {
		values.left = maxValueBytes
		key, err := nextToken(dec)
		if err != nil {
			return answer, err
		}
		switch key {
		case name:
			if listed {
				return answer, fmt.Errorf("the answer has %q twice", name)
			}
			answer.rows, listed, err = decodeRows[T](dec, values, maxRows)
		case "total":
			err = dec.Decode(&answer.total)
		case "success":
			err = dec.Decode(&success)
		default:
			err = dec.Decode(&ignored{})
		}
		if err != nil {
			return answer, fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := nextToken(dec); err != nil { // the closing brace
		return answer, err
	}
	switch _, err := dec.Token(); {
	case !errors.Is(err, io.EOF):
		return answer, errMoreThanObject
	case success != nil && !*success:
		return answer, errNoSuccess
	case !listed:
		return answer, fmt.Errorf("the answer has no %q", name)
	case answer.total != nil && *answer.total < 0:
		return answer, errTotal
	}
	return answer, nil
}

var (
	errTotal          = errors.New(`the answer has no "total" that is a number of rows`)
	errNoObject       = errors.New("the answer is not a JSON object")
	errMoreThanObject = errors.New("something follows the JSON object of the answer")
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
func decodeRows[T any](dec *json.Decoder, values *valueReader, maxRows int) (rows []*T, listed bool, err error) {
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

// ignored takes any value and keeps nothing of it.
type ignored struct{}

// UnmarshalJSON implements [json.Unmarshaler].
func (*ignored) UnmarshalJSON([]byte) error { return nil }
