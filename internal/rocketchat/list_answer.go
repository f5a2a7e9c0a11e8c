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
	// total is nil where the answer has none, as roles.list.
	total *int
}

// decodeList reads an answer that lists rows below a name, one row after the
// other, and stops at more than maxRows of them: millions of empty rows fit into
// the bytes of an answer and would take gigabytes.
func decodeList[T any](body []byte, name string, maxRows int) (answer listAnswer[T], err error) {
	var (
		dec     = json.NewDecoder(bytes.NewReader(body))
		success *bool
		listed  bool
	)
	if token, err := dec.Token(); err != nil || token != json.Delim('{') {
		return answer, errors.Join(errNoObject, err)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return answer, err
		}
		switch key {
		case name:
			answer.rows, listed, err = decodeRows[T](dec, maxRows)
		case "total":
			err = dec.Decode(&answer.total)
		case "success":
			err = dec.Decode(&success)
		default:
			err = dec.Decode(&json.RawMessage{})
		}
		if err != nil {
			return answer, fmt.Errorf("%v: %w", key, err)
		}
	}
	if _, err := dec.Token(); err != nil { // the closing brace
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
	errNoObject       = errors.New("the answer is no JSON object")
	errMoreThanObject = errors.New("something follows the JSON object of the answer")
)

// decodeRows reads an array of objects; false for null.
func decodeRows[T any](dec *json.Decoder, maxRows int) (rows []*T, listed bool, err error) {
	switch token, err := dec.Token(); {
	case err != nil:
		return nil, false, err
	case token == nil:
		return nil, false, nil
	case token != json.Delim('['):
		return nil, false, errors.New("is no list")
	}
	for dec.More() {
		if len(rows) == maxRows {
			return nil, false, fmt.Errorf("has more than %d rows: %w", maxRows, errTooLarge)
		}
		var row *T
		if err := dec.Decode(&row); err != nil {
			return nil, false, err
		}
		if row == nil {
			return nil, false, fmt.Errorf("row %d is null", len(rows))
		}
		rows = append(rows, row)
	}
	_, err = dec.Token()
	return rows, true, err
}
