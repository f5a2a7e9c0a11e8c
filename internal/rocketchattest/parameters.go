// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// given are the parameters of a request: those of its query, or for POST those
// of its JSON body, as text. Any other body counts as empty.
func (x *exchange) given() url.Values {
	r := x.request
	if r.Method != http.MethodPost {
		query, _ := url.ParseQuery(r.URL.RawQuery)
		return query
	}
	body := url.Values{}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), typeJSON) {
		return body
	}
	var fields map[string]any
	_ = json.Unmarshal(x.record.Body, &fields)
	for name, v := range fields {
		text := ""
		if v != nil {
			text = fmt.Sprint(v)
		}
		body.Set(name, text)
	}
	return body
}

// refuses checks parameters as the server's validator does: required ones, then
// unknown ones, then types. It returns the validator's text, or an empty one.
func (r *route) refuses(given url.Values) string {
	if r.required != "" && !given.Has(r.required) {
		return "must have required property '" + r.required + "'"
	}
	for name := range given {
		if !slices.Contains(r.parameters, name) {
			return "must NOT have additional properties"
		}
	}
	for name, values := range given {
		text, once := values[0], len(values) == 1
		switch _, err := parseNumber(text); {
		case name != "count" && name != "offset":
			if !once {
				return "must be string"
			}
		case !once || err != nil:
			return "must be number"
		}
	}
	return ""
}

// parseNumber reads a decimal number, and cuts it to an integer.
func parseNumber(text string) (int, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return int(n), err
}

// pagination reads offset and count as getPaginationItems does.
func (w *Workspace) pagination(params url.Values) (offset, count int) {
	offset, _ = parseNumber(params.Get("offset"))
	count, err := parseNumber(params.Get("count"))
	if err != nil {
		count = w.options.DefaultCount
	}
	count = min(count, w.options.UpperCount)
	if count == 0 && w.options.DisallowInfiniteCount {
		count = w.options.DefaultCount
	}
	return offset, count
}
