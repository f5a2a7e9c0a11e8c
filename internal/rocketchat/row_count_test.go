// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestHasMoreRows(t *testing.T) {
	t.Parallel()
	for body, rows := range map[string]int{
		`{"sessions":[]}`:                           0,
		`{"sessions":[ ],"other":[1,2,3]}`:          0,
		`{"sessions":[{}]}`:                         1,
		`{"sessions":[{},{}]}`:                      2,
		`{ "SESSIONS" : [ null , 7, "a,b", [1,2]]}`: 4,
		`{"\u0073essions":[{},{}]}`:                 2,
		`{"ſessionſ":[{},{}]}`:                      2,
		`{"sessions":[{}],"sessions":[{},{}]}`:      3,
		`{"sessions":[{"a":[1,2,{"b":[1,2]}]},{"c":"]}\\"},{"d":"\"]}"}],"x":1}`: 3,
		`{"a":"sessions","other":[{},{}],"b":{"sessions":[1,2,3]}}`:              0,
		`{"sessions":{"a":1,"b":2}}`:                                             0,
		`{"sessions":[{},{`:                                                      2,
		`{"sessions`:                                                             0,
		`{"sessions":[{"a\`:                                                      1,
		``:                                                                       0,
	} {
		// So many commas elsewhere that the rows are counted.
		padded := strings.TrimSuffix(body, "}")
		if padded != body {
			padded += `,"pad":"` + strings.Repeat(",", 10) + `"}`
		}
		for _, bound := range []int{rows - 1, rows, rows + 1} {
			if bound < 0 {
				continue
			}
			want := rows > bound && strings.Count(padded, ",") >= bound
			if got := hasMoreRows([]byte(padded), bound); got != want {
				t.Errorf("hasMoreRows(%s, %d) = %t, want %t", padded, bound, got, want)
			}
		}
	}
}

// TestHostilePagesTakeNoMemory has answers as large as the bound allows, most of
// which a gateway sends as a few kilobytes of gzip.
//
//nolint:paralleltest // measures the memory of the whole process
func TestHostilePagesTakeNoMemory(t *testing.T) {
	const size, most = 32 << 20, 100 << 20
	fill := func(before, piece, after string) []byte {
		return []byte(before + strings.Repeat(piece, (size-len(before)-len(after))/len(piece)) + after)
	}
	rows := func(count int, inside string) []byte {
		row := fmt.Sprintf(`{"loginAt":null,"userId":%q},`, strings.Repeat(inside, size/count/len(inside)-40))
		return []byte(`{"sessions":[` + strings.TrimSuffix(strings.Repeat(row, count), ",") + fmt.Sprintf(`],"total":%d}`, count))
	}
	for name, tc := range map[string]struct {
		body []byte
		err  error
	}{
		"empty rows":                 {fill(`{"total":1,"sessions":[{}`, ",{}", `]}`), errTooManyRows},
		"null rows":                  {fill(`{"total":1,"sessions":[null`, ",null", `]}`), errTooManyRows},
		"numbers":                    {fill(`{"total":1,"sessions":[0`, ",0", `]}`), errTooManyRows},
		"arrays":                     {fill(`{"total":1,"sessions":[[]`, ",[]", `]}`), errTooManyRows},
		"rows with everything":       {fill(`{"total":1,"sessions":[{}`, `,{"device":{"os":{}},"_user":{},"ip":"","host":""}`, `]}`), errTooManyRows},
		"under an escaped name":      {fill(`{"total":1,"\u0053essions":[{}`, ",{}", `]}`), errTooManyRows},
		"many lists":                 {fill(`{"total":1`, `,"sessions":[{},{},{},{},{},{},{}]`, `}`), errTooManyRows},
		"an unknown field":           {fill(`{"total":0,"sessions":[],"other":[{}`, ",{}", `]}`), nil},
		"an unknown field of a row":  {fill(`{"total":1,"sessions":[{"other":[{}`, ",{}", `]}]}`), nil},
		"a text":                     {rows(1, "a"), nil},
		"as many rows as were asked": {rows(countAsked, "a"), nil},
	} {
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := decodePage(tc.body, 0)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tc.err) {
			t.Errorf("%s: %v, want %v", name, err, tc.err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > most {
			t.Errorf("%s: decoding took %d MB", name, took>>20)
		} else {
			t.Logf("%s: %d MB", name, took>>20)
		}
	}
}
