// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchat

import (
	"bytes"
	"encoding/json"
	"strings"
)

// hasMoreRows tells whether "sessions" in an answer holds more than bound rows,
// before any of them takes memory: a row in the answer can be as short as "{},"
// and takes a hundred times that once it is decoded. What is no JSON is left to
// the decoder.
func hasMoreRows(body []byte, bound int) bool {
	// Each row but the first comes after a comma. Counting them takes a hundredth
	// of the time of decoding, and the answers of most workspaces have fewer.
	if bytes.Count(body, []byte{','}) < bound {
		return false
	}
	rows, depth := 0, 0
	inSessions, empty := false, false
	var name []byte
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case ' ', '\t', '\r', '\n':
			continue
		case '"':
			end := endOfString(body, i+1)
			if depth == 1 {
				name = body[i:end]
			}
			i = end - 1
		case '{', '[':
			depth++
			if depth == 2 {
				inSessions = body[i] == '[' && namesSessions(name)
				empty = inSessions
				continue
			}
		case '}', ']':
			depth--
			if depth == 1 {
				inSessions, empty = false, false
			}
			continue
		case ',':
			if inSessions && depth == 2 {
				rows++
			}
		}
		if empty {
			empty = false
			rows++
		}
		if rows > bound {
			return true
		}
	}
	return false
}

// endOfString is the place after the quote that ends a string; i is the place
// after the one that begins it.
func endOfString(body []byte, i int) int {
	for i < len(body) {
		quote := bytes.IndexByte(body[i:], '"')
		if quote < 0 {
			return len(body)
		}
		i += quote + 1
		escapes := 0
		for j := i - 2; body[j] == '\\'; j-- { // the string's first quote is no backslash
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
	}
	return len(body)
}

// namesSessions tells whether the decoder takes a name, in its quotes, for
// "sessions": it is case-insensitive.
func namesSessions(quoted []byte) bool {
	var name string
	return json.Unmarshal(quoted, &name) == nil && strings.EqualFold(name, "sessions")
}
