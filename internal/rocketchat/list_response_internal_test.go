// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Nothing here happens at the same time, so that the race detector would find
// nothing, and takes ten times as long.

//go:build !race

package rocketchat

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestDecode_list(t *testing.T) {
	t.Parallel()
	type row struct {
		ID string `json:"_id"`
	}
	for body, want := range map[string]string{
		`{"rows":[],"total":0}`: ``,
		` { "rows" : [ {"_id":"a"} , {"_id":"b"} ] , "x":[{}],"success":true} `: `a b`,
		`{"x":{"rows":[{}]},"\u0072ows":[{"_id":"a"}],"total":7}`:               `a`,
		`{"rows":[{"_id":"a"},{"_id":"b"},{"_id":"c"}]}`:                        `rows: the response has more rows than were asked for, which is 2 at most`,
		`{"rows":[{"_id":"a"}],"rows":[]}`:                                      `the response has "rows" twice`,
		`{"Rows":[{"_id":"a"}]}`:                                                `the response has no "rows"`,
		`{"rows":null}`:                                                         `the response has no "rows"`,
		`{"rows":{"a":1}}`:                                                      `rows: is not a list`,
		`{"rows":[null]}`:                                                       `rows: row 0 is null`,
		`{"rows":[{"_id":1}]}`:                                                  `rows: json: cannot unmarshal number into Go struct field .rows.0._id of type string`,
		`{"rows":[{}],"total":-1}`:                                              `the response has no "total" that is a number of rows`,
		`{"rows":[{}],"total":"1"}`:                                             `total: json: cannot unmarshal string into Go struct field int.total of type int`,
		`{"rows":[{}],"total":1.5}`:                                             `total: json: cannot unmarshal number 1.5 into Go struct field int.total of type int`,
		`{"rows":[{}],"success":false}`:                                         `the server says that it did not succeed`,
		`{"rows":[{}]}{}`:                                                       `something follows the JSON object of the response`,
		`{"rows":[{}]}<!-- -->`:                                                 `something follows the JSON object of the response`,
		`{"rows":[{},`:                                                          `rows: unexpected end of JSON input`,
		`{"rows":[{}]`:                                                          `jsontext: unexpected EOF after offset 12`,
		`[{"rows":[{}]}]`:                                                       `the response is not a JSON object`,
		``:                                                                      "the response is not a JSON object",
	} {
		rows, _, err := decodeList[row]([]byte(body), "rows", 2, nil)
		var got string
		if err != nil {
			got = err.Error()
		} else {
			var ids []string
			for _, r := range rows {
				ids = append(ids, r.ID)
			}
			got = strings.Join(ids, " ")
		}
		if got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", body, got, want)
		}
	}
}

// TestHostile_pagesTakeNoMemory has responses as large as the bound allows, most of
// which a gateway sends as a few kilobytes of gzip.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostile_pagesTakeNoMemory(t *testing.T) {
	size := 32 << 20
	if testing.Short() {
		size >>= 3
	}
	most := uint64(size) * 25 / 8 //nolint:gosec // positive
	fill := func(before, piece, after string) []byte {
		return []byte(before + strings.Repeat(piece, (size-len(before)-len(after))/len(piece)) + after)
	}
	rows := func(count int, inside string) []byte {
		row := fmt.Sprintf(`{"loginAt":null,"userId":%q},`, strings.Repeat(inside, size/count/len(inside)-40))
		return []byte(`{"sessions":[` + strings.TrimSuffix(strings.Repeat(row, count), ",") + fmt.Sprintf(`],"total":%d}`, count))
	}
	for name, tc := range map[string]struct {
		body []byte
		err  string
	}{
		"empty rows":                 {fill(`{"total":1,"sessions":[{}`, ",{}", `]}`), errTooManyRows.Error()},
		"null rows":                  {fill(`{"total":1,"sessions":[null`, ",null", `]}`), "row 0 is null"},
		"numbers":                    {fill(`{"total":1,"sessions":[0`, ",0", `]}`), "cannot unmarshal number"},
		"arrays":                     {fill(`{"total":1,"sessions":[[]`, ",[]", `]}`), "cannot unmarshal array"},
		"rows with everything":       {fill(`{"total":1,"sessions":[{}`, `,{"device":{"os":{}},"_user":{},"ip":"","host":""}`, `]}`), errTooManyRows.Error()},
		"under an escaped name":      {fill(`{"total":1,"\u0073essions":[{}`, ",{}", `]}`), errTooManyRows.Error()},
		"many lists":                 {fill(`{"total":1`, `,"sessions":[{},{},{},{},{},{},{}]`, `}`), `"sessions" twice`},
		"an unknown field":           {fill(`{"total":0,"sessions":[],"other":[{}`, ",{}", `]}`), errValueTooLarge.Error()},
		"an unknown field of a row":  {fill(`{"total":1,"sessions":[{"other":[{}`, ",{}", `]}]}`), errValueTooLarge.Error()},
		"a text":                     {rows(1, "a"), errValueTooLarge.Error()},
		"as many rows as were asked": {rows(countAsked, "a"), ""},
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := decodePage(tc.body, 0)
		runtime.ReadMemStats(&after)
		if err == nil && tc.err != "" || err != nil && (tc.err == "" || !strings.Contains(err.Error(), tc.err)) {
			t.Errorf("%s: %v, want %q", name, err, tc.err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("%s: decoding took %d MB", name, took>>20)
		} else {
			t.Logf("%s: %d MB", name, took>>20)
		}
	}
}
