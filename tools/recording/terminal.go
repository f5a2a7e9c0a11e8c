// Copyright (c) The terraform-provider-rocketchat authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"regexp"
	"strings"
)

// style is what a terminal was told to do with a text.
type style struct {
	bold, faint, underlined bool
	// colour is that of the codes 30 to 37 and 90 to 97, or "".
	colour string
}

// span is a text of one style within a line.
type span struct {
	text  string
	style style
}

// steady replaces what differs from one run of the demo to the next.
func steady(output string) string {
	for _, change := range []struct{ pattern, replacement string }{
		{`http://127\.0\.0\.1:\d+`, "http://127.0.0.1:3000"},
		{`(?:/[\w.-]+)*/tmp\.\w+`, "/tmp/demo"},
		{`after \d+s`, "after 0s"},
		{`\r\n?`, "\n"},
	} {
		output = regexp.MustCompile(change.pattern).ReplaceAllString(output, change.replacement)
	}
	return output
}

var (
	escape = regexp.MustCompile("\x1b\\[([0-9;]*)([A-Za-z])")
	blanks = regexp.MustCompile(`\n{3,}`)
)

// parse returns the lines of what a program wrote to a terminal. Escape
// sequences other than those for style are left out.
func parse(output string) [][]span {
	output = blanks.ReplaceAllString(strings.TrimSpace(output), "\n\n")
	var (
		lines [][]span
		now   style
	)
	for line := range strings.SplitSeq(output, "\n") {
		var spans []span
		add := func(text string) {
			if text != "" {
				spans = append(spans, span{text, now})
			}
		}
		rest := 0
		for _, at := range escape.FindAllStringSubmatchIndex(line, -1) {
			add(line[rest:at[0]])
			rest = at[1]
			if line[at[4]:at[5]] == "m" {
				now = now.after(line[at[2]:at[3]])
			}
		}
		add(line[rest:])
		lines = append(lines, spans)
	}
	return lines
}

// after returns the style that follows s by the codes of one sequence.
func (s style) after(codes string) style {
	for code := range strings.SplitSeq(codes, ";") {
		switch code {
		case "", "0":
			s = style{}
		case "1":
			s.bold = true
		case "2":
			s.faint = true
		case "22":
			s.bold, s.faint = false, false
		case "4":
			s.underlined = true
		case "24":
			s.underlined = false
		case "39":
			s.colour = ""
		default:
			if len(code) == 2 && (code[0] == '3' || code[0] == '9') && code[1] <= '7' {
				s.colour = code
			}
		}
	}
	return s
}
