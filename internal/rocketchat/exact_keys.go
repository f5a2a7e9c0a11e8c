// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// unmarshal is [json.Unmarshal] for keys in exactly the case of the API's. That one takes
// "Success" for "success", so that the last of both would decide.
func unmarshal(text []byte, into any) error {
	return json.Unmarshal(exactKeys(text, keysOf(reflect.TypeOf(into))), into)
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

// exactKeys renames every key of a JSON text that equals one of keys except for its case.
// Neither the length changes nor text itself. In JSON, only a key is a string before a
// colon.
func exactKeys(text []byte, keys [][]byte) []byte {
	exact := text
	for at := 0; ; {
		from := bytes.IndexByte(text[at:], '"')
		if from < 0 {
			return exact
		}
		from += at
		at = stringEnd(text, from)
		isKey := bytes.HasPrefix(bytes.TrimLeft(text[at:], " \t\r\n"), []byte(":"))
		if !isKey || !isMisspelled(text[from:at], keys) {
			continue
		}
		if &exact[0] == &text[0] {
			exact = bytes.Clone(text)
		}
		exact[from+1] = '-'
	}
}

// stringEnd is the index after the string that begins at from.
func stringEnd(text []byte, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// isMisspelled reports whether a quoted key equals one of keys except for its case.
func isMisspelled(quoted []byte, keys [][]byte) bool {
	key := bytes.Trim(quoted, `"`)
	if bytes.IndexByte(key, '\\') >= 0 {
		var text string
		if json.Unmarshal(quoted, &text) != nil {
			return false
		}
		key = []byte(text)
	}
	like := func(known []byte) bool { return bytes.EqualFold(key, known) }
	at := slices.IndexFunc(keys, like)
	return at >= 0 && !bytes.Equal(key, keys[at])
}

var keysOfTypes sync.Map // reflect.Type to [][]byte

// keysOf are the keys that a type and the types of its fields name in their tags. No two
// of them are equal except for their case.
func keysOf(t reflect.Type) [][]byte {
	var keys [][]byte
	if known, ok := keysOfTypes.Load(t); ok {
		keys, _ = known.([][]byte)
		return keys
	}
	addKeys(t, &keys)
	keysOfTypes.Store(t, keys)
	return keys
}

func addKeys(t reflect.Type, keys *[][]byte) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		addKeys(t.Elem(), keys)
	case reflect.Struct:
		for field := range t.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
				*keys = append(*keys, []byte(name))
			}
			if field.IsExported() {
				addKeys(field.Type, keys)
			}
		}
	}
}
