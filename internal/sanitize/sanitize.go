// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package sanitize makes text from untrusted sources safe to display in a terminal, a
// log or a pipeline: a server's error, a name in a certificate, the status line of a
// proxy. The client judges such a text as received, and cleans it once, when it becomes
// part of an error, a log line or a message.
package sanitize

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxBytes bounds the displayed part of one text.
const MaxBytes = 500

// maxCleaned bounds the part of a text that is cleaned, of which [MaxBytes] are displayed.
const maxCleaned = 8 * MaxBytes

// Line is an untrusted text on one line: without control, bidirectional and zero-width
// characters, without commands to the runner of a pipeline, and at most [MaxBytes]
// long.
func Line(text string) string { return (*Redactor)(nil).Line(text) }

// Part is a [Line] of at most so many bytes, for a line of several texts: none of them
// can push the others out of it.
func Part(text string, most int) string { return shorten(Line(text), most) }

// Lines cleans a text of our own that quotes untrusted texts. It keeps line feeds and
// does not shorten.
func Lines(text string) string {
	lines := strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n")
	for i, line := range lines {
		lines[i] = disarm(strings.Map(printable, line))
	}
	return strings.Join(lines, "\n")
}

// Line is [Line] without secrets: those of the redactor, and more, which are searched
// for literally.
func (r *Redactor) Line(text string, more ...string) string {
	// A secret that is cut would not be found, so the end of a text that is cut goes.
	end := longestOf(more)
	if r != nil {
		end = max(end, r.longest)
	}
	bounded := cut(text, maxCleaned+end)
	isCut := len(bounded) < len(text)
	text = r.Redact(strings.ToValidUTF8(bounded, "\uFFFD"), more...)
	text = strings.Join(strings.Fields(strings.Map(printable, text)), " ")
	// Characters between those of a secret are gone now.
	text = r.Redact(text, more...)
	if isCut {
		text = cut(text, max(len(text)-end, 0)) + "…"
	}
	// To disarm a text takes quadratic time, and lengthens it.
	return shorten(disarm(shorten(text, MaxBytes)), MaxBytes)
}

// printable replaces control characters and line separators with spaces, and drops
// invisible characters: formats, including bidirectional ones (Cf), and letters without
// a width.
func printable(c rune) rune {
	switch {
	case unicode.IsControl(c), unicode.In(c, unicode.Zl, unicode.Zp):
		return ' '
	case unicode.In(c, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector):
		return -1
	default:
		return c
	}
}

var (
	// command is a command to the runner of GitHub Actions, such as
	// ::error file=x::text. It begins a line, and a line may be broken at a space.
	command = regexp.MustCompile(`(^|[^0-9A-Za-z_])::([A-Za-z][A-Za-z_-]*(?:::|\s.*?::))`)
	// directive is one to other runners, anywhere in a line: ##[error],
	// ##vso[task.complete], ##teamcity[message].
	directive = regexp.MustCompile(`##([A-Za-z]*\[)`)
)

// disarm puts a space into commands to the runner of a pipeline.
func disarm(line string) string {
	for command.MatchString(line) {
		line = command.ReplaceAllString(line, "$1: :$2")
	}
	return directive.ReplaceAllString(line, "# #$1")
}

func shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return cut(text, most) + "…"
}

// cut returns the first bytes of a text, and no part of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most]
}
