// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
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
		`{"rows":`:                                                              `rows: jsontext: unexpected EOF within "/rows" after offset 8`,
		`{"rows":[{},`:                                                          `rows: unexpected end of JSON input`,
		`{"rows":[{}]`:                                                          `jsontext: unexpected EOF after offset 12`,
		`[{"rows":[{}]}]`:                                                       `the response is not a JSON object`,
		``:                                                                      "the response is not a JSON object",
	} {
		rows, _, err := decodeList[row]([]byte(body), "rows", 2, nil)
		var got string
		for _, r := range rows {
			got = strings.TrimSpace(got + " " + r.ID)
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\ngot  %q\nwant %q", body, got, want)
		}
	}
}

// TestDecode_page decodes what is malformed, and what is odd, but no reason to fail.
func TestDecode_page(t *testing.T) {
	t.Parallel()
	row := func(fields string) string { return `{"sessions":[{` + fields + `}],"total":1,"success":true}` }
	for body, ok := range map[string]bool{
		"\n \n":                       false,
		`{"sessions":[],"total":-1}`:  false,
		`{"sessions":[[]],"total":1}`: false,
		row(`"ip":["10.0.0.1"]`):      false,
		row(`"loginAt":{"$date":"2023-05-24T00:25:54.234Z"}`): false,
		row(`"loginAt":"1000000000-01-01T00:00:00Z"`):         false,
		row(`"current":"yes"`):                                false,
		`{"sessions":[],"total":0,"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`:                                                                    false,
		`{"sessions":[{"sessionId":null,"_id":null,"userId":null,"host":null,"ip":null,"loginAt":null,"device":null,"_user":null,"current":null}],"total":1,"success":null}`: true,
		`{"sessions":[{"sessionId":"a","more":{"x":[1e400]}}],"total":1,"also":[null]}`:                                                                                      true,
		`{"sessions":[{"sessionId":"a","host":"\ud83d"}],"total":1}`:                                                                                                         true,
		"\r\n {\"sessions\":[{}],\"total\":1}\n":                                                                                                                             true,
	} {
		rows, total, err := decodePage([]byte(body), 0)
		if ok != (err == nil && len(rows) == 1 && total == 1) {
			t.Errorf("%.100s: %d rows of %d, %v", body, len(rows), total, err)
		}
	}
}
