// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// sortKey is a field to sort a page by; sign is 1 or -1.
type sortKey struct {
	field string
	sign  int
}

// parseSort reads the parameter sort. What is no JSON, or an object or array
// with other values than 1 and -1, is an invalid sort; what is no order at all is
// refused by the database.
func (w *Workspace) parseSort(p parameters) ([]sortKey, *answer) {
	text, given := p.texts["sort"]
	if !given || text == "" && w.behaviour.emptySortIsNone {
		return nil, nil
	}
	invalid := typedError("Invalid sort parameter provided: \""+text+"\"", "error-invalid-sort",
		map[string]string{"helperMethod": "parseJsonQuery"})
	raw := bytes.TrimSpace([]byte(text))
	if !json.Valid(raw) {
		return nil, invalid
	}
	switch raw[0] {
	case '{', '[':
	case 'n':
		return nil, invalid
	case '"':
		if len(raw) > len("\"\"") {
			return nil, invalid
		}
		return nil, nil
	default:
		if isFalse(raw) {
			return nil, nil
		}
		return nil, plainError(http.StatusBadRequest, "the $sort key specification must be an object")
	}
	keys, ok := sortEntries(raw)
	switch {
	case !ok:
		return nil, invalid
	case len(keys) == 0 && raw[0] == '[':
		return nil, plainError(http.StatusBadRequest, "the $sort key specification must be an object")
	case len(keys) == 0:
		return nil, plainError(http.StatusBadRequest, "$sort stage must have at least one sort key")
	case raw[0] == '[':
		return nil, plainError(http.StatusBadRequest, "error-invalid-sort-keys")
	}
	return keys, nil
}

// isFalse tells whether JavaScript takes a JSON number or boolean for false.
func isFalse(raw []byte) bool {
	var number float64
	return string(raw) == "false" || json.Unmarshal(raw, &number) == nil && number == 0
}

func sortable(field string) bool {
	switch field {
	case "loginAt", "device.name", "device.os.name", "device.os.version", "_user.name", "_user.username":
		return true
	default:
		return false
	}
}

// sortEntries reads keys in their order; false when a value is not 1 or -1. A
// name given twice keeps its place and takes the last value.
func sortEntries(raw []byte) ([]sortKey, bool) {
	var keys []sortKey
	decoder := json.NewDecoder(bytes.NewReader(raw))
	open, _ := decoder.Token()
	for decoder.More() {
		var key sortKey
		if open == json.Delim('{') {
			name, _ := decoder.Token()
			key.field, _ = name.(string)
		}
		var v any
		_ = decoder.Decode(&v)
		number, ok := v.(float64)
		if !ok || number != 1 && number != -1 {
			return nil, false
		}
		key.sign = int(number)
		at := slices.IndexFunc(keys, func(k sortKey) bool { return k.field == key.field })
		if at >= 0 && key.field != "" {
			keys[at] = key
			continue
		}
		keys = append(keys, key)
	}
	return keys, true
}

// sortPage sorts rows of one page. A missing or null field comes before any
// text, as in MongoDB; text goes by code point.
func sortPage(rows []*row, keys []sortKey) []*row {
	if len(keys) == 0 {
		return rows
	}
	type decoded struct {
		row    *row
		fields []Optional[string]
	}
	page := make([]decoded, len(rows))
	for i, r := range rows {
		page[i].row = r
		s := r.session()
		for _, key := range keys {
			page[i].fields = append(page[i].fields, s.sortField(key.field))
		}
	}
	slices.SortStableFunc(page, func(a, b decoded) int {
		for i, key := range keys {
			x, y := a.fields[i], b.fields[i]
			order := cmp.Or(cmp.Compare(rank(x), rank(y)), strings.Compare(x.Value, y.Value))
			if order != 0 {
				return order * key.sign
			}
		}
		return 0
	})
	sorted := make([]*row, len(page))
	for i, d := range page {
		sorted[i] = d.row
	}
	return sorted
}

func rank(v Optional[string]) int {
	if v.State == Present {
		return 1
	}
	return 0
}

// sortField is a field as text that sorts like it; times in the wire's layout
// do.
func (s *Session) sortField(name string) Optional[string] {
	switch name {
	case "loginAt":
		if at, ok := s.LoginAt.Get(); ok {
			return Some(at.UTC().Format(timeLayout))
		}
		return None[string]()
	case "device.name":
		return s.Device.Value.Name
	case "device.os.name":
		return s.Device.Value.OS.Value.Name
	case "device.os.version":
		return s.Device.Value.OS.Value.Version
	case "_user.name":
		return s.User.Value.Name
	default:
		return s.User.Value.Username
	}
}
