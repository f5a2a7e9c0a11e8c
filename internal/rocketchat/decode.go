// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

// noTotal is the total of a response that has none, as that of roles.list.
const noTotal = math.MinInt

// What more than one function, or a test, knows to be wrong with a response.
var (
	errTotal = errors.New(`the response has no "total" that is a number of rows`)
	errNoID  = errors.New("it has no ID")
	// errNoSuccess is a response with a good status that says success:false.
	errNoSuccess           = errors.New("the server says that it did not succeed")
	errTooManyRows   error = sizeError("the response has more rows than were asked for")
	errValueTooLarge error = sizeError(fmt.Sprintf("a value of the response is larger than %d MiB", maxValueBytes>>20))
)

// decodeList reads a response with a list of rows under a name, row by row. It stops
// after maxRows of them, because millions of empty rows fit into a response and would
// take gigabytes, and at the first row that check refuses, if it is not nil.
func decodeList[T any](body []byte, name string, maxRows int, check func(*T) error) (rows []*T, total int, err error) {
	var (
		dec     = jsontext.NewDecoder(bytes.NewBuffer(body), exactKeys())
		success = true
		listed  bool
	)
	total = noTotal
	if opening, err := dec.ReadToken(); err != nil || opening.Kind() != jsontext.KindBeginObject {
		return nil, 0, errors.New("the response is not a JSON object")
	}
	for dec.PeekKind() == jsontext.KindString {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, 0, err
		}
		key := token.String()
		switch key {
		case name:
			if listed {
				return nil, 0, fmt.Errorf("the response has %q twice", name)
			}
			rows, listed, err = decodeRows(dec, maxRows, check)
		case "total":
			err = decodeValue(dec, &total)
		case "success":
			err = decodeValue(dec, &success)
		default:
			err = decodeValue(dec, new(skipped))
		}
		if err != nil {
			return nil, 0, fmt.Errorf("%s: %w", key, err)
		}
	}
	if _, err := dec.ReadToken(); err != nil { // the closing brace
		return nil, 0, err
	}
	switch _, err := dec.ReadToken(); {
	case !errors.Is(err, io.EOF):
		return nil, 0, errors.New("something follows the JSON object of the response")
	case !success:
		return nil, 0, errNoSuccess
	case !listed:
		return nil, 0, fmt.Errorf("the response has no %q", name)
	case total != noTotal && total < 0:
		return nil, 0, errTotal
	}
	return rows, total, nil
}

// maxValueBytes bounds one row, and every other value: a row takes less than a kilobyte.
const maxValueBytes = 1 << 20

// skipped is a value that nobody reads.
type skipped struct{}

// UnmarshalJSONFrom implements [json.UnmarshalerFrom].
func (*skipped) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return dec.SkipValue() }

// decodeValue decodes the next value, if it is not too large.
func decodeValue(dec *jsontext.Decoder, into any) error {
	start := dec.InputOffset()
	if err := json.UnmarshalDecode(dec, into); err != nil {
		return err
	}
	if dec.InputOffset()-start > maxValueBytes {
		return errValueTooLarge
	}
	return nil
}

// decodeRows reads an array of objects; false for null.
func decodeRows[T any](dec *jsontext.Decoder, maxRows int, check func(*T) error) (rows []*T, listed bool, err error) {
	switch token, err := dec.ReadToken(); {
	case err != nil:
		return nil, false, err
	case token.Kind() == jsontext.KindNull:
		return nil, false, nil
	case token.Kind() != jsontext.KindBeginArray:
		return nil, false, errors.New("is not a list")
	}
	for dec.PeekKind() != jsontext.KindEndArray {
		if len(rows) == maxRows { //mutate:row-bound
			return nil, false, fmt.Errorf("%w, which is %d at most", errTooManyRows, maxRows)
		}
		var row *T
		if err := decodeValue(dec, &row); err != nil {
			return nil, false, err
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
	_, err = dec.ReadToken() // the closing bracket
	return rows, true, err
}

// exactKeys are the options of encoding/json but for the case of keys: that one takes
// "Success" for "success", so that the last of both would decide.
func exactKeys() json.Options {
	return json.JoinOptions(jsonv1.DefaultOptionsV1(), json.MatchCaseInsensitiveNames(false))
}

func unmarshal(text []byte, into any) error {
	return json.Unmarshal(text, into, exactKeys())
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
