// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package rocketchattest

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold maps s to one spelling of all strings that differ in case alone, by
// Unicode's simple folding as PCRE has it: K, k and the Kelvin sign are one.
func fold(s string) string {
	return strings.Map(foldRune, s)
}

// foldRune is the smallest rune of r's orbit; for a letter of ASCII that is
// the upper-case one.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}
	smallest := r
	for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
		smallest = min(smallest, other)
	}
	return smallest
}
