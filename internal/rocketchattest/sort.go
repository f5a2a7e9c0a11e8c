// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sortKey is a field to sort a page of sessions by.
type sortKey struct {
	path       string
	descending bool
}

// sortKeys reads the parameter sort of sessions (M). Where JavaScript takes the
// value for false, there is none.
func (w *Workspace) sortKeys(params url.Values) ([]sortKey, *response) {
	text := params.Get("sort")
	if !params.Has("sort") || text == "" && w.behavior.emptySortIsNone {
		return nil, nil
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return nil, invalidSort(text)
	}
	switch value {
	case "", false, 0.0:
		return nil, nil
	}
	noOrder := plainError(http.StatusBadRequest, "the $sort key specification must be an object")
	switch value := value.(type) {
	case float64, bool:
		return nil, noOrder
	case []any:
		switch {
		case len(value) == 0:
			return nil, noOrder
		case slices.ContainsFunc(value, noDirection):
			return nil, invalidSort(text)
		default:
			return nil, plainError(http.StatusBadRequest, "error-invalid-sort-keys")
		}
	case map[string]any:
		return keysInOrder(text, value)
	default:
		return nil, invalidSort(text)
	}
}

func noDirection(value any) bool { return value != 1.0 && value != -1.0 }

// keysInOrder are the keys of an object as its text has them.
func keysInOrder(text string, object map[string]any) ([]sortKey, *response) {
	if len(object) == 0 {
		return nil, plainError(http.StatusBadRequest, "$sort stage must have at least one sort key")
	}
	sortable := []string{"loginAt", "device.name", "device.os.name", "device.os.version", "_user.name", "_user.username"}
	var keys []sortKey
	forbidden := false
	for path, direction := range object {
		if noDirection(direction) {
			return nil, invalidSort(text)
		}
		forbidden = forbidden || !slices.Contains(sortable, path)
		keys = append(keys, sortKey{path, direction == -1.0})
	}
	if forbidden {
		return nil, plainError(http.StatusBadRequest, "error-invalid-sort-keys")
	}
	slices.SortFunc(keys, func(a, b sortKey) int { return strings.Index(text, `"`+a.path) - strings.Index(text, `"`+b.path) })
	return keys, nil
}

// sortPage sorts encoded rows; a missing field comes before any text, as in
// MongoDB, and text goes by code point.
func sortPage(rows [][]byte, keys []sortKey) {
	decoded := make(map[*byte]map[string]any, len(rows))
	for _, row := range rows {
		var document map[string]any
		_ = json.Unmarshal(row, &document)
		decoded[&row[0]] = document
	}
	slices.SortStableFunc(rows, func(a, b []byte) int {
		for _, key := range keys {
			order := strings.Compare(sortText(decoded[&a[0]], key.path), sortText(decoded[&b[0]], key.path))
			if key.descending {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
}

// sortText is a field behind a space, or nothing.
func sortText(document map[string]any, path string) string {
	for {
		name, rest, nested := strings.Cut(path, ".")
		if !nested {
			text, present := document[name].(string)
			if !present {
				return ""
			}
			return " " + text
		}
		document, _ = document[name].(map[string]any)
		path = rest
	}
}
