// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

// Package foreign makes text that a stranger wrote fit to be shown in a
// terminal, a log or a pipeline: a server's error, a name in a certificate, the
// status line of a proxy. Such a text is decided upon as it came, and cleaned
// once, where it becomes part of an error, a log line or a message.
package foreign

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxBytes bounds what is shown of one text.
const MaxBytes = 500

// Line is a text from elsewhere on one line: without control, bidirectional and
// zero-width characters, without commands to the runner of a pipeline, and of
// [MaxBytes] at most. A page of HTML is only named.
func Line(text string) string { return (*Redactor)(nil).Line(text) }

// Lines cleans a text of our own that quotes others. It keeps line feeds and
// the length.
func Lines(text string) string {
	lines := strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n")
	for i, line := range lines {
		lines[i] = disarm(strings.Map(printable, line))
	}
	return strings.Join(lines, "\n")
}

// Line is [Line] without secrets: those of the redactor, and more, which are
// looked for as they stand.
func (r *Redactor) Line(text string, more ...string) string {
	if strings.HasPrefix(strings.TrimSpace(text), "<") {
		return "(an HTML page)"
	}
	text = r.Redact(strings.ToValidUTF8(text, "\uFFFD"), more...)
	text = disarm(strings.Join(strings.Fields(strings.Map(printable, text)), " "))
	// What stood between the characters of a secret has gone.
	return shorten(r.Redact(text, more...))
}

// printable turns control characters and separators of lines into spaces, and
// drops what is not seen: formats, bidirectional ones among them (Cf), and
// letters without a width.
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

// disarm puts a space into what the runner of a pipeline would obey.
func disarm(line string) string {
	for command.MatchString(line) {
		line = command.ReplaceAllString(line, "$1: :$2")
	}
	return directive.ReplaceAllString(line, "# #$1")
}

func shorten(text string) string {
	if len(text) <= MaxBytes {
		return text
	}
	end := MaxBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
